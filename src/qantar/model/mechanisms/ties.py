"""Ties: news travels between places through kin and workmates.

Kinship follows distance and size (a gravity law, Davies et al. 2013); ties between workmates follow
the similarity of the workforce (oil towns hear of oil towns). News arrives after an
Erlang-distributed delay, because a single moving average would respond at once. Strong ties spread
risky action (Centola and Macy 2007).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State

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
    kinship = state.kinship
    static_places = environment.places
    log_distance = environment.log_distance
    likeness = environment.likeness
    for i in range(static_places.size):
        total = 0.0
        for j in range(static_places.size):
            if j != i:
                pull = math.exp(
                    p.size_pull * math.log(static_places[j].population)
                    - p.distance_decay * log_distance[i, j]
                )
                kinship[i, j] = pull
                total += pull
        for j in range(static_places.size):
            kin = 0.0
            if j != i and total > 0.0:
                kin = kinship[i, j] / total
            work = likeness[i, j]
            kinship[i, j] = (1.0 - p.work_share) * kin + p.work_share * work


@compiled
def spread_news(state: State, environment: Environment, p: Parameters) -> None:
    """Advance news of every crowd by one hour along the ties."""
    places = state.places
    in_force = state.in_force
    talk = state.talk
    kinship = state.kinship
    static_places = environment.places
    share = min(3.0 / p.delay, 1.0)
    for j in range(static_places.size):
        crowd = places[j].crowd
        talk[j] = crowd / (crowd + p.newsworthy)
    for i in range(static_places.size):
        here = places[i]
        news = _weighted_sum(kinship[i], talk)
        news *= 1.0 - p.by_phone * in_force[_SHUTDOWN, i]
        here.ties_news += share * (here.ties_2 - here.ties_news)
        here.ties_2 += share * (here.ties_1 - here.ties_2)
        here.ties_1 += share * (news - here.ties_1)


@compiled
def _weighted_sum(weights: Numbers, talk: Numbers) -> float:
    """Return the weighted sum of `talk`, with four accumulators for speed."""
    a = b = c = d = 0.0
    whole = talk.size - talk.size % 4
    for j in range(0, whole, 4):
        a += weights[j] * talk[j]
        b += weights[j + 1] * talk[j + 1]
        c += weights[j + 2] * talk[j + 2]
        d += weights[j + 3] * talk[j + 3]
    for j in range(whole, talk.size):
        a += weights[j] * talk[j]
    return (a + b) + (c + d)


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
