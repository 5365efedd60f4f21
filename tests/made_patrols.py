"""What a fresh interpreter finds of the example mechanism. Run as a program, it prints JSON."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from qantar.model import hour
from qantar.model.hour import VARIABLES, Member
from qantar.model.mediators import HeldMediators, Mediator
from qantar.model.state import STANCES
from qantar.simulate.ensemble import Followed, follow_member, run_member
from qantar.simulate.scenario import Scenario, make_scenario

ACCOUNT = str(Path(__file__).parents[1] / "examples" / "curfew_patrols" / "union-with-patrols.yaml")
LIVELY = {"joining.gate_threshold": 2000.0, "joining.willing": 0.1, "escalation.rate": 0.005}
BELIEFS = ("prior", "fitted", "posterior")
RECORDS = len([variable for variable in VARIABLES if variable.name != "sent_home"])
TERMS = len([term for term in hour.TERMS if term != "patrolled"])
"""Columns that Qantar itself records; those of other packages come last."""


def digest(*arrays: np.ndarray) -> str:
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()


def arvenia(account: str = "union") -> tuple[Scenario, list[Member]]:
    scenario = make_scenario(
        "spring-unrest", pack="template", account=account, belief="prior", overrides=LIVELY
    )
    draws = scenario.draws(1, 3)
    return scenario, [scenario.member(1, number, draws) for number in range(3)]


def digests(runs: list[Followed]) -> dict[str, str]:
    """Return digests of what Qantar itself records of runs."""
    return {
        "records": digest(*(run.record[:, :, :RECORDS] for run in runs)),
        "terms": digest(*(run.terms[:, :, :TERMS] for run in runs)),
        "ordered": digest(*(run.ordered for run in runs)),
    }


def followed(scenario: Scenario, members: list[Member]) -> list[Followed]:
    return [follow_member(scenario.environment, m, scenario.episode.hours) for m in members]


def nobody_is_lost(scenario: Scenario, member: Member) -> bool:
    state = hour.initial_state(scenario.environment)
    hour.begin(state, scenario.environment, member)
    for each in range(scenario.episode.hours):
        hour.step(state, scenario.environment, member, each)
        people = np.stack([state.people[stance] for stance in STANCES])
        cohorts = scenario.environment.of_cohorts(people.sum(axis=0))
        if people.min() < 0 or (cohorts != scenario.environment.cohort).any():
            return False
    return True


def january() -> dict[str, Any]:
    """Return digests of draws and of a run, without the parameter of the example."""
    found: dict[str, Any] = {}
    for belief in BELIEFS:
        scenario = make_scenario("january-2022", belief=belief)  # type: ignore[arg-type]
        draws = scenario.draws(7, 5)
        own = [number.name.startswith("curfew_patrols.") for number in scenario.numbers]
        kept = draws.parameters[:, ~np.array(own)]
        found[belief] = digest(kept, draws.propensity, draws.threshold)
        found[f"own {belief}"] = draws.parameters[:, own].ravel().tolist()
    member = scenario.member(7, 0, scenario.draws(7, 1))
    found["run"] = digest(run_member(scenario.environment, member, 72)[:, :, :RECORDS])
    return found


def main() -> None:
    """Print what there is to find where the package is installed."""
    found: dict[str, Any] = {
        "mechanisms": list(hour.MECHANISMS),
        "variables": [variable.name for variable in VARIABLES],
        "terms": list(hour.TERMS),
        "january": january(),
    }
    for label, account in (("off", "union"), ("on", ACCOUNT)):
        scenario, members = arvenia(account)
        runs = followed(scenario, members)
        found[label] = {
            **digests(runs),
            "sent_home": [float(run.record[:, :, RECORDS].max()) for run in runs],
            "patrolled": [float(run.terms[:, :, TERMS].max()) for run in runs],
            "nobody is lost": all(nobody_is_lost(scenario, member) for member in members),
        }
    force = np.array([float(part is Mediator.FORCE) for part in Mediator])
    held = HeldMediators(force, np.zeros_like(runs[0].terms))
    run = followed(scenario, [members[0]._replace(held_mediators=held)])[0]
    found["held"] = [float(run.terms[:, :, TERMS].max()), float(run.record[:, :, RECORDS].max())]
    statistics: Any = hour.follow
    found["compiled again"] = sum(statistics.stats.cache_misses.values())
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
