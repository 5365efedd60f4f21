"""What the sources say about outlets, beside the tables and what follows from them.

Owners and dates are put in, so agreement with them is no test. What follows from the rules: how far
independent reach fell and when, and whether what the sources say of one outlet fits together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import spearmanr

from qantar.analysis.state.checks import Check
from qantar.analysis.state.event_laws import TOLD_APART
from qantar.analysis.state.outlet_laws import compare_laws
from qantar.base.arrays import Numbers
from qantar.model.months.outlets import MECHANISM
from qantar.packs.country import Country
from qantar.packs.state.outlets import Outlets, load_outlets
from qantar.packs.years import Years, load_years
from qantar.rng import key_of
from qantar.simulate.years.alone import numbers_at
from qantar.simulate.years.inputs import dated_months, month_index
from qantar.simulate.years.outlets import follow_outlets, given_outlets

SYSTEM = "A9"
FIELDS = tuple(each.name for each in MECHANISM.country)
AGREES = 0.5
"""Rank correlation with the experts' index from which the course counts as the same."""


def recorded_outlets(country: Country) -> Numbers:
    """Return the fields of the mechanism by month of the record: float array (months, fields).

    Zeros for a pack without outlets.
    """
    years = load_years(country)
    months = dated_months(years)
    given = given_outlets(load_outlets(country), years.header.first, months, np.zeros(months))
    numbers = numbers_at(MECHANISM)
    values, _ = follow_outlets(given, numbers, numbers, months, key_of(1, 0), np.zeros(months))
    return values


def checks(country: Country) -> list[Check]:
    """Return the facts about outlets that the sources state, and what became of each.

    Facts about outlets that the pack does not have are left out.
    """
    outlets = load_outlets(country)
    if outlets is None:
        return []
    found: list[Check] = []
    for needs, make in _FACTS:
        if set(needs) <= set(outlets.names):
            found.append(make(outlets))
    if "khabar" in outlets.names:
        found.extend(_course(country))
        found.extend(_untold())
    found.append(_laws(country, outlets))
    return found


def _dates(outlets: Outlets, outlet: str, kind: str) -> str:
    """Return the dates of what befell an outlet."""
    return ", ".join(each.date for each in outlets.of(outlet) if each.kind == kind) or "never"


def _owners(outlets: Outlets, outlet: str) -> str:
    return "; ".join(
        f"{each.owner} from {each.begins}" for each in outlets.owners if each.outlet == outlet
    )


def _khabar(outlets: Outlets) -> Check:
    return Check(
        SYSTEM,
        "Khabar is in the hands of the president's daughter",
        "1995 (s2.1); late 1990s (s2.2); seized in 1997 (s2.2.1)",
        _owners(outlets, "khabar"),
        "input",
        ("c003-21-dariga-khabar-began", "c003-22-dariga-control-began", "c003-221-dariga-media"),
        "one thesis gives three dates; the earliest is used",
    )


def _bought(outlets: Outlets) -> Check:
    return Check(
        SYSTEM,
        "KTK and Caravan are bought by the president's son-in-law",
        "at the same time as Khabar, in the late 1990s",
        "; ".join(f"{name}: {_dates(outlets, name, 'taken_over')}" for name in ("ktk", "caravan")),
        "input",
        ("c003-22-ktk-owner", "c003-22-caravan-owner"),
        "the month is assumed; that he lost both in 2007 is recalled",
    )


def _tan(outlets: Outlets) -> Check:
    return Check(
        SYSTEM,
        "Tan is silenced",
        "shot at on 29 March 2002; disbanded in 2002 (s2.1.1); sold, and on the air (s2.2.2)",
        f"attacked {_dates(outlets, 'tan', 'attacked')}; taken over "
        f"{_dates(outlets, 'tan', 'taken_over')}; closed {_dates(outlets, 'tan', 'closed')}",
        "input",
        ("c003-222-tan-shot", "c003-211-tan-closed", "c003-222-tan-sold"),
        "the two chapters contradict each other; the longer account, a sale, is used",
    )


