"""Sentences of a what-if: effects of a change, how the result was made, and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.whatif.designs import CONFIRMED_BELOW
from qantar.analysis.whatif.result import WhatIf, World
from qantar.analysis.whatif.twins import NINETY, resampling
from qantar.base.arrays import Numbers
from qantar.reports.phrases import NOT_RECORDED, overrides_in_words, provenance_rows
from qantar.reports.style import many, percent
from qantar.reports.whatif.formatting import (
    FEW_PAIRS,
    Row,
    Rows,
    change_titles,
    figure,
    signed,
    table_of,
)

BOTH_WAYS = 0.25
"""Share of pairs in each direction from which single pairs are said to vary in sign."""

HALF = 0.5

MANY_FLIPS = 0.1
"""Share of pairs with another kind of outcome from which the mean is said to mix two kinds."""

MEAN = "90\u00a0% interval of the mean"
NO_NOUN = ("", "")
"""No unit, because the words for less and more include it."""

PROTEST: dict[str, tuple[str, str, tuple[str, str], tuple[str, str]]] = {
    "last_day": ("In the model, protest", "lasts {gap}", ("less", "longer"), ("day", "days")),
    "participants": (
        "On the busiest day of the model,",
        "{gap} take part",
        ("fewer people", "more people"),
        NO_NOUN,
    ),
    "crowd_peak": (
        "In the busiest hour of the model,",
        "{gap} are in the street at once",
        ("fewer people", "more people"),
        NO_NOUN,
    ),
}
"""Words for each quantity of protest: subject, verb, words for less and more, and unit."""

_UNTOLD = {
    "last_day": "No clear effect on how long protest lasts",
    "participants": "No clear effect on the number taking part on the busiest day",
    "crowd_peak": "No clear effect on the largest crowd",
}
"""Words for no clear effect on each quantity of protest."""

NOTHING = "No range of parameters was found in which more people die with a change."

SHOWN = {"deaths": "deaths", "participants": "people on the busiest day"}
DATES = {"deaths": "total", "participants": "any"}
"""Quantities shown; the CSV file has all."""

_DECIDED = {
    "rules": "by rules: offices act on what the state can observe, and may act differently in a "
    "changed world",
    "script": "by the dated script: whatever is not changed happens on its date",
}

NOT_HISTORY = "The baseline is the model without the change; it is not what happened."

CANNOT = (
    "A difference holds under one account and in this model. It is not a fact about the world: the "
    "interval covers random variation and uncertain parameters, not whether the model is right.",
    "The rules by which offices decide were fitted to the dates of the same crisis that is "
    "changed here. No date shows how offices would have acted in a world that never existed.",
    "A change is a decision held within bounds. Who would have taken it, and at what cost to them, "
    "is not in the model.",
    "No clear effect is not the same as no effect: it may be too small or too variable for this "
    "number of pairs, or work through something that the model leaves out.",
    "Small places and single regions depend on assumptions about their neighbours.",
    "The purpose is to measure what repression costs and what prevents deaths. Do not use it to "
    "look for ways of suppressing protest with less attention.",
)
"""Limits of a what-if."""


@dataclass(frozen=True)
class Headline:
    """Main effects of a change: on deaths, on protest, and how they vary between pairs."""

    title: str
    deaths: str
    pairs: str
    protest: tuple[str, ...]
    luck: tuple[str, ...]


@dataclass(frozen=True)
class Together:
    """Two changes at once and one quantity, as text; means over pairs with 90 % intervals."""

    first: str
    second: str
    quantity: str
    together: str
    sum: str
    interaction: str


def is_preview(result: WhatIf) -> bool:
    """Whether there are too few pairs to state effects in sentences."""
    return result.members < FEW_PAIRS


def preview_sentence(result: WhatIf) -> str:
    """Return how many pairs were run, and that this is a preview."""
    return (
        f"Preview from {many(result.members, 'pair')}. Effects are only in the tables, with their "
        f"intervals; use at least {FEW_PAIRS} pairs for a result."
    )


def summary(result: WhatIf, rows: Rows, world: World) -> Headline:
    """Return the headline of a world, without effects if the result is a preview."""
    if is_preview(result):
        return Headline(change_titles(world.changes), preview_sentence(result), "", (), ())
    return headline(result, rows, world)


def headline(result: WhatIf, rows: Rows, world: World) -> Headline:
    """Return the effects of a change on deaths and on protest, in sentences."""
    deaths = rows.find(world.label, "deaths")
    luck = [flip_sentence(table_of(result, "regimes"), world.label, result.members)]
    luck += [both_ways_sentence(deaths), mostly_same_sentence(deaths, result.members)]
    protest = [rows.find(world.label, quantity) for quantity in PROTEST]
    return Headline(
        title=change_titles(world.changes),
        deaths=deaths_sentence(deaths),
        pairs=pairs_sentence(deaths, result.members),
        protest=protest_sentences(protest),
        luck=tuple(line for line in luck if line),
    )


def protest_sentences(rows: list[Row | None]) -> tuple[str, ...]:
    """Return the effects on protest; one sentence if no quantity differs."""
    known = [row for row in rows if row is not None]
    if known and all(row.alike for row in known):
        return ("Protest does not differ: in almost every pair it is as long and as large.",)
    lines = [effect_sentence(row, *PROTEST[row.quantity]) for row in known]
    return tuple(line for line in lines if line)


def deaths_sentence(row: Row | None) -> str:
    """Return the effect of a change on deaths, or that there is no clear effect."""
    if row is None or row.difference != row.difference:
        return "The effect on deaths was not computed."
    was = f"baseline: {figure(row.baseline)}"
    if row.clear:
        way = "fewer" if row.difference < 0 else "more"
        count = figure(abs(row.difference))
        die = "person dies" if count == "1" else "people die"
        return (
            f"In the model, {count} {way} {die} on average ({MEAN}: "
            f"{_interval(row, ('fewer', 'more'))}; {was})."
        )
    if row.alike:
        return f"No clear effect on deaths: almost no pair differs ({was})."
    return (
        f"No clear effect on deaths: the mean difference is "
        f"{_gap(row.difference, ('fewer', 'more'))}, but its 90\u00a0% interval, "
        f"{_interval(row, ('fewer', 'more'))}, contains zero ({was})."
    )


def pairs_sentence(row: Row | None, members: int) -> str:
    """Return in how many pairs fewer, equally many and more died."""
    if row is None or row.same != row.same:
        return ""
    fewer, same, more = (round(share * members) for share in (row.fewer, row.same, row.more))
    return (
        f"Fewer people died in {fewer:,} of {many(members, 'pair')}, equally many in {same:,}, "
        f"more in {more:,}."
    )


def effect_sentence(
    row: Row | None, subject: str, verb: str, words: tuple[str, str], nouns: tuple[str, str]
) -> str:
    """Return the effect on a quantity of protest; empty without a row.

    Parameters
    ----------
    words : pair of str
        Words for less and more.
    nouns : pair of str
        Unit, singular and plural; empty if the words include it.
    """
    if row is None or row.difference != row.difference:
        return ""
    gap = _gap(row.difference, words, nouns)
    if row.clear:
        return f"{subject} {verb.format(gap=gap)} ({MEAN}: {_interval(row, words, nouns)})."
    what = _UNTOLD[row.quantity]
    if row.alike:
        return f"{what}: almost no pair differs."
    return (
        f"{what}: the mean difference is {gap}, its 90\u00a0% interval "
        f"{_interval(row, words, nouns)}."
    )


def flip_sentence(regimes: pd.DataFrame, change: str, members: int) -> str:
    """Return how often the kind of outcome changes, if often; empty otherwise."""
    own = regimes[(regimes["change"] == change) & (regimes["before"] != regimes["after"])]
    total = float(own["share"].sum())
    if total < MANY_FLIPS:
        return ""
    turns = [
        f"{round(float(r['share']) * members):,} from “{r['before']}” to “{r['after']}”"
        for r in own.sort_values("share", ascending=False).to_dict("records")
    ]
    return (
        f"In {round(total * members):,} of {many(members, 'pair')} the change leads to another "
        f"kind of outcome ({'; '.join(turns)}); in {members - round(total * members):,} the kind "
        "is the same. The mean mixes both."
    )


def both_ways_sentence(row: Row | None) -> str:
    """Return that single pairs vary in sign, if many do; empty otherwise."""
    if row is None or not min(row.fewer, row.more) >= BOTH_WAYS:
        return ""
    low, high = (_gap(end, ("fewer", "more")) for end in (row.pair_low, row.pair_high))
    return (
        f"In single pairs, random variation outweighs the change: fewer died in "
        f"{percent(row.fewer)} of pairs, more in {percent(row.more)}; the middle 90\u00a0% of "
        f"pairs lie between {low} and {high}."
    )


def mostly_same_sentence(row: Row | None, members: int) -> str:
    """Return that an effect comes from a minority of pairs, if it does; empty otherwise."""
    if row is None or not row.clear or row.same <= HALF:
        return ""
    same = round(row.same * members)
    return (
        f"In most pairs, {same:,} of {members:,}, deaths do not differ: the mean comes from the "
        f"other {members - same:,}."
    )


def effect_in_words(row: Row | None) -> str:
    """Return the direction of an effect in a few words."""
    if row is None:
        return "not computed"
    return {-1: "fewer", 0: "no clear effect", 1: "more"}[row.sign]


def _gap(value: float, words: tuple[str, str], nouns: tuple[str, str] = NO_NOUN) -> str:
    """Return a difference in words: 12 fewer, 1 day less, 1.5 days longer, 0."""
    count = figure(abs(value))
    parts = (count, nouns[count != "1"], "" if count == "0" else words[value > 0])
    return " ".join(part for part in parts if part)


def _interval(row: Row, words: tuple[str, str], nouns: tuple[str, str] = NO_NOUN) -> str:
    """Return an interval in words: 12 to 55 fewer, or 12 fewer to 6 more."""
    low, high = row.low, row.high
    if high <= 0:
        return f"{figure(-high)} to {_gap(low, words, nouns)}"
    if low >= 0:
        return f"{figure(low)} to {_gap(high, words, nouns)}"
    return f"{_gap(low, words, nouns)} to {_gap(high, words, nouns)}"


def box_sentences(boxes: pd.DataFrame) -> list[str]:
    """Return a sentence for every range of parameters in which a change does harm.

    Parameters
    ----------
    boxes : DataFrame
        As `qantar.analysis.whatif.designs.box_table` returns it.
    """
    if boxes.empty:
        return [NOTHING]
    lines = []
    for change, limits in boxes.groupby("change", sort=False):
        first = limits.iloc[0]
        within = "; ".join(
            f"{row.parameter} from {row.low:.3g} to {row.high:.3g}"
            for row in limits.itertuples(index=False)
        )
        text = f"{change}: more people die in {first['base']:.0%} of all pairs"
        if first["p_value"] < CONFIRMED_BELOW:
            text += (
                f", and in {first['confirmed']:.0%} of the {int(first['inside'])} pairs of the "
                f"test half with {within}."
            )
        else:
            text += (
                ". One half of the pairs suggests a range of parameters in which this is more "
                "frequent, but the other half does not confirm it."
            )
        lines.append(text)
    return lines


def together(result: WhatIf) -> list[Together]:
    """Return a line for every pair of changes that were crossed, with intervals; none if none were.

    Pairs of changes whose worlds are not among the results have no interval and are left out.
    """
    table = result.tables.get("interactions")
    if table is None:
        return []
    by_label = {world.label: world for world in result.worlds}
    lines = []
    for _, row in table[table["quantity"].isin([*SHOWN])].iterrows():
        first, second = (by_label.get(str(row[name])) for name in ("first", "second"))
        if first is None or second is None:
            continue
        both = by_label.get((first.changes + second.changes).label)
        if both is None:
            continue
        quantity = str(row["quantity"])
        one, two, joint = (_pairs(result, world, quantity) for world in (first, second, both))
        texts = [
            f"{signed(float(row[name]))} ({_mean_interval(values, result.seed)})"
            for name, values in (
                ("together", joint),
                ("sum", one + two),
                ("interaction", joint - one - two),
            )
        ]
        titles = (change_titles(first.changes), change_titles(second.changes))
        lines.append(Together(*titles, SHOWN[quantity], *texts))
    return lines


def _pairs(result: WhatIf, world: World, quantity: str) -> Numbers:
    """Return the difference of every pair in a quantity of the country: float array (members,)."""
    where = ("country", result.baseline.outcome.layout.country, DATES[quantity])
    changed, baseline = (one.outcome.samples(quantity, *where) for one in (world, result.baseline))
    return changed - baseline


def _mean_interval(values: Numbers, seed: int) -> str:
    """Return the 90 % bootstrap interval of a mean over pairs, as in the table of differences."""
    low, high = np.quantile(resampling(len(values), seed) @ values, NINETY)
    return f"{signed(float(low))} to {signed(float(high))}"


def made(result: WhatIf, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how a what-if was made, as names and values."""
    scenario = result.scenario
    fitted, learned = manifest.get("fitted_on") or (), manifest.get("beliefs_from")
    belief = f"belief {scenario.belief}"
    belief += f", taken from {learned}" if learned else ""
    belief += f", fitted on {len(fitted)} targets" if fitted else ""
    versions = (manifest.get("libraries") or {}).items()
    libraries = ", ".join(f"{name} {version}" for name, version in versions)
    return [
        ("Account", f"{scenario.account.title} ({scenario.account.name})"),
        ("The state decides", _DECIDED.get(scenario.decisions, scenario.decisions)),
        ("Rules from", str(manifest.get("rules") or NOT_RECORDED)),
        ("Parameters", belief),
        ("Parameters set by hand", overrides_in_words(scenario, manifest)),
        (
            "Pairs",
            f"{result.members} in each of {len(result.worlds) + 1} worlds, seed {result.seed}",
        ),
        ("Pairs in the attribution", f"{result.explained}" if result.explained else "none"),
        ("Changes", "; ".join(world.label for world in result.worlds)),
        *provenance_rows(scenario, manifest, libraries or "libraries not recorded"),
    ]
