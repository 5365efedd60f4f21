"""Outlets: the monthly mechanism by hand, its reforms, and its rival laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qantar.analysis.state.outlets import FIELDS
from qantar.base.arrays import Numbers
from qantar.model.months import outlets
from qantar.model.months.event_log import EventLog
from qantar.model.months.outlets import EVENTS, MECHANISM, SPARE, OutletsGiven
from qantar.rng import key_of, stable_id
from qantar.simulate.years.alone import numbers_at
from qantar.simulate.years.outlets import follow_outlets

near = pytest.approx

RECORD = 12
STATE, PAPER, CHANNEL, SATELLITE = range(4)


def make_given(*events: tuple[int, int, str, int, float, int], **changes: Any) -> OutletsGiven:
    """Return four invented outlets with these events: month, unit, kind, months, hands, owner."""
    rows = sorted(events, key=lambda each: each[0])
    months = [row[0] for row in rows]
    spare = [0] * SPARE
    found = OutletsGiven(
        record_months=RECORD,
        known=4,
        owners=3,
        unit_id=np.array([stable_id(f"outlet {k}") for k in range(4 + SPARE)]),
        reach=np.array([0.5, 0.1, 0.4, 0.25, *[0.03] * SPARE]),
        abroad=np.array([0, 0, 0, 1, *spare]),
        licensed=np.array([1.0, 1.0, 1.0, 0.0, *spare]),
        predecessor=np.full(4 + SPARE, -1),
        watched_from=np.full(4 + SPARE, 1 << 30),
        first_events=np.searchsorted(months, np.arange(RECORD + 1)).astype(np.int64),
        event_unit=np.array([row[1] for row in rows]),
        event_kind=np.array([EVENTS.index(row[2]) for row in rows]),
        event_months=np.array([row[3] for row in rows]),
        event_owner=np.array([row[5] for row in rows]),
        event_independence=np.array([row[4] for row in rows]),
        election=np.zeros(60),
    )
    return found._replace(**changes)


BEGUN = (
    (0, STATE, "founded", -1, 0.0, 0),
    (0, PAPER, "founded", -1, 1.0, 1),
    (0, CHANNEL, "founded", -1, 0.5, 2),
)


def numbers(**changes: float) -> Any:
    """Return parameters under which nothing is drawn, but for these."""
    quiet = dict.fromkeys(
        ("closure", "licence_loss", "attack", "takeover", "blocking", "unblocking", "founding"), 0.0
    )
    fixed = {"refounding": 0.0, "selling": 0.0, "exile": 0.0, "network": 0.0}
    laws = {"after_challenge": 0.0, "around_election": 0.0, "watched": 0.0}
    left = {"abroad_reach": 0.5, "network_reach": 0.6, "blocked_reach": 0.4, "off_air": 3.0}
    return numbers_at(MECHANISM, **{**quiet, **fixed, **laws, **left, **changes})


def follow(
    given: OutletsGiven,
    after: Any,
    *,
    reform: int = 0,
    member: int = 0,
    months: int = 60,
    challenged: float = 0.0,
) -> tuple[Numbers, list[tuple[int, int, str]]]:
    """Return the fields by month, and the log as month, unit, kind."""
    raised = np.full(months, challenged)
    values, log = follow_outlets(given, numbers(), after, reform, key_of(1, member), raised)
    return values, logged(log)


def logged(log: EventLog) -> list[tuple[int, int, str]]:
    rows = log.rows[: log.used[0]]
    return [(int(row[0]), int(row[2]), EVENTS[row[3]]) for row in rows]


def reach_of(values: Numbers) -> list[float]:
    return [float(value) for value in values[:, FIELDS.index("independent_reach")]]


def test_independent_reach_weighs_independence_by_reach() -> None:
    values, _ = follow(make_given(*BEGUN), numbers())
    assert reach_of(values)[0] == near((0.1 * 1.0 + 0.4 * 0.5) / (0.5 + 0.1 + 0.4))
    assert values[0, FIELDS.index("outlets_open")] == 3
    assert values[0, FIELDS.index("outlets_critical")] == 2


def test_what_befalls_outlets_by_hand() -> None:
    events = (
        (1, PAPER, "attacked", 2, 1.0, 1),
        (4, PAPER, "closed", -1, 1.0, 1),
        (5, PAPER, "refounded", -1, 1.0, 1),
        (6, CHANNEL, "taken_over", -1, 0.1, 0),
        (7, SATELLITE, "founded", -1, 1.0, 2),
        (8, SATELLITE, "blocked", 1, 1.0, 2),
        (10, PAPER, "exiled", -1, 1.0, 1),
        (11, STATE, "licence_lost", -1, 0.0, 0),
    )
    values, log = follow(make_given(*BEGUN, *events), numbers())
    all_three, without_paper, loyal = 0.3, 0.2 / 0.9, (0.1 + 0.04) / 1.0
    abroad = (0.1 + 0.04 + 0.25) / 1.25
    assert reach_of(values)[:RECORD] == near(
        [
            all_three,
            without_paper,
            without_paper,
            all_three,
            without_paper,
            all_three,
            loyal,
            abroad,
            (0.1 + 0.04 + 0.25 * 0.4) / (1.0 + 0.25 * 0.4),
            abroad,
            (0.05 + 0.04 + 0.25) / 1.2,
            (0.05 + 0.04 + 0.25) / 0.7,
        ]
    )
    assert log == [(row[0], row[1], row[2]) for row in (*BEGUN, *events)]


def test_a_country_without_outlets_moves_nothing() -> None:
    values, log = follow(outlets.no_outlets(), numbers(founding=5.0))
    assert not values.any()
    assert log == []


def test_the_record_is_imposed_whatever_the_rates_are() -> None:
    rates = {"closure": 3.0, "takeover": 3.0, "founding": 10.0, "attack": 3.0}
    calm, log = follow(make_given(*BEGUN), numbers(), months=RECORD)
    wild, wild_log = follow(make_given(*BEGUN), numbers(**rates), months=RECORD, challenged=1.0)
    np.testing.assert_array_equal(calm, wild)
    assert log == wild_log
    assert not wild[:, FIELDS.index("outlets_shift")].any()


def test_after_the_record_the_shift_is_the_index_less_its_last_value() -> None:
    values, _ = follow(make_given(*BEGUN), numbers(closure=2.0))
    reach, shift = (values[:, FIELDS.index(n)] for n in ("independent_reach", "outlets_shift"))
    assert shift[RECORD:].min() < 0.0
    np.testing.assert_allclose(shift, reach - reach[RECORD - 1])


def test_a_reform_lets_go_of_the_record_and_the_shift_still_knows_it() -> None:
    record = (*BEGUN, (8, PAPER, "closed", -1, 1.0, 1))
    values, log = follow(make_given(*record), numbers(from_record=0.0), reform=6)
    reach, shift = (values[:, FIELDS.index(n)] for n in ("independent_reach", "outlets_shift"))
    assert reach[:RECORD] == near([0.3] * RECORD)
    assert shift[7:9] == near([0.0, 0.3 - 0.2 / 0.9])
    assert (8, PAPER, "closed") not in log


def test_a_null_reform_changes_nothing() -> None:
    same = numbers(closure=1.0, founding=1.0, refounding=1.0, exile=0.2)
    given, raised = make_given(*BEGUN), np.zeros(60)
    runs = [
        follow_outlets(given, same, same.copy(), reform, key_of(1, 3), raised)[0]
        for reform in (0, 20, 60)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])


def test_the_null_does_not_see_challenges_and_rivals_do() -> None:
    given = make_given(*BEGUN)

    def struck(weight: float, challenged: float) -> int:
        law = numbers(attack=1.0, after_challenge=weight)
        logs = (follow(given, law, member=m, challenged=challenged)[1] for m in range(20))
        return sum(kind == "attacked" for log in logs for _, _, kind in log)

    assert struck(0.0, 0.0) == struck(0.0, 1.0)
    assert struck(1.0, 1.0) > struck(0.0, 1.0) > struck(-1.0, 1.0)


def test_elections_matter_only_under_their_law() -> None:
    votes = np.ones(60)

    def struck(weight: float, election: Numbers) -> int:
        law = numbers(attack=1.0, around_election=weight)
        given = make_given(*BEGUN, election=election)
        return sum(len(follow(given, law, member=m)[1]) for m in range(20))

    assert struck(0.0, votes) == struck(0.0, np.zeros(60))
    assert struck(1.0, votes) > struck(0.0, votes)


def mean_reach(given: OutletsGiven, law: Any) -> float:
    """Return the mean of the index in the last month over members."""
    return float(np.mean([reach_of(follow(given, law, member=m)[0])[-1] for m in range(40)]))


def test_more_pressure_leaves_less_independent_reach() -> None:
    given = make_given(*BEGUN)
    reach = [
        mean_reach(given, numbers(closure=0.3, takeover=0.3, pressure=pressure))
        for pressure in (0.0, 1.0, 5.0)
    ]
    assert reach[0] == near(0.3)
    assert reach[0] > reach[1] > reach[2]


def test_without_licences_none_is_lost() -> None:
    kinds = []
    for licensing in (0.0, 1.0):
        law = numbers(licence_loss=2.0, licensing=licensing)
        kinds.append({kind for _, _, kind in follow(make_given(*BEGUN), law)[1]})
    assert "licence_lost" not in kinds[0]
    assert "licence_lost" in kinds[1]


def test_a_cap_stops_purchases_and_makes_owners_sell() -> None:
    given = make_given(*BEGUN)
    free, capped = numbers(takeover=5.0), numbers(takeover=5.0, owner_cap=0.3, selling=5.0)
    assert {(unit, kind) for month, unit, kind in follow(given, free)[1] if month >= RECORD} == {
        (PAPER, "taken_over"),
        (CHANNEL, "taken_over"),
    }
    # The paper is a tenth of all reach and may be bought; the state holds half and has to sell.
    later = [(u, kind) for month, u, kind in follow(given, capped)[1] if month >= RECORD]
    assert (STATE, "divested") in later
    assert (CHANNEL, "taken_over") not in later
    assert mean_reach(given, capped) > mean_reach(given, free)


def test_closed_outlets_go_abroad_or_on_the_network_or_come_back() -> None:
    given = make_given(*BEGUN)

    def kinds(**changes: float) -> set[str]:
        return {kind for m in range(9) for _, _, kind in follow(given, numbers(**changes))[1]}

    assert "exiled" in kinds(closure=3.0, exile=1.0)
    assert "moved_online" in kinds(closure=3.0, network=1.0)
    assert kinds(closure=3.0) == {"founded", "closed"}
    assert "refounded" in kinds(closure=3.0, refounding=6.0)
    assert "blocked" in kinds(closure=3.0, exile=1.0, blocking=3.0)
    assert "restored" in kinds(closure=3.0, exile=1.0, blocking=3.0, unblocking=6.0)


def test_whoever_has_begun_again_does_not_come_back_twice() -> None:
    record = (*BEGUN, (8, PAPER, "closed", -1, 1.0, 1), (9, SATELLITE, "refounded", -1, 1.0, 1))
    successor = make_given(*record)
    successor.predecessor[SATELLITE] = PAPER
    law = numbers(refounding=12.0)
    assert all((u, k) != (PAPER, "refounded") for _, u, k in follow(successor, law)[1])
    assert any((u, k) == (PAPER, "refounded") for _, u, k in follow(make_given(*record), law)[1])


def test_attention_from_abroad_bears_only_on_outlets_that_are_watched() -> None:
    given = make_given(*BEGUN)
    given.watched_from[PAPER] = 0

    def struck(watched: float, unit: int) -> int:
        law = numbers(attack=1.0, watched=watched)
        logs = (follow(given, law, member=m)[1] for m in range(20))
        return sum((u, kind) == (unit, "attacked") for log in logs for _, u, kind in log)

    assert struck(-2.0, PAPER) < struck(0.0, PAPER) < struck(1.0, PAPER)
    assert struck(-2.0, CHANNEL) == struck(0.0, CHANNEL)


def test_twins_share_the_luck_of_known_outlets() -> None:
    with_new, without = (
        follow(make_given(*BEGUN), numbers(attack=1.0, founding=f))[1] for f in (3.0, 0.0)
    )
    assert [each for each in with_new if each[1] < 4] == without
    assert len(with_new) > len(without)


@settings(max_examples=40, deadline=None)
@given(
    member=st.integers(0, 10_000),
    rates=st.lists(st.floats(0.0, 6.0), min_size=9, max_size=9),
    cap=st.floats(0.0, 1.0),
    reform=st.integers(0, 60),
)
def test_fields_stay_in_their_range(
    member: int, rates: list[float], cap: float, reform: int
) -> None:
    names = ("closure", "licence_loss", "attack", "takeover", "blocking")
    more = ("unblocking", "founding", "refounding", "selling")
    drawn = dict(zip((*names, *more), rates, strict=True))
    law = numbers(**drawn, owner_cap=cap, exile=0.3, network=0.3, from_record=0.0)
    values, _ = follow(make_given(*BEGUN), law, reform=reform, member=member)
    for field, column in zip(outlets.MECHANISM.country, values.T, strict=True):
        assert column.min() >= field.low - 1e-12, field.name
        assert column.max() <= min(field.high, 4 + SPARE) + 1e-12, field.name
    assert (
        values[:, FIELDS.index("outlets_critical")] <= values[:, FIELDS.index("outlets_open")]
    ).all()
