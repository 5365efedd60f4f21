"""Value of information: which measurement would move the chance of another wave most.

If a number of the model were known, the chance of a wave would no longer be an average over its
values. How far the chance then moves, on average, is the standard deviation of the conditional
chance (the square root of a first-order Sobol index times the variance: Saltelli 2008). It is
estimated from members that differ in all numbers at once, by a quadratic in the normal score of one
number at a time; interactions are not seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from qantar.analysis.years.scopes import wave_chance
from qantar.base.arrays import Numbers
from qantar.simulate.years.histories import run_histories
from qantar.simulate.years.inputs import ALWAYS, dated_months, given_outcomes
from qantar.simulate.years.scenario import YearsScenario

COLUMNS = ("what", "label", "points", "low", "high")

RESAMPLES = 200


def information_table(
    scenario: YearsScenario, *, members: int = 3000, seed: int = 1
) -> pd.DataFrame:
    """Return how far knowing each number would move the chance of a national wave.

    Parameters
    ----------
    scenario : YearsScenario
        To the last month of the chance.
    members, seed : int

    Returns
    -------
    DataFrame
        what (a parameter), label, points (standard deviation of the chance once it is known, in
        percentage points), low and high (90 % range by resampling members), largest first.
        Numbers below the `noise_floor` are left out.

    Notes
    -----
    Under the prior, numbers are independent. Draws of a posterior by particles descend from few
    ancestors, so that a number that moves nothing may stand for one that does.
    """
    values = scenario.draw(seed, 0, members)
    given = given_outcomes(scenario.country, scenario.years, ALWAYS)
    histories = run_histories(scenario, given, values, seed=seed)
    start, regions = dated_months(scenario.years), len(scenario.country.regions)
    came = wave_chance(histories, start, scenario.months, regions)
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, members, (RESAMPLES, members))
    rows = []
    for k in (*scenario.free, *scenario.unfitted):
        scores = _normal_scores(values[:, k])
        moved = spread_known(scores, came)
        again = [spread_known(scores[pick], came[pick]) for pick in picks]
        low, high = np.quantile(again, (0.05, 0.95))
        # Resampling repeats members, which adds to the fit: only its excess is doubt.
        excess = float(np.median(again)) - moved
        low, high = max(float(low) - excess, 0.0), max(float(high) - excess, 0.0)
        number = scenario.numbers[k]
        rows.append((number.name, number.declared.label, 100 * moved, 100 * low, 100 * high))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    shown = table[table["points"] > noise_floor(came, len(table))]
    return shown.sort_values("points", ascending=False, ignore_index=True)


def noise_floor(came: Numbers, numbers: int) -> float:
    """Return the points that the best of so many numbers that tell nothing exceeds in 5 %.

    A quadratic in a score without meaning explains chi-squared with two degrees of freedom.
    """
    best = -2.0 * float(np.log(0.05 / numbers))
    return float(100 * np.sqrt(np.var(came) * (best - 2.0) / len(came)))


def law_spread(chances: Sequence[float]) -> float:
    """Return how far the chance moves once it is known which law holds, all laws being alike."""
    return float(100 * np.std(np.asarray(chances)))


def spread_known(scores: Numbers, came: Numbers) -> float:
    """Return the standard deviation of the chance of an event, once a score is known.

    Parameters
    ----------
    scores : float array (members,)
        Normal scores of one number.
    came : float array (members,)
        0 or 1.

    Returns
    -------
    float
        0 if the number tells no more than chance would.
    """
    design = np.column_stack([np.ones_like(scores), scores, scores**2])
    fitted = design @ np.linalg.lstsq(design, came, rcond=None)[0]
    free = len(came) - design.shape[1]
    total, rest = float(np.var(came)), float(np.sum((came - fitted) ** 2)) / free
    return float(np.sqrt(max(total * len(came) / (len(came) - 1) - rest, 0.0)))


def _normal_scores(values: Numbers) -> Numbers:
    """Return normal scores of ranks; equal values share theirs."""
    scores: Numbers = norm.ppf((rankdata(values) - 0.5) / len(values))
    return scores
