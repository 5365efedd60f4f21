"""The report: one page that says what happened in a run, how sure, and how far from the sources."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from qantar.store.run_directory import EVIDENCE
from qantar.study.run import Run
from qantar.view import lead, words
from qantar.view.actions import action_key
from qantar.view.lookup import Lookup
from qantar.view.maps import BREAKS, HOUR, LEGEND_CROWDS, circle_radius, map_panels
from qantar.view.scorecard import groups_of
from qantar.view.style import BLUE, HEAT, ORANGE, SKY, VERDICTS
from qantar.view.templating import render
from qantar.view.timeline import country_fan, region_fans
from qantar.view.tolls import tolls

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
        The run's table, as `qantar.study.facts.facts` returns it.
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
        "belief": lead.belief_in_words(run, None) if not fitted(run) else "",
        "headline": lead.headline(run, lookup),
        "cards": lead.cards(run, lookup),
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
        "misses": words.shortfalls(scores, layout, "miss"),
        "nears": words.shortfalls(scores, layout, "near"),
        "leanings": words.leanings(scores),
        "sure": words.how_sure(scores, layout),
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
    for use, title, about in uses(run):
        own = [s for s in run.scores if s.target.use == use]
        parts = tuple((v, sum(s.verdict == v for s in own)) for v in VERDICTS)
        kind = "held-back" if use == "held" else "other"
        result.append(Tally(title, about, len(own), parts, words.tally_sentence(own, kind)))
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
        ("Parameters", lead.belief_in_words(run, manifest.get("fitted_on"))),
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
