"""What a run says about itself: versions, luck, hashes, machine, and whom to cite."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qantar.engine.member import VARIABLES
from qantar.model.catalogue import mechanisms
from qantar.provenance import SOFTWARE
from qantar.reading import parse_yaml
from qantar.scenario.beliefs import Belief
from qantar.scenario.scenario import Scenario
from qantar.study.run import Run

_LIBRARIES = ("numpy", "numba", "pandas", "xarray", "zarr", "matplotlib")

METHOD_REFERENCES: dict[Belief, tuple[str, ...]] = {
    "fitted": ("emerick2013",),
    "posterior": ("delmoral2006", "emerick2013", "kennedy2001", "wood2010"),
}
"""Literature of the methods that drew parameters near to facts, by belief."""


def manifest(run: Run, *, started: dt.datetime, wall_seconds: float) -> dict[str, Any]:
    """Return the manifest of a run.

    Parameters
    ----------
    started : datetime
        When the run began, UTC.
    wall_seconds : float
        How long it took.
    """
    scenario = run.scenario
    return {
        "qantar_version": version("qantar"),
        **circumstances(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "pack_fingerprint": scenario.country.fingerprint,
        "episode": scenario.episode.name,
        "account": scenario.account.name,
        "belief": scenario.belief,
        "decisions": scenario.decisions,
        "conditions": scenario.conditions,
        "fitted_on": fitted_on(scenario),
        "overrides": scenario.overrides,
        "members": run.members,
        "seed": run.seed,
        "places": list(run.outcome.layout.places),
        "first_day": scenario.episode.first_day.isoformat(),
        "hours": scenario.episode.hours,
        "variables": {v.name: {"unit": v.unit, "meaning": v.meaning} for v in VARIABLES},
        "citations": citations(scenario),
    }


def circumstances(
    libraries: Sequence[str], *, started: dt.datetime, wall_seconds: float
) -> dict[str, Any]:
    """Return with what a work was done, when, for how long, and where.

    Parameters
    ----------
    libraries : sequence of str
        Names of the libraries whose versions matter to the work.
    started : datetime
        When it began, UTC.
    wall_seconds : float
        How long it took.
    """
    return {
        "git": git_state(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in libraries},
        "started": started.isoformat(timespec="seconds"),
        "wall_seconds": round(wall_seconds, 2),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


def fitted_on(scenario: Scenario) -> list[str]:
    """Return the targets that a scenario's parameters were fitted on; none if they were not."""
    if scenario.belief not in METHOD_REFERENCES:
        return []
    note = parse_yaml(scenario.fit_file.with_suffix(".yaml"))
    return [str(target) for target in note.get("fitted_on", [])]


def citations(scenario: Scenario) -> list[str]:
    """Return everything a run rests on: software, sources, then literature by mechanism."""
    country = scenario.country
    lines = [SOFTWARE]
    for key, source in country.sources.items():
        if source.kind != "judgement":
            author = f"{source.author}. " if source.author else ""
            date = f" ({source.date})" if source.date else ""
            url = f" {source.url}" if source.url else ""
            lines.append(f"[{key}] {author}{source.title}{date}.{url}")
    keys: set[str] = {"salmon2011"}
    for name, switch in scenario.account.mechanisms.items():
        if switch.on:
            keys.update(mechanisms()[name].references)
            for parameter in country.parameters.get(name, {}).values():
                keys.update(parameter.references)
    keys.update(METHOD_REFERENCES.get(scenario.belief, ()))
    known = country.references
    lines += [known[key].cite() for key in sorted(keys) if key in known]
    return lines


def git_state() -> str:
    """Return the commit of the checkout the code runs from, or ``not a checkout``."""
    folder = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "not a checkout"
    return done.stdout.strip()
