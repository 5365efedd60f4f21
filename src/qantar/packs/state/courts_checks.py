"""Checks of the courts of a pack: each error names the file, the line and what was expected."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from qantar.base.errors import FileError
from qantar.packs.state.courts_tables import (
    CASES,
    COUNTS,
    RELEASED,
    SENTENCED,
    Case,
    CourtCount,
)
from qantar.packs.state.rows import Sourced
from qantar.packs.years_faults import check_apart, check_spell, unknown
from qantar.packs.years_tables import first_day, last_day, names_of


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


def check_counts(path: Path, rows: list[tuple[int, CourtCount]]) -> None:
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


def check_cases(path: Path, rows: list[tuple[int, Case]]) -> None:
    """Refuse a case that appears twice, runs backwards, or says more than its kind allows."""
    _check_names(path, [(line, row.case) for line, row in rows], "case")
    for line, row in rows:
        _check_case(path, row, line)


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
