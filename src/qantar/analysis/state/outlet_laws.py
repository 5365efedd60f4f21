"""When outlets are struck: at a constant rate, after a challenge, or around elections.

Every law says how likely a blow is in a month: a closure, a block, a lost licence or an attack.
The null has one rate. The others have one rate in marked months and one in the rest, each with the
same prior (`PRIOR`), and differ in which months they mark. Each month is predicted from the months
before it, so the sum of log scores is also the log of the marginal likelihood; the law that marks
months pays for its second rate. Months count and not blows, as bans of one day are one decision;
`compare_laws` can count each blow instead, as if they had come independently.

A difference of less than `TOLD_APART` says nothing (Gneiting and Raftery 2007 on scores; the bound
is a convention, a factor of about twenty).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from qantar.analysis.state.event_laws import TOLD_APART
from qantar.base.arrays import Numbers
from qantar.model.months.experience import SEVERAL
from qantar.model.months.institutions import MEMORY
from qantar.packs.country import Country
from qantar.packs.state.outlets import load_outlets
from qantar.packs.years import Years, load_years
from qantar.packs.years_tables import month_number
from qantar.simulate.years.inputs import ELECTION_MONTHS, challenges, dated_months, month_index

BLOWS = ("closed", "blocked", "licence_lost", "attacked")

PRIOR = (1.0, 23.0)
"""Beta prior of the chance of a month: one in twenty-four, worth two years of months."""


class Dated(NamedTuple):
    """A dated event: months from the first of the years, outlet, kind, and how exact the date is.

    The outlet is empty where a block hit no single one.
    """

    month: int
    outlet: str
    kind: str
    exact: bool


@dataclass(frozen=True)
class LawScore:
    """How well a law predicts in which months outlets are struck.

    Attributes
    ----------
    law, marks : str
        Name, and which months it marks.
    marked, struck_marked, months, struck : int
        Marked months, those with a blow among them, all months, and all with a blow.
    score : float
        Sum of log scores over the months.
    gain : float
        Score less that of the null.
    """

    law: str
    marks: str
    marked: int
    struck_marked: int
    months: int
    struck: int
    score: float
    gain: float

    @property
    def verdict(self) -> str:
        """What the events tell about the law against the null."""
        if abs(self.gain) < TOLD_APART:
            return "nothing can be told"
        return "better than the null" if self.gain > 0 else "worse than the null"


def event_months(country: Country) -> list[Dated]:
    """Return the dated events of outlets, and blocks of the network of ``years/events.csv``.

    A row of that file that gives the same date as an event of an outlet is the same event, and is
    left out.
    """
    outlets, years = load_outlets(country), load_years(country)
    start = month_number(years.header.first)
    rows = outlets.events if outlets is not None else ()
    dates = {row.date for row in rows}
    found = [Dated(row.month - start, row.outlet, row.kind, row.exact) for row in rows]
    for event in years.events:
        if event.kind == "media" and event.date not in dates:
            exact = event.grade != "assumed" and len(event.date) > len("YYYY")
            found.append(Dated(month_index(years, event.date), "", "blocked", exact))
    return sorted(found)


def blows_by_month(
    country: Country, *, network: bool = True, inexact: bool = False
) -> NDArray[np.int64]:
    """Return how many blows against outlets each month of the record holds.

    Parameters
    ----------
    network : bool
        Whether blocks of the whole network count.
    inexact : bool
        Whether blows count whose month is recalled or assumed.
    """
    months = dated_months(load_years(country))
    blows = np.zeros(months, np.int64)
    for event in event_months(country):
        counts = event.kind in BLOWS and (event.exact or inexact) and (network or event.outlet)
        if counts and 0 <= event.month < months:
            blows[event.month] += 1
    return blows


def sequential_score(struck: NDArray[np.bool_], marked: NDArray[np.bool_]) -> float:
    """Return the sum of log scores if marked months have a rate of their own."""
    tally = {mark: list(PRIOR) for mark in (False, True)}
    total = 0.0
    for hit, mark in zip(struck.tolist(), marked.tolist(), strict=True):
        yes, no = tally[mark]
        chance = yes / (yes + no)
        total += float(np.log(chance if hit else 1.0 - chance))
        tally[mark][0 if hit else 1] += 1.0
    return total


def sequential_count_score(blows: NDArray[np.int64], marked: NDArray[np.bool_]) -> float:
    """Return the sum of log scores of counts, Poisson at a rate with a gamma prior of that mean."""
    tally = {mark: [PRIOR[0], sum(PRIOR)] for mark in (False, True)}
    total = 0.0
    for count, mark in zip(blows.tolist(), marked.tolist(), strict=True):
        shape, months = tally[mark]
        total += float(nbinom.logpmf(count, shape, months / (months + 1.0)))
        tally[mark] = [shape + count, months + 1.0]
    return total


def compare_laws(
    country: Country, *, network: bool = True, inexact: bool = False, each_blow: bool = False
) -> list[LawScore]:
    """Score the null and its rivals on the months in which outlets were struck.

    Parameters
    ----------
    network, inexact : bool
        See `blows_by_month`.
    each_blow : bool
        Whether the blows of one month count one by one.
    """
    years = load_years(country)
    blows = blows_by_month(country, network=network, inexact=inexact)
    struck = blows > 0
    scores: list[LawScore] = []
    for law, marks, origins, shifts in _laws(country, years):
        marked = _mark(struck.size, origins, shifts)
        score = (
            sequential_count_score(blows, marked) if each_blow else sequential_score(struck, marked)
        )
        scores.append(
            LawScore(
                law,
                marks,
                int(marked.sum()),
                int((struck & marked).sum()),
                struck.size,
                int(struck.sum()),
                score,
                score - (scores[0].score if scores else score),
            )
        )
    return scores


def _laws(country: Country, years: Years) -> list[tuple[str, str, list[int], tuple[int, ...]]]:
    """Return the laws: name, which months they mark, from which months on, and how far away."""
    later = tuple(range(1, MEMORY + 1))
    parties = [month_index(years, each.date) for each in years.events if each.kind == "party"]
    votes = [month_index(years, each.date) for each in years.elections]
    after = f"the {MEMORY} months after"
    moved = f"{after} a party was founded, split or banned; chosen in hindsight"
    voted = "the month of a vote, and those before and after it"
    wide = f"{after} a wave of {SEVERAL:.0f} or more regions"
    return [
        ("constant", "none", [], ()),
        ("after a wide wave", wide, _waves(country, years, SEVERAL), later),
        ("after any wave", f"{after} a wave of any size", _waves(country, years, 1), later),
        ("after a move of parties", moved, parties, later),
        ("around elections", voted, votes, ELECTION_MONTHS),
    ]


def _waves(country: Country, years: Years, least: float) -> list[int]:
    """Return the months in which waves of so many regions ended."""
    return [
        month_index(years, each.ends)
        for each in challenges(country, years.triggers, least)
        if each.outcome == "waved"
    ]


def _mark(months: int, origins: list[int], shifts: tuple[int, ...]) -> NDArray[np.bool_]:
    """Mark months at these distances from any of the origins."""
    marked = np.zeros(months, np.bool_)
    for origin in origins:
        for shift in shifts:
            if 0 <= origin + shift < months:
                marked[origin + shift] = True
    return marked


def rates(scores: list[LawScore]) -> Numbers:
    """Return the share of months with a blow, marked and other: float array (laws, 2)."""
    values = [
        (
            each.struck_marked / each.marked if each.marked else np.nan,
            (each.struck - each.struck_marked) / (each.months - each.marked),
        )
        for each in scores
    ]
    return np.array(values)
