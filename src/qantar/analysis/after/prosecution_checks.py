"""What the sources say from arrest to sentence, beside what was put in and what the rule gives."""

from __future__ import annotations

import numpy as np

from qantar.analysis.after.prosecution_update import (
    CANDIDATES,
    LEVELS,
    Fact,
    candidates,
    find_facts,
    weights_of,
)
from qantar.analysis.state.checks import Check, Verdict, told
from qantar.base.arrays import Numbers
from qantar.model.after.prosecution_state import keyed_uniforms
from qantar.model.after.prosecutions import charge_share
from qantar.packs.after.prosecutions import ProsecutionCount, Prosecutions, load_prosecutions
from qantar.packs.country import Country
from qantar.simulate.after.prosecutions import SEED, declared_numbers, draw_numbers

_WIDE = "the priors are wide and were written by somebody who knew the counts"
_TOO_WIDE = 50.0
"""Percentage points: a wider range that holds a count is no hit."""

_TERMS = ("zhanaozen-prison", 3.0, 7.0)
"""Shortest and longest term that the thesis prints for 2011."""


def checks(country: Country, seed: int = SEED) -> list[Check]:
    """Return the facts of D7, and of C6 on inquiries, with their verdicts.

    Parameters
    ----------
    country : Country
        A fact whose rows or claims a pack lacks is left out; an empty list if the part is off.
    seed : int
    """
    prosecutions = load_prosecutions(country)
    if prosecutions is None:
        return []
    numbers = candidates(seed)
    facts = find_facts(prosecutions, numbers)
    return told(
        country,
        [
            *_counted(prosecutions),
            *_untold(prosecutions),
            *(_left_out(fact, facts, seed) for fact in facts if fact.errors),
            *_tried(prosecutions, numbers, weights_of(facts), seed),
            *_terms(prosecutions, seed),
            *_inquiries(prosecutions, facts),
        ],
    )


def _rows(prosecutions: Prosecutions, *names: str) -> list[ProsecutionCount]:
    """Return rows by name; none of them if one is missing."""
    found = [prosecutions.count(name) for name in names]
    return [each for each in found if each] if all(found) else []


def _claims(rows: list[ProsecutionCount]) -> tuple[str, ...]:
    return tuple(claim for row in rows for claim in row.claim_ids)


def _counted(prosecutions: Prosecutions) -> list[Check]:
    """Counts and sums that were put in."""
    return [
        *_sorted_share(prosecutions),
        *_rising(prosecutions),
        *_cases(prosecutions),
        *_trial(prosecutions),
        *_monitors(prosecutions),
        *_dead(prosecutions),
    ]


def _sorted_share(prosecutions: Prosecutions) -> list[Check]:
    rows = _rows(prosecutions, "jan-09-detained", "jan-09-serious", "jan-09-administrative")
    if not rows:
        return []
    held, serious, fined = (row.low or 0.0 for row in rows)
    rest = held - serious - fined
    return [
        Check(
            "D7",
            "what became of the detained by 9 January",
            f"{held:,.0f} detained, of whom {serious:.0f} suspected of serious crimes and"
            f" {fined:.0f} under administrative arrest",
            f"{100 * (serious + fined) / held:.1f} % are accounted for; of {rest:,.0f} no source"
            " says whether they were held, released or counted again",
            "input",
            _claims(rows),
        )
    ]


def _rising(prosecutions: Prosecutions) -> list[Check]:
    names = ("jan-08-detained", "jan-09-detained", "jan-11-detained", "jan-13-detained")
    rows = _rows(prosecutions, *names)
    if not rows:
        return []
    values = [row.low or 0.0 for row in rows]
    rises = bool((np.diff(values) > 0).all())
    listed = "; ".join(f"{row.text} ({row.publisher}, {row.date})" for row in rows)
    return [
        Check(
            "D7",
            "numbers of the detained grow",
            listed,
            f"in the table; each is {'above' if rises else 'not above'} the one before",
            "input",
            _claims(rows),
            "three publishers: the last step is from authorities to civil society",
        ),
        Check(
            "D7",
            "new arrests, or persons counted again",
            "nothing",
            "the numbers are taken as running totals of persons; released and arrested again, or"
            " counted by two publishers alike, cannot be told apart",
            "not told",
            _claims(rows),
        ),
    ]


