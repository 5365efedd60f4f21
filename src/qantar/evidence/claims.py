"""Claims: one checkable statement of one source, with its locator and how firmly it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from qantar.errors import FileError
from qantar.reading import Declared, read_csv

Modality = Literal["stated", "attributed", "disputed", "retracted", "speculated"]


class Claim(Declared):
    """A row of ``claims.csv``."""

    claim: str
    source: str
    locator: str
    category: str
    subject: str
    value_low: str = ""
    value_high: str = ""
    unit: str = ""
    date_from: str = ""
    date_to: str = ""
    place: str = ""
    attributed_to: str = ""
    modality: Modality
    paraphrase: str

    def cite(self) -> str:
        """Return where the claim stands, such as ``seed-003 chronology January 8``."""
        return f"{self.source} {self.locator}"


def load_claims(path: Path) -> dict[str, Claim]:
    """Return the claims of a file by id.

    Raises
    ------
    FileError
        If an id stands twice or a row is out of shape.
    """
    claims: dict[str, Claim] = {}
    for line, claim in enumerate(read_csv(path, Claim), start=2):
        if claim.claim in claims:
            raise FileError(path, "a claim id stands twice", line=line, value=claim.claim)
        claims[claim.claim] = claim
    return claims
