"""Leaving: people go home because of cold, weariness, fear, force, curfew or concessions.

Cold and rain lower attendance, though cold no longer did after 1977 (Zhang 2016; Madestam et al.
2013). A protest lasts about seven days with a concession and two without (Leuschner and Hellmeier
2024). A curfew dampens protest in a simulation (Dornschneider-Elkink and Edmonds 2022); here it is
obeyed as far as the state controls the place, an assumption of the model, as are the rates per
hour.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism, stream
from qantar.model.state import Action, Environment, State, activity, local_hour
from qantar.rng import Key, move_affected, uniforms

_EMERGENCY = int(Action.EMERGENCY)
_DRAW = stream("leaving")


class Parameters(NamedTuple):
    """Hazards of going home, per hour."""

    base: float
    night: float
    cold: float
    by_fear: float
    by_weariness: float
    by_belief: float
    by_curfew: float
    militant_stay: float


@compiled
def leave(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw who goes home this hour."""
    places = state.places
    people = state.people
    static = environment.places
    groups = environment.groups
    draws = state.draws
    at_risk = uniforms(draws, places.crowd, key, _DRAW, static.place_id, hour)
    for k in range(at_risk):
        i = draws.place[k]
        dark = 1.0 - activity(local_hour(hour, static.clock_offset[i]), 0.0)
        wish = (
            p.base
            + dark * (p.night + p.cold * static.night_cold[i])
            + p.by_fear * max(places.fear[i], 0.0)
            + p.by_weariness * places.weariness[i]
            + p.by_curfew * dark * places.in_force[_EMERGENCY, i] * places.control[i]
        )
        draws.hazard[k] = wish
        draws.other[k] = p.by_belief * places.belief[i]
    for g in range(environment.group_count):
        for k in range(at_risk):
            content = draws.other[k] * groups.moderation[g]
            stay_away = max(0.0, draws.hazard[k] + content)
            draws.risk[g, k] = stay_away + places.dispersal[draws.place[k]]
    move_affected(draws, people.protesting, people.withdrawn, places.crowd, at_risk)
    # The same uniform numbers for both stances, so that twins that differ in a stance stay close.
    for g in range(environment.group_count):
        for k in range(at_risk):
            draws.risk[g, k] *= p.militant_stay
    move_affected(draws, people.militant, people.withdrawn, places.militants, at_risk)


MECHANISM = Mechanism(
    name="leaving",
    title="Cold, weariness, fear, force, curfew and credible concessions send people home",
    references=("zhang2016", "madestam2013", "leuschner2024", "dornschneider2022"),
    parameters=Parameters,
    hour=leave,
)
