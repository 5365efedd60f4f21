"""What the sources say about posts and people, beside what the pack holds and the rules give."""

from __future__ import annotations

from typing import NamedTuple

from qantar.analysis.state.checks import Check, Verdict
from qantar.analysis.state.office_hindcast import hindcast
from qantar.analysis.state.office_laws import (
    Score,
    likely_counts,
    log_binomial,
    origins,
    score_leaving,
    spells,
)
from qantar.model.months.institutions import MEMORY
from qantar.model.months.offices_data import OfficesGiven
from qantar.packs.country import Country
from qantar.packs.state.offices import EliteCount, Offices
from qantar.packs.years import Years
from qantar.packs.years_tables import month_number
from qantar.simulate.years.inputs import challenges, dated_triggers, make_past
from qantar.simulate.years.offices import (
    area_names,
    given_offices,
)


class EventMonth(NamedTuple):
    """A dated event of the part, for laws of when events come.

    Attributes
    ----------
    month : int
        From January of the year 0.
    kind : {"took", "left"}
    unit, person : str
        The post and the person.
    recalled : bool
        Whether its date rests on memory.
    """

    month: int
    kind: str
    unit: str
    person: str
    recalled: bool


def event_months(part: Offices) -> list[EventMonth]:
    """Return the dated changes of holders, in order."""
    recalled = {(row.post, row.person, row.since): row.grade == "assumed" for row in part.holdings}
    found = []
    for row in part.holdings:
        unsure = recalled[row.post, row.person, row.since]
        found.append(EventMonth(month_number(row.since), "took", row.post, row.person, unsure))
        if row.until and row.how != "not told":
            month = month_number(row.until)
            found.append(EventMonth(month, "left", row.post, row.person, unsure))
    return sorted(found)


def challenged_months(country: Country, years: Years) -> set[int]:
    """Return the months from January of the year 0 within a year after a wide wave."""
    found: set[int] = set()
    for wave in challenges(country, dated_triggers(years)):
        month = month_number(wave.begins)
        found |= set(range(month, month + MEMORY + 1))
    return found


def leaving_scores(
    part: Offices, country: Country, years: Years, until: str | None = None
) -> tuple[Score, ...]:
    """Return the scores of the laws of leaving, for the posts of premier and security chief.

    They are those of which the pack knows the most holders.

    Parameters
    ----------
    part : Offices
    country : Country
    years : Years
    until : str, optional
        The last month, as ``YYYY-MM``; by default the last observed one.
    """
    known = sorted({row.post for row in part.holdings}, key=lambda post: -len(part.of_post(post)))
    found = spells(part, known[:2], month_number(until or years.header.observed_until))
    return score_leaving(found, challenged_months(country, years))


def checks(part: Offices, country: Country, years: Years) -> list[Check]:
    """Return the checks of A6, B11, D3 and D6 against the sources of the pack.

    Facts that were put in are called input, however well they then agree.
    """
    past = make_past(country, years, 1)
    given = given_offices(part, country, years.header.first, past.population_share, past.connection)
    return [
        *_appointments(part),
        *_holders(part),
        *_counts(part, country, given),
        *hindcast(part, country, years, given),
        _laws(part, country, years),
    ]


def _appointments(part: Offices) -> list[Check]:
    """Return the named appointments of relatives until 2002; all of them are put in."""
    kin = {person.person: person for person in part.people if person.kin}
    found = []
    for row in part.holdings:
        told = any(claim.startswith(_SECTIONS) for claim in row.claim_ids)
        if told and row.person in kin and row.since[:4] in _EARLY:
            found.append(
                Check(
                    "A6",
                    f"{kin[row.person].name}: {_label(part, row.post)}",
                    "a relative of the president is appointed between 1995 and 2002",
                    f"held from {row.since}" + (f" to {row.until}" if row.until else ""),
                    "input",
                    row.claim_ids,
                    row.note,
                )
            )
    return found


_EARLY = tuple(str(year) for year in range(1995, 2003))
_SECTIONS = ("c003-21-", "c003-22-")
"""Claims of the sections that name the appointments of relatives."""

_COUNCIL = "security-council-chair"


