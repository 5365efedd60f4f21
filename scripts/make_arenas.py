"""Write ``after/arenas.csv`` of a pack: the five arenas in December of every year, by the years.

Histories go on from what happened, without reforms, under the prior; the record of institutions
makes their arenas nearly alike until it ends. Ten equally likely values a year are kept.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping

import numpy as np

from qantar.analysis.after.scorecards import arenas_by_year
from qantar.analysis.years.run import run_years
from qantar.base.arrays import Numbers
from qantar.model.after.arenas import INDICES
from qantar.packs.after.scorecards import ARENAS_FILE, FOLDER, LEVELS
from qantar.packs.country import packs_folder
from qantar.simulate.years.scenario import make_years_scenario

MEMBERS, SEED, UNTIL = 40, 1, "2025"


def main() -> None:
    """Run the years of a pack and write its arenas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="?", default="kazakhstan")
    name = parser.parse_args().pack
    scenario = make_years_scenario(name, until=UNTIL, belief="prior")
    run = run_years(scenario, members=MEMBERS, seed=SEED)
    histories = run.outlook or run.free
    indices = {index: histories.series(index).astype(float) for index in INDICES}
    write(name, arenas_by_year(indices, scenario.years.header.first))


def write(name: str, arenas: Mapping[tuple[str, int], Numbers]) -> None:
    """Write the arenas of a pack."""
    path = packs_folder() / name / FOLDER / ARENAS_FILE
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("arena", "year", "values"))
        for (arena, year), values in arenas.items():
            kept = np.quantile(values.astype(float), LEVELS)
            rows.writerow((arena, year, " ".join(f"{value:.4f}" for value in kept)))


if __name__ == "__main__":
    main()
