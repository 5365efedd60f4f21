"""When the state decided: by the sources, in the baseline, and with the change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from markupsafe import Markup

from qantar.analysis.whatif.result import WhatIf, World, decided_actions
from qantar.analysis.whatif.run import order_agreement
from qantar.packs.episode import Episode
from qantar.reports.style import INK, MUTED, RULE, blank_figure, cut_at_word, percent, to_svg
from qantar.reports.whatif.curves import PALEST
from qantar.reports.whatif.formatting import AFTER, BEFORE, day_axis, records_of, signed, table_of

FEW_SHIFTS = 5
"""Pairs below which a mean shift is not shown."""

HALF = 0.5
"""A decision taken in fewer members, or within a day in fewer, counts as missed."""

_ROW, _TOP, _BOTTOM, _RIGHT = 40.0, 6.0, 28.0, 12.0
_WIDE_NAMES, _LETTERS = 270.0, 40


@dataclass(frozen=True)
class Decision:
    """One decision as text."""

    number: int
    label: str
    sources: str
    was: str
    within: str
    became: str
    shift: str
    missed: str


@dataclass(frozen=True)
class Decisions:
    """The decisions of one world: figure, table and sentences."""

    wide: Markup
    narrow: Markup
    lines: tuple[Decision, ...]
    order: str
    missed: str


def decisions(result: WhatIf, world: World, name: str) -> Decisions | None:
    """Return when each decision was taken in both worlds; None without a table of decisions."""
    table = table_of(result, "decisions")
    table = table.assign(change=table["change"].fillna(""))
    was, became = (
        {str(r["action"]): r for r in records_of(table[table["change"] == label])}
        for label in ("", world.changes.label)
    )
    if not was:
        return None
    episode = result.scenario.episode
    pairs = (~np.isnan(result.baseline.hours) & ~np.isnan(world.hours)).sum(axis=0)
    both = dict(zip(decided_actions(episode), (int(n) for n in pairs), strict=True))
    lines = [
        _line(episode, k, row, became.get(action), both.get(action, 0))
        for k, (action, row) in enumerate(was.items(), start=1)
    ]
    off = [f"{line.label} ({line.missed})" for line in lines if line.missed]
    missed = "In the baseline, most runs take every decision within a day of the sources."
    if off:
        missed = f"Missed in the baseline: {'; '.join(off)}."
    return Decisions(
        wide=_drawing(episode, was, became, f"decisions-{name}w", 1080.0),
        narrow=_drawing(episode, was, became, f"decisions-{name}n", 420.0),
        lines=tuple(lines),
        order=f"{order_sentence(was, became)} {_order_kept(result, world)}".strip(),
        missed=missed,
    )


def order_sentence(was: dict[str, dict[str, Any]], became: dict[str, dict[str, Any]]) -> str:
    """Return the order of the decisions by medians, compared with the order in the sources."""
    told = sorted(was, key=lambda a: (was[a]["earliest"] + was[a]["latest"], a))
    labels = {action: str(row["label"]) for action, row in was.items()}
    parts: list[str] = []
    before: list[str] = []
    for word, rows in (("In the baseline", was), ("With the change", became)):
        taken = [a for a in told if a in rows and rows[a]["taken"] >= HALF]
        ordered = sorted(taken, key=lambda a: (rows[a]["q50"], told.index(a)))
        if not taken:
            if rows:
                parts.append(f"{word}, most runs take none of these decisions.")
            continue
        if len(taken) == 1:
            parts.append(f"{word}, most runs take only {labels[taken[0]]}.")
            continue
        if ordered == before:
            parts.append("With the change the order is the same.")
            continue
        before = ordered
        # Consecutive pairs in an order that contradicts the sources.
        swapped = [(a, b) for a, b in pairwise(ordered) if was[a]["earliest"] > was[b]["latest"]]
        same = "in an order that the sources allow" if not swapped else "in another order"
        listed = ", ".join(labels[a] for a in ordered)
        text = f"{word}, the median run decides {same}: {listed}"
        if swapped:
            pairs = "; ".join(f"{labels[a]} before {labels[b]}" for a, b in swapped)
            text += f" (against the sources: {pairs})"
        parts.append(f"{text}.")
    return " ".join(parts)


def _order_kept(result: WhatIf, world: World) -> str:
    """Return how often runs take decisions in the order of the sources."""
    episode = result.scenario.episode
    was, became = (order_agreement(episode, one) for one in (result.baseline, world))
    if math.isnan(was) or math.isnan(became):
        return ""
    return (
        f"Of the pairs of decisions with a known order, {percent(was)} come in that order over all "
        f"runs, and {percent(became)} with the change (one half by chance)."
    )


def _line(
    episode: Episode, number: int, row: dict[str, Any], other: dict[str, Any] | None, both: int
) -> Decision:
    missed = ""
    if row["taken"] < HALF:
        missed = f"taken in only {percent(row['taken'])} of runs"
    elif row["within_a_day"] < HALF:
        missed = f"within a day of the sources in only {percent(row['within_a_day'])} of runs"
    shift = ""
    if both < FEW_SHIFTS:
        shift = f"{both} pairs: too few" if both != 1 else "1 pair: too few"
    elif other is not None and not math.isnan(other["difference"]):
        low, high = other["low"], other["high"]
        shift = f"{signed(other['difference'])} h ({signed(low)} to {signed(high)})"
    return Decision(
        number=number,
        label=str(row["label"]),
        sources=_span(episode, row["earliest"], row["latest"]),
        was=_hours(episode, row),
        within=percent(row["within_a_day"]),
        became=_hours(episode, other) if other is not None else "",
        shift=shift,
        missed=missed,
    )


def _hours(episode: Episode, row: dict[str, Any]) -> str:
    if row["taken"] == 0 or math.isnan(row["q50"]):
        return "not taken"
    text = f"{moment(episode, row['q50'])} ({_span(episode, row['q05'], row['q95'])})"
    return text if row["taken"] == 1 else f"{text}, in {percent(row['taken'])}"


def _span(episode: Episode, low: float, high: float) -> str:
    first, last = moment(episode, low), moment(episode, high)
    if first == last:
        return first
    if first.rpartition(" ")[0] == last.rpartition(" ")[0]:
        last = last.rpartition(" ")[2]
    return f"{first} to {last}"


def moment(episode: Episode, hour: float) -> str:
    """Return an hour of the episode's clock as 5 Mar 18:00."""
    when = episode.moment_of(round(hour))
    return f"{when.day}\u00a0{when:%b} {when:%H:%M}"


