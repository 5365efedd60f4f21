"""Posteriors as files: draws in the form of a fitted ensemble, and a note with their provenance.

With such files in a pack, an account can be run at its posterior without a calibration.
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
from qantar.analysis.inference.calibration_design import Design, subsample
from qantar.analysis.inference.problem import InferenceProblem, fitted_on, load_problem
from qantar.analysis.inference.summary import convergence, discrepancy_table
from qantar.analysis.manifest import account_facts, citations, computing_environment, input_hashes
from qantar.base.errors import QantarError
from qantar.base.files import read_text, write_bytes, write_text
from qantar.simulate.draws import digest_of_text, fitted_columns, verify_checksum

DIGITS = 4
"""Significant digits of a draw, far below the width of any posterior."""

EFFECTS = ("propensity", "threshold")
"""Latent effects of places."""

_LIBRARIES = ("numpy", "numba", "pandas", "scipy", "arviz")

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
    """Write draws from a posterior as CSV, and a YAML note of the same name that describes them.

    Parameters
    ----------
    folder : Path
        Created if missing.
    found : Calibration
    draws : int
        Number of draws, evenly spaced over all particles; at most the number of particles.
    name : str, optional
        File name without extension; by default that of the account.
    design : Design, optional
        The design of the calibration, recorded in the note.

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
    at = load_problem(found.case)
    held = at.draws(found.draws[chosen, : len(at.names)])
    values = np.hstack([held.parameters, held.propensity, held.threshold])
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(fitted_columns(at.scenario.numbers, at.scenario.places))
    writer.writerows([[f"{value:.{DIGITS}g}" for value in row] for row in values])
    data = table.getvalue().encode()
    note = io.StringIO()
    YAML().dump(_note(found, len(chosen), digest_of_text(data), design), note)
    write_bytes(path, data)
    write_text(path.with_suffix(".yaml"), note.getvalue())
    return path


def shipped_inference_data(case: InferenceProblem) -> Any:
    """Return the posterior draws that a pack ships as ArviZ data.

    Returns
    -------
    arviz.InferenceData
        Group ``posterior``, with one chain: a variable for every parameter in its unit, and
        ``propensity`` and ``threshold`` of every place in standard deviations.

    Raises
    ------
    QantarError
        If ArviZ is not installed, or the pack ships no posterior of the account.
    FileError
        If the file was changed.
    """
    scenario = replace(load_problem(case).scenario, belief="posterior")
    path = scenario.fit_file
    if not path.is_file():
        raise QantarError(
            f"the pack ships no posterior of {case.account!r} on {case.episode!r}",
            expected=str(path),
            hint="qantar.calibrate computes one",
        )
    try:
        import arviz
    except ImportError as error:
        raise QantarError(
            "inference data need ArviZ", hint="pip install 'qantar[study]'"
        ) from error
    verify_checksum(path)
    rows = list(csv.reader(io.StringIO(read_text(path))))
    values = np.array(rows[1:], dtype=np.float64)[None]
    effects = {f"{kind} of {place}" for kind in EFFECTS for place in scenario.places}
    column = {name: k for k, name in enumerate(rows[0])}
    parameters = {name: values[:, :, k] for name, k in column.items() if name not in effects}
    places = {
        kind: values[:, :, [column[f"{kind} of {place}"] for place in scenario.places]]
        for kind in EFFECTS
    }
    data = arviz.from_dict(
        posterior={**parameters, **places},
        coords={"place": scenario.places},
        dims={kind: ["place"] for kind in EFFECTS},
    )
    data.attrs["title"] = f"Posterior of {case.account} on {case.episode} of {case.pack}"
    return data


def _note(found: Calibration, draws: int, digest: str, design: Design | None) -> dict[str, Any]:
    """Return the note on some draws: provenance, and convergence of the chains."""
    case, at = found.case, load_problem(found.case)
    diagnostics = convergence(found)
    table = discrepancy_table(found)
    # The posterior median of the discrepancy by kind, in its unit and as a logarithm.
    discrepancy = {
        str(kind): {"median": _short(median), "log_median": _short(math.log(median))}
        for kind, median in zip(table["kind"], table["q50"], strict=True)
    }
    return {
        "made_by": "qantar calibrate",
        "method": METHOD,
        "qantar_version": qantar.__version__,
        "episode": case.episode,
        "account": case.account,
        "draws": draws,
        "design": design.plan() if design is not None else "not recorded",
        "log_evidence": _short(diagnostics.pop("log_evidence")),
        "log_evidence_error": _short(diagnostics.pop("error")),
        "convergence": {key: _short(value) for key, value in diagnostics.items()},
        "discrepancy": discrepancy,
        "sha256": digest,
        "fitted_on": [at.observations.names[k] for k in fitted_on(case)],
    }


def _short(value: float) -> float:
    """Return a number rounded to one significant digit more than the draws."""
    return float(f"{value:.{DIGITS + 1}g}")


def plan_of(case: InferenceProblem, design: Design) -> dict[str, Any]:
    """Return everything that the results of a calibration depend on, as a workbook's plan."""
    scenario = load_problem(case).scenario
    country = scenario.country
    return {
        "work": "calibration",
        "pack": country.header.name,
        "episode": case.episode,
        "account": case.account,
        "design": design.plan(),
        "basis": input_hashes(country, case.episode, [scenario.account]),
        "qantar_version": version("qantar"),
    }


def manifest(
    found: Calibration, design: Design, *, started: dt.datetime, wall_seconds: float
) -> dict[str, Any]:
    """Return the manifest of a calibration.

    Parameters
    ----------
    started : datetime
        UTC; for a resumed calibration the time at which it was resumed.
    wall_seconds : float
        Duration since then.
    """
    at = load_problem(found.case)
    scenario = replace(at.scenario, belief="posterior")
    return {
        "work": "calibration",
        "qantar_version": version("qantar"),
        **computing_environment(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "pack_fingerprint": scenario.country.fingerprint,
        "episode": scenario.episode.name,
        **account_facts(scenario),
        "design": design.plan(),
        "simulations": design.simulations,
        "fitted_on": [at.observations.names[k] for k in fitted_on(found.case)],
        "convergence": convergence(found),
        "citations": citations(scenario),
    }
