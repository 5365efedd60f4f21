"""The state of a pack for the page: the lifelines of every part, and the claims behind them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from qantar.analysis.state.lifelines import Lifeline, LifelinePart
from qantar.analysis.state.lookup import claim_values, claims_behind, line_values
from qantar.analysis.state.record import record_of_state
from qantar.packs.country import Country
from qantar.packs.state.contents import load_contents
from qantar.packs.years_tables import first_day, last_day

_DIGITS = 3


def state_payload(country: Country) -> dict[str, Any]:
    """Return the record of a pack's state as values that JSON has.

    Parameters
    ----------
    country : Country

    Returns
    -------
    dict
        ``parts`` is empty if the pack does not describe its state. ``first`` and ``end`` are years
        between which everything lies; a stretch without an end is drawn to ``end``. Dates are given
        as the pack has them, and as years with fractions for drawing.
    """
    parts = record_of_state(load_contents(country))
    lines = [line for part in parts for line in part.lines]
    years = [year for line in lines for year in _years(line)]
    end = math.ceil(max(years, default=0.0))
    return {
        "country": country.header.country,
        "first": math.floor(min(years, default=0.0)),
        "end": end,
        "parts": [_part(part, end) for part in parts],
        "claims": {
            key: claim_values(claim) for key, claim in claims_behind(country, lines).items()
        },
    }


def _years(line: Lifeline) -> list[float]:
    """Return all dates of a lifeline as years, the ends of stretches by their last day."""
    begins = [_begin(s.begins) for s in line.stretches if s.begins]
    ends = [_end(s.ends) for s in line.stretches if s.ends]
    return [*begins, *ends, *(_begin(m.date) for m in line.moments)]


def _part(part: LifelinePart, end: int) -> dict[str, Any]:
    return {
        "part": part.part,
        "note": part.note,
        "statuses": [{"status": name, "words": words} for name, words in part.statuses.items()],
        "lines": [_line(line, end) for line in part.lines],
    }


def _line(line: Lifeline, end: int) -> dict[str, Any]:
    """Return a lifeline with the years between which each stretch is drawn."""
    values = line_values(line)
    for each in values["stretches"]:
        last = _end(each["to"]) if each["to"] else end
        each["years"] = [round(_begin(each["from"]), _DIGITS), round(last, _DIGITS)]
    for each in values["moments"]:
        each["year"] = round(_begin(each["date"]), _DIGITS)
    return values


def _begin(moment: str) -> float:
    """Return the beginning of a year, month or day as a year."""
    return _as_year(first_day(moment))


def _end(moment: str) -> float:
    """Return the end of a year, month or day as a year."""
    return _as_year(last_day(moment) + dt.timedelta(days=1))


def _as_year(day: dt.date) -> float:
    start = dt.date(day.year, 1, 1)
    return day.year + (day - start).days / (dt.date(day.year + 1, 1, 1) - start).days
