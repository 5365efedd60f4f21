"""The map as the page draws it: borders as SVG paths, and points in the same view box.

What the page must know before any run: the map, its units, and what can be asked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.provenance import SOFTWARE
from qantar.evidence import Ledger
from qantar.explorer.json_values import clock_text, plain
from qantar.explorer.links import MEMBERS, SEEDS
from qantar.packs.account import FRAMES, list_accounts, load_account
from qantar.packs.country import Country
from qantar.packs.episode import RECORD, Episode
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.intervention import Intervention, list_interventions, load_intervention
from qantar.reports.evidence.names import Reader
from qantar.reports.maps import sheet_of
from qantar.reports.timeline import hours_of, in_order

WIDTH = 1000.0
"""Width of the view box in SVG user units."""

_MARGIN = 16.0
"""Room around the country, so that a town at the border is drawn whole."""

_DIGITS = 1


@dataclass(frozen=True)
class Drawn:
    """The map in SVG user units, y down.

    Attributes
    ----------
    viewbox : tuple of float
        Width and height.
    paths : dict of str to str
        The path of every region that the pack draws, the largest first, so that a city that is a
        region of its own lies on top of the region around it.
    points : list of (float, float)
        Where every place lies, in the order of the pack.
    labels : dict of str to (float, float)
        A point for the name of every region.
    """

    viewbox: tuple[float, float]
    paths: dict[str, str]
    points: list[tuple[float, float]]
    labels: dict[str, tuple[float, float]]


def draw(country: Country) -> Drawn:
    """Return the map of a country; without boundaries in the pack it has places alone."""
    sheet = sheet_of(country)
    west, south, east, north = sheet.bounds
    scale = (WIDTH - 2 * _MARGIN) / ((east - west) or 1.0)

    def moved(points: Numbers) -> NDArray[np.float64]:
        own = np.column_stack([points[:, 0] - west, north - points[:, 1]])
        return np.round(own * scale + _MARGIN, _DIGITS)

    rings: dict[str, list[NDArray[np.float64]]] = {}
    for region, outline in zip(sheet.region_of, sheet.outlines, strict=True):
        rings.setdefault(region, []).append(moved(outline))
    largest = {region: max(own, key=_area) for region, own in rings.items()}
    order = sorted(rings, key=lambda region: -_area(largest[region]))
    towns = moved(sheet.towns)
    return Drawn(
        viewbox=(WIDTH, round((north - south) * scale + 2 * _MARGIN, _DIGITS)),
        paths={region: "".join(map(_path, rings[region])) for region in order},
        points=[_pair(point) for point in towns],
        labels=_labels(country, towns, largest),
    )


def _labels(
    country: Country, towns: NDArray[np.float64], largest: dict[str, NDArray[np.float64]]
) -> dict[str, tuple[float, float]]:
    """Return a point inside the largest part of a region; amid its places if it is not drawn."""
    found = {}
    for region in (region.region for region in country.regions):
        if region in largest:
            inside = shapely.Polygon(largest[region]).representative_point()
            found[region] = _pair(np.array([inside.x, inside.y]))
        else:
            own = [k for k, place in enumerate(country.places) if place.region == region]
            found[region] = _pair(towns[own].mean(axis=0))
    return found


def _area(ring: NDArray[np.float64]) -> float:
    return float(shapely.Polygon(ring).area)


def _path(ring: NDArray[np.float64]) -> str:
    """Return a ring as path text; the last point of a ring is the first, which is what Z says."""
    points = [f"{x:g} {y:g}" for x, y in ring[:-1]]
    kept = [point for point, before in zip(points, ["", *points], strict=False) if point != before]
    return f"M{'L'.join(kept)}Z"


def _pair(point: NDArray[np.float64]) -> tuple[float, float]:
    return round(float(point[0]), _DIGITS), round(float(point[1]), _DIGITS)


LAYERS: tuple[tuple[str, str, bool], ...] = (
    ("crowd", "persons", False),
    ("violence", "persons", False),
    ("deaths", "persons", True),
    ("detained", "persons", True),
    ("shutdown", "share", False),
    ("troops", "share", False),
)
"""What the map can show: name, unit, and whether it counts what has happened so far."""

LIMITS: dict[str, list[int]] = {"members": list(MEMBERS), "seed": list(SEEDS)}
"""What may be asked for."""


def country_payload(
    country: Country, episode: Episode, ledger: Ledger | None = None
) -> dict[str, Any]:
    """Return what the page must know before any run, in values that JSON has.

    Parameters
    ----------
    country : Country
    episode : Episode
    ledger : Ledger, optional
        The evidence of the country, where it was read already.

    Returns
    -------
    dict
        ``units`` are all places in the order of the pack, all regions, then the country;
        coordinates are SVG user units with y down. Moments are hours on the episode's clock.

    Raises
    ------
    FileError
        If a file of the pack cannot be used.
    """
    if ledger is None and has_evidence(country):
        ledger = country_ledger(country)
    drawn = draw(country)
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
        "accounts": _accounts(country),
        "sources": sources(ledger),
        "interventions": _interventions(country, episode),
        "limits": LIMITS,
        "version": version("qantar"),
        "citation": SOFTWARE,
    }


def units(country: Country, drawn: Drawn) -> list[dict[str, Any]]:
    """Return places, regions and the country, each with its point on the map and its clock.

    ``offset`` is what must be added to an hour of the episode's clock for local time.
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
    offset: int,
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
    """Return the actions of the state in the order in which they can begin, with their hours.

    ``earliest`` and ``latest`` are the hours in which it can have begun; ``end`` is the first hour
    in which it is over for certain, None if it outlasts the episode or is over at once.
    """
    rows = []
    for number, name in enumerate(in_order(episode), start=1):
        action = episode.actions[name]
        first, last, end = hours_of(episode, name)
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
    """Return the sources that have a claim or a table, with the letter that each is known by."""
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


def _accounts(country: Country) -> list[dict[str, Any]]:
    told = [load_account(country, name) for name in list_accounts(country)]
    told_blind = {account.blind_twin_of for account in told}
    return [
        {
            "name": account.name,
            "title": plain(account.title),
            "summary": plain(account.summary.strip()),
            "frame": account.name in FRAMES,
            "hindsight": account.name in told_blind,
        }
        for account in told
    ]


def _interventions(country: Country, episode: Episode) -> list[dict[str, Any]]:
    loaded = (load_intervention(country, name) for name in list_interventions(country))
    return [
        _intervention(found)
        for found in loaded
        if not found.episodes or episode.name in found.episodes
    ]


def _intervention(found: Intervention) -> dict[str, Any]:
    dose, date = found.dose, found.date
    return {
        "name": found.name,
        "title": found.title,
        "baseline": found.baseline,
        "reason": found.reason,
        "grade": found.grade,
        "note": plain(found.note),
        "dose": dose.model_dump() if dose else None,
        "date": None
        if date is None
        else {
            "default": _moment(date.default),
            "earliest": _moment(date.earliest),
            "latest": _moment(date.latest),
        },
        "expected": [each.model_dump() for each in found.expected],
        "claims": list(found.claims),
        "unbelievable": found.caution or None,
    }


def _moment(moment: dt.datetime) -> str:
    """Return a moment as the text of a change takes it."""
    return moment.isoformat(timespec="minutes")
