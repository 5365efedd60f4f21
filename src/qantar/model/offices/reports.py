"""Reports: information from the towns reaches the capital late and incompletely.

Rulers depend for information on officials with careers at stake and on a security service with its
own interests (Svolik 2012). As long as the old guard controls the Security Council, the service may
withhold part of its information on violence, as sources that see an elite split suggest. The
withheld share may be zero.
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
    static_places = environment.places
    centre = state.centre[0]
    share = min(1.0 / p.delay, 1.0)
    reported = 1.0
    if not is_in_force(state, _COUNCIL):
        reported = 1.0 - p.withheld
    for r in range(regions.size):
        regions[r].unrest *= 1.0 - share
        regions[r].violence *= 1.0 - share
    lost = 0.0
    losses = 0.0
    towns = 0.0
    against = 0.0
    for i in range(static_places.size):
        here = places[i]
        crowd = here.crowd / (here.crowd + p.noticed_crowd)
        violence = here.militants / (here.militants + p.noticed_violence)
        region = regions[static_places[i].region]
        region.unrest += share * crowd
        region.violence += share * reported * violence
        lost += static_places[i].seat * (1.0 - here.control)
        losses += here.security_dead
        towns += crowd
        against += crowd * here.regime_demand
    unrest = 0.0
    violence = 0.0
    for r in range(regions.size):
        unrest += regions[r].unrest
        violence += regions[r].violence
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
    return bool(state.in_force[kind].max() > 0.0)


@compiled
def pressing(seen: float, limit: float, p: Parameters) -> float:
    """Return the pressure for a decision, 0 to 1: one half where `seen` equals `limit`."""
    return gate(seen, limit, p.sharpness)


OFFICE = Mechanism(
    name="reports",
    title="Information from the towns reaches the capital late and incompletely",
    references=("svolik2012", "weidmann2015"),
    parameters=Parameters,
)
