"""Foreign attention: what it did to named cases, beside the rule of the courts."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from qantar.analysis.state.checks import Check, Verdict
from qantar.base.arrays import Numbers
from qantar.model.months.courts import MECHANISM
from qantar.packs.state.courts import Courts
from qantar.packs.state.courts_tables import Case
from qantar.simulate.years.alone import declared_numbers

GRID = 63
"""Values of each parameter of the rule, equally likely in its prior."""

_INNER = (0.1, 0.9)
_EARLY = ("duvanov-2002", "ablyazov-2002", "zhakiyanov-2002", "atabek-2006")
"""Cases whose time in prison a check of C6 tells."""

_NOTE = (
    "the date itself is an input while the record holds; the prior was chosen by somebody who knew"
    " the cases"
)


def verdict_checks(courts: Courts) -> list[Check]:
    """Verdicts with and without foreign attention."""
    tried = [c for c in courts.cases if c.political == "yes" and c.verdict]
    seen = [c for c in tried if c.attention > 0]
    convicted = sum(c.verdict == "convicted" for c in tried)
    noticed = sum(c.verdict == "convicted" for c in seen)
    return [
        Check(
            "C6",
            "attention changes no verdict",
            "cases went on without a fair trial in spite of demands",
            f"{noticed} of {len(seen)} noticed and {convicted - noticed} of "
            f"{len(tried) - len(seen)} other political cases ended in a conviction; in the model "
            "no verdict depends on attention",
            "input",
            ("c003-211-eu-not-met", "c003-241-scenario"),
            "no acquittal is told of, so the cases cannot speak against it either",
        )
    ]


def served_months_by_rule(case: Case, unnoticed: bool = False) -> Numbers:
    """Return months from sentence to release by the rule, over a grid of the prior.

    Parameters
    ----------
    case : Case
        With years of a sentence.
    unnoticed : bool
        Whether to take attention away.

    Returns
    -------
    float array (GRID * GRID,)
        Equally likely values.
    """
    scores = [NormalDist().inv_cdf((k + 0.5) / GRID) for k in range(GRID)]
    served, early = (_values("served", scores), _values("early", scores))
    attention = 0.0 if unnoticed else case.attention
    share = np.minimum(served[:, None] * np.exp(-early * attention)[None, :], 1.0)
    return np.asarray(12 * (case.sentence_years or 0.0) * share.ravel(), np.float64)


def _values(name: str, scores: Sequence[float]) -> Numbers:
    """Return a parameter at standard normal scores of its prior."""
    parameter = declared_numbers(MECHANISM)[name]
    prior = parameter.prior
    values = [parameter.central if prior is None else prior.value_at(z) for z in scores]
    return np.array(values)


def release_checks(courts: Courts) -> list[Check]:
    """Whether the rule of release covers what happened, and whether attention can be told."""
    by_name = {case.case: case for case in courts.cases}
    known = [c for c in courts.cases if c.political == "yes" and c.sentence_years and c.released]
    found = [_release_check(by_name[name]) for name in _EARLY if name in by_name]
    if len(known) > 2:
        shares = [_share_served(case) for case in known]
        listed = ", ".join(
            f"{c.person.split()[-1]} {s:.2f} ({c.attention:.2f})"
            for c, s in zip(known, shares, strict=True)
        )
        ranks = _rank_correlation([c.attention for c in known], shares)
        found.append(
            Check(
                "C6",
                "attention brings release earlier",
                "pressure from outside freed Duvanov and softened other cases",
                f"share of the sentence served (attention): {listed}; rank correlation {ranks:.2f}",
                "not told",
                ("c003-221-duvanov-pressure", "c003-221-intl-influence", "c003-241-scenario"),
                f"{len(known)} cases, told because they were noticed; "
                f"{sum(bool(c.recalled) for c in known)} rest on recalled dates or terms",
            )
        )
    return found


def _share_served(case: Case) -> float:
    months = (case.month("released") or 0) - (case.month("sentenced") or 0)
    return months / (12 * (case.sentence_years or 1.0))


def _release_check(case: Case) -> Check:
    """Whether the time served lies within the middle 80 % of what the rule gives."""
    happened = (case.month("released") or 0) - (case.month("sentenced") or 0)
    drawn = served_months_by_rule(case)
    low, high = np.quantile(drawn, _INNER)
    verdict: Verdict = "hit" if low <= happened <= high else "miss"
    recalled = f"recalled: {case.recalled}" if case.recalled else ""
    return Check(
        "C6",
        f"release of {case.person}",
        f"out in {case.released} of {case.sentence_years:g} years"
        + (f", served {case.served_years:g}" if case.served_years else ""),
        f"{happened / 12:.1f} years from sentence to release; the rule gives a median of "
        f"{np.median(drawn) / 12:.1f}, 80 % from {low / 12:.1f} to {high / 12:.1f}",
        verdict,
        case.claim_ids,
        "; ".join(filter(None, (_NOTE, recalled))),
    )


def _rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(first, second).statistic)
