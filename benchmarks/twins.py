"""How fast twins run, against plain runs of the same members in the same process.

    python benchmarks/twins.py [pairs]

Prints pairs a second, and how much dearer a member is that is followed closely (terms and orders of
every hour) and summarised than one that is only run.
"""

from __future__ import annotations

import sys
import time

from qantar.analysis.whatif.twins import differences, run_worlds
from qantar.simulate.changes import parse_changes
from qantar.simulate.ensemble import run_ensemble
from qantar.simulate.scenario import make_scenario


def main() -> None:
    """Time a twin study and the plain runs that it consists of."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    scenario = make_scenario("january-2022", decisions="rules")
    change = parse_changes(scenario.country, scenario.episode, "no-shoot-order")
    run_worlds(scenario, change, members=2, seed=1)  # compiles

    clock = time.perf_counter()
    baseline, world = run_worlds(scenario, change, members=pairs, seed=1)
    differences(
        baseline.outcome, world.outcome, seed=1, change=world.label, mode="rules", account="union"
    )
    twins = time.perf_counter() - clock

    draws = scenario.draws(1, pairs)
    clock = time.perf_counter()
    for _ in run_ensemble(
        scenario.environment,
        lambda number: scenario.member(1, number, draws),
        members=pairs,
        hours=scenario.episode.hours,
    ):
        pass
    plain = time.perf_counter() - clock
    rate = pairs / twins
    print(f"{pairs} pairs with their differences: {twins:.1f} s, {rate:.0f} pairs a second")
    print(f"a followed and summarised member costs {twins / 2 / plain:.2f} of a plain one")


if __name__ == "__main__":
    main()
