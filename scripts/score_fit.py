"""Score a shipped fit on the targets of one or more episodes, fitted and held back.

    python scripts/score_fit.py january-2022 --with zhanaozen-2011 land-2016 transition-2019

Runs the fitted ensemble of an account (or its posterior or prior) on every episode and prints, for
targets that are used to fit and for those held back: verdicts, mean CRPS in observation errors,
mean log score, and the Brier score of yes/no targets beside that of the best constant rate.
"""

from __future__ import annotations

import argparse

from qantar.analysis.inference.fit_scores import SCORE_COLUMNS, fit_scores, score_rows
from qantar.analysis.observations import observations_of
from qantar.analysis.run import load_evidence, scored, simulate
from qantar.base.errors import QantarError
from qantar.cli.console import print_table
from qantar.simulate.scenario import make_scenario


def main() -> None:
    """Read the arguments, run, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("episode")
    parser.add_argument("--with", dest="further", nargs="+", default=[], metavar="EPISODE")
    parser.add_argument("--account", default="union")
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--belief", choices=("fitted", "posterior", "prior"), default="fitted")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = [options.episode, *options.further]
    print_table(
        f"{options.account}, {options.belief}: scores by episode",
        SCORE_COLUMNS,
        [row for name in names for row in rows_of(options, name)],
        right=set(SCORE_COLUMNS[2:]),
    )


def rows_of(options: argparse.Namespace, name: str) -> list[list[str]]:
    """Run an episode and return the rows of the table."""
    scenario = make_scenario(
        name, account=options.account, pack=options.pack, belief=options.belief
    )
    targets = scored(load_evidence(scenario.country, scenario.episode)[1])
    if not targets:
        raise QantarError(
            f"the episode {name!r} has no targets", expected=f"evidence/targets/{name}.yaml"
        )
    draws = scenario.draws(options.seed, options.members)
    outcome = simulate(scenario, draws, members=options.members, seed=options.seed, keep="places")
    return score_rows(fit_scores(name, observations_of(scenario.episode, targets), outcome))


if __name__ == "__main__":
    main()