def _holders(part: Offices) -> list[Check]:
    """Return the checks of who held what at the top; all are put in."""
    premier = [row for row in part.of_post("prime-minister") if row.person == "massimov"]
    council = part.of_post(_COUNCIL)
    return [
        Check(
            "A6",
            "Massimov is premier twice",
            "2007 to 2012 and 2014 to 2016",
            "; ".join(f"{row.since} to {row.until}" for row in premier),
            "input",
            ("c002-massimov-pm-1", "c002-massimov-pm-2", "c002-massimov-twice"),
        ),
        Check(
            "B11",
            "The chair of the Security Council changes hands",
            "5 January 2022 (seed-002, seed-003), 6 January (seed-001)",
            f"{council[-1].since}, from {council[0].person} to {council[-1].person}",
            "input",
            ("c002-council-chair", "c003-council-chair", "c001-council-chair"),
        ),
        Check(
            "B11",
            "A nephew is arrested, yet nobody of the family is charged",
            "both in the same section",
            "the two statements contradict each other, and no rule here decides on charges",
            "not told",
            ("c003-412-satybaldy-arrest", "c003-412-no-charges"),
        ),
        Check(
            "D6",
            "Protected owners lose posts first, assets last",
            "members of the family left posts; most important ones untouched",
            "posts only: assets are not in this part",
            "not told",
            ("c003-412-satpayev-most", "c003-412-vacated"),
        ),
    ]


def _counts(part: Offices, country: Country, given: OfficesGiven) -> list[Check]:
    """Return the checks of counts of office holders by origin, and of the cabinet of 2022."""
    found = []
    names = area_names(part, [region.region for region in country.regions])
    cabinet = sum(post.seats for post in part.posts if post.team) + 1
    for row in part.counts:
        if row.code == "native" or row.code.startswith("area:"):
            found.append(_origin_check(names, given, row))
        elif row.code == "kept":
            found.append(
                Check(
                    "D3",
                    "The cabinet of 11 January 2022",
                    f"{row.of} members, {row.number} of them kept",
                    f"{cabinet} seats; the prior of `kept` has its middle at 0.65",
                    "input",
                    row.claim_ids,
                    "one cabinet: a rate cannot be estimated from it",
                )
            )
        elif row.code == "first-timer":
            found.append(
                Check(
                    "D3",
                    "New members who had never been ministers",
                    f"{row.number} of {row.of}",
                    "people who leave office do not come back in this law",
                    "not told",
                    row.claim_ids,
                )
            )
    return found


def _origin_check(names: list[str], given: OfficesGiven, row: EliteCount) -> Check:
    """Check a count of regional heads by origin against the law and against chance.

    A count within what chance gives as well tells nothing of the law. That natives are many was
    known when the law got its weight of local origin, so for them the count is an input.
    """
    home = names.index("south") if "south" in names else 0
    ranges, scores, means = {}, {}, {}
    for law in ("patronal", "chance"):
        found = origins(given, home, law)
        chance = found.native
        if row.code.startswith("area:"):
            chance = found.area[names.index(row.code.removeprefix("area:"))]
        scores[law], means[law] = log_binomial(row.number, row.of, chance), chance.mean() * row.of
        ranges[law] = likely_counts(row.of, chance)
    within = {law: low <= row.number <= high for law, (low, high) in ranges.items()}
    verdict: Verdict = "hit" if within["patronal"] else "miss"
    if within["chance"] and within["patronal"]:
        verdict = "not told"
    if row.code == "native":
        verdict = "input"
    stated = f"{row.number} of {row.of} akims in {row.date}"
    claims: tuple[str, ...] = ()
    if row.code == "area:south":
        stated += "; by seed-000 the elite is overwhelmingly southern"
        claims = ("c000-elite-southern-p3", "c000-leaders-south")
    elif row.code == "area:west":
        stated += "; by seed-000 very few of the elite are westerners"
        claims = ("c000-few-westerners",)
    return Check(
        "A6",
        f"Regional heads: {row.what}",
        stated,
        "; ".join(
            f"{law} {means[law]:.1f} ({low} to {high}), log score {scores[law]:.2f}"
            for law, (low, high) in ranges.items()
        ),
        verdict,
        claims,
        "akims are not the whole elite",
    )


def _laws(part: Offices, country: Country, years: Years) -> Check:
    """Compare laws of leaving, with and without January 2022."""
    scores = leaving_scores(part, country, years)
    without = leaving_scores(part, country, years, _YEAR_BEFORE)
    gains = ", ".join(
        f"{one.law} {one.log_score - scores[0].log_score:+.1f} "
        f"({other.log_score - without[0].log_score:+.1f})"
        for one, other in zip(scores[1:], without[1:], strict=True)
    )
    return Check(
        "A6",
        "When premiers and security chiefs leave",
        f"{scores[0].facts} departures, {without[0].facts} of them before 2022",
        f"log score over a constant rate, in brackets without January 2022: {gains}",
        "not told",
        (),
        "most dates are recalled; what a challenge does rests on two departures of one day",
    )


_YEAR_BEFORE = "2021-12"


def _label(part: Offices, post: str) -> str:
    return next(row.label for row in part.posts if row.post == post)