def _irbis(outlets: Outlets) -> Check:
    return Check(
        SYSTEM,
        "Irbis is closed",
        "2002",
        _dates(outlets, "irbis", "closed"),
        "input",
        ("c003-211-irbis-closed", "c003-222-irbis-closed"),
    )


def _dat(outlets: Outlets) -> Check:
    chain = ["dat"]
    after = {each.successor_of: each.outlet for each in outlets.outlets if each.successor_of}
    while chain[-1] in after:
        chain.append(after[chain[-1]])
    closed = sum(each.kind == "closed" for name in chain for each in outlets.of(name))
    return Check(
        SYSTEM,
        "DAT is closed several times and comes back each time under another name",
        "Soldat, ZhumaTimes, Ayna Plus and others; no dates",
        f"{closed} closures; {', '.join(chain)}",
        "input",
        (
            "c003-221-dat-closed",
            "c003-221-dat-soldier",
            "c003-221-dat-zhumatimes",
            "c003-221-dat-ayna",
            "c003-221-dat-rename",
        ),
        "every date is recalled, and none is used to compare laws",
    )


def _kplus(outlets: Outlets) -> Check:
    return Check(
        SYSTEM,
        "K-Plus broadcasts from 2007 to 2013",
        "from 2007, prohibited by a court without date, ended in 2013; a report dates the ban to "
        "6 December 2012",
        f"on the air {_dates(outlets, 'k-plus', 'refounded')}; blocked "
        f"{_dates(outlets, 'k-plus', 'blocked')}; closed {_dates(outlets, 'k-plus', 'closed')}",
        "input",
        ("c003-222-kplus-head", "c003-222-kplus-court", "c003-222-kplus-end"),
        "a conflict only if the ban ended it: here it is blocked from the ban on, and by satellite "
        "goes on to its end",
    )


def _tulip(outlets: Outlets) -> Check:
    began = outlets.of("k-plus")[0].date
    return Check(
        SYSTEM,
        "K-Plus covers the Tulip revolution in Kyrgyzstan",
        "covered it; that was in 2005",
        f"on the air from {began}",
        "hit" if began <= "2005" else "miss",
        ("c003-222-kplus-tulip", "c003-222-kplus-head"),
        "an outlet cannot cover what came before it; the thesis contradicts itself, unless the "
        "revolution of 2010 is meant",
    )


def _few(outlets: Outlets) -> Check:
    names = ("za-nami", "guiperborei", "protenge", "vlast")
    return Check(
        SYSTEM,
        "Only small channels of journalists are left",
        "three channels named; Vlast among the last independent outlets",
        ", ".join(f"{name} since {outlets.of(name)[0].date}" for name in names),
        "input",
        (
            "c003-22-indep-za-nami",
            "c003-22-indep-guiperborei",
            "c003-22-indep-protenge",
            "c001-vlast-independent",
        ),
        "the years in which they began are recalled",
    )


_FACTS: tuple[tuple[tuple[str, ...], Callable[[Outlets], Check]], ...] = (
    (("khabar",), _khabar),
    (("ktk", "caravan"), _bought),
    (("tan",), _tan),
    (("irbis",), _irbis),
    (("dat",), _dat),
    (("k-plus",), _kplus),
    (("k-plus",), _tulip),
    (("za-nami", "guiperborei", "protenge", "vlast"), _few),
)


