"""What the sources say about courts, beside what the pack has and the rules give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from qantar.analysis.state.checks import Check, told
from qantar.analysis.state.court_histories import follow_courts
from qantar.analysis.state.court_releases import release_checks, verdict_checks
from qantar.analysis.state.dismissal_laws import (
    chance_of_last,
    growth_ratio,
    score_laws,
    spells_of,
    verdict_on,
)
from qantar.evidence.datasets import Table, exact_interval, load_tables
from qantar.model.months.courts import MECHANISM
from qantar.packs.country import Country
from qantar.packs.state.courts import Courts
from qantar.packs.state.courts_tables import CourtCount
from qantar.packs.years import Years
from qantar.packs.years_tables import month_number
from qantar.rng import key_of
from qantar.simulate.years.alone import numbers_at
from qantar.simulate.years.courts import given_courts

_TABLES = ("evidence", "tables", "tables.yaml")


class EventMonth(NamedTuple):
    """A dated event of the part, for laws of when events come.

    Attributes
    ----------
    month : int
        From January of the year 0.
    kind : {"charged", "sentenced", "released", "died"}
    unit : str
        The case.
    recalled : bool
        Whether no source read here gives the date.
    """

    month: int
    kind: str
    unit: str
    recalled: bool


def event_months(courts: Courts) -> list[EventMonth]:
    """Return the dated events of political cases, in order; dismissals have no single dates."""
    found = []
    for case in courts.cases:
        if case.political != "yes":
            continue
        for kind in ("charged", "sentenced", "released", "died"):
            month = case.month(kind)
            if month is not None:
                found.append(EventMonth(month, kind, case.case, kind in case.recalled))
    return sorted(found)


def checks(country: Country, courts: Courts, years: Years) -> list[Check]:
    """Return what the sources say about courts, and what the pack and the rules say.

    Parameters
    ----------
    country : Country
    courts : Courts
        As `load_courts` read them.
    years : Years
        For waves and for V-Dem's index.
    """
    found = [
        *_check_counts(courts),
        *_check_laws(country, courts, years),
        *_check_survey(country),
        *verdict_checks(courts),
        *release_checks(courts),
        *_check_index(courts, years),
        Check(
            "C6",
            "inquiry into January 2022",
            "demanded in February to April 2022; none is reported",
            "inquiries are no part of the model",
            "not told",
            ("c003-jan-hrw-inquiry", "c003-41-hrw-inquiry", "c003-41-ameriks-inquiry"),
        ),
    ]
    return told(country, found)


def _check_counts(courts: Courts) -> list[Check]:
    """Counts that the pack holds: inputs."""
    found = []
    for count in courts.counts:
        if count.claim_ids:
            where = f"{count.begins} to {count.ends}"
            stated = f"{count.value:g} judges {where}"
            has = f"{count.value:g}, that is {count.yearly:.1f} a year over {count.months} months"
            found.append(
                Check("A8", count.count, stated, has, "input", count.claim_ids, count.note)
            )
    return found


def _check_laws(country: Country, courts: Courts, years: Years) -> list[Check]:
    """Whether dismissals grew, and which law of their rate the counts prefer."""
    spells = spells_of(courts, country, years.triggers)
    if len(spells) < 2:
        return []
    chance, ratio = chance_of_last(spells), growth_ratio(spells)
    scores = score_laws(spells)
    table = ", ".join(f"{each.law} {each.log_score:.2f}" for each in scores)
    return [
        Check(
            "A8",
            "dismissals grow",
            "the number of dismissed judges grows",
            f"the last rate is {ratio:.2f} times that before; chance of so many or more at a"
            f" constant rate {chance:.2g}",
            "hit" if chance < 0.05 and ratio > 1 else "miss",
            ("c003-24-dismissal-grows", "c003-24-judges-60"),
            "the source chose where the last count begins; judges who go together count singly",
        ),
        Check(
            "A8",
            "law of dismissals",
            "the sources name the fight against corruption, not protest",
            f"log scores: {table}; {verdict_on(scores, len(spells))}",
            "not told",
            ("c003-24-measures-exist", "c003-24-judges-60"),
            "a wave is large with three regions out; with two, the years after 2019 count as well:"
            f" after a challenge {_challenge_score(country, courts, years):.2f}. If two judges go"
            f" at a time: {verdict_on(score_laws(spells, together=2), len(spells))}",
        ),
        *_check_jury(courts, next(s.size for s in scores if s.law == "trend")),
    ]


def _challenge_score(country: Country, courts: Courts, years: Years) -> float:
    """Return the score of the law of challenges if two regions make a wave large."""
    scores = score_laws(spells_of(courts, country, years.triggers, large=2))
    return next(each.log_score for each in scores if each.law == "after a challenge")


def _check_jury(courts: Courts, slope: float) -> list[Check]:
    """Whether a second count, by another definition, follows the trend of the first."""
    jury = courts.counts_of("dismissed_by_jury")
    if len(jury) < 2:
        return []
    flat = shares_score(jury, 0.0)
    sloped = shares_score(jury, slope)
    return [
        Check(
            "A8",
            "trend in a second count",
            "nothing: the counts are not in the sources",
            f"by the disciplinary jury {', '.join(f'{c.value:g}' for c in jury)} in "
            f"{jury[0].begins} to {jury[-1].ends}; log score {flat:.1f} at a constant rate, "
            f"{sloped:.1f} with the trend that the first counts give",
            "hit" if sloped > flat else "miss",
            (),
            "out of sample, for the law of a steady trend; another definition, 19 judges in all",
        )
    ]


def shares_score(counts: Sequence[CourtCount], slope: float) -> float:
    """Return the log score of how a sum divides over counts; the rate grows by `slope` a year."""
    middles = np.array([c.month_at_middle / 12 for c in counts])
    weight = np.log([c.months for c in counts]) + slope * (middles - middles[0])
    share = np.exp(weight - np.logaddexp.reduce(weight))
    values = np.array([c.value for c in counts])
    ways = math.lgamma(values.sum() + 1) - sum(math.lgamma(v + 1) for v in values)
    return float(ways + np.sum(values * np.log(share)))


def _check_survey(country: Country) -> list[Check]:
    """The survey on courts: shares follow from counts, and trust is an input of the model."""
    path = country.folder.joinpath(*_TABLES)
    if not path.exists():
        return []
    table = load_tables(path).get("survey")
    if table is None:
        return []
    counts = {c.item: int(c.value) for c in table.cells if _is_count(c.subject, c.predicate)}
    base = table.header.base
    reform, trust, total = counts["reform"], counts["trust-courts"], sum(counts.values())
    low, high = exact_interval(trust, base)
    return [
        Check(
            "A8",
            "share that wants reform of the courts",
            "79.8 % in the appendix, 78.8 % in the text",
            f"{reform} of {base} are {100 * reform / base:.1f} %",
            "hit" if round(100 * reform / base, 1) == 79.8 else "miss",
            ("c003-24-q8-yes-count", "c003-24-q8-yes-share"),
            "agrees with the appendix; the text has another digit",
        ),
        Check(
            "A8",
            "several answers a person",
            "132 answers of 124 persons, 1.06 each",
            f"{total} answers, {total / base:.2f} each",
            "hit" if f"{total / base:.2f}" == "1.06" else "miss",
            ("c003-24-q8-yes-count", "c003-24-q8-local-count", "c003-24-q8-no-count"),
            "the shares exclude nobody: a person may want reform and trust the courts",
        ),
        _trust_check(table, trust, low, high),
    ]


def _is_count(subject: str, predicate: str) -> bool:
    return subject == "survey-q8" and predicate == "count"


def _trust_check(table: Table, trust: int, low: float, high: float) -> Check:
    base = table.header.base
    return Check(
        "A8",
        "trust in the courts in 2022",
        f"{trust} of {base} trust them, {100 * trust / base:.1f} %",
        f"the level of trust was chosen after it; its interval is {100 * low:.0f} to "
        f"{100 * high:.0f} % for sampling alone",
        "input",
        ("c003-24-q8-no-count", "c003-24-q8-no-share", "c003-24-trust-low"),
        "invited persons, no sample of the country",
    )


def beside_vdem(courts: Courts, years: Years) -> dict[int, tuple[float, float]]:
    """Return our independence in each December and V-Dem's constraints by courts, by year."""
    index = {
        int(period): row.value for (_, period), row in years.series("judicial_constraints").items()
    }
    header = years.header
    months = month_number(header.observed_until) - month_number(header.first) + 1
    given = given_courts(courts, header.first, months)
    history = follow_courts(given, key_of(1, 0), given.record_months, numbers_at(MECHANISM))
    first = int(years.header.first[:4])
    whole = range(first, first + given.record_months // 12)
    ours = history.fields["judicial_independence"]
    return {
        year: (float(ours[12 * (year - first) + 11]), index[year])
        for year in whole
        if year in index
    }


def _check_index(courts: Courts, years: Years) -> list[Check]:
    """Our index beside V-Dem's, which is not used: directions over three spans."""
    if "judicial_constraints" not in years.header.series:
        return []
    pairs = beside_vdem(courts, years)
    spans = [(1991, 2005), (2013, 2021)]
    return [_span_check(pairs, span) for span in spans if set(span) <= set(pairs)]


def _span_check(pairs: Mapping[int, tuple[float, float]], span: tuple[int, int]) -> Check:
    (ours_a, theirs_a), (ours_b, theirs_b) = pairs[span[0]], pairs[span[1]]
    same = (ours_b - ours_a) * (theirs_b - theirs_a) > 0
    return Check(
        "A8",
        f"independence {span[0]} to {span[1]}",
        f"V-Dem's constraints by courts: {theirs_a:.2f} to {theirs_b:.2f}",
        f"independence by the rules: {ours_a:.2f} to {ours_b:.2f}",
        "hit" if same else "miss",
        (),
        "an index of experts, not of the sources, and of another thing; the priors were chosen with"
        " its level in view, so only the direction is a check; a fall in the first years follows"
        " from memories that begin empty",
    )
