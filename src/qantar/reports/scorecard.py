"""Scorecard of a run: each target with the sources, the model, the verdict and the claims."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup, escape
from matplotlib.axes import Axes

from qantar.analysis.facts import GROUPS, OTHER, group_of_variable
from qantar.analysis.outcomes import Layout
from qantar.analysis.run import Run
from qantar.analysis.scores import PROBABILITIES, SHARES, Score
from qantar.evidence.targets import DATED
from qantar.reports.phrases import given, said, subject
from qantar.reports.style import BLUE, INK, ORANGE, RULE, VERDICTS, Mark, cut_at_word, percent

_WIDE, _HIGH, _EDGE = 200.0, 20.0, 6.0
LEAST_BAR = 0.005
"""Half the width of the interval of one value, as a part of the bar."""


@dataclass(frozen=True)
class Trail:
    """One claim behind a target, as text."""

    paraphrase: str
    source: str
    locator: str
    claim: str
    modality: str
    by: str


@dataclass(frozen=True)
class Row:
    """One target, as text."""

    target: str
    what: str
    says: str
    gives: str
    mark: Mark
    bar: Markup
    inside: str
    note: str
    trail: tuple[Trail, ...]


@dataclass(frozen=True)
class Group:
    """Targets of one kind of fact."""

    kind: str
    rows: tuple[Row, ...]


def scorecard_groups(run: Run, use: str) -> list[Group]:
    """Return the targets of a run with one use, such as ``held``, by kind of fact."""
    layout = run.outcome.layout
    groups = []
    for kind in (*GROUPS, OTHER):
        scores = [s for s in run.scores if group_of_variable(s.target.variable) == kind]
        largest = largest_count(scores)
        rows = []
        for item in scores:
            target = item.target
            if target.use != use:
                continue
            inside = f"{percent(item.inside)} of runs lie in the interval of the sources."
            trail = [
                Trail(
                    paraphrase=claim.paraphrase,
                    source=source_name(run, claim.source),
                    locator=f"{claim.source}, {claim.locator}",
                    claim=claim.claim,
                    modality=claim.modality,
                    by=claim.attributed_to,
                )
                for claim in (run.claims[name] for name in target.claim_ids)
            ]
            rows.append(
                Row(
                    target=target.target,
                    what=subject(target),
                    says=said(target),
                    gives=given(item, layout),
                    mark=VERDICTS[item.verdict],
                    bar=_bar(item, layout, largest),
                    inside="" if target.variable in PROBABILITIES else inside,
                    note=target.note,
                    trail=tuple(trail),
                )
            )
        if rows:
            groups.append(Group(kind, tuple(rows)))
    return groups


def source_name(run: Run, source: str) -> str:
    """Return a short name of a source: its author or title, and its year."""
    known = run.scenario.country.sources.get(source)
    if known is None:
        return source
    name = cut_at_word(known.author or known.title, 48)
    return f"{name} ({known.date[:4]})" if known.date else name


class BarParts(NamedTuple):
    """Where a bar shows the interval of the sources and the range of the model, from 0 to 1."""

    sources_low: float
    sources_high: float
    low: float
    middle: float
    high: float


def bar_parts(item: Score, layout: Layout, top: float) -> BarParts:
    """Return the positions on a bar: days by the window, shares as they are, counts as logarithms.

    Parameters
    ----------
    item : Score
    layout : Layout
    top : float
        The count at the right end.
    """
    dated = item.target.variable in DATED

    def at(value: float) -> float:
        if dated:
            part = (layout.days if math.isnan(value) else value) / (layout.days + 1)
        elif item.target.variable in (*SHARES, *PROBABILITIES):
            part = 1.0 if math.isnan(value) else value
        else:
            part = math.log1p(top if math.isnan(value) else value) / math.log1p(top)
        return min(max(part, 0.0), 1.0)

    day, noon = (1.0, 0.5) if dated else (0.0, 0.0)
    middles = (at(value + noon) for value in (item.q05, item.q50, item.q95))
    return BarParts(at(item.low), at(item.high + day), *middles)


def largest_count(scores: Iterable[Score]) -> float:
    """Return the largest count of scores, for a scale that their bars share."""
    largest = 1.0
    for item in scores:
        if item.target.variable not in (*DATED, *SHARES, *PROBABILITIES):
            counts = (v for v in (item.high, item.q95) if math.isfinite(v))
            largest = max((largest, *counts))
    return largest


def draw_scorecard(axes: Axes, scores: Sequence[Score], layout: Layout) -> None:
    """Draw a row per target: the interval of the sources, the range of the model, the verdict.

    Parameters
    ----------
    axes : Axes
    scores : sequence of Score
        Counts share one scale.
    layout : Layout
    """
    top = largest_count(scores)
    for k, item in enumerate(scores):
        parts, mark = bar_parts(item, layout, top), VERDICTS[item.verdict]
        axes.plot([0, 1], [k, k], color=RULE, linewidth=0.8, zorder=0)
        width = max(parts.sources_high - parts.sources_low, 2 * LEAST_BAR)
        middle = (parts.sources_high + parts.sources_low) / 2
        axes.barh(k, width, left=middle - width / 2, height=0.7, color=ORANGE, alpha=0.55)
        axes.plot([parts.low, parts.high], [k, k], color=BLUE, linewidth=3)
        axes.plot([parts.middle], [k], "o", color=BLUE, markeredgecolor="white")
        axes.text(1.02, k, f"{mark.symbol} {given(item, layout)}", va="center", color=mark.colour)
    axes.set_ylim(len(scores) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_yticks(range(len(scores)), labels=[cut_at_word(subject(s.target), 60) for s in scores])
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("days: the window; shares: 0 to 1; counts: logarithmic")
    for side in ("left", "top", "right"):
        axes.spines[side].set_visible(False)


def _bar(item: Score, layout: Layout, top: float) -> Markup:
    """Return the sources' interval as a band and the model's range as a line with a dot."""
    parts = [_EDGE + (_WIDE - 2 * _EDGE) * part for part in bar_parts(item, layout, top)]
    left, right = parts[0] - 1, parts[1] + 1
    low, middle, high = parts[2:]
    label = f"Sources: {said(item.target)}. Model: {given(item, layout)}."
    half = _HIGH / 2
    return Markup(
        f'<svg class="bar" viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" role="img" '
        f'aria-label="{escape(label)}">'
        f'<path d="M{_EDGE} {half}H{_WIDE - _EDGE}" stroke="{RULE}"/>'
        f'<rect x="{left:.1f}" y="2" width="{right - left:.1f}" height="{_HIGH - 4:.0f}" rx="2" '
        f'fill="{ORANGE}" fill-opacity=".55"/>'
        f'<path d="M{low:.1f} {half}H{high:.1f}" stroke="{BLUE}" stroke-width="3"/>'
        f'<circle cx="{middle:.1f}" cy="{half}" r="4.5" fill="{BLUE}" stroke="white"/>'
        f'<path d="M{middle:.1f} 3V17" stroke="{INK}" stroke-width="1"/></svg>'
    )
