"""Causes of the differences in a what-if: which differs first, and the contribution of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from qantar.analysis.whatif.attribution import METHOD
from qantar.analysis.whatif.result import WhatIf, World
from qantar.reports.style import (
    BLUE,
    INK,
    MUTED,
    RULE,
    SKY,
    axis_number,
    blank_figure,
    many,
    percent,
    to_svg,
)
from qantar.reports.whatif.decisions import moment
from qantar.reports.whatif.difference_tables import quantity_name
from qantar.reports.whatif.formatting import figure, reach, records_of, signed, table_of
from qantar.reports.whatif.maps import DIVERGING

_ROW, _TOP, _BOTTOM, _LEFT, _RIGHT, _WIDTH = 26.0, 8.0, 44.0, 215.0, 50.0, 600.0
_SEEN = 0.05
"""Share of pairs in which a cause must differ to be part of the chain."""

UNITS = {"deaths": "deaths", "participants": "people on the busiest day"}


@dataclass(frozen=True)
class Step:
    """When and where one cause first differs, as text."""

    label: str
    first: str
    place: str
    places: str
    pairs: str


@dataclass(frozen=True)
class Share:
    """Contribution of one cause to a difference, as text."""

    label: str
    mean: str
    interval: str
    tone: str


@dataclass(frozen=True)
class Attribution:
    """One quantity: bars by cause, the same as a table, and their sum."""

    title: str
    unit: str
    svg: Markup
    shares: tuple[Share, ...]
    total: str


@dataclass(frozen=True)
class Chain:
    """The causes of one world's differences."""

    sentence: str
    timeline: Markup | None
    steps: tuple[Step, ...]
    attributions: tuple[Attribution, ...]


def chain(result: WhatIf, world: World, name: str) -> Chain | None:
    """Return the causes of one world's differences; None if they were not attributed."""
    steps = table_of(result, "chain")
    steps = steps[steps["change"] == world.label]
    attributed = table_of(result, "attribution")
    attributed = attributed[attributed["change"] == world.label]
    if steps.empty and attributed.empty:
        return None
    ordered = steps.sort_values("first_hour", kind="stable", na_position="last")
    records = records_of(ordered)
    rows = []
    for row in records:
        never = math.isnan(row["first_hour"])
        rows.append(
            Step(
                label=str(row["label"]),
                first=_first(result, row),
                place="" if never else str(row["place"]),
                places="0" if never else figure(row["places"]),
                pairs=percent(row["pairs"]),
            )
        )
    return Chain(
        sentence=chain_sentence(result, records),
        timeline=_timeline(result, records, name) if records else None,
        steps=tuple(rows),
        attributions=tuple(
            _attribution(records_of(own), str(quantity), name)
            for quantity, own in attributed.groupby("quantity", sort=False)
        ),
    )


def chain_sentence(result: WhatIf, records: list[dict[str, Any]]) -> str:
    """Return the causes in the order in which they first differ."""
    moved = [r for r in records if not math.isnan(r["first_hour"]) and r["pairs"] >= _SEEN]
    if not moved:
        return "No cause differs in more than a few pairs." if records else ""
    episode = result.scenario.episode
    first = moved[0]
    where = f" in {first['place']}" if first["place"] else ""
    text = (
        f"The first to differ is {first['label']}: median {moment(episode, first['first_hour'])}, "
        f"most often first{where}, in {percent(first['pairs'])} of pairs."
    )
    rest = [
        f"{r['label']} ({signed(r['first_hour'] - first['first_hour'])} h)".replace(
            "(0 h)", "(same hour)"
        )
        for r in moved[1:]
    ]
    return f"{text} Then {', '.join(rest)}." if rest else text


def _first(result: WhatIf, row: dict[str, Any]) -> str:
    hour = row["first_hour"]
    return "never" if math.isnan(hour) else moment(result.scenario.episode, hour)


