"""Rebuilding a run from its run directory: scenario from the manifest, outcome from the arrays."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from qantar.analysis.kept_arrays import read_daily_values
from qantar.analysis.outcomes import Keep, Layout, Outcome
from qantar.analysis.run import Run, layout_of, load_evidence, scored
from qantar.analysis.run_directory import MANIFEST, MEMBERS_PER_CHUNK, RunDirectory
from qantar.analysis.scores import score
from qantar.base.errors import FileError
from qantar.model.hour import VARIABLES
from qantar.simulate.scenario import Scenario, make_scenario

REPEAT = "repeat the run with this version of Qantar and of the pack"


def outcome_of(group: zarr.Group, layout: Layout, keep: Keep = "places") -> Outcome:
    """Return the outcome of an ensemble from its hourly arrays, some members at a time.

    Parameters
    ----------
    keep : str
        What the outcome keeps, ``places`` or ``all``.

    Raises
    ------
    KeyError
        If a variable was not recorded.
    """
    arrays: list[Any] = [group[variable.name] for variable in VARIABLES]
    members = arrays[0].shape[0]
    outcome = Outcome(layout, keep, members)
    for start in range(0, members, MEMBERS_PER_CHUNK):
        stop = min(start + MEMBERS_PER_CHUNK, members)
        outcome.add_block(np.stack([np.asarray(each[start:stop], np.float32) for each in arrays]))
    return outcome


def scenario_of(directory: RunDirectory, pack: str | Path | None = None) -> Scenario:
    """Return the scenario of a run directory, from the pack as it is now.

    Parameters
    ----------
    directory : RunDirectory
    pack : str or Path, optional
        The pack; by default the shipped pack that the manifest names.

    Raises
    ------
    FileError
        If the manifest lacks an entry, or the pack has other places or another window now.
    QantarError
        If the pack, the episode or the account cannot be read.

    Warns
    -----
    UserWarning
        If the pack has changed since the run was made.
    """
    manifest, path = directory.manifest, directory.path / MANIFEST
    try:
        scenario = make_scenario(
            manifest["episode"],
            account=_account(manifest),
            pack=pack or manifest["pack"],
            belief=manifest["belief"],
            overrides=dict(manifest.get("overrides") or {}),
            decisions=manifest.get("decisions", "script"),
            conditions=manifest.get("conditions", True),
        )
        same = manifest["places"] == scenario.places
        same = same and manifest["hours"] == scenario.episode.hours
    except KeyError as error:
        raise FileError(path, f"has no entry {error}", hint=REPEAT) from error
    if not same or manifest.get("first_day") != scenario.episode.first_day.isoformat():
        raise FileError(path, "the pack has other places or another window now", hint=REPEAT)
    if manifest.get("pack_fingerprint") != scenario.country.fingerprint:
        warnings.warn(
            f"the pack {scenario.country.header.name!r} has changed since {directory.path} was "
            "made; names, regions and targets are those of today",
            UserWarning,
            stacklevel=3,
        )
    return scenario


def rebuild_run(directory: RunDirectory, pack: str | Path | None = None) -> Run:
    """Return the run of a run directory, scored against the evidence of the pack as it is now.

    Parameters are those of `scenario_of`, which says what is raised; also if facts only are kept.
    """
    kept = directory.manifest.get("keep", "all")
    if kept == "facts":
        raise FileError(
            directory.path,
            "keeps facts only: the run cannot be rebuilt from it",
            hint="use its facts, or repeat the run with --keep places",
        )
    scenario = scenario_of(directory, pack)
    layout = layout_of(scenario)
    try:
        if kept == "places":
            outcome = read_daily_values(directory.arrays(), layout)
        else:
            outcome = outcome_of(directory.arrays(), layout, "all")
    except (OSError, KeyError, ValueError) as error:
        raise FileError(
            directory.path, f"its arrays cannot be read: {error}", hint=REPEAT
        ) from error
    ledger, targets = load_evidence(scenario.country, scenario.episode)
    scores = tuple(score(outcome, scored(targets)))
    manifest = directory.manifest
    return Run(scenario, outcome.members, int(manifest["seed"]), outcome, ledger, targets, scores)


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    FileError
        If it is not a JSON object.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(path, f"is damaged: {error}") from error
    if not isinstance(manifest, dict):
        raise FileError(path, "is damaged: it is not a JSON object")
    return manifest


def _account(manifest: Mapping[str, Any]) -> str | Path:
    """Return the account of a run: its name, or its file if it is not of the pack."""
    file = manifest.get("account_file")
    return Path(file) if file else str(manifest["account"])
