"""Cult, narratives and belief: an index of honours, lifelines of statements, what polls can bear.

The **cult index** of a moment is the share of the listed honours that are in force. It counts
honours and does not weigh them: a street and the capital count one each, because no source weighs
them. It has two readings: all honours with a beginning, or only those whose beginning and end a
source tells. An honour without a beginning is listed and not counted.

A **lifeline** of a narrative runs from the first statement to the last; it holds the largest
number claimed, when numbers stop, and when the narrative was walked back. Moments that are told by
month alone bound it.

**Belief** is observed, never modelled here: an exact interval (Clopper and Pearson 1934) for
chance alone, which says nothing of a sample that chose itself. Where several answers were allowed,
shares are those of respondents who ticked an answer; the union of two of them has only bounds
(Frechet), so that two answers cannot be added.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

from qantar.evidence.datasets import exact_interval
from qantar.packs.state.honours import Honour, Honours
from qantar.packs.state.narratives import Narratives
from qantar.packs.state.polls import Answer, Question
from qantar.packs.years_tables import first_day, last_day, month_number


def begin_of(honour: Honour, *, recalled: bool = True) -> str:
    """Return when an honour began; empty if nobody tells, or only memory and that does not count.

    Parameters
    ----------
    honour : Honour
    recalled : bool
        Whether a beginning counts that rests on memory alone.
    """
    if honour.begin_recalled and not recalled:
        return honour.other_begin
    return honour.begins


def in_force(honour: Honour, moment: str, *, recalled: bool = True) -> bool:
    """Say whether an honour is in force on the last day of a year, month or day.

    Parameters
    ----------
    honour : Honour
        Without a beginning it is in force at no time.
    moment : str
    recalled : bool
        Whether beginnings and ends count that rest on memory alone.
    """
    begin = begin_of(honour, recalled=recalled)
    end = honour.ends if recalled or not honour.end_recalled else ""
    day = last_day(moment)
    return bool(begin) and first_day(begin) <= day and not (end and first_day(end) <= day)


def cult_index(honours: Honours, moment: str, *, recalled: bool = True) -> float:
    """Return the share of the honours with a beginning that are in force at a moment.

    Parameters
    ----------
    honours : Honours
    moment : str
        A year stands for its last day.
    recalled : bool
        Whether beginnings and ends count that rest on memory alone. Without them, honours that
        only memory dates are left out of the count altogether.

    Returns
    -------
    float
        0 to 1; NaN if no honour has a beginning.
    """
    dated = [row for row in honours.rows if begin_of(row, recalled=recalled)]
    held = sum(in_force(row, moment, recalled=recalled) for row in dated)
    return held / len(dated) if dated else math.nan


def peak(honours: Honours, first: int, last: int, *, recalled: bool = True) -> tuple[int, ...]:
    """Return the years, of those from `first` to `last`, at whose end the index is highest."""
    values = {y: cult_index(honours, str(y), recalled=recalled) for y in range(first, last + 1)}
    return tuple(year for year, value in values.items() if value == max(values.values()))


class NarrativeLife(NamedTuple):
    """The life of a narrative.

    Attributes
    ----------
    first, last : date
        Of the statements that have a day; of those told by month alone if there are no others.
    statements : int
    largest : float
        Largest number of persons claimed; NaN without one.
    last_number : date or None
        Day of the last dated statement with a number of persons.
    shortest, longest : int or None
        Days from the first statement that was walked back to when it was, at least and at most.
    """

    narrative: str
    first: dt.date
    last: dt.date
    statements: int
    largest: float
    last_number: dt.date | None
    shortest: int | None
    longest: int | None


def life_of(narratives: Narratives, name: str, published: str = "") -> NarrativeLife:
    """Return the life of a narrative.

    Parameters
    ----------
    narratives : Narratives
    name : str
        One of ``narratives.names``.
    published : str, optional
        Day of the text that tells of the walking back: it can have come no later.
    """
    rows = narratives.of(name)
    dated = [row for row in rows if first_day(row.issued) == last_day(row.issued)] or list(rows)
    persons = [row for row in rows if row.number is not None and row.unit == "persons"]
    numbers = [first_day(r.issued) for r in persons if first_day(r.issued) == last_day(r.issued)]
    shortest, longest = _days_walked_back(narratives, name, published)
    return NarrativeLife(
        narrative=name,
        first=min(first_day(row.issued) for row in dated),
        last=max(last_day(row.issued) for row in dated),
        statements=len(rows),
        largest=max((row.number for row in persons if row.number is not None), default=math.nan),
        last_number=max(numbers, default=None),
        shortest=shortest,
        longest=longest,
    )


def _days_walked_back(
    narratives: Narratives, name: str, published: str
) -> tuple[int | None, int | None]:
    """Return the fewest and most days from a claim to its walking back, over dated claims.

    The last statement that was walked back bounds the day from below: nobody takes back today what
    they repeat tomorrow.
    """
    rows = [row for row in narratives.of(name) if row.walked_back]
    rows = [row for row in rows if first_day(row.issued) == last_day(row.issued)]
    if not rows:
        return None, None
    begin = min(first_day(row.issued) for row in rows)
    soonest = max(max(first_day(row.issued), first_day(row.walked_back)) for row in rows)
    latest = max(last_day(row.walked_back) for row in rows)
    if published:
        latest = min(latest, last_day(published))
    return (soonest - begin).days, (latest - begin).days


class Belief(NamedTuple):
    """What a poll bears: share, standard error and interval, each 0 to 1; NaN without a sample."""

    share: float
    standard_error: float
    low: float
    high: float


def belief(answer: Answer, level: float = 0.95) -> Belief:
    """Return the share of an answer with its standard error and exact interval.

    Parameters
    ----------
    answer : Answer
    level : float
        Coverage of the interval, 0 to 1.

    Notes
    -----
    Chance alone. A printed share without a count stands for the nearest whole count.
    """
    share = answer.share / 100.0
    if answer.sample is None:
        return Belief(share, math.nan, math.nan, math.nan)
    count = round(share * answer.sample) if answer.count is None else answer.count
    share = share if answer.count is None else count / answer.sample
    low, high = exact_interval(count, answer.sample, level)
    return Belief(share, math.sqrt(share * (1.0 - share) / answer.sample), low, high)


def difference(first: Answer, second: Answer) -> tuple[float, float]:
    """Return how far two single answers of one question lie apart, and its standard error.

    Raises
    ------
    ValueError
        If several answers were allowed, for then the error depends on who ticked both; or if the
        sample is not told.
    """
    if first.multiple or second.multiple or first.sample is None or first.sample != second.sample:
        raise ValueError("both must be single answers of one sample of known size")
    one, two = first.share / 100.0, second.share / 100.0
    variance = (one + two - (one - two) ** 2) / first.sample
    return one - two, math.sqrt(variance)


def either(first: Answer, second: Answer) -> tuple[float, float]:
    """Return the least and most share of respondents who gave at least one of two answers."""
    one, two = first.share / 100.0, second.share / 100.0
    if not first.multiple:
        return one + two, one + two
    return max(one, two), min(1.0, one + two)


def ticked_several(question: Question) -> tuple[int, int]:
    """Return how many respondents at least and at most gave more than one answer.

    If everybody answered. A respondent cannot tick more than all answers.

    Raises
    ------
    ValueError
        If a count or the sample is not told.
    """
    counts = [row.count for row in question.answers]
    sample = question.answers[0].sample
    if sample is None or any(count is None for count in counts):
        raise ValueError("counts and sample must be told")
    extra = max(0, sum(count for count in counts if count is not None) - sample)
    most_each = len(counts) - 1
    return -(-extra // most_each) if most_each else 0, min(extra, sample)


def event_months(honours: Honours | None, narratives: Narratives | None) -> list[tuple[int, str]]:
    """Return month number and kind of every dated event: honours and statements.

    A year without a month and what memory alone dates are left out.
    """
    found: list[tuple[int, str]] = []
    for row in honours.rows if honours else ():
        if len(row.begins) > len("YYYY") and not row.begin_recalled:
            found.append((month_number(row.begins), "granted"))
        if len(row.ends) > len("YYYY") and not row.end_recalled:
            found.append((month_number(row.ends), f"ended by {row.ended_by}"))
    for said in narratives.rows if narratives else ():
        found.append((month_number(said.issued), "statement"))
        if len(said.walked_back) > len("YYYY"):
            found.append((month_number(said.walked_back), "walked back"))
    return sorted(found)
