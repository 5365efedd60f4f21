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
from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Variable, stream
from qantar.model.state import Environment, State, activity, local_hour
from qantar.rng import Key, binomial_hazard, uniforms

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
def set_thresholds(state: State, p: Parameters, threshold_score: Numbers) -> None:
    """Set the threshold of each place from its latent score."""
    places = state.places
    for i in range(threshold_score.size):
        here = places[i]
        here.threshold = p.gate_threshold * math.exp(p.threshold_spread * threshold_score[i])


@compiled
def gate(signal: float, threshold: float, steepness: float) -> float:
    """Return the Hill function of a signal: 0 without a signal, 1/2 at the threshold."""
    if signal <= 0.0:
        return 0.0
    return 1.0 / (1.0 + math.exp(steepness * math.log(threshold / signal)))


@compiled
def mood_factor(feeling: float, ceiling: float) -> float:
    """Return the factor on the hazard for a mood in log units: 1 at 0, bounded by `ceiling`."""
    plain = math.exp(feeling)
    return ceiling * plain / (ceiling - 1.0 + plain)


@compiled
def join(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw who joins the protest this hour."""
    places = state.places
    people = state.people
    draws = state.draws
    static_places = environment.places
    group_ids = environment.group_id
    cohort_sizes = environment.cohort
    for i in range(static_places.size):
        here = places[i]
        static = static_places[i]
        here.joined = 0
        seen = here.crowd / static.population
        here.street = seen / (seen + p.street_half)
        signal = (
            p.street_weight * here.street
            + p.ties_weight * here.ties_news
            + p.media_weight * here.media_news
        )
        pull = p.spark_rate * here.spark + p.call_rate * gate(
            signal, here.threshold, p.gate_steepness
        )
        if pull <= 0.0:
            continue
        feeling = here.anger - here.fear - here.belief - p.weariness * here.weariness
        mood = mood_factor(feeling, p.mood_ceiling)
        out = activity(local_hour(hour, static.clock_offset), p.night_level)
        hazard = pull * mood * out
        uniforms(draws, key, _DRAW, static.place_id, group_ids, hour)
        for g in range(draws.size):
            cohort = people[i, g]
            never = int((1.0 - p.willing) * cohort_sizes[i, g])
            n = binomial_hazard(cohort.quiet - never, hazard * cohort.readiness, draws[g])
            cohort.quiet -= n
            cohort.protesting += n
            here.joined += n


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
