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
from qantar.model.state import Action, Environment, State, activity, local_hour, officers_in
from qantar.rng import Key, binomial_hazard, uniforms

_EMERGENCY = int(Action.EMERGENCY)
_DRAW = stream("curfew_patrols")


class Parameters(NamedTuple):
    """Numbers of curfew patrols."""

    rate: float


@compiled
def patrol(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw whom the patrols of the last hour send home, then send patrols out for the next."""
    for i in range(environment.places.size):
        here = state.places[i]
        static = environment.places[i]
        if here.patrolled > 0.0:
            uniforms(state.draws, key, _DRAW, static.place_id, environment.group_id, hour)
            for g in range(environment.groups.size):
                cohort = state.people[i, g]
                n = binomial_hazard(cohort.protesting, p.rate * here.patrolled, state.draws[g])
                cohort.protesting -= n
                cohort.withdrawn += n
                here.sent_home += n
        dark = 1.0 - activity(local_hour(hour, static.clock_offset), 0.0)
        officers = officers_in(state, environment, i)
        presence = officers / (officers + here.crowd + 1.0)
        here.patrolled = state.in_force[_EMERGENCY, i] * dark * presence


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
