"""Write what a measurement would tell about another wave: years/fitted/information.csv.

Under the prior of the default law, whose numbers are independent. Half a minute on one core.
"""

from __future__ import annotations

import argparse

import pandas as pd

from qantar.analysis.years.information import information_table, law_spread
from qantar.packs.years_tables import FOLDER
from qantar.simulate.years.scenario import FITTED, make_years_scenario

UNTIL = "2032"
LAW = "stocks"
MOST = 12
"""Numbers that are kept."""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--members", type=int, default=3000)
    options = parser.parse_args()
    scenario = make_years_scenario(options.pack, law=LAW, until=UNTIL, belief="prior")
    folder = scenario.country.folder / FOLDER / FITTED
    futures = pd.read_csv(folder / "futures.csv")
    chosen = futures[
        (futures["given"] == "full") & (futures["years"] == 10) & (futures["scope"] == "national")
    ]
    spread = law_spread(list(chosen["chance"]))
    law = pd.DataFrame(
        [("law", "Which of the rival laws holds, all taken to be alike", spread, None, None)],
        columns=["what", "label", "points", "low", "high"],
    )
    table = pd.concat([law, information_table(scenario, members=options.members).head(MOST)])
    table.to_csv(folder / "information.csv", index=False, float_format="%.3g")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
