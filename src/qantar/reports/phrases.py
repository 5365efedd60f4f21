"""Sentences on targets and scores: what the sources say, what the model gives, how far it is off.

`subject` and `said` describe a target, `given` the result of the model, and `shortfall_sentence`
the difference between them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from qantar.analysis.accuracy import EXACT, Accuracy
from qantar.analysis.facts import GROUPS, OTHER, group_of_variable
from qantar.analysis.outcomes import Layout
from qantar.analysis.scores import PROBABILITIES, SHARES, VERDICTS, Score, Verdict
from qantar.evidence.targets import DATED, Target, Use
from qantar.reports.style import day_span, exact, long_day, many, percent, rounded, short_day, span
from qantar.simulate.scenario import Scenario

USE_NAMES: dict[Use, str] = {"fit": "open to fitting", "held": "held back", "weak": "weak"}
"""What targets are used for, in words."""

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
    "deaths_share": "Share of all deaths that occurred in {where}",
    "security_deaths": "Police and soldiers killed in {where}",
    "wounded": "Wounded in {where}",
    "detained_cumulative": "Detained in {where}",
    "detained_published": "Detained in {where}, as published",
}
_CUMULATIVE = ("buildings_attacked", "businesses_looted", *GROUPS["Dead and wounded"])
"""Cumulative variables, worded as "by" a day; so are all variables of the detained."""

NOT_RECORDED = "not recorded"
NEVER = "in the median run it never happens"

_SINGULAR = {
    "begin too early": "begins too early",
    "begin too late or never": "begins too late or never",
    "end too early": "ends too early",
    "end too late": "ends too late",
    "should turn violent but mostly do not": "should turn violent but mostly does not",
    "turn violent but should not": "turns violent but should not",
    **{
        f"are too {how}": f"is too {how}"
        for how in ("small", "large", "low", "high", "few", "many")
    },
}
"""Words about one quantity, by those about several."""

_BIASES = (
    (("onset_day",), "begin too early", "begin too late or never", "first days of protest"),
    (("last_day",), "end too early", "end too late", "last days of protest"),
    (GROUPS["How many came"], "are too small", "are too large", "figures for crowds"),
    (
        ("violent",),
        "should turn violent but mostly do not",
        "turn violent but should not",
        "towns and regions that the sources call violent or peaceful",
    ),
    (GROUPS["Damage"], "are too low", "are too high", "figures for damage"),
    (
        ("deaths", "security_deaths", "wounded"),
        "are too low",
        "are too high",
        "counts of dead or wounded",
    ),
    (GROUPS["Detained"], "are too low", "are too high", "counts of detained"),
)
"""Variables, words for values below and above the sources, and words for the targets."""


def subject(target: Target) -> str:
    """Return the quantity of a target in words: First day of protest in Almaty."""
    form = _SUBJECTS.get(target.variable, target.variable + " in {where}")
    where = target.name
    if target.level == "region" and not where.endswith(("Region", "region", ")")):
        where += " region"  # some towns have the same name
    text = form.format(where=where)
    try:
        day = dt.date.fromisoformat(target.date)
    except ValueError:
        return text
    by = "by" if target.variable in (*_CUMULATIVE, *GROUPS["Detained"]) else "on"
    return f"{text}, {by} {long_day(day)}"


def said(target: Target) -> str:
    """Return the interval of the sources in words: 225 to 255, 3 January, yes."""
    if target.variable in DATED:
        days = [dt.date.fromisoformat(day) for day in (target.low, target.high)]
        return day_span(days[0], days[1], short_day)
    low, high = float(target.low), float(target.high)
    if target.variable in PROBABILITIES:
        return "yes" if low >= 0.5 else "no" if high <= 0.5 else "open"
    if target.variable in SHARES:
        return span(percent(low), percent(high))
    return span(exact(low), exact(high))


def format_target_value(variable: str, value: float, layout: Layout) -> str:
    """Return one value of a run in words: 4 Jan, 94 %, 5,200 or never."""
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
    """Return the result of the model in words: the median and its 90 % range."""
    variable = item.target.variable
    middle = format_target_value(variable, item.q50, layout)
    if variable in PROBABILITIES:
        return f"in {middle} of runs"
    return f"{middle} ({model_range(item, layout)})"


def model_range(item: Score, layout: Layout) -> str:
    """Return the 90 % range of the model in words."""
    variable = item.target.variable
    if variable in DATED and item.q95 < layout.days:
        days = [layout.first_day + dt.timedelta(days=int(v)) for v in (item.q05, item.q95)]
        return day_span(days[0], days[1], short_day)
    ends = [format_target_value(variable, v, layout) for v in (item.q05, item.q95)]
    return span(ends[0], ends[1])


def hit_count_sentence(scores: Sequence[Score], which: str) -> str:
    """Return how many targets have each verdict, in one sentence.

    Parameters
    ----------
    scores : sequence of Score
    which : str
        The kind of targets, such as ``held-back``.
    """
    if not scores:
        return f"There is no {which} target."
    count = {verdict: sum(s.verdict == verdict for s in scores) for verdict in VERDICTS}
    text = (
        f"Of {many(len(scores), f'{which} target')} the model hits {count['hit']}, "
        f"comes near {count['near']} and misses {count['miss']}"
    )
    vague = count["uninformative"]
    return (
        f"{text}; {vague} {'is' if vague == 1 else 'are'} not informative." if vague else f"{text}."
    )


def accuracy_sentence(found: Accuracy) -> str:
    """Return coverage and mean CRPS in words."""
    parts = []
    if found.ranged:
        parts.append(
            f"Coverage: the 90\u00a0% range overlaps the interval of the sources for "
            f"{found.overlapping} of {many(found.ranged, 'target')} with a range (not yes or no) "
            f"and contains its midpoint for {found.covered}."
        )
    if not math.isnan(found.crps):
        parts.append(
            f"Mean CRPS: {found.crps:.2f} standard errors of the sources; lower is better, "
            f"{EXACT:.2f} is perfect."
        )
    return " ".join(parts)


def shortfall_sentences(
    scores: Sequence[Score], layout: Layout, verdict: Verdict
) -> dict[str, list[tuple[Score, str]]]:
    """Return a sentence for every target with a verdict, by kind of fact, without empty kinds."""
    found: dict[str, list[tuple[Score, str]]] = {}
    for kind in (*GROUPS, OTHER):
        for item in scores:
            if item.verdict == verdict and group_of_variable(item.target.variable) == kind:
                found.setdefault(kind, []).append((item, shortfall_sentence(item, layout)))
    return found


def shortfall_sentence(item: Score, layout: Layout) -> str:
    """Return in one sentence how far, and in which direction, a run is off a target."""
    target = item.target
    name = subject(target)
    if item.verdict == "uninformative":
        return f"{name}: the sources say {said(target)}, the model gives {given(item, layout)}."
    if target.variable in PROBABILITIES:
        fact = "it did" if item.q50 < item.low else "it did not"
        happens = f"happens {given_share(item.q50)} of runs"
        return f"{name}: {happens}, although the sources say that {fact}."
    if target.variable in DATED:
        if math.isnan(item.q50) or item.q50 >= layout.days:
            return f"{name}: {NEVER}, {_reach(item, layout)}."
        early = item.q50 < item.low
        days = many(round(item.low - item.q50 if early else item.q50 - item.high), "day")
        off = f"{days} too {'early' if early else 'late'}"
        return f"{name}: {off}; {_comparison(item, layout)}."
    if math.isnan(item.q50):
        return f"{name}: undefined in most runs; the sources say {said(target)}."
    if target.variable in SHARES:
        way = "too low" if item.q50 < item.low else "too high"
        return f"{name}: {way}; {_comparison(item, layout)}."
    if item.q50 < 0.5:
        return f"{name}: none in the median run; {_reach(item, layout)}."
    if item.q50 < item.low:
        off = f"too few, {_factor(item.low / item.q50)}"
    elif item.high < 0.5:
        off = "some, although the sources say none"
    else:
        off = f"too many, {_factor(item.q50 / item.high)}"
    return f"{name}: {off}; {_comparison(item, layout)}."


def given_share(share: float) -> str:
    """Return in how many runs something happens."""
    if share == 0:
        return "in none"
    return f"in only {percent(share)}" if share < 0.5 else f"in {percent(share)}"


def _comparison(item: Score, layout: Layout) -> str:
    middle = format_target_value(item.target.variable, item.q50, layout)
    return f"the median is {middle}, {_reach(item, layout)}"


def _reach(item: Score, layout: Layout) -> str:
    reach = "does not overlap" if item.verdict == "miss" else "overlaps"
    width = f"the 90\u00a0% range ({model_range(item, layout)}) {reach} this"
    return f"the sources say {said(item.target)}, and {width}"


def _factor(ratio: float) -> str:
    """Return how far off a count is: by 8 %, or by a factor of 3.2."""
    if ratio < 1.5:
        return f"by {percent(ratio - 1.0)}"
    return f"by a factor of {f'{ratio:.1f}' if ratio < 10 else rounded(ratio)}"


def bias_sentences(scores: Sequence[Score]) -> list[str]:
    """Return the direction of misses and nears, one sentence per kind of quantity."""
    sentences = []
    for variables, below, above, noun in _BIASES:
        own = [s for s in scores if s.target.variable in variables]
        off = [s for s in own if s.verdict in ("near", "miss")]
        low = sum(s.q50 < s.low for s in off)
        high = sum(not s.q50 <= s.high for s in off)
        if low + high:
            parts = [
                f"{n} {_SINGULAR.get(word, word) if n == 1 else word}"
                for n, word in ((low, below), (high, above))
                if n
            ]
            sentences.append(f"Of {len(own)} {noun}, {' and '.join(parts)}.")
    return sentences


def uncertainty_sentences(scores: Sequence[Score], layout: Layout) -> list[str]:
    """Return how wide the 90 % ranges are."""
    ranged = [s for s in scores if s.target.variable not in PROBABILITIES]
    if not ranged:
        return ["No target has a range."]
    sentences = []
    days = [
        (layout.days if math.isnan(s.q95) else s.q95)
        - (layout.days if math.isnan(s.q05) else s.q05)
        for s in ranged
        if s.target.variable in DATED
    ]
    if days:
        sentences.append(f"The range of a typical date spans {many(round(median(days)), 'day')}.")
    counts = [s for s in ranged if s.target.variable not in (*DATED, *SHARES) and s.q95 >= 1]
    if counts:
        factor = median(s.q95 / max(s.q05, 1.0) for s in counts)
        sentences.append(
            f"The upper end of the range of a typical count is {_factor(factor)} times its lower "
            "end."
        )
    return [*sentences, "A wide range overlaps easily, so read coverage together with width."]


def overrides_in_words(scenario: Scenario, manifest: Mapping[str, Any]) -> str:
    """Return the parameters that were set by hand, with their values."""
    overrides = manifest.get("overrides") or scenario.overrides
    return ", ".join(f"{name} = {value:g}" for name, value in overrides.items()) or "nothing"


def provenance_rows(
    scenario: Scenario, manifest: Mapping[str, Any], libraries: str = ""
) -> list[tuple[str, str]]:
    """Return how a result was computed, as names and values.

    Parameters
    ----------
    scenario : Scenario
    manifest : mapping
        How the result was made. Missing keys are taken from the scenario or not recorded.
    libraries : str, optional
        Further software with versions.
    """
    pack = manifest.get("pack") or scenario.country.header.name
    fingerprint = manifest.get("pack_fingerprint") or scenario.country.fingerprint
    wall = manifest.get("wall_seconds")
    software = [
        f"Qantar {manifest.get('qantar_version', NOT_RECORDED)}",
        f"Python {manifest.get('python', NOT_RECORDED)}",
    ]
    return [
        ("Country pack", f"{pack}, fingerprint {str(fingerprint)[:16]}"),
        ("Versions", ", ".join([*software, libraries] if libraries else software)),
        ("Started", str(manifest.get("started", NOT_RECORDED))),
        ("Duration", many(round(float(wall)), "second") if wall is not None else NOT_RECORDED),
        ("Machine", str(manifest.get("machine", NOT_RECORDED))),
    ]
