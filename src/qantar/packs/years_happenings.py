"""Checks of what happened in the years of a pack: triggers, answers, elections and counts."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from qantar.base.errors import FileError
from qantar.packs.country import Country
from qantar.packs.episode import list_episodes
from qantar.packs.years_faults import check_apart, check_spell, unknown
from qantar.packs.years_tables import (
    HEADER,
    TRIGGERS,
    Answer,
    Driver,
    Election,
    Event,
    PublishedCount,
    Trigger,
    YearsHeader,
    first_day,
    last_day,
    month_number,
)

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


def check_triggers(
    country: Country, path: Path, header: YearsHeader, rows: list[tuple[int, Trigger]]
) -> None:
    """Check names, dates and outcomes of triggers."""
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
        check_spell(path, row, line)
        if row.salience_by not in spreads:
            where = "variables.yaml, `origin` and `everywhere`"
            raise unknown(path, "variable", row.salience_by, spreads, line, where)
        for name in (*row.origins, *row.out):
            if name not in names:
                where = "regions.csv and places.csv"
                raise unknown(path, "place or region", name, names, line, where)
        if row.episode and row.episode not in list_episodes(country):
            raise unknown(path, "episode", row.episode, list_episodes(country), line, "episodes")
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


def check_answers(path: Path, tables: Tables) -> None:
    """Check that every answer follows a trigger that exists."""
    begins = {row.trigger: row.begins for _, row in tables.triggers}
    for line, row in tables.answers:
        if not row.trigger:
            continue
        if row.trigger not in begins:
            raise unknown(path, "trigger", row.trigger, begins, line, TRIGGERS)
        if last_day(row.date) < first_day(begins[row.trigger]):
            raise FileError(
                path,
                f"the answer comes before its trigger {row.trigger!r}",
                line=line,
                value=row.date,
                expected=f"{begins[row.trigger]} or later",
                hint="correct the date, or leave the trigger empty",
            )


def check_elections(path: Path, rows: list[tuple[int, Election]]) -> None:
    """Refuse a vote that appears twice."""
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


def check_counts(path: Path, header: YearsHeader, rows: list[tuple[int, PublishedCount]]) -> None:
    """Check monitors, kinds and dates of counts; those marked fit may not overlap."""
    fitted: dict[tuple[str, str], list[tuple[int | None, PublishedCount]]] = {}
    for line, row in rows:
        monitor = header.monitors.get(row.monitor)
        if monitor is None:
            raise unknown(path, "monitor", row.monitor, header.monitors, line, HEADER)
        check_spell(path, row, line)
        kinds = ("all", *monitor.kinds)
        if row.kind not in kinds:
            where = f"`kinds` of {row.monitor!r} in {HEADER}"
            raise unknown(path, "kind", row.kind, kinds, line, where)
        if row.use == "fit":
            fitted.setdefault((row.monitor, row.kind), []).append((line, row))
    for (name, kind), spells in fitted.items():
        check_apart(path, spells, f"counts of {name!r}, kind {kind!r}, marked fit")
