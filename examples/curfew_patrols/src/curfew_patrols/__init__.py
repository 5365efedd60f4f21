"""Curfew patrols: at night, while an emergency is in force, patrols send people home.

In Qantar a curfew empties streets as far as people obey it (`leaving`). Here it is enforced, too:
officers who outnumber a crowd patrol its streets, and an hour later have sent some of it home.
Police act where they can and where protest threatens order (Earl, Soule and McCarthy 2003), and
presence in a few streets at the right hours works (Braga et al. 2019). Whether it works on a
political crowd is open, so the rate may be nearly nothing.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Variable, stream
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State, activity, local_hour
from qantar.rng import Key, binomial_hazard, uniforms

_EMERGENCY = int(Action.EMERGENCY)
_DRAW = stream("curfew_patrols")


class Parameters(NamedTuple):
    """Numbers of curfew patrols."""

    rate: float


@compiled
def patrol(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw whom the patrols of the last hour send home, then send patrols out for the next."""
    places, people, draws = state.places, state.people, state.draws
    static = environment.places
    at_risk = uniforms(draws, places.patrolled, key, _DRAW, static.place_id, hour)
    for k in range(at_risk):
        i = draws.place[k]
        for g in range(environment.group_count):
            hazard = p.rate * places.patrolled[i]
            n = binomial_hazard(people.protesting[g, i], hazard, draws.uniform[g, k])
            people.protesting[g, i] -= n
            people.withdrawn[g, i] += n
            places.sent_home[i] += n
    for i in range(environment.place_count):
        dark = 1.0 - activity(local_hour(hour, static.clock_offset[i]), 0.0)
        officers = places.officers[i]
        presence = officers / (officers + places.crowd[i] + 1.0)
        places.patrolled[i] = places.in_force[_EMERGENCY, i] * dark * presence


MECHANISM = Mechanism(
    name="curfew_patrols",
    title="Patrols send people home at night while a curfew is in force",
    references=("earl2003", "braga2019"),
    parameters=Parameters,
    fields=(
        Field("patrolled", "share", 0, 1, 0, "of the streets that patrols reach"),
        Field("sent_home", "persons", 0, math.inf, 0, "by patrols so far", whole=True),
    ),
    records=(Variable("sent_home", "persons", "sent home by patrols so far"),),
    terms={"patrolled": Mediator.FORCE},
    hour=patrol,
    after="leaving",
    folder=Path(__file__).parent,
)
