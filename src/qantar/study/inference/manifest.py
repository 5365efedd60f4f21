"""What a calibration says about itself: versions, design, convergence, and whom to cite."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from qantar.study.inference.basis import basis_of
from qantar.study.inference.calibration import Calibration
from qantar.study.inference.case import Case, fitted_on, opened
from qantar.study.inference.design import Design
from qantar.study.inference.summary import convergence
from qantar.study.manifest import circumstances, citations

_LIBRARIES = ("numpy", "numba", "pandas", "scipy", "scikit-learn", "arviz")


def plan_of(case: Case, design: Design) -> dict[str, Any]:
    """Return everything that the pieces of a calibration depend on."""
    country = opened(case).scenario.country
    return {
        "work": "calibration",
        "pack": country.header.name,
        "episode": case.episode,
        "account": case.account,
        "design": design.plan(),
        "basis": basis_of(country, case.episode, [case.account]),
        "qantar_version": version("qantar"),
    }


def manifest(
    found: Calibration, design: Design, *, started: dt.datetime, wall_seconds: float
) -> dict[str, Any]:
    """Return the manifest of a calibration.

    Parameters
    ----------
    started : datetime
        When it began, UTC; a resumed one when it was resumed.
    wall_seconds : float
        How long it took since.
    """
    at = opened(found.case)
    scenario = replace(at.scenario, belief="posterior")
    return {
        "work": "calibration",
        "qantar_version": version("qantar"),
        **circumstances(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "pack_fingerprint": scenario.country.fingerprint,
        "episode": scenario.episode.name,
        "account": scenario.account.name,
        "design": design.plan(),
        "simulations": design.simulations,
        "fitted_on": [at.observations.names[k] for k in fitted_on(found.case)],
        "convergence": convergence(found),
        "citations": citations(scenario),
    }
