"""Posteriors as files: draws in the form of a fitted ensemble, and a note on how they were made.

A pack that ships such files lets anybody run an account at its posterior without calibrating it.

What a calibration says about itself: versions, design, convergence, and whom to cite.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

import qantar
from qantar.analysis.inference.calibration import Calibration
from qantar.analysis.inference.design import Design, subsample
from qantar.analysis.inference.problem import Case, fitted_on, opened
from qantar.analysis.inference.summary import convergence, discrepancy_table
from qantar.analysis.manifest import basis_of, circumstances, citations
from qantar.base.errors import OutputError
from qantar.simulate.draws import digest_of_text, fitted_columns

DIGITS = 4
"""Significant digits of a draw: far finer than any posterior is wide."""

METHOD = (
    "sequential Monte Carlo by tempering (delmoral2006) on a synthetic likelihood (wood2010) with "
    "an emulator and a model discrepancy (kennedy2001); the emulator learnt along an ensemble "
    "smoother (emerick2013)"
)


def write_posterior(
    folder: Path,
    found: Calibration,
    *,
    draws: int = 128,
    name: str | None = None,
    design: Design | None = None,
) -> Path:
    """Write draws from a posterior as a CSV, and a note of the same name that says what they are.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    found : Calibration
    draws : int
        How many, evenly from all particles; all of them if there are fewer.
    name : str, optional
        Of the files, without ending; by default that of the account.
    design : Design, optional
        With which it was found; stands in the note.

    Returns
    -------
    Path
        Of the CSV: one row per draw, the values of all parameters of the scenario in their units,
        then propensity and threshold of every place in standard deviations.

    Raises
    ------
    OutputError
        If the files cannot be written.
    """
    path = folder / f"{name or found.case.account}.csv"
    particles = len(found.draws)
    chosen = subsample(particles, min(draws, particles))
    data = _table(found, chosen).encode()
    about = _note(found, len(chosen), digest_of_text(data), design)
    text = io.StringIO()
    YAML().dump(about, text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.with_suffix(".yaml").write_text(text.getvalue(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}", mend="choose another folder"
        ) from error
    return path


def _table(found: Calibration, chosen: np.ndarray) -> str:
    at = opened(found.case)
    held = at.draws(found.draws[chosen, : len(at.names)])
    values = np.hstack([held.parameters, held.propensity, held.threshold])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fitted_columns(at.scenario.numbers, at.scenario.places))
    writer.writerows([[f"{value:.{DIGITS}g}" for value in row] for row in values])
    return text.getvalue()


def _note(found: Calibration, draws: int, digest: str, design: Design | None) -> dict[str, Any]:
    case, at = found.case, opened(found.case)
    told = convergence(found)
    return {
        "made_by": "qantar calibrate",
        "method": METHOD,
        "qantar_version": qantar.__version__,
        "episode": case.episode,
        "account": case.account,
        "draws": draws,
        "design": design.plan() if design is not None else "not recorded",
        "log_evidence": _short(told.pop("log_evidence")),
        "log_evidence_error": _short(told.pop("error")),
        "convergence": {key: _short(value) for key, value in told.items()},
        "discrepancy": _discrepancy(found),
        "sha256": digest,
        "fitted_on": [at.observations.names[k] for k in fitted_on(case)],
    }


def _discrepancy(found: Calibration) -> dict[str, dict[str, float]]:
    """Return the posterior median of the discrepancy by kind, in its unit and as a logarithm."""
    table = discrepancy_table(found)
    return {
        str(kind): {"median": _short(median), "log_median": _short(math.log(median))}
        for kind, median in zip(table["kind"], table["q50"], strict=True)
    }


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS + 1}g}")


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
