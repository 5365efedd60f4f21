"""Coordinated attack: trained groups attack several towns at once, with or without a crowd.

The state's account of January, as the state tells it; no study of such attacks was found. The
attack is planned and simultaneous, so it does not depend on a protest as cover, in contrast to
`organised_violence`. Its towns, hour and size are drawn for every member. Attackers are residents
of the town, so that the number of people is conserved; whether they were trained abroad makes no
difference to the model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, stream
from qantar.model.state import Environment, State
from qantar.rng import Key, draw_affected, uniform, uniforms
from qantar.rng.elementary import exp, log

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
    static = environment.places
    base = log(p.towns / (1.0 - p.towns))
    for i in range(environment.place_count):
        odds = (
            base
            + p.by_size * log(static.population[i] / REFERENCE_POPULATION)
            + p.by_named * static.named[i]
        )
        chance = 1.0 / (1.0 + exp(-odds))
        if uniform(key, _TOWNS, static.place_id[i], 0, 0) < chance:
            places.attackers_due[i] = p.size


@compiled
def attack(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw the attackers who come out this hour, during the hours of the plan."""
    hours = math.ceil(p.hour + p.lasting) - math.ceil(p.hour)
    if hour < p.hour or hour >= p.hour + p.lasting:
        return
    places = state.places
    people = state.people
    groups = environment.groups
    draws = state.draws
    hazard = draws.hazard
    for i in range(environment.place_count):
        able = 0.0
        for g in range(environment.group_count):
            able += people.quiet[g, i] * groups.militancy[g]
        hazard[i] = places.attackers_due[i] / (able * hours) if able > 0.0 else 0.0
    at_risk = uniforms(draws, hazard, key, _DRAW, environment.places.place_id, hour)
    for g in range(environment.group_count):
        for k in range(at_risk):
            draws.risk[g, k] = hazard[draws.place[k]] * groups.militancy[g]
    for e in range(draw_affected(draws, people.quiet, hazard, at_risk)):
        g, i, n = draws.group[e], draws.at[e], draws.affected[e]
        people.quiet[g, i] -= n
        people.militant[g, i] += n
        places.joined[i] += n


MECHANISM = Mechanism(
    name="coordinated_attack",
    title="Trained groups attack several towns at once, with or without a crowd",
    references=("qantar-assumption",),
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
