"""Reading a ledger from its folder, and refusing what does not fit the codebook."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from qantar.errors import FileError, nearest
from qantar.evidence.causes import STANCE, STANCES, load_causes
from qantar.evidence.claims import Claim, claims_by_line
from qantar.evidence.codebook import load_codebook
from qantar.evidence.dates import last_day
from qantar.evidence.entities import load_entities
from qantar.evidence.gazetteer import Gazetteer
from qantar.evidence.ledger import Ledger
from qantar.evidence.tables import load_tables
from qantar.provenance import Source
from qantar.reading import Declared, line_of, parse_yaml, read_yaml

ABROAD = ("state", "place", "region")
"""Kinds of entity that are places a claim may name beside those of the pack."""


class SourceFile(Declared):
    """A source with its claims in one file, or with the claims file that holds them."""

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
        Holds ``claims/`` (one file a source), ``entities.csv``, ``causes.yaml`` and, if the
        sources print any, ``tables/tables.yaml``.
    codebook : Path
    sources : mapping
        The sources that the pack declares.
    country : str
    regions : mapping
        Region by town.
    more : iterable of Path
        Further sources, each one file: YAML with the source and its claims, or a claims file of
        a source that the pack declares.

    Raises
    ------
    FileError
        At the first claim whose id stands twice or that uses a source, category, predicate,
        unit, subject, place or claim that nothing declares.
    """
    entities = load_entities(folder / "entities.csv")
    abroad = (entity.name for entity in entities.by_id.values() if entity.kind in ABROAD)
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
    read = [(path, _read_source(path, known)) for path in _files(folder, more)]
    for name in {claim.source for _, own in read for _, claim in own} & known.keys():
        _check_date(folder, name, known[name])
    for path, own in read:
        for line, claim in own:
            if claim.claim in claims:
                raise FileError(
                    path,
                    "a claim id stands twice",
                    line=line,
                    value=claim.claim,
                    expected="an id that no other file of the ledger has",
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


def _check_date(folder: Path, name: str, source: Source) -> None:
    """Refuse a source whose date no claim could be compared with."""
    try:
        last_day(source.date)
    except ValueError as error:
        raise FileError(
            folder / "claims",
            f"the source {name!r} has no usable date",
            value=source.date,
            expected="2022, 2022-01 or 2022-01-14, in sources.yaml or in the file of the source",
        ) from error


def _files(folder: Path, more: Iterable[Path]) -> list[Path]:
    return [*sorted((folder / "claims").glob("*.*")), *more]


def _read_source(path: Path, known: dict[str, Source]) -> list[tuple[int | None, Claim]]:
    """Return the claims of one file with their lines, and note the source that it declares."""
    if path.suffix not in (".yaml", ".yml"):
        return list(claims_by_line(path))
    file = read_yaml(path, SourceFile)
    if file.id in known:
        raise FileError(path, "the source is declared already", value=file.id, mend="rename it")
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
                f"{claim.claim}: is of another source",
                line=line,
                value=claim.source,
                expected=file.id,
            )
    return own


def check_claim(ledger: Ledger, path: Path, line: int | None, claim: Claim) -> None:
    """Refuse a claim that uses a word nothing declares.

    Raises
    ------
    FileError
    """
    book = ledger.codebook

    def known(value: str, names: Collection[str], what: str) -> None:
        if value not in names:
            raise FileError(
                path,
                f"{claim.claim}: unknown {what}",
                line=line,
                value=value,
                expected=nearest(value, names) or f"one that is declared ({what})",
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
        known(claim.value, predicate.alternatives, f"word for {claim.predicate}")
    if predicate.units and claim.unit:
        known(claim.unit, predicate.units, f"unit for {claim.predicate}")
    if claim.reading:
        known(claim.reading, book.readings, "reading")
    for place in claim.places:
        known(place, ledger.gazetteer.areas, "place")
    for relation in claim.relations:
        for other in filter(None, (relation.of, relation.numerator)):
            known(other, ledger.claims, "claim in `relates`")
