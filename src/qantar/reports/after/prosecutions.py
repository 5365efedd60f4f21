"""Drawing and tables of prosecutions: published counts by publisher, stages over time, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from qantar.analysis.after.prosecutions import (
    PRIOR,
    UPDATED,
    ProsecutionStudy,
    disputes,
    predictions,
)
from qantar.base.arrays import Numbers
from qantar.packs.after.prosecutions import ProsecutionCount
from qantar.packs.years_tables import first_day
from qantar.reports.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    SKY,
    VERMILION,
    axis_number,
    blank_figure,
    percent,
    rounded,
    styled,
    to_svg,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1100.0, 900.0

_COLOURS = (BLUE, VERMILION, GREEN, ORANGE, "#CC79A7", SKY, INK, MUTED)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_COUNTED = ("arrested", "cases", "administrative", "suspected")
"""Stages whose counts are marks in the first figure."""

_DAYS = 31
"""Days from the first count that the first figure shows."""

_LATER = (
    "charged",
    "in_court",
    "prison",
    "no_prison",
    "served",
    "acquitted",
    "dropped",
    "amnestied",
)
_NAMES = {
    "unsorted": "held, not sorted",
    "released": "let go",
    "administrative": "administrative arrest or fine",
    "accused": "charged, now or before",
    "charged": "awaiting court",
    "in_court": "in court",
    "prison": "in prison",
    "no_prison": "convicted without prison",
    "served": "out after prison",
    "acquitted": "acquitted",
    "dropped": "charge dropped",
    "amnestied": "amnestied",
}
_LOOKS = (
    (SKY, ""),
    (BLUE, "///"),
    (VERMILION, "xxx"),
    (ORANGE, "---"),
    (GREEN, "..."),
    ("#CC79A7", "|||"),
    ("#c4c4c4", ""),
    ("#E3D200", "++"),
)
_GREYS = ((INK, ""), ("#8c8c8c", "///"), ("#dcdcdc", ""), ("#b0b0b0", "---"))
"""Looks of the stages before a charge and of those charged: no colour means two things."""

_FANS = ("sentenced", "amnestied", "officers convicted")


def prosecutions_figure(study: ProsecutionStudy) -> Markup:
    """Draw published counts by publisher, stages over time, and sentences with their ranges.

    Parameters
    ----------
    study : ProsecutionStudy

    Returns
    -------
    Markup
        SVG with a text alternative.
    """
    figure = draw_prosecutions(study)
    with styled():  # text stays text
        return to_svg(figure, "prosecutions", _label(study))


def draw_prosecutions(study: ProsecutionStudy) -> Figure:
    """Return the figure; see `prosecutions_figure`."""
    with styled():
        figure = blank_figure(WIDTH, HEIGHT)
        grid = figure.add_gridspec(
            3, 6, left=0.07, right=0.965, top=0.965, bottom=0.045, hspace=0.46, wspace=0.9
        )
        _draw_counts(figure.add_subplot(grid[0, :4]), study)
        stages = study.mean_stages()
        accused = _joined(stages)
        _draw_stack(
            figure.add_subplot(grid[1, :3]), study, _of_arrested(stages, accused), "of the arrested"
        )
        _draw_stack(figure.add_subplot(grid[1, 3:]), study, accused, "of those charged")
        for k, quantity in enumerate(_FANS):
            _draw_fans(figure.add_subplot(grid[2, 2 * k : 2 * k + 2]), study, quantity)
        return figure


def _label(study: ProsecutionStudy) -> str:
    """Return the text alternative: what is drawn, with its main numbers."""
    counts = _marks(study)
    listed = "; ".join(
        f"{r.publisher}: {r.text} {r.stage}, {r.date or 'not dated'}" for r in counts
    )
    last = predictions(study)
    told = "; ".join(
        f"{row.quantity} by {row.by}: median {rounded(row.q50)}, 90 % from {rounded(row.q05)} to"
        f" {rounded(row.q95)}"
        for row in last
        if row.basis == UPDATED and row.by == last[-1].by and row.quantity in _FANS
    )
    return f"From arrest to sentence. Published counts: {listed}. Rule, updated: {told}."


def _marks(study: ProsecutionStudy) -> list[ProsecutionCount]:
    """Return the counts of the crisis that have a number and can be marks."""
    event = study.runs[PRIOR].event
    rows = (row for stage in _COUNTED for row in study.prosecutions.of_stage(stage, event))
    return [row for row in rows if row.low]


def _draw_counts(axes: Axes, study: ProsecutionStudy) -> None:
    """Draw counts by day: a colour a publisher, a symbol a stage; open ones are lower bounds."""
    rows = _marks(study)
    dated = [row for row in rows if row.date]
    start = min(first_day(row.date) for row in dated)
    days = [(first_day(row.date) - start).days for row in dated]
    end = max(day for day in days if day <= _DAYS) + 1
    publishers = list(dict.fromkeys(row.publisher for row in rows))
    for row in rows:
        at = (first_day(row.date) - start).days if row.date else end
        if at > _DAYS:
            continue
        colour = _COLOURS[publishers.index(row.publisher) % len(_COLOURS)]
        marker = _MARKERS[_COUNTED.index(row.stage)]
        face = colour if row.exact else "white"
        axes.plot([at], [row.low or 0.0], marker, color=colour, markerfacecolor=face, markersize=8)
        axes.annotate(
            row.text, (at, row.low or 0), (7, 5), textcoords="offset points", fontsize=9, color=INK
        )
    low, middle, high = study.detained
    axes.plot([end + 1.4] * 2, [low, high], color=MUTED, linewidth=5, alpha=0.5)
    axes.plot(end + 1.4, middle, "_", color=INK, markersize=14)
    axes.set_yscale("log")
    axes.set_ylim(50, 60_000)
    axes.set_yticks([100, 1000, 10_000], [axis_number(v) for v in (100, 1000, 10_000)])
    axes.set_xlim(-0.5, end + 1.8)
    ticks = [*range(end), end, end + 1.4]
    names = [_day_name(start.toordinal() + day) for day in range(end)]
    axes.set_xticks(ticks, [*names, "not dated", "run"])
    axes.grid(axis="y")
    axes.set_title("Published counts; persons or cases, logarithmic", loc="left", fontsize=11)
    _key_of_counts(axes, rows, publishers)


def _day_name(ordinal: int) -> str:
    import datetime as dt

    day = dt.date.fromordinal(ordinal)
    return f"{day.day} {day:%b}"


def _key_of_counts(axes: Axes, rows: Sequence[ProsecutionCount], publishers: list[str]) -> None:
    from matplotlib.lines import Line2D

    used = [stage for stage in _COUNTED if any(row.stage == stage for row in rows)]
    key = [
        Line2D([], [], marker="s", linestyle="", color=_COLOURS[k % len(_COLOURS)], label=name)
        for k, name in enumerate(publishers)
    ]
    key += [
        Line2D([], [], marker=_MARKERS[_COUNTED.index(s)], linestyle="", color=INK, label=s)
        for s in used
    ]
    key.append(
        Line2D([], [], marker="o", linestyle="", color=INK, markerfacecolor="white",
               label="a lower bound")
    )  # fmt: skip
    key.append(Line2D([], [], color=MUTED, linewidth=5, alpha=0.5, label="the run: 90 %, median"))
    axes.legend(handles=key, loc="center left", bbox_to_anchor=(1.02, 0.5), fontsize=9,
                frameon=False)  # fmt: skip


def _joined(stages: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Return the stages after a charge, with one stage for prison."""
    prison = sum((v for k, v in stages.items() if k.startswith("prison_")), np.zeros(1))
    found = {name: prison if name == "prison" else stages[name] for name in _LATER}
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def _of_arrested(
    stages: Mapping[str, Numbers], accused: Mapping[str, Numbers]
) -> dict[str, Numbers]:
    total = np.sum(list(accused.values()), axis=0)
    names = ("unsorted", "released", "administrative")
    return {"accused": total, **{name: stages[name] for name in names}}


