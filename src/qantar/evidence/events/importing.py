"""Import of an event file: read and match its rows, and write them as a source of claims.

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
    claims_from_counts,
    target_rules_from_counts,
    target_rules_yaml,
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
    "near": "matched to a similar name (--accept-near)",
    "region": "matched only to a region",
    "country": "matched to the whole country",
    "none": "not matched: counted for the country, and for the region if given",
}
"""Meaning of each kind of match, in the order of the report."""


@dataclass
class Report:
    """Counts of rows by outcome.

    Attributes
    ----------
    rows : int
        Number of rows below the header.
    rejected, left_out, matched : Counter
        Rows rejected and left out by reason, and kept by kind of match.
    unmatched : Counter
        Rows not matched exactly, by name, region and match.
    first_rejection : RejectedRow or None
    inexact_days : int
        Rows kept without an exact day.
    """

    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[tuple[str, str, PlaceMatch]] = field(default_factory=Counter)
    first_rejection: RejectedRow | None = None
    inexact_days: int = 0

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
        """Count a row outside the requested country or period."""
        self.rows += 1
        self.left_out[row.why] += 1

    def keep(self, event: Event, match: PlaceMatch) -> None:
        """Count an event."""
        self.rows += 1
        self.matched[match.how] += 1
        self.inexact_days += not event.exact_day
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
            expected="rows of the pack's country in the requested period",
            hint="check the mapping (--as), the pack, --from and --to",
        )

    def unmatched_rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows of ``unmatched.csv``, most frequent names first."""
        for (name, region, match), rows in sorted(
            self.unmatched.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1])
        ):
            used = match.place or "no place"
            yield name, region, rows, match.how, used, match.why, "; ".join(match.candidates)

    def lines(self) -> list[str]:
        """Return the report, one line per count; indented counts add up to the one above."""
        lines = [f"{self.rows:>9,} rows read", f"{self.rejected.total():>9,}   rejected"]
        lines += [f"{count:>9,}     {why}" for why, count in _by_count(self.rejected)]
        lines.append(f"{self.left_out.total():>9,}   left out")
        lines += [f"{count:>9,}     {why}" for why, count in _by_count(self.left_out)]
        lines.append(f"{self.kept:>9,}   kept")
        lines += [f"{self.matched[how]:>9,}     {words}" for how, words in MATCHES.items()]
        if self.inexact_days:
            lines.append(
                f"{self.inexact_days:,} of the rows kept have no exact day: "
                "they are counted, but not used for first or last days"
            )
        return lines


UNMATCHED_COLUMNS = ("place", "region", "rows", "match", "used", "why", "nearest")


def _by_count(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


EVENT_COLUMNS = (
    "row", "id", "date", "exact_day", "place_given", "region_given", "exact_place", "place",
    "region", "match", "kind", "deaths", "persons", "source", "note",
)  # fmt: skip


class Tables:
    """The tables of an import that are written row by row.

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
        """Write a usable row with the matched place."""
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
    """Write a small table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class ImportRequest:
    """The file to import and how to import it.

    Attributes
    ----------
    path : Path
        The event file.
    mapping : Mapping
    id : str
        Id of the new source.
    title, date : str
        Title of the file, and ISO date of its publication or export.
    subject : str
        The entity to which all its events belong.
    since, until : str
        First and last day of the events to import; empty for all.
    accept_near : bool
        Whether approximate matches of place names are used.
    complete : bool
        Whether the file covers the events to their end; only then are last days ends.
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
    """A finished import: its folder, report, claims and targets."""

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
        Ledger of the country, for its places, spellings, codebook and entities.
    request : ImportRequest
    destination : Path
        A folder that must not exist yet.
    progress : callable
        Called with the current step, the rows done, and the total number of rows.

    Raises
    ------
    QantarError
        If the file, the request or the folder cannot be used. No output remains.
    """
    selection = _import_filter(ledger, request)
    with AtomicDirectory(destination) as folder:
        scanned = scan(request.path, request.mapping, progress)
        counts, report = _read(ledger, request, scanned, selection, folder, progress)
        progress("writing claims", scanned.rows, scanned.rows)
        if not report.kept:
            raise report.nothing_kept(request.path)
        first, last = counts.span
        template = ClaimTemplate(
            id=request.id,
            title=request.title,
            subject=request.subject,
            since=selection.since or first,
            until=min(selection.until, selection.published) if selection.until else last,
            complete=request.complete,
        )
        claims = claims_from_counts(template, counts)
        rules = target_rules_from_counts(template, counts, ledger.gazetteer)
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
            (
                "source.yaml",
                yaml_text(SourceFile(id=template.id, source=source, table="claims.csv")),
            ),
            ("targets.yaml", target_rules_yaml(template, rules)),
            ("report.txt", "\n".join(lines)),
        ):
            (folder / name).write_text(text, encoding="utf-8")
    return ImportedEvents(destination, report, tuple(claims), tuple(rules))


