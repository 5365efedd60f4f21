"""Maps of a country: projected outlines and places, and a panel for each day of a run."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pyproj import Transformer

from qantar.analysis.member_values import EVENING
from qantar.analysis.outcomes import Layout, Outcome
from qantar.analysis.run import Run
from qantar.base.arrays import Flags, Numbers
from qantar.packs.country import Country
from qantar.reports.style import BLUE, HEAT, INK, blank_figure, long_day, rounded, styled, to_svg

_DETAIL_METRES = 4_000.0
"""Tolerance of the simplification of borders; smaller details are invisible on a page."""

HOUR = EVENING
"""Local hour that the maps show."""

BREAKS = (1.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Bounds of the shades, in people per 100,000 inhabitants."""

LEGEND_CROWDS = (100, 1_000, 10_000)
"""Crowds shown in the legend; smaller crowds than the first are not labelled."""

_PANELS = 9
_WIDTH = 380.0
MARGIN = 0.03
"""Room on every side of a map, see `blank_map`."""

_AREA_PER_PERSON = 0.08
LABELS = 3
"""Largest number of labelled places on a map."""


@dataclass(frozen=True)
class ProjectedCountry:
    """Projected outlines, the region of each, and positions of the places."""

    outlines: list[NDArray[np.float64]]
    region_of: list[str]
    towns: Numbers
    is_town: Flags
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True)
class Panel:
    """One map with its title."""

    title: str
    svg: Markup


def project_country(country: Country) -> ProjectedCountry:
    """Project outlines and places to an equal-area conic projection fitted to the country."""
    names, shapes = [], []
    path = country.folder / "boundaries.geojson"
    if path.is_file():
        region_by_id = {region.boundary: region.region for region in country.regions}
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            if feature["properties"]["id"] in region_by_id:
                names.append(region_by_id[feature["properties"]["id"]])
                shapes.append(shapely.geometry.shape(feature["geometry"]))
    lonlat = np.array([(place.longitude, place.latitude) for place in country.places])
    west, south, east, north = _bounds(shapes, lonlat)
    height = north - south
    project = Transformer.from_crs(
        "EPSG:4326",
        f"+proj=aea +lat_1={south + height / 6} +lat_2={north - height / 6} "
        f"+lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +units=m",
        always_xy=True,
    )
    flat = [shapely.transform(s, project.transform, interleaved=False) for s in shapes]
    flat = list(shapely.coverage_simplify(flat, _DETAIL_METRES)) if flat else []
    outlines, region_of = [], []
    for name, shape in zip(names, flat, strict=True):
        for part in shapely.get_parts(shape):
            outlines.append(np.asarray(shapely.get_coordinates(part.exterior)))
            region_of.append(name)
    towns = np.column_stack(project.transform(lonlat[:, 0], lonlat[:, 1]))
    is_town = np.array([place.kind == "town" for place in country.places])
    return ProjectedCountry(outlines, region_of, towns, is_town, _bounds(flat, towns))


def _bounds(shapes: Sequence[object], points: Numbers) -> tuple[float, float, float, float]:
    if shapes:
        west, south, east, north = shapely.total_bounds(shapes)
    else:
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return float(west), float(south), float(east), float(north)


@dataclass(frozen=True)
class MappedRun:
    """What the maps of a run show, by day.

    Attributes
    ----------
    layout : Layout
    sheet : ProjectedCountry
    shares : list of dict
        People in the street per 100,000 inhabitants, by day and region.
    crowds : float array (places, days)
        Median crowds of towns.
    violent : bool array (places, days)
    """

    layout: Layout
    sheet: ProjectedCountry
    shares: list[dict[str, float]]
    crowds: Numbers
    violent: Flags


def mapped_run(run: Run) -> MappedRun:
    """Return what the maps of a run show."""
    country, outcome = run.scenario.country, run.outcome
    sheet = project_country(country)
    crowds = outcome.evening()
    typical = np.median(crowds, axis=0).astype(np.float64) * sheet.is_town[:, None]
    shares = _shares(country, outcome.layout, crowds)
    return MappedRun(outcome.layout, sheet, shares, typical, violent_by(outcome))


def map_panels(run: Run) -> list[Panel]:
    """Return a map for each of up to nine days."""
    mapped = mapped_run(run)
    with styled():
        return [_panel(mapped, day) for day in panel_days(mapped.layout.days)]


def panel_days(days: int) -> list[int]:
    """Return the days shown: the second to the tenth, or nine spread over a long window."""
    if days <= _PANELS:
        return list(range(days))
    if days <= _PANELS + 5:
        return list(range(1, _PANELS + 1))
    return [round(day) for day in np.linspace(0, days - 1, _PANELS)]


def circle_radius(crowd: float) -> float:
    """Return the radius of a crowd's circle, in the units of the figure."""
    return float(np.sqrt(_AREA_PER_PERSON * crowd)) / 2


def violent_by(outcome: Outcome) -> Flags:
    """Return whether most members have seen violence by the end of a day: (places, days)."""
    so_far = np.logical_or.accumulate(outcome.violent_days, axis=2)
    result: Flags = so_far.mean(axis=0) > 0.5
    return result


