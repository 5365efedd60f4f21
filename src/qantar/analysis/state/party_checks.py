"""Parties: what the sources say beside what is put in and what the rules give.

Dates of events and votes are put in. Seats follow from votes and the rule of elections. Whether an
election is contested, and who could bargain, follow from status, from reach before the vote, and
from the priors of reach: those checks say in how many draws of the priors they hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from qantar.analysis.state.checks import Check
from qantar.analysis.state.parties import (
    RecordRun,
    online,
    outcomes,
    run_record,
)
from qantar.model.mechanism import stream
from qantar.model.months.parties import MECHANISM
from qantar.packs.country import Country
from qantar.packs.state.parties import Parties
from qantar.packs.state.parties_tables import PartyEvent
from qantar.packs.years import load_years
from qantar.packs.years_tables import month_number
from qantar.rng import key_of, normal
from qantar.simulate.years.alone import declared_numbers, numbers_at

CONTESTED = 0.05
"""Reach from which a registered party makes an election contested, as the pack defines it."""

_SCORES = stream("checks of parties")
_MOST = 0.5
"""A check that holds in more than this share of draws is a hit."""

_ONE_SEAT = (
    "threshold and votes of other parties are recalled; 12 % of ten seats is one if four fifths of "
    "all votes go to lists that pass, else two"
)

_REPORTED = "votes as reported; the threshold is recalled, and any from 5.3 to 7.1 % gives the same"

_DATED = (
    ("Democratic Choice: founded, dissolved, started again, banned again", "dck",
     ("founded", "banned", "relaunched"), "2001; January 2005; April 2017; March 2018"),
    ("Ak Zhol: founded, registered, split", "ak-zhol",
     ("founded", "registered", "split"), "January 2002; 3 April 2002; 15 March 2005"),
    ("Nagyz Ak Zhol founded", "nagyz-ak-zhol", ("founded",), "2005"),
    ("Alga: founded, refused, banned", "alga",
     ("founded", "refused", "banned"), "2005; never registered; 2012"),
    ("Communist Party banned", "kpk", ("banned",), "2015"),
    ("Kose unregistered and banned", "kose", ("founded", "banned"), "no date; ban by March 2021"),
    ("Oyan Qazaqstan founded", "oyan", ("founded",), "no date"),
    ("Sentences of leaders of Democratic Choice", "dck", ("leader_jailed",), "6 and 7 years, 2002"),
    ("Sentence of the leader of Alga", "alga", ("leader_jailed",), "7.5 years, 2012"),
)  # fmt: skip

_NOT_TOLD = (
    ("Attendance of the assembly of Democratic Choice", "1,000 to 5,000 in Almaty",
     ("c003-211-supporters-almaty", "c003-222-dvk-delegates"), "reach is a share, no crowd"),
    ("Activists held when they honoured Agadil", "80",
     ("c003-213-agadil-detained",), "the mechanism counts no activists"),
    ("The ban of 2018 made Democratic Choice better known", "more popular",
     ("c003-213-ban-popular", "c003-213-ban-result"), "the sign is left open in the prior"),
    ("Turnout and the vote of the ruling party are lower in the west", "lower",
     ("c000-west-turnout", "c000-west-party-vote"), "no result by region was found"),
    ("Single districts", "who sits for them", (), "only seats by list are computed"),
)  # fmt: skip


def checks(country: Country, parties: Parties, draws: int = 200) -> list[Check]:
    """Return every check of the parties of Kazakhstan.

    Parameters
    ----------
    country : Country
    parties : Parties
    draws : int
        Draws of the priors of reach.
    """
    runs = record_runs(country, parties, draws)
    return [
        *_dates(parties),
        *_seats(parties),
        *_laws(country, parties, runs),
        _contested(country, parties, runs),
        _turnout(parties),
        *(
            Check("A10" if "west" in fact else "A7", fact, stated, "nothing", "not told", ids, why)
            for fact, stated, ids, why in _NOT_TOLD
        ),
    ]


def record_runs(country: Country, parties: Parties, draws: int) -> list[RecordRun]:
    """Return the record run with parameters drawn from their priors."""
    reach, names = online(country), sorted(declared_numbers(MECHANISM))
    runs = []
    for member in range(draws):
        scores = {name: normal(key_of(0, member), _SCORES, k, 0, 0) for k, name in enumerate(names)}
        runs.append(run_record(country, parties, numbers_at(MECHANISM, scores), reach))
    return runs


def _dates(parties: Parties) -> list[Check]:
    """Return what is put in."""
    found = []
    for fact, party, kinds, stated in _DATED:
        rows = [row for row in parties.events if row.party == party and row.kind in kinds]
        told = "; ".join(f"{row.kind} {row.date}{_sentence(row)}" for row in rows)
        ids = tuple(dict.fromkeys(claim for row in rows for claim in row.claim_ids))
        note = "recalled where no source dates it" if "no date" in stated else ""
        found.append(Check("A7", fact, stated, told, "input", ids, note))
    return found


def _sentence(row: PartyEvent) -> str:
    return "" if row.years is None else f" ({row.years:g} years)"


def _seats(parties: Parties) -> list[Check]:
    """Return the seats of every election by list against those that a source states.

    Seats that are only recalled check nothing, and are left out.
    """
    found = []
    for each in outcomes(parties):
        votes = [vote for vote in parties.votes if vote.election == each.date]
        told = [
            vote.party for vote in votes if vote.grade != "assumed" and vote.party in each.stated
        ]
        if not told:
            continue
        stated, given = (
            {name: seats[name] for name in told} for seats in (each.stated, each.seats)
        )
        claims = tuple(claim for vote in votes for claim in vote.claim_ids)
        fact, note = f"Seats by list in {each.date[:4]}", _REPORTED
        if len(told) < len(votes):
            fact, note = f"{votes[0].share:g} % and one seat in {each.date[:4]}", _ONE_SEAT
        verdict: Literal["hit", "miss"] = "hit" if given == stated else "miss"
        found.append(Check("A7", fact, _named(stated), _named(given), verdict, claims, note))
    return found


def _named(seats: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in seats.items())


def _laws(country: Country, parties: Parties, runs: list[RecordRun]) -> list[Check]:
    """Return what follows from status and reach, by share of draws."""
    first = month_number(load_years(country).header.first)
    dck = parties.position("dck")

    def at(moment: str) -> int:
        return month_number(moment) - first

    def strongest(run: RecordRun) -> bool:
        return bool(np.nanargmax(run.reach[at("2022-01")]) == dck)

    def blow(run: RecordRun) -> bool:
        partner = run.indices["bargaining"]
        return bool(partner[at("2005-02")] == 1.0 and partner[at("2005-04")] == 0.0)

    def seated(run: RecordRun) -> bool:
        return bool(run.indices["opposition_seats"][at("1999-10") : at("2003-12")].mean() > 0.0)

    def unseated(run: RecordRun) -> bool:
        return bool((run.indices["opposition_seats"][at("2007-08") :] == 0.0).all())

    return [
        _of_draws("No legal leader to bargain with in January 2022", "none",
                  lambda run: run.indices["bargaining"][at("2022-01")] == 0.0, runs,
                  ("c001-leaderless", "c001-no-alternative", "c001-no-faction-role")),
        _of_draws("The split of Ak Zhol is a blow: the last legal partner is gone", "serious blow",
                  blow, runs, ("c003-212-split-blow",),
                  "follows from votes and from co-optation, which are put in", given=True),
        _of_draws("Opposition sits in parliament in the first 2000s", "yes", seated, runs,
                  ("c003-213-parliamentary-opposition",), "its votes are put in", given=True),
        _of_draws("No registered opposition could win a seat from August 2007 on", "none",
                  unseated, runs, ("c003-213-nonsystemic-no-elections", "c001-no-alternative")),
        _of_draws("Democratic Choice is the strongest opposition in January 2022", "strongest",
                  strongest, runs, ("c003-213-strongest",),
                  "parties differ by status, age and leader only"),
    ]  # fmt: skip


def _of_draws(
    fact: str,
    stated: str,
    holds: Callable[[RecordRun], object],
    runs: list[RecordRun],
    claims: tuple[str, ...],
    note: str = "",
    *,
    given: bool = False,
) -> Check:
    """Return a check that holds in a share of the draws; `given` if what is put in decides it."""
    share = float(np.mean([bool(holds(run)) for run in runs]))
    verdict: Literal["hit", "miss", "input"] = "hit" if share > _MOST else "miss"
    verdict = "input" if given else verdict
    found = f"holds in {share:.0%} of {len(runs)} draws of the priors"
    return Check("A7", fact, stated, found, verdict, claims, note)


def _contested(country: Country, parties: Parties, runs: list[RecordRun]) -> Check:
    """Return whether reach in the month before tells which elections are contested."""
    first = month_number(load_years(country).header.first)
    rows = [
        (month_number(each.date) - first - 1, each.contested)
        for each in parties.elections
        if each.kind != "referendum" and "not known" not in each.note
    ]
    told = np.array([[run.legal_reach[month] >= CONTESTED for month, _ in rows] for run in runs])
    stated = np.array([contested for _, contested in rows])
    hits, alarms = told[:, stated].mean(), told[:, ~stated].mean()
    found = (
        f"told beforehand: {hits:.0%} of the {stated.sum()} contested ones, and {alarms:.0%} of "
        f"the {(~stated).sum()} others (mean over draws)"
    )
    return Check(
        "A10",
        "Which elections are contested (5 % against the government)",
        f"{stated.sum()} of {len(stated)}",
        found,
        "hit" if hits > _MOST > alarms else "miss",
        (),
        "candidates for president without a party of their own are not in the tables",
    )


def _turnout(parties: Parties) -> Check:
    """Return turnout at parliamentary votes, which is given and moved by no rule."""
    votes = [each for each in parties.elections if each.kind == "parliamentary"]
    told = ", ".join(f"{each.date[:4]} {each.turnout:g} %" for each in votes if each.turnout)
    return Check(
        "A10", "Turnout at parliamentary votes", told, told, "input", (), "no rule moves it"
    )
