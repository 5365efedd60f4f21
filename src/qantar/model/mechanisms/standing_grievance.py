"""Standing grievance: territorial, social and political, and experience of earlier protest.

Horizontal inequality between regions (Cederman, Gleditsch and Buhaug 2013), relative deprivation
(Gurr 1970) and discontent with the regime (Opp and Roehl 1990) multiply the hazard of joining.
A latent effect of each place accounts for differences that the data do not explain.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.state import Environment, State
from qantar.rng.elementary import exp

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
    standing = state.people.standing
    static = environment.places
    groups = environment.groups
    for g in range(environment.group_count):
        for i in range(environment.place_count):
            place = p.experience * static.experience[i] + p.place_spread * propensity[i]
            standing[g, i] = (
                place
                + p.territorial * static.territorial[i] * groups.exclusion[g]
                + p.social * static.poverty[i] * groups.deprivation[g]
                + (p.political + p.activism * static.activism[i]) * groups.discontent[g]
            )


@compiled
def update_readiness(state: State, environment: Environment, p: Parameters, hour: int) -> None:
    """Set readiness, the factor of grievance and of the price on the hazard of joining."""
    if hour % UPDATE_INTERVAL != 0 and state.centre.decided == 0:
        return
    people = state.people
    pressure = state.places.price_pressure
    for g in range(environment.group_count):
        takes_part = environment.groups.takes_part[g]
        exposure = p.price * environment.groups.price_exposure[g]
        for i in range(environment.place_count):
            felt = exposure * pressure[i]
            people.readiness[g, i] = takes_part * exp(people.standing[g, i] + felt)


@compiled
def equal_readiness(state: State, environment: Environment, hour: int) -> None:
    """Make everyone who can take part equally ready."""
    if hour > 0:
        return
    for g in range(environment.group_count):
        for i in range(environment.place_count):
            state.people.readiness[g, i] = environment.groups.takes_part[g]


MECHANISM = Mechanism(
    name="standing_grievance",
    title="Long-standing territorial, social and political grievance makes people ready to protest",
    references=("cederman2013", "gurr1970", "opp1990"),
    parameters=Parameters,
    begin=set_standing,
    hour=update_readiness,
    off=equal_readiness,
)
