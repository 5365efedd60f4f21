"""Tables of a run of the years: series, triggers, counts of monitors, and the years to come."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qantar.analysis.years.run import YearsRun
from qantar.analysis.years.scopes import SCOPES, scope_of
from qantar.simulate.years.histories import COUNTRY_COLUMNS, REGION_COLUMNS, Histories
from qantar.simulate.years.inputs import dated_triggers, month_span, regions_out

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
QUANTILES = ("q05", "q25", "q50", "q75", "q95")


def country_table(run: YearsRun, histories: Histories) -> pd.DataFrame:
    """Return quantiles of every variable of the country by month: variable, month, q05 to q95."""
    labels = run.month_labels(histories).astype(str)
    values = np.quantile(histories.country, LEVELS, axis=0)
    parts = [
        pd.DataFrame(
            {"variable": name, "month": labels}
            | {q: values[k, :, column] for k, q in enumerate(QUANTILES)}
        )
        for column, name in enumerate(COUNTRY_COLUMNS)
    ]
    return pd.concat(parts, ignore_index=True)


def region_table(run: YearsRun, histories: Histories) -> pd.DataFrame:
    """Return quantiles of every variable by region and year: variable, region, year, q05 to q95."""
    first = int(run.scenario.years.header.first[:4])
    regions = [region.region for region in run.scenario.country.regions]
    values = np.quantile(histories.regions, LEVELS, axis=0)
    parts = [
        pd.DataFrame(
            {"variable": name, "region": region, "year": first + np.arange(values.shape[1])}
            | {q: values[k, :, column, r] for k, q in enumerate(QUANTILES)}
        )
        for column, name in enumerate(REGION_COLUMNS)
        for r, region in enumerate(regions)
    ]
    return pd.concat(parts, ignore_index=True)


def comparable(run: YearsRun) -> Histories:
    """Return the histories to be compared with what happened: free, and without the reforms."""
    return run.without if run.outlook is None and run.without is not None else run.free


def trigger_table(run: YearsRun) -> pd.DataFrame:
    """Return for every dated trigger what happened and how far it carries in the free histories.

    Returns
    -------
    DataFrame
        trigger, label, date, frame, outcome, regions_observed (NaN if unknown) and
        scope_observed, the share of members by scope (`SCOPES`), median regions and towns, the
        90 % range of regions, the shares in which the state concedes, promises and represses,
        share_observed (of members with the scope that was observed), and verdict: ``hit`` if the
        regions observed lie in the range, ``miss``, or empty if unknown. Nobody and one region
        count as the same there: sources do not tell them apart.
    """
    scenario, free = run.scenario, comparable(run)
    count = len(scenario.country.regions)
    number, regions = free.wave("trigger"), free.wave("regions")
    rows = []
    for k, trigger in enumerate(dated_triggers(scenario.years)):
        here = number == k
        if not here.any():  # the run ends earlier
            continue
        scope = scope_of(regions[here], count)
        known = trigger.outcome != "unknown"
        out = regions_out(scenario.country, trigger)
        low, high = np.quantile(regions[here], (LEVELS[0], LEVELS[-1]))
        inside = max(low, 1.0) <= max(len(out), 1) <= max(high, 1.0)
        seen = int(scope_of(np.array([len(out)]), count)[0])
        rows.append(
            {
                "trigger": trigger.trigger,
                "label": trigger.label,
                "date": trigger.begins,
                "frame": trigger.frame,
                "outcome": trigger.outcome,
                "regions_observed": float(len(out)) if known else np.nan,
                "scope_observed": SCOPES[seen] if known else "",
                **{name: float(np.mean(scope == s)) for s, name in enumerate(SCOPES)},
                "regions": float(np.median(regions[here])),
                "regions_q05": float(low),
                "regions_q95": float(high),
                "towns": float(np.median(free.wave("towns")[here])),
                **{
                    answer: float(np.mean(free.wave(answer)[here]))
                    for answer in ("concede", "promise", "repress")
                },
                "share_observed": _share_of(scope, seen) if known else np.nan,
                "verdict": ("hit" if inside else "miss") if known else "",
            }
        )
    return pd.DataFrame(rows)


def _share_of(scope: NDArray[np.int64], seen: int) -> float:
    """Return the share of members with a scope; none and local are one."""
    return float(np.mean(np.maximum(scope, 1) == max(seen, 1)))


def monitor_table(run: YearsRun) -> pd.DataFrame:
    """Return every published count of assemblies beside what the monitor would have counted.

    Only counts of all kinds within the months of the run. Columns: monitor, from, to, value,
    alternative, use, q05 to q95, verdict: ``hit`` if a reading lies in the 90 % range, else
    ``miss``.
    """
    years, histories = run.scenario.years, comparable(run)
    names = list(years.header.monitors)
    rows = []
    for count in years.counts:
        first, last = month_span(years, count.begins, count.ends)
        if count.kind != "all" or first < 0 or last > histories.published.shape[1]:
            continue
        seen = histories.published[:, first:last, names.index(count.monitor)].sum(axis=1)
        quantiles = np.nanquantile(seen, LEVELS)
        readings = [each for each in (count.value, count.alternative) if each is not None]
        hit = any(quantiles[0] <= each <= quantiles[-1] for each in readings)
        rows.append(
            {
                "monitor": count.monitor,
                "from": count.begins,
                "to": count.ends,
                "value": count.value,
                "alternative": np.nan if count.alternative is None else count.alternative,
                "use": count.use,
                **dict(zip(QUANTILES, quantiles, strict=True)),
                "verdict": "hit" if hit else "miss",
            }
        )
    return pd.DataFrame(rows)
