"""Scores of a law on what it was not fitted to, beside simple baselines.

Counts: log score, and CRPS of the logarithm (Gneiting and Raftery 2007). Scopes: log score and
ranked probability score. Baselines see the same data as the law.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from scipy.stats import nbinom, poisson

from qantar.analysis.scores import crps
from qantar.analysis.years.likelihood import (
    SPLITS,
    Window,
    ends_before,
    expected_counts,
    observed_classes,
    read_as,
    scope_probabilities,
    window_of,
)
from qantar.analysis.years.scopes import CLASSES
from qantar.base.arrays import Numbers
from qantar.packs.years_tables import month_number
from qantar.simulate.years.histories import run_histories
from qantar.simulate.years.inputs import dated_triggers, given_outcomes
from qantar.simulate.years.scenario import YearsScenario, parameter_names

SAMPLES = 4000
REPEATS = 100
SCORED_MONITORS = ("kibhr", "acled")
"""Monitors with counts before and after 2018."""


def total_windows(scenario: YearsScenario) -> list[Window]:
    """Return the windows of counts of all kinds, in order of monitor and date."""
    found = [
        window_of(scenario, count)
        for count in scenario.years.counts
        if count.kind == "all" and count.use != "weak"
    ]
    return sorted(found, key=lambda w: (w.monitor, w.first))


def predicted(
    scenario: YearsScenario, scores: Numbers, split: str, seed: int = 1
) -> tuple[list[Window], Numbers, Numbers, Numbers]:
    """Predict what comes after the data of a split.

    Parameters
    ----------
    scenario : YearsScenario
        To the last dated month.
    scores : float array (draws, free)
        Posterior given the split.

    Returns
    -------
    windows : list of Window
        Total counts, fitted ones and later ones.
    means, sizes : float array (draws, windows), (draws,)
        Expected counts, and size of the negative binomial distribution about them.
    chances : float array (triggers, classes)
        Probability of every class of scope of every dated trigger.
    """
    values = scenario.values_at(scores)
    given = given_outcomes(scenario.country, scenario.years, SPLITS[split].before)
    histories = run_histories(scenario, given, values, seed=seed, repeats=REPEATS)
    chosen = total_windows(scenario)
    means = expected_counts(scenario, histories, values, tuple(chosen))
    sizes = values[:, parameter_names().index("assemblies.dispersion")]
    return chosen, means, sizes, scope_probabilities(scenario, histories).mean(axis=0)


def score_counts(scenario: YearsScenario, scores: Numbers, split: str) -> pd.DataFrame:
    """Return scores of counts that end after the data of a split, beside the baselines.

    Returns
    -------
    DataFrame
        predictor (``law`` or a baseline), monitor, from, to, value, log_score, crps, q05, q50, q95.
    """
    chosen, means, sizes, _ = predicted(scenario, scores, split)
    before = SPLITS[split].before
    known = [w for w in chosen if ends_before(w.count.ends, before)]
    rng = np.random.default_rng(1)
    rows = []
    for k, window in enumerate(chosen):
        if window in known or window.count.monitor not in SCORED_MONITORS:
            continue
        mean, picked = means[:, k], rng.integers(len(sizes), size=SAMPLES)
        shares = sizes / (sizes + mean)
        samples = rng.negative_binomial(sizes[picked], shares[picked])
        density = nbinom.logpmf(window.count.value, sizes, shares)
        rows.append(_row("law", window, samples, float(logsumexp(density) - np.log(len(sizes)))))
        for name, rates in _baselines(window, known, rng).items():
            expected = rates * (window.last - window.first)
            density = poisson.logpmf(window.count.value, expected)
            log_score = float(logsumexp(density) - np.log(len(expected)))
            rows.append(_row(name, window, rng.poisson(expected), log_score))
    return pd.DataFrame(rows)


def _row(name: str, window: Window, samples: np.ndarray, log_score: float) -> dict[str, object]:
    logs, value = np.log1p(samples), np.log1p(window.count.value)
    low, middle, high = np.quantile(samples, (0.05, 0.5, 0.95))
    return {
        "predictor": name,
        "monitor": window.count.monitor,
        "from": window.count.begins,
        "to": window.count.ends,
        "value": window.count.value,
        "log_score": log_score,
        "crps": float(crps(logs, value)),
        "q05": low,
        "q50": middle,
        "q95": high,
    }


def _baselines(
    window: Window, known: Sequence[Window], rng: np.random.Generator
) -> dict[str, Numbers]:
    """Return drawn rates a month of persistence, trend and constant rate.

    The first monitor has the longest series; its changes stand for those of all.
    """
    longest = [w for w in known if w.monitor == 0]
    own = [w for w in known if w.monitor == window.monitor]
    level = _log_rates(own)
    changes = np.diff(_log_rates(longest))
    ahead = max(window.first - own[-1].last, 0) / 12.0 + 1.0
    noise = rng.standard_normal(SAMPLES)
    found = {
        "persistence": np.exp(level[-1] + changes.std(ddof=1) * np.sqrt(ahead) * noise),
        "constant": np.exp(level.mean() + _log_rates(longest).std(ddof=1) * noise),
    }
    times = np.array([(w.first + w.last) / 24.0 for w in longest])
    rates = _log_rates(longest)
    slope, start = np.polyfit(times, rates, 1)
    spread = np.std(rates - start - slope * times, ddof=2)
    here = (window.first + window.last) / 24.0
    base = level.mean() + slope * (here - np.mean([(w.first + w.last) / 24.0 for w in own]))
    found["trend"] = np.exp(base + spread * noise)
    return found


def _log_rates(chosen: Sequence[Window]) -> Numbers:
    """Return log counts a month; of a number with two readings, the geometric mean."""
    found = []
    for window in chosen:
        value = window.count.value
        if window.count.alternative is not None:
            value = float(np.sqrt(value * window.count.alternative))
        found.append(np.log(max(value, 0.5) / (window.last - window.first)))
    return np.array(found)


def score_scopes(scenario: YearsScenario, scores: Numbers, split: str) -> pd.DataFrame:
    """Return scores of the scopes of triggers outside a split, beside the shares of earlier ones.

    Returns
    -------
    DataFrame
        predictor, trigger, date, observed, the probability of every class, log_score, rps.
    """
    chosen = SPLITS[split]
    _, _, _, chances = predicted(scenario, scores, split)
    observed, triggers = observed_classes(scenario), dated_triggers(scenario.years)
    inside = np.array(
        [
            month_number(t.begins) < month_number(chosen.before)
            and t.trigger not in chosen.without
            and observed[k] >= 0
            for k, t in enumerate(triggers)
        ]
    )
    shares = np.bincount(observed[inside], minlength=len(CLASSES)) + 0.5
    rows = []
    for k, trigger in enumerate(triggers):
        if inside[k] or observed[k] < 0:
            continue
        for name, p in (("law", read_as(chances[k])), ("earlier shares", shares / shares.sum())):
            happened = np.arange(len(CLASSES)) >= observed[k]
            rps = float(((np.cumsum(p) - happened)[:-1] ** 2).sum() / (len(CLASSES) - 1))
            rows.append(
                {
                    "predictor": name,
                    "trigger": trigger.trigger,
                    "date": trigger.begins,
                    "observed": CLASSES[observed[k]],
                    **{c: float(p[j]) for j, c in enumerate(CLASSES)},
                    "log_score": float(np.log(p[observed[k]])),
                    "rps": rps,
                }
            )
    return pd.DataFrame(rows)
