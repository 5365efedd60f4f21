"""The curve of a dose or a date: deaths against how much, or when."""

from __future__ import annotations

from markupsafe import Markup

from qantar.view.style import INK, RULE
from qantar.view.svg import figure_of, to_svg
from qantar.view.whatif.changed import Range
from qantar.view.whatif.numbers import gap_of, reach
from qantar.view.whatif.rows import Row, Rows
from qantar.view.whatif.scale import AFTER, BAND, brief_axis

_WIDTH, _HEIGHT, _FRAME = 600.0, 280.0, (0.12, 0.2, 0.85, 0.76)
_MOST_TICKS = 6


def dose_curve(rows: Rows, varied: Range) -> Markup:
    """Return the difference in deaths with its interval against the dose or the date."""
    found: list[tuple[float, str, Row]] = []
    for label, at, text in varied.points:
        row = rows.find(label, "deaths")
        if row is not None:
            found.append((at, text, row))
    x = [at for at, _, _ in found]
    own = [row for _, _, row in found]
    drawing = figure_of(_WIDTH, _HEIGHT)
    axes = drawing.add_axes(_FRAME)
    axes.fill_between(
        x, [r.low for r in own], [r.high for r in own], color=BAND[AFTER], alpha=0.35, linewidth=0
    )
    axes.plot(x, [r.difference for r in own], color=AFTER, linewidth=1.6)
    for at, row in zip(x, own, strict=True):
        axes.plot([at, at], [row.low, row.high], color=AFTER, linewidth=1.4)
        axes.plot([at], [row.difference], "D", color=AFTER, markersize=6,
                  markerfacecolor=AFTER if row.clear else "white")  # fmt: skip
    axes.axhline(0, color=INK, linewidth=1)
    every = max(1, -(-len(found) // _MOST_TICKS))
    axes.set_xticks(x[::every], [text for _, text, _ in found[::every]])
    axes.xaxis.grid(visible=True, color=RULE)
    axes.set_xlabel(varied.axis)
    axes.set_ylabel("deaths, changed − as it was")
    brief_axis(axes)
    label = "; ".join(
        f"{text}: {gap_of('', r.difference)} ({reach('', r.low, r.high)})" for _, text, r in found
    )
    words = f"Difference in deaths against {varied.axis}, 90 % interval of the mean: {label}."
    return to_svg(drawing, "doses", words)
