"""Counts of events by place, region and country, and the claims and targets derived from them.

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

IDS_IN_LOCATOR = 5
"""Number of event ids listed in a locator."""

_NOT_SLUG = re.compile(r"[^a-z0-9]+")

_ONSET = ("onset_day", "first", "day", "agree", "onset")
_END = ("last_day", "window", "day", "agree", "end")
_DEATHS = ("deaths", "total", "persons", "total", "deaths")
_VIOLENT = ("violent", "any", "probability", "happened", "violent")
"""Variable, date, unit, rule and predicate of each kind of target."""


@dataclass
class RowSample:
    """The number of rows, and the first few of them by day and id."""

    count: int = 0
    first: list[tuple[dt.date, str]] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Count a row."""
        self.count += 1
        if len(self.first) == IDS_IN_LOCATOR and event.day > self.first[-1][0]:
            return
        key = (event.day, event.id)
        if len(self.first) < IDS_IN_LOCATOR or key < self.first[-1]:
            insort(self.first, key)
            del self.first[IDS_IN_LOCATOR:]

    @property
    def locator(self) -> str:
        """The locator of the rows, such as ``events KAZ1, KAZ2, ... (7 rows)``."""
        named = ", ".join(key for _, key in self.first)
        more = ", ..." if self.count > len(self.first) else ""
        rows = "1 row" if self.count == 1 else f"{self.count} rows"
        return f"events {named}{more} ({rows})"


