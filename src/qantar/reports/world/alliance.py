"""Drawing of the alliance: decisions from crisis to crisis, and the allied force day by day."""

from __future__ import annotations

import datetime as dt
import textwrap
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from qantar.analysis.world.alliance import AllianceStudy
from qantar.analysis.world.consent import ConsentRow
from qantar.packs.years_tables import first_day
from qantar.reports.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RULE,
    VERMILION,
    blank_figure,
    short_day,
    styled,
    to_svg,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 1100.0, 660.0
_LEFT, _RIGHT = 66.0, 14.0
_SMALL = 9.0
_HIGHEST = 8000.0
"""Persons at the top of the lower panel; the upper range of draws goes beyond it, and says so."""

_TOTALS = ((":", "o"), ("--", "s"), ("-.", "^"))


def alliance_figure(study: AllianceStudy) -> Markup:
    """Return the drawing of decisions and of the deployment by day.

    Parameters
    ----------
    study : AllianceStudy

    Returns
    -------
    Markup
        An ``svg`` element with a text alternative.
    """
    width = 1 - (_LEFT + _RIGHT) / _WIDTH
    with styled():
        figure = blank_figure(_WIDTH, _HEIGHT)
        _draw_decisions(figure.add_axes((_LEFT / _WIDTH, 0.56, width, 0.37)), study)
        _draw_days(figure.add_axes((_LEFT / _WIDTH, 0.07, width, 0.38)), study)
        return to_svg(figure, "alliance", _label(study))


def alliance_rows(study: AllianceStudy) -> list[dict[str, str]]:
    """Return the rows of the table below the drawing: crises, and probabilities of consent.

    Returns
    -------
    list of dict
        Crisis, when, asked, decision, use, prior, posterior, left out, its range, and the verdict.
    """
    return [
        {
            "crisis": row.request.label,
            "when": row.request.when,
            "asked": row.request.asked,
            "decision": row.request.decision,
            "use": row.request.use,
            "prior": f"{row.prior:.2f}",
            "posterior": f"{row.posterior:.2f}",
            "left out": f"{row.left_out:.2f}",
            "90 % of draws": f"{row.low:.2f} to {row.high:.2f}",
            "with asking": f"{row.troops:.2f}",
            "verdict": "hit" if row.right else "miss",
            "recalled": ", ".join(row.request.recalled_columns),
        }
        for row in study.consent.rows
    ]


def day_rows(study: AllianceStudy) -> list[dict[str, str]]:
    """Return persons by day and state: median and 90 % of draws, from the day of the request."""
    found = []
    names = [*study.deployment.contingents, ""]
    quantiles = {name: study.deployment.quantiles(name) for name in names}
    for k, day in enumerate(study.deployment.days):
        if day >= study.alliance.moment("requested")[0]:
            row = {"day": short_day(day)}
            for name in names:
                low, _, middle, _, high = quantiles[name][:, k]
                row[name or "all"] = f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"
            found.append(row)
    return found


def weight_rows(study: AllianceStudy) -> list[dict[str, str]]:
    """Return the weights of the rule of consent, in log odds, before and after the decisions."""
    return [
        {
            "weight": row.name,
            "prior": f"{row.prior:+.1f}",
            "posterior": f"{row.posterior:+.1f}",
            "90 % of draws": f"{row.low:+.1f} to {row.high:+.1f}",
            "above zero, prior": f"{row.above_prior:.2f}",
            "above zero": f"{row.above:.2f}",
        }
        for row in study.consent.weights
    ]


def contagion_rows(study: AllianceStudy) -> list[dict[str, str]]:
    """Return who sent troops, how many, and the change of policing that is not told."""
    return [
        {
            "state": row.state.country,
            "member": row.state.member,
            "fear": f"{row.fear:.2f}",
            "sent, persons": f"{row.told:,.0f}",
            "sends, prior": f"{row.sends_prior:.2f}",
            "sends, posterior": f"{row.sends:.2f}",
            "sends, left out": f"{row.sends_left_out:.2f}",
            "contingent if it sends": "{:,.0f} ({:,.0f} to {:,.0f})".format(*row.size),
            "policing afterwards": f"{row.harsher[1]:+.0%} to {row.harsher[2]:+.0%}",
        }
        for row in study.contagion.rows
    ]


def prediction_rows(study: AllianceStudy) -> list[dict[str, str]]:
    """Return predicted memberships, with the prior beside each probability."""
    return [
        {
            "what": row.what,
            "at": row.at,
            "prior": f"{row.prior:.2f}",
            "probability": f"{row.probability:.2f}",
            "90 % of draws": f"{row.low:.2f} to {row.high:.2f}",
            "seen until": row.seen,
        }
        for row in study.predictions
    ]


