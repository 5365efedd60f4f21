"""The crowd: how many people are in the streets of each place, recounted between mechanisms."""

from __future__ import annotations

import math

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Step, Variable
from qantar.model.state import Environment, State, add_up


@compiled
def count(state: State, environment: Environment) -> None:
    """Count the people in the streets of every place."""
    places = state.places
    groups, count = environment.group_count, environment.place_count
    add_up(places.crowd, state.people.protesting, groups, count)
    add_up(places.militants, state.people.militant, groups, count)
    for i in range(count):
        places.crowd[i] += places.militants[i]


@compiled
def clear(state: State, environment: Environment) -> None:
    """Begin the counts of the hour."""
    for i in range(environment.place_count):
        state.places.joined[i] = 0


NEW_HOUR = Step(
    name="new_hour",
    title="Counts of the hour begin",
    hour=clear,
    fields=(
        Field("joined", "persons", 0, math.inf, 0, "people who joined during the hour", whole=True),
    ),
    records=(Variable("joined", "persons", "people who joined during the hour"),),
)

COUNT = Step(
    name="count",
    title="People in the streets of every place are counted",
    hour=count,
    fields=(
        Field("crowd", "persons", 0, math.inf, 0, "in the street at the last count"),
        Field("militants", "persons", 0, math.inf, 0, "violent people in the crowd"),
    ),
    records=(
        Variable(
            "crowd", "persons", "in the street, protesting or militant, at the end of the hour"
        ),
        Variable("militants", "persons", "violent people in the crowd"),
    ),
)
