"""Opening a run directory on the map: working out its frames and what is told of it."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import zarr

import qantar
from qantar.country.pack import Country
from qantar.errors import QantarError
from qantar.explorer.facts import outcome_of
from qantar.explorer.frames import LAYERS, layers_in, write_frames
from qantar.explorer.known import known
from qantar.explorer.openable import shipped_country
from qantar.explorer.plain import clock_text
from qantar.explorer.told import (
    SHIPPED,
    few_members,
    json_of,
    scores_told,
    tally_told,
)
from qantar.explorer.units import Units, units_of
from qantar.explorer.worlds import WORLD, World
from qantar.scenario.episode import list_episodes
from qantar.store.run_directory import ARRAYS
from qantar.study.score import Score, score

_NEEDED = ("crowd", "violence", "deaths", "detained")


def build_world(path: Path, manifest: Mapping[str, Any], cache: Path) -> World:
    """Return a run directory as a world, from the cache or worked out now.

    Parameters
    ----------
    path : Path
        A run directory that `why_not_open` finds nothing against.
    manifest : mapping
    cache : Path
        Folder for what is worked out: whole or not at all, and once.

    Raises
    ------
    QantarError
        If its arrays cannot be read.
    """
    spot = cache / f"run-{_key(path, manifest)}"
    if not (spot / WORLD).is_file():
        try:
            _work_out(path, manifest, spot)
        except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
            raise QantarError(
                f"the arrays of the run {path.name!r} are damaged or cannot be read",
                expected="arrays as `qantar run` writes them",
                mend="make the run again",
            ) from error
    return World(spot, arrays={"base": path / ARRAYS}, tables=path)


def _key(path: Path, manifest: Mapping[str, Any]) -> str:
    """Return a name that only this run in this state has."""
    changed = (path / ARRAYS).stat().st_mtime_ns
    parts = [path.name, qantar.__version__, changed, manifest]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _work_out(path: Path, manifest: Mapping[str, Any], spot: Path) -> None:
    """Fill the place in the cache; whoever comes second leaves the first one's work."""
    country = shipped_country(manifest["pack"])
    if country is None:
        raise QantarError(f"there is no country pack {manifest['pack']!r}")
    _refuse_links(path / ARRAYS)
    group = zarr.open_group(path / ARRAYS, mode="r", zarr_format=3)
    _check_arrays(group, manifest)
    spot.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{spot.name}-", dir=spot.parent))
    try:
        units = units_of(country)
        layers = write_frames(beside, {"base": group}, units)
        told = _told(path.name, manifest, country, units, layers, group)
        (beside / WORLD).write_bytes(json_of(told))
        try:
            beside.rename(spot)
        except OSError:
            if not (spot / WORLD).is_file():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _refuse_links(folder: Path) -> None:
    links = [each.name for each in folder.rglob("*") if each.is_symlink()]
    if links:
        raise QantarError(
            f"the arrays of the run {folder.parent.name!r} hold links, which are not followed",
            mend="copy the run itself into the folder of results",
        )


def _check_arrays(group: zarr.Group, manifest: Mapping[str, Any]) -> None:
    """Refuse arrays that are not what the manifest says."""
    wanted = (manifest["members"], manifest["hours"], len(manifest["places"]))
    there = layers_in(group)
    missing = [LAYERS[name].array for name in _NEEDED if name not in there]
    wrong = [name for name in there if getattr(group[LAYERS[name].array], "shape", ()) != wanted]
    if missing or wrong:
        what = f"{', '.join(missing)} missing" if missing else f"{wrong[0]} of another shape"
        raise QantarError(
            f"the arrays of this run are not what its manifest says: {what}",
            expected=" x ".join(str(extent) for extent in wanted),
            mend="make the run again",
        )


def _told(
    name: str,
    manifest: Mapping[str, Any],
    country: Country,
    units: Units,
    layers: tuple[str, ...],
    group: zarr.Group,
) -> dict[str, Any]:
    """Return what the page is told of a run directory, as of any other world."""
    scores = _scores(manifest, country, group)
    episode, account = (str(manifest.get(key, "")) for key in ("episode", "account"))
    return {
        "key": f"run:{name}",
        "query": f"run={quote(name, safe=':@,')}",
        "world": {
            "episode": episode,
            "account": account,
            "belief": manifest.get("belief"),
            "mode": manifest.get("decisions"),
            "seed": manifest["seed"],
            "members": manifest["members"],
            "change": None,
        },
        "title": f"Run {name}: {episode}, account {account}",
        "command": _command(manifest, episode, account),
        "members": manifest["members"],
        "seed": manifest["seed"],
        "belief": manifest.get("belief"),
        "version": manifest["qantar_version"],
        "pack": country.header.name,
        "episode_title": episode,
        "first_day": str(manifest.get("first_day", "")),
        "hours": manifest["hours"],
        "clock": clock_text(country.header.clock_utc_offset),
        "units": units.told(),
        "layers": list(layers),
        "sides": ["base"],
        "tally": tally_told(scores[0]),
        "scores": scores_told(*scores) if scores[0] else None,
        "decisions": [],
        "whatif": None,
        "citation": [str(line) for line in manifest.get("citations") or ()],
        "cautions": _cautions(manifest, country),
    }


def _scores(
    manifest: Mapping[str, Any], country: Country, group: zarr.Group
) -> tuple[list[Score], Any]:
    """Return the scores of a run with its layout; none if its episode is not known as it was."""
    episode = str(manifest.get("episode"))
    if episode not in list_episodes(country):
        return [], None
    about = known(country.header.name, episode)
    same = about.layout.days * 24 == manifest["hours"]
    if not same or about.episode.first_day.isoformat() != manifest.get("first_day"):
        return [], None
    return score(outcome_of(group, about.layout), about.targets), about.layout


def _command(manifest: Mapping[str, Any], episode: str, account: str) -> str:
    parts = ["qantar", "run", episode, "--account", account]
    parts += ["--mode", str(manifest.get("decisions", "script"))]
    parts += ["--belief", str(manifest.get("belief", "prior"))]
    parts += ["--members", str(manifest["members"]), "--seed", str(manifest["seed"])]
    held = manifest.get("overrides")
    for key, value in held.items() if isinstance(held, dict) else ():
        parts += ["--set", f"{key}={value}"]
    if manifest["pack"] != SHIPPED:
        parts += ["--pack", manifest["pack"]]
    return shlex.join(parts)


def _cautions(manifest: Mapping[str, Any], country: Country) -> list[str]:
    found = few_members(manifest["members"])
    if manifest.get("overrides"):
        found.append("Parameters were held by hand in this run; its command names them.")
    if manifest.get("pack_fingerprint") != country.fingerprint:
        found.append(
            "The country pack has changed since this run was made; regions are those of today."
        )
    if manifest["qantar_version"] != qantar.__version__:
        found.append(
            f"Made with Qantar {manifest['qantar_version']}, not with this {qantar.__version__}."
        )
    return found
