"""Twins: runs with the same citizens and random numbers in worlds that differ in one decision.

`run_worlds` runs them, `differences` compares them by means with intervals and by shares of pairs,
and `regimes` classifies each run. If a change does not alter the regime, twins differ by the effect
of the change. If it does, they diverge by chance, and the mean difference is not informative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qantar.analysis.outcomes import Outcome
from qantar.analysis.run import layout_of
from qantar.analysis.whatif.result import COLUMNS, DecisionClock, World
from qantar.base.arrays import Flags, Numbers
from qantar.model.state import HOURS_PER_DAY, State
from qantar.simulate.changes import Changes
from qantar.simulate.ensemble import Checkpoint, Followed, follow_member, in_order
from qantar.simulate.scenario import Scenario
from qantar.simulate.script import in_force, turning_hours

EXTENTS = ("local", "in several regions", "national")
ENDS = ("few dead", "put down", "fighting to the end")
REGIMES = tuple(f"{extent}, {end}" for extent, end in product(EXTENTS, ENDS))
"""Regimes: combinations of spatial extent and ending."""

LOCAL_REGIONS = 1
"""A protest visible in at most this many regions is local."""

NATIONAL_SHARE = 0.5
"""A protest visible in at least this share of regions is national."""

MANY_DEATHS = 10
"""Minimum number of deaths that are more than accidents and isolated shots."""

LAST_DAYS = 3
"""Days at the end of the window that show whether killing continues."""

ONGOING_DEATHS = 5
"""Minimum number of deaths in those days for fighting to count as ongoing."""

QUANTITIES = {
    "deaths": ("total", "persons"),
    "security_deaths": ("total", "persons"),
    "wounded": ("total", "persons"),
    "detained_cumulative": ("total", "persons"),
    "participants": ("any", "persons"),
    "crowd_peak": ("any", "persons"),
    "last_day": ("window", "days"),
    "active_places": ("any", "places"),
    "buildings_attacked": ("total", "buildings"),
    "businesses_looted": ("total", "firms"),
}
"""Quantities compared between worlds, with date and unit.

