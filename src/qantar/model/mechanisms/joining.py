"""Joining: people decide whether to come out, from how many others they expect there.

Everyone has a threshold (Granovetter 1978; Kuran 1989); students in Chile followed once 40 % of
their own network took part (Gonzalez 2020), which is not a share of a place. Thresholds differ
within a place as well as between places, so a place answers gradually: the share that comes out is
a Hill function, with a low exponent, of the number of people known to be out. In the riots of 1830
contagion multiplied the direct effect of local conditions by about three (Aidt, Leon-Ablan and
Satchell 2017; Aidt and Leon-Ablan 2021). Expecting more of others can also lower turnout (Cantoni
et al. 2019).

People decide in the morning for the next assembly, and news of the day changes little before the
next one, so protest grows from day to day. An announced rally counts like news, as far as its
organisers are free and people hear of it. Turnout is a target: the crowd approaches it in the hours
around sunset, and fewer come on working days. These are assumptions of the model. Small gatherings
dissolve unless they reach a critical mass (form: Siegel 2009; DeNardo 1985).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import Field, Mechanism, stream
from qantar.model.state import Action, Environment, State, local_day, local_hour
from qantar.rng import Key, draw_affected, uniforms
from qantar.rng.elementary import exp, log

_RALLY = int(Action.ANNOUNCED_RALLY)
_PRE_EMPTED = int(Action.PRE_EMPTIVE_ARRESTS)
_DRAW = stream("joining")

DECIDED_AT = 9.0
"""Local hour at which people decide whether to go out that day."""

PER_MILLION = 1e6


class Parameters(NamedTuple):
    """Parameters of news, thresholds and turnout."""

    spark_rate: float
    media_weight: float
    ties_weight: float
    street_weight: float
    rally: float
    late_news: float
    gate_steepness: float
    gate_threshold: float
    threshold_spread: float
    willing: float
    most_willing: float
    rural: float
    critical_mass: float
    working_day: float
    pace: float
    assembly_delay: float
    assembly_spread: float
    street_half: float
    weariness: float
    mood_ceiling: float


@compiled
def set_thresholds(
    state: State, environment: Environment, p: Parameters, threshold_score: Numbers
) -> None:
    """Set the threshold of each place from its latent score."""
    for i in range(environment.place_count):
        middle = p.gate_threshold * exp(p.threshold_spread * threshold_score[i])
        state.places.threshold[i] = middle


@inlined
def gate(signal: float, threshold: float, steepness: float) -> float:
    """Return the Hill function of a signal: 0 without a signal, 1/2 at the threshold."""
    hill = 1.0 / (1.0 + exp(steepness * log(threshold / signal)))
    return hill if signal > 0.0 else 0.0


@inlined
def mood_factor(feeling: float, ceiling: float) -> float:
    """Return the factor on turnout for a mood in log units: 1 at 0, bounded by `ceiling`."""
    plain = exp(feeling)
    return ceiling * plain / (ceiling - 1.0 + plain)


@inlined
def share_willing(readiness: float, p: Parameters) -> float:
    """Return the share of a cohort that would come out if everyone was expected there."""
    plain = p.willing * readiness
    return p.most_willing * plain / (p.most_willing + plain)


@compiled
def update_expectations(state: State, environment: Environment, p: Parameters, hour: int) -> None:
    """Set how many people each place expects to be out."""
    places = state.places
    static = environment.places
    for i in range(environment.place_count):
        seen = places.crowd[i] / static.population[i]
        places.street[i] = seen / (seen + p.street_half)
        known = (
            p.media_weight * places.media_news[i]
            + p.ties_weight * places.ties_news[i]
            + p.street_weight * places.remembered[i] * PER_MILLION / static.population[i]
        )
        local = local_hour(hour, static.clock_offset[i])
        if DECIDED_AT <= local < DECIDED_AT + 1.0:
            places.known_at_dawn[i] = known
        called = places.in_force[_RALLY, i] * (1.0 - places.in_force[_PRE_EMPTED, i])
        heard_of = static.news_reach[i] * (1.0 - places.dark[i])
        places.expected[i] = (
            (1.0 - p.late_news) * places.known_at_dawn[i]
            + p.late_news * known
            + p.rally * called * heard_of
        )


@compiled
def set_turnout(state: State, environment: Environment, p: Parameters, hour: int) -> None:
    """Set how many people each place would have out at once today."""
    places = state.places
    static = environment.places
    willing = state.draws.other
    last_day = environment.days_off.size - 1
    for i in range(environment.place_count):
        willing[i] = 0.0
    for g in range(environment.group_count):
        for i in range(environment.place_count):
            share = share_willing(state.people.readiness[g, i], p)
            willing[i] += share * environment.cohort[i, g]
    for i in range(environment.place_count):
        called = gate(places.expected[i], places.threshold[i], p.gate_steepness)
        unprompted = 1.0 - exp(-p.spark_rate * places.spark[i])
        share = 1.0 - (1.0 - called) * (1.0 - unprompted)
        feeling = (
            places.anger[i]
            + places.curiosity[i]
            + places.coordination[i]
            - places.fear[i]
            - places.belief[i]
            - p.weariness * places.weariness[i]
        )
        day = environment.days_off[min(local_day(hour, static.clock_offset[i]) + 1, last_day)]
        free = day + (1.0 - day) * p.working_day
        scattered = static.rural[i] * p.rural + 1.0 - static.rural[i]
        wanted = willing[i] * share * mood_factor(feeling, p.mood_ceiling) * free * scattered
        gathered = wanted * wanted + p.critical_mass * p.critical_mass
        places.turnout[i] = wanted * wanted * wanted / gathered if wanted > 0.0 else 0.0


@compiled
def join(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw who joins the protest this hour."""
    places = state.places
    people = state.people
    static = environment.places
    draws = state.draws
    update_expectations(state, environment, p, hour)
    set_turnout(state, environment, p, hour)
    for i in range(environment.place_count):
        due = places.turnout[i] - places.crowd[i]
        draws.hazard[i] = due if due > 0.0 else 0.0
    at_risk = uniforms(draws, draws.hazard, key, _DRAW, static.place_id, hour)
    for k in range(at_risk):
        i = draws.place[k]
        able = 0.0
        for g in range(environment.group_count):
            able += share_willing(people.readiness[g, i], p) * people.quiet[g, i]
        after_sunset = local_hour(hour, static.clock_offset[i]) + 0.5 - static.sunset[i]
        away = (after_sunset - p.assembly_delay) / p.assembly_spread
        pace = p.pace * exp(-0.5 * away * away)
        draws.other[k] = pace * draws.hazard[i] / able if able > 0.0 else 0.0
    for g in range(environment.group_count):
        for k in range(at_risk):
            readiness = people.readiness[g, draws.place[k]]
            draws.risk[g, k] = draws.other[k] * share_willing(readiness, p)
    for e in range(draw_affected(draws, people.quiet, draws.hazard, at_risk)):
        g, i, n = draws.group[e], draws.at[e], draws.affected[e]
        people.quiet[g, i] -= n
        people.protesting[g, i] += n
        places.joined[i] += n


MECHANISM = Mechanism(
    name="joining",
    title="People come out as they expect others to; thresholds differ within and between places",
    references=(
        "granovetter1978",
        "kuran1989",
        "gonzalez2020",
        "aidt2017",
        "aidt2021",
        "cantoni2019",
        "siegel2009",
        "denardo1985",
    ),
    parameters=Parameters,
    fields=(
        Field(
            "threshold",
            "persons",
            0,
            math.inf,
            1,
            "people out at which half of the willing come",
        ),
        Field("street", "share", 0, 1, 0, "visibility of the local protest"),
        Field("known_at_dawn", "persons", 0, math.inf, 0, "people known to be out, this morning"),
        Field("expected", "persons", 0, math.inf, 0, "people expected to be out"),
        Field("turnout", "persons", 0, math.inf, 0, "people whom the place would have out at once"),
    ),
    begin=set_thresholds,
    hour=join,
)
