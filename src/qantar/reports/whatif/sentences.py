"""Sentences of a what-if: what came of a change, how the result was made, what it cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from qantar.analysis.whatif.result import WhatIf, World
from qantar.reports.phrases import NOT_RECORDED, overrides_in_words, provenance_rows
from qantar.reports.style import many, percent
from qantar.reports.whatif.formatting import Row, Rows, change_titles, figure, signed, table_of

BOTH_WAYS = 0.25
"""Share of pairs on either side from which the single case goes by luck."""

HALF = 0.5

MANY_FLIPS = 0.1
"""Share of pairs whose kind of course flips from which the mean describes no single course."""

MEAN = "90\u00a0% interval of the mean"
NO_NOUN = ("", "")
"""Where the words for less and more name what is counted."""

PROTEST: dict[str, tuple[str, str, tuple[str, str], tuple[str, str]]] = {
    "last_day": ("Protest", "would have lasted {gap}", ("less", "longer"), ("day", "days")),
    "participants": (
        "On its fullest day",
        "{gap} would have taken part",
        ("fewer people", "more people"),
        NO_NOUN,
    ),
    "crowd_peak": (
        "In the fullest hour",
        "{gap} would have been in the street at once",
        ("fewer people", "more people"),
        NO_NOUN,
    ),
}
"""Words for each quantity of protest: subject, verb, for less and for more, and unit."""

_UNTOLD = {
    "last_day": "Whether protest would have lasted longer or shorter",
    "participants": "Whether more or fewer would have taken part on the fullest day",
    "crowd_peak": "Whether the largest crowd would have been larger or smaller",
}
"""What is unknown about each quantity of protest where there is no clear effect."""

NOTHING = "No set of beliefs was found under which more people die by a change."

SHOWN = {"deaths": "deaths", "participants": "people on the fullest day"}
"""Quantities that are shown; the table on disk has all."""

_DECIDED = {
    "rules": "by rules: offices act on what the state can see, and may act otherwise in a changed "
    "world",
    "script": "by the dated script: what is not changed comes as it came",
}

CANNOT = (
    "A difference holds under an account and in this model. It is no fact about the world, and the "
    "interval covers luck and unsure parameters, not whether the model is right.",
    "The rules by which offices decide were fitted to the dates of the same crisis that is "
    "changed here. How offices would have acted in a world that never was, no date can tell.",
    "A change is a decision held within bounds. Who would have taken it, and what it would have "
    "cost them, is not in the model.",
    "No effect told is not the same as no effect: it may be too small or too dependent on luck "
    "for so many pairs, or pass through something that the model leaves out.",
    "Small places and single regions rest on assumptions about their neighbours.",
    "This is made to measure what repression costs and what prevents deaths. It is not made to "
    "put down protest with less noise, and we ask nobody to search it for that.",
)
"""What a what-if cannot say."""


@dataclass(frozen=True)
class Headline:
    """The first block of a world: the change, what it does to deaths, and what to protest."""

    title: str
    deaths: str
    pairs: str
    protest: tuple[str, ...]
    luck: tuple[str, ...]


@dataclass(frozen=True)
class Together:
    """Two changes at once and one quantity, ready to be read."""

    first: str
    second: str
    quantity: str
    together: str
    sum: str
    interaction: str


def headline(result: WhatIf, rows: Rows, world: World) -> Headline:
    """Return what a change did to deaths and to protest, in sentences."""
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
    """Return whether protest would have been longer or larger; once if nothing differs at all."""
    known = [row for row in rows if row is not None]
    if known and all(row.alike for row in known):
        return (
            "Protest does not differ: in next to no pair is it longer, shorter, larger or smaller.",
        )
    lines = [effect_sentence(row, *PROTEST[row.quantity]) for row in known]
    return tuple(line for line in lines if line)


def deaths_sentence(row: Row | None) -> str:
    """Return what a change does to deaths, or that there is no clear effect."""
    if row is None or row.difference != row.difference:
        return "What it does to deaths was not computed."
    was = f"as it was {figure(row.baseline)}"
    if row.clear:
        way = "fewer" if row.difference < 0 else "more"
        count = figure(abs(row.difference))
        noun = "person" if count == "1" else "people"
        return (
            f"{count} {way} {noun} would have died on average ({MEAN}: "
            f"{_interval(row, ('fewer', 'more'))}; {was})."
        )
    if row.alike:
        return f"No effect on deaths can be told: next to no pair differs ({was})."
    return (
        f"No effect on deaths can be told: the mean difference is "
        f"{_gap(row.difference, ('fewer', 'more'))}, but its 90\u00a0% interval, "
        f"{_interval(row, ('fewer', 'more'))}, holds zero ({was})."
    )


def pairs_sentence(row: Row | None, members: int) -> str:
    """Return in how many pairs fewer, as many and more died."""
    if row is None or row.same != row.same:
        return ""
    fewer, same, more = (round(share * members) for share in (row.fewer, row.same, row.more))
    return (
        f"In {fewer:,} of {many(members, 'pair')} fewer died, in {same:,} as many, "
        f"in {more:,} more."
    )


def effect_sentence(
    row: Row | None, subject: str, verb: str, words: tuple[str, str], nouns: tuple[str, str]
) -> str:
    """Return whether protest would have been longer or larger; empty without a row.

    Parameters
    ----------
    words : pair of str
        What less and what more of it is called.
    nouns : pair of str
        Its unit, for one and for many; empty where the words say it.
    """
    if row is None or row.difference != row.difference:
        return ""
    gap = _gap(row.difference, words, nouns)
    if row.clear:
        return f"{subject} {verb.format(gap=gap)} ({MEAN}: {_interval(row, words, nouns)})."
    what = _UNTOLD[row.quantity]
    if row.alike:
        return f"{what} cannot be told: next to no pair differs in this."
    return (
        f"{what} cannot be told: the mean difference is {gap}, its 90\u00a0% interval "
        f"{_interval(row, words, nouns)}."
    )


def flip_sentence(regimes: pd.DataFrame, change: str, members: int) -> str:
    """Return how often the kind of course flips, if often, with the shares on either side."""
    own = regimes[(regimes["change"] == change) & (regimes["before"] != regimes["after"])]
    total = float(own["share"].sum())
    if total < MANY_FLIPS:
        return ""
    turns = [
        f"{round(float(r['share']) * members):,} from “{r['before']}” to “{r['after']}”"
        for r in own.sort_values("share", ascending=False).to_dict("records")
    ]
    return (
        f"Luck decides: in {round(total * members):,} of {many(members, 'pair')} the course is of "
        f"another kind with the change ({'; '.join(turns)}), in "
        f"{members - round(total * members):,} it stays of its kind. The mean mixes both."
    )


def both_ways_sentence(row: Row | None) -> str:
    """Return that chance decides the single case, where many pairs go either way."""
    if row is None or not min(row.fewer, row.more) >= BOTH_WAYS:
        return ""
    return (
        f"In the single case luck weighs more than the change: fewer died in {percent(row.fewer)} "
        f"of pairs, more in {percent(row.more)}; the middle 90\u00a0% of pairs lie between "
        f"{_gap(row.pair_low, ('fewer', 'more'))} and {_gap(row.pair_high, ('fewer', 'more'))}."
    )


def mostly_same_sentence(row: Row | None, members: int) -> str:
    """Return that a clear mean comes from a minority of pairs, where most do not differ."""
    if row is None or not row.clear or row.same <= HALF:
        return ""
    same = round(row.same * members)
    return (
        f"In most pairs, {same:,} of {members:,}, it makes no difference to deaths: the mean comes "
        f"from the other {members - same:,}."
    )


def effect_in_words(row: Row | None) -> str:
    """Return the direction of an effect in a few words."""
    if row is None:
        return "not computed"
    return {-1: "fewer", 0: "no effect can be told", 1: "more"}[row.sign]


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
    """Return a sentence for every box that was found.

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
        text = f"{change}: more people die in {first['base']:.0%} of pairs"
        if first["inside"] > 0 and first["confirmed"] > first["base"]:
            text += (
                f", in {first['confirmed']:.0%} of the {int(first['inside'])} pairs kept for the "
                f"check where {within}."
            )
        else:
            text += (
                ". A set of beliefs under which that is more frequent was found among one half of "
                "the pairs, but the other half does not bear it out."
            )
        lines.append(text)
    return lines


