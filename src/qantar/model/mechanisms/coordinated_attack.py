"""Coordinated attack: trained groups attack several towns at once, with or without a crowd.

The state's account of January. The attack is planned and simultaneous, so it does not depend on a
protest as cover; its towns, hour and size are drawn for every member. Attackers are residents of
the town, so that the number of people is conserved; whether they were trained abroad makes no
difference to the model. Surprise and simultaneity follow planned insurgent offensives (Kalyvas
2006), in contrast to the brokers of `organised_violence`, who need cover.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, stream
from qantar.model.state import Environment, State
from qantar.rng import Key, binomial_hazard, uniform, uniforms

_TOWNS = stream("coordinated_attack.towns")
_DRAW = stream("coordinated_attack")

REFERENCE_POPULATION = 100_000.0
"""Population of a town for which `towns` is the probability of being attacked."""


class Parameters(NamedTuple):
    """Parameters of a planned attack."""

    hour: float
    lasting: float
    towns: float
    by_size: float
    by_named: float
    size: float


@compiled
def choose_targets(state: State, environment: Environment, p: Parameters, key: Key) -> None:
    """Draw the towns to be attacked, and set the number of attackers in each."""
    places = state.places
    static_places = environment.places
    base = math.log(p.towns / (1.0 - p.towns))
    for i in range(static_places.size):
        static = static_places[i]
        odds = (
            base
            + p.by_size * math.log(static.population / REFERENCE_POPULATION)
            + p.by_named * static.named
        )
        chance = 1.0 / (1.0 + math.exp(-odds))
        if uniform(key, _TOWNS, static.place_id, 0, 0) < chance:
            places[i].attackers_due = p.size


@compiled
def attack(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw the attackers who come out this hour, during the hours of the plan."""
    hours = math.ceil(p.hour + p.lasting) - math.ceil(p.hour)
    if hour < p.hour or hour >= p.hour + p.lasting:
        return
    places = state.places
    people = state.people
    draws = state.draws
    static_places = environment.places
    groups = environment.groups
    for i in range(static_places.size):
        if places[i].attackers_due <= 0.0:
            continue
        able = 0.0
        for g in range(groups.size):
            able += people[i, g].quiet * groups[g].militancy
        if able <= 0.0:
            continue
        hazard = places[i].attackers_due / (able * hours)
        uniforms(draws, key, _DRAW, static_places[i].place_id, environment.group_id, hour)
        for g in range(groups.size):
            cohort = people[i, g]
            n = binomial_hazard(cohort.quiet, hazard * groups[g].militancy, draws[g])
            cohort.quiet -= n
            cohort.militant += n
            places[i].joined += n


MECHANISM = Mechanism(
    name="coordinated_attack",
    title="Trained groups attack several towns at once, with or without a crowd",
    references=("kalyvas2006",),
    parameters=Parameters,
    fields=(
        Field(
            "attackers_due",
            "persons",
            0,
            math.inf,
            0,
            "attackers planned for the place",
        ),
    ),
    begin=choose_targets,
    hour=attack,
)
