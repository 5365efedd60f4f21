"""Interior forces: whether police still obey, and whether the capital trusts them.

Outnumbered forces may stop obeying, sooner in excluded regions, whose grievance they share (Svolik
2012; Pierskalla 2010). Sources disagree on whether foreign troops kept forces loyal. All effects
may be zero.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.state import Action, Environment, State

_TROOPS = int(Action.FOREIGN_TROOPS)


class Parameters(NamedTuple):
    """Parameters of obedience (rates per hour, weights in log units) and of trust."""

    defection_rate: float
    by_sympathy: float
    by_foreign_troops: float
    return_rate: float
    distrust_by_losses: float
    distrust_by_lost_seats: float
    distrust_by_defection: float


@compiled
def update_loyalty(state: State, environment: Environment, p: Parameters) -> None:
    """Advance obedience in every place, and the trust of the capital, by one hour."""
    places = state.places
    in_force = state.in_force
    static_places = environment.places
    centre = state.centre[0]
    officers = 0.0
    gone = 0.0
    for i in range(static_places.size):
        here = places[i]
        static = static_places[i]
        officers += static.police
        if here.crowd >= 1.0 or here.loyalty < 1.0:
            outnumbered = here.crowd / (here.crowd + static.police + here.reinforcement + 1.0)
            feeling = (
                p.by_sympathy * static.territorial + p.by_foreign_troops * in_force[_TROOPS, i]
            )
            leaving = min(p.defection_rate * outnumbered * math.exp(feeling), 1.0)
            here.loyalty -= leaving * here.loyalty
            here.loyalty += p.return_rate * (1.0 - here.loyalty)
        gone += static.police * (1.0 - here.loyalty)
    doubt = (
        p.distrust_by_losses * math.log1p(centre.losses)
        + p.distrust_by_lost_seats * centre.lost_seats
        + p.distrust_by_defection * gone / max(officers, 1.0)
    )
    centre.trust = math.exp(-max(doubt, 0.0))


OFFICE = Mechanism(
    name="interior_forces",
    title="Outnumbered police may stop obeying, and lose the trust of the capital",
    references=("svolik2012", "pierskalla2010"),
    parameters=Parameters,
)
