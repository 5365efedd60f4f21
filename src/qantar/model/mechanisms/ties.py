"""Ties: news travels between places through kin and workmates.

Friends bring people into risky action (McAdam 1986; Opp and Gern 1993; Larson et al. 2019), and
most in Tahrir first heard from people they knew (Tufekci and Wilson 2012). Whether ties carry
protest between towns is contested: in England in 1830 they did and media did not (Aidt, Leon-Ablan
and Satchell 2022), in the sit-ins of 1960 media did and ties did not (Andrews and Biggs 2006).
Behaviour that needs several contacts spreads badly by single long ties (Centola and Macy 2007).

What travels is how many people were out lately, weighted by how much a place hears of each other
place. Near places matter even where media reach all (Bonnasse-Gahot et al. 2018); the gravity law
of kinship is an assumption of the model. Ties between workmates follow the similarity of the
workforce (oil towns hear of oil towns), as events spread between similar ones (Qin, Stroemberg and
Wu 2024). News arrives after an Erlang-distributed delay, because a single moving average would
respond at once.

The ties of all pairs are a matrix, whose cost grows with the square of the number of places. Above
`MOST_PAIRED` places only the strongest ties of a place are kept one by one. To all others it
listens by district, as if each of them had the distance that the ties of the whole district
suggest; no weight is lost. Ties between workmates need no matrix and stay exact.
`qantar.simulate.tie_accuracy` bounds the error.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import DISTRICTS, MOST_PAIRED, Environment, State
from qantar.rng.elementary import exp, log


class Parameters(NamedTuple):
    """Parameters of the ties between places."""

    distance_decay: float
    size_pull: float
    work_share: float
    delay: float
    memory: float
    by_phone: float


@compiled
def set_tie_weights(state: State, environment: Environment, p: Parameters) -> None:
    """Set the weight of every other place in the news that a place hears."""
    if environment.place_count <= MOST_PAIRED:
        _weigh_pairs(state, environment, p)
    else:
        _weigh_sparse_ties(state, environment, p)


@compiled
def _weigh_pairs(state: State, environment: Environment, p: Parameters) -> None:
    """Set the weight of every pair of places."""
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
def _weigh_sparse_ties(state: State, environment: Environment, p: Parameters) -> None:
    """Set the weight of the strongest ties of a place and of the districts of all others."""
    ties = state.ties
    count = environment.place_count
    for j in range(count):
        ties.pull[j] = exp(p.size_pull * log(environment.places.population[j]))
    total = ties.talk  # a buffer here: `spread_news` sets it before it is used
    _weigh_districts(state, environment, p.distance_decay)
    _weigh_one_by_one(state, environment, p.distance_decay)
    for i in range(count):
        total[i] = (1.0 - p.work_share) / total[i]
        ties.own[i] *= total[i]
    for d in range(DISTRICTS):
        for i in range(count):
            ties.by_district[d, i] *= total[i]
    for tie in range(environment.sparse_ties.first[count]):
        ties.one_by_one[tie] *= total[environment.sparse_ties.hearer[tie]]


@compiled
def _weigh_districts(state: State, environment: Environment, decay: float) -> None:
    """Set the weights of districts, and begin the total of the ties of every place.

    The distances of a district are taken as lognormal, which gives the mean of their powers.
    """
    ties = state.ties
    sparse = environment.sparse_ties
    count = environment.place_count
    ties.district_pull[:] = 0.0
    ties.talk[:] = 0.0
    for j in range(count):
        ties.district_pull[sparse.district[j]] += ties.pull[j]
    for d in range(DISTRICTS):
        for i in range(count):
            mean, variance = sparse.mean_log_distance[d, i], sparse.log_distance_variance[d, i]
            ties.by_district[d, i] = exp(0.5 * decay * decay * variance - decay * mean)
            ties.talk[i] += ties.by_district[d, i] * ties.district_pull[d]


@compiled
def _weigh_one_by_one(state: State, environment: Environment, decay: float) -> None:
    """Set the weights of the strongest ties, less what their districts count for them already."""
    ties = state.ties
    sparse = environment.sparse_ties
    for j in range(environment.place_count):
        d = sparse.district[j]
        for tie in range(sparse.first[j], sparse.first[j + 1]):
            i = sparse.hearer[tie]
            nearness = exp(-decay * sparse.log_distance[tie])
            ties.one_by_one[tie] = ties.pull[j] * (nearness - ties.by_district[d, i])
            ties.talk[i] += ties.one_by_one[tie]
        ties.own[j] = -ties.pull[j] * ties.by_district[d, j]
        ties.talk[j] += ties.own[j]


@compiled
def spread_news(state: State, environment: Environment, p: Parameters) -> None:
    """Advance news of every crowd by one hour along the ties."""
    places = state.places
    ties = state.ties
    share = min(3.0 / p.delay, 1.0)
    remember(state, environment, p)
    for j in range(environment.place_count):
        ties.talk[j] = places.remembered[j]
    if environment.place_count <= MOST_PAIRED:
        _gather_news(state, environment.place_count)
    else:
        _gather_sparse_news(state, environment, p.work_share)
    heard = ties.heard
    for i in range(environment.place_count):
        news = (heard[0, i] + heard[1, i]) + (heard[2, i] + heard[3, i])
        news *= 1.0 - p.by_phone * places.cut_off[i]
        places.ties_news[i] += share * (places.ties_2[i] - places.ties_news[i])
        places.ties_2[i] += share * (places.ties_1[i] - places.ties_2[i])
        places.ties_1[i] += share * (news - places.ties_1[i])


@compiled
def remember(state: State, environment: Environment, p: Parameters) -> None:
    """Update how many people a place is remembered to have had out; news of a crowd outlasts it."""
    places = state.places
    kept = exp(-1.0 / p.memory)
    for i in range(environment.place_count):
        places.remembered[i] = max(places.crowd[i], kept * places.remembered[i])


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


@compiled
def _gather_sparse_news(state: State, environment: Environment, work_share: float) -> None:
    """Sum the news that every place hears by district, from its strongest ties and at work."""
    ties = state.ties
    sparse = environment.sparse_ties
    count = environment.place_count
    talk, heard, news = ties.talk, ties.heard[0], ties.district_pull
    ties.heard[:] = 0.0
    news[:] = 0.0
    for j in range(count):
        news[sparse.district[j]] += ties.pull[j] * talk[j]
    for d in range(DISTRICTS):
        if news[d] > 0.0:
            for i in range(count):
                heard[i] += ties.by_district[d, i] * news[d]
    for j in range(count):
        if talk[j] > 0.0:
            for tie in range(sparse.first[j], sparse.first[j + 1]):
                heard[sparse.hearer[tie]] += ties.one_by_one[tie] * talk[j]
    _add_news_of_workmates(state, environment, work_share)
    for i in range(count):
        heard[i] = max(heard[i] + ties.own[i] * talk[i], 0.0)


@compiled
def _add_news_of_workmates(state: State, environment: Environment, work_share: float) -> None:
    """Add the news from workmates in other places."""
    sparse = environment.sparse_ties
    talk, heard = state.ties.talk, state.ties.heard[0]
    for g in range(environment.group_count):
        news = 0.0
        for j in range(environment.place_count):
            news += sparse.workmates[g, j] * talk[j]
        if news > 0.0:
            for i in range(environment.place_count):
                others = news - sparse.workmates[g, i] * talk[i]
                heard[i] += work_share * sparse.hears_workmates[g, i] * others


MECHANISM = Mechanism(
    name="ties",
    title="Kin and workmates pass on the news from place to place",
    references=(
        "mcadam1986",
        "opp1993",
        "larson2019",
        "tufekci2012",
        "aidt2022",
        "andrews2006",
        "centola2007",
        "bonnasse2018",
        "qin2024",
    ),
    parameters=Parameters,
    fields=(
        Field("remembered", "persons", 0, math.inf, 0, "people in the street lately"),
        Field("ties_1", "persons", 0, math.inf, 0, "first stage of news from kin and workmates"),
        Field("ties_2", "persons", 0, math.inf, 0, "second stage of news from kin and workmates"),
        Field(
            "ties_news",
            "persons",
            0,
            math.inf,
            0,
            "people out elsewhere, known from kin and workmates",
        ),
    ),
    terms={"ties_news": Mediator.NEWS},
    begin=set_tie_weights,
    hour=spread_news,
    off=remember,
)
