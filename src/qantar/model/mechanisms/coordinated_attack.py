"""Coordinated attack: trained groups strike in several towns at one hour, crowd or no crowd.

The state's account of January. Planned and simultaneous, so it does not wait for a protest to
hide in; its towns, its hour and its size are drawn for every member and written down nowhere.
Attackers are people of the town, for nobody may come from nowhere; whether they were trained
abroad makes no difference to the model. Surprise and simultaneity as in planned insurgent
offensives (Kalyvas 2006), against the brokers of organised violence, who need cover.
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
"""Inhabitants of the town for which `towns` is the chance of being chosen."""


class Parameters(NamedTuple):
    """Numbers of a planned attack."""

    hour: float
    lasting: float
    towns: float
    by_size: float
    by_named: float
    size: float


@compiled
def choose_targets(state: State, environment: Environment, p: Parameters, key: Key) -> None:
    """Draw the towns, and with how many attackers each is to be struck."""
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
    """Draw who comes out to attack this hour, from the first hour of the plan to its last."""
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
    title="Trained groups strike several towns at one hour, crowd or no crowd",
    references=("kalyvas2006",),
    parameters=Parameters,
    fields=(
        Field(
            "attackers_due",
            "persons",
            0,
            math.inf,
            0,
            "trained attackers that a plan has for the place",
        ),
    ),
    begin=choose_targets,
    hour=attack,
)
