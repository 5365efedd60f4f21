"""Checks of a constitution: each error names the file, the line and what was expected."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from qantar.base.errors import FileError
from qantar.base.files import line_of, parse_yaml
from qantar.packs.country import Country
from qantar.packs.state.constitution_tables import (
    DAYS,
    HEADER,
    HOLDERS,
    LAW,
    NUMBERS,
    POWER,
    RULES,
    VOTERS,
    ConstitutionHeader,
    HolderRow,
    RuleRow,
    is_day,
    known_rules,
    number_of,
)
from qantar.packs.state.rows import check_source
from qantar.packs.years_faults import turned, unknown
from qantar.packs.years_tables import first_day, last_day

TOLERANCE = 1e-6
"""How far shares of a power may be from 1 in sum."""

COUNTED = ("row", "life")


class _Set(NamedTuple):
    """The value of a rule in force, with the row that set it."""

    line: int
    row: RuleRow


def check_constitution(
    country: Country,
    folder: Path,
    header: ConstitutionHeader,
    rows: list[tuple[int, RuleRow]],
    holders: list[tuple[int, HolderRow]],
) -> None:
    """Check a constitution.

    Raises
    ------
    FileError
        If a name or a reference is unknown, a value has the wrong form, two rules overlap, shares
        of a power do not sum to 1, nobody may fill an office, offices fill each other in a circle,
        or a term ends before it begins, overlaps another or belongs to no office in being.
    """
    _check_header(country, folder / HEADER, header)
    for line, row in rows:
        _check_names(folder / RULES, header, row, line)
        _check_value(folder / RULES, header, row, line)
        check_source(folder / RULES, row, country, line)
    _check_overlaps(folder / RULES, header, rows)
    days = sorted({first_day(each.date) for each in header.amendments.values()})
    days += [last_day(row.until) + dt.timedelta(1) for _, row in rows if row.until]
    for day in sorted(days):
        _check_day(folder / RULES, header, _in_force(header, rows, day), day)
    _check_holders(country, folder / HOLDERS, header, rows, holders)


def _check_header(country: Country, path: Path, header: ConstitutionHeader) -> None:
    document = parse_yaml(path)
    for name, office in header.offices.items():
        if office.heir and office.heir not in header.offices:
            line = line_of(document, ("offices", name))
            raise unknown(path, "office", office.heir, header.offices, line, HEADER)
    for name, person in header.persons.items():
        check_source(path, person, country, line_of(document, ("persons", name)) or 1)
    for name, amendment in header.amendments.items():
        line = line_of(document, ("amendments", name)) or 1
        check_source(path, amendment, country, line)
        if first_day(amendment.date) > last_day(header.recorded_until):
            raise FileError(
                path,
                f"the amendment {name!r} is later than the record",
                line=line,
                value=amendment.date,
                expected=f"{header.recorded_until} or earlier",
                hint="move `recorded_until`, or leave the amendment out",
            )
        vote = amendment.vote
        if vote and vote.yes + vote.no > vote.took_part:
            raise FileError(
                path,
                f"the vote on {name!r} has more ballots than voters",
                line=line,
                value=vote.yes + vote.no,
                expected=f"at most {vote.took_part}",
                hint="correct `yes`, `no` or `took_part`",
            )


def _check_names(path: Path, header: ConstitutionHeader, row: RuleRow, line: int) -> None:
    if row.amendment not in header.amendments:
        raise unknown(path, "amendment", row.amendment, header.amendments, line, HEADER)
    if row.office not in header.offices:
        raise unknown(path, "office", row.office, header.offices, line, HEADER)
    if row.power and row.power not in header.powers:
        raise unknown(path, "power", row.power, header.powers, line, HEADER)
    rules = known_rules(header.powers)
    if row.rule not in rules:
        raise unknown(path, "rule", row.rule, rules, line, "docs/howto/write-a-constitution.md")
    begins = header.amendments[row.amendment].date
    if row.until and last_day(row.until) < first_day(begins):
        raise turned(path, begins, row.until, line)


def _check_value(path: Path, header: ConstitutionHeader, row: RuleRow, line: int) -> None:
    """Check the form of a value."""
    office_names = list(header.offices)
    if row.rule in ("held_with", "successor"):
        _known(path, row, office_names, line, "office")
    elif row.rule == "filled_by":
        _known(path, row, [*office_names, VOTERS, LAW], line, "office")
    elif row.rule == "exempt":
        known = sorted({each for person in header.persons.values() for each in person.status})
        _known(path, row, known, line, "status")
    elif row.rule == "counts":
        _known(path, row, list(COUNTED), line, "way to count terms")
    elif row.rule in DAYS and not is_day(row.value):
        raise _bad(path, row, line, "a day, YYYY-MM-DD")
    elif row.rule in NUMBERS or row.power:
        _check_number(path, row, line)


def _check_number(path: Path, row: RuleRow, line: int) -> None:
    number = number_of(row)
    low, high, what = 0.0, 1e9, "0 or more"
    if row.power or row.rule in ("immunity", "abolished"):
        low, high, what = 0.0, 1.0, "0 to 1"
    elif row.rule in ("term", "seats"):
        low, what = 1e-9, "above 0"
    if number is None or not low <= number <= high:
        raise _bad(path, row, line, f"a number, {what}")


def _known(path: Path, row: RuleRow, names: list[str], line: int, kind: str) -> None:
    if row.value not in names:
        raise unknown(path, kind, row.value, names, line, HEADER)


def _bad(path: Path, row: RuleRow, line: int, expected: str) -> FileError:
    return FileError(
        path,
        f"the rule {row.rule!r} of {row.office!r} has a value of the wrong form",
        line=line,
        value=row.value,
        expected=expected,
        hint="correct the value",
    )


def _check_overlaps(
    path: Path, header: ConstitutionHeader, rows: list[tuple[int, RuleRow]]
) -> None:
    """Refuse two rows that set the same rule for the same time."""

    def begins(row: RuleRow) -> dt.date:
        return first_day(header.amendments[row.amendment].date)

    last: dict[tuple[str, str], tuple[int, RuleRow]] = {}
    for line, row in sorted(rows, key=lambda each: begins(each[1])):
        key = (row.office, "filled_by" if row.rule == "held_with" else row.rule)
        before = last.get(key)
        if before is not None:
            old = before[1]
            same = begins(old) == begins(row)
            lapses = old.until is not None and last_day(old.until) >= begins(row)
            if same or lapses:
                raise FileError(
                    path,
                    f"rules overlap: {row.rule!r} of {row.office!r} is set twice",
                    line=line,
                    value=f"{row.value}, from {begins(row)}",
                    expected=f"one value at a time; line {before[0]} has {old.value}",
                    hint="remove one of the two, or correct `until` or the date of an amendment",
                )
        last[key] = (line, row)


def _in_force(
    header: ConstitutionHeader, rows: list[tuple[int, RuleRow]], day: dt.date
) -> dict[tuple[str, str], _Set]:
    """Return the rows in force on a day, by office and rule."""
    found: dict[tuple[str, str], _Set] = {}
    dated = sorted(rows, key=lambda each: first_day(header.amendments[each[1].amendment].date))
    for line, row in dated:
        if first_day(header.amendments[row.amendment].date) > day:
            break
        if row.rule in ("filled_by", "held_with"):
            found.pop((row.office, "filled_by"), None)
            found.pop((row.office, "held_with"), None)
        found.pop((row.office, row.rule), None)
        if row.until is None or day <= last_day(row.until):
            found[row.office, row.rule] = _Set(line, row)
    gone = {
        office
        for (office, rule), each in found.items()
        if rule == "abolished" and number_of(each.row)
    }
    return {key: each for key, each in found.items() if key[0] not in gone}


def _check_day(
    path: Path, header: ConstitutionHeader, found: dict[tuple[str, str], _Set], day: dt.date
) -> None:
    """Check the rules of one day."""
    lines: dict[str, int] = {}
    for (office, _), each in found.items():
        lines[office] = max(lines.get(office, 0), each.line)
    for office, line in lines.items():
        _check_filling(path, found, office, line, day)
        _check_ages(path, found, office)
    for power in header.powers:
        _check_shares(path, found, power, day)


def _check_filling(
    path: Path, found: dict[tuple[str, str], _Set], office: str, line: int, day: dt.date
) -> None:
    """Refuse an office that nobody fills, and offices that fill each other."""
    path_of = [office]
    while True:
        here = path_of[-1]
        rule = found.get((here, "filled_by")) or found.get((here, "held_with"))
        if rule is None:
            raise FileError(
                path,
                f"nobody may fill the office {here!r} on {day}",
                line=line,
                expected=f"a rule `filled_by` or `held_with` of {here!r}",
                hint=f"say who fills it: {VOTERS}, {LAW} or an office in being",
            )
        line = rule.line
        if rule.row.value in (VOTERS, LAW):
            return
        if rule.row.value in path_of:
            circle = " <- ".join([*path_of[path_of.index(rule.row.value) :], rule.row.value])
            raise FileError(
                path,
                f"circular appointment on {day}",
                line=rule.line,
                value=circle,
                expected=f"a chain that ends at {VOTERS} or {LAW}",
                hint="let one of these offices be filled by somebody else",
            )
        path_of.append(rule.row.value)


def _check_ages(path: Path, found: dict[tuple[str, str], _Set], office: str) -> None:
    least, most = found.get((office, "least_age")), found.get((office, "most_age"))
    oldest = number_of(most.row) if most else None
    if least and most and oldest and (number_of(least.row) or 0) > oldest:
        raise FileError(
            path,
            f"nobody may fill the office {office!r}: the least age is above the greatest",
            line=max(least.line, most.line),
            value=f"{least.row.value} to {most.row.value}",
            expected="least_age at most most_age",
            hint="exchange the two, or set most_age to 0 for no bar",
        )


def _check_shares(path: Path, found: dict[tuple[str, str], _Set], power: str, day: dt.date) -> None:
    """Refuse shares of a power that do not sum to 1."""
    rows = [each for (_, rule), each in found.items() if rule == POWER + power]
    total = sum(number_of(each.row) or 0.0 for each in rows)
    if abs(total - 1.0) > TOLERANCE:
        dated = [each.line for each in rows]
        raise FileError(
            path,
            f"shares of the power {power!r} do not sum to 1 on {day}",
            line=max(dated) if dated else None,
            value=round(total, 9),
            expected="1",
            hint="whoever loses a share must be given in the same amendment as whoever gains it",
        )


def _check_holders(
    country: Country,
    path: Path,
    header: ConstitutionHeader,
    rows: list[tuple[int, RuleRow]],
    holders: list[tuple[int, HolderRow]],
) -> None:
    """Check names and times of holders."""
    by_office: dict[str, list[tuple[int, HolderRow]]] = {}
    for line, row in holders:
        if row.office not in header.offices:
            raise unknown(path, "office", row.office, header.offices, line, HEADER)
        if row.person not in header.persons:
            raise unknown(path, "person", row.person, header.persons, line, HEADER)
        check_source(path, row, country, line)
        if row.ends and first_day(row.begins) > last_day(row.ends):
            raise FileError(
                path,
                "a term ends before it begins",
                line=line,
                value=f"{row.begins} to {row.ends}",
                expected="`from` on or before `to`",
                hint="exchange the two dates",
            )
        in_being = _in_force(header, rows, last_day(row.begins))
        if not any(office == row.office for office, _ in in_being):
            raise FileError(
                path,
                f"the office {row.office!r} is held before it exists or after it ended",
                line=line,
                value=row.begins,
                expected="a day on which a rule of the office is in force",
                hint=f"correct the date, or the rules in {RULES}",
            )
        by_office.setdefault(row.office, []).append((line, row))
    for office, terms in by_office.items():
        _check_one_holder(path, office, terms)


def _check_one_holder(path: Path, office: str, terms: list[tuple[int, HolderRow]]) -> None:
    """Refuse two holders of one office at a time; they may exchange it within a day or month."""
    ordered = sorted(terms, key=lambda each: first_day(each[1].begins))
    for (_, before), (line, after) in pairwise(ordered):
        if before.ends is None or first_day(after.begins) < first_day(before.ends):
            raise FileError(
                path,
                f"the office {office!r} has two holders at a time",
                line=line,
                value=f"{after.person} from {after.begins}",
                expected=f"a beginning after {before.person} left: {before.ends or 'no end given'}",
                hint="fill in `to`, or correct the dates",
            )