def _read(
    ledger: Ledger,
    request: ImportRequest,
    scanned: ScannedFile,
    selection: ImportFilter,
    folder: Path,
    progress: Progress,
) -> tuple[AreaCounts, Report]:
    """Read, match, write and count every row."""
    gazetteer = ledger.gazetteer
    region_names = {r: n for r, n in gazetteer.regions.items() if len(gazetteer.area([n])) > 1}
    counts, report = AreaCounts(request.mapping, region_names), Report()
    matcher = PlaceMatcher(gazetteer, ledger.entities, accept_near=request.accept_near)
    with Tables(folder) as tables:
        for row in read_events(scanned, request.mapping, selection, progress):
            if isinstance(row, Event):
                match = matcher.match(row.place, row.region, row.exact_place)
                tables.event(row, match)
                counts.add(row, match)
                report.keep(row, match)
            elif isinstance(row, RejectedRow):
                tables.rejection(row)
                report.reject(row)
            else:
                report.leave_out(row)
    return counts, report


def _import_filter(ledger: Ledger, request: ImportRequest) -> ImportFilter:
    """Validate a request and return its filter."""
    if not _ID.fullmatch(request.id):
        raise QantarError(
            f"--id {request.id!r} is not a valid source id",
            expected="lower-case letters, digits and single hyphens, such as my-acled",
        )
    if request.id in ledger.sources:
        raise QantarError(
            f"the source {request.id!r} is already declared", hint="choose another --id"
        )
    if request.subject not in ledger.entities.by_id:
        raise QantarError(
            f"--subject {request.subject!r} is not an entity of the pack",
            expected=nearest(request.subject, ledger.entities.by_id) or "an id of entities.csv",
            hint="`qantar evidence entity` lists all of them",
        )
    try:
        published = last_day(request.date)
        since, until = first_day(request.since), last_day(request.until)
    except ValueError as error:
        raise QantarError(
            f"--date, --from or --to: {error}", expected="a day such as 2022-01-05"
        ) from error
    if published is None:
        raise QantarError(
            "--date is empty", expected="the day the file was exported, such as 2022-02-01"
        )
    if since and until and until < since:
        raise QantarError(f"--to {request.until} is before --from {request.since}")
    return ImportFilter(ledger.gazetteer.country, since, until, published)


def _check(ledger: Ledger, request: ImportRequest, source: Source, claims: list[Claim]) -> None:
    """Check that the ledger would accept the claims."""
    own = {claim.claim: claim for claim in claims}
    more = replace(
        ledger,
        claims={**ledger.claims, **own},
        sources={**ledger.sources, request.id: source},
    )
    for claim in claims:
        if claim.claim in ledger.claims:
            raise QantarError(
                f"the claim {claim.claim!r} is already in the ledger", hint="choose another --id"
            )
        check_claim(more, request.path, 1, claim)
