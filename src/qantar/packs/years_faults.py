"""Errors that several tables of the years share: spells, references and unknown names."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Protocol, TypeVar

from qantar.base.errors import FileError, nearest
from qantar.packs.years_tables import first_day, last_day


class Spell(Protocol):
    """Anything with a beginning and an end."""

    @property
    def begins(self) -> str:
        """First year, month or day."""

    @property
    def ends(self) -> str:
        """Last year, month or day."""


_Spell = TypeVar("_Spell", bound=Spell)


def check_spell(path: Path, spell: Spell, line: int | None) -> None:
    """Refuse a spell that ends before it begins."""
    if first_day(spell.begins) > last_day(spell.ends):
        raise turned(path, spell.begins, spell.ends, line)


def turned(path: Path, begins: str, ends: str, line: int | None) -> FileError:
    """Return the error of a spell that ends before it begins."""
    return FileError(
        path,
        "ends before it begins",
        line=line,
        value=f"{begins} to {ends}",
        expected="`from` on or before `to`",
        hint="exchange the two dates",
    )


def check_apart(path: Path, spells: list[tuple[int | None, _Spell]], what: str) -> None:
    """Refuse spells that overlap."""
    ordered = sorted(spells, key=lambda each: first_day(each[1].begins))
    for (_, before), (line, after) in pairwise(ordered):
        if first_day(after.begins) <= last_day(before.ends):
            raise FileError(
                path,
                f"{what} overlap",
                line=line,
                value=f"{after.begins} to {after.ends}",
                expected=f"a beginning after {last_day(before.ends)}",
                hint="correct the dates, or mark one of the counts `weak`"
                if "counts" in what
                else "join the two, or correct the dates",
            )


def check_reference(
    path: Path, keys: Iterable[str], known: Iterable[str], line: int | None
) -> None:
    """Refuse a reference that neither the pack nor the common literature declares."""
    for key in keys:
        if key not in known:
            raise unknown(path, "reference", key, known, line, "sources.yaml and references.yaml")


def unknown(
    path: Path, kind: str, name: str, known: Iterable[str], line: int | None, where: str
) -> FileError:
    """Return the error of a name that nothing declares."""
    names = list(known)
    return FileError(
        path,
        f"unknown {kind}",
        line=line,
        value=name,
        expected=nearest(name, names) or f"one of {len(names)} declared names",
        hint=f"correct the name; known are those of {where}",
    )
