"""Names of what a pack has, read from file names and keys alone, for completion in a shell.

Nothing is checked and nothing of the model is imported, so that a completion is quick. What a
command does with a name is checked when it runs.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from qantar.base.errors import QantarError

PACK = "kazakhstan"
"""The pack that commands use by default."""

KINDS = {
    "episodes": "episode",
    "accounts": "account",
    "interventions": "intervention",
    "sources": "source",
    "mechanisms": "mechanism",
    "causes": "cause",
    "parameters": "parameter",
    "offices": "office",
    "laws": "law",
    "reforms": "reform",
    "packages": "package",
    "triggers": "trigger",
    "posts": "post",
    "persons": "person",
    "parties": "party",
    "outlets": "outlet",
    "cases": "case",
    "honours": "honour",
    "narratives": "narrative",
    "amendments": "amendment",
    "systems": "system",
    "packs": "pack",
}
"""What ``qantar list`` lists, by singular."""

_ONLY_LISTED = ("law", "reform", "package", "trigger", "system", "pack")

SHOWN_KINDS = tuple(kind for kind in KINDS.values() if kind not in _ONLY_LISTED)
"""What ``qantar show`` takes."""

NEW_KINDS = ("country", "account", "intervention", "source")
"""What ``qantar new`` writes."""

BELIEFS = ("posterior", "fitted", "prior", "middle")
MODES = ("script", "rules")
KEPT = ("facts", "places", "all")

_FILES = {
    "account": "accounts/*.yaml",
    "intervention": "interventions/*.yaml",
    "source": "evidence/claims/*.*",
    "targets": "evidence/targets/*.yaml",
    "reform": "years/reforms/*.yaml",
    "package": "years/packages/*.yaml",
}
"""Files of a pack that are named after what they declare."""

_STATE = {
    "post": (("posts.csv", "post"), ("constitution_holders.csv", "office")),
    "person": (("people.csv", "person"), ("constitution.yaml", "persons")),
    "party": (("parties.csv", "party"),),
    "outlet": (("outlets.csv", "outlet"),),
    "case": (("cases.csv", "case"),),
    "honour": (("honours.csv", "honour"),),
    "narrative": (("narratives.csv", "statement"),),
    "amendment": (("constitution.yaml", "amendments"),),
}
"""Files of the state that name units, each with the column or the key above the names."""

STATE_KINDS = tuple(_STATE)
"""Kinds of units of the state."""

_MECHANISMS = Path(__file__).parents[1] / "model" / "mechanisms"
_KEY = re.compile(r"^([A-Za-z][\w.-]*):", re.MULTILINE)
_INNER_KEY = re.compile(r"^  ([A-Za-z][\w.-]*):", re.MULTILINE)


def names_of(kind: str, pack: str = PACK) -> list[str]:
    """Return the names of one kind, such as ``account``; none if the pack cannot be read."""
    from qantar.packs.country import COMMON, outside_folders, packs_folder
    from qantar.packs.loading import find_pack

    common = packs_folder() / COMMON
    shared: dict[str, Callable[[], list[str]]] = {
        "pack": lambda: sorted(p.parent.name for p in packs_folder().glob("*/pack.yaml")),
        "office": lambda: _stems((common / "rules").glob("*.yaml")),
        "law": lambda: _stems((common / "laws").glob("*.yaml")),
        "mechanism": lambda: [*_stems(_MECHANISMS.glob("[a-z]*.py")), *outside_folders()],
        "parameter": lambda: sorted(
            f"{path.stem}.{name}"
            for part in ("parameters", "rules")
            for path in (common / part).glob("*.yaml")
            for name in _keys(path)
        ),
    }
    if kind in shared:
        return shared[kind]()
    try:
        folder = find_pack(pack)
    except QantarError:
        return []
    if kind == "episode":
        return sorted(path.parent.name for path in folder.glob("episodes/*/episode.yaml"))
    if kind == "cause":
        return _keys(folder / "evidence" / "causes.yaml")
    if kind in _STATE:
        found = [n for file, key in _STATE[kind] for n in _units(folder / "state" / file, key)]
        return sorted(set(found))
    return _stems(folder.glob(_FILES[kind])) if kind in _FILES else []


def _units(path: Path, key: str) -> list[str]:
    """Return the names in a column of a CSV file, or the keys under a key of a YAML file."""
    if not path.is_file():
        return []
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [row[key] for row in csv.DictReader(file) if row.get(key)]
    text = path.read_text(encoding="utf-8")
    _, _, after = f"\n{text}".partition(f"\n{key}:\n")
    end = _KEY.search(after)
    return _INNER_KEY.findall(after[: end.start()] if end else after)


def _stems(paths: Iterable[Path]) -> list[str]:
    return sorted(path.stem for path in paths)


def _keys(path: Path) -> list[str]:
    """Return the keys at the top of a YAML file."""
    return _KEY.findall(path.read_text(encoding="utf-8")) if path.is_file() else []


Completer = Callable[[typer.Context, str], list[str]]


def complete_from(words: Iterable[str]) -> Completer:
    """Return a completer of fixed words."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return complete


def complete_names(kind: str, *, after: str = "") -> Completer:
    """Return a completer of the names of one kind in the pack that the line names.

    Parameters
    ----------
    kind : str
        As for `names_of`.
    after : str
        A character that separates several names in one word, such as the comma.
    """

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        before, sign, start = incomplete.rpartition(after) if after else ("", "", incomplete)
        names = names_of(kind, pack_of(ctx))
        return [f"{before}{sign}{name}" for name in names if name.startswith(start)]

    return complete


def complete_shown(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name that ``qantar show KIND`` takes."""
    names = names_of(str(ctx.params.get("kind")), pack_of(ctx))
    return [name for name in names if name.startswith(incomplete)]


def pack_of(ctx: typer.Context) -> str:
    """Return the pack that a command line names, or the default one."""
    return str(ctx.params.get("pack") or ctx.params.get("country") or PACK)
