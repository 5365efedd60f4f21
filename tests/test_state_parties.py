"""Parties by month, worked out by hand, and the parties of Kazakhstan against the sources.

Tables that are wrong are in test_state_parties_files.py.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from qantar.analysis.state.parties import (
    event_months,
    largest_remainder,
    outcomes,
)
from qantar.analysis.state.party_checks import checks
from qantar.model.months.event_log import PARTIES, EventLog, blank_log
from qantar.model.months.parties import (
    EVENTS,
    MECHANISM,
    PartiesGiven,
    PartiesState,
    blank_parties,
    move_parties,
    no_parties,
)
from qantar.model.months.party_events import renewal
from qantar.model.months.party_state import (
    ABROAD,
    ACTUAL,
    FREE,
    GONE,
    ILLEGAL,
    LEGAL,
    PRISON,
    SPARE,
    UNREGISTERED,
    Parameters,
)
from qantar.packs.country import Country
from qantar.packs.loading import load_country
from qantar.packs.state.parties import Parties, load_parties
from qantar.rng import key_of
from qantar.simulate.years.alone import declared_numbers, numbers_at

near = pytest.approx
FIELDS = [(field.name, np.float64) for field in MECHANISM.country]
RECORD_MONTHS = 24
FOREVER = 1e12


def parameters_at(scores: Mapping[str, float] | None = None, **fixed: float) -> Parameters:
    """Return parameters of the mechanism, to be changed by `_replace`."""
    return Parameters(*numbers_at(MECHANISM, scores, **fixed).item())


STILL = parameters_at(memory=FOREVER, first_reach=0.1, split_share=0.5, publicity=0.0)
"""Reach changes by events alone."""

QUIET = STILL._replace(
    **dict.fromkeys(
        ("founding", "application", "cooptation", "splitting", "relaunch", "ban_rate"), 0.0
    ),
    jail_rate=0.0,
    exile_rate=0.0,
    from_record=0.0,
)
"""Nothing is drawn."""


def land(*events: tuple[int, int, str], votes: Any = (), **change: Any) -> PartiesGiven:
    """Return three parties: one in power, one of the opposition, and one that split from it."""
    count = np.arange(RECORD_MONTHS + 1)
    ordered = sorted(events, key=lambda event: event[0])
    given = PartiesGiven(
        record_months=RECORD_MONTHS,
        stance=np.array([0, 2, 2]),
        led=np.array([1, 1, 1]),
        parent=np.array([-1, -1, 1]),
        first_events=np.searchsorted([e[0] for e in ordered], count).astype(np.int64),
        event_unit=np.array([e[1] for e in ordered], np.int64),
        event_kind=np.array([EVENTS.index(e[2]) for e in ordered], np.int64),
        first_votes=np.searchsorted([v[0] for v in votes], count).astype(np.int64),
        vote_unit=np.array([v[1] for v in votes], np.int64),
        vote_share=np.array([v[2] for v in votes], np.float64),
        list_seats=np.full(60, 10.0),
        threshold=np.full(60, 0.07),
    )
    return given._replace(**change)


class Story:
    """One history, month by month."""

    def __init__(self, given: PartiesGiven, p: Parameters, member: int = 0) -> None:
        self.given, self.p, self.member = given, p, member
        self.own: PartiesState = blank_parties(given)
        self.log: EventLog = blank_log(500)
        self.country = np.zeros(1, [*FIELDS, ("mean_reach", np.float64)])[0]
        self.month = 0

    def until(self, month: int, p: Parameters | None = None, challenged: float = 0.0) -> Story:
        self.p = p or self.p
        while self.month < month:
            move_parties(
                self.country, self.given, self.own, self.p, self.log,
                key_of(7, self.member), self.month, challenged,
            )  # fmt: skip
            self.month += 1
        return self

    def __getitem__(self, name: str) -> float:
        return float(self.country[name])

    def reach(self, unit: int) -> float:
        return float(self.own.reach[ACTUAL, unit])

    def events(self, kind: str = "") -> list[tuple[int, ...]]:
        rows = [tuple(int(cell) for cell in row) for row in self.log.rows[: self.log.used[0]]]
        return [row for row in rows if not kind or row[3] == EVENTS.index(kind)]


BORN = ((0, 0, "founded"), (0, 0, "registered"), (1, 1, "founded"))


# ---- the record, by hand


def test_a_party_is_founded_registered_and_banned_as_dated() -> None:
    story = Story(land(*BORN, (3, 1, "registered"), (5, 1, "banned")), STILL)
    assert (story.until(1)["opposition_reach"], story["legal_opposition"]) == (0, 0)
    assert story.until(2)["opposition_reach"] == near(0.1)
    assert story.own.status[ACTUAL, 1] == UNREGISTERED
    assert (story["legal_opposition"], story["bargaining"]) == (0, 0)
    story.until(4)
    assert story.own.status[ACTUAL, 1] == LEGAL
    # All reach is registered, and 10 % of 10 seats is one seat.
    assert story["legal_opposition"] == near(1)
    assert story["bargaining"] == 1
    assert story["opposition_seats"] == near(0.1)
    story.until(6)
    assert story.own.status[ACTUAL, 1] == ILLEGAL
    assert (story["legal_opposition"], story["opposition_seats"], story["bargaining"]) == (0, 0, 0)
    assert story["opposition_reach"] == near(0.1)
    assert story.events()[-1] == (5, PARTIES, 1, EVENTS.index("banned"))


def test_those_who_leave_take_their_share_of_reach() -> None:
    story = Story(land(*BORN, (3, 1, "split"), (3, 2, "founded")), STILL).until(4)
    assert story.reach(1) == near(0.05)
    assert story.reach(2) == near(0.1 + 0.05)
    assert story["opposition_reach"] == near(1 - 0.95 * 0.85)


def test_a_vote_sets_reach_and_half_of_legal_reach_counts_without_a_seat() -> None:
    given = land(*BORN, (1, 1, "registered"), (2, 2, "founded"), votes=((4, 1, 0.06),))
    story = Story(given, STILL).until(5)
    assert story.reach(1) == near(0.06)
    assert story["opposition_seats"] == 0
    assert story["legal_opposition"] == near(0.5 * 0.06 / (0.06 + 0.15))
    assert story["bargaining"] == 1


@pytest.mark.parametrize(("sign", "reach"), [(0.0, 0.1), (0.7, 0.1 * np.exp(0.7)), (-0.7, 0.0497)])
def test_a_ban_may_make_a_party_known_or_silence_it(sign: float, reach: float) -> None:
    p = STILL._replace(publicity=sign)
    story = Story(land(*BORN, (3, 1, "banned")), p).until(4)
    assert story["opposition_reach"] == near(reach, rel=1e-3)


def test_a_coopted_party_is_no_opposition() -> None:
    story = Story(land(*BORN, (1, 1, "registered"), (4, 1, "coopted")), STILL).until(4)
    assert story["bargaining"] == 1
    assert story.until(5)["opposition_reach"] == 0
    assert story["bargaining"] == 0


@pytest.mark.parametrize(
    ("event", "place", "back"), [("leader_jailed", PRISON, True), ("exiled", ABROAD, False)]
)
def test_a_leader_in_prison_or_abroad_cannot_bargain(event: str, place: int, back: bool) -> None:
    events = [*BORN, (1, 1, "registered"), (3, 1, event)]
    if back:
        events.append((6, 1, "leader_freed"))
    story = Story(land(*events), STILL).until(5)
    assert (story.own.leader[ACTUAL, 1], story["bargaining"]) == (place, 0)
    assert story.until(8)["bargaining"] == float(back)
    assert (story.own.leader[ACTUAL, 1] == FREE) == back


def test_nobody_bargains_for_a_movement_without_leader() -> None:
    given = land(*BORN, (1, 1, "registered"), led=np.array([1, 0, 1]))
    assert Story(given, STILL).until(3)["bargaining"] == 0


def test_a_party_that_merged_or_ended_reaches_nobody() -> None:
    for kind in ("merged", "dissolved"):
        story = Story(land(*BORN, (3, 1, kind)), STILL).until(4)
        assert (story.own.status[ACTUAL, 1], story["opposition_reach"]) == (GONE, 0)


def test_reach_drifts_to_its_level_with_the_stated_memory() -> None:
    p = parameters_at(first_reach=0.1, memory=1 / np.log(2), legal_reach=0.04, online_reach=0.06)
    story = Story(land((0, 1, "founded")), p)
    story.country["mean_reach"] = 0.5
    assert story.until(1).reach(1) == near(0.03 + 0.07 / 2)
    assert story.until(2).reach(1) == near(0.03 + 0.07 / 4)


def test_a_banned_party_is_heard_only_from_abroad() -> None:
    p = parameters_at(first_reach=0.1, memory=3.0, online_reach=0.06)
    for events, level in ((((0, 1, "exiled"),), 0.06), ((), 0.0)):
        story = Story(land((0, 1, "founded"), (0, 1, "banned"), *events), p)
        story.country["mean_reach"] = 1.0
        assert story.until(RECORD_MONTHS).reach(1) == near(level, abs=1e-3)


# ---- reforms and draws


def test_a_record_that_is_imposed_has_no_shift_whatever_the_levers() -> None:
    given = land(*BORN, (1, 1, "registered"), (9, 1, "banned"), votes=((4, 1, 0.05),))
    plain = Story(given, STILL)
    lever = Story(given, STILL._replace(ban_factor=5.0, threshold=-0.05, counted=0.5), member=3)
    for month in range(1, RECORD_MONTHS + 1):
        plain.until(month)
        lever.until(month)
        assert lever["parties_shift"] == 0
        assert [plain[name] for name, _ in FIELDS] == [lever[name] for name, _ in FIELDS]


def test_a_reform_leaves_the_record_and_its_shift_is_measured_against_it() -> None:
    given = land(*BORN, (1, 1, "registered"), (9, 1, "banned"))
    story = Story(given, STILL).until(6)
    # Nothing is drawn: the ban of month 9 does not come.
    story.until(12, QUIET)
    assert story.own.status[ACTUAL, 1] == LEGAL
    assert story["parties_shift"] == near(1.0)
    assert not story.events("banned")
    assert story.until(40)["parties_shift"] == near(1.0)


def test_after_the_record_the_shift_is_against_its_last_month() -> None:
    given = land(*BORN, (1, 1, "registered"))
    story = Story(given, QUIET._replace(from_record=1.0)).until(RECORD_MONTHS)
    assert story["legal_opposition"] == near(1)
    assert story.until(RECORD_MONTHS + 10)["parties_shift"] == 0
    certain = QUIET._replace(ban_rate=12.0)
    assert story.until(RECORD_MONTHS + 11, certain)["parties_shift"] == near(-1)


def bans(p: Parameters, members: int = 60, challenged: float = 0.0) -> list[int]:
    """Return the bans of every member in three years after the record."""
    given = land(*BORN, (1, 1, "registered"), (2, 2, "founded"))
    stories = [Story(given, p, m).until(60, challenged=challenged) for m in range(members)]
    return [len(story.events("banned")) for story in stories]


def test_more_bans_at_a_higher_rate_and_twins_share_luck() -> None:
    base = QUIET._replace(from_record=1.0, ban_rate=0.3)
    none, few, many = (bans(base._replace(ban_factor=factor)) for factor in (0.0, 1.0, 3.0))
    assert sum(none) == 0
    assert all(a <= b for a, b in zip(few, many, strict=True))
    assert sum(few) < sum(many)
    # Two parties that stand for 36 months at 0.3 a year: 1 - (1 - 0.025) ** 36 each.
    assert np.mean(bans(base, 300)) == near(2 * (1 - 0.975**36), abs=0.12)


def test_a_challenge_brings_bans_under_that_law_and_not_under_a_constant_rate() -> None:
    base = QUIET._replace(from_record=1.0, ban_rate=0.2, ban_challenge=0.0)
    assert bans(base, challenged=1.0) == bans(base)
    rival = base._replace(ban_challenge=1.0)
    assert bans(rival) == bans(base)
    assert sum(bans(rival, challenged=1.0)) > sum(bans(rival))


def test_renewal_is_rare_at_first_and_frequent_later() -> None:
    assert renewal(QUIET, 3) == 1.0
    p = QUIET._replace(ban_renewal=1.0, ban_interval=4.0)
    assert renewal(p, 12) == near(2 * 0.25)
    assert renewal(p, 48) == near(2.0)
    assert renewal(p, 4800) == near(10.0)


def test_registration_is_refused_or_granted_by_its_chance() -> None:
    p = QUIET._replace(from_record=1.0, application=12.0)
    for chance, kind in ((0.0, "refused"), (1.0, "registered")):
        story = Story(land(*BORN), p._replace(registration=chance)).until(RECORD_MONTHS + 1)
        assert story.events()[-1] == (RECORD_MONTHS, PARTIES, 1, EVENTS.index(kind))


def test_a_lower_threshold_or_an_honest_count_lets_a_party_sit() -> None:
    given = land(*BORN, (1, 1, "registered"), votes=((4, 1, 0.06),))
    seats = {}
    for added, counted in ((0.0, 1.0), (-0.02, 1.0), (-0.02, 0.5)):
        p = QUIET._replace(threshold=added, counted=counted)
        seats[added, counted] = Story(given, STILL).until(6).until(7, p)["opposition_seats"]
    assert seats == {(0.0, 1.0): 0, (-0.02, 1.0): near(0.1), (-0.02, 0.5): 0}


def test_a_reform_from_the_first_month_equals_the_same_rule_in_the_pack() -> None:
    p = parameters_at(from_record=0.0, founding=2.0, registration=1.0, first_reach=0.2)
    lower = land(threshold=np.full(60, 0.05))
    for member in range(5):
        reform = Story(land(), p._replace(threshold=-0.02), member)
        rule = Story(lower, p, member)
        for month in range(1, 61):
            seats = reform.until(month)["opposition_seats"], rule.until(month)["opposition_seats"]
            assert seats[0] == seats[1]


def test_new_parties_take_free_places_and_all_events_are_of_parties_that_exist() -> None:
    p = parameters_at(from_record=0.0, founding=3.0, splitting=0.5, ban_rate=0.5)
    story = Story(land(*BORN), p).until(60)
    units = {row[2] for row in story.events()}
    assert max(units) < 3 + SPARE
    assert len(story.events("founded")) > SPARE
    born: set[int] = set()
    for _, _, unit, kind in story.events():
        assert EVENTS[kind] == "founded" or unit in born
        born.add(unit)


@over(st.integers(0, 10**6), st.booleans(), st.floats(0, 1))
def test_indices_stay_in_their_ranges(member: int, imposed: bool, challenged: float) -> None:
    p = parameters_at(
        dict.fromkeys(declared_numbers(MECHANISM), member % 7 - 3), from_record=float(imposed)
    )
    story = Story(land(*BORN, (1, 1, "registered")), p, member)
    story.country["mean_reach"] = challenged
    story.until(60, challenged=challenged)
    for field in MECHANISM.country:
        assert field.low <= story[field.name] <= field.high


def test_a_pack_without_parties_leaves_the_fields_alone() -> None:
    story = Story(no_parties(), parameters_at()).until(5)
    assert all(story[name] == 0 for name, _ in FIELDS)
    assert story.log.used[0] == 0


def test_the_null_reform_changes_nothing() -> None:
    p = parameters_at()
    given = land(*BORN, (1, 1, "registered"))
    one, two = Story(given, p).until(60), Story(given, p).until(10).until(60, p._replace())
    assert one.events() == two.events()
    np.testing.assert_array_equal(one.own.reach, two.own.reach)


# ---- seats


def test_seats_by_hand() -> None:
    # Quotas 6.65, 1.32, 1.25, 0.78: one each, six, and the two rests go to the largest remainders.
    votes = {"winner": 60.6, "b": 12.0, "c": 11.38, "d": 7.07, "e": 3.44}
    assert largest_remainder(votes, 10, 7.0) == {"winner": 7, "b": 1, "c": 1, "d": 1, "e": 0}
    assert largest_remainder({"a": 3.0}, 10, 7.0) == {"a": 0}


@over(
    st.dictionaries(st.sampled_from("abcdefg"), st.floats(0.1, 100), min_size=1),
    st.integers(1, 120),
    st.floats(0, 10),
)
def test_seats_sum_up_go_to_those_above_the_threshold_and_follow_votes(
    votes: dict[str, float], seats: int, threshold: float
) -> None:
    given = largest_remainder(votes, seats, threshold)
    passed = [name for name in votes if votes[name] >= threshold]
    assert sum(given.values()) == (seats if passed else 0)
    assert all(given[name] == 0 for name in votes if name not in passed)
    by_votes = sorted(passed, key=lambda name: votes[name])
    assert all(given[a] <= given[b] + 1 for a, b in pairwise(by_votes))


@over(st.floats(45, 88))
def test_twelve_percent_of_ten_seats_is_one_seat_if_four_fifths_of_votes_pass(rest: float) -> None:
    """The other results of 2004 are recalled: 91 % of votes went to lists that passed."""
    seats = largest_remainder({"others": rest, "ak-zhol": 12.0}, 10, 7.0)["ak-zhol"]
    assert seats == (1 if rest + 12.0 >= 80.0 else 2)


# ---- Kazakhstan


@cache
def kazakhstan() -> tuple[Country, Parties]:
    country = load_country("kazakhstan")
    parties = load_parties(country)
    assert parties is not None
    return country, parties


def test_every_election_by_list_gives_the_stated_seats() -> None:
    found = outcomes(kazakhstan()[1])
    assert [each.date[:4] for each in found] == ["1999", "2004", "2007", "2012", "2016", "2021"]
    for each in found:
        assert {name: each.seats[name] for name in each.stated} == each.stated
    winners = [each.seats["winner"] for each in found]
    assert winners == [4, 7, 98, 83, 84, 76]


@pytest.mark.parametrize("added", [-1.7, 0.1])
def test_seats_do_not_rest_on_the_recalled_threshold(added: float) -> None:
    """The threshold is recalled as 7 %: any from 5.3 to 7.1 % gives the seats of 2007 to 2021."""
    parties = kazakhstan()[1]
    moved = [each.seats for each in outcomes(parties, added) if each.date >= "2007"]
    assert moved == [each.seats for each in outcomes(parties) if each.date >= "2007"]


def test_a_threshold_of_four_percent_would_have_given_the_opposition_seats_in_2007() -> None:
    by_date = {each.date[:4]: each.seats for each in outcomes(kazakhstan()[1], added=-3.0)}
    assert by_date["2007"]["osdp"] == 5
    assert by_date["2012"]["osdp"] == 0


def test_dates_of_the_sources() -> None:
    country, parties = kazakhstan()
    rows = {(e.party, e.kind, e.date) for e in parties.events}
    assert {
        ("dck", "founded", "2001-11"),
        ("dck", "banned", "2005-01"),
        ("dck", "relaunched", "2017-04-20"),
        ("dck", "banned", "2018-03-13"),
        ("ak-zhol", "registered", "2002-04-03"),
        ("ak-zhol", "split", "2005-03-15"),
        ("alga", "banned", "2012-12-21"),
        ("kpk", "banned", "2015"),
    } <= rows
    told = event_months(country, parties)
    assert ((2005 - 1991) * 12, "dck", "banned") in told
    assert sum(kind == "banned" for _, _, kind in told) == 5
    assert all(0 <= month <= 372 for month, _, _ in told)


def test_checks_say_what_is_put_in_and_what_follows() -> None:
    found = {each.fact: each for each in checks(*kazakhstan(), draws=20)}
    assert found["12 % and one seat in 2004"].verdict == "hit"
    assert found["No legal leader to bargain with in January 2022"].verdict == "hit"
    assert found["Communist Party banned"].verdict == "input"
    assert found["Opposition sits in parliament in the first 2000s"].verdict == "input"
    seats = [fact for fact in found if "seat in" in fact or fact.startswith("Seats")]
    assert [fact[-4:] for fact in seats] == ["2004", "2007", "2016", "2021"]
    assert found["Which elections are contested (5 % against the government)"].verdict == "miss"
    assert found["Turnout and the vote of the ruling party are lower in the west"].system == "A10"


def test_claims_exist_and_every_check_has_known_ones() -> None:
    country, parties = kazakhstan()
    known = set()
    for path in (country.folder / "evidence" / "claims").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            known |= {row["claim"] for row in csv.DictReader(file)}
    rows = (*parties.parties, *parties.events, *parties.votes, *parties.rules)
    cited = {claim for row in rows for claim in row.claim_ids}
    cited |= {claim for check in checks(country, parties, draws=1) for claim in check.claims}
    assert cited <= known


def test_what_is_only_memory_is_assumed() -> None:
    _, parties = kazakhstan()
    for row in (*parties.parties, *parties.events, *parties.votes, *parties.rules):
        if "qantar-assumption" in row.reference or row.note.startswith("recalled"):
            assert row.grade == "assumed"


def test_parameters_are_those_of_the_mechanism() -> None:
    assert set(declared_numbers(MECHANISM)) == set(Parameters._fields)
