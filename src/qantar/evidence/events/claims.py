"""Counts of events by place, region and country, and the claims and targets made from them.

The counts do not depend on the order of the events.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO

from anyascii import anyascii
from pydantic import BaseModel, RootModel
from ruamel.yaml import YAML

from qantar.evidence.claims import Claim
from qantar.evidence.entities import Gazetteer
from qantar.evidence.events.mapping import Mapping
from qantar.evidence.events.place_matching import PlaceMatch
from qantar.evidence.events.reading import Event
from qantar.evidence.targets import TargetQuery, TargetRule

NAMED = 5
"""Ids that a locator names."""

_NO_SLUG = re.compile(r"[^a-z0-9]+")

_ONSET = ("onset_day", "first", "day", "agree", "onset")
_END = ("last_day", "window", "day", "agree", "end")
_DEATHS = ("deaths", "total", "persons", "total", "deaths")
_VIOLENT = ("violent", "any", "probability", "happened", "violent")
"""Variable, date, unit, rule and predicate of a target."""


@dataclass
class RowSample:
    """How many rows, and the first few of them by day and id."""

    count: int = 0
    first: list[tuple[dt.date, str]] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Count a row."""
        self.count += 1
        if len(self.first) == NAMED and event.day > self.first[-1][0]:
            return
        key = (event.day, event.id)
        if len(self.first) < NAMED or key < self.first[-1]:
            insort(self.first, key)
            del self.first[NAMED:]

    @property
    def locator(self) -> str:
        """Where the rows stand, such as ``events KAZ1, KAZ2, ... (7 rows)``."""
        named = ", ".join(key for _, key in self.first)
        more = ", ..." if self.count > len(self.first) else ""
        rows = "1 row" if self.count == 1 else f"{self.count} rows"
        return f"events {named}{more} ({rows})"


@dataclass
class EventCounts:
    """What a file says of one area.

    Attributes
    ----------
    events, protest, violent, deadly, all : Rows
        Rows of a kind that counts, of protest, of violence, with deaths, and of any kind.
    starts, ends : Rows
        Protest on the first and on the last day.
    first, last : date or None
        Of protest, among rows whose day is exact.
    deaths : int
    silent : int
        Rows without a figure of deaths.
    """

    all: RowSample = field(default_factory=RowSample)
    events: RowSample = field(default_factory=RowSample)
    violent: RowSample = field(default_factory=RowSample)
    deadly: RowSample = field(default_factory=RowSample)
    starts: RowSample = field(default_factory=RowSample)
    ends: RowSample = field(default_factory=RowSample)
    first: dt.date | None = None
    last: dt.date | None = None
    deaths: int = 0
    silent: int = 0

    @property
    def has_death_figures(self) -> bool:
        """Whether any row gives a figure of deaths."""
        return self.silent < self.all.count

    def add(self, event: Event, mapping: Mapping) -> None:
        """Count an event."""
        self.all.add(event)
        protest, violent = event.kind in mapping.protest, event.kind in mapping.violent
        if protest or violent:
            self.events.add(event)
        if violent:
            self.violent.add(event)
        if protest and event.exact_day:
            self._date(event)
        if event.deaths is None:
            self.silent += 1
        elif event.deaths:
            self.deaths += event.deaths
            self.deadly.add(event)

    def _date(self, event: Event) -> None:
        if self.first is None or event.day < self.first:
            self.first, self.starts = event.day, RowSample()
        if self.last is None or event.day > self.last:
            self.last, self.ends = event.day, RowSample()
        if event.day == self.first:
            self.starts.add(event)
        if event.day == self.last:
            self.ends.add(event)


