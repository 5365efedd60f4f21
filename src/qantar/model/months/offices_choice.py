"""Who fills a vacant post: the weights of the choice, and draws from outside.

See `qantar.model.months.offices` for the law and what of it is assumed.
"""

from __future__ import annotations

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled, inlined
from qantar.model.months.offices_data import (
    ABILITY,
    CHOICE,
    FACTION,
    KIN,
    OPEN_KIN,
    ORIGIN,
    OUTSIDER,
    REGIONAL,
    SERIAL,
    UNKNOWN,
    VACANT,
    OfficesGiven,
    OfficesState,
    Parameters,
)
from qantar.rng import Key, normal, uniform
from qantar.rng.elementary import exp


@compiled
def choose(
    given: OfficesGiven,
    own: OfficesState,
    p: Parameters,
    key: Key,
    month: int,
    challenged: float,
    post: int,
    from_inside: bool,
) -> int:
    """Fill a post; return the post that its holder leaves, or -1 if from outside.

    The holder's weight is a product: of kin, faction and part of the country shared with the top,
    the region of the post, competence, and a lower post held now. A person from outside has the
    mean weight of such people, times how many are considered. Without a choice from inside the
    post is given to one who holds it already, appointed whatever holds from now on.
    """
    posts, factions = given.rank.shape[0], given.faction_share.shape[0]
    kin, loyalty = exp(p.kin), exp(p.loyalty - p.co_optation * challenged)
    if from_inside and p.elected > 0.0 and given.post_kind[post] == REGIONAL:
        kin, loyalty = 1.0, 1.0
    kin_at_top = own.kin[given.top]
    if kin_at_top == UNKNOWN:
        kin_at_top = OPEN_KIN + own.since[given.top]
    by_faction = own.value[posts : posts + factions]
    by_faction[:] = given.faction_share
    if own.faction[given.top] != UNKNOWN:
        by_faction[own.faction[given.top]] *= loyalty
    by_origin = own.value[posts + factions :]
    _weigh_origins(given, own, p, post, by_origin)
    related = p.kin_supply * kin
    chosen = VACANT
    if from_inside:
        inside = _weigh_insiders(given, own, p, post, by_origin, kin_at_top, kin, loyalty)
        outside = exp(p.outside + 0.5 * p.competence * p.competence)
        outside *= (1.0 - p.kin_supply + related) * by_faction.sum() * by_origin.sum()
        left = uniform(key, CHOICE, given.post_id[post], 0, month) * (outside + inside) - outside
        if left >= 0.0:
            chosen = drawn(own.value[:posts], left)
    if chosen != VACANT:
        own.holder[post], own.ability[post] = own.holder[chosen], own.ability[chosen]
        own.faction[post], own.kin[post] = own.faction[chosen], own.kin[chosen]
        own.origin[post], own.entered[post] = own.origin[chosen], own.entered[chosen]
    else:
        unit = given.post_id[post]
        own.holder[post] = own.counters[SERIAL]
        own.counters[SERIAL] += 1
        own.entered[post] = month
        own.kin[post] = UNKNOWN
        if uniform(key, OUTSIDER, unit, KIN, month) < related / (1.0 - p.kin_supply + related):
            own.kin[post] = kin_at_top
        u = uniform(key, OUTSIDER, unit, FACTION, month)
        own.faction[post] = drawn(by_faction, u * by_faction.sum())
        u = uniform(key, OUTSIDER, unit, ORIGIN, month)
        own.origin[post] = drawn(by_origin, u * by_origin.sum())
        own.ability[post] = p.competence + normal(key, OUTSIDER, unit, ABILITY, month)
    own.since[post] = month
    return chosen


@inlined
def _weigh_origins(
    given: OfficesGiven, own: OfficesState, p: Parameters, post: int, by_origin: Numbers
) -> None:
    """Set the weights of regions of origin: residents, home of the top, region of the post."""
    home, local, at_home = exp(p.home), exp(p.local), UNKNOWN
    if own.origin[given.top] != UNKNOWN:
        at_home = given.area[own.origin[given.top]]
    for region in range(given.area.shape[0]):
        by_origin[region] = given.population_share[region]
        if given.area[region] == at_home:
            by_origin[region] *= home
        if region == given.post_region[post]:
            by_origin[region] *= local


@inlined
def _weigh_insiders(
    given: OfficesGiven,
    own: OfficesState,
    p: Parameters,
    post: int,
    by_origin: Numbers,
    kin_at_top: int,
    kin: float,
    loyalty: float,
) -> float:
    """Set the weights of the holders of lower posts, and return their sum.

    Those whom the sources name are never moved.
    """
    career, inside, top = exp(p.career), 0.0, own.faction[given.top]
    for other in range(given.rank.shape[0]):
        own.value[other] = 0.0
        if given.rank[other] >= given.rank[post] or own.holder[other] < given.faction.shape[0]:
            continue
        origin = own.origin[other]
        value = career * exp(p.competence * own.ability[other])
        value *= by_origin[origin] / given.population_share[origin]
        if own.kin[other] == kin_at_top:
            value *= kin
        if own.faction[other] == top:
            value *= loyalty
        own.value[other] = value
        inside += value
    return inside


@inlined
def drawn(weights: Numbers, left: float) -> int:
    """Return the position at which weights, summed from the first, exceed a number."""
    last = 0
    for k in range(weights.shape[0]):
        if weights[k] > 0.0:
            last = k
            left -= weights[k]
            if left < 0.0:
                break
    return last
