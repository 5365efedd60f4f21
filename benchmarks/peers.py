"""How fast are others on as many people? Mesa, and a plain cohort model in numpy.

python benchmarks/peers.py [--json FILE]
"""

from __future__ import annotations

from functools import partial

import numpy as np

from qantar.model.hour import VARIABLES, Member, mechanisms
from qantar.model.state import Environment
from qantar.simulate.ensemble import run_member
from qantar.simulate.scenario import make_scenario
from table import Row, cpu_seconds, main

TITLE = "Other models on the same population"
CITIZENS = 10_000
STEPS = 5
MEMBERS = 10
BASIC = (
    *("state_decisions", "price_shock", "standing_grievance", "ties", "media", "joining"),
    "leaving",
)
"""Mechanisms of Qantar that the model in numpy has, too, in a simpler form."""

LIFTED = 24
"""Hour at which the price rises."""

READINESS = 2.0
"""Factor on joining in place of standing grievance: gives as many places with a crowd."""


_CROWD = [variable.name for variable in VARIABLES].index("crowd")


def measure() -> list[Row]:
    """Time Qantar and its peers, each in units that it updates once a step."""
    scenario = make_scenario("january-2022")
    environment, hours = scenario.environment, scenario.episode.hours
    draws = scenario.draws(1, MEMBERS)
    members = [scenario.member(1, number, draws) for number in range(MEMBERS)]
    small = _shrunk(environment, CITIZENS)
    citizens = MEMBERS * float(small.cohort.sum()) * hours
    by_citizen = citizens / cpu_seconds(partial(_run_all, small, members, hours))
    cohorts = MEMBERS * environment.cohort.size * hours
    full = cohorts / cpu_seconds(partial(_run_all, environment, members, hours))
    return [
        Row("Qantar, all mechanisms", full / 1e6, "million cohort-hours/s"),
        *_numpy(environment, members, hours),
        *_mesa(by_citizen, full),
    ]


def _numpy(environment: Environment, members: list[Member], hours: int) -> list[Row]:
    """Time a few mechanisms of Qantar, and the plain model that has them, too."""
    for member in members:
        for name in set(mechanisms()) - set(BASIC):
            member.switches[name] = 0.0
    cohorts = environment.cohort.size * hours
    basic = MEMBERS * cohorts / cpu_seconds(partial(_run_all, environment, members, hours))
    crowds = [run_member(environment, member, hours)[:, :, _CROWD] > 0 for member in members]
    rows = [Row(f"Qantar, {len(BASIC)} mechanisms", basic / 1e6, "million cohort-hours/s")]
    for count in (1, MEMBERS):
        model = partial(joining_and_leaving, environment, members[0], hours, count)
        rate = cohorts * count / cpu_seconds(model)
        rows.append(
            Row(
                "numpy, one member" if count == 1 else f"numpy, {count} members at once",
                rate / 1e6,
                "million cohort-hours/s",
                basic / rate,
                f"Qantar with {len(BASIC)} mechanisms is faster",
                "the same places, groups and hours, and simpler formulas of price, news, joining "
                "and leaving. But numpy's random numbers have no key (worlds cannot be paired), "
                "nothing is recorded, and nothing else happens. A crowd is in "
                f"{np.mean(crowds):.0%} of the hours and places of Qantar, here in {model():.0%}.",
            )
        )
    return [*rows[:2], rows[2]._replace(note="")]