def _cases(prosecutions: Prosecutions) -> list[Check]:
    rows = _rows(prosecutions, "jan-11-cases", "jan-11-detained")
    if not rows:
        return []
    cases, held = (row.low or 0.0 for row in rows)
    return [
        Check(
            "D7",
            "criminal cases by 11 January",
            f"{cases:.0f} cases, {held:,.0f} detained",
            f"{100 * cases / held:.1f} cases for each 100 detained; cases are no persons",
            "input",
            _claims(rows),
        )
    ]


def _trial(prosecutions: Prosecutions) -> list[Check]:
    names = ("tried", "prison", "probation", "acquitted", "officers")
    rows = _rows(prosecutions, *(f"zhanaozen-{name}" for name in names))
    if not rows:
        return []
    tried, prison, probation, acquitted, officers = (row.low or 0.0 for row in rows)
    total = prison + probation + acquitted
    return [
        Check(
            "D7",
            "trials after Zhanaozen 2011",
            f"{tried:.0f} tried: {prison:.0f} to prison, {probation:.0f} to probation,"
            f" {acquitted:.0f} acquitted; {officers:.0f} officers sentenced",
            f"in the table; the three outcomes sum to {total:.0f}",
            "input",
            _claims(rows),
            "the text does not date the trials",
        )
    ]


def _monitors(prosecutions: Prosecutions) -> list[Check]:
    rows = _rows(prosecutions, "assemblies-2019", "june-2019-detained")
    if not rows:
        return []
    return [
        Check(
            "D7",
            "detained in 2019, by two publishers",
            "; ".join(f"{r.publisher} {r.text} ({r.date})" for r in rows),
            "four days of the one exceed the whole year of the other",
            "input",
            _claims(rows),
            "both are shown; neither is corrected",
        )
    ]


def _dead(prosecutions: Prosecutions) -> list[Check]:
    rows = _rows(prosecutions, "jan-08-killed", "jan-08-injured", "jan-08-detained")
    if not rows:
        return []
    return [
        Check(
            "D7",
            "dead and injured among the detained",
            f"of {rows[2].text} detained {rows[0].text} killed and {rows[1].text} injured",
            "in the table as printed; the wording makes the dead a part of the detained, which"
            " may be an error of the text",
            "input",
            _claims(rows),
        )
    ]


def _untold(prosecutions: Prosecutions) -> list[Check]:
    """What the sources leave open."""
    found = []
    for row in _rows(prosecutions, "no-criteria"):
        found.append(
            Check(
                "D7",
                "rule of sorting into fines and charges of terrorism",
                "none was announced",
                "one share for everybody, drawn from a wide prior; place, group and offence make"
                " no difference in the rule",
                "not told",
                row.claim_ids,
            )
        )
    rows = _rows(prosecutions, "tortured", "zhanaozen-tortured")
    if rows:
        found.append(
            Check(
                "D7",
                "how many were mistreated",
                f"2022: {rows[0].text}; 2011: {rows[1].text}",
                "no number in any source; the rule draws reports from a prior alone",
                "not told",
                _claims(rows),
            )
        )
    return found


def _left_out(fact: Fact, facts: list[Fact], seed: int) -> Check:
    """Check a count against the rule as the other counts leave it."""
    weights = weights_of(facts, fact.row.count)
    low, middle, high = (100 * each for each in fact.predicted(weights, seed))
    observed = 100 * fact.observed
    verdict: Verdict = "hit" if low <= observed <= high else "miss"
    note = f"left out here, an input elsewhere; {_WIDE}"
    if verdict == "hit" and high - low > _TOO_WIDE:
        verdict, note = "not told", f"a range so wide could hardly have missed; {note}"
    return Check(
        "D7",
        fact.meaning,
        f"{fact.row.text} of {fact.base:,.0f}, {observed:.1f} % ({fact.row.event})",
        f"from the other counts: median {middle:.1f} %, 90 % from {low:.1f} to {high:.1f}",
        verdict,
        fact.row.claim_ids,
        note,
    )


