"""Figures of what happened: waves beside the model's, and acts of the state by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from qantar.packs.years import Years
from qantar.reports.style import BLUE, INK, MUTED, ORANGE, SKY, to_svg
from qantar.reports.years.axes import FREE, Span, decimal_year, end_year, name_row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LANES = {
    "constitution": "Constitution",
    "law": "Laws",
    "office": "Offices",
    "party": "Parties",
    "media": "Media",
    "security": "Security",
    "presidential": "Presidential vote",
    "parliamentary": "Parliamentary vote",
    "referendum": "Referendum",
    "concede": "Conceded",
    "promise": "Promised",
    "repress": "Repressed",
    "arrest": "Arrested",
    "ignore": "Ignored",
}
"""Kinds of what happened, with the names of their rows, from top to bottom."""

_LANE = 17.0
_WAVES = 190.0
_MARKS = {"votes": ("D", ORANGE), "answers": ("s", BLUE), "events": ("o", INK)}
_GROUPS = {
    **dict.fromkeys(("presidential", "parliamentary", "referendum"), "votes"),
    **dict.fromkeys(("concede", "promise", "repress", "arrest", "ignore"), "answers"),
}


@dataclass(frozen=True)
class Happening:
    """A dated act: when, of what kind, and what."""

    date: str
    kind: str
    label: str


def happenings(years: Years, since: float, end: float) -> list[Happening]:
    """Return events, votes and answers of the state between two years, in order of date."""
    titles = {trigger.trigger: trigger.label for trigger in years.triggers}
    found = [Happening(each.date, each.kind, each.label) for each in years.events]
    for vote in years.elections:
        shares = [
            f"{name} {value:g} %"
            for name, value in (("turnout", vote.turnout), ("winner", vote.winner_share))
            if value is not None
        ]
        rest = f" ({', '.join(shares)})" if shares else ""
        found.append(Happening(vote.date, vote.kind, f"{vote.label}{rest}"))
    for answer in years.answers:
        about = f" (about: {titles[answer.trigger]})" if answer.trigger in titles else ""
        found.append(Happening(answer.date, answer.kind, f"{answer.label}{about}"))
    shown = [each for each in found if since <= decimal_year(each.date) < end]
    return sorted(shown, key=lambda each: (decimal_year(each.date), each.kind))


def waves_figure(span: Span, numbers: dict[str, int]) -> Markup | None:
    """Draw the regions of every dated trigger: observed, and range of the free histories.

    Parameters
    ----------
    numbers : dict of str to int
        Number of each trigger in the table below.
    """
    table = span.study.tables["triggers"]
    table = table[table["trigger"].isin(list(numbers))]
    if table.empty:
        return None
    with span.rows([_WAVES]) as (figure, (axes,)):
        for opening in span.study.scenario.years.header.opening:
            first, last = decimal_year(opening.begins), end_year(opening.ends)
            axes.axvspan(first, last, color=SKY, alpha=0.14, linewidth=0)
        _draw_waves(axes, table, numbers)
        count = len(span.study.scenario.country.regions)
        axes.set_ylim(-0.8, count + 1.6)
        axes.set_yticks(np.unique([0, count // 4, count // 2, 3 * count // 4, count]))
        name_row(axes, f"Regions out after each dated trigger, of {count}")
        return to_svg(figure, "waves", "Regions out after each trigger: observed and simulated")


def _draw_waves(axes: Axes, table: pd.DataFrame, numbers: dict[str, int]) -> None:
    wide = axes.get_xlim()[1] - axes.get_xlim()[0]
    shift, last, lift = 0.0022 * wide, -np.inf, 0.0
    for row in table.to_dict("records"):
        at = decimal_year(str(row["date"]))
        low, high = float(row["regions_q05"]), float(row["regions_q95"])
        axes.vlines(at + shift, low, high, color=FREE, alpha=0.45, linewidth=2.6)
        axes.plot(at + shift, row["regions"], "_", color=FREE, markersize=7, markeredgewidth=1.8)
        seen = float(row["regions_observed"])
        if np.isnan(seen):
            axes.plot(at - shift, 0, "x", color=MUTED, markersize=5)
            continue
        waved = row["outcome"] == "waved"
        inside = INK if waved else "white"
        size = 6.5 if waved else 4.5
        axes.plot(at - shift, seen, "o", color=INK, markerfacecolor=inside, markersize=size)
        if waved:
            # A number close to the one before stands higher.
            lift = 1.7 if not lift and at - last < 0.022 * wide else 0.0
            last, number = at, str(numbers[str(row["trigger"])])
            axes.text(at - shift, seen + 0.6 + lift, number, ha="center", va="bottom", fontsize=10)


def acts_figure(span: Span, acts: list[Happening]) -> Markup | None:
    """Draw one row for each kind of act that there is."""
    kinds = [kind for kind in LANES if any(act.kind == kind for act in acts)]
    if not kinds:
        return None
    with span.rows([_LANE * len(kinds)]) as (figure, (axes,)):
        axes.set_ylim(len(kinds) - 0.4, -0.6)
        for opening in span.study.scenario.years.header.opening:
            first, last = decimal_year(opening.begins), end_year(opening.ends)
            axes.axvspan(first, last, color=SKY, alpha=0.14, linewidth=0)
        for k, kind in enumerate(kinds):
            at = [decimal_year(act.date) for act in acts if act.kind == kind]
            shape, colour = _MARKS[_GROUPS.get(kind, "events")]
            axes.plot(at, [k] * len(at), shape, color=colour, markersize=5)
        names = [LANES[kind].removesuffix(" vote") for kind in kinds]
        axes.set_yticks(range(len(kinds)), names, fontsize=9)
        name_row(axes, "Dated acts: institutions (circles), votes (diamonds), answers (squares)")
        return to_svg(figure, "acts", "Dated acts of the state by kind")
