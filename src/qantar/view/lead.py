"""The first screen: the headline and the big numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from qantar.arrays import Numbers
from qantar.evidence.targets import DATED
from qantar.study.run import Run
from qantar.view.lookup import Lookup
from qantar.view.phrases import said
from qantar.view.style import VERDICTS, Mark, about, long_day, rounded, short_day, span

_ASKED = (
    ("crowd_peak", "any", "Most people in the street at once"),
    ("deaths", "total", "Killed, forces not counted"),
    ("detained_published", "total", "Detained, as published"),
    ("active_places", "any", "Places with a visible protest"),
    ("last_day", "window", "Last day of protest"),
)
_SILENT = "no figure for the whole country"


@dataclass(frozen=True)
class Card:
    """One big number: what it is, its middle, its 90 % range and what the sources say."""

    title: str
    middle: str
    range: str
    says: str
    mark: Mark | None


def cards(run: Run, lookup: Lookup) -> list[Card]:
    """Return the big numbers of a run."""
    country = run.outcome.layout.country
    scores = {(s.target.variable, s.target.level, s.target.date): s for s in run.scores}
    result = []
    for variable, date, title in _ASKED:
        low, middle, high = _three(lookup, variable, country, date)
        found = scores.get((variable, "country", date))
        says = said(found.target) if found else _SILENT
        mark = VERDICTS[found.verdict] if found else None
        result.append(Card(title, middle, span(low, high), says, mark))
    return result


def headline(run: Run, lookup: Lookup) -> list[str]:
    """Return what happened in the run, in sentences with ranges."""
    layout = run.outcome.layout
    country = layout.country
    daily = lookup.by_day("crowd_peak", "country", country, layout.dates)[:, 2]
    fullest = layout.first_day + dt.timedelta(days=int(np.nanargmax(daily)))
    peak = lookup.numbers("crowd_peak", "country", country, "any")
    deaths = lookup.numbers("deaths", "country", country, "total")
    places = lookup.numbers("active_places", "country", country, "any")
    killed = _count(deaths, "nobody is", "one person is", "people are")
    return [
        f"By the middle estimate the streets are fullest on {long_day(fullest)}: at the height of "
        f"the crisis {about(peak[2])} people are out at once across {country} (in 90\u00a0% of "
        f"runs {_range(peak)}), and protest shows in {about(places[2])} of {len(layout.places)} "
        f"places ({_range(places)}).",
        f"Police and soldiers aside, {killed} killed ({_range(deaths)}){_against(run, 'deaths')}.",
    ]


def _range(quantiles: Numbers) -> str:
    return span(rounded(float(quantiles[0])), rounded(float(quantiles[4])))


def belief_in_words(run: Run, fitted_on: object) -> str:
    """Return where the parameters of a run come from, and what they were fitted on."""
    belief = run.scenario.belief
    if belief == "prior":
        return "drawn from prior beliefs; this run was not fitted to anything"
    if belief == "middle":
        return "the middle of every prior belief; this run was not fitted to anything"
    how = "drawn from the posterior given" if belief == "posterior" else "fitted on"
    if not fitted_on:
        return f"{how} targets of this pack; which ones is not recorded"
    if not isinstance(fitted_on, list | tuple):
        return f"{how} {fitted_on}"
    held = {target.target for target in run.targets if target.use == "held"}
    spoilt = sum(str(name) in held for name in fitted_on)
    warning = f" ({spoilt} of them held back, which spoils the test)" if spoilt else ""
    return f"{how} {len(fitted_on)} targets{warning}: " + ", ".join(map(str, fitted_on))


def _three(lookup: Lookup, variable: str, country: str, date: str) -> tuple[str, str, str]:
    if variable in DATED:
        texts = lookup.texts(variable, "country", country, date)
        days = [short_day(dt.date.fromisoformat(t)) if t else "never" for t in texts]
        return days[0], days[2], days[4]
    numbers = lookup.numbers(variable, "country", country, date)
    return rounded(numbers[0]), rounded(numbers[2]), rounded(numbers[4])


def _count(quantiles: Numbers, *forms: str) -> str:
    nobody, one, more = forms
    middle = round(float(quantiles[2])) if quantiles[2] == quantiles[2] else 0
    if middle == 0:
        return nobody
    return one if middle == 1 else f"{about(middle)} {more}"


def _against(run: Run, variable: str) -> str:
    for item in run.scores:
        target = item.target
        if (target.variable, target.level, target.date) == (variable, "country", "total"):
            return f", while the sources speak of {said(target)}"
    return ""
