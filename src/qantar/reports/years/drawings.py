"""Small drawings in plain SVG: shares by scope, and stocks by region and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from markupsafe import Markup, escape
from numpy.typing import NDArray

from qantar.analysis.years.scopes import SCOPES
from qantar.base.arrays import Numbers
from qantar.reports.style import HEAT, INK, MUTED, heat_legend, percent

SCOPE_COLOURS = dict(zip(SCOPES, ("#f2f2ee", "#fff2b8", "#fec44f", "#cc4c02", "#5c1d02"),
                         strict=True))  # fmt: skip
"""Light to dark, as waves get wider; also readable in greyscale."""

STOCKS = {
    "grievance": "Grievance: mean of economic, social, political and territorial; log units",
    "fear": "Fear: log units by which it lowers turnout",
    "experience": "Experience of earlier waves; log units of turnout",
    "reach": "Residents whom uncensored news reaches; share",
}
"""Stocks that are drawn by region."""

_KINDS = ("economic", "social", "political", "territorial")
_BAR, _HIGH = 240.0, 18.0
_NAME, _ROW, _WIDE, _TOP = 130.0, 14.0, 1100.0, 18.0


@dataclass(frozen=True)
class Strip:
    """A stock by region and year: its name, drawing and key."""

    label: str
    svg: Markup
    key: list[tuple[str, str]]


def scope_bar(shares: Mapping[str, float], observed: str) -> Markup:
    """Draw shares by scope in a row, with a frame around the scope that was observed."""
    parts, start = [], 1.0
    told = [f"{scope} {percent(shares[scope])}" for scope in SCOPES if shares[scope] > 0]
    frame = ""
    for scope in SCOPES:
        width = shares[scope] * (_BAR - 2)
        if width > 0:
            parts.append(
                f'<rect x="{start:.1f}" y="3" width="{width:.1f}" height="12" '
                f'fill="{SCOPE_COLOURS[scope]}"/>'
            )
        if scope == observed:
            frame = (
                f'<rect x="{start:.1f}" y="1.5" width="{max(width, 2.0):.1f}" height="15" '
                f'fill="none" stroke="{INK}" stroke-width="2"/>'
            )
        start += width
    seen = f"; observed: {observed}" if observed else ""
    label = escape(", ".join(told) + seen)
    return Markup(
        f'<svg class="bar scopes" viewBox="0 0 {_BAR:.0f} {_HIGH:.0f}" role="img" '
        f'aria-label="{label}"><rect x="1" y="3" width="{_BAR - 2:.0f}" height="12" fill="none" '
        f'stroke="#8c8c8c" stroke-width="1"/>{"".join(parts)}{frame}</svg>'
    )


def stock_strips(regions: pd.DataFrame, since: int) -> list[Strip]:
    """Return a strip for every stock that the law moves.

    Parameters
    ----------
    regions : DataFrame
        Rows of one part of `qantar.analysis.years.study.YearsStudy.tables`.
    since : int
        First year.
    """
    shown = regions[regions["year"] >= since]
    grievance = shown[shown["variable"].isin(_KINDS)]
    order = list(dict.fromkeys(shown["region"]))
    found = []
    for name, label in STOCKS.items():
        rows = grievance if name == "grievance" else shown[shown["variable"] == name]
        values = rows.groupby(["region", "year"])["q50"].mean().unstack().loc[order]
        numbers = values.to_numpy(np.float64)
        if np.ptp(numbers) > 0:
            found.append(_strip(label, order, [int(year) for year in values.columns], numbers))
    return found


def _strip(label: str, regions: list[str], years: list[int], values: Numbers) -> Strip:
    quantiles = np.quantile(values, np.linspace(0, 1, len(HEAT) + 1)[1:-1])
    bounds = _distinct(quantiles)
    classes = np.searchsorted(bounds, values, side="right")
    shades = [
        HEAT[round(k * (len(HEAT) - 1) / max(len(bounds), 1))] for k in range(len(bounds) + 1)
    ]
    texts = [f"{bound:.2g}".replace("-", "\u2212") for bound in bounds]
    key = [(shade, name) for shade, (_, name) in zip(shades, heat_legend_of(texts), strict=True)]
    return Strip(label, _heat(label, regions, years, classes, shades), key)


def heat_legend_of(bounds: Sequence[str]) -> list[tuple[str, str]]:
    """Return the classes between bounds, however many there are."""
    if len(bounds) == len(HEAT) - 1:
        return heat_legend(bounds)
    inner = [f"{low} to {high}" for low, high in pairwise(bounds)]
    return [("", name) for name in (f"under {bounds[0]}", *inner, f"over {bounds[-1]}")]


def _distinct(quantiles: Numbers) -> list[float]:
    """Return bounds that still differ with the two digits they are shown with."""
    found: dict[str, float] = {}
    for value in quantiles:
        found.setdefault(f"{value:.2g}", float(f"{value:.2g}"))
    return list(found.values())


def _heat(
    label: str,
    regions: list[str],
    years: list[int],
    classes: NDArray[np.int64],
    shades: list[str],
) -> Markup:
    """Draw a row for each region, with one rectangle for years in a row of one class."""
    cell = (_WIDE - _NAME) / len(years)
    height = _TOP + _ROW * len(regions) + 2
    parts = []
    for r, region in enumerate(regions):
        y = _TOP + _ROW * r
        parts.append(
            f'<text x="{_NAME - 8:.0f}" y="{y + 11:.0f}" text-anchor="end" font-size="11" '
            f'fill="{INK}">{escape(region)}</text>'
        )
        start = 0
        for k in range(1, len(years) + 1):
            if k == len(years) or classes[r, k] != classes[r, start]:
                parts.append(
                    f'<rect x="{_NAME + start * cell:.1f}" y="{y:.0f}" '
                    f'width="{(k - start) * cell + 0.3:.1f}" height="{_ROW - 1:.0f}" '
                    f'fill="{shades[int(classes[r, start])]}"/>'
                )
                start = k
    step = 5 if len(years) > 12 else 1
    parts += [
        f'<text x="{_NAME + (k + 0.5) * cell:.1f}" y="12" text-anchor="middle" font-size="11" '
        f'fill="{MUTED}">{year}</text>'
        for k, year in enumerate(years)
        if year % step == 0
    ]
    return Markup(
        f'<svg viewBox="0 0 {_WIDE:.0f} {height:.0f}" role="img" aria-label="'
        f'{escape(label)}, median by region and year">{"".join(parts)}</svg>'
    )
