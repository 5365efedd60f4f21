"""What the histories of a run give for the state: its indices, and events after the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from qantar.model.mechanism import Field
from qantar.model.month import COUNTRY_FIELDS
from qantar.model.months import constitution, courts, offices, outlets, parties
from qantar.model.months.event_log import LOGGED
from qantar.simulate.years.histories import Histories

INDICES = {
    "concentration": "constitution",
    "independent_reach": "outlets",
    "legal_opposition": "parties",
    "judicial_independence": "courts",
    "elite_cohesion": "offices",
}
"""Indices of the state, with the part that gives each."""

MEANINGS = {
    "legal_opposition": "half: reach of registered opposition parties; half: a list seat in sight",
    "judicial_independence": "political cases that are not decided as the state wishes",
}
"""Definitions for a reader who sees no other variable of the part."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "constitution": constitution.EVENTS,
    "offices": offices.EVENTS,
    "parties": parties.EVENTS,
    "courts": courts.EVENTS,
    "outlets": outlets.EVENTS,
}
"""Kinds of events by part, in the order of their numbers."""


def index_fields(parts: list[str]) -> list[Field]:
    """Return the indices of these parts, as the month declares them."""
    declared = {field.name: field for field in COUNTRY_FIELDS}
    shown = [declared[name] for name, part in INDICES.items() if part in parts]
    return [replace(each, meaning=MEANINGS.get(each.name, each.meaning)) for each in shown]


def index_table(
    names: list[str], outlook: Histories, without: Histories | None, first: int
) -> pd.DataFrame:
    """Return the indices in the last month, with and without the reforms.

    Parameters
    ----------
    names : list of str
        Indices.
    outlook, without : Histories
        `without` is None if there are no reforms.
    first : int
        First month in which the two may differ; without reforms that after the dated months.

    Returns
    -------
    DataFrame
        index, begins, with_q05, with_q50, with_q95; and without_q05 and so on, and
        share_higher: members whose twin without the reforms is lower.
    """
    rows = []
    for name in names:
        own = outlook.series(name).astype(float)
        begins = float(np.median(own[:, min(first, own.shape[1] - 1)]))
        row: dict[str, str | float] = {"index": name, "begins": begins}
        row |= _quantiles("with", own[:, -1])
        if without is not None:
            other = without.series(name).astype(float)
            row |= _quantiles("without", other[:, -1])
            row["share_higher"] = float(np.mean(own[:, -1] > other[:, -1]))
            row["share_lower"] = float(np.mean(own[:, -1] < other[:, -1]))
        rows.append(row)
    return pd.DataFrame(rows)


def _quantiles(name: str, values: np.ndarray) -> dict[str, float]:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return {f"{name}_q05": float(low), f"{name}_q50": float(middle), f"{name}_q95": float(high)}


def later_events(outlook: Histories, without: Histories | None, first: int) -> pd.DataFrame:
    """Count the events of the state from a month on, in the outlook and without its reforms.

    Returns
    -------
    DataFrame
        part, kind, mean (events a history), share (histories with one or more); and
        mean_without, share_without if there are reforms. Kinds that never come are left out.
    """
    own = _counts(outlook, first)
    other = None if without is None else _counts(without, first)
    columns = ["part", "kind", "mean", "share", "mean_without", "share_without"]
    rows = []
    for part, kinds in KINDS.items():
        for kind in kinds:
            here = own.get((part, kind), _NONE)
            there = _NONE if other is None else other.get((part, kind), _NONE)
            if here[0] + there[0] > 0:
                rows.append((part, kind.replace("_", " "), *here, *there))
    table = pd.DataFrame(rows, columns=columns)
    return table if other is not None else table[columns[:4]]


_NONE = (0.0, 0.0)


def _counts(histories: Histories, first: int) -> dict[tuple[str, str], tuple[float, float]]:
    """Return for each part and kind the events per history, and the share with one or more."""
    later = histories.events[histories.events[:, 1] >= first]
    found = {}
    for number, part in enumerate(LOGGED):
        for position, kind in enumerate(KINDS[part]):
            members = later[(later[:, 2] == number) & (later[:, 4] == position), 0]
            share = len(np.unique(members)) / histories.members
            found[part, kind] = (len(members) / histories.members, share)
    return found