def _drawing(
    episode: Episode,
    was: dict[str, dict[str, Any]],
    became: dict[str, dict[str, Any]],
    name: str,
    width: float,
) -> Markup:
    words = width > 600
    left = _WIDE_NAMES if words else 26.0
    row_height = _ROW if words else _ROW - 6
    total = _TOP + row_height * len(was) + _BOTTOM
    drawing = blank_figure(width, total)
    axes = drawing.add_axes(
        (left / width, _BOTTOM / total, 1 - (left + _RIGHT) / width, 1 - (_BOTTOM + _TOP) / total)
    )
    axes.set_ylim(len(was) - 0.5, -0.5)
    day_axis(axes, episode, labels=True, every=1 if words else 2)
    for k, (action, row) in enumerate(was.items()):
        axes.axhline(k + 0.5, color=RULE, linewidth=0.6)
        wide = max(row["latest"] - row["earliest"], 1.0)
        axes.barh(k - 0.28, wide, left=row["earliest"], height=0.16, color=INK)
        for rows, colour, y, marker in ((was, BEFORE, k, "o"), (became, AFTER, k + 0.27, "D")):
            one = rows.get(action)
            if one is not None and not math.isnan(one["q50"]):
                look: Any = {"color": colour, "alpha": max(one["taken"], PALEST)}
                axes.plot([one["q05"], one["q95"]], [y, y], linewidth=2.6, **look)
                axes.plot([one["q50"]], [y], marker, markersize=6, **look)
    names = [
        f"{k}  {cut_at_word(str(row['label']), _LETTERS)}" if words else f"{k}"
        for k, row in enumerate(was.values(), start=1)
    ]
    axes.set_yticks(range(len(was)), names)
    axes.tick_params(axis="y", length=0, labelcolor=INK if words else MUTED)
    axes.spines["left"].set_visible(False)
    label = "; ".join(
        f"{row['label']}: sources {_span(episode, row['earliest'], row['latest'])}, "
        f"baseline {_hours(episode, row)}"
        + (f", changed {_hours(episode, became[action])}" if action in became else "")
        for action, row in was.items()
    )
    return to_svg(drawing, name, f"When each decision was taken. {label}.")
