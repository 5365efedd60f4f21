"""Likelihood of what was observed, given histories whose earlier waves are imposed.

See docs/decisions/0023-protocol-of-the-years.md for what counts and what does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import nbinom

from qantar.analysis.years.scopes import CLASSES, class_of
from qantar.base.arrays import Numbers
from qantar.model.months.answers import log_chance_of_answers
from qantar.model.months.declaration import KINDS, Given
from qantar.packs.years_tables import PublishedCount, last_day, month_number
from qantar.simulate.years.histories import Histories, run_histories
from qantar.simulate.years.inputs import ALWAYS, dated_triggers, given_outcomes, month_span
from qantar.simulate.years.scenario import YearsScenario, parameter_names, parameter_record

REPEATS = 8
"""Repeated spreads of a trigger for the probability of its scope."""

MISREAD = 0.05
"""Probability of the class next to a simulated one, relative to it: sources may miss places, and a
law is worse the further off it is."""


@dataclass(frozen=True)
class Split:
    """Which observations are fitted.

    Attributes
    ----------
    name : str
    before : str
        Only observations that end before this month, as ``YYYY-MM``.
    without : tuple of str
        Triggers that are left out.
    """

    name: str
    before: str
    without: tuple[str, ...] = ()


SPLITS = {
    "to-2018": Split("to-2018", "2019-01"),
    "without-january": Split("without-january", "2022-01"),
    "full": Split("full", "9999-01"),
    "without-2011": Split("without-2011", "9999-01", ("shooting-2011",)),
    "without-2016": Split("without-2016", "9999-01", ("land-2016",)),
    "without-2019": Split("without-2019", "9999-01", ("election-2019",)),
}
"""The splits of the protocol."""


@dataclass(frozen=True)
class Window:
    """A published count as months of a history: from `first` to before `last`."""

    count: PublishedCount
    monitor: int
    first: int
    last: int


def window_of(scenario: YearsScenario, count: PublishedCount) -> Window:
    """Return a published count as months of a history."""
    first, last = month_span(scenario.years, count.begins, count.ends)
    return Window(count, list(scenario.years.header.monitors).index(count.monitor), first, last)


def windows(scenario: YearsScenario) -> tuple[Window, ...]:
    """Return the published counts that may be fitted or scored, as months of a history.

    A window is counted by kind if all counts of its kinds add up to the total, else in total.
    """
    by_window: dict[tuple[str, str, str], list[PublishedCount]] = {}
    for count in scenario.years.counts:
        if count.use != "weak" and count.kind in (*KINDS, "all"):
            by_window.setdefault((count.monitor, count.begins, count.ends), []).append(count)
    found = list[Window]()
    for counts in by_window.values():
        parts = [c for c in counts if c.kind in KINDS]
        whole = [c for c in counts if c.kind == "all"]
        chosen = parts if len(parts) == len(KINDS) else whole
        found += [window_of(scenario, count) for count in chosen]
    return tuple(window for window in found if window.first >= 0)


def expected_counts(
    scenario: YearsScenario, histories: Histories, values: Numbers, chosen: tuple[Window, ...]
) -> Numbers:
    """Return the expected published counts: float array (members, windows)."""
    names = parameter_names()
    rates = np.stack([histories.series(f"rate_{kind}") for kind in KINDS]).astype(np.float64)
    events = histories.series("wave_events").astype(np.float64)
    found = np.empty((histories.members, len(chosen)))
    for k, window in enumerate(chosen):
        months = slice(window.first, window.last)
        weights = scenario.past.monitor_kinds[window.monitor].copy()
        if window.count.kind != "all":
            weights *= [float(kind == window.count.kind) for kind in KINDS]
        mean = np.tensordot(weights, rates[:, :, months].sum(axis=2), axes=1)
        if window.count.kind in ("all", "political"):
            mean = mean + events[:, months].sum(axis=1)
        column = names.index(f"monitors.coverage_{window.monitor + 1}")
        found[:, k] = np.exp(values[:, column]) * mean
    return np.clip(found, 1e-6, 1e9)


def log_density(window: Window, mean: Numbers, size: Numbers) -> Numbers:
    """Return the log probability of a published count: float array (members,)."""

    def at(value: float) -> Numbers:
        return np.asarray(nbinom.logpmf(round(value), size, size / (size + mean)))

    count = window.count
    if count.alternative is None:
        return at(count.value)
    both = np.stack([at(count.value), at(count.alternative)])
    found: Numbers = logsumexp(both, axis=0) - np.log(2.0)
    return found


def count_likelihood(
    scenario: YearsScenario, histories: Histories, values: Numbers, chosen: tuple[Window, ...]
) -> Numbers:
    """Return the log likelihood of every window: float array (members, windows)."""
    means = expected_counts(scenario, histories, values, chosen)
    size = values[:, parameter_names().index("assemblies.dispersion")]
    found = np.empty_like(means)
    for k, window in enumerate(chosen):
        found[:, k] = log_density(window, means[:, k], size)
    return found


def scope_probabilities(scenario: YearsScenario, histories: Histories) -> Numbers:
    """Return the probability of every class of scope: float array (members, triggers, classes)."""
    regions = scenario.past.region_count
    group = class_of(np.arange(regions + 1), regions)
    tally = histories.tally.astype(np.float64)
    counts = np.stack([tally[:, :, group == c].sum(axis=2) for c in range(len(CLASSES))], axis=2)
    found: Numbers = counts / counts.sum(axis=2, keepdims=True)
    return found


def read_as(chances: Numbers) -> Numbers:
    """Return the probability of every observed class, from that of the classes that happen.

    Parameters
    ----------
    chances : float array (..., classes)
    """
    steps = np.abs(np.subtract.outer(np.arange(len(CLASSES)), np.arange(len(CLASSES))))
    reading = MISREAD**steps
    found: Numbers = chances @ (reading / reading.sum(axis=1, keepdims=True))
    return found


def observed_classes(scenario: YearsScenario) -> NDArray[np.int64]:
    """Return the observed class of every dated trigger, or -1 if no source states it."""
    given = given_outcomes(scenario.country, scenario.years, ALWAYS)
    classes = class_of(given.regions_out.sum(axis=1), scenario.past.region_count)
    known = [trigger.outcome != "unknown" for trigger in dated_triggers(scenario.years)]
    return np.where(known, classes, -1)


def answer_likelihood(
    scenario: YearsScenario, given: Given, values: Numbers, use: np.ndarray
) -> Numbers:
    """Return the log likelihood of the state's answers to waves: float array (members,)."""
    regions = given.regions_out.sum(axis=1)
    rows = np.flatnonzero(use & (regions > 0.0))
    numbers = np.concatenate([parameter_record(row) for row in values])
    frames = scenario.past.trigger_frame[rows]
    return log_chance_of_answers(numbers, frames, regions[rows], given.answers[rows])


