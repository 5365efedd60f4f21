"""The constitution beside the sources: what was put in, and what follows from its rules."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

from qantar.analysis.state.checks import Check, Verdict
from qantar.model.mechanism import stream
from qantar.packs.state.constitution import Constitution, OfficeRules
from qantar.packs.state.eligibility import eligibility, successor_at, who_may_stand
from qantar.packs.state.power import concentration, dual_power, power_share
from qantar.packs.years import Years
from qantar.packs.years_tables import first_day, last_day, month_number
from qantar.rng import key_of, uniform
from qantar.simulate.years.constitution import SAME, days_before

_WEIGHTS = stream("weights of powers")
AFTER = dt.timedelta(1)
LEADER, NEXT = "nazarbayev", "tokayev"
PRESIDENT, CHAIR = "president", "security-council-chair"
AGE_OF_SERVANTS = 60
"""Greatest age of civil servants that the thesis quotes as a bar for the president in 1998."""


def event_months(constitution: Constitution) -> list[str]:
    """Return the months in which the text of the constitution changed, in order."""
    return [
        first_day(each.date).strftime("%Y-%m") for _, each in constitution.amendments if each.step
    ]


def dual_months(constitution: Constitution, first: str) -> list[str]:
    """Return the months, from the first of the years, with at least a day of dual power."""
    ends = last_day(constitution.header.recorded_until)
    edges = [first_day(first), *constitution.changes, ends + AFTER]
    edges = sorted({day for day in edges if first_day(first) <= day <= ends + AFTER})
    found: set[str] = set()
    for k, start in enumerate(edges[:-1]):
        if dual_power(constitution, start)[0] > 0:
            last = edges[k + 1] - AFTER
            numbers = range(_month(start), _month(last) + 1)
            found |= {f"{n // 12}-{n % 12 + 1:02d}" for n in numbers}
    return sorted(found)


def _month(day: dt.date) -> int:
    return month_number(day.isoformat())


def robust_turns(constitution: Constitution, draws: int = 200, seed: int = 1) -> dict[str, float]:
    """Return how often each amendment raises concentration when powers are weighed at random.

    The weights are uniform on the simplex. Near 1 or 0 the direction does not depend on how powers
    are weighed; it still depends on the shares of the pack. One that changes nothing has 0.

    Parameters
    ----------
    constitution : Constitution
    draws, seed : int
        Number of random weightings.
    """
    powers = constitution.header.powers
    days = days_before(constitution)
    raised = dict.fromkeys((name for name, _ in constitution.amendments), 0)
    for draw in range(draws):
        # Exponential weights, as only their ratios count.
        weighed = {
            name: power.model_copy(
                update={"weight": -math.log(uniform(key_of(seed, draw), _WEIGHTS, k, 0, 0))}
            )
            for k, (name, power) in enumerate(powers.items())
        }
        header = constitution.header.model_copy(update={"powers": weighed})
        other = replace(constitution, header=header)
        for (name, amendment), before in zip(constitution.amendments, days, strict=True):
            change = concentration(other, amendment.date) - concentration(other, before)
            raised[name] += change > SAME
    return {name: number / draws for name, number in raised.items()}


def checks(constitution: Constitution, years: Years | None = None) -> list[Check]:
    """Return what the sources say of constitution and dual power, beside what the pack has.

    Parameters
    ----------
    constitution : Constitution
        That of Kazakhstan; the facts are those of its sources.
    years : Years, optional
        To compare dual power with the opening of the years.
    """
    found = [*_inputs(constitution), *_consequences(constitution), *_ballots(constitution)]
    if years is not None:
        found += _dual(constitution, years)
    return found


def _before_and_after(constitution: Constitution, name: str, rule: str) -> str:
    """Return the value of a rule of the president before and after an amendment."""
    day = first_day(constitution.header.amendments[name].date)
    old = constitution.rules_at(day - AFTER).offices[PRESIDENT]
    new = constitution.rules_at(day).offices[PRESIDENT]
    return f"{getattr(old, rule):g} to {getattr(new, rule):g}, {day}"


def _inputs(constitution: Constitution) -> list[Check]:
    """Return facts that were put in."""

    def changed(name: str, rule: str) -> str:
        return _before_and_after(constitution, name, rule)

    chair = constitution.rules_at("2022-01-05").offices[CHAIR]
    council = constitution.rules_at("1993-02-01").offices["supreme-council"]
    return [
        _input(
            "term of the president, 1998",
            "5 to 7 years",
            changed("amendment-1998", "term"),
            ("c003-13-term-5", "c003-13-term-7"),
        ),
        _input(
            "greatest age, 1998",
            "text on 60 and exceptionally 65 years struck out",
            changed("amendment-1998", "most_age") + " (0 is no bar)",
            ("c003-13-art33", "c003-13-art33-60", "c003-13-art33-65"),
            "the thesis quotes the rule of civil servants; the bar for presidents is recalled",
        ),
        _input(
            "senators named by the president, 2022",
            "15 to 10",
            changed("amendment-2022", "named"),
            ("c003-411-senate-15", "c003-411-senate-10"),
            "fewer, not more; that 15 dates from 2007, and was 7 before, is recalled",
        ),
        _input(
            "single term of seven years",
            "seven years in September 2022; one term listed under June",
            changed("amendment-2022-september", "term")
            + "; limit "
            + changed("amendment-2022-september", "limit"),
            ("c003-411-seven-years", "c003-411-one-term"),
            "September for both: the ledger holds June for a slip of the thesis",
        ),
        _input(
            "Supreme Council of 1993",
            "360 seats, five years",
            f"{council.seats:g} seats, {council.term:g} years",
            ("c003-13-sc-360", "c003-13-sc-term"),
        ),
        _input(
            "end of the Supreme Council",
            "dissolved in 1993; dissolved in 1995",
            constitution.header.amendments["decree-1995"].date,
            ("c003-13-sc-dissolved", "c003-21-supreme-council-dissolved"),
            "the thesis gives both years; the pack keeps one council until March 1995",
        ),
        _input(
            "the capital moves to Akmola",
            "1997",
            constitution.header.amendments["capital-1997"].date,
            ("c003-411-capital-1997",),
        ),
        _input(
            "law on the First President",
            "20 July 2000, immunity",
            constitution.header.amendments["law-2000"].date,
            ("c003-13-law2000-date", "c003-13-immunity"),
        ),
        Check(
            "A5",
            "end of the former president in the chair of the Security Council",
            "5 January (002, 003); 6 January (001)",
            f"2022-01-05, then held with {chair.held_with}",
            "input",
            ("c002-council-chair", "c003-council-chair", "c001-council-chair"),
            "the sources disagree; by months nothing changes",
        ),
        Check(
            "A4",
            "who appoints the president, 1993",
            "the Supreme Council",
            constitution.rules_at("1993-02-01").offices[PRESIDENT].filled_by,
            "miss",
            ("c003-13-1993-president",),
            "the pack departs from the thesis: the vote of December 1991 was by the people",
        ),
    ]


def _input(fact: str, stated: str, found: str, claims: tuple[str, ...], note: str = "") -> Check:
    return Check("A4", fact, stated, found, "input", claims, note)


def _verdict(agrees: bool) -> Verdict:
    return "hit" if agrees else "miss"


def _consequences(constitution: Constitution) -> list[Check]:
    """Return what follows from the rules."""
    born = constitution.header.persons[LEADER].born
    bar = OfficeRules(term=5, most_age=AGE_OF_SERVANTS)
    due = dt.date(2000, 12, 1)
    aged = eligibility(bar, (), due, first_day(born) if born else None)
    limited = who_may_stand(constitution, PRESIDENT, LEADER, "1998-10-06")
    kept = constitution.without(rules=("exempt",))
    third = who_may_stand(kept, PRESIDENT, LEADER, "2011-04-03")
    exempt = who_may_stand(constitution, PRESIDENT, LEADER, "2011-04-03")
    follows = successor_at(constitution, PRESIDENT, "2019-03-19")
    again = who_may_stand(constitution, PRESIDENT, NEXT, "2029-11-01")
    old, new = (concentration(constitution, day) for day in ("2022-09-16", "2022-09-17"))
    whole = [power_share(constitution, NEXT, day) for day in ("2022-01-04", "2022-01-05")]
    return [
        Check(
            "A4",
            "age kept the president from the next vote (1998)",
            "at 58 he could not stand again",
            f"with a bar at {AGE_OF_SERVANTS} he could until {aged.latest}; "
            f"the next vote was due in December 2000; {limited.reasons[0]}",
            _verdict(not aged.may_stand),
            ("c003-13-naz-age-bar", "c003-13-naz-58"),
            "by the recalled rules the limit of terms bars, if that of 1990 counts, and not age",
        ),
        Check(
            "A4",
            "who takes over on resignation, March 2019",
            "Tokayev, acting president",
            follows or "nobody",
            _verdict(follows == NEXT),
            ("c003-412-acting", "c003-13-senate-dismissal"),
            "rule of 1998 from the thesis; that he chaired the Senate is recalled",
        ),
        Check(
            "A5",
            "end of dual power strengthens the president, January 2022",
            "his power has been cemented",
            f"share of powers by law {whole[0]:.2f} to {whole[1]:.2f}",
            "input",
            ("c002-departure-ended",),
            "the shares are assumed",
        ),
        Check(
            "A4",
            "the longer term of September 2022 strengthens the president",
            "yes",
            f"concentration {old:.3f} to {new:.3f}",
            _verdict(new > old),
            ("c003-411-longer-power", "c003-411-strengthening"),
            "the index weighs powers, not the time for which they are held",
        ),
        Check(
            "A4",
            "third election in a row, April 2011",
            "no source of the ledger tells of the exemption of 2007",
            f"{exempt.reasons[0]}; without the exemption not before {third.earliest}",
            "not told",
        ),
        Check(
            "A4",
            "who may stand after the term of November 2022",
            "no source says",
            f"Tokayev may not: {again.reasons[0]}",
            "not told",
        ),
    ]


def _ballots(constitution: Constitution) -> list[Check]:
    """Return what follows from the ballots of June 2022."""
    vote = constitution.header.amendments["amendment-2022"].vote
    if vote is None:
        return []
    rest = vote.took_part - vote.yes - vote.no
    return [
        _input(
            "referendum of 5 June 2022",
            "7,985,769 took part, 68.05 %; 6,163,516 for, 1,490,470 against",
            f"electorate {vote.took_part / vote.turnout * 100:,.0f}, "
            f"for {100 * vote.yes / vote.took_part:.2f} %, "
            f"neither {100 * rest / vote.took_part:.2f} %",
            ("c003-411-ref-participants", "c003-411-ref-turnout", "c003-411-ref-for"),
            "arithmetic on what was put in",
        )
    ]


def _dual(constitution: Constitution, years: Years) -> list[Check]:
    """Compare dual power with the opening of the years."""
    months = dual_months(constitution, years.header.first)
    opened: set[str] = set()
    for opening in years.header.opening:
        span = range(month_number(opening.begins), month_number(opening.ends) + 1)
        opened |= {f"{n // 12}-{n % 12 + 1:02d}" for n in span}
    period = f"{months[0]} to {months[-1]}, {len(months)} months" if months else "never"
    pair = dual_power(constitution, "2020-01-01")
    return [
        Check(
            "A5",
            "two independent persons hold the same powers",
            f"{min(opened)} to {max(opened)}, {len(opened)} months" if opened else "not stated",
            f"{period}: {' and '.join(pair[1])}, overlap {pair[0]:.2f}",
            _verdict(sorted(opened) == months),
            ("c003-311-dual-power", "c003-311-same-powers"),
            "computed from rules and holders for every month since 1991; the days were put in",
        )
    ]
