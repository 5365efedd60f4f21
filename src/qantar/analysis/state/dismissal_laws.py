"""Rival laws of when judges are dismissed, scored on the published counts.

Every law says how the rate differs between spells, up to one unknown size with a stated prior that
includes zero; the constant rate (null) has none. A count is Poisson. Each count is predicted from
those before it, and the law's score is the sum of the logarithms of what it gave to what came (a
proper score: Gneiting and Raftery 2007). With two counts for Kazakhstan there is one prediction
that can tell laws apart, and the source chose the boundary between them: the scores can speak
against the constant rate, and hardly between the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln, logsumexp

from qantar.analysis.state.event_laws import TOLD_APART
from qantar.base.arrays import Numbers
from qantar.model.months.experience import SEVERAL
from qantar.model.months.institutions import MEMORY
from qantar.packs.country import Country
from qantar.packs.state.courts import Courts
from qantar.packs.years_tables import Trigger, month_number
from qantar.simulate.years.inputs import challenges

_RATE_MEDIAN, _RATE_SD = 10.0, 1.0
_RATES = 161
_SIZES = 161
_WIDTH = 4.0


@dataclass(frozen=True)
class Spell:
    """A counted spell.

    Attributes
    ----------
    first, months : int
        First month, from January of the year 0, and length.
    judges : float
    challenged : float
        Share of its months within a year after a large wave.
    """

    first: int
    months: int
    judges: float
    challenged: float


@dataclass(frozen=True)
class LawScore:
    """Score of a law.

    Attributes
    ----------
    law : str
    log_score : float
        Sum over the counts.
    last : float
        That of the last count, given those before.
    size : float
        Posterior mean of the law's size, in log units; 0 for the constant rate.
    """

    law: str
    log_score: float
    last: float
    size: float


SIZES = {"constant": 0.0, "step": 0.7, "trend": 0.15, "after a challenge": 0.7}
"""Standard deviation of the size of each law around zero: log units, for the trend a year."""


def spells_of(
    courts: Courts, country: Country, triggers: Sequence[Trigger], large: float = SEVERAL
) -> tuple[Spell, ...]:
    """Return the counted spells of a country with the share of each that follows a large wave.

    Parameters
    ----------
    courts : Courts
    country : Country
        For the region of each place.
    triggers : sequence of Trigger
    large : float
        Regions out that make a wave large.
    """
    waves = [month_number(t.begins) for t in challenges(country, triggers, large)]
    found = []
    for first, months, judges in courts.pieces("dismissed"):
        after = [any(0 < m - w <= MEMORY for w in waves) for m in range(first, first + months)]
        found.append(Spell(first, months, judges, sum(after) / months))
    return tuple(found)


def score_laws(spells: Sequence[Spell], together: float = 1.0) -> tuple[LawScore, ...]:
    """Return the score of every law, the best first; empty without spells.

    Parameters
    ----------
    spells : sequence of Spell
    together : float
        How many judges go at a time: affairs are then what is counted and scored.
    """
    if not spells:
        return ()
    affairs = [replace(spell, judges=spell.judges / together) for spell in spells]
    scores = [_score(law, affairs) for law in SIZES]
    return tuple(sorted(scores, key=lambda each: -each.log_score))


def _score(law: str, spells: Sequence[Spell]) -> LawScore:
    """Return the score of a law by sums over a grid of rates and sizes."""
    z = np.linspace(-_WIDTH, _WIDTH, _RATES)
    log_rate = math.log(_RATE_MEDIAN) + _RATE_SD * z
    sizes = SIZES[law] * np.linspace(-_WIDTH, _WIDTH, _SIZES if SIZES[law] else 1)
    weight = -0.5 * z[:, None] ** 2 + np.zeros(len(sizes))
    if SIZES[law]:
        weight = weight - 0.5 * (sizes / SIZES[law])[None, :] ** 2
    weight = weight - logsumexp(weight)
    gained = []
    for spell, lift in zip(spells, _lifts(law, spells), strict=True):
        mean = log_rate[:, None] + _log_exposure(law, spell, lift, sizes)[None, :]
        weight = weight + spell.judges * mean - np.exp(mean) - gammaln(spell.judges + 1.0)
        gained.append(float(logsumexp(weight)))
        weight = weight - gained[-1]
    size = float(np.sum(np.exp(weight) * sizes[None, :])) if SIZES[law] else 0.0
    return LawScore(law, sum(gained), gained[-1], size)


def _lifts(law: str, spells: Sequence[Spell]) -> list[float]:
    """Return how far each spell stands from the first by a law, before its size."""
    if law == "step":
        return [float(k == len(spells) - 1 and k > 0) for k in range(len(spells))]
    if law == "trend":
        middles = [s.first + s.months / 2 for s in spells]
        return [(m - middles[0]) / 12 for m in middles]
    if law == "after a challenge":
        return [s.challenged for s in spells]
    return [0.0] * len(spells)


def _log_exposure(law: str, spell: Spell, lift: float, sizes: Numbers) -> Numbers:
    """Return the logarithm of the years that a spell is worth, for each size of the law."""
    years = math.log(spell.months / 12)
    if law == "after a challenge":
        worth: Numbers = years + np.log1p(lift * np.expm1(sizes))
        return worth
    return years + lift * sizes


def growth_ratio(spells: Sequence[Spell]) -> float:
    """Return the rate of the last spell over that of the one before; NaN without two."""
    if len(spells) < 2 or spells[-2].judges <= 0:
        return math.nan
    before, last = spells[-2], spells[-1]
    return (last.judges / last.months) / (before.judges / before.months)


def chance_of_last(spells: Sequence[Spell]) -> float:
    """Return the chance of at least the last count at a constant rate, given all and their sum.

    Each judge of the sum falls into the last spell with the share of its months.
    """
    total = round(sum(s.judges for s in spells))
    share = spells[-1].months / sum(s.months for s in spells)
    last = round(spells[-1].judges)
    terms = [
        math.lgamma(total + 1)
        - math.lgamma(k + 1)
        - math.lgamma(total - k + 1)
        + k * math.log(share)
        + (total - k) * math.log1p(-share)
        for k in range(last, total + 1)
    ]
    return float(np.exp(logsumexp(terms)))


def verdict_on(scores: Sequence[LawScore], counts: int) -> str:
    """Return in words what the scores tell, with how few counts they rest on."""
    by_law = {each.law: each.log_score for each in scores}
    null = by_law["constant"]
    better = [law for law, score in by_law.items() if score - null >= TOLD_APART]
    best = max(by_law.values())
    close = [law for law, score in by_law.items() if best - score < TOLD_APART]
    against = (
        "cannot tell" if not better else f"speak against a constant rate ({', '.join(better)})"
    )
    between = f"; between {', '.join(close)} nothing can be told" if len(close) > 1 else ""
    return f"{counts} counts {against}{between}"
