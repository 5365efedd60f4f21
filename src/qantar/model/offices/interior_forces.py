"""Interior forces: whether police still obey, and whether the capital trusts them.

Outnumbered forces may stop obeying, sooner in excluded regions, whose grievance they share (cases
of soldiers: Nepstad 2013; McLauchlin 2010). Leaders and units change sides rather than single
officers (Koehler and Albrecht 2021), so a rate per hour and person is a crude form. Sources
disagree on whether foreign troops kept forces loyal. All effects may be zero.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.state import Action, Environment, State
from qantar.rng.elementary import exp, log1p

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
    static = environment.places
    centre = state.centre
    officers = 0.0
    gone = 0.0
    for i in range(environment.place_count):
        crowd = places.crowd[i]
        police = static.police[i]
        loyalty = places.loyalty[i]
        outnumbered = crowd / (crowd + police + places.reinforcement[i] + 1.0)
        feeling = (
            p.by_sympathy * static.territorial[i]
            + p.by_foreign_troops * places.in_force[_TROOPS, i]
        )
        leaving = min(p.defection_rate * outnumbered * exp(feeling), 1.0)
        stayed = loyalty - leaving * loyalty
        obeying = stayed + p.return_rate * (1.0 - stayed)
        places.loyalty[i] = obeying if crowd >= 1.0 or loyalty < 1.0 else loyalty
    for i in range(environment.place_count):
        officers += static.police[i]
        gone += static.police[i] * (1.0 - places.loyalty[i])
    doubt = (
        p.distrust_by_losses * log1p(centre.losses)
        + p.distrust_by_lost_seats * centre.lost_seats
        + p.distrust_by_defection * gone / max(officers, 1.0)
    )
    centre.trust = exp(-max(doubt, 0.0))


OFFICE = Mechanism(
    name="interior_forces",
    title="Outnumbered police may stop obeying, and lose the trust of the capital",
    references=("nepstad2013", "mclauchlin2010", "koehler2021"),
    parameters=Parameters,
)
