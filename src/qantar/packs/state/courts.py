"""Courts of a pack: counts of judges who lost their posts, and cases of public figures.

``court_counts.csv`` holds published counts by period: judges dismissed, prosecuted and jailed. A
count may be part of another. ``cases.csv`` holds named cases of public figures from charge to
release; a death without trial is a kind of its own. No private person belongs in either.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.rows import FOLDER, Sourced, check_source
from qantar.packs.years_faults import check_apart, check_spell, unknown
from qantar.packs.years_tables import Moment, first_day, last_day, month_number, names_of

COUNTS, CASES = "court_counts.csv", "cases.csv"

CountKind = Literal["dismissed", "prosecuted", "jailed", "dismissed_by_jury"]
"""What was counted; ``dismissed_by_jury`` is the narrower count of a disciplinary body."""

SENTENCED, RELEASED = "sentenced", "released"


class CourtCount(Sourced):
    """A row of ``court_counts.csv``: how many judges, from a first to a last month.

    Attributes
    ----------
    count : str
        Name of the row.
    kind : str
    value : float
    subset_of : str
        The count that this one is a part of, if any.
    """

    count: str
    kind: CountKind
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")
    value: float = Field(ge=0, allow_inf_nan=False, description="judges, 0 or more")
    subset_of: str = ""

    @property
    def months(self) -> int:
        """How many months it covers."""
        last = last_day(self.ends)
        return last.year * 12 + last.month - month_number(self.begins)

    @property
    def yearly(self) -> float:
        """The count a year."""
        return self.value * 12 / self.months


class Case(Sourced):
    """A row of ``cases.csv``: the case of a public figure.

    Attributes
    ----------
    case, person, role, accusation : str
    kind : {"tried", "absent", "died_untried"}
        Tried, tried in absence, or dead by violence or in dispute before any trial.
    political : {"yes", "no"}
        Whether a source calls it political.
    charged, sentenced, released, died : str
        Moments; empty where nothing tells. `charged` may be the arrest.
    verdict : {"convicted", "acquitted", ""}
    sentence_years, served_years : float, optional
        Years of prison set, and years served where a source says so.
    release : str
        How the person came out.
    bodies : str
        Foreign bodies that the sources name as speaking up, divided by ``;``.
    noticed : str
        When the first of them did.
    recalled : str
        Columns whose values no source read here gives, divided by ``;``.
    """

    case: str
    person: str
    role: str
    accusation: str = ""
    kind: Literal["tried", "absent", "died_untried"]
    political: Literal["yes", "no"]
    charged: Moment | None = None
    verdict: Literal["convicted", "acquitted", ""] = ""
    sentenced: Moment | None = None
    sentence_years: float | None = Field(
        default=None, ge=0, le=100, allow_inf_nan=False, description="years, 0 to 100"
    )
    released: Moment | None = None
    release: Literal["pardon", "amnesty", "parole", "probation", "served", ""] = ""
    served_years: float | None = Field(
        default=None, ge=0, le=100, allow_inf_nan=False, description="years, 0 to 100"
    )
    died: Moment | None = None
    bodies: str = ""
    noticed: Moment | None = None
    recalled: str = ""

    @property
    def attention(self) -> float:
        """Foreign attention, 0 to below 1: n bodies make n / (n + 1)."""
        bodies = len(names_of(self.bodies))
        return bodies / (bodies + 1)

    def month(self, column: str) -> int | None:
        """Return the month of a moment, from January of the year 0; a bare year is its middle.

        A bare year never puts an event after what came later, or before what came earlier.
        """
        moment: str | None = getattr(self, column)
        if moment is None:
            return None
        found = month_number(moment)
        place = _ORDER.index(column)
        if len(moment) == len("YYYY"):
            later: list[str | None] = [getattr(self, name) for name in _ORDER[place + 1 :]]
            known = [month_number(each) for each in later if each and len(each) > len("YYYY")]
            found = min([found + 6, *known])
        earlier = [self.month(name) for name in _ORDER[:place]]
        return max([found, *(each for each in earlier if each is not None)])


_ORDER = ("charged", SENTENCED, RELEASED, "died")
"""Moments of a case in the order in which they come."""


@dataclass(frozen=True)
class Courts:
    """Courts of a country.

    Attributes
    ----------
    counts : tuple of CourtCount
    cases : tuple of Case
        In the order of the file.
    """

    counts: tuple[CourtCount, ...]
    cases: tuple[Case, ...]

    def counts_of(self, kind: str) -> tuple[CourtCount, ...]:
        """Return the counts of a kind, earliest first, the whole before its parts."""
        found = [each for each in self.counts if each.kind == kind]
        return tuple(sorted(found, key=lambda each: (first_day(each.begins), -each.months)))

    def pieces(self, kind: str) -> tuple[tuple[int, int, float], ...]:
        """Return a kind as spells that do not overlap: first month, months, judges.

        A whole with one part is divided into the part and what is left before and after it. Months
        before and after share what is left by their number.
        """
        spells: list[tuple[int, int, float]] = []
        for whole in self.counts_of(kind):
            if not whole.subset_of or whole.subset_of not in {
                c.count for c in self.counts_of(kind)
            }:
                spells += _divided(whole, [c for c in self.counts if c.subset_of == whole.count])
        return tuple(sorted(spells))


def _divided(whole: CourtCount, parts: list[CourtCount]) -> list[tuple[int, int, float]]:
    """Return a count as its parts and what is left between them."""
    own = [(month_number(c.begins), c.months, c.value) for c in parts if c.kind == whole.kind]
    own.sort()
    gaps, at = [], month_number(whole.begins)
    for first, months, _ in own:
        gaps.append((at, first - at))
        at = first + months
    gaps.append((at, month_number(whole.begins) + whole.months - at))
    empty = sum(months for _, months in gaps)
    rest = whole.value - sum(value for *_, value in own)
    return own + [(first, months, rest * months / empty) for first, months in gaps if months]


def load_courts(country: Country) -> Courts | None:
    """Return the courts of a pack, or None if it has neither counts nor cases.

    Raises
    ------
    FileError
        With file, line and hint, if a row is out of shape, a name or a reference is unknown, counts
        of a kind overlap, a part is larger than its whole, or a case runs backwards.
    """
    folder = country.folder / FOLDER
    counts, cases = folder / COUNTS, folder / CASES
    if not (counts.exists() or cases.exists()):
        return None
    count_rows = read_rows(counts, CourtCount) if counts.exists() else []
    case_rows = read_rows(cases, Case) if cases.exists() else []
    _check_counts(counts, count_rows)
    for line, count in count_rows:
        check_source(counts, count, country, line)
    _check_names(cases, [(line, case.case) for line, case in case_rows], "case")
    for line, case in case_rows:
        _check_case(cases, case, line)
        check_source(cases, case, country, line)
    return Courts(tuple(row for _, row in count_rows), tuple(row for _, row in case_rows))


def _check_names(path: Path, names: list[tuple[int, str]], what: str) -> None:
    """Refuse a name that appears twice."""
    seen: set[str] = set()
    for line, name in names:
        if name in seen:
            raise FileError(
                path,
                f"the {what} {name!r} appears twice",
                line=line,
                expected=f"one row a {what}",
                hint="give the second a name of its own, or remove it",
            )
        seen.add(name)


def _check_counts(path: Path, rows: list[tuple[int, CourtCount]]) -> None:
    """Check spells and parts; counts of a kind may overlap only as part and whole."""
    _check_names(path, [(line, row.count) for line, row in rows], "count")
    by_name = {row.count: row for _, row in rows}
    groups: dict[tuple[str, str], list[tuple[int | None, CourtCount]]] = {}
    for line, row in rows:
        check_spell(path, row, line)
        groups.setdefault((row.kind, row.subset_of), []).append((line, row))
        if row.subset_of:
            if row.subset_of not in by_name:
                raise unknown(path, "count", row.subset_of, by_name, line, COUNTS)
            _check_part(path, row, by_name[row.subset_of], line)
    for (kind, whole), spells in groups.items():
        of = f" that are part of {whole!r}" if whole else ""
        check_apart(path, spells, f"counts of kind {kind!r}{of}")
    for kind, whole in groups:
        if whole:
            _check_sum(path, by_name[whole], groups[kind, whole])


def _check_part(path: Path, part: CourtCount, whole: CourtCount, line: int) -> None:
    """Refuse a part of itself, one larger than its whole, and one that lies outside it."""
    value: object = f"{part.begins} to {part.ends}"
    if part.count == whole.count or whole.subset_of:
        problem, value, expected = "is part of a part", whole.count, "a whole that is no part"
    elif part.value > whole.value:
        problem, value = f"is larger than {whole.count!r}", f"{part.value:g}"
        expected = f"at most {whole.value:g}"
    elif first_day(part.begins) < first_day(whole.begins) or last_day(part.ends) > last_day(
        whole.ends
    ):
        problem, expected = f"lies outside {whole.count!r}", f"{whole.begins} to {whole.ends}"
    else:
        return
    raise FileError(
        path,
        f"the count {part.count!r} {problem}",
        line=line,
        value=value,
        expected=expected,
        hint="correct the row, or leave `subset_of` empty",
    )


def _check_sum(path: Path, whole: CourtCount, parts: list[tuple[int | None, CourtCount]]) -> None:
    """Refuse parts that sum to more than the whole, or cover it with another sum."""
    line, last = parts[-1]
    total = sum(row.value for _, row in parts)
    covered = sum(row.months for _, row in parts) == whole.months
    same = last.kind == whole.kind
    if total > whole.value or (same and covered and total < whole.value):
        raise FileError(
            path,
            f"the parts of {whole.count!r} do not sum to it",
            line=line,
            value=f"{total:g}",
            expected=f"{'' if covered and same else 'at most '}{whole.value:g}",
            hint="correct the counts, or leave `subset_of` empty",
        )


def _check_case(path: Path, case: Case, line: int) -> None:
    """Refuse a case that runs backwards or says more than its kind allows."""
    for later, earlier in (
        (SENTENCED, "charged"),
        (RELEASED, SENTENCED),
        (RELEASED, "charged"),
        ("died", "charged"),
    ):
        _check_order(path, case, earlier, later, line)
    problem, expected = _contradiction(case)
    if problem:
        raise FileError(
            path,
            f"the case {case.case!r} {problem}",
            line=line,
            expected=expected,
            hint="correct the kind, or fill or empty the cells",
        )
    columns = set(Case.model_fields) - set(Sourced.model_fields)
    for name in names_of(case.recalled):
        if name not in columns:
            raise unknown(path, "column", name, sorted(columns), line, CASES)


def _check_order(path: Path, case: Case, earlier: str, later: str, line: int) -> None:
    before, after = _days(case, earlier), _days(case, later)
    if before and after and after[1] < before[0]:
        raise FileError(
            path,
            f"the case {case.case!r} has `{later}` before `{earlier}`",
            line=line,
            value=getattr(case, later),
            expected=f"{getattr(case, earlier)} or later",
            hint="exchange or correct the dates, or leave the unknown one empty",
        )


def _days(case: Case, column: str) -> tuple[dt.date, dt.date] | None:
    moment: str | None = getattr(case, column)
    return (first_day(moment), last_day(moment)) if moment else None


def _contradiction(case: Case) -> tuple[str, str]:
    """Return what a case says that its kind rules out, and what would be right."""
    sentence = case.sentenced or case.sentence_years is not None
    if case.kind == "died_untried":
        if case.verdict or sentence or case.released:
            return "died untried, but has a verdict, a sentence or a release", "these cells empty"
        return ("", "") if case.died else ("died untried, but has no `died`", "a moment")
    if case.released and not case.sentenced:
        return "was released before it was sentenced", "a moment in `sentenced`"
    if case.verdict != "convicted" and (case.sentence_years is not None or case.released):
        return "has a sentence or a release, but no conviction", "verdict `convicted`"
    if sentence and not case.charged:
        return "was sentenced but never charged", "a moment in `charged`"
    if bool(case.bodies) != bool(case.noticed):
        return "names bodies or `noticed` without the other", "both or neither"
    return "", ""
