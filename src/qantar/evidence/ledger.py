"""Ledger: the claims of all sources, with what is needed to interpret and compare them.

`load_ledger` reads it from the folder of a pack and rejects claims that violate the codebook.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qantar.base.errors import FileError, QantarError, nearest
from qantar.base.files import Declared, line_of, parse_yaml, read_yaml
from qantar.base.provenance import Source
from qantar.evidence.causes import STANCE, STANCES, Cause, load_causes
from qantar.evidence.claims import COLUMNS, Claim, claims_by_line
from qantar.evidence.codebook import Codebook, load_codebook
from qantar.evidence.datasets import Table, load_tables
from qantar.evidence.dates import first_day, last_day
from qantar.evidence.entities import Entities, Gazetteer, load_entities

if TYPE_CHECKING:
    import pandas as pd

FOREIGN_PLACE_KINDS = ("state", "place", "region")
"""Kinds of entities that claims may name as places, in addition to the places of the pack."""


@dataclass(frozen=True, repr=False)
class Ledger:
    """All evidence of a country.

    Attributes
    ----------
    claims : dict
        Claims by id, in the order of the files.
    sources : mapping
        Every source declared by the pack or an added file, with or without claims.
    codebook : Codebook
    gazetteer : Gazetteer
    entities : Entities
    causes : dict
        Disputed causes by id.
    tables : dict
        Data sets of the sources by id.
    """

    claims: dict[str, Claim]
    sources: Mapping[str, Source]
    codebook: Codebook
    gazetteer: Gazetteer
    entities: Entities
    causes: dict[str, Cause]
    tables: dict[str, Table]

    def __repr__(self) -> str:
        return f"<Ledger: {len(self.claims)} claims, {len(self.sources)} sources>"

    def published(self, source: str) -> dt.date | None:
        """Return the latest possible day of publication of a source.

        Parameters
        ----------
        source : str
            Id of a source.

        Returns
        -------
        date or None
            None if the source has no date.
        """
        return last_day(self.sources[source].date)

    def known_since(self, claim: Claim) -> dt.date | None:
        """Return the day from which a claim was known.

        A figure with an as-of date was known on that day, anything else when its source appeared.

        Parameters
        ----------
        claim : Claim

        Returns
        -------
        date or None
            None if neither the figure nor the source has a date.
        """
        return claim.held_on if claim.as_of else self.published(claim.source)

    def select(
        self,
        *,
        source: str = "",
        category: str = "",
        subject: str = "",
        place: str = "",
        date: str = "",
        as_of: str = "",
    ) -> Ledger:
        """Return the ledger restricted to claims that meet all conditions.

        Parameters
        ----------
        source, category, subject : str
            Exact ids.
        place : str
            A place, a region or the country, in any spelling; areas inside it match too.
        date : str
            A day, month or year; claims about any part of it match.
        as_of : str
            Only claims that were known on this day.

        Returns
        -------
        Ledger
        """
        place = place and self.claim_place_name(place)
        until = last_day(as_of)
        kept = [
            claim
            for claim in self.claims.values()
            if source in ("", claim.source)
            and category in ("", claim.category)
            and subject in ("", claim.subject)
            and (not place or self._lies_in(claim, place))
            and (not date or claim.dated_within((first_day(date), last_day(date))))
            and (until is None or self._was_known(claim, until))
        ]
        return self.only(kept)

    @cached_property
    def by_quantity(self) -> dict[tuple[str, str], tuple[Claim, ...]]:
        """The claims by subject and predicate, in the order of their ids."""
        found: dict[tuple[str, str], list[Claim]] = {}
        for claim in sorted(self.claims.values(), key=lambda c: c.claim):
            found.setdefault((claim.subject, claim.predicate), []).append(claim)
        return {key: tuple(claims) for key, claims in found.items()}

    @cached_property
    def cells(self) -> dict[str, str]:
        """The table of every claim that is a cell of a table."""
        return {c.claim: name for name, table in self.tables.items() for c in table.claims}

    def claim_place_name(self, name: str) -> str:
        """Return the name that claims use for a place, from any spelling of it.

        Parameters
        ----------
        name : str
            Any spelling of a place, a region or the country.

        Returns
        -------
        str

        Raises
        ------
        QantarError
            If no place has this name; the message suggests the most similar one.
        """
        if name in self.gazetteer.areas:
            return name
        for entity in self.entities.find_spelling(name):
            for spelling in entity.spellings:
                if spelling.name in self.gazetteer.areas:
                    return spelling.name
        raise QantarError(
            f"unknown place {name!r}",
            expected=nearest(name, self.gazetteer.areas) or "a place of the pack, in any spelling",
            hint="`qantar evidence entity` lists every spelling",
        )

    def only(self, claims: Iterable[Claim]) -> Ledger:
        """Return the ledger restricted to some claims, and to tables of which cells remain.

        Parameters
        ----------
        claims : iterable of Claim

        Returns
        -------
        Ledger
        """
        kept = {claim.claim: claim for claim in claims}
        tables = {
            name: table
            for name, table in self.tables.items()
            if any(cell.claim in kept for cell in table.claims)
        }
        return replace(self, claims=kept, tables=tables)

    def without(self, source: str) -> Ledger:
        """Return the ledger without the claims of one source.

        Parameters
        ----------
        source : str
            Id of a source.

        Returns
        -------
        Ledger
        """
        return self.only(claim for claim in self.claims.values() if claim.source != source)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The claims as a table: one row per claim, the columns of a claims file, all text."""
        import pandas as pd

        rows = [[getattr(claim, column) for column in COLUMNS] for claim in self.claims.values()]
        return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")

    def _lies_in(self, claim: Claim, place: str) -> bool:
        return bool(claim.places) and self.gazetteer.compare(claim.places, [place]) in (
            "same",
            "within",
        )

    def _was_known(self, claim: Claim, day: dt.date) -> bool:
        known = self.known_since(claim)
        return known is not None and known <= day


