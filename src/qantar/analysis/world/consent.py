"""One rule of consent, conditioned on the decisions of the alliance, and judged by leave-one-out.

Draws from the prior are weighted by the probability that they give to the decisions (importance
sampling). Decisions are read in two ways: ``asked`` takes every crisis as a request that was met or
refused; ``told`` counts a request only where a source tells one, and takes the others as crises
without troops, asked or not. Each reading runs with priors whose means follow the sources and with
open signs, whose means are zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from qantar.analysis.world.alliance_draws import (
    draw_numbers,
    effective_draws,
    weighted_mean,
    weighted_range,
)
from qantar.base.arrays import Numbers
from qantar.model.world import asking, consent
from qantar.packs.world.alliance_tables import FEATURES, Request

Reading = Literal["asked", "told"]
TIE = 0.02
"""Within so much of one half a probability takes no side; it exceeds the error of sampling."""

READINGS: tuple[Reading, ...] = ("asked", "told")


@dataclass(frozen=True)
class ConsentRow:
    """A crisis, and the probability that troops are sent if they are asked for.

    Attributes
    ----------
    request : Request
    asking : float
        Prior probability that the alliance is asked.
    prior, posterior : float
        Before and after the decisions that are fitted.
    left_out : float
        After the other ones only; the same as `posterior` where the crisis is held out anyway.
    low, high : float
        90 % of draws, its own decision left out.
    """

    request: Request
    asking: float
    prior: float
    posterior: float
    left_out: float
    low: float
    high: float

    @property
    def troops(self) -> float:
        """Probability of troops by leave-one-out, with that of asking where nobody tells it."""
        return self.left_out * (1.0 if self.request.asked == "yes" else self.asking)

    @property
    def right(self) -> bool:
        """Whether leave-one-out falls clearly on the side of the decision.

        A decision that is fitted counts as a request; one that is held out need not be one.
        """
        chance = self.left_out if self.fitted else self.troops
        return chance > 0.5 + TIE if self.request.sent else chance < 0.5 - TIE

    @property
    def fitted(self) -> bool:
        """Whether the rule is conditioned on the decision."""
        return self.request.use == "fit"


@dataclass(frozen=True)
class WeightRow:
    """A weight of the rule, in log odds, before and after the fitted decisions.

    Attributes
    ----------
    name : str
    prior, posterior : float
        Means.
    low, high : float
        90 % of posterior draws.
    above_prior, above : float
        Probability that it is above zero.
    """

    name: str
    prior: float
    posterior: float
    low: float
    high: float
    above_prior: float
    above: float


@dataclass(frozen=True)
class ConsentStudy:
    """The rule of consent under one reading of the decisions and one set of priors.

    Attributes
    ----------
    reading : {"asked", "told"}
    open_signs : bool
    rows : tuple of ConsentRow
        In the order of the file, fitted or held out.
    weights : tuple of WeightRow
    all_prior, all_posterior : float
        Share of draws that have every fitted decision on the right side of one half.
    log_score, log_score_rate : float
        Sum of log probabilities of the fitted decisions by leave-one-out: of the rule, and of one
        rate for all crises (Jeffreys' prior).
    effective : float
        Effective number of draws after weighting.
    """

    reading: Reading
    open_signs: bool
    rows: tuple[ConsentRow, ...]
    weights: tuple[WeightRow, ...]
    all_prior: float
    all_posterior: float
    log_score: float
    log_score_rate: float
    effective: float

    @property
    def fitted(self) -> tuple[ConsentRow, ...]:
        """Rows whose decisions condition the rule."""
        return tuple(row for row in self.rows if row.fitted)

    @property
    def right(self) -> int:
        """Fitted decisions on the right side by leave-one-out."""
        return sum(row.right for row in self.fitted)

    @property
    def right_by_refusal(self) -> int:
        """Fitted decisions that a rule which always refuses has right."""
        return sum(not row.request.sent for row in self.fitted)


def features_of(request: Request) -> consent.Features:
    """Return the declared features of a crisis."""
    return consent.Features(*(getattr(request, name) for name in FEATURES))


def study_consent(
    requests: tuple[Request, ...],
    seed: int,
    draws: int,
    reading: Reading = "asked",
    *,
    open_signs: bool = False,
) -> ConsentStudy:
    """Condition the rule of consent on the fitted decisions.

    Parameters
    ----------
    requests : tuple of Request
    seed, draws : int
    reading : {"asked", "told"}
    open_signs : bool
        Whether the means of the priors of all weights are zero.
    """
    weights, asks = _drawn(seed, draws, open_signs)
    chances = np.array([consent.chance_of_consent(weights, features_of(each)) for each in requests])
    asked = np.array(
        [asking.chance_of_asking(asks, each.overwhelmed, each.incumbent) for each in requests]
    )
    logs = np.array(
        [_log_chance(each, c, a, reading) for each, c, a in zip(requests, chances, asked,
                                                               strict=True)]
    )  # fmt: skip
    fits = np.array([each.use == "fit" for each in requests])
    total = logs[fits].sum(axis=0)
    rows = []
    for k, request in enumerate(requests):
        without = _weights(total - logs[k] if fits[k] else total)
        low, high = weighted_range(chances[k], without)
        rows.append(
            ConsentRow(
                request,
                asking=float(asked[k].mean()),
                prior=float(chances[k].mean()),
                posterior=weighted_mean(chances[k], _weights(total)),
                left_out=weighted_mean(chances[k], without),
                low=low,
                high=high,
            )
        )
    sent = np.array([each.sent for each in requests])
    agree = ((chances > 0.5) == sent[:, None])[fits].all(axis=0)
    return ConsentStudy(
        reading,
        open_signs,
        tuple(rows),
        tuple(
            _weight_row(name, values, _weights(total))
            for name, values in zip(consent.Parameters._fields, weights, strict=True)
        ),
        all_prior=float(agree.mean()),
        all_posterior=weighted_mean(agree.astype(float), _weights(total)),
        log_score=sum(_log(row.left_out, row.request.sent) for row in rows if row.fitted),
        log_score_rate=rate_score(sent[fits]),
        effective=effective_draws(_weights(total)),
    )


def _weight_row(name: str, values: Numbers, weights: Numbers) -> WeightRow:
    low, high = weighted_range(values, weights)
    above = (values > 0).astype(float)
    return WeightRow(
        name,
        float(values.mean()),
        weighted_mean(values, weights),
        low,
        high,
        float(above.mean()),
        weighted_mean(above, weights),
    )


def range_over_codings(
    requests: tuple[Request, ...], crisis: str, seed: int, draws: int
) -> tuple[float, float, int]:
    """Return how far leave-one-out of a crisis moves when one coded feature is changed.

    Every feature of every fitted crisis is set to 0, 0.5 and 1, one cell at a time.

    Returns
    -------
    tuple
        Lowest and highest probability by leave-one-out, and the number of codings.
    """
    found = []
    for k, request in enumerate(requests):
        for name in FEATURES if request.use == "fit" else ():
            for value in (0.0, 0.5, 1.0):
                if value != getattr(request, name):
                    changed = request.model_copy(update={name: value})
                    coded = (*requests[:k], changed, *requests[k + 1 :])
                    rows = study_consent(coded, seed, draws).rows
                    found.append(next(r.left_out for r in rows if r.request.crisis == crisis))
    return min(found), max(found), len(found)


@lru_cache(maxsize=4)
def _drawn(seed: int, draws: int, open_signs: bool) -> tuple[consent.Parameters, asking.Parameters]:
    """Return draws of both rules; the same ones serve every reading and every coding."""
    return (
        draw_numbers(consent.Parameters, "consent", seed, draws, open_signs=open_signs),
        draw_numbers(asking.Parameters, "asking", seed, draws, open_signs=open_signs),
    )


def rate_score(sent: Numbers) -> float:
    """Return the log score by leave-one-out of one rate for all: bool array (decisions,)."""
    others, yes = len(sent) - 1, int(np.sum(sent))
    return sum(_log((yes - bool(one) + 0.5) / (others + 1.0), bool(one)) for one in sent)


def _log_chance(request: Request, chance: Numbers, asked: Numbers, reading: Reading) -> Numbers:
    """Return the log probability of a decision: float array (draws,)."""
    if reading == "asked":
        likely = chance if request.sent else 1.0 - chance
    elif request.asked == "yes":
        likely = asked * (chance if request.sent else 1.0 - chance)
    else:
        likely = 1.0 - asked * (0.0 if request.asked == "no" else chance)
    result: Numbers = np.log(np.maximum(likely, 1e-300))
    return result


def _weights(logs: Numbers) -> Numbers:
    result: Numbers = np.exp(logs - logs.max())
    return result


def _log(chance: float, sent: bool) -> float:
    return float(np.log(chance if sent else 1.0 - chance))
