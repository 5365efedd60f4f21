"""Importing an event file: read, match, count and write it as a source of claims.

The output folder is written atomically. The report accounts for every row of the file.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from qantar.base.errors import FileError, QantarError, nearest
from qantar.base.files import AtomicDirectory
from qantar.base.provenance import Source
from qantar.evidence.claims import Claim, write_claims
from qantar.evidence.dates import first_day, last_day
from qantar.evidence.events.claims import (
    AreaCounts,
    ClaimTemplate,
    claims_of,
    target_rules_yaml,
    targets_of,
    yaml_text,
)
from qantar.evidence.events.mapping import Mapping
from qantar.evidence.events.place_matching import PlaceMatch, PlaceMatcher
from qantar.evidence.events.reading import (
    Event,
    ImportFilter,
    Progress,
    RejectedRow,
    ScannedFile,
    SkippedRow,
    read_events,
    scan,
)
from qantar.evidence.ledger import Ledger, SourceFile, check_claim

MATCHES = {
    "exact": "matched to a place by its name",
    "spelling": "matched by another spelling",
    "near": "matched by a near miss (--accept-near)",
    "region": "matched only to a region",
    "country": "the whole country is the place",
    "none": "not matched: counted for the country, and for a region if given",
}
"""What each kind of match means, in the order of the report."""


@dataclass
class Report:
    """Counts of rows by what became of them.

    Attributes
    ----------
    rows : int
        Below the header.
    rejected, left_out, matched : Counter
        Rows by reason, by reason, and by kind of match.
    unmatched : Counter
        Rows by name, region and match, for those with no claim about a place of that name.
    first_rejection : RejectedRow or None
    unexact_days : int
        Rows kept whose day is not exact.
    """

    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[tuple[str, str, PlaceMatch]] = field(default_factory=Counter)
    first_rejection: RejectedRow | None = None
    unexact_days: int = 0

    @property
    def kept(self) -> int:
        """Rows that are events of the country and the period."""
        return self.matched.total()

    def reject(self, rejection: RejectedRow) -> None:
        """Count a row that cannot be used."""
        self.rows += 1
        self.first_rejection = self.first_rejection or rejection
        why = rejection.why.partition(";")[0].partition(":")[0].partition(" (")[0]
        self.rejected[f"{rejection.column}: {why}" if rejection.column else why] += 1

    def leave_out(self, row: SkippedRow) -> None:
        """Count a row that was not asked for."""
        self.rows += 1
        self.left_out[row.why] += 1

    def keep(self, event: Event, match: PlaceMatch) -> None:
        """Count an event."""
        self.rows += 1
        self.matched[match.how] += 1
        self.unexact_days += not event.exact_day
        if match.how in ("none", "near", "region"):
            self.unmatched[event.place, event.region, match] += 1

    def nothing_kept(self, path: Path) -> FileError:
        """Return the error for a file without a usable row."""
        first = self.first_rejection
        shown = f"row {first.row}, {first.column or 'the row'}: {first.why}" if first else None
        lost = {**self.rejected, **self.left_out}
        reasons = ", ".join(f"{count} {why}" for why, count in lost.items())
        return FileError(
            path,
            f"none of its {self.rows} rows can be used ({reasons})",
            line=first.row if first else None,
            value=shown,
            expected="rows of the pack's country and of the period asked for",
            hint="check the mapping (--as), the pack, --from and --to",
        )

    def unmatched_rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows of ``unmatched.csv``, the commonest names first."""
        for (name, region, match), rows in sorted(
            self.unmatched.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1])
        ):
            used = match.place or "no place"
            yield name, region, rows, match.how, used, match.why, "; ".join(match.candidates)

    def lines(self) -> list[str]:
        """Return the report, one line per count; indented counts add up to the one above."""
        lines = [f"{self.rows:>9,} rows read", f"{self.rejected.total():>9,}   rejected"]
        lines += [f"{count:>9,}     {why}" for why, count in _most(self.rejected)]
        lines.append(f"{self.left_out.total():>9,}   left out")
        lines += [f"{count:>9,}     {why}" for why, count in _most(self.left_out)]
        lines.append(f"{self.kept:>9,}   kept")
        lines += [f"{self.matched[how]:>9,}     {words}" for how, words in MATCHES.items()]
        if self.unexact_days:
            lines.append(
                f"{self.unexact_days:,} of the rows kept have no exact day: "
                "they are counted, but give no first or last day"
            )
        return lines