def _tried(
    prosecutions: Prosecutions, numbers: dict[str, Numbers], weights: Numbers, seed: int
) -> list[Check]:
    """Check how many were tried of hundreds detained in 2011, which no update uses."""
    from scipy.special import expit, logit, ndtri

    rows = _rows(prosecutions, "zhanaozen-tried", "zhanaozen-detained")
    if not rows:
        return []
    low, high = np.log([rows[1].low or 1.0, rows[1].high or 1.0])
    ids = np.arange(CANDIDATES)
    detained = np.exp(low + (high - low) * keyed_uniforms(seed, ids, "check detained", 0))
    share = charge_share(numbers["charged"], numbers["crowding"], detained)
    spread = declared_numbers()["between"].central
    share = expit(logit(share) + spread * ndtri(keyed_uniforms(seed, ids, "check tried", 0)))
    kept = 1.0 - draw_numbers(["dropped"], CANDIDATES, seed)["dropped"]
    order = np.argsort(detained * share * kept)
    below = np.cumsum(weights[order])
    given = (detained * share * kept)[order][np.searchsorted(below, LEVELS)]
    seen = rows[0].low or 0.0
    return [
        Check(
            "D7",
            "tried of the detained in 2011",
            f"{seen:.0f} of {rows[1].text}",
            f"100 to 999 detained give a median of {given[1]:.0f}, 90 % from {given[0]:.0f} to"
            f" {given[2]:.0f}",
            "hit" if given[0] <= seen <= given[2] else "miss",
            _claims(rows),
            "not used for the update; the range is wide, so a hit says little",
        )
    ]


def _terms(prosecutions: Prosecutions, seed: int) -> list[Check]:
    """Check the range of terms of 2011, which no update uses."""
    from scipy.special import ndtri

    name, shortest, longest = _TERMS
    rows = _rows(prosecutions, name)
    if not rows or not rows[0].low:
        return []
    numbers = draw_numbers(["term", "term_spread"], 4000, seed)
    ids = np.arange(4000)
    persons = range(int(rows[0].low))
    luck = [ndtri(keyed_uniforms(seed, ids, "check term", person)) for person in persons]
    terms = numbers["term"] * np.exp(numbers["term_spread"] * np.array(luck))
    short, long = terms.min(axis=0), terms.max(axis=0)
    ends = {
        "shortest term of prison": (short, shortest, "years"),
        "longest term of prison": (long, longest, "years"),
        "ratio of longest to shortest term": (long / short, longest / shortest, ""),
    }
    found = []
    for what, (drawn, seen, unit) in ends.items():
        low, middle, high = np.quantile(drawn, LEVELS)
        found.append(
            Check(
                "D7",
                f"{what} in 2011",
                f"{seen:.3g} {unit}".strip(),
                f"of {len(persons)} terms by the prior: median {middle:.1f}, 90 % from"
                f" {low:.1f} to {high:.1f}",
                "hit" if low <= seen <= high else "miss",
                rows[0].claim_ids,
                "not used for the update; one trial for one offence",
            )
        )
    return found


def _inquiries(prosecutions: Prosecutions, facts: list[Fact]) -> list[Check]:
    """Demands for an inquiry, and that none is told of."""
    asked = [row for row in prosecutions.of_stage("inquiry_demanded") if row.claims]
    fact = next((each for each in facts if each.row.informs == "independent"), None)
    if not asked or fact is None:
        return []
    listed = "; ".join(f"{row.publisher} ({row.date})" for row in asked)
    before = float(fact.shares.mean())
    left = float(fact.shares @ weights_of(facts, fact.row.count))
    return [
        Check(
            "C6",
            "inquiries demanded",
            listed,
            f"{len(asked)} dated demands in the table",
            "input",
            _claims(asked),
        ),
        Check(
            "C6",
            "an independent inquiry into January 2022",
            "demanded; up to 12 December 2022 the thesis reports none",
            f"the rule gives a chance of {before:.2f} that one is opened by then, {left:.2f} with"
            " the other counts; that none is told of is put in",
            "input",
            _claims(asked),
            "silence of a text, no statement; whether demands help or hinder stays open",
        ),
    ]
