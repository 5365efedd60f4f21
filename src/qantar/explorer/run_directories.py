"""Run directories in the results folder: listing, opening, showing and deleting them."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

from qantar.analysis.run_directory import MANIFEST
from qantar.base.errors import QantarError, nearest
from qantar.explorer.import_run import why_not_open
from qantar.explorer.request import WorldRequest
from qantar.explorer.worlds import World
from qantar.simulate.draws import Belief

Kind = Literal["run", "whatif", "other"]

_PAGES = ("report.html", "whatif.html", "sensitivity.html")
_PAGE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.html")
_LARGEST_MANIFEST = 8 * 1024 * 1024  # bytes; those of the largest runs have a hundredth of it
_LONGEST_NAME = 255
_MOST_FILES = 20_000  # whose sizes are added up; a run has fewer than a hundred
_DELETING = ".deleting-"
_NO_ARRAYS = "it holds tables and a page, but no course hour by hour"
_FIELDS = (
    "name", "kind", "title", "account", "episode", "members", "seed", "mode", "started",
    "megabytes", "page", "openable", "why_not", "query",
)  # fmt: skip


def list_runs(folder: Path) -> list[dict[str, Any]]:
    """Return the results in a folder, the newest first.

    Parameters
    ----------
    folder : Path
        It need not exist.

    Returns
    -------
    list of dict
        With ``name``, ``kind`` (``run``, ``whatif`` or ``other``), ``title``, ``account``,
        ``episode``, ``members``, ``seed``, ``mode``, ``started``, ``megabytes``, ``page``,
        ``openable``, ``why_not`` and ``query``: for a what-if, the query string of its world; None
        where its manifest does not determine one. What cannot be read is listed with the reason.
    """
    try:
        names = sorted(
            entry.name
            for entry in os.scandir(folder)
            if entry.name.isprintable() and not entry.name.startswith(".")
            if entry.is_symlink() or entry.is_dir()
        )
    except OSError:
        return []
    found = [_entry(folder, name) for name in names]
    return sorted(found, key=lambda run: str(run["started"] or ""), reverse=True)


def open_world(folder: Path, name: str, cache: Path) -> World:
    """Open a run directory as a world; its frames are computed once.

    Parameters
    ----------
    folder : Path
        The results folder.
    name : str
        Name of the run directory.
    cache : Path
        Folder for the computed frames; created if necessary.

    Raises
    ------
    QantarError
        If there is no such run directory, or it cannot be opened, with the reason.
    """
    path = _checked(folder, name)
    manifest = _manifest(path)
    reason = "" if _kind(manifest) == "run" else _NO_ARRAYS
    reason = reason or why_not_open(path, manifest)
    if reason:
        raise QantarError(
            f"the run {name!r} cannot be opened on the map: {reason}",
            expected="a run directory as `qantar run` writes it",
        )
    from qantar.explorer.import_run import build_world  # the model: too slow for a mere list

    return build_world(path, manifest, cache)


def page_of(folder: Path, name: str, file: str) -> Path:
    """Return the page of a result.

    Raises
    ------
    QantarError
        If there is no such result or page.
    """
    path = _checked(folder, name)
    page = path / file
    if not _PAGE_NAME.fullmatch(file) or page.is_symlink() or not page.is_file():
        raise QantarError(
            f"the result {name!r} has no page {file!r}", expected=", ".join(_pages(path)) or "none"
        )
    return page


def delete_run(folder: Path, name: str) -> None:
    """Delete a result; it is first renamed, so that it never shows half deleted.

    Links in it are not followed.

    Raises
    ------
    QantarError
        If there is no such result, it was not made by Qantar, or the disk refuses.
    """
    path = _checked(folder, name)
    _manifest(path)
    try:
        aside = Path(tempfile.mkdtemp(prefix=_DELETING, dir=folder))
        path.rename(aside / "run")
    except OSError as error:
        raise QantarError(
            f"the run {name!r} cannot be deleted: {error.strerror}",
            expected="the right to write into the folder of results",
        ) from error
    finally:
        for left in folder.glob(
            f"{_DELETING}*/run"
        ):  # also what an interrupted deletion left behind
            shutil.rmtree(left.parent, ignore_errors=True)


def _checked(folder: Path, name: str) -> Path:
    """Return the path of a result, which is a folder directly in the results folder."""
    long = len(name.encode("utf-8", "replace")) > _LONGEST_NAME
    bad = not name or name.startswith(".") or long
    if bad or any(sign in name for sign in ("/", "\\", "\0")):
        raise QantarError(
            f"{name[:_LONGEST_NAME]!r} is no name of a run", expected="one plain folder name"
        )
    path = folder / name
    if path.is_symlink():
        raise QantarError(
            f"{name!r} is a link, and links are not followed",
            hint="copy the run itself into the folder of results",
        )
    if not path.is_dir():
        there = [entry.name for entry in os.scandir(folder)] if folder.is_dir() else []
        raise QantarError(
            f"there is no run {name!r} in the folder of results",
            expected=nearest(name, [each for each in there if not each.startswith(".")]),
            hint="it may have been deleted or renamed; the list of runs shows what is there",
        )
    return path


def _manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a result."""
    file = path / MANIFEST
    wrong = f"{path.name!r} is no result of Qantar"
    if file.is_symlink() or not file.is_file():
        raise QantarError(f"{wrong}: it holds no {MANIFEST}", expected=f"a folder with {MANIFEST}")
    try:
        if file.stat().st_size > _LARGEST_MANIFEST:
            raise QantarError(f"{wrong}: its {MANIFEST} is too large to be one")
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise QantarError(
            f"the {MANIFEST} of {path.name!r} is damaged", hint="make the run again"
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("qantar_version"), str):
        raise QantarError(f"{wrong}: its {MANIFEST} does not say so", expected="qantar_version")
    return found