def joining_and_leaving(environment: Environment, member: Member, hours: int, count: int) -> float:
    """Run news, joining and leaving as a plain numpy model of all members at once.

    Returns
    -------
    float
        Share of members, hours and places with a crowd.
    """
    source = np.random.default_rng(1)
    joining, ties, media, leaving = (
        member.parameters[0][name] for name in ("joining", "ties", "media", "leaving")
    )
    places = environment.places
    population, rise, dependence = (
        environment.of_places(places[name])
        for name in ("population", "price_rise", "price_dependence")
    )
    weight = np.exp(
        ties["size_pull"] * np.log(population) - ties["distance_decay"] * environment.log_distance
    )
    np.fill_diagonal(weight, 0.0)
    weight = (weight / weight.sum(axis=1, keepdims=True)).T
    threshold = joining["gate_threshold"] * np.exp(
        joining["threshold_spread"] * member.latent.threshold
    )
    quiet = (joining["willing"] * np.tile(environment.cohort, (count, 1, 1))).astype(np.int64)
    protesting = np.zeros_like(quiet)
    with_crowd = 0.0
    news, national = np.zeros((count, population.size)), np.zeros((count, 1))
    for hour in range(hours):
        crowd = protesting.sum(axis=2)
        with_crowd += (crowd > 0).mean()
        seen = crowd / population
        street = seen / (seen + joining["street_half"])
        talk = crowd / (crowd + ties["newsworthy"])
        news += (talk @ weight - news) / ties["delay"]
        story = talk.sum(axis=1, keepdims=True)
        national += (story / (story + media["half_story"]) - national) / media["delay"]
        signal = (
            joining["street_weight"] * street
            + joining["ties_weight"] * news
            + joining["media_weight"] * national
        )
        steep = joining["gate_steepness"]
        called = signal**steep / (signal**steep + threshold**steep)
        out = max(np.sin(np.pi * (hour % 24 - 6.5) / 17), joining["night_level"])
        spark = joining["spark_rate"] * rise * dependence if hour >= LIFTED else 0.0
        come = READINESS * (joining["call_rate"] * called + spark) * out
        joined = source.binomial(quiet, -np.expm1(-come)[:, :, None])
        go = leaving["base"] + (1.0 - out) * leaving["night"]
        left = source.binomial(protesting, -np.expm1(-go))
        quiet -= joined
        protesting += joined - left
    return float(with_crowd) / hours


def _mesa(by_citizen: float, by_unit: float) -> list[Row]:
    """Time the Epstein model of Mesa, if Mesa is installed."""
    try:
        from mesa.examples.advanced.epstein_civil_violence.model import EpsteinCivilViolence
    except ImportError as error:
        raise SystemExit(f"{error}: `make bench` installs what is compared") from error
    side = int(np.ceil(np.sqrt(CITIZENS / 0.7)))
    model = EpsteinCivilViolence(width=side, height=side, citizen_density=0.7, cop_density=0.04)

    def steps() -> None:
        for _ in range(STEPS):
            model.step()

    rate = CITIZENS * STEPS / cpu_seconds(steps, 1)
    row = Row(f"Mesa, Epstein's model, {CITIZENS:,} citizens", rate / 1e6, "million agent-steps/s")
    return [
        row._replace(
            ratio=by_citizen / rate,
            to="Qantar is faster by citizen",
            note="as many people, one update each per step. Mesa keeps every person and their "
            "place on a grid; Qantar counts people by group and town. This is what cohorts save, "
            "and it grows with the population.",
        ),
        row._replace(
            ratio=by_unit / rate,
            to="Qantar is faster by unit updated",
            note="an agent looks around and moves, in Python; a cohort goes through all "
            "mechanisms, compiled. It does not depend on the population.",
        ),
    ]


def _run_all(environment: Environment, members: list[Member], hours: int) -> None:
    for member in members:
        run_member(environment, member, hours)


def _shrunk(environment: Environment, citizens: int) -> Environment:
    """Return the same country with fewer citizens."""
    factor = citizens / float(environment.cohort.sum())
    cohort = np.maximum(np.round(environment.cohort * factor), 1).astype(np.int64)
    places = environment.places.copy()
    environment.of_places(places["population"])[:] = cohort.sum(axis=1)
    return environment._replace(cohort=cohort, places=places)


if __name__ == "__main__":
    main(TITLE, measure)
