"""Report of a run: an HTML page with its results, their uncertainty, and a scorecard."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.accuracy import accuracy
from qantar.analysis.run import Run
from qantar.analysis.run_directory import EVIDENCE
from qantar.analysis.scores import WIDEST_FACTOR
from qantar.base.arrays import Numbers
from qantar.evidence.targets import DATED
from qantar.reports import phrases
from qantar.reports.casualties import Lookup, tolls
from qantar.reports.maps import BREAKS, HOUR, LEGEND_CROWDS, circle_radius, map_panels
from qantar.reports.phrases import overrides_in_words, provenance_rows, said
from qantar.reports.scorecard import scorecard_groups
from qantar.reports.style import (
    BLUE,
    ORANGE,
    SKY,
    VERDICTS,
    Mark,
    about,
    heat_legend,
    long_day,
    render,
    rounded,
    short_day,
    span,
)
from qantar.reports.timeline import action_key, country_fan, region_fans

CARDS = (
    ("crowd_peak", "any", "Largest number in the street at once"),
    ("deaths", "total", "Killed, excluding police and soldiers"),
    ("detained_published", "total", "Detained, as published"),
    ("active_places", "any", "Places with a visible protest"),
    ("last_day", "window", "Last day of protest"),
)
"""The main results of a run: variable, date and title."""

_SILENT = "no figure for the whole country"
_DECIDES = {
    "script": "on the dates that the sources give",
    "rules": "by the rules of its offices, from what they observe",
}
_HELD = ("held", "Held back", "not used for fitting, so a harder test")
_WEAK = ("weak", "Weak", "too vague to fit or to be hit; only a miss counts")
_KINDS = {"held": "held-back", "fit": "other", "weak": "weak"}


@dataclass(frozen=True)
class Card:
    """One key figure: its median, its 90 % range and what the sources say."""

    title: str
    median: str
    range: str
    says: str
    mark: Mark | None


@dataclass(frozen=True)
class Tally:
    """Verdicts, coverage and CRPS of the targets of one use."""

    title: str
    about: str
    total: int
    parts: tuple[tuple[str, int], ...]
    sentence: str
    accuracy: str


def render_report(run: Run, facts: pd.DataFrame, manifest: dict[str, Any]) -> str:
    """Return a run as one HTML page without external files.

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
        The page; byte-for-byte the same for the same run and manifest.
    """
    lookup = Lookup(facts)
    episode, layout, scores = run.scenario.episode, run.outcome.layout, run.scores
    first, last = episode.first_day, episode.last_day
    shades = heat_legend([f"{BREAKS[0]:g}", *(f"{bound:,.0f}" for bound in BREAKS[1:])])
    return render(
        "report.html.j2",
        run=run,
        evidence=EVIDENCE,
        episode=episode,
        account=run.scenario.account,
        country=layout.country,
        window=f"{long_day(first)} to {long_day(last)} {last.year}",
        belief=parameter_source(run, None) if not fitted(run) else "",
        headline=headline(run, lookup),
        widest_factor=WIDEST_FACTOR,
        cards=cards(run, lookup),
        tallies=tallies(run),
        use_names=phrases.USE_NAMES,
        marks=VERDICTS,
        fan=country_fan(run, "fan", 1080, actions=False),
        fan_narrow=country_fan(run, "fannarrow", 380, actions=False),
        timeline=country_fan(run, "timeline", 1080, actions=True),
        timeline_narrow=country_fan(run, "timelinenarrow", 380, actions=True),
        actions=action_key(episode),
        clock=run.scenario.country.header.clock,
        maps=map_panels(run),
        shades=shades,
        crowd_sizes=[(crowd, circle_radius(crowd)) for crowd in LEGEND_CROWDS],
        map_hour=HOUR,
        regions=region_fans(run),
        tolls=tolls(run, lookup),
        scorecard=[(title, about, scorecard_groups(run, use)) for use, title, about in uses(run)],
        misses=phrases.shortfall_sentences(scores, layout, "miss"),
        nears=phrases.shortfall_sentences(scores, layout, "near"),
        vague=phrases.shortfall_sentences(scores, layout, "uninformative"),
        leanings=phrases.bias_sentences(scores),
        sure=phrases.uncertainty_sentences(scores, layout),
        made=made(run, manifest),
        citations=[str(line) for line in manifest.get("citations") or ()],
        sources=_sources(run),
        blue=BLUE,
        sky=SKY,
        orange=ORANGE,
    )


def cards(run: Run, lookup: Lookup) -> list[Card]:
    """Return the key figures of a run."""
    country = run.outcome.layout.country
    scores = {(s.target.variable, s.target.level, s.target.date): s for s in run.scores}
    result = []
    for variable, date, title in CARDS:
        if variable in DATED:
            days = lookup.days(variable, "country", country, date)
            texts = ["never" if day is None else short_day(day) for day in days]
        else:
            numbers = lookup.numbers(variable, "country", country, date)
            texts = [rounded(float(number)) for number in numbers]
        low, _, median, _, high = texts
        found = scores.get((variable, "country", date))
        says = said(found.target) if found else _SILENT
        mark = VERDICTS[found.verdict] if found else None
        result.append(Card(title, median, span(low, high), says, mark))
    return result


def headline(run: Run, lookup: Lookup) -> list[str]:
    """Return the main results of the run: medians with 90 % ranges."""
    layout = run.outcome.layout
    country = layout.country
    daily = lookup.by_day("crowd_peak", "country", country, layout.dates)[:, 2]
    fullest = layout.first_day + dt.timedelta(days=int(np.nanargmax(daily)))
    peak = lookup.numbers("crowd_peak", "country", country, "any")
    deaths = lookup.numbers("deaths", "country", country, "total")
    places = lookup.numbers("active_places", "country", country, "any")
    median = 0 if np.isnan(deaths[2]) else round(float(deaths[2]))
    killed = {0: "nobody is killed", 1: "one person is killed"}.get(
        median, f"{about(median)} people are killed"
    )
    against = next(
        (
            f"; the sources give {said(target)}"
            for target in (score.target for score in run.scores)
            if (target.variable, target.level, target.date) == ("deaths", "country", "total")
        ),
        "",
    )
    return [
        f"In the median run protest peaks on {long_day(fullest)}. At most {about(peak[2])} people "
        f"are in the street at once across {country} (90\u00a0% of runs: {_range(peak)}), and "
        f"{about(places[2])} of {len(layout.places)} places see a protest ({_range(places)}).",
        f"Police and soldiers not counted, {killed} ({_range(deaths)}){against}.",
    ]


def _range(quantiles: Numbers) -> str:
    return span(rounded(float(quantiles[0])), rounded(float(quantiles[4])))


def parameter_source(run: Run, fitted_on: object) -> str:
    """Return the source of a run's parameters, and the targets they were fitted on."""
    belief = run.scenario.belief
    if belief == "prior":
        return "drawn from the prior; not fitted"
    if belief == "middle":
        return "the centre of every prior; not fitted"
    how = "drawn from the posterior given" if belief == "posterior" else "fitted on"
    if not fitted_on:
        return f"{how} targets of this pack (list not recorded)"
    if not isinstance(fitted_on, list | tuple):
        return f"{how} {fitted_on}"
    held = {target.target for target in run.targets if target.use == "held"}
    leaked = sum(str(name) in held for name in fitted_on)
    warning = f" (including {leaked} held back, so they are no independent test)" if leaked else ""
    return f"{how} {len(fitted_on)} targets{warning}; manifest.json lists them"