@dataclass(frozen=True)
class Observed:
    """What was observed: of the country, or of a simulated history whose parameters are known.

    Attributes
    ----------
    given : Given
        Outcomes of the dated triggers.
    windows : tuple of Window
        Published counts.
    classes : int array (triggers,)
        Observed class of every dated trigger, -1 if it is not known.
    """

    given: Given
    windows: tuple[Window, ...]
    classes: NDArray[np.int64]


def what_was_observed(scenario: YearsScenario) -> Observed:
    """Return what the sources and monitors say of a country."""
    given = given_outcomes(scenario.country, scenario.years, ALWAYS)
    return Observed(given, windows(scenario), observed_classes(scenario))


class YearsLikelihood:
    """Log likelihood of the observations of a split, as a function of scores of parameters.

    Parameters
    ----------
    scenario : YearsScenario
        To the last dated month.
    split : Split
    seed : int
        Every call uses new luck.
    observed : Observed, optional
        By default that of the country.
    """

    def __init__(
        self, scenario: YearsScenario, split: Split, seed: int, observed: Observed | None = None
    ) -> None:
        self.scenario, self.split, self.seed = scenario, split, seed
        observed = observed or what_was_observed(scenario)
        self.given, self.classes = observed.given, observed.classes
        self.windows = tuple(w for w in observed.windows if ends_before(w.count.ends, split.before))
        self.use = np.array(
            [
                self.classes[k] >= 0
                and month_number(t.begins) < month_number(split.before)
                and t.trigger not in split.without
                for k, t in enumerate(dated_triggers(scenario.years))
            ]
        )
        self._calls = 0

    def __call__(self, scores: Numbers) -> Numbers:
        """Return log likelihoods: float array (particles,)."""
        self._calls += 1
        values = self.scenario.values_at(scores)
        histories = run_histories(
            self.scenario,
            self.given,
            values,
            seed=(self.seed << 20) + self._calls,
            repeats=REPEATS,
        )
        total = count_likelihood(self.scenario, histories, values, self.windows).sum(axis=1)
        chances = read_as(scope_probabilities(self.scenario, histories))
        rows = np.flatnonzero(self.use)
        total += np.log(chances[:, rows, self.classes[rows]]).sum(axis=1)
        total += answer_likelihood(self.scenario, self.given, values, self.use)
        found: Numbers = np.nan_to_num(total, nan=-1e9, neginf=-1e9)
        return found


def ends_before(moment: str, month: str) -> bool:
    """Say whether a period ends before a month begins."""
    end = last_day(moment)
    return end.year * 12 + end.month - 1 < month_number(month)