class SourceFile(Declared):
    """A source with its claims, or with the name of the file that contains them."""

    id: str
    source: Source
    claims: tuple[Claim, ...] = ()
    table: str = ""


def load_ledger(
    folder: Path,
    codebook: Path,
    *,
    sources: Mapping[str, Source],
    country: str,
    regions: Mapping[str, str],
    more: Iterable[Path] = (),
) -> Ledger:
    """Return the ledger of a pack.

    Parameters
    ----------
    folder : Path
        Contains ``claims/`` (one file per source), ``entities.csv``, ``causes.yaml`` and, if
        sources contain tables, ``tables/tables.yaml``.
    codebook : Path
    sources : mapping
        The sources that the pack declares.
    country : str
    regions : mapping
        Region of each town.
    more : iterable of Path
        Files of further sources: YAML with the source and its claims, or a claims file of a source
        that the pack declares.

    Raises
    ------
    FileError
        If a claim has a duplicate id or uses an undeclared source, category, predicate, unit,
        subject, place or claim.
    """
    entities = load_entities(folder / "entities.csv")
    abroad = (
        entity.name for entity in entities.by_id.values() if entity.kind in FOREIGN_PLACE_KINDS
    )
    known = dict(sources)
    claims: dict[str, Claim] = {}
    tables = folder / "tables" / "tables.yaml"
    ledger = Ledger(
        claims=claims,
        sources=known,
        codebook=load_codebook(codebook),
        gazetteer=Gazetteer(country, regions, abroad),
        entities=entities,
        causes=load_causes(folder / "causes.yaml"),
        tables=load_tables(tables) if tables.is_file() else {},
    )
    files = [*sorted((folder / "claims").glob("*.*")), *more]
    read = [(path, _read_source(path, known)) for path in files]
    for name in {claim.source for _, own in read for _, claim in own} & known.keys():
        try:
            last_day(known[name].date)
        except ValueError as error:
            raise FileError(
                folder / "claims",
                f"the source {name!r} has no usable date",
                value=known[name].date,
                expected="2022, 2022-01 or 2022-01-14 in sources.yaml or in the file of the source",
            ) from error
    for path, own in read:
        for line, claim in own:
            if claim.claim in claims:
                raise FileError(
                    path,
                    "a claim id appears twice",
                    line=line,
                    value=claim.claim,
                    expected="an id that is unique in the ledger",
                )
            claims[claim.claim] = claim
    for table in ledger.tables.values():
        claims.update({claim.claim: claim for claim in table.claims})
        path = tables.parent / table.header.file
        read.append((path, list(enumerate(table.claims, start=2))))
    for path, own in read:
        for line, claim in own:
            check_claim(ledger, path, line, claim)
    return ledger


def _read_source(path: Path, known: dict[str, Source]) -> list[tuple[int | None, Claim]]:
    """Return the claims of a file with their lines, and add the source it declares to `known`."""
    if path.suffix not in (".yaml", ".yml"):
        return list(claims_by_line(path))
    file = read_yaml(path, SourceFile)
    if file.id in known:
        raise FileError(path, "the source is already declared", value=file.id, hint="rename it")
    known[file.id] = file.source
    document = parse_yaml(path)
    own: list[tuple[int | None, Claim]] = [
        (line_of(document, ("claims", k)), claim) for k, claim in enumerate(file.claims)
    ]
    if file.table:
        own += claims_by_line(path.parent / file.table)
    for line, claim in own:
        if claim.source != file.id:
            raise FileError(
                path,
                f"{claim.claim}: belongs to another source",
                line=line,
                value=claim.source,
                expected=file.id,
            )
    return own


def check_claim(ledger: Ledger, path: Path, line: int | None, claim: Claim) -> None:
    """Check that a claim uses declared names only.

    Raises
    ------
    FileError
        At the first undeclared name, with the most similar declared one.
    """
    book = ledger.codebook

    def known(value: str, names: Collection[str], what: str) -> None:
        if value not in names:
            raise FileError(
                path,
                f"{claim.claim}: unknown {what}",
                line=line,
                value=value,
                expected=nearest(value, names) or f"a declared {what}",
            )

    known(claim.source, ledger.sources, "source")
    known(claim.category, book.categories, "category")
    known(claim.predicate, book.predicates, "predicate")
    predicate = book.predicates[claim.predicate]
    if claim.predicate == STANCE:
        known(claim.subject, ledger.causes, "cause")
        known(claim.value, STANCES, "stance")
    else:
        known(claim.subject, ledger.entities.by_id, "subject (entities.csv)")
    if predicate.kind == "choice":
        known(claim.value, predicate.alternatives, f"value of {claim.predicate}")
    if predicate.units and claim.unit:
        known(claim.unit, predicate.units, f"unit of {claim.predicate}")
    if claim.reading:
        known(claim.reading, book.readings, "reading")
    for place in claim.places:
        known(place, ledger.gazetteer.areas, "place")
    for relation in claim.relations:
        for other in filter(None, (relation.of, relation.numerator)):
            known(other, ledger.claims, "claim in `relates`")
