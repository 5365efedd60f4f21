"""What came of a change, in plain sentences with ranges."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from qantar.study.whatif.result import WhatIf, World
from qantar.view.style import many, percent
from qantar.view.whatif.changed import titles_of
from qantar.view.whatif.numbers import figure
from qantar.view.whatif.rows import Row, Rows, table_of

BOTH_WAYS = 0.25
"""Share of pairs on either side from which the single case goes by luck."""

HALF = 0.5

MANY_FLIPS = 0.1
"""Share of pairs whose kind of course flips from which the mean describes no single course."""

MEAN = "90\u00a0% interval of the mean"
NO_NOUN = ("", "")
"""Where the words for less and more name what is counted."""


@dataclass(frozen=True)
class Headline:
    """The first block of a world: the change, what it does to deaths, and what to protest."""

    title: str
    deaths: str
    pairs: str
    protest: tuple[str, ...]
    luck: tuple[str, ...]


def headline(result: WhatIf, rows: Rows, world: World) -> Headline:
    """Return what a change did to deaths and to protest, in sentences."""
    deaths = rows.find(world.label, "deaths")
    luck = [flip_sentence(table_of(result, "regimes"), world.label, result.members)]
    luck += [both_ways_sentence(deaths), mostly_same_sentence(deaths, result.members)]
    protest = [rows.find(world.label, quantity) for quantity in PROTEST]
    return Headline(
        title=titles_of(world.changes),
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


PROTEST = {
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
"""How each quantity of protest is said: subject, verb, words for less and for more, and unit."""


def deaths_sentence(row: Row | None) -> str:
    """Return what a change does to deaths; that no effect can be told where none can."""
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


_UNTOLD = {
    "last_day": "Whether protest would have lasted longer or shorter",
    "participants": "Whether more or fewer would have taken part on the fullest day",
    "crowd_peak": "Whether the largest crowd would have been larger or smaller",
}


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
    """Return that the single case goes by luck, where many pairs lie on either side."""
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


def brief(row: Row | None) -> str:
    """Return in a few words what can be told: fewer, more, no effect."""
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