def _course(country: Country) -> list[Check]:
    """Check the course of independent reach against what the sources and experts say."""
    years, values = load_years(country), recorded_outlets(country)
    reach = values[:, FIELDS.index("independent_reach")]
    before, after, end = (
        float(reach[month_index(years, moment)]) for moment in ("1996-12", "2003-01", "2022-01")
    )
    rank, pairs = _against_experts(years, reach)
    return [
        Check(
            SYSTEM,
            "Independent media are destroyed from 1997 on",
            "a landscape destroyed by reforms since 1997",
            f"independent reach {before:.2f} at the end of 1996, {after:.2f} in January 2003",
            "hit" if after < before / 2 else "miss",
            ("c003-22-landscape-destroyed", "c003-222-liquidated"),
            "a hit if it more than halved, a bound set with the course known; it follows from "
            "owners put in and from the rules of reach and independence",
        ),
        Check(
            SYSTEM,
            "The press is the mouthpiece of the state in 2022",
            "only small independent channels bring news that the state does not control",
            f"independent reach {end:.2f} in January 2022",
            "hit" if end < 0.2 else "miss",
            ("c003-22-propaganda", "c003-22-progovernment-media"),
            "a hit below a fifth, a bound set with the course known; reach is assumed, and social "
            "media apart from outlets are left out",
        ),
        Check(
            SYSTEM,
            "The course agrees with what experts judge",
            "freedom of expression and of other sources of news falls from 1991 to 2021 (V-Dem)",
            f"rank correlation {rank:.2f} over {pairs} years",
            "hit" if rank >= AGREES else "miss",
            (),
            f"a hit from {AGREES:g}, a bound set before; the experts' index is not used in this "
            "part. It falls on after 2007, when independent reach grows with small outlets",
        ),
    ]


def _against_experts(years: Years, reach: Numbers) -> tuple[float, int]:
    """Return the rank correlation with the experts' index of free expression, and its years."""
    pairs = [
        (row.value, float(reach[month]))
        for (_, period), row in years.series("free_expression").items()
        if (month := month_index(years, period) + 11) < reach.size
    ]
    both = np.array(pairs)
    return float(spearmanr(both[:, 0], both[:, 1]).statistic), len(pairs)


def _untold() -> list[Check]:
    """Return facts on which the model says nothing."""
    return [
        Check(
            SYSTEM,
            "Rank in the index of press freedom",
            "122 of 180 in 2022 (s2.2); always last (concluding remarks)",
            "no rank: other countries are not simulated",
            "not told",
            ("c003-22-rsf-rank", "c003-22-rsf-countries", "c003-2cr-ranking-last"),
            "a monitor's figure, which contradicts the other; its method changed that year, after "
            "rank 155 in 2021",
        ),
        Check(
            SYSTEM,
            "The papers of one editor are closed again and again",
            "Fahrenheit 451, Vremya Zero, Eurasia.org and Politon; no dates",
            "left out: neither beginning nor end is dated",
            "not told",
            ("c003-221-duvanov-papers-closed", "c003-221-duvanov-fahrenheit"),
        ),
        Check(
            "C6",
            "Attention from abroad tones persecution down",
            "two journalists released; pressure on DAT ended in 2020",
            "`watched` has a prior of either sign: two cases tell no size",
            "not told",
            ("c003-221-persecution-continues", "c003-221-dat-reason-control"),
        ),
    ]


def _laws(country: Country, outlets: Outlets) -> Check:
    """Check whether the dated blows tell when outlets are struck."""
    scores = compare_laws(country)
    null, rivals = scores[0], scores[1:]
    best = max(rivals, key=lambda each: each.gain)
    each = "; ".join(f"{law.law} {law.gain:+.2f}" for law in rivals)
    verdict = best.verdict if best.gain >= TOLD_APART else "nothing can be told"
    return Check(
        SYSTEM,
        "Outlets are struck after challenges rather than at a constant rate",
        "channels that had shown an opposition movement were closed in the same year",
        f"{null.struck} of {null.months} months hold a dated blow; log score against a constant "
        f"rate: {each}; {verdict}",
        "hit" if verdict != "nothing can be told" else "not told",
        ("c003-211-tan-closed", "c003-222-irbis-cause") if "tan" in outlets.names else (),
        f"told from a difference of {TOLD_APART:g}; months with a recalled date are left out",
    )
