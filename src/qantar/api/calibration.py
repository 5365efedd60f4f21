"""`calibrate`: the posterior of an account's parameters on the evidence of an episode."""

from __future__ import annotations

import datetime as dt
import html
import json
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qantar.analysis.design_points import unknowns_of
from qantar.analysis.inference import calibration_design as designs
from qantar.analysis.inference.calibration import Calibration as CalibrationResult
from qantar.analysis.inference.calibration import calibrate as calibrate_cases
from qantar.analysis.inference.calibration import prior_runs
from qantar.analysis.inference.calibration_design import Design, TaskRunner
from qantar.analysis.inference.posteriors import manifest, write_posterior
from qantar.analysis.inference.problem import inference_problem_of, load_problem
from qantar.analysis.inference.summary import (
    convergence,
    discrepancy_table,
    fact_table,
    inference_data,
    parameter_table,
    prior_check,
)
from qantar.base.errors import QantarError
from qantar.base.files import AtomicDirectory
from qantar.base.parallel import PoolSettings, open_pool
from qantar.base.provenance import SOFTWARE
from qantar.packs.account import load_account
from qantar.packs.loading import load_country
from qantar.reports.calibration import render_calibration, summary_lines, warnings_of

if TYPE_CHECKING:
    from arviz import InferenceData

REPORT, MANIFEST, POSTERIOR, DRAWS = "report.html", "manifest.json", "posterior", "posterior.nc"

SHOWN = 8
"""Parameters in the short representation."""


