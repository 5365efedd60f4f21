"""What may become of promises: shares enacted and reversed, and a board of all promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qantar.analysis.after.promise_scores import LawScore, all_scores, verdicts_of
from qantar.analysis.after.promise_study import (
    DRAFT,
    ENACT,
    REVERSE,
    SILENT,
    TOLD,
    PromiseStudy,
    likelihood,
    told_fates,
)
from qantar.base.arrays import Numbers
from qantar.model.after.promises import LAWS, NEVER, follow_promise, reversal_rate
from qantar.packs.after.promises import STEPS, Promise
from qantar.packs.years_tables import month_number

ALL = "all laws"
ENACTED, REVERSED = "share of the points enacted", "share of the points reversed"

LEVELS = (0.05, 0.95)


class Range(NamedTuple):
    """Mean and 90 % range of draws."""

    mean: float
    low: float
    high: float


class Prediction(NamedTuple):
    """A prediction, with the answer of the prior beside it.

    Attributes
    ----------
    quantity, law : str
    by : str
        The month at whose end it holds.
    prior : Range
        Without any fate.
    told : Range
        With the told fates, and draws weighted by them; no fate is taken from silence.
    left_out : tuple of float
        Lowest and highest mean if one told decision is left out of the weights.
    silent : Range
        As `told`, with silence read as "not enacted by the last month of the sources".
    """

    quantity: str
    law: str
    by: str
    prior: Range
    told: Range
    left_out: tuple[float, float]
    silent: Range


@dataclass(frozen=True)
class BoardRow:
    """A promise on the board.

    Attributes
    ----------
    promise : Promise
    status : str
        The last told step, or ``not kept``.
    prior, given : tuple of float
        Chance to be enacted by the end of each year of the board, over all laws: from the prior,
        and given the fates of all other decisions; if it is told as not kept, given that as well.
    """

    promise: Promise
    status: str
    prior: tuple[float, ...]
    given: tuple[float, ...]


@dataclass(frozen=True)
class Board:
    """All promises, with what was told and what is modelled."""

    rows: tuple[BoardRow, ...]
    years: tuple[int, ...]
    told_until: str
    scored: int
    decisions: int
    verdicts: dict[str, str]
    scores: tuple[LawScore, ...]


def _steps(study: PromiseStudy, law: str, row: Promise, mode: str) -> tuple[Numbers, Numbers]:
    """Return the months in which a promise is enacted and reversed, by draw; inf for never."""
    first = month_number(row.promised or "")
    cost = study.drawn_cost(row)
    luck = study.luck(row.promise, DRAFT, ENACT, REVERSE)
    undoing = reversal_rate(study.numbers, law, cost)
    told = row.month("enacted") if mode else None
    if told is not None:
        enacted = np.full(study.draws, float(told))
    elif mode == SILENT or (mode and row.open_until):
        enacted = _later(study, law, cost, first, row.month("open_until"), luck[:, ENACT])
    else:
        rates = study.rates(law, cost, first, study.ends)
        found = follow_promise(*rates, undoing, luck).enacted
        enacted = np.where(found < NEVER, first + np.minimum(found, 10**6), np.inf)
    known = row.month("reversed") if mode else None
    if known is not None:
        return enacted, np.full(study.draws, float(known))
    return enacted, enacted + np.ceil(-np.log(luck[:, REVERSE]) / undoing)


def _later(
    study: PromiseStudy, law: str, cost: Numbers, first: int, held: int | None, luck: Numbers
) -> Numbers:
    """Return the month of enactment given that it did not come by the last told month."""
    until = study.told_until if held is None else held
    chance = study.chance(law, cost, first, study.ends)
    reached = _rest(chance, until - first) >= luck[:, None]
    return np.where(reached.any(axis=1), first + reached.argmax(axis=1), np.inf)


def _rest(chance: Numbers, until: int) -> Numbers:
    """Return chances given that it did not come by a month after the promise."""
    before = chance[:, max(until, 0)][:, None] if until >= 0 else np.zeros((len(chance), 1))
    rest: Numbers = np.clip((chance - before) / np.maximum(1.0 - before, 1e-12), 0.0, 1.0)
    return rest


Months = dict[str, tuple[Numbers, Numbers]]
"""Months in which each point was enacted and reversed in each draw, by law: (points, draws)."""


def _months(study: PromiseStudy, mode: str) -> Months:
    """Return when the points are enacted and reversed, by law."""
    found = {}
    for law in LAWS:
        steps = [_steps(study, law, row, mode) for row in study.promises.points]
        found[law] = (np.array([each[0] for each in steps]), np.array([each[1] for each in steps]))
    return found


def _range(values: Numbers, weights: Numbers) -> Range:
    """Return the weighted mean and 90 % range."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    low, high = (
        values[order][min(int(np.searchsorted(total, q * total[-1])), len(values) - 1)]
        for q in LEVELS
    )
    return Range(float(weights @ values / total[-1]), float(low), float(high))


