"""Entities with all their spellings, and the gazetteer of places and regions.

Kazakh names are romanised in different ways. `fold` maps every romanisation, and the Cyrillic form,
to one key. Names that no such rule can merge (Astana and Nur-Sultan, KNB and National Security
Committee) are listed by hand in ``entities.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from anyascii import anyascii
from rapidfuzz import fuzz, process

from qantar.base.errors import FileError, QantarError
from qantar.base.files import Declared, read_csv

EntityKind = Literal[
    "person", "office", "organisation", "party", "medium", "law", "place", "region", "state",
    "event", "topic", "source",
]  # fmt: skip

MIN_SPELLING_SIMILARITY = 84.0
"""Minimum similarity of folded keys, in percent, at which a misspelling is still recognised."""


class Spelling(Declared):
    """A row of ``entities.csv``: one spelling of one entity; the first is its name."""

    entity: str
    kind: EntityKind
    name: str
    language: str = ""
    note: str = ""


@dataclass(frozen=True)
class Entity:
    """A subject of claims.

    Attributes
    ----------
    entity, kind, name : str
    spellings : tuple of Spelling
        Every spelling in the sources or in general use, the name first.
    """

    entity: str
    kind: str
    name: str
    spellings: tuple[Spelling, ...]

    def merged_by(self, spelling: Spelling) -> str:
        """Return ``rule`` if an earlier spelling has the same folded key, else ``hand``."""
        before = self.spellings[: self.spellings.index(spelling)]
        keys = {fold(other.name) for other in before}
        return "rule" if fold(spelling.name) in keys or not before else "hand"


_FOLDS = (
    (r"\b(the|oblast|oblys|region|city|republic of)\b", ""),
    (r"[^a-z0-9]", ""),
    (r"zh", "j"), (r"dj", "j"), (r"kh", "h"), (r"gh", "g"), (r"ph", "f"), (r"ng", "n"),
    (r"q", "k"), (r"w", "v"), (r"ck", "k"), (r"x", "ks"),
    (r"i?ye", "e"), (r"[iy]+(?=[aou])", ""), (r"y", "i"),
    (r"(ov|ev)(?=a?$)", "ev"),
    (r"(.)\1+", r"\1"),
)  # fmt: skip


@cache
def fold(name: str) -> str:
    """Return the key of a spelling, which is the same for every romanisation of a name."""
    key = anyascii(name).lower()
    for pattern, replacement in _FOLDS:
        key = re.sub(pattern, replacement, key)
    return key


class Entities:
    """All entities, found by id, by any spelling, or by approximate match.

    Parameters
    ----------
    spellings : iterable of Spelling
    """

    def __init__(self, spellings: Iterable[Spelling]) -> None:
        rows: dict[str, list[Spelling]] = {}
        for row in spellings:
            rows.setdefault(row.entity, []).append(row)
        self.by_id: dict[str, Entity] = {
            key: Entity(key, own[0].kind, own[0].name, tuple(own)) for key, own in rows.items()
        }
        self._by_key: dict[str, list[str]] = {}
        for key, own in rows.items():
            for text in (key, *(row.name for row in own)):
                owners = self._by_key.setdefault(fold(text), [])
                if key not in owners:
                    owners.append(key)

    def find(self, name: str) -> tuple[Entity, ...]:
        """Return the entities that a spelling can mean, best first.

        Raises
        ------
        QantarError
            If no spelling is similar enough.
        """
        if name in self.by_id:
            return (self.by_id[name],)
        exact = [
            entity
            for entity in self.by_id.values()
            if any(row.name.casefold() == name.casefold() for row in entity.spellings)
        ]
        if exact:
            return tuple(exact)
        return self.find_spelling(name) or self._with_word(name) or self._close(name)

    def find_spelling(self, name: str) -> tuple[Entity, ...]:
        """Return the entities with a spelling that folds to the same key."""
        return tuple(self.by_id[owner] for owner in self._by_key.get(fold(name), ()))

    def _with_word(self, name: str) -> tuple[Entity, ...]:
        """Return the entities with a spelling that contains the name as a word."""
        key = fold(name)
        return tuple(
            entity
            for entity in self.by_id.values()
            if any(key == fold(word) for row in entity.spellings for word in row.name.split())
        )

    def _close(self, name: str) -> tuple[Entity, ...]:
        """Return the entities with the most similar spellings."""
        near = process.extract(fold(name), list(self._by_key), scorer=fuzz.ratio, limit=3)
        close = [match for match, likeness, _ in near if likeness >= MIN_SPELLING_SIMILARITY]
        if not close:
            offer = ", ".join(self.by_id[self._by_key[match][0]].name for match, _, _ in near)
            raise QantarError(
                f"no entity has a name similar to {name!r}",
                expected=f"for example {offer}",
                hint="`qantar evidence entity` lists all of them",
            )
        owners = dict.fromkeys(owner for match in close for owner in self._by_key[match])
        return tuple(self.by_id[owner] for owner in owners)


def load_entities(path: Path) -> Entities:
    """Return the entities of a file.

    Raises
    ------
    FileError
        If an entity has a duplicate spelling, or its rows differ in kind.
    """
    seen: dict[tuple[str, str], int] = {}
    kinds: dict[str, str] = {}
    rows = read_csv(path, Spelling)
    for line, row in enumerate(rows, start=2):
        if (row.entity, row.name) in seen:
            raise FileError(
                path,
                "a spelling appears twice",
                line=line,
                value=row.name,
                hint="remove one of them",
            )
        if kinds.setdefault(row.entity, row.kind) != row.kind:
            raise FileError(
                path,
                f"the rows of {row.entity!r} differ in kind",
                line=line,
                value=row.kind,
                expected=kinds[row.entity],
            )
        seen[row.entity, row.name] = line
    return Entities(rows)


Extent = Literal["same", "within", "around", "partly", "apart"]
"""Spatial relation of the area of one claim to that of another."""


class Gazetteer:
    """The towns of a country by region.

    Parameters
    ----------
    country : str
        Name of the country; a claim without a place is about the whole country.
    regions : mapping
        Region of each town or rural remainder.
    abroad : iterable of str
        Further names that claims may use: other countries, cities abroad, sites outside towns.

    Notes
    -----
    `areas` gives the towns covered by each name that claims may use. A region with the same name
    as a town is called ``<name> Region`` in claims.
    """

    def __init__(
        self, country: str, regions: Mapping[str, str], abroad: Iterable[str] = ()
    ) -> None:
        self.country = country
        self.region_of: dict[str, str] = dict(regions)
        self.regions: dict[str, str] = {}
        self.areas: dict[str, frozenset[str]] = {country: frozenset(regions)}
        for region in dict.fromkeys(regions.values()):
            name = f"{region} Region" if region in regions else region
            self.regions[region] = name
            self.areas[name] = frozenset(p for p, r in regions.items() if r == region)
        for name in (*regions, *abroad):
            self.areas.setdefault(name, frozenset([name]))

    def area(self, places: Iterable[str]) -> frozenset[str]:
        """Return the towns covered by names; no names mean the whole country."""
        names = list(places) or [self.country]
        return frozenset().union(*(self.areas.get(name, frozenset([name])) for name in names))

    def compare(self, one: Iterable[str], other: Iterable[str]) -> Extent:
        """Return the spatial relation of the area of `one` to the area of `other`."""
        here, there = self.area(one), self.area(other)
        if here == there:
            return "same"
        if not here & there:
            return "apart"
        if here < there:
            return "within"
        return "around" if here > there else "partly"

    def name(self, level: str, name: str) -> str:
        """Return the name that claims use for a place or region of the pack."""
        return self.regions.get(name, name) if level == "region" else name
