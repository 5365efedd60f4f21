"""The crowd: how many people are in the streets of each place, recounted between mechanisms."""

from __future__ import annotations

import math

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Step, Variable
from qantar.model.state import Environment, State


@compiled
def count(state: State, environment: Environment) -> None:
    """Count the people in the streets of every place."""
    places = state.places
    people = state.people
    for i in range(environment.place_count):
        peaceful = 0
        violent = 0
        for g in range(environment.group_count):
            peaceful += people.protesting[g, i]
            violent += people.militant[g, i]
        places.crowd[i] = peaceful + violent
        places.militants[i] = violent


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
