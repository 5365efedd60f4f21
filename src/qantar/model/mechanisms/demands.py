"""Demands: shift from the price to the regime, and belief in concessions.

Demands widen as long as people protest and when they meet force; a concession on the price then no
longer meets the demand. This is an assumption of the model. A promise is believed only if it binds
(Acemoglu and Robinson 2006). In 18 autocracies protest rose after concessions (Leuschner and
Hellmeier 2024), promises end protest with narrow demands (de Vogel 2021), and concessions from
weakness, mixed with force, embolden (Goldstone and Tilly 2001). So the trust parameters can be
negative. People who are cut off do not hear of a concession (see `shutdown`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State

_PRICE = int(Action.PRICE_CONCESSION)
_FREEZE = int(Action.UTILITIES_FREEZE)
_RESIGNS = int(Action.GOVERNMENT_RESIGNS)
_COUNCIL = int(Action.COUNCIL_CHAIR_CHANGES)
_CABINET = int(Action.NEW_CABINET)
_MOURNING = int(Action.MOURNING)


class Parameters(NamedTuple):
    """Parameters of the shift of demands and of belief in concessions."""

    drift: float
    by_force: float
    price_trust: float
    freeze_trust: float
    resignation_trust: float
    council_trust: float
    cabinet_trust: float
    mourning_respect: float


@compiled
def update_demands(state: State, environment: Environment, p: Parameters) -> None:
    """Advance demands by one hour and update belief in the concessions in force."""
    places = state.places
    in_force = places.in_force
    for i in range(environment.place_count):
        push = p.drift * places.street[i] + p.by_force * places.force[i]
        regime = places.regime_demand[i]
        regime += (1.0 - regime) * min(push, 1.0)
        regime = min(max(regime, 0.0), 1.0)
        places.regime_demand[i] = regime
        on_price = p.price_trust * in_force[_PRICE, i] + p.freeze_trust * in_force[_FREEZE, i]
        on_power = (
            p.resignation_trust * in_force[_RESIGNS, i]
            + p.council_trust * in_force[_COUNCIL, i]
            + p.cabinet_trust * in_force[_CABINET, i]
        )
        believed = (
            (1.0 - regime) * on_price
            + regime * on_power
            + p.mourning_respect * in_force[_MOURNING, i]
        )
        places.belief[i] = believed * (1.0 - places.deafness[i])


MECHANISM = Mechanism(
    name="demands",
    title="Demands widen from the price to the regime, and concessions lose their effect",
    references=("acemoglu2006", "leuschner2024", "devogel2021", "goldstone2001"),
    parameters=Parameters,
    fields=(
        Field(
            "regime_demand",
            "share",
            0,
            1,
            0,
            "share of demands directed at the regime, not the price",
        ),
        Field(
            "belief", "log units", -math.inf, math.inf, 0, "belief in concessions; may be negative"
        ),
    ),
    terms={"regime_demand": Mediator.BELIEF, "belief": Mediator.BELIEF},
    hour=update_demands,
)
