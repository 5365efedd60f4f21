"""State decisions: taken by the dated script or by the rules of the offices.

Both set only the date of a decision: effects belong to the mechanisms that respond to it (see
``docs/decisions/0004-orders-have-no-effects.md``). Interventions put bounds on decisions of either.
This is a step of the program and rests on no theory.
"""

from __future__ import annotations

from enum import IntEnum

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.offices.decide import decide, update_information
from qantar.model.records import Records
from qantar.model.state import Action, Amendments, Environment, Script, State

_LIFTED = int(Action.PRICE_CAP_LIFTED)
_OTHER = int(Action.OTHER_TRIGGER)
_RALLY = int(Action.ANNOUNCED_RALLY)
_PRE_EMPTED = int(Action.PRE_EMPTIVE_ARRESTS)
_OF_OTHERS = (_LIFTED, _OTHER, _RALLY, _PRE_EMPTED)
"""Kinds that no office decides: triggers, rallies that organisers call, arrests before them."""


class Decider(IntEnum):
    """Who decides. A replay repeats the decisions of the offices in another run."""

    SCRIPT = 0
    OFFICES = 1
    REPLAY = 2


_SCRIPT = int(Decider.SCRIPT)
_OFFICES = int(Decider.OFFICES)


@compiled
def put_in_force(
    state: State,
    environment: Environment,
    script: Script,
    amendments: Amendments,
    decider: int,
    rules: Records,
    hour: int,
) -> None:
    """Apply the decisions of this hour.

    Parameters
    ----------
    decider : int
        A `Decider`. Triggers and announced rallies always come from the script.
    rules : record array (1,) of `offices.decide.RULES`
    """
    state.centre.decided = 0
    follow_script(state, environment, script, hour, decider == _OFFICES)
    if decider != _SCRIPT:
        update_information(state, environment, rules)
    if decider == _OFFICES:
        decide(state, environment, rules, hour)
    apply_amendments(state, environment, amendments, hour)
    if decider != _SCRIPT:
        # Update readiness at fixed hours only: the hour of a decision has no effect of its own.
        state.centre.decided = 0


@compiled
def follow_script(
    state: State, environment: Environment, script: Script, hour: int, only_others: bool
) -> None:
    """Order the actions of the script for this hour."""
    ordered = state.places.ordered
    begins, ends = script.begins, script.ends
    for a in range(begins.size):
        if begins[a] == hour or ends[a] == hour:
            state.centre.decided = 1
    if state.centre.decided == 0:
        return
    for k in range(ordered.shape[0]):
        if not only_others or k in _OF_OTHERS:
            ordered[k, :] = 0.0
    for a in range(script.kind.size):
        k = script.kind[a]
        in_time = begins[a] <= hour < ends[a]
        if in_time and (not only_others or k in _OF_OTHERS):
            for i in range(environment.place_count):
                if script.where[a, i]:
                    ordered[k, i] = max(ordered[k, i], script.intensity[a])


@compiled
def apply_amendments(
    state: State, environment: Environment, amendments: Amendments, hour: int
) -> None:
    """Apply orders within the bounds set by interventions."""
    changed = state.centre.decided == 1
    begins, ends = amendments.begins, amendments.ends
    for a in range(begins.size):
        if begins[a] == hour or ends[a] == hour:
            changed = True
    if not changed:
        return
    places = state.places
    least, most = state.draws.hazard, state.draws.other
    for k in range(places.ordered.shape[0]):
        set_bounds(least, most, environment.place_count, amendments, k, hour)
        for i in range(environment.place_count):
            places.in_force[k, i] = min(max(places.ordered[k, i], least[i]), most[i])


@compiled
def set_bounds(
    least: Numbers, most: Numbers, count: int, amendments: Amendments, kind: int, hour: int
) -> None:
    """Set the bounds on the intensity of one kind of action in every place."""
    for i in range(count):
        least[i] = 0.0
        most[i] = 1.0
    for a in range(amendments.kind.size):
        if amendments.kind[a] == kind and amendments.begins[a] <= hour < amendments.ends[a]:
            for i in range(count):
                if amendments.where[a, i]:
                    least[i] = max(least[i], amendments.least[a])
                    most[i] = min(most[i], amendments.most[a])


MECHANISM = Mechanism(
    name="state_decisions",
    title="The state acts on the dates given by the sources, or by the rules of its offices",
    references=("qantar-assumption",),
    parameters=None,
    fields=(Field("loyalty", "share", 0, 1, 1, "share of the local police who still obey"),),
    terms={"loyalty": Mediator.CONTROL},
    hour=put_in_force,
)
