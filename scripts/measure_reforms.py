"""Measure what reforms of the state do to assemblies and national waves, under several laws.

Prints tables in Markdown, and writes every difference as CSV: python scripts/measure_reforms.py
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from qantar.analysis.years.reforms import Difference, reform_differences
from qantar.analysis.years.run import YearsRun, run_years
from qantar.analysis.years.scopes import wave_chance
from qantar.model.month import UNFITTED
from qantar.packs.loading import load_country
from qantar.simulate.years.inputs import dated_months, month_index
from qantar.simulate.years.scenario import (
    NATIONAL_WAVE,
    Reform,
    make_years_scenario,
    reforms_of,
)

ASSEMBLIES = "held_a_year"
SHOWN = (NATIONAL_WAVE, ASSEMBLIES)
LAWS = ("stocks", "self-exciting", "demographic-stress")
COLUMNS = ("law", "reform", "quantity", "expected", "without", "change", "error", "found")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--laws", nargs="+", default=LAWS)
    parser.add_argument("--reforms", nargs="+", default=None, help="all of the state if left out")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", default="2035")
    parser.add_argument("--out", type=Path, default=Path("reforms.csv"))
    told = parser.parse_args()
    offered = reforms_of(load_country(told.pack))
    names = told.reforms or [name for name, reform in offered.items() if of_the_state(reform)]
    with told.out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        cells: dict[str, list[list[str]]] = {quantity: [] for quantity in SHOWN}
        for name in names:
            lines: dict[str, list[str]] = {quantity: [f"`{name}`"] for quantity in SHOWN}
            for law in told.laws:
                scenario = make_years_scenario(
                    told.pack, law=law, until=told.until, reforms=name.split("+")
                )
                run = run_years(scenario, members=told.members, seed=told.seed)
                found = {each.expected.quantity: each for each in reform_differences(run)}
                for each in found.values():
                    row = (law, name, each.expected.quantity, each.expected.sign, each.without,
                           each.change, each.error, each.finding)  # fmt: skip
                    table.writerow(row)
                for quantity in SHOWN:
                    lines[quantity].append(in_words(found[quantity]))
                if first_month(run) < dated_months(run.scenario.years):
                    table.writerow((law, name, "national wave by the last dated month", "",
                                    *before_the_end(run), ""))  # fmt: skip
                file.flush()
            for quantity in SHOWN:
                cells[quantity].append(lines[quantity])
    for quantity in SHOWN:
        print(f"\n{quantity}\n")
        print("| reform |", " | ".join(told.laws), "|")
        print("|---" * (1 + len(told.laws)) + "|")
        for line in cells[quantity]:
            print("|", " | ".join(line), "|")


def of_the_state(reform: Reform) -> bool:
    """Return whether a reform changes a part of the state."""
    return any(name.partition(".")[0] in UNFITTED for name in reform.changes)


def in_words(each: Difference) -> str:
    """Return the value without the reform, and its change."""
    scale, unit = (100, " %") if each.expected.quantity == NATIONAL_WAVE else (1, "")
    base = f"{scale * each.without:.0f}{unit}"
    if each.change == 0.0:
        return f"{base}, the same"
    sign = "+" if each.change > 0 else "\u2212"
    words = f"{base}, {sign}{scale * abs(each.change):.1f} ± {scale * each.error:.1f}"
    return words if each.sign else f"{words}, cannot be told apart"


def first_month(run: YearsRun) -> int:
    """Return the month in which the reforms begin."""
    begins = next(iter(run.scenario.reforms.values())).begins
    return max(month_index(run.scenario.years, begins), 0)


def before_the_end(run: YearsRun) -> tuple[float, float, float]:
    """Return the chance without the reforms until the last dated month, its change, its error."""
    assert run.outlook is not None
    assert run.without is not None
    count, last = len(run.scenario.country.regions), dated_months(run.scenario.years)
    first = first_month(run)
    without = wave_chance(run.without, first, last, count)
    pairs = wave_chance(run.outlook, first, last, count) - without
    error = float(pairs.std() / np.sqrt(len(pairs)))
    return float(without.mean()), float(pairs.mean()), error


if __name__ == "__main__":
    main()