def blank_map(sheet: ProjectedCountry, width: float, *, margin: float) -> tuple[Figure, Axes]:
    """Return a figure with empty axes that fit a country.

    Parameters
    ----------
    sheet : ProjectedCountry
    width : float
        Width of the figure.
    margin : float
        Margin on every side, as a share of the larger extent of the country.
    """
    west, south, east, north = sheet.bounds
    pad = margin * max(east - west, north - south, 1.0)
    height = width * (north - south + 2 * pad) / (east - west + 2 * pad)
    figure = blank_figure(width, max(height, 120.0))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    fit_axes(axes, sheet, margin=margin)
    return figure, axes


def fit_axes(axes: Axes, sheet: ProjectedCountry, *, margin: float) -> None:
    """Fit axes to a country, without ticks and frame; `margin` as for `blank_map`."""
    west, south, east, north = sheet.bounds
    pad = margin * max(east - west, north - south, 1.0)
    axes.set_axis_off()
    axes.set_xlim(west - pad, east + pad)
    axes.set_ylim(south - pad, north + pad)
    axes.set_aspect("equal")


def _shares(
    country: Country, layout: Layout, crowds: NDArray[np.float32]
) -> list[dict[str, float]]:
    """Return people in the street per 100,000 inhabitants, by day and region."""
    people = np.array([place.population for place in country.places], np.float64)
    by_region: dict[str, Numbers] = {}
    for region in layout.regions:
        own = np.array([r == region for r in layout.region_of])
        total = max(float(people[own].sum()), 1.0)
        by_region[region] = np.median(crowds[:, own].sum(axis=1), axis=0) / total * 1e5
    return [{r: float(v[day]) for r, v in by_region.items()} for day in range(layout.days)]


def _panel(mapped: MappedRun, day: int) -> Panel:
    layout, crowds, violent = mapped.layout, mapped.crowds[:, day], mapped.violent[:, day]
    figure, axes = blank_map(mapped.sheet, _WIDTH, margin=MARGIN)
    draw_day(axes, mapped, day)
    title = long_day(layout.first_day + dt.timedelta(days=day))
    order = [k for k in np.argsort(-crowds, kind="stable")[:LABELS] if crowds[k] >= 1]
    largest = ", ".join(f"{layout.places[k]} {rounded(float(crowds[k]))}" for k in order)
    harmed = ", ".join(layout.places[k] for k in np.flatnonzero(violent))
    label = (
        f"Map of {title}. Largest crowds: {largest or 'none'}. "
        f"Violence so far: {harmed or 'in no place'}."
    )
    return Panel(title, to_svg(figure, f"map-{day}", label, halo=True))


def draw_day(axes: Axes, mapped: MappedRun, day: int) -> None:
    """Draw the map of a day: shaded regions, crowds as circles, violence as triangles.

    Parameters
    ----------
    axes : Axes
        Fitted to the country, see `fit_axes`.
    mapped : MappedRun
    day : int
        Counted from the first day, which is 0.
    """
    sheet, layout, shares = mapped.sheet, mapped.layout, mapped.shares[day]
    crowds, violent = mapped.crowds[:, day], mapped.violent[:, day]
    colours = [HEAT[np.searchsorted(BREAKS, shares[r], side="right")] for r in sheet.region_of]
    axes.add_collection(
        PolyCollection(sheet.outlines, facecolors=colours, edgecolors="#8c8c8c", linewidths=0.6)
    )
    seen = crowds >= 1
    axes.scatter(
        sheet.towns[seen, 0],
        sheet.towns[seen, 1],
        s=_AREA_PER_PERSON * crowds[seen],
        c=BLUE,
        alpha=0.8,
        edgecolors="white",
        linewidths=0.6,
    )
    if violent.any():
        axes.scatter(
            sheet.towns[violent, 0],
            sheet.towns[violent, 1],
            s=70,
            marker="^",
            c=INK,
            edgecolors="white",
            linewidths=0.9,
        )
    named = np.where(crowds < LEGEND_CROWDS[0], 0.0, crowds)
    radii = np.array([circle_radius(float(crowd)) for crowd in crowds])
    name_largest(axes, sheet, named, layout.places, radii, apart=(0.22, 0.07))


def name_largest(
    axes: Axes,
    sheet: ProjectedCountry,
    sizes: Numbers,
    texts: Sequence[str],
    radii: Numbers,
    *,
    apart: tuple[float, float],
) -> None:
    """Label the largest circles of a map, without labels that would overlap.

    Parameters
    ----------
    axes : Axes
    sheet : ProjectedCountry
    sizes : float array (places,)
        Places of size 0 are not labelled.
    texts : sequence of str
        Labels by place.
    radii : float array (places,)
        Radii of the circles, in points.
    apart : pair of float
        Smallest horizontal and vertical distance of two labels, as shares of the country's extent.
    """
    west, south, east, north = sheet.bounds
    least = (apart[0] * max(east - west, 1.0), apart[1] * max(north - south, 1.0))
    taken: list[Numbers] = []
    for k in np.argsort(-sizes, kind="stable")[:LABELS]:
        spot = sheet.towns[k]
        if sizes[k] == 0 or any((abs(spot - other) < least).all() for other in taken):
            continue
        taken.append(spot)
        left = spot[0] > (west + east) / 2
        axes.annotate(
            texts[k],
            spot,
            xytext=((-1 if left else 1) * (4 + radii[k]), 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=11,
            color=INK,
        )
