"""Chances of waves in the years to come, never without what the prior alone gives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qantar.analysis.years.run import YearsRun
from qantar.analysis.years.scopes import NATIONAL, SCOPES, scope_of, wave_chance
from qantar.base.arrays import Numbers
from qantar.simulate.years.histories import Histories
from qantar.simulate.years.inputs import dated_months
from qantar.simulate.years.scenario import YearsScenario

WIDER = SCOPES[2:]
"""Scopes of which chances are given: several regions or more, wide or more, national."""

SPANS = {"5 years": 60, "10 years": 120}
"""Spans after the last dated month, in months; the end of the run comes after them."""

TO_THE_END = "to the end"

UNCHANGED, REFORMED, DIFFERENCE = "unchanged", "with the reforms", "difference by the reforms"
"""Worlds of a row."""


def spans_of(scenario: YearsScenario) -> dict[str, int]:
    """Return the month before which each span ends, counted from the first of the histories."""
    start = dated_months(scenario.years)
    found = {name: start + length for name, length in SPANS.items()}
    kept = {name: end for name, end in found.items() if end < scenario.months}
    return {**kept, TO_THE_END: scenario.months}


def futures_table(run: YearsRun, prior: YearsRun | None) -> pd.DataFrame:
    """Return the chance of a wave of a scope or more after the last dated month.

    Parameters
    ----------
    run : YearsRun
        With an outlook.
    prior : YearsRun or None
        The same under the prior alone; None if the run itself is.

    Returns
    -------
    DataFrame
        world (unchanged, with the reforms, or the difference), scope (that or wider), span, until
        (last month), chance and its standard_error, prior_alone and prior_standard_error.
        Standard errors are of sampling by members; those of a difference are of pairs of members
        with the same luck.
    """
    rows = []
    first = np.datetime64(run.scenario.years.header.first, "M")
    beside = prior or run
    for world in _worlds(run):
        for scope in WIDER:
            for span, end in spans_of(run.scenario).items():
                chance, error = _estimate(run, world, scope, end)
                alone, prior_error = _estimate(beside, world, scope, end)
                rows.append(
                    {
                        "world": world,
                        "scope": scope,
                        "span": span,
                        "until": str(first + (end - 1)),
                        "chance": chance,
                        "standard_error": error,
                        "prior_alone": alone,
                        "prior_standard_error": prior_error,
                    }
                )
    return pd.DataFrame(rows)


def chance_by_month(run: YearsRun, histories: Histories, scope: str) -> Numbers:
    """Return the share of members with a wave of a scope or more by each month after the dated."""
    start, count = dated_months(run.scenario.years), len(run.scenario.country.regions)
    month = histories.wave("month")
    wide = scope_of(histories.wave("regions"), count) >= SCOPES.index(scope)
    chosen = wide & (month >= start)
    members = histories.wave("member").astype(int)[chosen]
    earliest = np.full(histories.members, np.inf)
    np.minimum.at(earliest, members, month[chosen])
    months = np.arange(start, run.scenario.months)
    return np.asarray((earliest[:, None] <= months).mean(axis=0), dtype=np.float64)


def national_before(run: YearsRun, histories: Histories, last: int) -> float:
    """Return the share of members with a national wave before a month."""
    count = len(run.scenario.country.regions)
    return float(wave_chance(histories, 0, last, count, NATIONAL).mean())


def standard_error(share: float, members: int) -> float:
    """Return the standard error of a share of members; not 0 even if all agree (Jeffreys)."""
    middle = (share * members + 0.5) / (members + 1)
    return float(np.sqrt(middle * (1 - middle) / (members + 2)))


def _worlds(run: YearsRun) -> tuple[str, ...]:
    return (UNCHANGED,) if run.without is None else (UNCHANGED, REFORMED, DIFFERENCE)


def _estimate(run: YearsRun, world: str, scope: str, end: int) -> tuple[float, float]:
    """Return a chance, or the difference of two, with its standard error."""
    assert run.outlook is not None
    start, count = dated_months(run.scenario.years), len(run.scenario.country.regions)
    unchanged = run.outlook if run.without is None else run.without

    def happens(histories: Histories) -> Numbers:
        return wave_chance(histories, start, end, count, SCOPES.index(scope))

    if world == DIFFERENCE:
        pairs = happens(run.outlook) - happens(unchanged)
        error = float(pairs.std() / np.sqrt(len(pairs)))
        return float(pairs.mean()), max(error, standard_error(0.0, len(pairs)))
    share = float(happens(run.outlook if world == REFORMED else unchanged).mean())
    return share, standard_error(share, run.members)
