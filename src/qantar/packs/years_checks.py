"""Checks of the years of a pack: each error names the file, the line and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from qantar.base.errors import FileError
from qantar.base.files import line_of, parse_yaml, read_rows
from qantar.packs.country import Country
from qantar.packs.years_faults import check_apart, check_reference, check_spell, turned, unknown
from qantar.packs.years_happenings import (
    Tables,
    check_answers,
    check_counts,
    check_elections,
    check_triggers,
)
from qantar.packs.years_tables import (
    ANSWERS,
    COUNTS,
    DRIVERS,
    ELECTIONS,
    EVENTS,
    HEADER,
    TRIGGERS,
    Answer,
    Driver,
    Election,
    Event,
    PublishedCount,
    Series,
    Sourced,
    Trigger,
    YearsHeader,
    month_number,
    names_of,
)


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
        If a name or a reference is unknown, a value has the wrong unit or range, something appears
        twice, times overlap or are turned around, or a value is missing that nothing stands for.
    """
    _check_header(country, folder / HEADER, header)
    _check_drivers(country, folder / DRIVERS, header, tables.drivers)
    _check_coverage(country, folder, header, tables.drivers)
    check_triggers(country, folder / TRIGGERS, header, tables.triggers)
    check_answers(folder / ANSWERS, tables)
    check_elections(folder / ELECTIONS, tables.elections)
    check_counts(folder / COUNTS, header, tables.counts)
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
            check_reference(folder / name, names_of(row.reference), known, line)


def _check_header(country: Country, path: Path, header: YearsHeader) -> None:
    document = parse_yaml(path)

    def line(*location: str | int) -> int | None:
        return line_of(document, location)

    if header.first > header.observed_until:
        raise turned(path, header.first, header.observed_until, line("observed_until"))
    known = {**country.references, **country.sources}
    for name, series in header.series.items():
        _check_series(path, name, series, line("series", name))
        if series.missing:
            at = line("series", name, "missing")
            check_reference(path, series.missing.references, known, at)
    for k, opening in enumerate(header.opening):
        check_spell(path, opening, line("opening", k))
        check_reference(path, names_of(opening.reference), known, line("opening", k))
    check_apart(
        path, [(line("opening", k), each) for k, each in enumerate(header.opening)], "openings"
    )
    for name, monitor in header.monitors.items():
        check_spell(path, monitor, line("monitors", name))
        check_reference(path, names_of(monitor.reference), known, line("monitors", name))


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
            raise unknown(path, "series", row.series, header.series, line, HEADER)
        areas = [country.header.country, *(regions if declared.level == "region" else ())]
        if row.area not in areas:
            raise unknown(path, "area", row.area, areas, line, f"the level of {row.series!r}")
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
