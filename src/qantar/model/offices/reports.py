"""Reports: information from the towns reaches the capital late and incompletely.

Rulers depend for information on officials with careers at stake and on a security service with its
own interests. Reports are taken to favour large crowds, as those of the media do (McCarthy, McPhail
and Smith 1996); nothing was found on officials. As long as the old guard controls the Security
Council, the service may withhold part of its information on violence, as sources that see an elite
split suggest. The withheld share may be zero.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.mechanisms.joining import gate
from qantar.model.state import Action, Environment, State

_COUNCIL = int(Action.COUNCIL_CHAIR_CHANGES)


class Parameters(NamedTuple):
    """Parameters of the reports."""

    delay: float
    noticed_crowd: float
    noticed_violence: float
    withheld: float
    quiet: float
    sharpness: float


@compiled
def update_reports(state: State, environment: Environment, p: Parameters) -> None:
    """Move the information of the regions and the capital towards the actual state."""
    places = state.places
    regions = state.regions
    static = environment.places
    centre = state.centre
    share = min(1.0 / p.delay, 1.0)
    reported = 1.0
    if not is_in_force(state, _COUNCIL):
        reported = 1.0 - p.withheld
    for r in range(environment.region_count):
        regions.unrest[r] *= 1.0 - share
        regions.violence[r] *= 1.0 - share
    lost = 0.0
    losses = 0.0
    towns = 0.0
    against = 0.0
    for i in range(environment.place_count):
        crowd = places.crowd[i] / (places.crowd[i] + p.noticed_crowd)
        violence = places.militants[i] / (places.militants[i] + p.noticed_violence)
        r = static.region[i]
        regions.unrest[r] += share * crowd
        regions.violence[r] += share * reported * violence
        lost += static.seat[i] * (1.0 - places.control[i])
        losses += places.security_dead[i]
        towns += crowd
        against += crowd * places.regime_demand[i]
    unrest = 0.0
    violence = 0.0
    for r in range(environment.region_count):
        unrest += regions.unrest[r]
        violence += regions.violence[r]
    centre.unrest = unrest
    centre.violence = violence
    centre.lost_seats += share * (lost - centre.lost_seats)
    centre.losses += share * (losses - centre.losses)
    if towns > 0.0:
        centre.demand += share * (against / towns - centre.demand)
    if violence >= p.quiet:
        centre.alarmed = 1.0
        centre.calm = 0.0
    elif centre.alarmed > 0.0:
        centre.calm += 1.0


@compiled
def is_in_force(state: State, kind: int) -> bool:
    """Return whether an action is in force anywhere, by decision or by intervention."""
    return bool(state.places.in_force[kind].max() > 0.0)


@compiled
def is_in_force_everywhere(state: State, environment: Environment, kind: int) -> bool:
    """Return whether an action is in force in every place."""
    least = 1.0
    for i in range(environment.place_count):
        least = min(least, state.places.in_force[kind, i])
    return least > 0.0


@compiled
def pressing(seen: float, limit: float, p: Parameters) -> float:
    """Return the pressure for a decision, 0 to 1: one half where `seen` equals `limit`."""
    return gate(seen, limit, p.sharpness)


OFFICE = Mechanism(
    name="reports",
    title="Information from the towns reaches the capital late and incompletely",
    references=("mccarthy1996",),
    parameters=Parameters,
)
