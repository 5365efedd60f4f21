"""Whether a run directory can be shown on the map, told without opening its arrays.

Opening a run directory on the map: working out its frames and what is told of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import zarr

import qantar
from qantar.analysis.run_directory import ARRAYS
from qantar.analysis.scores import Score, score
from qantar.base.errors import OutputError, QantarError
from qantar.base.files import AtomicDirectory
from qantar.explorer.context import known, outcome_of
from qantar.explorer.frames import LAYERS, Units, layers_in, units_of, write_frames
from qantar.explorer.json_values import clock_text
from qantar.explorer.serializers import SHIPPED, few_members, json_of, scores_told, tally_told
from qantar.explorer.worlds import WORLD, World
from qantar.packs.country import Country, packs_home
from qantar.packs.episode import list_episodes
from qantar.packs.loading import load_country

LARGEST = 40_000_000
"""Members x hours x places of the largest run that is opened: 1,300 members of January 2022."""

_NUMBERS = ("members", "hours", "seed")
_KEPT = 8  # packs that a process remembers


def why_not_open(path: Path, manifest: Mapping[str, Any]) -> str:
    """Return why a run directory cannot be shown on the map; empty if it can.

    Parameters
    ----------
    path : Path
        Of the run directory.
    manifest : mapping
        What it says about itself, which may be anything.
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
    cells = manifest["members"] * manifest["hours"] * len(places)
    if cells == 0:
        return "it has no members, hours or places"
    if cells > LARGEST:
        most = LARGEST // (manifest["hours"] * len(places))
        return f"it is too large: {manifest['members']:,} members, where {most:,} can be shown"
    arrays = path / ARRAYS
    if arrays.is_symlink() or not arrays.is_dir():
        return f"its arrays are missing: there is no {ARRAYS}"
    return _why_no_map(manifest)


def _why_no_map(manifest: Mapping[str, Any]) -> str:
    """Return why the places of a run cannot be put on the map; empty if they can."""
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


@lru_cache(maxsize=_KEPT)
def shipped_country(pack: str) -> Country | None:
    """Return a shipped pack by its name; None if Qantar ships none of that name.

    Raises
    ------
    QantarError
        If a file of it cannot be used.
    """
    plain = pack not in ("", ".", "..") and not {"/", "\\"} & set(pack)
    if not plain or not (packs_home() / pack / "pack.yaml").is_file():
        return None
    return load_country(packs_home() / pack)


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
        except OutputError:
            if not (spot / WORLD).is_file():  # whoever comes second leaves the first one's work
                raise
    return World(spot, arrays={"base": path / ARRAYS}, tables=path)


def _key(path: Path, manifest: Mapping[str, Any]) -> str:
    """Return a name that only this run in this state has."""
    changed = (path / ARRAYS).stat().st_mtime_ns
    parts = [path.name, qantar.__version__, changed, manifest]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _work_out(path: Path, manifest: Mapping[str, Any], spot: Path) -> None:
    """Fill the place in the cache."""
    country = shipped_country(manifest["pack"])
    if country is None:
        raise QantarError(f"there is no country pack {manifest['pack']!r}")
    _refuse_links(path / ARRAYS)
    spot.parent.mkdir(parents=True, exist_ok=True)
    with AtomicDirectory(spot) as folder, _damage_named(path):
        group = zarr.open_group(path / ARRAYS, mode="r", zarr_format=3, use_consolidated=False)
        _check_arrays(group, manifest)
        units = units_of(country)
        layers = write_frames(folder, {"base": group}, units)
        told = _told(path.name, manifest, country, units, layers, group)
        (folder / WORLD).write_bytes(json_of(told))


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Say of which run the arrays are that cannot be read."""
    try:
        yield
    except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
        raise QantarError(
            f"the arrays of the run {path.name!r} are damaged or cannot be read",
            expected="arrays as `qantar run` writes them",
            mend="make the run again",
        ) from error


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