def _draw_stack(
    axes: Axes, study: ProsecutionStudy, parts: Mapping[str, Numbers], whole: str
) -> None:
    """Draw mean shares over months; areas differ by hatching as well as by colour."""
    values = np.array(list(parts.values()))
    total = values.sum(axis=0)
    shares = 100 * values / np.where(total > 0, total, 1.0)
    at = np.arange(1, shares.shape[1] + 1)
    below = np.zeros(len(at))
    looks = _GREYS if "accused" in parts else _LOOKS
    for k, (name, row) in enumerate(zip(parts, shares, strict=True)):
        colour, hatch = looks[k]
        axes.fill_between(
            at, below, below + row, facecolor=colour, hatch=hatch, edgecolor="white",
            linewidth=0.4, label=_NAMES[name],
        )  # fmt: skip
        below = below + row
    _months(axes, study)
    axes.set_ylim(0, 100)
    axes.set_title(f"Stages; mean % {whole}, updated", loc="left", fontsize=11)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.1), fontsize=8, frameon=False, ncols=4)


def _draw_fans(axes: Axes, study: ProsecutionStudy, quantity: str) -> None:
    """Draw median and 90 % of a total, by the prior and with the counts."""
    at = np.arange(1, study.runs[PRIOR].months + 1)
    top = 1.0
    for basis, colour, style in ((PRIOR, ORANGE, "--"), (UPDATED, BLUE, "-")):
        low, middle, high = study.fan(quantity, basis)
        axes.fill_between(at, low, high, color=colour, alpha=0.22, linewidth=0)
        axes.plot(at, high, color=colour, linewidth=0.8, linestyle=style)
        axes.plot(at, middle, color=colour, linewidth=1.8, linestyle=style, label=basis)
        top = max(top, float(high[-1]))
    axes.set_yscale("symlog", linthresh=10)
    axes.set_ylim(0, 1.5 * top)
    ticks = [v for v in (0, 10, 100, 1000, 10_000) if v <= 1.5 * top]
    axes.set_yticks(ticks, [axis_number(v) for v in ticks])
    axes.minorticks_off()
    axes.grid(axis="y")
    _months(axes, study)
    axes.set_title(f"{quantity.capitalize()} so far; persons", loc="left", fontsize=11)
    axes.legend(loc="lower right", fontsize=8, frameon=False)


