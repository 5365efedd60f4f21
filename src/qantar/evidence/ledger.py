"""The ledger: every claim of every source, with what is needed to read and compare them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from qantar.errors import QantarError, nearest
from qantar.evidence.causes import Cause
from qantar.evidence.claims import COLUMNS, Claim
from qantar.evidence.codebook import Codebook
from qantar.evidence.dates import first_day, last_day
from qantar.evidence.entities import Entities
from qantar.evidence.gazetteer import Gazetteer
from qantar.evidence.tables import Table
from qantar.provenance import Source


@dataclass(frozen=True)
class Ledger:
    """All evidence of a country.

    Attributes
    ----------
    claims : dict
        By id, in the order of the files.
    sources : mapping
        Every source that the pack or an added file declares, with or without claims.
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

    def published(self, source: str) -> dt.date | None:
        """Return the last day on which a source can have been published."""
        return last_day(self.sources[source].date)

    def known_on(self, claim: Claim) -> dt.date | None:
        """Return the day from which a claim could be known.

        A figure that the source dates was known then; anything else when the source appeared.
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
        """Return the ledger with only the claims that answer every condition given.

        Parameters
        ----------
        source, category, subject : str
            Exact ids.
        place : str
            A place, region or the country, in any spelling; claims about anywhere inside it.
        date : str
            A day, month or year that the claim is about.
        as_of : str
            Only what could be known on that day.
        """
        place = place and self.place_called(place)
        kept = [
            claim
            for claim in self.claims.values()
            if source in ("", claim.source)
            and category in ("", claim.category)
            and subject in ("", claim.subject)
            and (not place or self._lies_in(claim, place))
            and (not date or claim.happens_in((first_day(date), last_day(date))))
            and (not as_of or self._was_known(claim, as_of))
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

    def place_called(self, name: str) -> str:
        """Return what claims call a place, from any spelling of it.

        Raises
        ------
        QantarError
            If no place is called so; the nearest one is offered.
        """
        if name in self.gazetteer.areas:
            return name
        for entity in self.entities.spelt(name):
            for spelling in entity.spellings:
                if spelling.name in self.gazetteer.areas:
                    return spelling.name
        raise QantarError(
            f"there is no place called {name!r}",
            expected=nearest(name, self.gazetteer.areas) or "a place of the pack, in any spelling",
            mend="`qantar evidence entity` lists every spelling",
        )

    def only(self, claims: Iterable[Claim]) -> Ledger:
        """Return the ledger with these claims alone, and the tables that still have a cell."""
        kept = {claim.claim: claim for claim in claims}
        tables = {
            name: table
            for name, table in self.tables.items()
            if any(cell.claim in kept for cell in table.claims)
        }
        return replace(self, claims=kept, tables=tables)

    def without(self, source: str) -> Ledger:
        """Return the ledger without the claims of one source."""
        return self.only(claim for claim in self.claims.values() if claim.source != source)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The claims as a table: one row each, the columns of a claims file, all text."""
        rows = [[getattr(claim, column) for column in COLUMNS] for claim in self.claims.values()]
        return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")

    def _lies_in(self, claim: Claim, place: str) -> bool:
        return bool(claim.places) and self.gazetteer.compare(claim.places, [place]) in (
            "same",
            "within",
        )

    def _was_known(self, claim: Claim, day: str) -> bool:
        known, until = self.known_on(claim), last_day(day)
        return known is not None and until is not None and known <= until
