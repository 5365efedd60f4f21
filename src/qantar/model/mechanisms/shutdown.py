"""Shutdown: what a cut of communications does, each channel with its own sign.

It cuts live news, and people go on with what they knew (`media`, `ties`). It makes it harder to
agree on a place and an hour (coordination). It sends people out to look for news and kin: in Cairo
clashes dispersed to three or four times as many places (Hassanpour 2014). It mutes concessions that
nobody hears of (`demands`), angers people (`anger`) and slows reports (`reporting`).

Studies disagree about the sum: more protest when some users left social media (Boxell and
Steinert-Threlkeld 2022), escalation or no change (Rydzak, Karanja and Opiyo 2020), shutdowns that
went together with operations of the forces (Gohdes 2015), less protest in a simulation
(Dornschneider-Elkink and Edmonds 2022). So no sign is assumed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State

_SHUTDOWN = int(Action.SHUTDOWN)


class Parameters(NamedTuple):
    """Share of the reach that is cut, and effects of a full cut in log units of turnout."""

    cut: float
    curiosity: float
    coordination: float
    muted_concession: float


@compiled
def cut_communications(state: State, environment: Environment, p: Parameters) -> None:
    """Set how far every place is cut off, and what that does to turnout and to concessions."""
    places = state.places
    for i in range(environment.place_count):
        reach = environment.places.shutdown_reach[i]
        dark = min(max(p.cut * reach * places.in_force[_SHUTDOWN, i], 0.0), 1.0)
        places.cut_off[i] = dark
        places.dark[i] = dark
        places.curiosity[i] = p.curiosity * dark
        places.coordination[i] = p.coordination * dark
        places.deafness[i] = min(max(p.muted_concession * dark, 0.0), 1.0)


MECHANISM = Mechanism(
    name="shutdown",
    title="A shutdown cuts news and coordination, sends people out, and mutes concessions",
    references=("hassanpour2014", "boxell2022", "rydzak2020", "gohdes2015", "dornschneider2022"),
    parameters=Parameters,
    fields=(
        Field("cut_off", "share", 0, 1, 0, "share of media access that is cut"),
        Field("dark", "share", 0, 1, 0, "the same, as far as news is concerned"),
        Field(
            "curiosity",
            "log units",
            -math.inf,
            math.inf,
            0,
            "turnout of people who look for news and kin; may be negative",
        ),
        Field(
            "coordination",
            "log units",
            -math.inf,
            math.inf,
            0,
            "turnout changed because people cannot coordinate; may be positive",
        ),
        Field("deafness", "share", 0, 1, 0, "share of concessions that people do not hear of"),
    ),
    terms={
        "dark": Mediator.NEWS,
        "curiosity": Mediator.CURIOSITY,
        "coordination": Mediator.COORDINATION,
        "deafness": Mediator.BELIEF,
    },
    hour=cut_communications,
)
