"""Manifests: versions, random seed, input hashes, machine and citations of a result."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qantar.analysis.run import Run
from qantar.base.files import parse_yaml
from qantar.base.provenance import ASSUMPTION, SOFTWARE
from qantar.model import hour
from qantar.model.hour import VARIABLES, mechanisms
from qantar.model.state import MOST_PAIRED
from qantar.packs.account import Account, is_pack_account
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.episode import episode_file, from_years_file
from qantar.simulate.draws import Belief, digest_of_text
from qantar.simulate.scenario import Scenario
from qantar.simulate.tie_accuracy import accuracy_of_ties

_LIBRARIES = ("numpy", "numba", "pandas", "zarr", "matplotlib")

METHOD_REFERENCES: dict[Belief, tuple[str, ...]] = {
    "fitted": ("emerick2013",),
    "posterior": ("delmoral2006", "emerick2013", "kennedy2001", "wood2010"),
}
"""Keys of the literature on fitting methods, by belief."""

TABLES = ("places.csv", "place_values.csv", "regions.csv", "region_values.csv", "variables.yaml")
"""Files of a pack from which the country is built."""


def manifest(run: Run, *, started: dt.datetime, wall_seconds: float) -> dict[str, Any]:
    """Return the manifest of a run.

    Parameters
    ----------
    started : datetime
        Start of the run, UTC.
    wall_seconds : float
        Its duration.
    """
    scenario = run.scenario
    return {
        "qantar_version": version("qantar"),
        **computing_environment(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "pack_fingerprint": scenario.country.fingerprint,
        "episode": scenario.episode.name,
        **account_facts(scenario),
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
        **sparse_ties_facts(scenario),
        "variables": {v.name: {"unit": v.unit, "meaning": v.meaning} for v in VARIABLES},
        "citations": citations(scenario),
    }


def sparse_ties_facts(scenario: Scenario) -> dict[str, Any]:
    """Return how the ties between places are represented; nothing if every pair is kept."""
    if scenario.environment.place_count <= MOST_PAIRED:
        return {}
    ties, worst = accuracy_of_ties(scenario.country, scenario.environment, scenario.numbers)
    return {
        "ties": {
            "share_one_by_one": round(ties.one_by_one, 4),
            "largest_share_by_district": round(ties.by_district, 4),
            "largest_error": round(ties.error, 4),
            "largest_error_in_range": round(worst, 4),
        }
    }


def account_facts(scenario: Scenario) -> dict[str, Any]:
    """Return entries that identify the account of a scenario, even if another has the same name.

    The pack fingerprint does not cover an account from outside the pack, so its full content is
    included.
    """
    account = scenario.account
    facts = {"account": account.name, "account_sha256": account.digest}
    if is_pack_account(scenario.country, account):
        return facts
    return {**facts, "account_file": str(account.file), "account_content": account.content}


def computing_environment(
    libraries: Sequence[str], *, started: dt.datetime, wall_seconds: float
) -> dict[str, Any]:
    """Return the software, machine and time of a computation.

    Parameters
    ----------
    libraries : sequence of str
        Libraries of which versions are recorded.
    started : datetime
        Start of the computation, UTC.
    wall_seconds : float
        Its duration.
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
    """Return the targets to which the parameters of a scenario were fitted; empty if unfitted."""
    if scenario.belief not in METHOD_REFERENCES:
        return []
    note = parse_yaml(scenario.fit_file.with_suffix(".yaml"))
    return [str(target) for target in note.get("fitted_on", [])]


def citations(scenario: Scenario) -> list[str]:
    """Return the citations of a run: software, sources, then literature by mechanism."""
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
    lines += [known[key].cite() for key in sorted(keys - {ASSUMPTION}) if key in known]
    return lines


def git_state() -> str:
    """Return the commit of the checkout that contains this code, or ``not a checkout``."""
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


def input_hashes(country: Country, episode: str, accounts: Iterable[Account]) -> dict[str, str]:
    """Return the hash of every input of a comparison of accounts.

    The fingerprint of a country cannot be used because it covers the whole pack, including the
    archive of the comparison itself. Accounts are hashed by content, not by file: moving a part of
    an account into one that it extends does not change results.

    Parameters
    ----------
    country : Country
    episode : str
    accounts : iterable of Account

    Returns
    -------
    dict of str to str
        SHA-256 by name: the path in the pack, ``common/...`` for files of the common pack,
        ``model/...`` for source files of the hour, and ``accounts/NAME.yaml`` for the content of
        an account, regardless of where its file is.
    """
    files: dict[str, Path] = {}
    own = [
        *(country.folder / name for name in TABLES),
        episode_file(country, episode),
        from_years_file(country, episode),
        country.folder / "evidence" / "targets" / f"{episode}.yaml",
        *sorted((country.folder / "evidence" / "claims").glob("*.csv")),
        *sorted((country.folder / "parameters").glob("*.yaml")),
    ]
    files |= {path.relative_to(country.folder).as_posix(): path for path in own if path.is_file()}
    common = packs_folder() / COMMON
    shared = [*sorted((common / "parameters").glob("*.yaml")), common / "discrepancy.yaml"]
    files |= {f"{COMMON}/{path.relative_to(common).as_posix()}": path for path in shared}
    model = Path(hour.__file__).parent
    others = (model / folder for folder in ("months", "after", "world"))
    month = {model / "month.py", *(file for folder in others for file in folder.glob("*.py"))}
    files |= {
        f"model/{path.relative_to(model).as_posix()}": path
        for path in sorted(set(model.rglob("*.py")) - month)
    }
    hashes = {f"accounts/{account.name}.yaml": account.digest for account in accounts}
    hashes = dict(sorted(hashes.items()))
    return hashes | {name: digest_of_text(path.read_bytes()) for name, path in files.items()}


def changed_inputs(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names of changed, added or removed inputs, in alphabetical order."""
    return sorted(name for name in {*then, *now} if then.get(name) != now.get(name))


def list_names(changed: Sequence[str], most: int = 6) -> str:
    """Return the first names as text, with the number of remaining ones."""
    shown = ", ".join(changed[:most])
    return f"{shown} and {len(changed) - most} more" if len(changed) > most else shown
