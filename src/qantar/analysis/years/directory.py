"""A run of the years on disk: manifest, tables, arrays and report.

The folder is moved into place when all of it is complete.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from qantar.analysis.manifest import computing_environment
from qantar.analysis.run_directory import (
    ARRAYS,
    COMPRESSION,
    MANIFEST,
    REPORT,
    add_coordinate,
)
from qantar.analysis.years.study import YearsStudy, choices_of
from qantar.base.files import AtomicDirectory
from qantar.base.provenance import ASSUMPTION, SOFTWARE
from qantar.model.month import COUNTRY_FIELDS, MECHANISMS, REGION_FIELDS, SWITCHED
from qantar.model.months.declaration import WAVE_COLUMNS
from qantar.simulate.years.histories import Histories
from qantar.simulate.years.scenario import YearsScenario

WORK = "years"
"""What the manifest calls this kind of work."""

STATE = "state.html"
"""The page of the state."""

AFTER = "after.html"
"""The page of the time after a crisis and of the world outside."""

FLOATS = "%.6g"
"""Format of numbers in tables."""

LIBRARIES = ("numpy", "numba", "pandas", "zarr", "matplotlib")

_MEMBERS = 256
_DIMENSIONS = {
    "country": ("member", "month", "country_variable"),
    "regions": ("member", "year", "region_variable", "region"),
    "published": ("member", "month", "monitor"),
    "waves": ("wave", "wave_column"),
    "regions_out": ("wave", "region"),
}
"""Arrays that are kept of each part, with their dimensions."""


def years_name(scenario: YearsScenario, seed: int) -> str:
    """Return what a run of the years is called."""
    parts = [scenario.country.header.name, "years", scenario.law_name]
    if scenario.reforms:
        parts.append("-and-".join(list(scenario.reforms)[:3]))
    return "--".join([*parts, f"seed{seed}"])


def years_manifest(
    study: YearsStudy, *, started: dt.datetime, wall_seconds: float
) -> dict[str, Any]:
    """Return the manifest of a run of the years.

    Parameters
    ----------
    study : YearsStudy
    started : datetime
        Start of the run, UTC.
    wall_seconds : float
        Its duration.
    """
    run, scenario = study.run, study.scenario
    fields = {"country": COUNTRY_FIELDS, "regions": REGION_FIELDS}
    return {
        "work": WORK,
        "qantar_version": version("qantar"),
        **computing_environment(LIBRARIES, started=started, wall_seconds=wall_seconds),
        **choices_of(scenario, run.members, run.seed),
        "opened": None if study.opened is None else study.opened.trigger,
        "pack_fingerprint": scenario.country.fingerprint,
        "observed_until": scenario.years.header.observed_until,
        "parts": list(study.parts),
        "prior_beside": study.prior is not None,
        "variables": {
            part: {each.name: {"unit": each.unit, "meaning": each.meaning} for each in listed}
            for part, listed in fields.items()
        },
        "citations": citations(scenario),
    }


def citations(scenario: YearsScenario) -> list[str]:
    """Return the citations: software, sources of the years, literature of the law."""
    country, years = scenario.country, scenario.years
    rows = (*years.drivers, *years.triggers, *years.answers, *years.elections, *years.events)
    named = {key for row in (*rows, *years.counts) for key in _keys(row.reference)}
    literature = set(scenario.law.references)
    for mechanism in MECHANISMS.values():
        if mechanism.name not in SWITCHED or mechanism.name in scenario.law.mechanisms:
            literature.update(mechanism.references)
    lines = [SOFTWARE]
    for key, source in country.sources.items():
        if key in named and source.kind != "judgement":
            author = f"{source.author}. " if source.author else ""
            date = f" ({source.date})" if source.date else ""
            url = f" {source.url}" if source.url else ""
            lines.append(f"[{key}] {author}{source.title}{date}.{url}")
    known = country.references
    return [*lines, *(known[k].cite() for k in sorted(literature - {ASSUMPTION}) if k in known)]


def write_years(
    study: YearsStudy,
    destination: Path,
    *,
    manifest: dict[str, Any],
    page: str,
    state_page: str = "",
    others: Mapping[str, str] | None = None,
) -> None:
    """Write the folder of a run of the years, all at once.

    Parameters
    ----------
    study : YearsStudy
    destination : Path
        It must not exist.
    manifest : dict
        From `years_manifest`.
    page : str
        The report, HTML.
    state_page : str
        The page of the state, HTML; empty if the pack has no part of it.
    others : mapping, optional
        Texts of further files, by name: those of `qantar.reports.after.files.after_files`.

    Raises
    ------
    OutputError
        If the destination exists, or the disk refuses; nothing is left behind.
    """
    with AtomicDirectory(destination) as folder:
        tables = dict(study.tables)
        if state_page and study.state is not None:
            (folder / STATE).write_text(state_page, encoding="utf-8")
            tables |= study.state.tables
        for name, table in tables.items():
            text = table.to_csv(index=False, float_format=FLOATS)
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        for name, text in (others or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / REPORT).write_text(page, encoding="utf-8")
        _write_arrays(study, folder / ARRAYS)
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8")


def _write_arrays(study: YearsStudy, path: Path) -> None:
    """Write a group for each part of the run."""
    root = zarr.open_group(path, mode="w")
    for name, histories in study.parts.items():
        group = root.create_group(name)
        _write_part(group, histories)
        for coordinate, values in _coordinates(study, histories):
            add_coordinate(group, coordinate, (coordinate,), values, {"long_name": coordinate})


def _write_part(group: zarr.Group, histories: Histories) -> None:
    for name, dimensions in _DIMENSIONS.items():
        values = getattr(histories, name)
        first = min(_MEMBERS, max(len(values), 1)) if dimensions[0] == "member" else len(values)
        array = group.create_array(
            name,
            shape=values.shape,
            chunks=(max(first, 1), *(max(each, 1) for each in values.shape[1:])),
            dtype=values.dtype,
            compressors=COMPRESSION,
            dimension_names=dimensions,
        )
        array[...] = values


def _coordinates(study: YearsStudy, histories: Histories) -> Iterable[tuple[str, NDArray[Any]]]:
    scenario = study.scenario
    first = int(scenario.years.header.first[:4])

    def texts(names: Iterable[str]) -> NDArray[Any]:
        return np.array(list(names), dtype=object)

    yield "month", texts(study.run.month_labels(histories).astype(str))
    yield "year", first + np.arange(histories.regions.shape[1])
    yield "country_variable", texts(each.name for each in COUNTRY_FIELDS)
    yield "region_variable", texts(each.name for each in REGION_FIELDS)
    yield "region", texts(region.region for region in scenario.country.regions)
    yield "monitor", texts(scenario.years.header.monitors)
    yield "wave_column", texts(("member", *WAVE_COLUMNS))


def _keys(cell: str) -> list[str]:
    return [key.strip() for key in cell.split(";") if key.strip()]