def _label(study: AllianceStudy) -> str:
    told = "; ".join(
        f"{row.request.label}: {row.request.decision}, left out {row.left_out:.2f}"
        for row in study.consent.rows
    )
    low, middle, high = study.deployment.range_of("arrives")
    return (
        f"Crises and decisions of the alliance, with the probability of troops if asked. {told}. "
        f"Below, the allied force by day: first arrival in draws on {short_day(middle)}, "
        f"90 % {short_day(low)} to {short_day(high)}; the rows are listed in the table"
    )


def _draw_decisions(axes: Axes, study: AllianceStudy) -> None:
    """Draw every crisis at its probability, with a mark for what was decided."""
    rows = study.consent.rows
    axes.axhline(0.5, color=RULE, linewidth=0.8)
    for k, row in enumerate(rows):
        axes.vlines(k, row.low, row.high, color=MUTED, linewidth=1.2)
        axes.plot(k, row.prior, "_", color=MUTED, markersize=16, markeredgewidth=2)
        _mark(axes, k, row.left_out, row)
        axes.annotate(
            f"{row.left_out:.2f}",
            (k, row.left_out),
            xytext=(9, -3),
            textcoords="offset points",
            fontsize=_SMALL,
        )
    names = [_name(row) for row in rows]
    axes.set_xticks(range(len(rows)), names, fontsize=_SMALL)
    axes.set_xlim(-0.5, len(rows) - 0.35)
    axes.set_ylim(0, 1)
    axes.set_ylabel("probability")
    axes.set_title(
        "Troops if asked, other decisions known:  ✓ sent   ✗ not sent   hollow: held out   "
        "— prior   line: 90 % of draws",
        loc="left",
        fontsize=11,
    )


def _mark(axes: Axes, x: float, y: float, row: ConsentRow) -> None:
    """Draw the decision: a tick in a circle, or a cross in a square."""
    colour = GREEN if row.request.sent else VERMILION
    axes.plot(
        x,
        y,
        "o" if row.request.sent else "s",
        color=colour if row.fitted else "white",
        markeredgecolor=colour,
        markeredgewidth=1.4,
        markersize=13,
        zorder=4,
    )
    ink = "white" if row.fitted else INK
    symbol = "✓" if row.request.sent else "✗"
    axes.text(x, y, symbol, color=ink, ha="center", va="center", fontsize=10, zorder=5)


def _name(row: ConsentRow) -> str:
    label = "\n".join(textwrap.wrap(row.request.label, 20))
    return f"{label}\nasked: {row.request.asked}"


def _draw_days(axes: Axes, study: AllianceStudy) -> None:
    """Draw the force by day in draws, with the totals and the moments that are told."""
    deployment, alliance = study.deployment, study.alliance
    at = np.arange(len(deployment.days)) + 0.5
    low, lower, middle, upper, high = deployment.quantiles()
    axes.fill_between(at, low, high, color=BLUE, alpha=0.16, linewidth=0)
    axes.fill_between(at, lower, upper, color=BLUE, alpha=0.3, linewidth=0)
    axes.plot(at, middle, color=BLUE, linewidth=1.8)

    def place(day: dt.date) -> float:
        return float((day - deployment.origin).days)

    for (line, marker), row in zip(_TOTALS, alliance.of_kind("total"), strict=False):
        persons = row.persons or 0.0
        text = f"{'almost ' if row.reading == 'almost' else ''}{persons:,.0f} told"
        days = [place(alliance.moment(name)[k]) for name, k in (("arrived", 0), ("left", 0))]
        axes.plot(days, [persons, persons], line, color=ORANGE, linewidth=1.6)
        axes.plot(place(first_day(row.day)) + 0.5, persons, marker, color=ORANGE, markersize=6)
        axes.text(days[1] + 0.2, persons, text, va="center", fontsize=_SMALL)
    for k, row in enumerate(alliance.of_kind("moment")):
        first, last = alliance.moment(row.row)
        axes.axvspan(place(first), place(last) + 1, color=MUTED, alpha=0.12, linewidth=0)
        height = _HIGHEST * (0.95 - 0.075 * (k % 2))
        name = f"{row.row} (recalled)" if row.grade == "assumed" else row.row
        axes.text(place(first) + 0.08, height, name, fontsize=_SMALL, color=INK)
    told = alliance.of_kind("contingent")
    sent = "\n".join(f"{row.country} {row.persons:,.0f}" for row in told)
    if told:
        at_day = first_day(told[0].day)
        text = f"Told, {short_day(at_day)}:\n{sent}"
        axes.text(place(at_day) + 0.1, 0.54 * _HIGHEST, text, fontsize=_SMALL, color=INK)
    ticks = range(0, len(deployment.days), 2)
    axes.set_xticks(ticks, [short_day(deployment.days[k]) for k in ticks], fontsize=_SMALL)
    axes.set_xlim(2, len(deployment.days))
    axes.set_ylim(0, _HIGHEST)
    axes.set_ylabel("persons")
    axes.set_title(
        "Allied force by day, persons: median, 50 % and 90 % of prior draws "
        f"(up to {high.max():,.0f})",
        loc="left",
        fontsize=11,
    )
