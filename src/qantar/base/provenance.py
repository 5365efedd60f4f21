"""Provenance of numbers: sources, references and grades."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import RootModel

from qantar.base.files import Declared, read_yaml

Grade = Literal["measured", "reported", "elicited", "calibrated", "assumed"]
"""How reliable a number is, from counted to guessed."""

SourceKind = Literal["seed", "report", "events", "statistics", "law", "press", "map", "judgement"]

ASSUMPTION = "qantar-assumption"
"""Reference of a number that nobody has measured or reported."""

SOFTWARE = f"The Qantar authors (2026). Qantar, version {version('qantar')}. Software."
"""How this software is cited."""


class Source(Declared):
    """A document or data set that a pack quotes."""

    title: str
    author: str = ""
    date: str = ""
    kind: SourceKind
    url: str = ""
    licence: str = ""
    note: str = ""


Checked = Literal["number", "finding", "work", "memory"]
"""What of a reference was read: a number, the finding, that the work exists, or nothing."""


class Reference(Declared):
    """A publication that supports a mechanism or a parameter.

    Attributes
    ----------
    authors, title, venue, doi : str
    year : int
    supports : str
        What it may be cited for, and what it does not contain.
    checked : {"number", "finding", "work", "memory"}
        What of that was read; ``memory`` is recalled. None where nobody has said.
    """

    authors: str
    year: int
    title: str
    venue: str
    doi: str = ""
    supports: str = ""
    checked: Checked | None = None

    def cite(self) -> str:
        """Return the reference on one line."""
        tail = f" doi:{self.doi}" if self.doi else ""
        return f"{self.authors} ({self.year}). {self.title}. {self.venue}.{tail}"


class _Sources(RootModel[dict[str, Source]]):
    """A file of sources."""


class _References(RootModel[dict[str, Reference]]):
    """A file of references."""


def load_sources(path: Path) -> dict[str, Source]:
    """Return the sources of a pack by id."""
    return read_yaml(path, _Sources).root


def load_references(path: Path) -> dict[str, Reference]:
    """Return the literature of a pack by key."""
    return read_yaml(path, _References).root