def _timeline(result: WhatIf, records: list[dict[str, Any]], name: str) -> Markup:
    """Return the median first hour of every cause; opacity is the share of pairs."""
    episode = result.scenario.episode
    moved = [r for r in records if not math.isnan(r["first_hour"])]
    height = _TOP + _ROW * max(len(records), 1) + _BOTTOM
    drawing = blank_figure(_WIDTH, height)
    axes = drawing.add_axes(_frame(height))
    axes.set_ylim(len(records) - 0.5, -0.5)
    axes.set_yticks(range(len(records)), [str(r["label"]) for r in records])
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    begins = min((r["first_hour"] for r in moved), default=0.0)
    ends = max((r["first_hour"] for r in moved), default=1.0)
    wide = max(ends - begins, 6.0)
    axes.set_xlim(begins - 0.04 * wide, begins + 1.5 * wide)
    for k, row in enumerate(records):
        axes.axhline(k, color=RULE, linewidth=0.7, zorder=0)
        if math.isnan(row["first_hour"]):
            axes.text(begins, k, "never differs", va="center", fontsize=10, color=MUTED)
            continue
        axes.plot([begins, row["first_hour"]], [k, k], color=SKY, linewidth=2)
        axes.plot(
            [row["first_hour"]], [k], "o", color=BLUE, markersize=8, alpha=max(row["pairs"], 0.15)
        )
        text = f"{percent(row['pairs'])} of pairs; {row['place']}"
        axes.annotate(
            text, (row["first_hour"], k), xytext=(9, 0), textcoords="offset points",
            va="center", fontsize=10, color=MUTED, annotation_clip=False,
        )  # fmt: skip
    ticks = np.linspace(begins, begins + wide, 3)
    axes.set_xticks(ticks, [moment(episode, float(t)) for t in ticks])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("median hour at which the cause first differs")
    label = "; ".join(f"{r['label']} {_first(result, r)}" for r in records)
    return to_svg(drawing, f"chain-{name}", f"When each cause first differs, median: {label}.")


def _attribution(records: list[dict[str, Any]], quantity: str, name: str) -> Attribution:
    total = sum(r["mean"] for r in records)
    unit = UNITS.get(quantity, "persons")
    height = _TOP + _ROW * (len(records) + 1) + _BOTTOM
    drawing = blank_figure(_WIDTH, height)
    axes = drawing.add_axes(_frame(height))
    colours = {"fewer": DIVERGING[1], "more": DIVERGING[-2], "none": "#c9c9c9"}
    shares = []
    for k, row in enumerate(records):
        tone = "fewer" if row["high"] < 0 else "more" if row["low"] > 0 else "none"
        interval = reach("", row["low"], row["high"])
        shares.append(Share(str(row["label"]), signed(row["mean"]), interval, tone))
        axes.barh(k, row["mean"], height=0.55, color=colours[tone], alpha=0.75)
        axes.plot([row["low"], row["high"]], [k, k], color=INK, linewidth=1.4)
        axes.plot([row["mean"]], [k], "D", color=INK, markersize=4)
    last = len(records)
    axes.axhline(last - 0.5, color=INK, linewidth=0.8)
    axes.barh(last, total, height=0.55, color=MUTED)
    axes.margins(x=0.03)
    names = [*(str(r["label"]) for r in records), "total"]
    axes.set_yticks(range(last + 1), names)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.set_ylim(last + 0.5, -0.5)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    axes.xaxis.grid(visible=True, color=RULE)
    axes.xaxis.set_major_formatter(lambda value, _: axis_number(value))
    axes.set_xlabel(f"{unit}: mean difference over pairs, 90 % interval of the mean")
    for k, value in enumerate((*(r["mean"] for r in records), total)):
        axes.text(1.01, k, signed(value), va="center", transform=axes.get_yaxis_transform())
    label = "; ".join(f"{share.label} {share.mean} ({share.interval})" for share in shares)
    words = (
        f"Contribution of each cause to the difference in {unit}: {label}; total {signed(total)}."
    )
    return Attribution(
        title=quantity_name(quantity),
        unit=unit,
        svg=to_svg(drawing, f"attribution-{name}-{quantity}", words),
        shares=tuple(shares),
        total=signed(total),
    )


def _frame(height: float) -> tuple[float, float, float, float]:
    return (
        _LEFT / _WIDTH,
        _BOTTOM / height,
        (_WIDTH - _LEFT - _RIGHT) / _WIDTH,
        (height - _TOP - _BOTTOM) / height,
    )


def method_line(result: WhatIf) -> str:
    """Return how differences are attributed, and the number of pairs."""
    rests = f"{METHOD}; sums to the difference. Based on {many(result.explained, 'pair')}"
    if result.explained < result.members:
        rests += f", so it can differ from the mean over all {result.members} pairs above"
    return f"{rests}."
