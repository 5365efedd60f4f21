"""Showing run directories on the map.

`why_not_open` decides from the manifest whether a run can be shown, without opening its arrays.
`build_world` computes its frames and its payload.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shlex
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import zarr

import qantar
from qantar.analysis.rebuild import outcome_of
from qantar.analysis.run_directory import ARRAYS
from qantar.analysis.scores import score
from qantar.base.errors import OutputError, QantarError
from qantar.base.files import AtomicDirectory
from qantar.explorer.context import known
from qantar.explorer.frames import LAYERS, layers_in, units_of, write_frames
from qantar.explorer.request import clock_text
from qantar.explorer.serializers import SHIPPED, scores_json, tally_json, to_json_bytes
from qantar.explorer.workdir import WORLD
from qantar.explorer.worlds import World
from qantar.packs.country import Country, packs_folder
from qantar.packs.episode import list_episodes
from qantar.packs.loading import load_country
from qantar.reports.whatif.formatting import preview_warning

LARGEST = 40_000_000
"""Members x hours x places of the largest run that is opened: 1,300 members of January 2022."""

_NEEDED = ("crowd", "violence", "deaths", "detained")
_NUMBERS = ("members", "hours", "seed")
_CACHED = 8  # packs that a process keeps in memory


def why_not_open(path: Path, manifest: Mapping[str, Any]) -> str:
    """Return why a run directory cannot be shown on the map; empty if it can.

    Parameters
    ----------
    path : Path
        Path of the run directory.
    manifest : mapping
        Its manifest, whose values may be anything.
    """
    places = manifest.get("places")
    if not isinstance(places, list) or not all(isinstance(name, str) for name in places):
        return "its manifest names no places"
    if any(type(manifest.get(key)) is not int or manifest[key] < 0 for key in _NUMBERS):
        return f"its manifest does not give {', '.join(_NUMBERS)} as whole numbers"
    try:
        dt.date.fromisoformat(str(manifest.get("first_day")))
    except ValueError:
        return "its manifest gives no first day"
    if manifest.get("keep", "all") != "all":
        return "it does not keep every hour; a run with `--keep all` can be shown"
    cells = manifest["members"] * manifest["hours"] * len(places)
    if cells == 0:
        return "it has no members, hours or places"
    if cells > LARGEST:
        most = LARGEST // (manifest["hours"] * len(places))
        return f"it is too large: {manifest['members']:,} members, where {most:,} can be shown"
    arrays = path / ARRAYS
    if arrays.is_symlink() or not arrays.is_dir():
        return f"its arrays are missing: there is no {ARRAYS}"
    return _why_not_its_pack(manifest)


def _why_not_its_pack(manifest: Mapping[str, Any]) -> str:
    """Return why the pack of a run cannot be used; empty if it can."""
    pack = manifest.get("pack")
    try:
        country = shipped_country(pack) if isinstance(pack, str) else None
    except QantarError:
        return f"its country pack {pack!r} cannot be read; `qantar check pack` says why"
    if country is None:
        return f"its country pack {str(pack)!r} is not one that Qantar ships"
    if manifest["places"] != [place.place for place in country.places]:
        return f"its places are not those of the country pack {pack!r} as it is now"
    return ""


@lru_cache(maxsize=_CACHED)
def shipped_country(pack: str) -> Country | None:
    """Return a shipped pack by its name; None if Qantar does not ship it.

    Raises
    ------
    QantarError
        If a file of it is invalid.
    """
    plain = pack not in ("", ".", "..") and not {"/", "\\"} & set(pack)
    if not plain or not (packs_folder() / pack / "pack.yaml").is_file():
        return None
    return load_country(packs_folder() / pack)


def build_world(path: Path, manifest: Mapping[str, Any], cache: Path) -> World:
    """Return a run directory as a world, from the cache or computed now.

    Parameters
    ----------
    path : Path
        A run directory that `why_not_open` finds no reason against.
    manifest : mapping
    cache : Path
        Folder for the computed frames; each world is written once and atomically.

    Raises
    ------
    QantarError
        If its arrays cannot be read.
    """
    changed = (path / ARRAYS).stat().st_mtime_ns
    state = json.dumps(
        [path.name, qantar.__version__, changed, manifest], sort_keys=True, ensure_ascii=False
    )
    folder = cache / f"run-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
    if not (folder / WORLD).is_file():
        try:
            _compute(path, manifest, folder)
        except OutputError:
            if not (folder / WORLD).is_file():  # another thread was first: its result is used
                raise
    return World(folder, arrays={"base": path / ARRAYS}, tables=path)


def _compute(path: Path, manifest: Mapping[str, Any], destination: Path) -> None:
    """Write the frames and the payload of a run directory into the cache."""
    country = shipped_country(manifest["pack"])
    if country is None:
        raise QantarError(f"there is no country pack {manifest['pack']!r}")
    if any(each.is_symlink() for each in (path / ARRAYS).rglob("*")):
        raise QantarError(
            f"the arrays of the run {path.name!r} hold links, which are not followed",
            hint="copy the run itself into the folder of results",
        )
    destination.parent.mkdir(parents=True, exist_ok=True)
    with AtomicDirectory(destination) as folder:
        try:
            group = zarr.open_group(path / ARRAYS, mode="r", zarr_format=3, use_consolidated=False)
            _check_arrays(group, manifest)
            layers = write_frames(folder, {"base": group}, units_of(country))
            payload = _payload(path.name, manifest, country, layers, group)
            (folder / WORLD).write_bytes(to_json_bytes(payload))
        except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
            raise QantarError(
                f"the arrays of the run {path.name!r} are damaged or cannot be read",
                expected="arrays as `qantar run` writes them",
                hint="make the run again",
            ) from error


def _check_arrays(group: zarr.Group, manifest: Mapping[str, Any]) -> None:
    """Raise `QantarError` if the arrays do not agree with the manifest."""
    wanted = (manifest["members"], manifest["hours"], len(manifest["places"]))
    there = layers_in(group)
    missing = [LAYERS[name].array for name in _NEEDED if name not in there]
    wrong = [name for name in there if getattr(group[LAYERS[name].array], "shape", ()) != wanted]
    if missing or wrong:
        what = f"{', '.join(missing)} missing" if missing else f"{wrong[0]} of another shape"
        raise QantarError(
            f"the arrays of this run are not what its manifest says: {what}",
            expected=" x ".join(str(extent) for extent in wanted),
            hint="make the run again",
        )


def _payload(
    name: str,
    manifest: Mapping[str, Any],
    country: Country,
    layers: tuple[str, ...],
    group: zarr.Group,
) -> dict[str, Any]:
    """Return the payload of a run directory, with the same keys as that of any other world."""
    episode, account = (str(manifest.get(key, "")) for key in ("episode", "account"))
    tally, scores = None, None
    # Scores need the episode as it was when the run was made.
    if str(manifest.get("episode")) in list_episodes(country):
        about = known(country.header.name, episode)
        same_hours = about.layout.days * 24 == manifest["hours"]
        if same_hours and about.episode.first_day.isoformat() == manifest.get("first_day"):
            found = score(outcome_of(group, about.layout), about.targets)
            tally = tally_json(found)
            scores = scores_json(found, about.layout) if found else None
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
        "planned": manifest["members"],
        "single_members": True,
        "precomputed": False,
        "seed": manifest["seed"],
        "belief": manifest.get("belief"),
        "version": manifest["qantar_version"],
        "pack": country.header.name,
        "episode_title": episode,
        "first_day": str(manifest.get("first_day", "")),
        "hours": manifest["hours"],
        "clock": clock_text(country.header.clock_utc_offset),
        "units": units_of(country).told(),
        "layers": list(layers),
        "sides": ["base"],
        "tally": tally,
        "scores": scores,
        "decisions": [],
        "whatif": None,
        "citation": [str(line) for line in manifest.get("citations") or ()],
        "cautions": _cautions(manifest, country),
    }


def _command(manifest: Mapping[str, Any], episode: str, account: str) -> str:
    """Return the shell command that makes the same run."""
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
    """Return what limits the comparison of a run with present worlds."""
    found = preview_warning(manifest["members"], "member")
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
