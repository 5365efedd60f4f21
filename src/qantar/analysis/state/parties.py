"""Parties: seats by the rules of elections, and the record run through the mechanism."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.months import channels
from qantar.model.months.declaration import MONTHS_PER_YEAR, SERIES
from qantar.model.months.event_log import blank_log
from qantar.model.months.parties import MECHANISM, blank_parties, move_parties
from qantar.model.months.party_state import (
    ACTUAL,
    GONE,
    LEGAL,
    NONE,
    OPPOSITION,
    PartiesGiven,
)
from qantar.model.records import Record
from qantar.packs.country import Country
from qantar.packs.state.parties import Parties
from qantar.packs.years import load_years
from qantar.rng import key_of
from qantar.simulate.years.alone import follow_alone, numbers_at
from qantar.simulate.years.inputs import dated_months, make_past
from qantar.simulate.years.parties import given_parties

PERCENT = 100.0

_LOGGED = 256


def largest_remainder(votes: Mapping[str, float], seats: int, threshold: float) -> dict[str, int]:
    """Share seats among lists by quotas and largest remainders.

    Parameters
    ----------
    votes : mapping
        Votes or percent of each list. Those of lists that are not named count for nothing.
    seats : int
    threshold : float
        Least votes of a list, in the same unit.

    Returns
    -------
    dict
        Seats of every list, 0 below the threshold. If no list passes, nobody gets a seat.
    """
    passed = {name: share for name, share in votes.items() if share >= threshold and share > 0}
    whole = sum(passed.values())
    quotas = {name: seats * share / whole for name, share in passed.items()}
    given = {name: int(quota) for name, quota in quotas.items()}
    rest = seats - sum(given.values()) if passed else 0
    by_remainder = sorted(passed, key=lambda name: (given[name] - quotas[name], name))
    for name in by_remainder[:rest]:
        given[name] += 1
    return {name: given.get(name, 0) for name in votes}


class Outcome(NamedTuple):
    """An election by list: votes in percent, and seats by the rule.

    Attributes
    ----------
    date : str
    votes : dict
        The winner's is called ``winner``.
    seats : dict
    stated : dict
        Seats that a source states.
    """

    date: str
    votes: dict[str, float]
    seats: dict[str, int]
    stated: dict[str, int]


def outcomes(parties: Parties, added: float = 0.0) -> list[Outcome]:
    """Return what the rules make of the votes of every election by list.

    Parameters
    ----------
    parties : Parties
    added : float
        Points added to the threshold, in percent.
    """
    found = []
    for election in parties.elections:
        rule = parties.rule_of(election.date)
        own = [vote for vote in parties.votes if vote.election == election.date]
        by_list = election.kind == "parliamentary" and rule is not None
        if not own or not by_list or rule is None or election.winner_share is None:
            continue
        votes = {"winner": election.winner_share} | {vote.party: vote.share for vote in own}
        seats = largest_remainder(votes, rule.list_seats, max(rule.threshold + added, 0.0))
        stated = {vote.party: vote.seats for vote in own if vote.seats is not None}
        found.append(Outcome(election.date, votes, seats, stated))
    return found


def event_months(country: Country, parties: Parties) -> list[tuple[int, str, str]]:
    """Return the dated events of opposition parties: months since the first, party, kind."""
    given = _given(country, parties)
    names = [each.party for each in parties.parties]
    opposition = {each.party for each in parties.parties if each.stance == "opposition"}
    months = np.repeat(np.arange(given.record_months), np.diff(given.first_events))
    rows = zip(months, given.event_unit, parties.events, strict=False)
    return [
        (int(month), names[unit], event.kind)
        for month, unit, event in rows
        if names[unit] in opposition
    ]


def online(country: Country) -> Numbers:
    """Return the share of residents whom uncensored news reaches, by month of the record."""
    years = load_years(country)
    months = dated_months(years)
    users = np.nan_to_num(
        make_past(country, years, months).series[:, SERIES.index("internet_users")]
    )
    values = numbers_at(channels.MECHANISM)
    later = (np.arange(months) + 1 - months) / MONTHS_PER_YEAR
    share = np.clip(values["uncensored"] + values["uncensored_growth"] * later, 0.0, 1.0)
    return np.asarray(share * np.clip(users / PERCENT, 0.0, 1.0))


class RecordRun(NamedTuple):
    """The record as the mechanism has it, month by month.

    Attributes
    ----------
    indices : dict
        Each field of the mechanism by month.
    reach : float array (months, parties)
        Reach of every party of the pack; NaN while it is none of the opposition.
    legal_reach : float array (months,)
        Largest reach of a registered party of the opposition.
    """

    indices: dict[str, Numbers]
    reach: Numbers
    legal_reach: Numbers


def run_record(
    country: Country, parties: Parties, p: Record | None = None, reach: Numbers | None = None
) -> RecordRun:
    """Run the record through the mechanism.

    Parameters
    ----------
    country : Country
    parties : Parties
    p : record of parameters, optional
        By default the middle of every prior.
    reach : float array, optional
        Reach of uncensored news by month; by default `online`.
    """
    given = _given(country, parties)
    numbers = numbers_at(MECHANISM) if p is None else p
    reach = online(country) if reach is None else reach
    months, count = given.record_months, len(parties.parties)
    own, reached, largest = blank_parties(given), np.full((months, count), np.nan), np.zeros(months)

    def watch(month: int) -> None:
        opposed = own.stance[ACTUAL] == OPPOSITION
        legal = opposed & (own.status[ACTUAL] == LEGAL)
        largest[month] = own.reach[ACTUAL][legal].max(initial=0.0)
        active = (opposed & ~np.isin(own.status[ACTUAL], (NONE, GONE)))[:count]
        reached[month, active] = own.reach[ACTUAL, :count][active]

    table = follow_alone(
        MECHANISM,
        move_parties,
        given,
        own,
        lambda _: numbers,
        blank_log(_LOGGED),
        key_of(0, 0),
        months,
        reach=reach,
        watch=watch,
    )
    names = [field.name for field in MECHANISM.country]
    return RecordRun(dict(zip(names, table.T, strict=True)), reached, largest)


def _given(country: Country, parties: Parties) -> PartiesGiven:
    """Return the parties of the record as arrays."""
    years = load_years(country)
    months = dated_months(years)
    return given_parties(parties, years.header.first, months, months)
