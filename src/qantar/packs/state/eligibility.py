"""Who may stand for an office next, when, and why: computed from the rules of a constitution.

Three rules bear on it. Age: a person may stand from the day of the least age until the day before
the age above the greatest. Terms: with a limit of n terms ``in a row`` a person must sit out one
term after the n-th, with a limit over a ``life`` the n-th is the last. A person of an exempt status
is not bound by the limit. Terms that began before `counts_from` do not count; nor does time in
which somebody only acts for another.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qantar.base.errors import UnknownNameError
from qantar.packs.state.constitution import Constitution, OfficeRules
from qantar.packs.years_tables import first_day

Terms = tuple[tuple[dt.date, dt.date | None], ...]
"""First and last day of terms; a term without an end goes on."""

GAP = 366
"""Days between two terms of one person up to which they are in a row."""


@dataclass(frozen=True)
class Eligibility:
    """Whether a person may stand.

    Attributes
    ----------
    may_stand : bool
        On the day that was asked about.
    earliest : date or None
        The first day, from the one asked about, on which these rules let the person stand; None if
        never.
    latest : date or None
        The last day on which they do; None if there is no bar of age.
    reasons : tuple of str
        Which rules say so, in words.
    """

    may_stand: bool
    earliest: dt.date | None
    latest: dt.date | None
    reasons: tuple[str, ...]


def after_years(day: dt.date, years: float) -> dt.date:
    """Return the same day so many years later; fractions count as months."""
    months = day.year * 12 + day.month - 1 + round(12 * years)
    year, month = divmod(months, 12)
    if day.day <= 28:
        return day.replace(year=year, month=month + 1)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return dt.date(year, month + 1, min(day.day, (following - dt.timedelta(1)).day))


def eligibility(
    rules: OfficeRules,
    terms: Terms,
    date: dt.date,
    born: dt.date | None = None,
    status: tuple[str, ...] = (),
) -> Eligibility:
    """Return whether a person may stand for an office under the rules of one day.

    Parameters
    ----------
    rules : OfficeRules
        Rules of the office.
    terms : tuple
        Terms that the person began in the office; those after `date` are left out.
    date : date
        The day of the vote.
    born : date, optional
        Without it no bar of age is checked.
    status : tuple of str
        What exempts the person, if a rule names it.
    """
    reasons: list[str] = []
    earliest = _free_again(rules, terms, date, status, reasons)
    latest = None
    if born is not None:
        of_age = after_years(born, rules.least_age)
        if of_age > date:
            reasons.append(f"is of age ({rules.least_age:g}) from {of_age}")
            earliest = None if earliest is None else max(earliest, of_age)
        if rules.most_age:
            latest = after_years(born, rules.most_age + 1) - dt.timedelta(1)
    if latest is not None and (earliest is None or latest < earliest):
        too_old = f"is older than {rules.most_age:g} from {latest + dt.timedelta(1)}"
        if earliest is not None or latest < date:
            reasons.append(too_old)
        earliest = None
    return Eligibility(earliest == date, earliest, latest, tuple(reasons) or ("no rule bars",))


def _free_again(
    rules: OfficeRules, terms: Terms, date: dt.date, status: tuple[str, ...], reasons: list[str]
) -> dt.date | None:
    """Return from when on the limit of terms lets a person stand; None if never."""
    counted = [
        each
        for each in sorted(terms, key=lambda each: each[0])
        if each[0] <= date and not (rules.counts_from and each[0] < rules.counts_from)
    ]
    served = len(counted)
    if rules.counts == "row":
        served = _last_run(counted, date, rules)
    if not rules.limit or served < rules.limit:
        return date
    if rules.exempt and rules.exempt in status:
        reasons.append(f"served {served} of {rules.limit:g} terms, but {rules.exempt} is exempt")
        return date
    if rules.counts == "life":
        reasons.append(f"served {served} of {rules.limit:g} terms, and no more are allowed")
        return None
    ends = _end_of(counted[-1], date, rules)
    free = after_years(ends, rules.term or 1.0)
    reasons.append(f"served {served} of {rules.limit:g} terms in a row: another's term comes first")
    return max(free, date)


def _end_of(term: tuple[dt.date, dt.date | None], date: dt.date, rules: OfficeRules) -> dt.date:
    """Return the end of a term; one that goes on ends when it is due, or later if it is overdue."""
    if term[1] is not None and term[1] <= date:
        return term[1]
    return max(after_years(term[0], rules.term or 1.0), date)


def _last_run(
    counted: list[tuple[dt.date, dt.date | None]], date: dt.date, rules: OfficeRules
) -> int:
    """Return the terms in a row up to a day; 0 if somebody else served a term since."""
    if not counted or after_years(_end_of(counted[-1], date, rules), rules.term or 1.0) <= date:
        return 0
    run, after = 0, None
    for begins, ends in reversed(counted):
        if after is not None and ends is not None and (after - ends).days > GAP:
            break
        run, after = run + 1, begins
    return run


def who_may_stand(
    constitution: Constitution, office: str, person: str, date: dt.date | str
) -> Eligibility:
    """Return whether a person of a constitution may stand for an office on a day.

    Raises
    ------
    UnknownNameError
        If there is no such person, or no such office on that day.
    """
    day = first_day(date) if isinstance(date, str) else date
    persons = constitution.header.persons
    if person not in persons:
        raise UnknownNameError("person", person, persons)
    offices = constitution.rules_at(day).offices
    if office not in offices:
        raise UnknownNameError("office in being", office, offices)
    born = persons[person].born
    terms = tuple(
        (begins, None if ends is None or ends > day else ends)
        for begins, ends in constitution.terms_of(person, office)
        if begins <= day
    )
    return eligibility(
        offices[office],
        terms,
        day,
        first_day(born) if born else None,
        persons[person].status,
    )


def successor_at(constitution: Constitution, office: str, date: dt.date | str) -> str:
    """Return who would take an office over in mid-term on a day, or an empty string."""
    rules = constitution.rules_at(date).offices.get(office)
    return constitution.holder_at(rules.successor, date) if rules and rules.successor else ""


def vote_due(constitution: Constitution, office: str, date: dt.date | str) -> dt.date | None:
    """Return when the sitting holder's term ends by the rules of the day on which it began.

    None if nobody sits, or the office has no term.
    """
    day = first_day(date) if isinstance(date, str) else date
    holder = constitution.holder_at(office, day)
    begun = [begins for begins, _ in constitution.terms_of(holder, office) if begins <= day]
    if not begun:
        return None
    rules = constitution.rules_at(begun[-1]).offices.get(office)
    return after_years(begun[-1], rules.term) if rules and rules.term else None
