"""Standing grievance: territorial, social and political, and experience of earlier protest.

Relative deprivation (form: Gurr 1970), discontent with the regime (Opp and Roehl 1990; Opp and Gern
1993; van Zomeren, Postmes and Spears 2008) and experience (Lawrence 2017) multiply the share of a
cohort that could come out. Inequality between regions is carried over from civil war by assumption
(Cederman, Gleditsch and Buhaug 2013); there poorer and richer groups both fight more (Cederman,
Weidmann and Gleditsch 2011), so the size of the gap counts. Protest is likeliest where grievance is
polarised, not where it is high on average (Griffin et al. 2020).

How large that share is depends on the issue: the few who protest about anything, those whom this
trigger hurts, and, if the trigger is a price, everyone who feels prices rise. An issue that matters
in a few places cannot carry the country. These parts are assumptions of the model.

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
    """Weights of the components in log units, and of the parts of an issue."""

    territorial: float
    social: float
    political: float
    activism: float
    experience: float
    general: float
    salience: float
    breadth: float
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
    """Set readiness, from grievance and from how much the issue matters."""
    if hour % UPDATE_INTERVAL != 0 and state.centre.decided == 0:
        return
    people = state.people
    places = state.places
    for g in range(environment.group_count):
        takes_part = environment.groups.takes_part[g]
        exposure = environment.groups.price_exposure[g]
        for i in range(environment.place_count):
            felt = p.salience * places.price_pressure[i] + p.breadth * places.prices_felt[i]
            issue = max(p.general + exposure * felt, 0.0)
            people.readiness[g, i] = takes_part * exp(people.standing[g, i]) * issue


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
    title="Long-standing grievance and the salience of the issue decide who could come out",
    references=(
        "gurr1970",
        "opp1990",
        "opp1993",
        "vanzomeren2008",
        "lawrence2017",
        "cederman2013",
        "cederman2011",
        "griffin2020",
    ),
    parameters=Parameters,
    begin=set_standing,
    hour=update_readiness,
    off=equal_readiness,
)