class AreaCounts:
    """The tallies of a whole file.

    Parameters
    ----------
    mapping : Mapping
    region_names : mapping
        What claims call a region, by region.

    Attributes
    ----------
    country : Tally
    places : dict
        By what claims call the place or region, with its level.
    days : dict
        Rows that count, by day, for the country.
    span : tuple of date
        First and last day of any row.
    """

    def __init__(self, mapping: Mapping, region_names: dict[str, str]) -> None:
        self.mapping = mapping
        self.region_names = region_names
        self.country: EventCounts = EventCounts()
        self.places: dict[tuple[str, str], EventCounts] = {}
        self.days: dict[dt.date, RowSample] = {}
        self.span: tuple[dt.date, dt.date] = (dt.date.max, dt.date.min)

    def add(self, event: Event, match: PlaceMatch) -> None:
        """Count an event where it happened, in its region and in the country."""
        self.country.add(event, self.mapping)
        self.span = (min(self.span[0], event.day), max(self.span[1], event.day))
        if event.kind in self.mapping.protest or event.kind in self.mapping.violent:
            self.days.setdefault(event.day, RowSample()).add(event)
        for key in self._areas(match):
            self.places.setdefault(key, EventCounts()).add(event, self.mapping)

    def _areas(self, match: PlaceMatch) -> Iterable[tuple[str, str]]:
        areas = [(match.level, match.place)] if match.place else []
        region = self.region_names.get(match.region, "")
        return dict.fromkeys([*areas, ("region", region)] if region else areas)


@dataclass(frozen=True)
class ClaimTemplate:
    """What all claims of an import share.

    Attributes
    ----------
    id : str
        The source.
    title : str
        Of the file.
    subject : str
        The event that all rows belong to.
    since, until : date
        First and last day that the counts cover.
    complete : bool
        The file runs until all was over, so that its last days are ends.
    """

    id: str
    title: str
    subject: str
    since: dt.date
    until: dt.date
    complete: bool = False

    def claim(self, name: str, rows: RowSample, paraphrase: str, **cells: str) -> Claim:
        """Return one claim of the source."""
        return Claim.model_validate(
            {
                "claim": f"{self.id}-{name}",
                "source": self.id,
                "locator": rows.locator,
                "subject": self.subject,
                "attributed_to": self.title,
                "modality": "stated",
                "paraphrase": paraphrase,
                **cells,
            }
        )

    @property
    def period(self) -> dict[str, str]:
        """The cells that say which days a count covers."""
        return {"date_from": self.since.isoformat(), "date_to": self.until.isoformat()}

    @property
    def between(self) -> str:
        """The period in words."""
        return f"from {self.since} to {self.until}"


def claims_of(said: ClaimTemplate, tallies: AreaCounts) -> list[Claim]:
    """Return the claims of a file: for the country, for each day, for each place and region."""
    claims = list(_counts(said, "", "", tallies.country))
    for day, rows in sorted(tallies.days.items()):
        claims.append(
            said.claim(
                f"events-{day}",
                rows,
                f"{_number(rows.count, 'event')} of protest or violence on {day}",
                category="protest",
                predicate="events",
                unit="events",
                date_from=day.isoformat(),
                date_to=day.isoformat(),
                relates=f"part of {said.id}-events",
                **_exactly(rows.count),
            )
        )
    for slug, (_, place), tally in named(tallies):
        claims += _days(said, slug, place, tally)
        claims += _counts(said, slug, place, tally)
    return claims


def _days(said: ClaimTemplate, slug: str, place: str, tally: EventCounts) -> Iterator[Claim]:
    for predicate, day, rows, word in (
        ("onset", tally.first, tally.starts, "First"),
        ("end", tally.last, tally.ends, "Last"),
    ):
        if day is not None and (predicate == "onset" or said.complete):
            yield said.claim(
                f"{predicate}-{slug}",
                rows,
                f"{word} protest listed in {place}: {day}",
                category="protest",
                predicate=predicate,
                place=place,
                date_from=day.isoformat(),
                date_to=day.isoformat(),
            )


