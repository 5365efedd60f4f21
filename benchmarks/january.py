"""How fast is January? Ratios in one run: no figure here means anything beside another machine's.

    python benchmarks/january.py

Measures members per second of the whole country at cohort resolution, citizen-hours per second,
where the time of a member goes, and a peer (Mesa's Epstein model of civil violence) on the same
number of citizens, in agent-steps per second.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from qantar.model.hour import Member, mechanisms
from qantar.model.state import Environment
from qantar.simulate.ensemble import run_ensemble, run_member
from qantar.simulate.scenario import Scenario, make_scenario

MEMBERS = 100
PEER_CITIZENS = 10_000
PEER_STEPS = 5


def main() -> None:
    """Measure and print."""
    scenario = make_scenario("january-2022")
    environment, hours = scenario.environment, scenario.episode.hours
    draws = scenario.draws(1, MEMBERS)
    run_member(environment, scenario.member(1, 0, draws), hours)  # compile

    for threads in (1, 2):
        seconds = _timed(lambda threads=threads: _ensemble(scenario, environment, threads))  # type: ignore[misc]
        rate = MEMBERS / seconds
        people = float(environment.cohort.sum())
        print(
            f"{threads} thread(s): {rate:8.1f} members/s, "
            f"{rate * people * hours:10.3g} citizen-hours/s, {1000 * seconds / MEMBERS:.1f} ms each"
        )
    _arithmetic(scenario)
    _where_time_goes(scenario)
    _beside_a_peer(scenario)


def _ensemble(scenario: Scenario, environment: Environment, threads: int) -> None:
    draws = scenario.draws(1, MEMBERS)
    for _ in run_ensemble(
        environment,
        lambda number: scenario.member(1, number, draws),
        members=MEMBERS,
        hours=scenario.episode.hours,
        threads=threads,
    ):
        pass


def _arithmetic(scenario: Scenario) -> None:
    """Let nobody join: what is left is arithmetic, with hardly a draw."""
    draws = scenario.draws(1, 20)
    members = [scenario.member(1, number, draws) for number in range(20)]
    seconds = []
    for willing in (None, 0.0):
        for member in members:
            if willing is not None:
                member.parameters["joining"]["willing"] = willing
                member.switches["coordinated_attack"] = 0.0
        seconds.append(_timed(lambda: _run_all(scenario, members)))
    print(f"\nWithout a crowd a member takes {seconds[1] / seconds[0]:.2f} of the time")


def _run_all(scenario: Scenario, members: list[Member]) -> None:
    for member in members:
        run_member(scenario.environment, member, scenario.episode.hours)


def _where_time_goes(scenario: Scenario) -> None:
    """Switch each mechanism off in turn: a rough share, for what it feeds changes too."""
    draws = scenario.draws(1, 20)
    members = [scenario.member(1, number, draws) for number in range(20)]

    def all_members() -> None:
        _run_all(scenario, members)

    whole = _timed(all_members)
    print(f"\n{1000 * whole / 20:.1f} ms a member on one thread; without each mechanism:")
    for name in mechanisms():
        for member in members:
            member.switches[name] = 0.0
        print(f"  {name:20} {1000 * (whole - _timed(all_members)) / 20:6.1f} ms less")
        for member in members:
            member.switches[name] = 1.0


def _beside_a_peer(scenario: Scenario) -> None:
    """Run the same number of citizens in Mesa's Epstein model, if Mesa is installed."""
    try:
        from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence
    except ImportError:
        print("\nMesa is not installed: no peer (make bench installs it)")
        return
    small = _shrunk(scenario.environment, PEER_CITIZENS)
    draws = scenario.draws(1, 20)
    members = [scenario.member(1, number, draws) for number in range(20)]
    hours = scenario.episode.hours

    def ours() -> None:
        for member in members:
            run_member(small, member, hours)

    citizens = float(small.cohort.sum())
    rate = 20 * citizens * hours / _timed(ours)
    side = int(np.ceil(np.sqrt(PEER_CITIZENS / 0.7)))
    peer = EpsteinCivilViolence(width=side, height=side, citizen_density=0.7, cop_density=0.04)
    peer.step()

    def theirs() -> None:
        for _ in range(PEER_STEPS):
            peer.step()

    peer_rate = PEER_CITIZENS * PEER_STEPS / _timed(theirs)
    print(f"\n{citizens:,.0f} citizens: Qantar {rate:.3g} citizen-hours/s,")
    print(f"  Mesa's Epstein model {peer_rate:.3g} agent-steps/s: ratio {rate / peer_rate:,.0f}")


def _shrunk(environment: Environment, citizens: int) -> Environment:
    """Return the same country with fewer citizens."""
    factor = citizens / float(environment.cohort.sum())
    cohort = np.maximum(np.round(environment.cohort * factor), 1).astype(np.int64)
    places = environment.places.copy()
    environment.of_places(places["population"])[:] = cohort.sum(axis=1)
    return environment._replace(cohort=cohort, places=places)


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