``participants`` is the largest number on any one day.
"""

REGIONAL_QUANTITIES = ("deaths", "detained_cumulative", "participants")
"""Quantities that are also compared by region."""

RESAMPLES = 2000
"""Bootstrap samples of pairs for the interval of a mean (Efron and Tibshirani 1993)."""

NINETY = (0.05, 0.95)
_DIGITS = 9  # rounding errors of a mean of zero must not look like an effect
"""Quantiles that bound a 90 % interval."""

IDENTICAL_BELOW = 1e-12
"""Twins count as identical if their variance is below this share of that of independent runs."""

_COMPARED = 13
"""Number of values that `comparison_values` returns."""

_BOOTSTRAP = 51
"""Constant that separates the bootstrap seed from other seeds."""

MemberCallback = Callable[[int, Sequence[Followed]], None]
"""Called with the number of a member and its results in every world, in member order."""


WorldsCallback = Callable[[Callable[[], tuple[World, ...]]], None]
"""Called after every member with a function that returns the worlds of the members so far."""


def regimes(outcome: Outcome) -> NDArray[np.int64]:
    """Return the regime of every member: int array (members,), indices of `REGIMES`.

    The regime of a run does not depend on its twin.
    """
    layout = outcome.layout
    early = layout.dates[max(layout.days - 1 - LAST_DAYS, 0)]
    deaths = outcome.samples("deaths", "country", layout.country, "total")
    late = deaths - outcome.samples("deaths", "country", layout.country, early)
    end = np.where(deaths < MANY_DEATHS, 0, np.where(late < ONGOING_DEATHS, 1, 2))
    result: NDArray[np.int64] = len(ENDS) * extents(outcome) + end
    return result


def extents(outcome: Outcome) -> NDArray[np.int64]:
    """Return the spatial extent of every member: int array (members,), indices of `EXTENTS`."""
    names = outcome.layout.regions
    regions = np.sum([outcome.samples("active", "region", name, "any") for name in names], axis=0)
    return np.where(
        regions <= LOCAL_REGIONS, 0, np.where(regions < NATIONAL_SHARE * len(names), 1, 2)
    )


def regime_shares(before: Outcome, after: Outcome) -> dict[tuple[str, str], float]:
    """Return the positive shares of pairs by regime in each world."""
    was, became = regimes(before), regimes(after)
    shares = {}
    for a, b in product(range(len(REGIMES)), repeat=2):
        share = float(np.mean((was == a) & (became == b)))
        if share > 0.0:
            shares[REGIMES[a], REGIMES[b]] = share
    return shares


def differences(
    before: Outcome, after: Outcome, *, seed: int, change: str, mode: str, account: str
) -> pd.DataFrame:
    """Return the differences between two worlds, quantity by quantity.

    Parameters
    ----------
    before, after : Outcome
        Outcomes of the two worlds; members with the same index are twins.
    seed : int
        Seed of the resampling.
    change, mode, account : str
        Values of the first columns.

    Returns
    -------
    DataFrame
        See `qantar.analysis.whatif.result.COLUMNS`.
    """
    weights = resampling(before.members, seed)
    stays = regimes(before) == regimes(after)
    layout = before.layout
    units = [(quantity, "country", layout.country) for quantity in QUANTITIES]
    units += [
        (quantity, "region", name) for quantity in REGIONAL_QUANTITIES for name in layout.regions
    ]
    rows = []
    for quantity, level, name in units:
        date, unit = QUANTITIES[quantity]
        was = before.samples(quantity, level, name, date)
        became = after.samples(quantity, level, name, date)
        row = [change, mode, account, quantity, level, name, date, unit]
        rows.append([*row, *comparison_values(was, became, weights, stays)])
    return pd.DataFrame(rows, columns=COLUMNS["differences"].split())


def resampling(members: int, seed: int) -> Numbers:
    """Return the weight of every pair in every bootstrap sample: float array (samples, members)."""
    source = np.random.default_rng([_BOOTSTRAP, seed, members])
    counts = source.multinomial(members, np.full(members, 1.0 / members), size=RESAMPLES)
    return np.asarray(counts / members, np.float64)


def comparison_values(was: Numbers, became: Numbers, weights: Numbers, stays: Flags) -> list[float]:
    """Return the values of one row, from ``baseline`` to ``stable_ratio``.

    Pairs in which the quantity is NaN in either world (such as the last day of a protest that never
    began) are left out.
    """
    both = ~(np.isnan(was) | np.isnan(became))
    if not both.any():
        return [np.nan] * _COMPARED
    pairs = np.where(both, became - was, 0.0)
    counted = weights @ both
    drawn = counted > 0.0  # skip samples without a valid pair
    means = (weights @ pairs)[drawn] / counted[drawn]
    gap = pairs[both]
    return [
        float(was[both].mean()),
        float(became[both].mean()),
        float(gap.mean()),
        *(round(float(v), _DIGITS) for v in np.quantile(means, NINETY)),
        *(float(v) for v in np.quantile(gap, NINETY)),
        float(np.mean(gap < 0)),
        float(np.mean(gap == 0)),
        float(np.mean(gap > 0)),
        variance_ratio(was[both], became[both]),
        float(np.mean(~stays)),
        variance_ratio(was[both & stays], became[both & stays]),
    ]


def variance_ratio(was: Numbers, became: Numbers) -> float:
    """Return the variance of the difference between independent runs over that between twins.

    With common random numbers, this many times fewer runs are needed (Glasserman and Yao 1992). NaN
    if no pair differs.
    """
    paired = float(np.var(became - was)) if len(was) else 0.0
    apart = float(np.var(was) + np.var(became)) if len(was) else 0.0
    if paired <= IDENTICAL_BELOW * apart:
        return float("nan")
    return apart / paired


def run_worlds(
    scenario: Scenario,
    alternatives: Sequence[Changes],
    *,
    members: int,
    seed: int,
    threads: int | None = None,
    each: Callable[[], None] | None = None,
    watch: MemberCallback | None = None,
    so_far: WorldsCallback | None = None,
) -> tuple[World, ...]:
    """Run every member in every world.

    Parameters
    ----------
    scenario : Scenario
        The baseline.
    alternatives : sequence of Changes
    members, seed : int
        Member k has the same parameters, place effects and random key in every world.
    threads : int, optional
        Worker threads; the result does not depend on it.
    each : callable, optional
        Called when a member has run in all worlds.
    watch : callable, optional
        See `MemberCallback`. Orders are passed before amendments.
    so_far : callable, optional
        See `WorldsCallback`.

    Returns
    -------
    tuple of World
        The baseline, then one world for each alternative.
    """
    changes = (Changes(), *alternatives)
    outcomes = [Outcome(layout_of(scenario)) for _ in changes]
    hours: list[list[Numbers]] = [[] for _ in changes]
    scenarios = [scenario.changed(change) for change in changes]

    def worlds() -> tuple[World, ...]:
        return tuple(
            World(change, outcome.copy(), np.array(when).reshape(outcome.members, -1))
            for change, outcome, when in zip(changes, outcomes, hours, strict=True)
        )

    run = _pair_runner(scenario, scenarios, members, seed)
    for number, (followed, decided) in enumerate(in_order(run, members, threads)):
        for k, one in enumerate(followed):
            outcomes[k].add(one.record)
            hours[k].append(decided[k])
        if watch is not None:
            watch(number, followed)
        if each is not None:
            each()
        if so_far is not None:
            so_far(worlds)
    return worlds()


def _pair_runner(
    scenario: Scenario, worlds: Sequence[Scenario], members: int, seed: int
) -> Callable[[int], tuple[list[Followed], list[Numbers]]]:
    """Return what runs one member in every world, and gives its hours of decisions in each."""
    base = scenario.draws_before_changes(seed, members)
    draws = [world.after_changes(base) for world in worlds]
    environments = [world.environment for world in worlds]  # made before threads share them
    bounds = [world.amendments for world in worlds]
    clock = DecisionClock(scenario.country, scenario.episode)
    hours = scenario.episode.hours

    def run(number: int) -> tuple[list[Followed], list[Numbers]]:
        saved: list[State] = []
        found: list[Followed] = []
        for world, environment, own in zip(worlds, environments, draws, strict=True):
            member = world.member(seed, number, own)
            if not found:
                found.append(follow_member(environment, member, hours, terms=False, saved=saved))
                continue
            start = checkpoint(worlds[0], world, found[0], saved)
            found.append(follow_member(environment, member, hours, terms=False, start=start))
        return found, [
            clock.hours(one.ordered, own) for one, own in zip(found, bounds, strict=True)
        ]

    return run


def checkpoint(
    before: Scenario, after: Scenario, followed: Followed, saved: Sequence[State]
) -> Checkpoint | None:
    """Return where a changed world branches off from the baseline; None if at the beginning.

    A change that only bounds decisions has no effect before the first hour in which an order of the
    baseline is out of bounds, so the days before need not be run twice.

    Parameters
    ----------
    before, after : Scenario
        The baseline and the changed world.
    followed : Followed
        A member of the baseline.
    saved : sequence of State
        The state of this member at the beginning of every day.
    """
    added = [change for change in after.changes if change not in before.changes.changes]
    if any(change.parameter_steps or change.ground_steps for change in added):
        return None
    at = turning_hours(followed.ordered, before.amendments, after.amendments)
    was = in_force(followed.ordered[at], before.amendments, at)
    becomes = in_force(followed.ordered[at], after.amendments, at)
    hours = at[(was != becomes).any(axis=(1, 2))]
    day = (int(hours[0]) // HOURS_PER_DAY) if len(hours) else len(saved) - 1
    return Checkpoint(day * HOURS_PER_DAY, saved[day], followed) if day else None