def _counts(said: ClaimTemplate, slug: str, place: str, tally: EventCounts) -> Iterator[Claim]:
    """Yield what is counted over the whole period in one area; `slug` is empty for the country."""
    tail = f"-{slug}" if slug else ""
    where = (f" in {place}" if place else "") + f" {said.between}"
    if tally.events.count:
        yield said.claim(
            f"events{tail}",
            tally.events,
            f"{_number(tally.events.count, 'event')} of protest or violence{where}",
            category="protest",
            predicate="events",
            place=place,
            unit="events",
            **said.period,
            **_exactly(tally.events.count),
        )
    if tally.has_death_figures and (tally.deaths or not tally.silent):
        # Rows without a figure make the sum a lower bound.
        number = {"value_low": str(tally.deaths), "reading": "at_least"}
        yield said.claim(
            f"deaths{tail}",
            tally.deadly if tally.deadly.count else tally.all,
            f"{'At least ' if tally.silent else ''}{_number(tally.deaths, 'death')}{where}",
            category="deaths",
            predicate="deaths",
            place=place,
            unit="persons",
            note=f"no figure in {_number(tally.silent, 'row')}" if tally.silent else "",
            **said.period,
            **(number if tally.silent else _exactly(tally.deaths)),
        )
    if slug and tally.violent.count:
        yield said.claim(
            f"violent{tail}",
            tally.violent,
            f"{_number(tally.violent.count, 'violent event')}{where}",
            category="violence",
            predicate="violent",
            place=place,
            value="yes",
            **said.period,
        )


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _exactly(count: int) -> dict[str, str]:
    return {"value_low": str(count), "value_high": str(count), "reading": "exact"}


def named(tallies: AreaCounts) -> Iterator[tuple[str, tuple[str, str], EventCounts]]:
    """Yield every area of a file with a short name that no other has."""
    taken: set[str] = set()
    for key, tally in sorted(tallies.places.items()):
        stem = _NO_SLUG.sub("-", anyascii(key[1]).lower()).strip("-") or "place"
        slug, count = stem, 1
        while slug in taken:
            count += 1
            slug = f"{stem}-{count}"
        taken.add(slug)
        yield slug, key, tally


def targets_of(
    said: ClaimTemplate, tallies: AreaCounts, gazetteer: Gazetteer
) -> dict[str, TargetRule]:
    """Return rules that make targets of the claims; every target is held back from fitting.

    Deaths give a target only where every row has a figure: a lower bound alone is no interval.
    """
    rules: dict[str, TargetRule] = {}
    regions = {name: region for region, name in gazetteer.regions.items()}
    if not tallies.country.silent:
        rules[f"{said.id}-deaths"] = _rule(said, "country", gazetteer.country, _DEATHS)
    for slug, (level, place), tally in named(tallies):
        if level not in ("place", "region"):
            continue
        area = regions[place] if level == "region" else place
        for name, form, holds in (
            ("onset", _ONSET, tally.first is not None),
            ("end", _END, said.complete and tally.last is not None),
            ("deaths", _DEATHS, tally.deaths and not tally.silent),
            ("violent", _VIOLENT, tally.violent.count),
        ):
            if holds:
                rules[f"{said.id}-{name}-{slug}"] = _rule(said, level, area, form)
    return rules


def _rule(
    said: ClaimTemplate, level: str, area: str, form: tuple[str, str, str, str, str]
) -> TargetRule:
    variable, date, unit, rule, predicate = form
    return TargetRule.model_validate(
        {
            "variable": variable,
            "level": level,
            "name": area,
            "date": date,
            "unit": unit,
            "use": "held",
            "rule": rule,
            "asks": [TargetQuery(subject=said.subject, predicate=predicate)],
        }
    )


def target_rules_yaml(said: ClaimTemplate, rules: dict[str, TargetRule]) -> str:
    """Return target rules as YAML that `load_rules` reads."""
    comment = f"# Targets that follow from {said.id}. They are held back: change `use` to fit.\n"
    return comment + yaml_text(RootModel(rules))


def yaml_text(data: BaseModel) -> str:
    """Return a model as YAML, without the values that are defaults."""
    text = StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 100
    yaml.dump(data.model_dump(mode="json", exclude_defaults=True), text)
    return text.getvalue()