def _kind(manifest: Mapping[str, Any]) -> Kind:
    if "variables" in manifest and "places" in manifest:
        return "run"
    return "whatif" if "changes" in manifest else "other"


def _entry(folder: Path, name: str) -> dict[str, Any]:
    """Return one row of the list, whatever is wrong with the result."""
    entry: dict[str, Any] = dict.fromkeys(_FIELDS)
    entry |= {"name": name, "kind": "other", "title": name, "openable": False, "why_not": ""}
    try:
        path = _checked(folder, name)
        size = 0
        files = (Path(home) / file for home, _, files in os.walk(path) for file in files)
        for file in islice(files, _MOST_FILES):
            size += file.lstat().st_size
        entry["megabytes"] = round(size / 1e6, 1)
        manifest = _manifest(path)
        kind = _kind(manifest)
        episode, account = (_text(manifest.get(key)) for key in ("episode", "account"))
        title = f"{episode}, account {account}" if episode and account else name
        if kind == "whatif":
            changes = manifest["changes"] if isinstance(manifest["changes"], list) else []
            title = f"What if: {', '.join(str(change) for change in changes[:3])}"
        entry |= {
            "kind": kind,
            "title": title,
            "account": account,
            "episode": episode,
            "members": _integer(manifest.get("members")),
            "seed": _integer(manifest.get("seed")),
            "mode": _text(manifest.get("decisions")),
            "started": _text(manifest.get("started")),
            "query": _whatif_query(manifest) if kind == "whatif" else None,
        }
        entry["page"] = next(iter(_pages(path)), None)
        reason = why_not_open(path, manifest) if kind == "run" else _NO_ARRAYS
        entry |= {"openable": not reason, "why_not": reason}
    except QantarError as error:
        entry["why_not"] = error.problem
    except OSError as error:
        entry["why_not"] = f"it cannot be read: {error.strerror}"
    return entry


def _whatif_query(manifest: Mapping[str, Any]) -> str | None:
    """Return the query string of a what-if with one change, if its manifest determines it."""
    episode, account, mode = (_text(manifest.get(k)) for k in ("episode", "account", "decisions"))
    members, seed = (_integer(manifest.get(key)) for key in ("members", "seed"))
    changes, belief = manifest["changes"], _text(manifest.get("belief"))
    one = isinstance(changes, list) and len(changes) == 1 and _text(changes[0])
    # A link cannot express overrides, nor beliefs that were learned on another episode.
    elsewhere = manifest.get("overrides") or manifest.get("beliefs_from") not in (None, episode)
    if not (episode and account and mode and one) or elsewhere:
        return None
    if members is None or seed is None or belief not in (None, *get_args(Belief)):
        return None
    return WorldRequest(episode, account, belief, mode, seed, members, one).query


def _text(value: object) -> str | None:
    """Return a text that can be encoded as UTF-8; None for anything but a text."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _pages(path: Path) -> list[str]:
    """Return the pages of a result, the main one first."""
    names = [
        each.name
        for each in sorted(path.glob("*.html"))
        if _PAGE_NAME.fullmatch(each.name) and each.is_file() and not each.is_symlink()
    ]
    return sorted(names, key=lambda name: _PAGES.index(name) if name in _PAGES else len(_PAGES))
