"""The first screen: the headline and the big numbers.

The report: one page that says what happened in a run, how sure, and how far from the sources.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.run import Run
from qantar.analysis.run_directory import EVIDENCE
from qantar.base.arrays import Numbers
from qantar.evidence.targets import DATED
from qantar.reports import phrases
from qantar.reports.casualties import Lookup, tolls
from qantar.reports.maps import BREAKS, HOUR, LEGEND_CROWDS, circle_radius, map_panels
from qantar.reports.phrases import said
from qantar.reports.scorecard import groups_of
from qantar.reports.style import (
    BLUE,
    HEAT,
    ORANGE,
    SKY,
    VERDICTS,
    Mark,
    about,
    long_day,
    render,
    rounded,
    short_day,
    span,
)
from qantar.reports.timeline import action_key, country_fan, region_fans

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


_ABSENT = "not recorded"
_DECIDES = {
    "script": "on the dates that the sources give",
    "rules": "by the rules of its offices, from what they see",
}
_HELD = ("held", "Held back", "kept away from fitting, and so the harder test")


@dataclass(frozen=True)
class Tally:
    """How many targets of one use are hit, near and missed."""

    title: str
    about: str
    total: int
    parts: tuple[tuple[str, int], ...]
    sentence: str


def render_report(run: Run, facts: pd.DataFrame, manifest: dict[str, Any]) -> str:
    """Return a run as one HTML page that needs nothing else.

    Parameters
    ----------
    run : Run
    facts : DataFrame
        The run's table, as `qantar.analysis.facts.facts` returns it.
    manifest : dict
        How the run was made. Known keys: ``qantar_version``, ``python``, ``episode``,
        ``account``, ``belief``, ``members``, ``seed``, ``pack``, ``pack_fingerprint``,
        ``started``, ``wall_seconds``, ``machine``, ``overrides``, ``citations``, ``fitted_on``.

    Returns
    -------
    str
        The page. The same run and manifest give the same page, byte for byte.
    """
    return render("report.html.j2", **_page(run, facts, manifest))


def _page(run: Run, facts: pd.DataFrame, manifest: dict[str, Any]) -> dict[str, Any]:
    lookup = Lookup(facts)
    layout, scores = run.outcome.layout, run.scores
    return {
        "run": run,
        "evidence": EVIDENCE,
        "episode": run.scenario.episode,
        "account": run.scenario.account,
        "country": layout.country,
        "window": _window(run),
        "belief": belief_in_words(run, None) if not fitted(run) else "",
        "headline": headline(run, lookup),
        "cards": cards(run, lookup),
        "tallies": tallies(run),
        "marks": VERDICTS,
        "fan": country_fan(run, "fan", 1080, actions=False),
        "fan_narrow": country_fan(run, "fannarrow", 380, actions=False),
        "timeline": country_fan(run, "timeline", 1080, actions=True),
        "timeline_narrow": country_fan(run, "timelinenarrow", 380, actions=True),
        "actions": action_key(run.scenario.episode),
        "clock": run.scenario.country.header.clock_utc_offset,
        "maps": map_panels(run),
        "shades": _shades(),
        "crowd_sizes": [(crowd, circle_radius(crowd)) for crowd in LEGEND_CROWDS],
        "map_hour": HOUR,
        "regions": region_fans(run),
        "tolls": tolls(run, lookup),
        "scorecard": [(title, about, groups_of(run, use)) for use, title, about in uses(run)],
        "misses": phrases.shortfalls(scores, layout, "miss"),
        "nears": phrases.shortfalls(scores, layout, "near"),
        "leanings": phrases.leanings(scores),
        "sure": phrases.how_sure(scores, layout),
        "made": made(run, manifest),
        "citations": [str(line) for line in manifest.get("citations") or ()],
        "sources": _sources(run),
        "blue": BLUE,
        "sky": SKY,
        "orange": ORANGE,
    }


def fitted(run: Run) -> bool:
    """Whether the parameters of a run were fitted, roughly or as a posterior."""
    return run.scenario.belief in ("fitted", "posterior")


def uses(run: Run) -> tuple[tuple[str, str, str], ...]:
    """Return the two uses of targets, each with a title and what it means for this run."""
    seen = (
        "the model was fitted to such targets"
        if fitted(run)
        else ("may be used for fitting, but this run is not fitted")
    )
    return _HELD, ("fit", "Open to fitting", seen)


def tallies(run: Run) -> list[Tally]:
    """Return the tally of the held-back and of the other targets."""
    result = []
    for use, title, explanation in uses(run):
        own = [s for s in run.scores if s.target.use == use]
        parts = tuple((v, sum(s.verdict == v for s in own)) for v in VERDICTS)
        kind = "held-back" if use == "held" else "other"
        result.append(Tally(title, explanation, len(own), parts, phrases.tally_sentence(own, kind)))
    return result


def made(run: Run, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how the run was made, as names and values to read."""
    scenario = run.scenario
    overrides = manifest.get("overrides") or scenario.overrides
    pack = manifest.get("pack") or scenario.country.header.name
    fingerprint = manifest.get("pack_fingerprint") or scenario.country.fingerprint
    wall = manifest.get("wall_seconds")
    return [
        ("Account", f"{scenario.account.title} ({scenario.account.name})"),
        ("Parameters", belief_in_words(run, manifest.get("fitted_on"))),
        ("State decides", _DECIDES[scenario.decisions]),
        ("Held by hand", ", ".join(f"{k} = {v:g}" for k, v in overrides.items()) or "nothing"),
        ("Runs", f"{run.members} members of one ensemble, seed {run.seed}"),
        ("Country pack", f"{pack}, fingerprint {str(fingerprint)[:16]}"),
        (
            "Versions",
            f"Qantar {manifest.get('qantar_version', _ABSENT)}, "
            f"Python {manifest.get('python', _ABSENT)}",
        ),
        ("Started", str(manifest.get("started", _ABSENT))),
        ("Took", f"{float(wall):.0f} seconds" if wall is not None else _ABSENT),
        ("Machine", str(manifest.get("machine", _ABSENT))),
    ]


def _window(run: Run) -> str:
    first, last = run.scenario.episode.first_day, run.scenario.episode.last_day
    return f"{first.day} {first:%B} to {last.day} {last:%B} {last.year}"


def _shades() -> list[tuple[str, str]]:
    """Return the shades of the maps with what they stand for."""
    texts = [f"under {BREAKS[0]:g}"]
    texts += [f"{a:,.0f} to {b:,.0f}" for a, b in pairwise(BREAKS)]
    return list(zip(HEAT, [*texts, f"over {BREAKS[-1]:,.0f}"], strict=True))


def _sources(run: Run) -> list[tuple[str, str]]:
    """Return the sources that some claim behind a target cites."""
    known = run.scenario.country.sources
    used = {run.claims[c].source for target in run.targets for c in target.claim_ids}
    lines = []
    for name in sorted(used):
        source = known.get(name)
        parts = (source.author, source.title, _year(source.date)) if source else ()
        lines.append((name, ". ".join(part for part in parts if part)))
    return lines


def _year(date: str) -> str:
    try:
        day = dt.date.fromisoformat(date)
    except ValueError:
        return date
    return f"{day.day} {day:%B} {day.year}"
