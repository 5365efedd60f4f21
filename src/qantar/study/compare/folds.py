"""Folds: which facts are left out together, by place and by time.

Facts of one town hang together, and so do facts of one day; leaving out single facts would let a
prediction copy from its neighbours (Roberts et al. 2017).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from qantar.arrays import Hours
from qantar.evidence import Target
from qantar.evidence.targets import DATED
from qantar.study.outcome import Layout

LEAST_FACTS = 3
"""Regions with fewer facts are left out together."""

PERIODS = ("early", "middle", "late")
"""Dated facts are cut into so many periods of about equally many facts."""

ELSEWHERE = "all other regions"


@dataclass(frozen=True)
class Fold:
    """Facts that are left out together.

    Attributes
    ----------
    kind : str
        ``place`` or ``time``.
    name : str
    left_out : int array
        Numbers of the facts.
    """

    kind: str
    name: str
    left_out: Hours


def folds_of(targets: tuple[Target, ...], among: Hours, layout: Layout) -> list[Fold]:
    """Return every fold among some of the targets.

    Facts of the whole country belong to no place, and facts without a day to no period.
    """
    return [*_by_place(targets, among, layout), *_by_time(targets, among, layout)]


def _by_place(targets: tuple[Target, ...], among: Hours, layout: Layout) -> list[Fold]:
    home = dict(zip(layout.places, layout.region_of, strict=True))
    region = {
        int(k): targets[k].name if targets[k].level == "region" else home[targets[k].name]
        for k in among
        if targets[k].level != "country"
    }
    names = list(dict.fromkeys(region.values()))
    sizes = {name: sum(own == name for own in region.values()) for name in names}
    large = [name for name in names if sizes[name] >= LEAST_FACTS]
    folds = [_fold("place", name, [k for k in region if region[k] == name]) for name in large]
    rest = [k for k in region if region[k] not in large]
    return [*folds, _fold("place", ELSEWHERE, rest)] if rest else folds


def _by_time(targets: tuple[Target, ...], among: Hours, layout: Layout) -> list[Fold]:
    days = {int(k): day for k in among if (day := _day(targets[k], layout)) is not None}
    ordered = sorted(set(days.values()))
    counts = np.cumsum([sum(own == day for own in days.values()) for day in ordered])
    folds = []
    for number, name in enumerate(PERIODS):
        low, high = (len(days) * step / len(PERIODS) for step in (number, number + 1))
        chosen = {day for day, count in zip(ordered, counts, strict=True) if low < count <= high}
        if chosen:
            span = f"{layout.date(min(chosen))} to {layout.date(max(chosen))}"
            left_out = [k for k in days if days[k] in chosen]
            folds.append(_fold("time", f"{name}: {span}", left_out))
    return folds


def _day(target: Target, layout: Layout) -> int | None:
    """Return the day of the window that a fact is about."""
    if target.variable in DATED:
        low, high = target.interval(layout.first_day)
        return int((low + high) // 2)
    try:
        return (dt.date.fromisoformat(target.date) - layout.first_day).days
    except ValueError:
        return None


def _fold(kind: str, name: str, numbers: list[int]) -> Fold:
    return Fold(kind, name, np.array(numbers, np.int64))