UNMATCHED_COLUMNS = ("place", "region", "rows", "match", "used", "why", "nearest")


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


EVENT_COLUMNS = (
    "row", "id", "date", "exact_day", "place_given", "region_given", "exact_place", "place",
    "region", "match", "kind", "deaths", "persons", "source", "note",
)  # fmt: skip


class Tables:
    """The three tables of an import that grow with the file, open for writing.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()

    def __enter__(self) -> Tables:
        self._events = self._table("events.csv", EVENT_COLUMNS)
        self._rejected = self._table("rejected.csv", RejectedRow._fields)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def event(self, event: Event, match: PlaceMatch) -> None:
        """Write a usable row with the place it was matched to."""
        self._events(
            (
                event.row,
                event.id,
                event.day.isoformat(),
                "yes" if event.exact_day else "no",
                event.place,
                event.region,
                "yes" if event.exact_place else "no",
                match.place,
                match.region,
                match.how,
                event.kind,
                "" if event.deaths is None else event.deaths,
                "" if event.persons is None else event.persons,
                event.source,
                event.note,
            )
        )

    def rejection(self, rejection: RejectedRow) -> None:
        """Write a row that cannot be used."""
        self._rejected(rejection)

    def _table(self, name: str, columns: Sequence[str]) -> Callable[[Iterable[object]], object]:
        file = self._open.enter_context(
            (self._folder / name).open("w", encoding="utf-8", newline="")
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        return writer.writerow


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a small table at once."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class ImportRequest:
    """What is to be imported, and as what.

    Attributes
    ----------
    path : Path
        The event file.
    mapping : Mapping
    id : str
        Of the new source.
    title, date : str
        Of the file; when it was published or exported, ISO 8601.
    subject : str
        The entity that all its events belong to.
    since, until : str
        Only events from and to these days; empty for all.
    accept_near : bool
        Whether near misses of place names are used.
    complete : bool
        Whether the file runs until all was over; only then are its last days ends.
    """

    path: Path
    mapping: Mapping
    id: str
    title: str
    date: str
    subject: str
    since: str = ""
    until: str = ""
    accept_near: bool = False
    complete: bool = False


@dataclass(frozen=True)
class ImportedEvents:
    """A finished import: where it is, what became of the rows, and its claims."""

    folder: Path
    report: Report
    claims: tuple[Claim, ...]
    targets: tuple[str, ...]


def import_events(
    ledger: Ledger, request: ImportRequest, destination: Path, progress: Progress = lambda *_: None
) -> ImportedEvents:
    """Import an event file as a source of claims.

    Parameters
    ----------
    ledger : Ledger
        Of the country; its places, spellings, codebook and entities are used.
    request : Request
    destination : Path
        A folder that must not exist yet.
    progress : callable
        Told what is being done, how many rows are done, and of how many.

    Raises
    ------
    QantarError
        If the file, the request or the folder cannot be used. Nothing is left behind.
    """
    frame = _frame(ledger, request)
    with AtomicDirectory(destination) as folder:
        scanned = scan(request.path, request.mapping, progress)
        tallies, report = _read(ledger, request, scanned, frame, folder, progress)
        progress("writing claims", scanned.rows, scanned.rows)
        if not report.kept:
            raise report.nothing_kept(request.path)
        first, last = tallies.span
        said = ClaimTemplate(
            id=request.id,
            title=request.title,
            subject=request.subject,
            since=frame.since or first,
            until=min(frame.until, frame.published) if frame.until else last,
            complete=request.complete,
        )
        claims = claims_of(said, tallies)
        rules = targets_of(said, tallies, ledger.gazetteer)
        source = Source(
            title=request.title,
            date=request.date,
            kind="events",
            note=f"imported from {request.path.name} as {request.mapping.title}: "
            f"{scanned.rows} rows, sha256 {scanned.sha256}",
        )
        _check(ledger, request, source, claims)
        write_table(folder / "unmatched.csv", UNMATCHED_COLUMNS, report.unmatched_rows())
        lines = [*report.lines(), f"{len(claims):,} claims, {len(rules):,} targets", ""]
        for name, text in (
            ("claims.csv", write_claims(claims)),
            ("source.yaml", yaml_text(SourceFile(id=said.id, source=source, table="claims.csv"))),
            ("targets.yaml", target_rules_yaml(said, rules)),
            ("report.txt", "\n".join(lines)),
        ):
            (folder / name).write_text(text, encoding="utf-8")
    return ImportedEvents(destination, report, tuple(claims), tuple(rules))


def _read(
    ledger: Ledger,
    request: ImportRequest,
    scanned: ScannedFile,
    frame: ImportFilter,
    folder: Path,
    progress: Progress,
) -> tuple[AreaCounts, Report]:
    """Read every row, write it where it belongs and count it."""
    gazetteer = ledger.gazetteer
    several = {r: n for r, n in gazetteer.regions.items() if len(gazetteer.area([n])) > 1}
    tallies, report = AreaCounts(request.mapping, several), Report()
    matcher = PlaceMatcher(gazetteer, ledger.entities, accept_near=request.accept_near)
    with Tables(folder) as tables:
        for row in read_events(scanned, request.mapping, frame, progress):
            if isinstance(row, Event):
                match = matcher.match(row.place, row.region, row.exact_place)
                tables.event(row, match)
                tallies.add(row, match)
                report.keep(row, match)
            elif isinstance(row, RejectedRow):
                tables.rejection(row)
                report.reject(row)
            else:
                report.leave_out(row)
    return tallies, report


def _frame(ledger: Ledger, request: ImportRequest) -> ImportFilter:
    """Check what was asked for, and return the frame it sets."""
    if not _ID.fullmatch(request.id):
        raise QantarError(
            f"--id {request.id!r} cannot name a source",
            expected="small letters, digits and single hyphens, such as my-acled",
        )
    if request.id in ledger.sources:
        raise QantarError(
            f"the source {request.id!r} is declared already", hint="choose another --id"
        )
    if request.subject not in ledger.entities.by_id:
        raise QantarError(
            f"--subject {request.subject!r} is no entity of the pack",
            expected=nearest(request.subject, ledger.entities.by_id) or "an id of entities.csv",
            hint="`qantar evidence entity` without a name lists them all",
        )
    try:
        published = last_day(request.date)
        since, until = first_day(request.since), last_day(request.until)
    except ValueError as error:
        raise QantarError(
            f"--date, --from or --to: {error}", expected="a day such as 2022-01-05"
        ) from error
    if published is None:
        raise QantarError("--date is empty", expected="the day the file was made: 2022-02-01")
    if since and until and until < since:
        raise QantarError(f"--to {request.until} lies before --from {request.since}")
    return ImportFilter(ledger.gazetteer.country, since, until, published)


def _check(ledger: Ledger, request: ImportRequest, source: Source, claims: list[Claim]) -> None:
    """Refuse claims that the ledger would refuse later."""
    own = {claim.claim: claim for claim in claims}
    more = replace(
        ledger,
        claims={**ledger.claims, **own},
        sources={**ledger.sources, request.id: source},
    )
    for claim in claims:
        if claim.claim in ledger.claims:
            raise QantarError(
                f"the claim {claim.claim!r} is in the ledger already", hint="choose another --id"
            )
        check_claim(more, request.path, 1, claim)
