"""Country payload: the map, its units, and everything that a link can name.

`country_payload` is what the page needs before any run. The map is drawn here as SVG paths: `draw`
projects the outlines of the regions and the places into one view box.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.provenance import SOFTWARE
from qantar.evidence import Ledger
from qantar.explorer.links import MEMBERS, SEEDS
from qantar.explorer.request import clock_text, plain
from qantar.packs.account import FRAMES, list_accounts, load_account
from qantar.packs.country import Country
from qantar.packs.episode import RECORD, Episode
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.intervention import Intervention, list_interventions, load_intervention
from qantar.packs.years import has_years
from qantar.reports.evidence.names import Reader
from qantar.reports.maps import project_country
from qantar.reports.timeline import action_hour_range, in_order
from qantar.reports.whatif.formatting import FEW_PAIRS

WIDTH = 1000.0
"""Width of the view box in SVG user units."""

LAYERS: tuple[tuple[str, str, bool], ...] = (
    ("crowd", "persons", False),
    ("violence", "persons", False),
    ("deaths", "persons", True),
    ("detained", "persons", True),
    ("shutdown", "share", False),
    ("troops", "share", False),
)
"""Map layers: name, unit, and whether it is a cumulative count."""

LIMITS: dict[str, list[int]] = {"members": list(MEMBERS), "seed": list(SEEDS)}
"""Smallest and largest value of the numbers in a request."""

_MARGIN = 16.0
"""Space around the country, so that a town at the border is drawn in full."""

_DIGITS = 1


def country_payload(
    country: Country, episode: Episode, ledger: Ledger | None = None
) -> dict[str, Any]:
    """Return what the page needs before any run, as values that JSON has.

    Parameters
    ----------
    country : Country
    episode : Episode
    ledger : Ledger, optional
        The evidence of the country, if it is already loaded.

    Returns
    -------
    dict
        ``units`` are all places in the order of the pack, all regions, then the country;
        coordinates are SVG user units with y down. Times are hours on the episode's clock.
        Below ``few_pairs`` pairs, the page shows a what-if as a preview. ``years`` says if the pack
        has a page of the years.

    Raises
    ------
    FileError
        If a file of the pack is invalid.
    """
    if ledger is None and has_evidence(country):
        ledger = country_ledger(country)
    drawn = draw(country)
    accounts = [load_account(country, name) for name in list_accounts(country)]
    have_blind_twin = {account.blind_twin_of for account in accounts}
    return {
        "country": country.header.country,
        "episode": {
            "name": episode.name,
            "title": episode.title,
            "question": plain(episode.summary.strip()),
        },
        "first_day": episode.first_day.isoformat(),
        "hours": episode.hours,
        "clock": clock_text(country.header.clock_utc_offset),
        "viewbox": list(drawn.viewbox),
        "outlines": [{"region": region, "path": path} for region, path in drawn.paths.items()],
        "units": units(country, drawn),
        "actions": actions(episode),
        "layers": [
            {"name": name, "unit": unit, "cumulative": grows} for name, unit, grows in LAYERS
        ],
        "accounts": [
            {
                "name": account.name,
                "title": plain(account.title),
                "summary": plain(account.summary.strip()),
                "frame": account.name in FRAMES,
                "hindsight": account.name in have_blind_twin,
            }
            for account in accounts
        ],
        "sources": sources(ledger),
        "interventions": [
            _intervention(found)
            for found in (load_intervention(country, name) for name in list_interventions(country))
            if not found.episodes or episode.name in found.episodes
        ],
        "limits": LIMITS,
        "few_pairs": FEW_PAIRS,
        "years": has_years(country),
        "version": version("qantar"),
        "citation": SOFTWARE,
    }


def units(country: Country, drawn: Drawn) -> list[dict[str, Any]]:
    """Return places, regions and the country, each with its point on the map and time zone.

    ``offset`` is added to an hour of the episode's clock to give local time.
    """
    clock = country.header.clock_utc_offset
    found = []
    for place, (x, y) in zip(country.places, drawn.points, strict=True):
        offset = country.region_of[place.place].utc_offset - clock
        about = (place.region, place.kind == "town", place.population)
        found.append(_unit("place", place.place, *about, x, y, offset))
    for region in country.regions:
        people = sum(p.population for p in country.places if p.region == region.region)
        x, y = drawn.labels[region.region]
        about = (region.region, region.kind == "city", people)
        found.append(_unit("region", region.region, *about, x, y, region.utc_offset - clock))
    name, everybody = country.header.country, sum(p.population for p in country.places)
    return [*found, _unit("country", name, None, False, everybody, None, None, 0)]


def _unit(
    kind: str,
    name: str,
    region: str | None,
    town: bool,
    population: int,
    x: float | None,
    y: float | None,
    offset: float,
) -> dict[str, Any]:
    return {
        "id": f"{kind}:{name}",
        "kind": kind,
        "label": name,
        "region": region,
        "town": town,
        "population": population,
        "x": x,
        "y": y,
        "offset": offset,
    }


def actions(episode: Episode) -> list[dict[str, Any]]:
    """Return the actions of the state in the order of their earliest start, with their hours.

    ``earliest`` and ``latest`` are the hours in which an action can have begun; ``end`` is the
    first hour in which it is certainly over, None if it outlasts the episode or has no duration.
    """
    rows = []
    for number, name in enumerate(in_order(episode), start=1):
        action = episode.actions[name]
        first, last, end = action_hour_range(episode, name)
        ends = action.kind != RECORD and end < episode.hours
        rows.append(
            {
                "name": name,
                "label": action.label,
                "kind": action.kind,
                "number": number,
                "earliest": first,
                "latest": max(first, last - 1),
                "end": end if ends else None,
                "claims": list(dict.fromkeys(saying.claim for saying in action.says)),
            }
        )
    return rows


def sources(ledger: Ledger | None) -> list[dict[str, Any]]:
    """Return the sources that have a claim or a table, with their letters."""
    if ledger is None:
        return []
    return [
        {
            "id": badge.source,
            "letter": badge.letter,
            "short": badge.short,
            "title": badge.title,
            "author": badge.author,
            "date": badge.date,
            "url": ledger.sources[badge.source].url if badge.source in ledger.sources else "",
            "colour": badge.colour,
            "claims": badge.claims,
        }
        for badge in Reader(ledger).badges.values()
    ]


def _intervention(intervention: Intervention) -> dict[str, Any]:
    dose, date = intervention.dose, intervention.date
    days: dict[str, str] | None = None
    if date is not None:  # as the text of a change takes them
        days = {
            name: getattr(date, name).isoformat(timespec="minutes")
            for name in ("default", "earliest", "latest")
        }
    return {
        "name": intervention.name,
        "title": intervention.title,
        "baseline": intervention.baseline,
        "reason": intervention.reason,
        "grade": intervention.grade,
        "note": plain(intervention.note),
        "dose": dose.model_dump() if dose else None,
        "date": days,
        "expected": [each.model_dump() for each in intervention.expected],
        "claims": list(intervention.claims),
        "unbelievable": intervention.caution or None,
    }


@dataclass(frozen=True)
class Drawn:
    """The map in SVG user units, with y down.

    Attributes
    ----------
    viewbox : tuple of float
        Width and height.
    paths : dict of str to str
        The path of every region with an outline, the largest first, so that a city that is a
        region of its own is drawn on top of the region around it.
    points : list of (float, float)
        Position of every place, in the order of the pack.
    labels : dict of str to (float, float)
        Position of the name of every region.
    """

    viewbox: tuple[float, float]
    paths: dict[str, str]
    points: list[tuple[float, float]]
    labels: dict[str, tuple[float, float]]


def draw(country: Country) -> Drawn:
    """Return the map of a country; without boundaries in the pack it has only places."""
    sheet = project_country(country)
    west, south, east, north = sheet.bounds
    scale = (WIDTH - 2 * _MARGIN) / ((east - west) or 1.0)

    def projected(points: Numbers) -> NDArray[np.float64]:
        own = np.column_stack([points[:, 0] - west, north - points[:, 1]])
        return np.round(own * scale + _MARGIN, _DIGITS)

    rings: dict[str, list[NDArray[np.float64]]] = {}
    for region, outline in zip(sheet.region_of, sheet.outlines, strict=True):
        rings.setdefault(region, []).append(projected(outline))
    largest = {region: max(own, key=_area) for region, own in rings.items()}
    towns = projected(sheet.towns)
    labels = {}
    for region in (region.region for region in country.regions):
        if region in largest:
            inside = shapely.Polygon(largest[region]).representative_point()
            labels[region] = _pair(np.array([inside.x, inside.y]))
        else:  # without an outline, the middle of its places
            own = [k for k, place in enumerate(country.places) if place.region == region]
            labels[region] = _pair(towns[own].mean(axis=0))
    return Drawn(
        viewbox=(WIDTH, round((north - south) * scale + 2 * _MARGIN, _DIGITS)),
        paths={
            region: "".join(map(_path, rings[region]))
            for region in sorted(rings, key=lambda region: -_area(largest[region]))
        },
        points=[_pair(point) for point in towns],
        labels=labels,
    )


def _area(ring: NDArray[np.float64]) -> float:
    return float(shapely.Polygon(ring).area)


def _path(ring: NDArray[np.float64]) -> str:
    """Return a ring as an SVG path; Z closes it, so the repeated last point is left out."""
    points = [f"{x:g} {y:g}" for x, y in ring[:-1]]
    kept = [point for point, before in zip(points, ["", *points], strict=False) if point != before]
    return f"M{'L'.join(kept)}Z"


def _pair(point: NDArray[np.float64]) -> tuple[float, float]:
    return round(float(point[0]), _DIGITS), round(float(point[1]), _DIGITS)
