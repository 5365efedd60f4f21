"""Measure what reforms of the state do to the chance of a national wave, under several laws.

Prints a table in Markdown, and writes every difference as CSV: python scripts/measure_reforms.py
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

from qantar.analysis.years.reforms import TOLD_APART, reform_differences
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
        print("| reform | from |", " | ".join(told.laws), "|")
        print("|---|---|" + "---|" * len(told.laws))
        for name in names:
            cells = []
            for law in told.laws:
                scenario = make_years_scenario(
                    told.pack, law=law, until=told.until, reforms=name.split("+")
                )
                run = run_years(scenario, members=told.members, seed=told.seed)
                for each in reform_differences(run):
                    row = (law, name, each.expected.quantity, each.expected.sign, each.without,
                           each.change, each.error, each.finding)  # fmt: skip
                    table.writerow(row)
                    if each.expected.quantity == NATIONAL_WAVE:
                        cell = in_words(each.without, each.change, each.error)
                cells.append(cell)
                if started_before_the_end(run):
                    table.writerow((law, name, "national wave by the last dated month", "either",
                                    *before_the_end(run), ""))  # fmt: skip
                file.flush()
            begins = next(iter(scenario.reforms.values())).begins
            print(f"| `{name}` | {begins} |", " | ".join(cells), "|")
            sys.stdout.flush()


def of_the_state(reform: Reform) -> bool:
    """Return whether a reform changes a part of the state."""
    return any(name.partition(".")[0] in UNFITTED for name in reform.changes)


def in_words(without: float, change: float, error: float) -> str:
    """Return a difference in points beside the chance without the reform."""
    sign = "+" if change > 0 else "\u2212" if change < 0 else ""
    words = f"{100 * without:.0f} %: {sign}{abs(100 * change):.1f} ± {100 * error:.1f}"
    return words if abs(change) >= TOLD_APART * error else f"{words}, cannot be told apart"


def started_before_the_end(run: YearsRun) -> bool:
    """Return whether the reforms begin within the dated months."""
    years = run.scenario.years
    return first_month(run) < dated_months(years)


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