def _months(axes: Axes, study: ProsecutionStudy) -> None:
    run = study.runs[PRIOR]
    axes.set_xlim(1, run.months)
    ends = list(range(12, run.months + 1, 12))
    axes.set_xticks(ends, [run.month(end - 1) for end in ends])


def published_rows(study: ProsecutionStudy) -> list[dict[str, str]]:
    """Return the published counts as rows: every number by date, publisher and stage."""
    beside = {
        (d.event, d.date, d.publisher, d.number): d.beside for d in disputes(study.prosecutions)
    }
    return [
        {
            "event": row.event,
            "date": row.date or "not dated",
            "publisher": row.publisher,
            "stage": row.stage,
            "number": row.text,
            "unit": row.unit,
            "beside others": beside.get((row.event, row.date, row.publisher, row.text), ""),
            "part of": row.subset_of,
            "source": f"{row.reference} {row.locator}".strip(),
            "claims": row.claims,
            "grade": row.grade,
            "note": row.note,
        }
        for row in study.prosecutions.counts
    ]


def prediction_rows(study: ProsecutionStudy) -> list[dict[str, str]]:
    """Return quantiles by quantity and month: prior, updated, and with each count left out."""
    rows = predictions(study)
    found = []
    for quantity, by in dict.fromkeys((row.quantity, row.by) for row in rows):
        own = {row.basis: row for row in rows if (row.quantity, row.by) == (quantity, by)}
        left = [row for basis, row in own.items() if basis not in (PRIOR, UPDATED)]
        middles = [row.q50 for row in left] or [own[UPDATED].q50]
        found.append(
            {
                "quantity": quantity,
                "by": by,
                **{
                    basis: f"{rounded(own[basis].q50)} ({rounded(own[basis].q05)} to"
                    f" {rounded(own[basis].q95)})"
                    for basis in (PRIOR, UPDATED)
                },
                "medians with a count left out": f"{rounded(min(middles))} to"
                f" {rounded(max(middles))}",
                "chance of any": percent(own[UPDATED].some),
                "known before": own[UPDATED].known_before,
            }
        )
    return found
