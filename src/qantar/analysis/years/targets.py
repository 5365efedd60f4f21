"""Targets of the years from the ledger, beside what the free histories give.

Quantities that no mechanism of the month makes yet (turnout, people prosecuted, most nationalities)
stay in the table as such: they are neither hits nor misses.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qantar.analysis.scores import is_informative, verdict_of
from qantar.analysis.years.run import YearsRun
from qantar.base.arrays import Numbers
from qantar.evidence.targets import Target
from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger, list_targets, reconciled
from qantar.simulate.years.histories import Histories
from qantar.simulate.years.inputs import month_span

TARGETS = "years"
"""Name of the set of targets of the years in a pack."""

GIVEN = ("poverty", "kazakh_share")
"""Given to the model as data by the pack: a hit says only that they were read rightly."""


def years_targets(country: Country) -> tuple[Target, ...]:
    """Return the targets of the years of a pack; none if it has no evidence on them."""
    if TARGETS not in list_targets(country):
        return ()
    ledger = country_ledger(country)
    return tuple(each.target for each in reconciled(country, ledger, TARGETS))


def target_table(run: YearsRun) -> pd.DataFrame:
    """Return every target of the years with the free histories' range and a verdict.

    Returns
    -------
    DataFrame
        target, variable, date, use, low, high, q05, q50, q95, verdict. The verdict is that of the
        hour (`qantar.analysis.scores.Score`); ``given`` for what the model reads as data,
        ``given, but differs`` if these data are not what the target says, and
        ``not modelled`` for what it does not make.
    """
    rows = []
    first_day = pd.Timestamp(run.scenario.years.header.first).date()
    for target in years_targets(run.scenario.country):
        low, high = target.interval(first_day)
        samples = _samples(run, target)
        row: dict[str, object] = {
            "target": target.target,
            "variable": target.variable,
            "date": target.date,
            "use": target.use,
            "low": low,
            "high": high,
        }
        if samples is None:
            rows.append(row | {"verdict": "not modelled"})
            continue
        q05, q50, q95 = (float(q) for q in np.quantile(samples, (0.05, 0.5, 0.95)))
        wide = not is_informative(target.variable, low, high, _possible(run, target))
        loose = not is_informative(target.variable, q05, q95, _possible(run, target))
        verdict: str = verdict_of(
            hit=low <= q50 <= high,
            overlaps=not (q95 < low or q05 > high),
            clear_target=not wide,
            clear_range=not loose and target.use != "weak",
        )
        if target.variable in GIVEN:
            agrees = round(low, 1) <= round(q50, 1) <= round(high, 1)
            verdict = "given" if agrees else "given, but differs"
        rows.append(row | {"q05": q05, "q50": q50, "q95": q95, "verdict": verdict})
    return pd.DataFrame(rows)


def _possible(run: YearsRun, target: Target) -> float:
    return run.scenario.past.region_count + 1 if target.variable == "regions_active" else np.inf


def _samples(run: YearsRun, target: Target) -> Numbers | None:
    """Return a quantity for every member, or None if the model does not make it."""
    first, _, last = target.date.partition("/")
    months = slice(*month_span(run.scenario.years, first, last or first))
    if target.variable not in _MADE or months.start < 0:
        return None
    if months.stop > run.free.country.shape[1]:
        return None
    return _MADE[target.variable](run.free, months)


def _assemblies(histories: Histories, months: slice) -> Numbers:
    return _finite(histories.published[:, months, 0].sum(axis=1))


def _political_share(histories: Histories, months: slice) -> Numbers:
    held = [
        histories.series(f"held_{kind}")[:, months].sum(axis=1)
        for kind in ("economic", "social", "political")
    ]
    return _finite(100.0 * held[2] / np.maximum(held[0] + held[1] + held[2], 1.0))


def _regions(histories: Histories, months: slice) -> Numbers:
    found = np.zeros(histories.members)
    month, member = histories.wave("month"), histories.wave("member").astype(int)
    here = (month >= months.start) & (month < months.stop)
    np.maximum.at(found, member[here], histories.wave("regions")[here])
    return found


def _detained(histories: Histories, months: slice) -> Numbers:
    found = np.zeros(histories.members)
    month, member = histories.wave("month"), histories.wave("member").astype(int)
    here = (month >= months.start) & (month < months.stop)
    np.add.at(found, member[here], histories.wave("detained")[here])
    return found


def _poverty(histories: Histories, months: slice) -> Numbers:
    return _finite(histories.series("poverty")[:, months].mean(axis=1))


def _kazakhs(histories: Histories, months: slice) -> Numbers:
    return _finite(100.0 * histories.series("kazakh_share")[:, months].mean(axis=1))


def _finite(values: NDArray[np.float32]) -> Numbers:
    found: Numbers = values.astype(np.float64)
    return found


_MADE: dict[str, Callable[[Histories, slice], Numbers]] = {
    "assemblies": _assemblies,
    "political_share": _political_share,
    "regions_active": _regions,
    "detained": _detained,
    "poverty": _poverty,
    "kazakh_share": _kazakhs,
}
"""Quantities of the country that the histories give, by variable."""
