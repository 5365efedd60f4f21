"""Promises of a pack under the rival laws: chances, weights by told fates, statuses by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from qantar.analysis.after.numbers import DRAWS, drawn
from qantar.base.arrays import Numbers
from qantar.model.after.promises import (
    NAME,
    PromiseNumbers,
    chance_enacted,
    follow_promise,
    recent_waves,
    reversal_rate,
    step_rates,
)
from qantar.packs.after.promises import STEPS, Promise, Promises, load_promises
from qantar.packs.country import Country
from qantar.packs.years import load_years
from qantar.packs.years_tables import FOLDER as YEARS
from qantar.packs.years_tables import month_number
from qantar.rng import key_of, stable_id, uniform
from qantar.simulate.years.inputs import challenges

_STREAM = stable_id("after-promises") % 2**16
DRAFT, ENACT, REVERSE, COST = range(4)
"""What a uniform number of a promise decides."""

TOLD, RECENT, SILENT = "told", "without earlier promises", "silence means not enacted"
READINGS = (TOLD, RECENT, SILENT)
"""What is made of the fates: those told; those of the last promises alone; or all, where a promise
of which nothing is told counts as not enacted by the last month of the sources."""

EARLIER = "earlier"
"""Occasion of promises before those that the part is about."""


class Fate(NamedTuple):
    """What is told of a decision.

    Attributes
    ----------
    decision : str
    rows : tuple of Promise
    enacted : bool
    until : int
        The month by which it was enacted or was not, from January of the year 0.
    """

    decision: str
    rows: tuple[Promise, ...]
    enacted: bool
    until: int

    @property
    def first(self) -> int:
        """The month of the earliest of its promises."""
        return min(month_number(row.promised or "") for row in self.rows)


@dataclass(frozen=True)
class PromiseStudy:
    """Promises, the waves before and after them, and draws of the numbers of the rule."""

    promises: Promises
    waves: tuple[int, ...]
    numbers: PromiseNumbers
    seed: int

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.numbers.cost)

    @cached_property
    def told_until(self) -> int:
        """Last month of which a source tells."""
        return month_number(self.promises.header.told_until)

    @property
    def years(self) -> tuple[int, ...]:
        """The three years after the last told month, at whose ends chances are shown."""
        year = self.told_until // 12
        return (year + 1, year + 2, year + 3)

    @cached_property
    def ends(self) -> int:
        """Last month that is drawn."""
        return month_number(self.promises.header.ends)

    def luck(self, unit: str, *kinds: int) -> Numbers:
        """Return uniform numbers of a promise: float array (draws, kinds)."""
        wanted = (unit, kinds)
        if wanted not in self._luck:
            place = stable_id(unit)
            keys = [key_of(self.seed, k) for k in range(self.draws)]
            self._luck[wanted] = np.array(
                [[uniform(each, _STREAM, place, kind, 0) for kind in kinds] for each in keys]
            )
        return self._luck[wanted]

    @cached_property
    def _luck(self) -> dict[tuple[str, tuple[int, ...]], Numbers]:
        return {}

    def drawn_cost(self, row: Promise) -> Numbers:
        """Return whether a promise costs core powers in each draw; open ones are drawn."""
        if row.core != "open":
            return np.full(self.draws, float(row.core == "yes"))
        return (self.luck(row.promise, COST)[:, 0] < self.numbers.open_cost).astype(float)

    def mean_cost(self, rows: Sequence[Promise]) -> Numbers:
        """Return the mean cost of the promises of a decision; an open one counts by its chance."""
        known = {"yes": np.ones(self.draws), "no": np.zeros(self.draws)}
        costs = [known.get(row.core, self.numbers.open_cost) for row in rows]
        return np.asarray(np.mean(costs, axis=0), np.float64)

    def rates(self, law: str, cost: Numbers, first: int, last: int) -> tuple[Numbers, Numbers]:
        """Return the rates of drafting and enacting from a first to a last month."""
        p = self.numbers
        recent = recent_waves(first, last - first + 1, self.waves, p.pressure_months)
        return step_rates(p, law, cost, recent)

    def chance(self, law: str, cost: Numbers, first: int, last: int) -> Numbers:
        """Return the chance to be enacted by the end of each month: (draws, months)."""
        return chance_enacted(*self.rates(law, cost, first, last))


def make_study(country: Country, draws: int = DRAWS, seed: int = 1) -> PromiseStudy | None:
    """Return the study of the promises of a pack, or None if it has none.

    Parameters
    ----------
    country : Country
    draws : int
    seed : int
        Every number is keyed by it, by a name and by the draw: more draws change none.
    """
    promises = load_promises(country)
    if promises is None:
        return None
    waves: list[int] = []
    if (country.folder / YEARS).exists():
        large = challenges(country, load_years(country).triggers)
        waves = sorted(month_number(trigger.begins) for trigger in large)
    return PromiseStudy(promises, tuple(waves), PromiseNumbers(**drawn(NAME, draws, seed)), seed)


def told_fates(study: PromiseStudy, reading: str = TOLD) -> tuple[Fate, ...]:
    """Return the decisions whose fate counts under a reading, in the order of the file."""
    if reading not in READINGS:
        raise ValueError(f"unknown reading {reading!r}; known are {', '.join(READINGS)}")
    found = []
    for name, rows in study.promises.decisions.items():
        if reading == RECENT and rows[0].occasion == EARLIER:
            continue
        if rows[0].told or reading == SILENT:
            until = rows[0].month("open_until")
            enacted = rows[0].enacted is not None
            found.append(Fate(name, rows, enacted, study.told_until if until is None else until))
    return tuple(found)


def chances_of(study: PromiseStudy, law: str, fates: Sequence[Fate]) -> Numbers:
    """Return the chance that each decision was enacted by its month: (draws, decisions)."""
    columns = [
        study.chance(law, study.mean_cost(fate.rows), fate.first, fate.until)[:, -1]
        for fate in fates
    ]
    return np.column_stack(columns) if columns else np.ones((study.draws, 0))


def likelihood(study: PromiseStudy, law: str, fates: Sequence[Fate]) -> Numbers:
    """Return the chance of what is told of each decision: (draws, decisions)."""
    return likelihood_of(fates, chances_of(study, law, fates))


def likelihood_of(fates: Sequence[Fate], chance: Numbers) -> Numbers:
    """Return the chance of what is told, from the chance to be enacted: (draws, decisions)."""
    enacted = np.array([fate.enacted for fate in fates], bool)
    return np.where(enacted, chance, 1.0 - chance)


def weights_of(likelihoods: Numbers, without: int | None = None) -> Numbers:
    """Return the weight of each draw given the fates, all or all but one; they sum to 1."""
    kept = likelihoods if without is None else np.delete(likelihoods, without, axis=1)
    weight = kept.prod(axis=1)
    found: Numbers = weight / weight.sum()
    return found


def status_by_month(study: PromiseStudy, law: str, row: Promise, *, told: bool) -> Numbers:
    """Return the shares of draws in which a promise has each status.

    Parameters
    ----------
    study : PromiseStudy
    law : str
    row : Promise
    told : bool
        Whether dated steps are taken as told, and draws weighted by all told fates. A promise
        told as not kept is drawn all the same after the last month for which that is told.

    Returns
    -------
    float array (months, 4)
        From the month of the promise to the last: promised, drafted, enacted, reversed; rows sum
        to 1.
    """
    first = month_number(row.promised or "")
    months = study.ends - first + 1
    cost = study.drawn_cost(row)
    drafting, enacting = study.rates(law, cost, first, study.ends)
    kept_back = row.month("open_until") if told else None
    if kept_back is not None:
        enacting[:, : kept_back - first + 1] = 0.0
    luck = study.luck(row.promise, DRAFT, ENACT, REVERSE)
    undoing = reversal_rate(study.numbers, law, cost)
    steps = list(follow_promise(drafting, enacting, undoing, luck))
    weight = np.full(study.draws, 1.0 / study.draws)
    if told:
        weight = weights_of(likelihood(study, law, told_fates(study)))
        steps = _with_record(steps, row, first, undoing, luck[:, REVERSE])
    reached = [weight @ (step[:, None] <= np.arange(months)) for step in steps]
    levels = np.array([np.ones(months), *reached, np.zeros(months)])
    for k in range(len(STEPS) - 1, 0, -1):  # a later step implies the earlier ones
        levels[k] = np.maximum(levels[k], levels[k + 1])
    shares: Numbers = (levels[:-1] - levels[1:]).T
    return shares


def _with_record(
    steps: list[np.ndarray], row: Promise, first: int, undoing: Numbers, luck: Numbers
) -> list[np.ndarray]:
    """Put the told months of a promise in place of the drawn ones."""
    months = [row.month(step) for step in STEPS[1:]]
    found = [
        step if month is None else np.full_like(step, month - first)
        for step, month in zip(steps, months, strict=True)
    ]
    if months[1] is not None and months[2] is None:
        wait = np.ceil(-np.log(luck) / undoing)
        found[2] = found[1] + np.minimum(wait, 10**6).astype(np.int64)
    return found
