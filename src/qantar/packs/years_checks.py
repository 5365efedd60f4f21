"""Checks of the years of a pack: each error names the file, the line and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from qantar.base.errors import FileError, nearest
from qantar.base.files import line_of, parse_yaml, read_rows
from qantar.packs.country import Country
from qantar.packs.years_tables import (
    Answer,
    Driver,
    Election,
    Event,
    PublishedCount,
    Series,
    Sourced,
    Trigger,
    YearsHeader,
    first_day,
    last_day,
    month_number,
    names_of,
)

FOLDER = "years"
"""Folder of a pack that holds its years."""

HEADER = "years.yaml"
"""File of the folder that declares series, openings and monitors."""

DRIVERS, TRIGGERS, ANSWERS, COUNTS = ("drivers.csv", "triggers.csv", "answers.csv", "counts.csv")
ELECTIONS, EVENTS = "elections.csv", "events.csv"

SPREADS = ("origin", "everywhere")
"""Words that stand for a variable in the column ``salience_by``."""


class Tables(NamedTuple):
    """Rows of the tables, each with its line."""

    drivers: list[tuple[int, Driver]]
    triggers: list[tuple[int, Trigger]]
    answers: list[tuple[int, Answer]]
    elections: list[tuple[int, Election]]
    events: list[tuple[int, Event]]
    counts: list[tuple[int, PublishedCount]]


class Spell(Protocol):
    """Anything with a beginning and an end."""

    @property
    def begins(self) -> str:
        """First year, month or day."""

    @property
    def ends(self) -> str:
        """Last year, month or day."""


_Spell = TypeVar("_Spell", bound=Spell)


def read_tables(folder: Path) -> Tables:
    """Read the tables of the years."""
    return Tables(
        read_rows(folder / DRIVERS, Driver),
        read_rows(folder / TRIGGERS, Trigger),
        read_rows(folder / ANSWERS, Answer),
        read_rows(folder / ELECTIONS, Election),
        read_rows(folder / EVENTS, Event),
        read_rows(folder / COUNTS, PublishedCount),
    )


def check_tables(country: Country, folder: Path, header: YearsHeader, tables: Tables) -> None:
    """Check the years of a pack.

    Raises
    ------
    FileError
        If a name or a reference is unknown, a value has the wrong unit or range, something stands
        twice, times overlap or are turned around, or a value is missing that nothing stands for.
    """
    _check_header(country, folder / HEADER, header)
    _check_drivers(country, folder / DRIVERS, header, tables.drivers)
    _check_coverage(country, folder, header, tables.drivers)
    _check_triggers(country, folder / TRIGGERS, header, tables.triggers)
    _check_answers(folder / ANSWERS, tables)
    _check_elections(folder / ELECTIONS, tables.elections)
    _check_counts(folder / COUNTS, header, tables.counts)
    rows: tuple[tuple[str, Iterable[tuple[int, Sourced]]], ...] = (
        (DRIVERS, tables.drivers),
        (TRIGGERS, tables.triggers),
        (ANSWERS, tables.answers),
        (ELECTIONS, tables.elections),
        (EVENTS, tables.events),
        (COUNTS, tables.counts),
    )
    known = {**country.references, **country.sources}
    for name, table in rows:
        for line, row in table:
            _check_reference(folder / name, names_of(row.reference), known, line)


def _check_header(country: Country, path: Path, header: YearsHeader) -> None:
    document = parse_yaml(path)

    def line(*location: str | int) -> int | None:
        return line_of(document, location)

    if header.first > header.observed_until:
        raise _turned(path, header.first, header.observed_until, line("observed_until"))
    known = {**country.references, **country.sources}
    for name, series in header.series.items():
        _check_series(path, name, series, line("series", name))
        if series.missing:
            at = line("series", name, "missing")
            _check_reference(path, series.missing.references, known, at)
    for k, opening in enumerate(header.opening):
        _check_spell(path, opening, line("opening", k))
        _check_reference(path, names_of(opening.reference), known, line("opening", k))
    _apart(path, [(line("opening", k), each) for k, each in enumerate(header.opening)], "openings")
    for name, monitor in header.monitors.items():
        _check_spell(path, monitor, line("monitors", name))
        _check_reference(path, names_of(monitor.reference), known, line("monitors", name))


def _check_series(path: Path, name: str, series: Series, line: int | None) -> None:
    if series.low >= series.high:
        raise FileError(
            path,
            f"{name!r} has no range",
            line=line,
            value=f"{series.low:g} to {series.high:g}",
            expected="low below high",
            hint="exchange low and high",
        )
    if series.missing and not series.low <= series.missing.mean <= series.high:
        raise FileError(
            path,
            f"the prior of {name!r} is out of its range",
            line=line,
            value=series.missing.mean,
            expected=f"{series.low:g} to {series.high:g} {series.unit}",
            hint="is the mean in the unit of the series?",
        )


def _check_drivers(
    country: Country, path: Path, header: YearsHeader, rows: list[tuple[int, Driver]]
) -> None:
    regions = [region.region for region in country.regions]
    seen: dict[tuple[str, str, str], int] = {}
    for line, row in rows:
        declared = header.series.get(row.series)
        if declared is None:
            raise _unknown(path, "series", row.series, header.series, line, HEADER)
        areas = [country.header.country, *(regions if declared.level == "region" else ())]
        if row.area not in areas:
            raise _unknown(path, "area", row.area, areas, line, f"the level of {row.series!r}")
        _check_value(path, row, declared, line)
        key = (row.series, row.area, row.period)
        if key in seen:
            raise FileError(
                path,
                f"{row.series!r} of {row.area!r} in {row.period} appears twice",
                line=line,
                expected=f"one value; line {seen[key]} has the other",
                hint="keep the better source and name the other in the note",
            )
        seen[key] = line


def _check_value(path: Path, row: Driver, declared: Series, line: int) -> None:
    if row.unit != declared.unit:
        raise FileError(
            path,
            f"{row.series!r} is in the wrong unit",
            line=line,
            value=row.unit,
            expected=declared.unit,
            hint="convert the value, or correct the unit",
        )
    if not declared.low <= row.value <= declared.high:
        raise FileError(
            path,
            f"{row.series!r} is out of range",
            line=line,
            value=row.value,
            expected=f"{declared.low:g} to {declared.high:g} {declared.unit}",
            hint=f"convert the value to {declared.unit}, or widen the range in {HEADER}",
        )
    form = "YYYY" if declared.resolution == "year" else "YYYY-MM"
    if len(row.period) != len(form):
        raise FileError(
            path,
            f"{row.series!r} is given by {declared.resolution}",
            line=line,
            value=row.period,
            expected=form,
            hint=f"correct the period, or the resolution in {HEADER}",
        )


def _check_coverage(
    country: Country, folder: Path, header: YearsHeader, rows: list[tuple[int, Driver]]
) -> None:
    """Refuse gaps and ends that no prior stands for, and years without any value."""
    lines: dict[tuple[str, str], dict[int, int]] = {}
    for line, row in rows:
        steps = lines.setdefault((row.series, row.area), {})
        steps[_step(row.period, header.series[row.series])] = line
    for name, series in header.series.items():
        if series.missing is None:
            _check_complete(country, folder, header, name, lines)
    filled = {int(row.period[:4]) for _, row in rows}
    for year in range(int(header.first[:4]), int(header.observed_until[:4]) + 1):
        if year not in filled:
            raise FileError(
                folder / DRIVERS,
                f"the year {year} is empty: no series has a value in it",
                line=_last_before(year, rows),
                expected=f"a value of at least one series in {year}",
                hint=f"add values, or move `first` and `observed_until` in {HEADER}",
            )


def _check_complete(
    country: Country,
    folder: Path,
    header: YearsHeader,
    name: str,
    lines: dict[tuple[str, str], dict[int, int]],
) -> None:
    """Check that a series without a prior has every value, in every area that it needs."""
    series = header.series[name]
    own = [region.region for region in country.regions]
    first, last = _step(header.first, series), _step(header.observed_until, series)
    hint = f"add the values, or state a prior in `missing` of the series in {HEADER}"
    for area in own if series.level == "region" else [country.header.country]:
        steps = lines.get((name, area), {})
        if not steps or min(steps) > first or max(steps) < last:
            raise FileError(
                folder / HEADER,
                f"{name!r} of {area!r} does not cover the observed months, and has no `missing`",
                line=line_of(parse_yaml(folder / HEADER), ("series", name)),
                value=_covered(steps, series),
                expected=f"{_named(first, series)} to {_named(last, series)}",
                hint=hint,
            )
    for (each, area), steps in lines.items():
        for before, after in pairwise(sorted(steps)) if each == name else ():
            if after > before + 1:
                raise FileError(
                    folder / DRIVERS,
                    f"{name!r} of {area!r} has a gap",
                    line=steps[after],
                    value=f"{_named(before, series)}, then {_named(after, series)}",
                    expected=_named(before + 1, series),
                    hint=hint,
                )


def _check_triggers(
    country: Country, path: Path, header: YearsHeader, rows: list[tuple[int, Trigger]]
) -> None:
    spreads = [*SPREADS, *country.variables]
    regions = (region.region for region in country.regions)
    names = [*regions, *(place.place for place in country.places)]
    seen: set[str] = set()
    for line, row in rows:
        if row.trigger in seen:
            raise FileError(
                path,
                f"the trigger {row.trigger!r} appears twice",
                line=line,
                expected="one row a trigger",
                hint="give the second a name of its own",
            )
        seen.add(row.trigger)
        _check_spell(path, row, line)
        if row.salience_by not in spreads:
            where = "variables.yaml, `origin` and `everywhere`"
            raise _unknown(path, "variable", row.salience_by, spreads, line, where)
        for name in (*row.origins, *row.out):
            if name not in names:
                where = "regions.csv and places.csv"
                raise _unknown(path, "place or region", name, names, line, where)
        _check_outcome(path, header, row, line)


def _check_outcome(path: Path, header: YearsHeader, row: Trigger, line: int) -> None:
    """Check that what a trigger says of its outcome fits together."""
    problem, expected = "", ""
    if row.salience_by == "origin" and not row.origins:
        problem, expected = "names no origin", "a region or place, as `salience_by` is origin"
    elif row.outcome == "waved" and not row.out:
        problem, expected = "waved, but names no region", "`regions_out`"
    elif row.outcome == "nobody" and len(row.out) > 1:
        problem, expected = "is marked nobody, but names several places", "one place at most"
    elif row.outcome != "unknown" and month_number(row.begins) > month_number(
        header.observed_until
    ):
        problem = "is later than the observed months"
        expected = f"outcome `unknown` after {header.observed_until}"
    if problem:
        raise FileError(
            path,
            f"the trigger {row.trigger!r} {problem}",
            line=line,
            expected=expected,
            hint="correct the outcome, or fill the cell",
        )


def _check_answers(path: Path, tables: Tables) -> None:
    begins = {row.trigger: row.begins for _, row in tables.triggers}
    for line, row in tables.answers:
        if not row.trigger:
            continue
        if row.trigger not in begins:
            raise _unknown(path, "trigger", row.trigger, begins, line, TRIGGERS)
        if last_day(row.date) < first_day(begins[row.trigger]):
            raise FileError(
                path,
                f"the answer comes before its trigger {row.trigger!r}",
                line=line,
                value=row.date,
                expected=f"{begins[row.trigger]} or later",
                hint="correct the date, or leave the trigger empty",
            )


def _check_elections(path: Path, rows: list[tuple[int, Election]]) -> None:
    seen: set[tuple[str, str]] = set()
    for line, row in rows:
        if (row.date, row.kind) in seen:
            raise FileError(
                path,
                f"a {row.kind} vote of {row.date} appears twice",
                line=line,
                expected="one row a vote",
                hint="keep the better source and name the other in the note",
            )
        seen.add((row.date, row.kind))


def _check_counts(path: Path, header: YearsHeader, rows: list[tuple[int, PublishedCount]]) -> None:
    fitted: dict[tuple[str, str], list[tuple[int | None, PublishedCount]]] = {}
    for line, row in rows:
        monitor = header.monitors.get(row.monitor)
        if monitor is None:
            raise _unknown(path, "monitor", row.monitor, header.monitors, line, HEADER)
        _check_spell(path, row, line)
        kinds = ("all", *monitor.kinds)
        if row.kind not in kinds:
            where = f"`kinds` of {row.monitor!r} in {HEADER}"
            raise _unknown(path, "kind", row.kind, kinds, line, where)
        if row.use == "fit":
            fitted.setdefault((row.monitor, row.kind), []).append((line, row))
    for (name, kind), spells in fitted.items():
        _apart(path, spells, f"counts of {name!r}, kind {kind!r}, marked fit")


def _check_spell(path: Path, spell: Spell, line: int | None) -> None:
    if first_day(spell.begins) > last_day(spell.ends):
        raise _turned(path, spell.begins, spell.ends, line)


def _turned(path: Path, begins: str, ends: str, line: int | None) -> FileError:
    return FileError(
        path,
        "ends before it begins",
        line=line,
        value=f"{begins} to {ends}",
        expected="`from` on or before `to`",
        hint="exchange the two dates",
    )


def _apart(path: Path, spells: list[tuple[int | None, _Spell]], what: str) -> None:
    """Refuse spells that overlap."""
    ordered = sorted(spells, key=lambda each: first_day(each[1].begins))
    for (_, before), (line, after) in pairwise(ordered):
        if first_day(after.begins) <= last_day(before.ends):
            raise FileError(
                path,
                f"{what} overlap",
                line=line,
                value=f"{after.begins} to {after.ends}",
                expected=f"a beginning after {last_day(before.ends)}",
                hint="correct the dates, or mark one of the counts `weak`"
                if "counts" in what
                else "join the two, or correct the dates",
            )


def _check_reference(
    path: Path, keys: Iterable[str], known: Iterable[str], line: int | None
) -> None:
    for key in keys:
        if key not in known:
            raise _unknown(path, "reference", key, known, line, "sources.yaml and references.yaml")


def _unknown(
    path: Path, kind: str, name: str, known: Iterable[str], line: int | None, where: str
) -> FileError:
    names = list(known)
    return FileError(
        path,
        f"unknown {kind}",
        line=line,
        value=name,
        expected=nearest(name, names) or f"one of {len(names)} declared names",
        hint=f"correct the name; {where} decides which are known",
    )


def _step(period: str, series: Series) -> int:
    """Return the number of a period in a series, by years or months."""
    return int(period[:4]) if series.resolution == "year" else month_number(period)


def _named(step: int, series: Series) -> str:
    """Return the period of a number."""
    return str(step) if series.resolution == "year" else f"{step // 12}-{step % 12 + 1:02d}"


def _covered(steps: Iterable[int], series: Series) -> str:
    found = sorted(steps)
    if not found:
        return "no value"
    return f"{_named(found[0], series)} to {_named(found[-1], series)}"


def _last_before(year: int, rows: list[tuple[int, Driver]]) -> int:
    """Return the line after which a value of a year would stand."""
    before = [(row.period[:4], line) for line, row in rows if int(row.period[:4]) < year]
    return max(before)[1] if before else 1
