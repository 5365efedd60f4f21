"""The ledger on the page: every claim in full, with what on the page rests on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qantar.evidence import Claim
from qantar.view.evidence.names import Badge, Reader, date_words, dated


@dataclass(frozen=True)
class Entry:
    """One claim, ready to be read; `used` holds the parts of the page that rest on it."""

    claim: str
    paraphrase: str
    locator: str
    about: str
    value: str
    dates: str
    place: str
    who: str
    modality: str
    note: str
    used: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SourceEntries:
    """All claims of a source."""

    badge: Badge
    note: str
    entries: tuple[Entry, ...]


def source_entries(
    reader: Reader, used: Mapping[str, Sequence[tuple[str, str]]]
) -> list[SourceEntries]:
    """Return every claim by source, in the order of the ledger.

    Parameters
    ----------
    reader : Reader
    used : mapping
        Words and anchors of the parts of the page that rest on a claim, by claim.
    """
    own: dict[str, list[Entry]] = {source: [] for source in reader.badges}
    for claim in reader.ledger.claims.values():
        own[claim.source].append(_entry(reader, claim, used.get(claim.claim, ())))
    found = []
    for source, entries in own.items():
        known = reader.ledger.sources.get(source)
        note = known.note if known else ""
        found.append(SourceEntries(reader.badges[source], note, tuple(entries)))
    return found


def _entry(reader: Reader, claim: Claim, used: Sequence[tuple[str, str]]) -> Entry:
    kind = reader.ledger.codebook.kind(claim)
    value = reader.says(claim)
    if kind == "number" and claim.value and claim.value not in value:
        value = f"{claim.value}: {value}"
    held = f"as of {date_words(claim.as_of)}" if claim.as_of else ""
    days = dated(claim) if claim.dates != (None, None) else ""
    about = f"{reader.name(claim.subject)}, {claim.predicate.replace('_', ' ')}"
    return Entry(
        claim=claim.claim,
        paraphrase=claim.paraphrase,
        locator=claim.locator,
        about=", ".join(filter(None, (about, claim.scope, claim.stage))),
        value="" if value in ("no date", "no number") else value,
        dates=", ".join(filter(None, ("" if days == value else days, held))),
        place=reader.place(claim),
        who=claim.attributed_to,
        modality="" if claim.modality == "stated" else claim.modality,
        note=claim.note,
        used=tuple(dict.fromkeys(used)),
    )
