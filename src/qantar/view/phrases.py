"""Targets and their values in plain words."""

from __future__ import annotations

import datetime as dt
import math

from qantar.evidence.targets import DATED, Target
from qantar.study.fact_groups import GROUPS
from qantar.study.outcome import Layout
from qantar.study.score import PROBABILITIES, Score
from qantar.view.style import day_span, exact, long_day, percent, rounded, short_day, span

SHARES = ("peaceful_share", "deaths_share")
_SUBJECTS = {
    "onset_day": "First day of protest in {where}",
    "last_day": "Last day of protest in {where}",
    "active": "Any protest in {where}",
    "active_places": "Places with a visible protest in {where}",
    "active_elsewhere": "Any protest outside {where}",
    "regions_active": "Regions with a visible protest in {where}",
    "crowd_peak": "Largest crowd in {where}",
    "participants": "People taking part in {where}",
    "violent": "Violence in {where}",
    "peaceful_share": "Protests in {where} that stayed peaceful",
    "buildings_attacked": "State buildings attacked in {where}",
    "businesses_looted": "Businesses looted in {where}",
    "deaths": "Killed in {where}, police and soldiers not counted",
    "deaths_share": "Share of all deaths that fell in {where}",
    "security_deaths": "Police and soldiers killed in {where}",
    "wounded": "Wounded in {where}",
    "detained_cumulative": "Detained in {where}",
    "detained_published": "Detained in {where}, as published",
}
_RUNNING = ("buildings_attacked", "businesses_looted", *GROUPS["Dead and wounded"])


def subject(target: Target) -> str:
    """Return what a target is about: First day of protest in Almaty."""
    form = _SUBJECTS.get(target.variable, target.variable + " in {where}")
    text = form.format(where=_where(target))
    try:
        day = dt.date.fromisoformat(target.date)
    except ValueError:
        return text
    by = "by" if target.variable in (*_RUNNING, *GROUPS["Detained"]) else "on"
    return f"{text}, {by} {long_day(day)}"


def _where(target: Target) -> str:
    """Return the unit's name, so that a region is not taken for the town of the same name."""
    plain = target.level != "region" or target.name.endswith(("Region", "region", ")"))
    return target.name if plain else f"{target.name} region"


def said(target: Target) -> str:
    """Return what the sources say: 225 to 255, 3 January, yes."""
    if target.variable in DATED:
        days = [dt.date.fromisoformat(day) for day in (target.low, target.high)]
        return day_span(days[0], days[1], short_day)
    low, high = float(target.low), float(target.high)
    if target.variable in PROBABILITIES:
        return "yes" if low >= 0.5 else "no" if high <= 0.5 else "open"
    if target.variable in SHARES:
        return span(percent(low), percent(high))
    return span(exact(low), exact(high))


def value_in_words(variable: str, value: float, layout: Layout) -> str:
    """Return one value of a run: 4 Jan, 94 % or 5,200; never for what did not happen."""
    if variable in DATED:
        if math.isnan(value) or value >= layout.days:
            return "never"
        return short_day(layout.first_day + dt.timedelta(days=int(value)))
    if variable in SHARES and math.isnan(value):
        return "no deaths" if variable == "deaths_share" else "no protest"
    if variable in PROBABILITIES or variable in SHARES:
        return percent(value)
    return rounded(value)


def given(item: Score, layout: Layout) -> str:
    """Return what the model gives: the middle, then its 90 % range."""
    variable = item.target.variable
    middle = value_in_words(variable, item.q50, layout)
    if variable in PROBABILITIES:
        return f"in {middle} of runs"
    return f"{middle} ({model_range(item, layout)})"


def model_range(item: Score, layout: Layout) -> str:
    """Return the 90 % range of what the model gives."""
    variable = item.target.variable
    if variable in DATED and item.q95 < layout.days:
        days = [layout.first_day + dt.timedelta(days=int(v)) for v in (item.q05, item.q95)]
        return day_span(days[0], days[1], short_day)
    ends = [value_in_words(variable, v, layout) for v in (item.q05, item.q95)]
    return span(ends[0], ends[1])
