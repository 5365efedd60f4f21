"""What a comparison says about itself: versions, luck, machine, and whom to cite."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from qantar.scenario.scenario import make_scenario
from qantar.study.inference.case import Case
from qantar.study.manifest import circumstances, citations

_LIBRARIES = ("numpy", "numba", "pandas", "scipy", "matplotlib")

CITATIONS = (
    "Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and "
    "estimation. Journal of the American Statistical Association 102(477). "
    "https://doi.org/10.1198/016214506000001437",
    "Kass, R. E. and Raftery, A. E. (1995). Bayes factors. Journal of the American Statistical "
    "Association 90(430). https://doi.org/10.1080/01621459.1995.10476572",
    "Roberts, D. R. et al. (2017). Cross-validation strategies for data with temporal, spatial, "
    "hierarchical, or phylogenetic structure. Ecography 40(8). "
    "https://doi.org/10.1111/ecog.02881",
    "Talts, S. et al. (2018). Validating Bayesian inference algorithms with simulation-based "
    "calibration. https://arxiv.org/abs/1804.06788",
)
"""Literature of scores, verdicts, folds and the recovery of known truth."""


def manifest(cases: Sequence[Case], *, started: dt.datetime, wall_seconds: float) -> dict[str, Any]:
    """Return what a comparison says besides what `About` holds.

    Parameters
    ----------
    cases : sequence of Case
    started : datetime
        When it began, UTC; a resumed one when it was resumed.
    wall_seconds : float
        How long it took since.
    """
    return {
        **circumstances(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "citations": all_citations(cases),
    }


def all_citations(cases: Sequence[Case]) -> list[str]:
    """Return everything a comparison rests on, each once."""
    lines: list[str] = []
    for case in cases:
        scenario = make_scenario(
            case.episode, account=case.account, pack=case.pack, belief="posterior"
        )
        lines += citations(scenario)
    return list(dict.fromkeys([*lines, *CITATIONS]))
