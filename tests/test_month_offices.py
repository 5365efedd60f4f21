"""The monthly mechanism of offices: the record, vacancies, the choice, and what follows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as some

from qantar.model.months.event_log import OFFICES, EventLog, blank_log
from qantar.model.months.offices import MECHANISM, move_offices
from qantar.model.months.offices_data import (
    APPOINTED,
    ARRESTED,
    DISMISSED,
    ELECTED,
    EVENTS,
    LEFT,
    PROMOTED,
    REGIONAL,
    VACANT,
    OfficesGiven,
    OfficesState,
    Parameters,
    blank_offices,
)
from qantar.model.records import record_of
from qantar.packs.loading import load_country
from qantar.packs.state.offices import beside, load_offices
from qantar.packs.years import load_years
from qantar.packs.years_tables import month_number
from qantar.rng import key_of
from qantar.simulate.years.inputs import make_past
from qantar.simulate.years.offices import (
    dated_changes,
    follow_record,
    given_offices,
    seats,
)

COUNTRY = np.dtype([(each.name, np.float64) for each in MECHANISM.country], align=True)
"""A record of the country with the fields of the mechanism alone."""

TOP, PREMIER, FIRST_MINISTER, WEST, EAST = 0, 1, 2, 4, 5
"""Posts of the invented land: the top, a premier with two ministers, and two governors."""


def land(**changes: Any) -> OfficesGiven:
    """Return an invented land with two regions, three factions and three named people.

    In month 0 the first takes the top, in month 1 the second the west; in month 3 the third follows
    the second there.
    """
    made = OfficesGiven(
        record_months=6,
        top=TOP,
        post_id=np.arange(6) + 100,
        post_kind=np.array([0, 0, 0, 0, REGIONAL, REGIONAL]),
        post_region=np.array([-1, -1, -1, -1, 0, 1]),
        post_team=np.array([-1, -1, PREMIER, PREMIER, -1, -1]),
        rank=np.array([1.0, 0.8, 0.6, 0.6, 0.5, 0.5]),
        carried=np.ones(6),
        faction=np.array([0, 1, 0]),
        kin=np.array([0, -1, 0]),
        origin=np.array([0, 1, -1]),
        tied=np.zeros((3, 3)),
        faction_share=np.array([0.2, 0.3, 0.5]),
        area=np.array([0, 1]),
        population_share=np.array([0.25, 0.75]),
        connection=np.array([0.5, 0.5]),
        first_events=np.array([0, 1, 2, 2, 4, 4, 4]),
        event_post=np.array([TOP, WEST, WEST, WEST]),
        event_person=np.array([0, 1, 1, 2]),
        event_kind=np.array([APPOINTED, APPOINTED, DISMISSED, APPOINTED]),
        event_ends=np.array([0.0, 0.0, 1.0, 0.0]),
    )
    return made._replace(**changes)


def numbers(**values: float) -> Any:
    """Return parameters: these, by default a rate of 0.4 a year, and 0 for the others."""
    record = np.zeros(1, record_of(Parameters))[0]
    usual = {"from_record": 1.0, "rate": 0.4, "regional_rate": 0.4, "top_rate": 0.0, "outside": 2.0}
    for name, value in {**usual, **values}.items():
        record[name] = value
    return record


class Run(NamedTuple):
    """A history: fields by month, the last state, the log, and the holders by month."""

    table: Any
    own: OfficesState
    log: EventLog
    holders: list[list[int]]

    def kinds(self, post: int | None = None) -> list[int]:
        """Return the kinds of logged events, of one post or of all."""
        rows = self.log.rows[: self.log.used[0]]
        return [int(row[3]) for row in rows if post in (None, row[2])]


def run(
    given: OfficesGiven, p: Any, months: int = 120, seed: int = 1, challenged: float = 0.0
) -> Run:
    """Run a history."""
    own, log = blank_offices(given), blank_log(5000)
    table = np.zeros(months, COUNTRY)
    holders = []
    for month in range(months):
        move_offices(table[month], given, own, p, log, key_of(seed, 0), month, challenged)
        holders.append([int(each) for each in own.holder])
    return Run(table, own, log, holders)


def test_the_record_is_imposed() -> None:
    found = run(land(), numbers(), months=6)
    assert [month[WEST] for month in found.holders] == [VACANT, 1, 1, 2, 2, 2]
    assert all(month[TOP] == 0 for month in found.holders)
    assert found.kinds(WEST) == [APPOINTED, DISMISSED, APPOINTED]
    assert found.log.rows[2].tolist() == [3, OFFICES, WEST, DISMISSED]
    assert list(found.table["office_changes"]) == [1, 1, 0, 1, 0, 0]


def test_indices_by_hand() -> None:
    table = run(land(), numbers(), months=6).table
    # Month 1: the top of rank 1 is of faction 0 and of kin, the west of rank 0.5 of faction 1.
    assert table["elite_cohesion"][1] == pytest.approx((2 / 3) ** 2 + (1 / 3) ** 2)
    assert table["top_faction_share"][1] == pytest.approx(2 / 3)
    assert table["kin_share"][1] == pytest.approx(2 / 3)
    assert table["home_share"][1] == pytest.approx(1 / 2)
    assert table["posts_told"][1] == pytest.approx(2 / 6)
    assert table["holdover"][1] == 0.0
    assert table["akim_connection"][1] == pytest.approx(0.5)
    # Month 3: both are of faction 0, and the origin of the third person is not told.
    assert table["elite_cohesion"][3] == pytest.approx(1.0)
    assert table["home_share"][3] == pytest.approx(1.0)


def test_nothing_shifts_while_the_record_is_imposed() -> None:
    found = run(land(), numbers(kin=3.0, loyalty=3.0), months=6)
    assert not found.table["offices_shift"].any()
    assert not found.own.connection_shift.any()
    assert list(found.own.connection) == [0.5, 0.5]


def test_the_law_does_nothing_to_the_record() -> None:
    """A reform that names another weight, but leaves the record, changes no month of it."""
    one = run(land(), numbers(), months=6)
    other = run(land(), numbers(elected=1.0, kin=5.0, rate=3.0), months=6)
    assert one.holders == other.holders
    assert np.array_equal(one.table, other.table)


def test_after_the_record_every_post_has_a_holder() -> None:
    found = run(land(), numbers())
    for month in found.holders[6:]:
        assert VACANT not in month
    assert found.table["posts_told"][6:].tolist() == [1.0] * 114


def test_a_post_that_is_not_carried_on_ends() -> None:
    carried = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 1.0])
    found = run(land(carried=carried), numbers())
    assert all(month[WEST] == VACANT for month in found.holders[6:])


def test_nothing_is_foretold_of_the_named() -> None:
    """Whom the sources name stays until leaving, and takes no post after the record."""
    for seed in range(20):
        found = run(land(), numbers(top_rate=0.2, career=4.0), seed=seed)
        held = {(post, who) for post, who in enumerate(found.holders[5]) if who >= 0}
        for month in found.holders[6:]:
            now = {(post, who) for post, who in enumerate(month) if 0 <= who < 3}
            assert now <= held
            held = now


@settings(max_examples=25, deadline=None)
@any_of(
    seed=some.integers(0, 10_000),
    rate=some.floats(0.05, 3.0),
    kin=some.floats(-3, 5),
    career=some.floats(-3, 6),
    challenged=some.sampled_from([0.0, 1.0]),
    elected=some.sampled_from([0.0, 1.0]),
)
def test_nobody_is_in_two_posts(
    seed: int, rate: float, kin: float, career: float, challenged: float, elected: float
) -> None:
    p = numbers(
        rate=rate, top_rate=0.3, kin=kin, career=career, elected=elected, kept=0.5, regularity=0.5
    )
    found = run(land(), p, months=60, seed=seed, challenged=challenged)
    for month in found.holders[6:]:
        assert len(set(month)) == len(month)
        assert min(month) >= 0
    for name in ("elite_cohesion", "kin_share", "holdover", "akim_connection", "home_share"):
        assert (found.table[name] >= 0.0).all()
        assert (found.table[name] <= 1.0 + 1e-12).all()


def test_a_reform_stops_the_record() -> None:
    found = run(land(), numbers(from_record=0.0), months=6)
    assert VACANT not in found.holders[0]
    assert found.table["offices_shift"][0] == 0.0


def test_who_never_leaves_changes_nothing() -> None:
    found = run(land(), numbers(rate=0.0, regional_rate=0.0), months=60)
    assert all(month == found.holders[6] for month in found.holders[6:])
    assert not found.table["offices_shift"].any()


def test_same_luck_same_history() -> None:
    one, other = run(land(), numbers(), seed=3), run(land(), numbers(), seed=3)
    assert one.holders == other.holders
    assert one.holders != run(land(), numbers(), seed=4).holders


def share_of(name: str, seeds: int = 150, months: int = 60, **values: Any) -> float:
    """Return the mean of a field in the last month."""
    challenged = values.pop("challenged", 0.0)
    runs = [
        run(land(), numbers(**values), months, seed, challenged).table[name][-1]
        for seed in range(seeds)
    ]
    return float(np.mean(runs))


@pytest.mark.parametrize(
    ("name", "weight", "values"),
    [
        ("kin_share", "kin", {"kin_supply": 0.1}),
        ("top_faction_share", "loyalty", {}),
        ("home_share", "home", {}),
    ],
)
def test_a_weight_raises_its_share(name: str, weight: str, values: dict[str, Any]) -> None:
    sizes = (-1.0, 0.0, 1.0, 2.0)
    shares = [share_of(name, **(values | {weight: size})) for size in sizes]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.05


def test_without_weights_the_choice_is_by_chance() -> None:
    """The null: factions and origins of newcomers are those of people outside."""
    factions, origins = np.zeros(3), np.zeros(2)
    for seed in range(300):
        own = run(land(), numbers(rate=3.0, regional_rate=3.0), months=40, seed=seed).own
        new = own.holder >= 3
        factions += np.bincount(own.faction[new], minlength=3)
        origins += np.bincount(own.origin[new], minlength=2)
    assert factions / factions.sum() == pytest.approx([0.2, 0.3, 0.5], abs=0.04)
    assert origins / origins.sum() == pytest.approx([0.25, 0.75], abs=0.04)


def test_the_rate_is_a_rate() -> None:
    """A constant rate of 0.6 a year empties each post so often; the null of all laws."""
    months = 600
    gone = np.zeros(6)
    for seed in range(20):
        found = run(
            land(), numbers(rate=0.6, regional_rate=0.6, kept=1.0, career=-30.0), months, seed
        )
        gone += [found.kinds(post).count(LEFT) for post in range(6)]
    yearly = gone[1:] / 20 / ((months - 6) / 12)
    assert yearly == pytest.approx([0.585] * 5, abs=0.06)  # 12 (1 - exp(-0.05))


def test_regular_leaving_is_more_even_than_by_chance() -> None:
    def spread(regularity: float) -> float:
        lengths: list[int] = []
        for seed in range(20):
            found = run(land(), numbers(regularity=regularity, kept=1.0, career=-30.0), 600, seed)
            rows = found.log.rows[: found.log.used[0]]
            months = [int(row[0]) for row in rows if row[2] == EAST and row[3] == APPOINTED]
            lengths += list(np.diff(months))
        return float(np.std(lengths) / np.mean(lengths))

    assert spread(2.0) < 0.6 < 0.85 < spread(0.0)


def test_a_challenge_empties_posts_of_rivals_first() -> None:
    calm = share_of("office_changes", months=7)
    pushed = share_of("office_changes", months=7, challenged=1.0, after_challenge=2.0)
    rivals = share_of("office_changes", months=7, challenged=1.0, rivals=2.0)
    assert pushed > calm
    assert calm < rivals <= pushed
    assert share_of("office_changes", months=7, challenged=1.0) == calm


def test_rivals_may_be_taken_in_after_a_challenge() -> None:
    values: dict[str, Any] = {"loyalty": 2.0, "challenged": 1.0}
    shut_out = share_of("top_faction_share", co_optation=0.0, **values)
    assert share_of("top_faction_share", co_optation=2.0, **values) < shut_out


def test_a_team_falls_with_its_head_unless_kept() -> None:
    def kept_together(kept: float) -> tuple[int, int]:
        together = alone = 0
        for seed in range(40):
            p = numbers(rate=0.8, kept=kept, career=-30.0)
            found = run(land(), p, months=60, seed=seed)
            for before, after in zip(found.holders[6:], found.holders[7:], strict=False):
                if before[PREMIER] != after[PREMIER]:
                    changed = sum(before[k] != after[k] for k in (2, 3))
                    together, alone = together + changed, alone + 2 - changed
        return together, alone

    together, alone = kept_together(0.0)
    assert alone == 0
    assert together > 0
    together, alone = kept_together(1.0)
    assert alone > 5 * together


def test_a_vacancy_filled_from_within_opens_another() -> None:
    found = run(land(), numbers(career=6.0, rate=0.6), months=120)
    kinds = found.kinds()
    assert kinds.count(PROMOTED) > 0
    # Nobody rises to a post of no higher rank, so the lowest are filled from outside alone.
    assert PROMOTED not in found.kinds(EAST)
    rows = found.log.rows[: found.log.used[0]]
    for k in range(len(rows) - 1):
        if rows[k][3] == PROMOTED:
            assert rows[k + 1][0] == rows[k][0]
            assert rows[k + 1][3] == LEFT
    assert run(land(), numbers(career=-30.0)).kinds().count(PROMOTED) == 0


def test_elected_heads_owe_nothing_to_the_top() -> None:
    values: dict[str, Any] = {"loyalty": 3.0, "kin": 2.0, "kin_supply": 0.1, "regional_rate": 1.0}
    named = share_of("akim_connection", **values)
    elected = share_of("akim_connection", elected=1.0, **values)
    assert elected < named - 0.05
    assert ELECTED in run(land(), numbers(elected=1.0, **values)).kinds(WEST)


def test_elected_heads_are_not_dismissed_after_a_challenge() -> None:
    def gone(elected: float) -> int:
        p = numbers(elected=elected, after_challenge=3.0, rate=0.0)
        return sum(
            DISMISSED in run(land(), p, 12, seed, challenged=1.0).kinds(EAST) for seed in range(60)
        )

    assert gone(1.0) < gone(0.0) / 2


@pytest.mark.parametrize(("depth", "left"), [(0.0, 0), (1.0, 4)])
def test_a_purge_strikes_the_largest_faction_that_is_not_at_the_top(
    depth: float, left: int
) -> None:
    given = land(
        record_months=1, first_events=np.array([0, 6]), event_post=np.arange(6),
        event_person=np.arange(6), event_kind=np.full(6, APPOINTED), event_ends=np.zeros(6),
        faction=np.array([0, 1, 2, 2, 2, 2]), kin=np.full(6, -1), origin=np.zeros(6, np.int64),
        tied=np.zeros((6, 6)), post_team=np.full(6, -1),
    )  # fmt: skip
    never = {"rate": 0.0, "regional_rate": 0.0}
    for purge in (0.0, 1.0):
        found = run(given, numbers(purge=purge, purge_depth=depth, **never), 5, challenged=1.0)
        gone = [post for post in range(6) if found.own.holder[post] != post]
        # Premier: faction 1. The four posts of faction 2 outweigh it. One challenge, one purge.
        assert gone == ([2, 3, 4, 5][:left] if purge else [])
        assert found.kinds().count(DISMISSED) == (left if purge else 0)
    elected = numbers(purge=1.0, purge_depth=1.0, elected=1.0, **never)
    found = run(given, elected, 5, challenged=1.0)
    assert [post for post in range(6) if found.own.holder[post] != post] == [2, 3]


def test_kin_and_faction_of_the_top_are_shielded_from_prosecution() -> None:
    def tried(post: int, **values: float) -> int:
        p = numbers(rate=0.0, regional_rate=0.0, prosecuted=6.0, loyalty=50.0, **values)
        runs = (run(land(), p, 8, seed) for seed in range(60))
        return sum(ARRESTED in each.kinds(post) for each in runs)

    assert tried(TOP) == 0
    # With such a weight of loyalty all successors are of the top's faction.
    assert tried(EAST) > 20
    assert tried(EAST, shielded=1.0) == 0


def test_without_prosecution_nobody_is_tried() -> None:
    runs = (run(land(), numbers(rate=3.0), 60, seed) for seed in range(20))
    assert all(ARRESTED not in each.kinds() for each in runs)


def test_regions_with_an_elected_head_are_marked() -> None:
    p = numbers(elected=1.0, regional_rate=3.0)
    found = run(land(), p, 120)
    assert list(found.own.elected) == [1.0, 1.0]
    assert list(run(land(), numbers(regional_rate=3.0), 120).own.elected) == [0.0, 0.0]


def test_a_pack_without_posts_changes_nothing() -> None:
    country = load_country("template")
    shares, connection = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.2, 0.3])
    given = given_offices(None, country, "2020-01", shares, connection)
    found = run(given, numbers(), months=24)
    for name in found.table.dtype.names:
        assert not found.table[name].any()
    assert list(found.own.connection) == [0.1, 0.2, 0.3]


def test_fields_have_a_meaning_and_a_range() -> None:
    assert {each.name for each in MECHANISM.country} >= {"offices_shift", "akim_connection"}
    for each in MECHANISM.country:
        assert each.low <= each.neutral <= each.high
        assert each.meaning
    assert len(set(EVENTS)) == len(EVENTS)


def test_the_record_of_kazakhstan_puts_nobody_in_two_places() -> None:
    country = load_country("kazakhstan")
    part, years = load_offices(country), load_years(country)
    assert part is not None
    past = make_past(country, years, 1)
    first = years.header.first
    given = given_offices(part, country, first, past.population_share, past.connection)
    units = seats(part)
    together = {frozenset((post.post, other)) for post in part.posts for other in beside(post)}
    own, log = blank_offices(given), blank_log(500)
    record = np.zeros(1, COUNTRY)[0]
    for month in range(given.record_months):
        move_offices(record, given, own, numbers(), log, key_of(0, 0), month, 0.0)
        places: dict[int, list[str]] = {}
        for unit, who in zip(units, own.holder, strict=True):
            if who != VACANT:
                assert who < len(part.people)
                places.setdefault(int(who), []).append(unit)
        for posts in places.values():
            for k, one in enumerate(posts):
                assert all(frozenset((one, other)) in together for other in posts[k + 1 :])
    changes = dated_changes(part, first)
    assert given.record_months == month_number("2022-02") - month_number(first) + 1
    assert log.used[0] == sum(change.kind >= 0 for change in changes)
    assert part.people[own.holder[units.index("president")]].person == "tokayev"


def test_dual_power_is_two_holders() -> None:
    country = load_country("kazakhstan")
    part, years = load_offices(country), load_years(country)
    assert part is not None
    past = make_past(country, years, 1)
    arguments = (part, country, years.header.first, past.population_share, past.connection)
    units = seats(part)
    for until, same in (("2019-03", True), ("2021-01", False), ("2022-03", True)):
        own, _ = follow_record(given_offices(*arguments, until=until))
        top = own.holder[units.index("president")]
        assert (own.holder[units.index("security-council-chair")] == top) == same
