"""Courts of a pack as arrays for the months."""

from __future__ import annotations

import math
from statistics import mean, median

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.months.courts import CourtsGiven, no_courts
from qantar.packs.state.courts import Courts
from qantar.packs.state.courts_tables import Case
from qantar.packs.years_tables import month_number

DEFAULT_TERM = 5.0
"""Years of a sentence where a pack tells of none."""

DEFAULT_TRIAL = 6.0
"""Months from charge to verdict where a pack tells of none."""


def given_courts(courts: Courts | None, first: str, record_months: int) -> CourtsGiven:
    """Return the courts of a pack as the months get them.

    Parameters
    ----------
    courts : Courts or None
        None switches the part off.
    first : str
        First month of the years.
    record_months : int
        Months of the record.

    Returns
    -------
    CourtsGiven
        A case that ended in prison without a known release ends with its term, if that lies within
        the record; a sentence without years puts nobody in prison.
    """
    if courts is None:
        return no_courts()
    start = month_number(first)
    pieces = courts.pieces("dismissed")
    change, step = _last_change(pieces, start)
    political = [case for case in courts.cases if case.political == "yes"]
    untried = [case for case in political if case.kind == "died_untried"]
    return CourtsGiven(
        record_months=record_months,
        dismissed=_monthly(pieces, start, record_months),
        dismissal_rate=mean_rate(pieces),
        level_change=change,
        level_step=step,
        case_rate=len(political) * 12.0 / max(record_months, 1),
        death_share=len(untried) / len(political) if political else 0.0,
        trial_months=_trial_months(courts.cases),
        term=_term(political),
        attention=_attention(political),
        charged=_moments(courts.cases, "charged", start),
        sentenced=_moments(courts.cases, "sentenced", start),
        released=_releases(courts.cases, start, record_months),
        died=_moments(courts.cases, "died", start),
        convicted=np.array([float(case.verdict == "convicted") for case in courts.cases]),
        political=np.array([float(case.political == "yes") for case in courts.cases]),
        years=np.array([_years(case) for case in courts.cases]),
        noticed=np.array([case.attention for case in courts.cases]),
    )


def mean_rate(pieces: tuple[tuple[int, int, float], ...]) -> float:
    """Return judges a year over all counted months; 0 if none are counted."""
    months = sum(length for _, length, _ in pieces)
    return sum(judges for *_, judges in pieces) * 12.0 / months if months else 0.0


def _monthly(pieces: tuple[tuple[int, int, float], ...], start: int, record_months: int) -> Numbers:
    """Return the judges of each month, spread evenly over each count."""
    values = np.full(record_months if pieces else 0, math.nan)
    for begins, length, judges in pieces:
        low = max(begins - start, 0)
        values[low : max(begins - start + length, 0)] = judges / length
    return values


def _last_change(pieces: tuple[tuple[int, int, float], ...], start: int) -> tuple[int, float]:
    """Return the month in which the last count begins, and the step of the rate at it."""
    if len(pieces) < 2:
        return -1, 0.0
    (_, before, fewer), (begins, after, more) = pieces[-2:]
    if fewer <= 0 or more <= 0:
        return -1, 0.0
    return begins - start, math.log((more / after) / (fewer / before))


def _trial_months(cases: tuple[Case, ...]) -> float:
    pairs = [(case.month("charged"), case.month("sentenced")) for case in cases]
    spans = [later - earlier for earlier, later in pairs if earlier and later]
    return float(mean(spans)) if spans else DEFAULT_TRIAL


def _term(political: list[Case]) -> float:
    terms = [case.sentence_years for case in political if case.sentence_years]
    return float(median(terms)) if terms else DEFAULT_TERM


def _attention(political: list[Case]) -> float:
    noticed = [case.attention for case in political if case.attention > 0]
    return mean(noticed) if noticed else 0.0


def _years(case: Case) -> float:
    return math.nan if case.sentence_years is None else case.sentence_years


def _moments(cases: tuple[Case, ...], column: str, start: int) -> NDArray[np.int64]:
    """Return months from the first of the years, -1 for those unknown or before it."""
    found = [case.month(column) for case in cases]
    return np.array([-1 if m is None else max(m - start, -1) for m in found], np.int64)


def _releases(cases: tuple[Case, ...], start: int, record_months: int) -> NDArray[np.int64]:
    """Return releases; where none is known, the end of a term that ended within the record."""
    released = _moments(cases, "released", start)
    sentenced = _moments(cases, "sentenced", start)
    for k, case in enumerate(cases):
        if released[k] < 0 <= sentenced[k] and case.sentence_years is not None:
            end = sentenced[k] + round(12 * case.sentence_years)
            released[k] = end if end < record_months else -1
    return released
