"""Folders of results: running a scenario into a run directory, and writing a what-if.

What is computed comes from `qantar.analysis`, the pages from `qantar.reports`. The command line
and the explorer write the same folders, by these functions.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qantar.analysis.array_labels import import_xarray, labels_of, write_netcdf
from qantar.analysis.facts import facts
from qantar.analysis.kept_arrays import write_daily_values, write_fact_samples
from qantar.analysis.manifest import manifest
from qantar.analysis.outcomes import Keep
from qantar.analysis.run import Evidence, OutcomeCallback, Run, run
from qantar.analysis.run_directory import (
    EVIDENCE,
    FACTS,
    MANIFEST,
    NETCDF,
    REPORT,
    RunDirectory,
    RunWriter,
)
from qantar.base.files import AtomicDirectory
from qantar.base.importing import begin_import
from qantar.base.text_cache import cached_text
from qantar.model.hour import VARIABLES
from qantar.simulate.ensemble import Block
from qantar.simulate.scenario import Scenario

if TYPE_CHECKING:
    from qantar.analysis.whatif.result import WhatIf

WHATIF_PAGE = "whatif.html"
"""The page of a what-if, in its folder."""

Step = Callable[[str, int], None]
"""Called with what is being done now, and how many members have finished since the last call."""


def ignore_step(_doing: str, _done: int) -> None:
    """Report no step."""


def open_writer(
    scenario: Scenario, destination: Path, members: int, keep: Keep = "all"
) -> RunWriter:
    """Return what writes the run directory of a scenario, before anything is run.

    Parameters
    ----------
    keep : str
        What is kept of every member: ``facts``, ``places`` (daily values) or ``all`` (every hour).

    Raises
    ------
    OutputError
        If the destination exists or cannot be written.
    """
    variables = tuple(variable.name for variable in VARIABLES)
    return RunWriter(
        destination,
        variables,
        tuple(scenario.places),
        members=members,
        hours=scenario.episode.hours,
        labels=labels_of(scenario),
        hourly=keep == "all",
    )


def write_run(
    scenario: Scenario,
    writing: RunWriter,
    *,
    members: int,
    seed: int,
    threads: int | None = None,
    step: Step = ignore_step,
    evidence: Evidence | None = None,
    netcdf: bool = False,
    keep: Keep = "all",
    so_far: OutcomeCallback | None = None,
) -> tuple[RunDirectory, Run]:
    """Run a scenario and write its run directory atomically.

    Parameters
    ----------
    writing : RunWriter
        From `open_writer`, for as many members and what is kept of them.
    members, seed : int
    threads : int, optional
        Worker threads; the result does not depend on it.
    step : callable, optional
        See `Step`.
    evidence : tuple, optional
        See `qantar.analysis.run.run`.
    netcdf : bool
        Whether to write the arrays as a netCDF file too.
    keep : str
        See `open_writer`.
    so_far : callable, optional
        See `qantar.analysis.run.OutcomeCallback`.

    Raises
    ------
    OutputError
        If it cannot be written.
    QantarError
        If a netCDF file is wanted and xarray is not installed.
    """
    if netcdf:
        import_xarray("writing netCDF")  # before the run, not after it
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    with writing as writer:
        begin_import("qantar.reports.run_report")

        def each_block(block: Block) -> None:
            if keep == "all":
                writer.add_block(block)
            step("running members", block.shape[1])

        result = run(
            scenario,
            members=members,
            seed=seed,
            threads=threads,
            each_block=each_block,
            evidence=evidence,
            so_far=so_far,
            keep="places",  # of every hour only arrays are written, as members run
        )
        if keep == "places":
            write_daily_values(writer.arrays_folder, result.outcome, labels_of(scenario))
        elif keep == "facts":
            write_fact_samples(writer.arrays_folder, result, labels_of(scenario))
        step("writing facts", 0)
        table = facts(result.outcome, result.targets)
        writer.write_text(FACTS, table.to_csv(index=False))
        step("drawing the report", 0)
        about = manifest(result, started=started, wall_seconds=time.perf_counter() - clock)
        if keep != "all":  # so that manifests of other runs stay as they are
            about["keep"] = keep
        from qantar.reports.run_report import render_report

        writer.write_text(REPORT, render_report(result, table, about))
        if result.ledger is not None:
            writer.write_text(EVIDENCE, _evidence_page(result, fresh=evidence is not None))
        if netcdf:
            write_netcdf(writer.close_arrays(), writer.folder / NETCDF)
        step("done", 0)
        return writer.finish(about), result


def _evidence_page(result: Run, *, fresh: bool) -> str:
    """Return the evidence page of a run, kept from earlier runs if it follows from the pack."""
    country, episode, ledger = result.scenario.country, result.scenario.episode.name, result.ledger
    assert ledger is not None

    def make() -> str:
        from qantar.reports.evidence import render_evidence

        return render_evidence(country, ledger, {episode: result.reconciled})

    return make() if fresh else cached_text(("evidence", country.fingerprint, episode), make)


def write_whatif(destination: Path, result: WhatIf, about: dict[str, Any]) -> None:
    """Write the folder of a what-if atomically.

    Parameters
    ----------
    destination : Path
        Where it shall be. It must not exist yet.
    result : WhatIf
    about : dict
        Its manifest, see `qantar.analysis.whatif.run.manifest`.

    Raises
    ------
    OutputError
        If the destination exists or cannot be written.
    """
    from qantar.analysis.whatif.designs import regrets
    from qantar.reports.whatif.page import render_whatif

    tables = {**result.tables, "regrets": regrets(result.tables["differences"])}
    with AtomicDirectory(destination) as folder:
        for name, table in tables.items():
            text = table.to_csv(index=False, float_format="%.6g")
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        (folder / WHATIF_PAGE).write_text(render_whatif(result, about), encoding="utf-8")
        text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8")