@dataclass
class EventCounts:
    """Counts of the events in one area.

    Attributes
    ----------
    all, events, violent, deadly : RowSample
        All rows, those of protest or violence, those of violence, and those with deaths.
    starts, ends : RowSample
        Rows of protest on the first and on the last day.
    first, last : date or None
        First and last day of protest, among rows with an exact day.
    deaths : int
    silent : int
        Rows without a number of deaths.
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
        """Whether any row gives a number of deaths."""
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
    """Counts of a file by area and day.

    Parameters
    ----------
    mapping : Mapping
    region_names : mapping
        Names of regions in claims, by region.

    Attributes
    ----------
    country : EventCounts
    places : dict
        Counts by level and name of the place or region in claims.
    days : dict
        Rows of protest or violence by day, for the country.
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
    """The cells shared by all claims of an import.

    Attributes
    ----------
    id : str
        Id of the source.
    title : str
        Title of the file.
    subject : str
        The event to which all rows belong.
    since, until : date
        First and last day that the counts cover.
    complete : bool
        Whether the file covers the events to their end, so that last days are ends.
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
        """The dates that a count covers."""
        return {"date_from": self.since.isoformat(), "date_to": self.until.isoformat()}

    @property
    def between(self) -> str:
        """The period in words."""
        return f"from {self.since} to {self.until}"


def claims_from_counts(template: ClaimTemplate, counts: AreaCounts) -> list[Claim]:
    """Return claims for the country, for each day, and for each place and region."""
    claims = list(_counts(template, "", "", counts.country))
    for day, rows in sorted(counts.days.items()):
        claims.append(
            template.claim(
                f"events-{day}",
                rows,
                f"{_number(rows.count, 'event')} of protest or violence on {day}",
                category="protest",
                predicate="events",
                unit="events",
                date_from=day.isoformat(),
                date_to=day.isoformat(),
                relates=f"part of {template.id}-events",
                **_exactly(rows.count),
            )
        )
    for slug, (_, place), area_counts in areas_with_slugs(counts):
        claims += _days(template, slug, place, area_counts)
        claims += _counts(template, slug, place, area_counts)
    return claims


def _days(
    template: ClaimTemplate, slug: str, place: str, area_counts: EventCounts
) -> Iterator[Claim]:
    for predicate, day, rows, word in (
        ("onset", area_counts.first, area_counts.starts, "First"),
        ("end", area_counts.last, area_counts.ends, "Last"),
    ):
        if day is not None and (predicate == "onset" or template.complete):
            yield template.claim(
                f"{predicate}-{slug}",
                rows,
                f"{word} protest listed in {place}: {day}",
                category="protest",
                predicate=predicate,
                place=place,
                date_from=day.isoformat(),
                date_to=day.isoformat(),
            )


def _counts(
    template: ClaimTemplate, slug: str, place: str, area_counts: EventCounts
) -> Iterator[Claim]:
    """Yield the counts of one area over the whole period; `slug` is empty for the country."""
    tail = f"-{slug}" if slug else ""
    where = (f" in {place}" if place else "") + f" {template.between}"
    if area_counts.events.count:
        yield template.claim(
            f"events{tail}",
            area_counts.events,
            f"{_number(area_counts.events.count, 'event')} of protest or violence{where}",
            category="protest",
            predicate="events",
            place=place,
            unit="events",
            **template.period,
            **_exactly(area_counts.events.count),
        )
    if area_counts.has_death_figures and (area_counts.deaths or not area_counts.silent):
        # With rows that give no number, the sum is a lower bound.
        number = {"value_low": str(area_counts.deaths), "reading": "at_least"}
        yield template.claim(
            f"deaths{tail}",
            area_counts.deadly if area_counts.deadly.count else area_counts.all,
            f"{'At least ' if area_counts.silent else ''}"
            f"{_number(area_counts.deaths, 'death')}{where}",
            category="deaths",
            predicate="deaths",
            place=place,
            unit="persons",
            note=f"no number in {_number(area_counts.silent, 'row')}" if area_counts.silent else "",
            **template.period,
            **(number if area_counts.silent else _exactly(area_counts.deaths)),
        )
    if slug and area_counts.violent.count:
        yield template.claim(
            f"violent{tail}",
            area_counts.violent,
            f"{_number(area_counts.violent.count, 'violent event')}{where}",
            category="violence",
            predicate="violent",
            place=place,
            value="yes",
            **template.period,
        )


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _exactly(count: int) -> dict[str, str]:
    return {"value_low": str(count), "value_high": str(count), "reading": "exact"}


def areas_with_slugs(counts: AreaCounts) -> Iterator[tuple[str, tuple[str, str], EventCounts]]:
    """Yield every area with a unique slug, its level and name, and its counts."""
    taken: set[str] = set()
    for key, area_counts in sorted(counts.places.items()):
        stem = _NOT_SLUG.sub("-", anyascii(key[1]).lower()).strip("-") or "place"
        slug, count = stem, 1
        while slug in taken:
            count += 1
            slug = f"{stem}-{count}"
        taken.add(slug)
        yield slug, key, area_counts


def target_rules_from_counts(
    template: ClaimTemplate, counts: AreaCounts, gazetteer: Gazetteer
) -> dict[str, TargetRule]:
    """Return target rules for the claims; every target is held out.

    Deaths give a target only if every row has a number: a lower bound alone is not an interval.
    """
    rules: dict[str, TargetRule] = {}
    regions = {name: region for region, name in gazetteer.regions.items()}
    if not counts.country.silent:
        rules[f"{template.id}-deaths"] = _rule(template, "country", gazetteer.country, _DEATHS)
    for slug, (level, place), area_counts in areas_with_slugs(counts):
        if level not in ("place", "region"):
            continue
        area = regions[place] if level == "region" else place
        for name, form, holds in (
            ("onset", _ONSET, area_counts.first is not None),
            ("end", _END, template.complete and area_counts.last is not None),
            ("deaths", _DEATHS, area_counts.deaths and not area_counts.silent),
            ("violent", _VIOLENT, area_counts.violent.count),
        ):
            if holds:
                rules[f"{template.id}-{name}-{slug}"] = _rule(template, level, area, form)
    return rules


def _rule(
    template: ClaimTemplate, level: str, area: str, form: tuple[str, str, str, str, str]
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
            "asks": [TargetQuery(subject=template.subject, predicate=predicate)],
        }
    )


def target_rules_yaml(template: ClaimTemplate, rules: dict[str, TargetRule]) -> str:
    """Return target rules as YAML that `load_rules` reads."""
    comment = f"# Targets that follow from {template.id}. They are held out; change `use` to fit.\n"
    return comment + yaml_text(RootModel(rules))


def yaml_text(data: BaseModel) -> str:
    """Return a model as YAML, without default values."""
    text = StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 100
    yaml.dump(data.model_dump(mode="json", exclude_defaults=True), text)
    return text.getvalue()