def predict(study: PromiseStudy) -> list[Prediction]:
    """Return the shares of the points enacted and reversed at the end of each year, by law.

    The last rows are over all laws: equal weights before, and weights by log evidence afterwards.
    """
    modes = ("", TOLD, SILENT)
    months = {mode: _months(study, mode) for mode in modes}
    fates = {mode: told_fates(study, mode) for mode in modes[1:]}
    likely = {
        mode: {law: likelihood(study, law, fates[mode]) for law in LAWS} if mode else {}
        for mode in modes
    }
    found = []
    for which, quantity in enumerate((ENACTED, REVERSED)):
        for laws in (*((law,) for law in LAWS), LAWS):
            for year in study.years:
                end = month_number(f"{year}-12")
                values = {
                    mode: {law: (months[mode][law][which] <= end).mean(axis=0) for law in laws}
                    for mode in modes
                }
                found.append(_prediction(quantity, f"{year}-12", values, likely))
    return found


def _prediction(
    quantity: str,
    by: str,
    values: dict[str, dict[str, Numbers]],
    likely: dict[str, dict[str, Numbers]],
) -> Prediction:
    """Return one row: the prior, the told fates, each of them left out, and silence as a no."""
    laws = tuple(values[TOLD])
    ranges = {mode: _pooled(values[mode], likely[mode]) for mode in values}
    count = likely[TOLD][laws[0]].shape[1]
    means = [
        _pooled(values[TOLD], {law: np.delete(likely[TOLD][law], k, axis=1) for law in laws}).mean
        for k in range(count)
    ] or [ranges[TOLD].mean]
    name = laws[0] if len(laws) == 1 else ALL
    spread = (min(means), max(means))
    return Prediction(quantity, name, by, ranges[""], ranges[TOLD], spread, ranges[SILENT])


def _pooled(values: dict[str, Numbers], likely: dict[str, Numbers]) -> Range:
    """Return mean and range over laws and draws, each by the chance it gives to the fates."""
    weights = [likely[law].prod(axis=1) if likely else np.ones(len(values[law])) for law in values]
    return _range(np.concatenate(list(values.values())), np.concatenate(weights))


def make_board(study: PromiseStudy) -> Board:
    """Return the board of all promises, in the order of the file."""
    fates = told_fates(study)
    likely = {law: likelihood(study, law, fates) for law in LAWS}
    names = [fate.decision for fate in fates]
    rows = [
        _board_row(study, row, likely, names.index(row.decision) if row.told else None)
        for row in study.promises.rows
    ]
    scored = sum(len(fate.rows) for fate in fates)
    scores = all_scores(study)
    until = study.promises.header.told_until
    return Board(
        tuple(rows), study.years, until, scored, len(fates), verdicts_of(scores), tuple(scores)
    )


def _board_row(
    study: PromiseStudy, row: Promise, likely: dict[str, Numbers], own: int | None
) -> BoardRow:
    """Return the row of a promise; its own fate says nothing about its chance if it was kept."""
    first = month_number(row.promised or "")
    at = [max(month_number(f"{year}-12") - first, 0) for year in study.years]
    held = row.month("open_until")
    last = max(first + max(at), held or first)
    prior, given, total = np.zeros(len(study.years)), np.zeros(len(study.years)), 0.0
    for law in LAWS:
        chance = study.chance(law, study.drawn_cost(row), first, last)
        prior += chance[:, at].mean(axis=0) / len(LAWS)
        kept = likely[law]
        if held is None and own is not None:
            kept = np.delete(kept, own, axis=1)
        if held is not None:
            chance = _rest(chance, held - first)
        weight = kept.prod(axis=1) / study.draws
        given += weight @ chance[:, at]
        total += float(weight.sum())
    return BoardRow(row, _status(row), tuple(prior.tolist()), tuple((given / total).tolist()))


def _status(row: Promise) -> str:
    """Return the last told step of a promise."""
    if row.open_until:
        return "not kept"
    return [step for step in STEPS if getattr(row, step)][-1]