def together(result: WhatIf) -> list[Together]:
    """Return a line for every pair of changes that were crossed; none if none were."""
    table = result.tables.get("interactions")
    if table is None:
        return []
    titles = {world.label: change_titles(world.changes) for world in result.worlds}
    return [
        Together(
            titles[str(row["first"])],
            titles[str(row["second"])],
            SHOWN[str(row["quantity"])],
            *(signed(float(row[name])) for name in ("together", "sum", "interaction")),
        )
        for _, row in table[table["quantity"].isin([*SHOWN])].iterrows()
    ]


def made(result: WhatIf, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how a what-if was made, as names and values to read."""
    scenario = result.scenario
    fitted, learned = manifest.get("fitted_on") or (), manifest.get("beliefs_from")
    belief = f"belief {scenario.belief}"
    belief += f", learned on {learned}" if learned else ""
    belief += f", fitted on {len(fitted)} targets" if fitted else ""
    versions = (manifest.get("libraries") or {}).items()
    libraries = ", ".join(f"{name} {version}" for name, version in versions)
    return [
        ("Account", f"{scenario.account.title} ({scenario.account.name})"),
        ("The state decides", _DECIDED.get(scenario.decisions, scenario.decisions)),
        ("Rules from", str(manifest.get("rules") or NOT_RECORDED)),
        ("Parameters", belief),
        ("Held by hand", overrides_in_words(scenario, manifest)),
        (
            "Pairs",
            f"{result.members} twins in each of {len(result.worlds) + 1} worlds, "
            f"seed {result.seed}",
        ),
        ("Pairs explained", f"{result.explained}" if result.explained else "none"),
        ("Changes", "; ".join(world.label for world in result.worlds)),
        *provenance_rows(scenario, manifest, libraries or "libraries not recorded"),
    ]
