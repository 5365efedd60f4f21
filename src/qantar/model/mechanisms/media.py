"""Media: national news of the protest, in persons, and the shutdown that cuts it.

News made distant unrest contagious in some cases (Myers 2000) and not in others (Aidt, Leon-Ablan
and Satchell 2022). Social networks raise protest (Enikolopov, Makarin and Petrova 2020), phones
only in downturns (Manacorda and Tesei 2020). Coverage rises with size and conflict (McCarthy,
McPhail and Smith 1996; Oliver and Maney 2000), and a salient protest lowers the bar for the next
(Hellmeier, Weidmann and Geelmuyden Rod 2018). What counts here is only how many people are said to
be out in the whole country, as far as media that are not censored reach.

News takes hours to spread: an Erlang delay of three stages. When communications are cut, live news
stops and people may keep in mind what they heard last. Both are assumptions of the model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Environment, State


class Parameters(NamedTuple):
    """Mean delay of news in hours, and the share of the last news that a cut leaves in mind."""

    delay: float
    kept_in_mind: float


@compiled
def spread_news(state: State, environment: Environment, p: Parameters) -> None:
    """Advance national news by one hour, to the people whom media still reach."""
    places = state.places
    static = environment.places
    out = 0.0
    for i in range(environment.place_count):
        out += places.remembered[i]
    share = min(3.0 / p.delay, 1.0)
    for i in range(environment.place_count):
        dark = places.dark[i]
        live = static.news_reach[i] * out
        places.last_heard[i] = places.media_news[i] if dark <= 0.0 else places.last_heard[i]
        told = (1.0 - dark) * live + dark * p.kept_in_mind * places.last_heard[i]
        places.media_news[i] += share * (places.media_2[i] - places.media_news[i])
        places.media_2[i] += share * (places.media_1[i] - places.media_2[i])
        places.media_1[i] += share * (told - places.media_1[i])


MECHANISM = Mechanism(
    name="media",
    title="National news makes distant protest contagious, unless it is cut",
    references=(
        "myers2000",
        "aidt2022",
        "enikolopov2020",
        "manacorda2020",
        "mccarthy1996",
        "oliver2000",
        "hellmeier2018",
    ),
    parameters=Parameters,
    fields=(
        Field("media_1", "persons", 0, math.inf, 0, "first stage of national news"),
        Field("media_2", "persons", 0, math.inf, 0, "second stage of national news"),
        Field("last_heard", "persons", 0, math.inf, 0, "national news before it was cut"),
        Field(
            "media_news",
            "persons",
            0,
            math.inf,
            0,
            "people out, known from national news",
        ),
    ),
    terms={"media_news": Mediator.NEWS},
    hour=spread_news,
)
