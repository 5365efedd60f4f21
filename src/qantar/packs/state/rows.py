"""What the tables of the state share: the provenance of a row."""

from __future__ import annotations

from pathlib import Path

from qantar.base.files import Declared
from qantar.base.provenance import Grade
from qantar.packs.country import Country
from qantar.packs.years_faults import check_reference

FOLDER = "state"
"""Folder of a pack that describes the state."""


class Sourced(Declared):
    """A row with its provenance.

    Attributes
    ----------
    grade : str
    reference : str
        Sources or references of the pack, separated by ``;``.
    locator : str
    claims : str
        Claims of the ledger that say so, by id, separated by ``;``.
    note : str
    """

    grade: Grade
    reference: str
    locator: str = ""
    claims: str = ""
    note: str = ""

    @property
    def claim_ids(self) -> tuple[str, ...]:
        """The claims of the ledger that the row rests on."""
        return tuple(part.strip() for part in self.claims.split(";") if part.strip())


def check_source(path: Path, row: Sourced, country: Country, line: int) -> None:
    """Refuse a row whose reference the pack does not have."""
    keys = tuple(part.strip() for part in row.reference.split(";"))
    check_reference(path, keys, {*country.sources, *country.references}, line)