def fitted(run: Run) -> bool:
    """Whether the parameters of a run are a fitted ensemble or a posterior."""
    return run.scenario.belief in ("fitted", "posterior")


def uses(run: Run) -> tuple[tuple[str, str, str], ...]:
    """Return the uses of targets, each with a title and its meaning for this run."""
    seen = (
        "the model was fitted to targets of this group"
        if fitted(run)
        else "can be used for fitting, but this run is not fitted"
    )
    always = _HELD, ("fit", "Open to fitting", seen)
    weak = any(target.use == "weak" for target in run.targets)
    return (*always, _WEAK) if weak else always


def tallies(run: Run) -> list[Tally]:
    """Return how well the run does on held-back targets, on those open to fitting, on weak ones."""
    result = []
    for use, title, explanation in uses(run):
        own = [s for s in run.scores if s.target.use == use]
        parts = tuple((str(v), sum(s.verdict == v for s in own)) for v in VERDICTS)
        kind = _KINDS[use]
        result.append(
            Tally(
                title,
                explanation,
                len(own),
                parts,
                phrases.hit_count_sentence(own, kind),
                phrases.accuracy_sentence(accuracy(run.outcome, run.scenario.episode, own)),
            )
        )
    return result


def made(run: Run, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how the run was made, as names and values."""
    scenario = run.scenario
    return [
        ("Account", f"{scenario.account.title} ({scenario.account.name})"),
        ("Parameters", parameter_source(run, manifest.get("fitted_on"))),
        ("State acts", _DECIDES[scenario.decisions]),
        ("Parameters set by hand", overrides_in_words(scenario, manifest)),
        ("Runs", f"an ensemble of {run.members} members, seed {run.seed}"),
        *provenance_rows(scenario, manifest),
    ]


def _sources(run: Run) -> list[tuple[str, str]]:
    """Return the sources cited by the claims behind the targets."""
    known = run.scenario.country.sources
    used = {run.claims[c].source for target in run.targets for c in target.claim_ids}
    lines = []
    for name in sorted(used):
        source = known.get(name)
        if source is None:
            lines.append((name, ""))
            continue
        date = source.date
        with suppress(ValueError):  # a year or a month is left unchanged
            day = dt.date.fromisoformat(date)
            date = f"{long_day(day)} {day.year}"
        parts = (source.author, source.title, date)
        lines.append((name, ". ".join(part for part in parts if part)))
    return lines