@dataclass(frozen=True, repr=False)
class Calibration:
    """The posterior of one account on one episode.

    Attributes
    ----------
    result : qantar.analysis.inference.calibration.Calibration
        Runs, emulator and chains.
    design : Design
        Sizes of every stage, and the random seed.
    started : datetime
    wall_seconds : float
        Duration of the computation.
    """

    result: CalibrationResult
    design: Design
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    wall_seconds: float = 0.0

    @property
    def episode(self) -> str:
        """Name of the episode."""
        return self.result.case.episode

    @property
    def account(self) -> str:
        """Name of the account."""
        return self.result.case.account

    @cached_property
    def draws(self) -> pd.DataFrame:
        """Posterior draws of the free parameters in their units, of all chains."""
        numbers = unknowns_of(load_problem(self.result.case).scenario)
        scores = self.result.draws
        return pd.DataFrame(
            {
                number.name: [number.at(float(score)) for score in scores[:, k]]
                for k, number in enumerate(numbers)
            }
        )

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables ``parameters``, ``facts``, ``discrepancy`` and ``prior-check``.

        Their columns are described in `qantar.analysis.inference.summary`.
        """
        found, case = self.result, self.result.case
        return {
            "parameters": parameter_table(found),
            "facts": fact_table(load_problem(case), found.predictive),
            "discrepancy": discrepancy_table(found),
            "prior-check": prior_check(case, found.prior),
        }

    @cached_property
    def diagnostics(self) -> dict[str, float]:
        """Diagnostics of convergence; see `qantar.analysis.inference.summary.convergence`."""
        return convergence(self.result)

    @property
    def warnings(self) -> list[str]:
        """Reasons to doubt the result; empty if there are none."""
        return warnings_of(self.result)

    def to_frame(self) -> pd.DataFrame:
        """Return prior and posterior of every free parameter, narrowest first.

        Returns
        -------
        DataFrame
            See `qantar.analysis.inference.summary.parameter_table`.
        """
        return self.tables["parameters"]

    def to_inference_data(self) -> InferenceData:
        """Return the calibration as ArviZ data.

        Returns
        -------
        arviz.InferenceData
            See `qantar.analysis.inference.summary.inference_data`.
        """
        about = manifest(
            self.result, self.design, started=self.started, wall_seconds=self.wall_seconds
        )
        data = inference_data(self.result)
        data.attrs.update(
            title=f"Posterior of {self.account} on {self.episode} of {self.result.case.pack}",
            history=f"{self.started:%Y-%m-%dT%H:%M:%SZ} qantar calibrate",
            source=SOFTWARE,
            references="\n".join(about["citations"]),
        )
        return data

    def save(self, folder: str | Path) -> Path:
        """Write tables, posterior, ArviZ data and the page ``report.html`` into a new folder.

        Parameters
        ----------
        folder : str or Path
            Must not exist.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputError
            If the folder exists or cannot be written.
        """
        destination, found = Path(folder), self.result
        about = manifest(found, self.design, started=self.started, wall_seconds=self.wall_seconds)
        with AtomicDirectory(destination) as unfinished:
            for name, table in self.tables.items():
                table.to_csv(
                    unfinished / f"{name}.csv",
                    index=False,
                    float_format="%.6g",
                    lineterminator="\n",
                )
            write_posterior(unfinished, found, name=POSTERIOR, design=self.design)
            self.to_inference_data().to_netcdf(str(unfinished / DRAWS))
            text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
            (unfinished / MANIFEST).write_text(text, encoding="utf-8")
            page = render_calibration(found, about)
            (unfinished / REPORT).write_text(page, encoding="utf-8")
        return destination

    def __repr__(self) -> str:
        """Return what was calibrated, how well it converged, and the narrowest parameters."""
        return "\n".join([*self._lines(), self._narrowest().to_string(index=False)])

    def _repr_html_(self) -> str:
        """Return the same for a notebook."""
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in self._lines())
        return lines + self._narrowest().to_html(index=False, border=0)

    def _lines(self) -> list[str]:
        warnings = [f"Warning: {line}" for line in self.warnings]
        title = f"Calibration of {self.account} on {self.episode}."
        return [title, *warnings, *summary_lines(self.result)]

    def _narrowest(self) -> pd.DataFrame:
        columns = ["parameter", "posterior_q05", "posterior_q50", "posterior_q95", "unit"]
        table = self.to_frame().head(SHOWN)[columns]
        numbers = table.select_dtypes(np.number).columns
        return table.assign(**{name: table[name].map("{:.3g}".format) for name in numbers})


def calibrate(
    episode: str,
    account: str | Path = "union",
    *,
    pack: str | Path = "kazakhstan",
    quick: bool = False,
    design: Design | None = None,
    seed: int | None = None,
    workers: int | None = None,
) -> Calibration:
    """Infer the posterior of an account's parameters from the evidence of an episode.

    This takes about an hour of several cores, or minutes if `quick`. ``qantar calibrate`` does
    the same, shows progress and can be resumed.

    Parameters
    ----------
    episode : str
        Name of an episode of the pack.
    account : str or Path
        Name of an account of the pack, or path of an account file.
    pack : str or Path
        A shipped pack or a folder.
    quick : bool
        Use a small design: a preview, not for citation.
    design : Design, optional
        Sizes of every stage, instead of the two standard ones; see
        `qantar.analysis.inference.calibration_design.Design`.
    seed : int, optional
        Random seed; by default that of the design.
    workers : int, optional
        Number of processes; by default this one alone. The result does not depend on it. With
        more than one, a script must call this under ``if __name__ == "__main__":``.

    Returns
    -------
    Calibration

    Raises
    ------
    QantarError
        If a name is wrong, the episode has no targets, both `quick` and `design` are given, or a
        library of the extra ``study`` is missing.
    """
    if quick and design is not None:
        raise QantarError("quick=True and a design exclude each other", expected="one of them")
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    country = load_country(pack)
    case = inference_problem_of(str(pack), episode, load_account(country, account), country)
    load_problem(case)
    chosen = design or designs.design_of(quick=quick, seed=None)
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    with open_pool(PoolSettings(workers or 1)) as pool:
        runner = TaskRunner(pool)
        found = calibrate_cases(runner, prior_runs(runner, [case], chosen), chosen)[case]
    return Calibration(found, chosen, started, time.perf_counter() - clock)
