"""Media: national news of the protest, and the shutdown that cuts it.

News makes distant unrest contagious (Myers 2000); coverage grows with the number of places and
saturates. A shutdown cuts news, and may also anger people and send them out to look for news and
kin (Hassanpour 2014; Casilli and Tubaro 2012): that effect is part of `anger`, with its own sign.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State

_SHUTDOWN = int(Action.SHUTDOWN)


class Parameters(NamedTuple):
    """Parameters of national news."""

    newsworthy: float
    half_story: float
    delay: float
    cut: float


@compiled
def spread_news(state: State, environment: Environment, p: Parameters) -> None:
    """Advance national news by one hour, to the people whom media still reach."""
    places = state.places
    static = environment.places
    story = 0.0
    for i in range(environment.place_count):
        crowd = places.crowd[i]
        story += crowd / (crowd + p.newsworthy) if crowd > 0.0 else 0.0
    salience = story / (story + p.half_story)
    share = min(3.0 / p.delay, 1.0)
    for i in range(environment.place_count):
        dark = p.cut * static.shutdown_reach[i] * places.in_force[_SHUTDOWN, i]
        reached = static.media_access[i] * max(0.0, 1.0 - dark)
        places.media_news[i] += share * (places.media_2[i] - places.media_news[i])
        places.media_2[i] += share * (places.media_1[i] - places.media_2[i])
        places.media_1[i] += share * (salience * reached - places.media_1[i])


MECHANISM = Mechanism(
    name="media",
    title="National news makes distant protest contagious, unless it is cut",
    references=("myers2000", "hassanpour2014", "casilli2012"),
    parameters=Parameters,
    fields=(
        Field("media_1", "share", 0, 1, 0, "first stage of national news"),
        Field("media_2", "share", 0, 1, 0, "second stage of national news"),
        Field(
            "media_news", "share", 0, 1, 0, "what people know of other places from national news"
        ),
    ),
    terms={"media_news": Mediator.NEWS},
    hour=spread_news,
)
