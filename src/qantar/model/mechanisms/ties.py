"""Ties: news travels between places through kin and workmates.

Kinship follows distance and size (a gravity law, Davies et al. 2013); ties between workmates follow
the similarity of the workforce (oil towns hear of oil towns). News arrives after an
Erlang-distributed delay, because a single moving average would respond at once. Strong ties spread
risky action (Centola and Macy 2007).
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State
from qantar.rng.elementary import exp, log

_SHUTDOWN = int(Action.SHUTDOWN)


class Parameters(NamedTuple):
    """Parameters of the ties between places."""

    distance_decay: float
    size_pull: float
    work_share: float
    delay: float
    newsworthy: float
    by_phone: float


@compiled
def set_tie_weights(state: State, environment: Environment, p: Parameters) -> None:
    """Set the weight of every other place in the news that a place hears."""
    ties = state.ties
    kinship = ties.kinship
    log_distance = environment.log_distance
    likeness = environment.likeness
    count = environment.place_count
    size = ties.talk  # a buffer here: `spread_news` sets it before it is used
    for j in range(count):
        size[j] = p.size_pull * log(environment.places.population[j])
    for i in range(count):
        for j in range(count):
            kinship[i, j] = exp(size[j] - p.distance_decay * log_distance[i, j])
        kinship[i, i] = 0.0
        total = 0.0
        for j in range(count):
            total += kinship[i, j]
        for j in range(count):
            kin = kinship[i, j] / total if total > 0.0 else 0.0
            kinship[i, j] = (1.0 - p.work_share) * kin + p.work_share * likeness[i, j]
    # One row for each place that is talked about: the news of many hearers is summed side by side.
    for i in range(count):
        for j in range(i):
            kinship[i, j], kinship[j, i] = kinship[j, i], kinship[i, j]


@compiled
def spread_news(state: State, environment: Environment, p: Parameters) -> None:
    """Advance news of every crowd by one hour along the ties."""
    places = state.places
    ties = state.ties
    share = min(3.0 / p.delay, 1.0)
    for j in range(environment.place_count):
        crowd = places.crowd[j]
        ties.talk[j] = crowd / (crowd + p.newsworthy)
    _gather_news(state, environment.place_count)
    heard = ties.heard
    for i in range(environment.place_count):
        news = (heard[0, i] + heard[1, i]) + (heard[2, i] + heard[3, i])
        news *= 1.0 - p.by_phone * places.in_force[_SHUTDOWN, i]
        places.ties_news[i] += share * (places.ties_2[i] - places.ties_news[i])
        places.ties_2[i] += share * (places.ties_1[i] - places.ties_2[i])
        places.ties_1[i] += share * (news - places.ties_1[i])


@compiled
def _gather_news(state: State, count: int) -> None:
    """Sum the news that every place hears, in four partial sums.

    The order of a sum determines its last bits. This one is that of earlier versions.
    """
    ties = state.ties
    for k in range(4):
        for i in range(count):
            ties.heard[k, i] = 0.0
    whole = count - count % 4
    for j in range(count):
        talk = ties.talk[j]
        if talk > 0.0:
            k = j % 4 if j < whole else 0
            for i in range(count):
                ties.heard[k, i] += ties.kinship[j, i] * talk


MECHANISM = Mechanism(
    name="ties",
    title="Kin and workmates pass on the news from place to place",
    references=("davies2013", "centola2007", "siegel2009"),
    parameters=Parameters,
    fields=(
        Field("ties_1", "share", 0, 1, 0, "first stage of news from kin and workmates"),
        Field("ties_2", "share", 0, 1, 0, "second stage of news from kin and workmates"),
        Field(
            "ties_news", "share", 0, 1, 0, "what people know of other places from kin and workmates"
        ),
    ),
    terms={"ties_news": Mediator.NEWS},
    begin=set_tie_weights,
    hour=spread_news,
)
