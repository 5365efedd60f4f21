"""Joining: people protest because of the price shock, or because enough others do.

Thresholds (Granovetter 1978; Kuran 1989) are modelled as a Hill function of the protest that a
place sees and hears of, with a latent threshold per place. The crowd is measured relative to the
place's population and its effect saturates, so that safety in numbers does not lead to explosive
growth (DeNardo 1985; Siegel 2009). Only a willing share of a cohort can ever join.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import Field, Mechanism, Variable, stream
from qantar.model.state import Environment, State, activity, local_hour
from qantar.rng import Key, draw_affected, uniforms
from qantar.rng.elementary import exp, log

_DRAW = stream("joining")


class Parameters(NamedTuple):
    """Parameters of the hazard of joining."""

    spark_rate: float
    call_rate: float
    street_weight: float
    ties_weight: float
    media_weight: float
    street_half: float
    gate_steepness: float
    gate_threshold: float
    threshold_spread: float
    weariness: float
    night_level: float
    willing: float
    mood_ceiling: float


@compiled
def set_thresholds(
    state: State, environment: Environment, p: Parameters, threshold_score: Numbers
) -> None:
    """Set the threshold of each place from its latent score, and how many would never join."""
    places = state.places
    for i in range(environment.place_count):
        places.threshold[i] = p.gate_threshold * exp(p.threshold_spread * threshold_score[i])
        for g in range(environment.group_count):
            never = (1.0 - p.willing) * environment.cohort[i, g]
            state.people.unwilling[g, i] = int(never)


@inlined
def gate(signal: float, threshold: float, steepness: float) -> float:
    """Return the Hill function of a signal: 0 without a signal, 1/2 at the threshold."""
    hill = 1.0 / (1.0 + exp(steepness * log(threshold / signal)))
    return hill if signal > 0.0 else 0.0


@inlined
def mood_factor(feeling: float, ceiling: float) -> float:
    """Return the factor on the hazard for a mood in log units: 1 at 0, bounded by `ceiling`."""
    plain = exp(feeling)
    return ceiling * plain / (ceiling - 1.0 + plain)


@compiled
def set_hazard(state: State, environment: Environment, p: Parameters) -> None:
    """Set the hazard of joining of people with a readiness of 1 if everyone was out."""
    places = state.places
    static = environment.places
    hazard = state.draws.hazard
    for i in range(environment.place_count):
        places.joined[i] = 0
        seen = places.crowd[i] / static.population[i]
        street = seen / (seen + p.street_half)
        places.street[i] = street
        signal = (
            p.street_weight * street
            + p.ties_weight * places.ties_news[i]
            + p.media_weight * places.media_news[i]
        )
        called = gate(signal, places.threshold[i], p.gate_steepness)
        pull = p.spark_rate * places.spark[i] + p.call_rate * called
        feeling = (
            places.anger[i] - places.fear[i] - places.belief[i] - p.weariness * places.weariness[i]
        )
        mood = mood_factor(feeling, p.mood_ceiling)
        hazard[i] = pull * mood if pull > 0.0 else 0.0


@compiled
def join(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw who joins the protest this hour."""
    places = state.places
    people = state.people
    static = environment.places
    draws = state.draws
    set_hazard(state, environment, p)
    at_risk = uniforms(draws, draws.hazard, key, _DRAW, static.place_id, hour)
    for k in range(at_risk):
        i = draws.place[k]
        out = activity(local_hour(hour, static.clock_offset[i]), p.night_level)
        draws.other[k] = draws.hazard[i] * out
    for g in range(environment.group_count):
        for i in range(environment.place_count):
            draws.able[g, i] = people.quiet[g, i] - people.unwilling[g, i]
        for k in range(at_risk):
            draws.risk[g, k] = draws.other[k] * people.readiness[g, draws.place[k]]
    for e in range(draw_affected(draws, draws.able, draws.hazard, at_risk)):
        g, i, n = draws.group[e], draws.at[e], draws.affected[e]
        people.quiet[g, i] -= n
        people.protesting[g, i] += n
        places.joined[i] += n


MECHANISM = Mechanism(
    name="joining",
    title="People join when enough others protest; each place has its own threshold",
    references=("granovetter1978", "kuran1989", "denardo1985", "siegel2009"),
    parameters=Parameters,
    fields=(
        Field(
            "threshold",
            "signal",
            0,
            math.inf,
            1,
            "signal at which the response is half its maximum",
        ),
        Field("street", "share", 0, 1, 0, "visibility of the local protest"),
        Field("joined", "persons", 0, math.inf, 0, "people who joined during the hour", whole=True),
    ),
    records=(Variable("joined", "persons", "people who joined during the hour"),),
    begin=set_thresholds,
    hour=join,
)
