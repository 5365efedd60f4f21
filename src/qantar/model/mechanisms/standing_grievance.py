"""Standing grievance: territorial, social and political, and experience of earlier protest.

Horizontal inequality between regions (Cederman, Gleditsch and Buhaug 2013), relative deprivation
(Gurr 1970) and discontent with the regime (Opp and Roehl 1990) multiply the hazard of joining.
A latent effect of each place accounts for differences that the data do not explain.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.state import Environment, State

UPDATE_INTERVAL = 6
"""Hours between updates of readiness, in addition to those at every state decision."""


class Parameters(NamedTuple):
    """Weights of the components, in log units of the hazard of joining."""

    territorial: float
    social: float
    political: float
    activism: float
    experience: float
    price: float
    place_spread: float


@compiled
def set_standing(
    state: State, environment: Environment, p: Parameters, propensity: Numbers
) -> None:
    """Set the standing grievance of each cohort.

    Parameters
    ----------
    propensity : float array (P,)
        Latent readiness of each place, in standard deviations.
    """
    people = state.people
    static_places = environment.places
    groups = environment.groups
    for i in range(static_places.size):
        static = static_places[i]
        place = p.experience * static.experience + p.place_spread * propensity[i]
        for g in range(groups.size):
            cohort = people[i, g]
            cohort.standing = (
                place
                + p.territorial * static.territorial * groups[g].exclusion
                + p.social * static.poverty * groups[g].deprivation
                + (p.political + p.activism * static.activism) * groups[g].discontent
            )


@compiled
def update_readiness(state: State, environment: Environment, p: Parameters, hour: int) -> None:
    """Set readiness, the factor of grievance and of the price on the hazard of joining."""
    if hour % UPDATE_INTERVAL != 0 and state.decided[0] == 0:
        return
    places = state.places
    people = state.people
    static_places = environment.places
    groups = environment.groups
    for i in range(static_places.size):
        here = places[i]
        for g in range(groups.size):
            cohort = people[i, g]
            felt = p.price * groups[g].price_exposure * here.price_pressure
            cohort.readiness = groups[g].takes_part * math.exp(cohort.standing + felt)


@compiled
def equal_readiness(state: State, environment: Environment, hour: int) -> None:
    """Make everyone who can take part equally ready."""
    if hour > 0:
        return
    people = state.people
    static_places = environment.places
    groups = environment.groups
    for i in range(static_places.size):
        for g in range(groups.size):
            cohort = people[i, g]
            cohort.readiness = groups[g].takes_part


MECHANISM = Mechanism(
    name="standing_grievance",
    title="Long-standing territorial, social and political grievance makes people ready to protest",
    references=("cederman2013", "gurr1970", "opp1990"),
    parameters=Parameters,
    begin=set_standing,
    hour=update_readiness,
    off=equal_readiness,
)
