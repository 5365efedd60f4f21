"""Fit a law of the years to simulated histories, and write how often intervals hold the truth.

Writes ``years/fitted/recovery.csv`` of the pack, by parameter. About half a minute of two cores for
each history. Finished fits are kept in ``--book``; run again to go on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from qantar.analysis.years.recovery import coverage, recover
from qantar.base.checkpoints import Workbook
from qantar.base.files import write_text
from qantar.packs.years_tables import FOLDER
from qantar.simulate.years.scenario import FITTED, make_years_scenario

PARTICLES, MOVES = 160, 3
NUMBERS = ("score", "mean", "sd", "rank")
"""Columns of `recover` that are kept; those of parameters follow from the scenario."""


def main() -> None:
    """Fit every history, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--law", default="stocks")
    parser.add_argument("--truths", type=int, default=40)
    parser.add_argument("--book", type=Path, required=True, help="folder of finished fits")
    parser.add_argument("--particles", type=int, default=PARTICLES)
    parser.add_argument("--moves", type=int, default=MOVES)
    options = parser.parse_args()
    scenario = make_years_scenario(options.pack, law=options.law, belief="prior")
    plan = {name: getattr(options, name) for name in ("pack", "law", "particles", "moves")}
    book = Workbook(options.book, plan, resume=True)
    fits = []
    for truth in range(options.truths):
        name = f"history-{truth:03d}"
        if not book.has(name):
            found = recover(scenario, truth, particles=options.particles, moves=options.moves)
            book.save(name, {column: found[column].to_numpy() for column in NUMBERS})
            print(f"history {truth + 1} of {options.truths}", flush=True)
        names = [scenario.numbers[k].name for k in scenario.free]
        fits.append(pd.DataFrame(book.load(name)).assign(parameter=names))
    folder = scenario.country.folder / FOLDER / FITTED
    table = coverage(pd.concat(fits)).assign(law=options.law)
    write_text(folder / "recovery.csv", table.to_csv(index=False, float_format="%.3g"))


if __name__ == "__main__":
    main()
