"""Reforms of the state: what they change, what was expected of them, and null reforms."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from qantar.analysis.years.reforms import Difference, quantity_of, reform_differences
from qantar.analysis.years.run import YearsRun, run_years
from qantar.base.errors import QantarError
from qantar.model.month import PARTS
from qantar.model.months.event_log import LOGGED
from qantar.model.months.offices import EVENTS
from qantar.packs.loading import load_country
from qantar.reports.years.rows import reform_rows
from qantar.simulate.years.histories import COUNTRY_COLUMNS, Histories, run_histories
from qantar.simulate.years.inputs import ALWAYS, given_outcomes, month_index
from qantar.simulate.years.scenario import (
    NATIONAL_WAVE,
    OF_THE_RECORD,
    Expectation,
    Reform,
    YearsScenario,
    make_years_scenario,
    parameter_names,
    quantities,
    reforms_of,
)

MEMBERS = 40
CHANGED = {
    "anti-corruption": {"offices.prosecuted", "offices.shielded"},
    "cap-on-owners": {"outlets.owner_cap"},
    "elected-akims": {"offices.elected"},
    "elected-akims-2013": {"offices.elected"},
    "free-media": {"outlets.pressure", "outlets.licensing"},
    "free-parties": {"parties.registration", "parties.ban_factor", "parties.threshold"},
    "independent-courts": {"courts.dismissal", "courts.calling"},
    "judges-irremovable": {"courts.dismissal"},
    "no-first-president-law": {"constitution.first_president"},
    "term-limits-kept": {"offices.top_rate"},
    "union-rights": {"institutions.free_unions"},
}
DIRECT = {
    "anti-corruption": ("office_changes",),
    "cap-on-owners": ("independent_reach",),
    "elected-akims": ("akim_connection", "connection_shift"),
    "elected-akims-2013": ("akim_connection", "connection_shift"),
    "free-media": ("independent_reach", "outlets_critical"),
    "free-parties": ("legal_opposition", "opposition_reach"),
    "independent-courts": ("dismissals", "judicial_independence"),
    "judges-irremovable": ("dismissals",),
    "no-first-president-law": ("dual_power", "opening_shift"),
    "term-limits-kept": (),
    "union-rights": (),
}
"""Quantities that a reform moves directly, so that few histories show the sign."""

NULL = {
    "constitution": "constitution.size",
    "offices": "offices.elected",
    "parties": "parties.ban_factor",
    "courts": "courts.dismissal",
    "outlets": "outlets.pressure",
}


@cache
def run_with(name: str) -> YearsRun:
    scenario = make_years_scenario("kazakhstan", until="2030", reforms=[name], belief="prior")
    return run_years(scenario, members=MEMBERS)


def pair(name: str) -> tuple[Histories, Histories, int]:
    """Return histories with a reform, their twins, and the month in which it begins."""
    run = run_with(name)
    assert run.outlook is not None
    assert run.without is not None
    begins = run.scenario.reforms[name].begins
    return run.outlook, run.without, month_index(run.scenario.years, begins)


def invented(begins: str, **changes: Any) -> Reform:
    return Reform.model_validate(
        {
            "title": "T",
            "summary": "S",
            "from": begins,
            "references": ["qantar-assumption"],
            "changes": {
                name.replace("__", "."): {**change, "grade": "assumed"}
                for name, change in changes.items()
            },
        }
    )


def outlook(scenario: YearsScenario, members: int = 6) -> Histories:
    given = given_outcomes(scenario.country, scenario.years, ALWAYS)
    return run_histories(scenario, given, scenario.draw(1, 0, members), seed=1)


def same(one: Histories, other: Histories) -> bool:
    return all(
        np.array_equal(values, other.arrays()[name], equal_nan=values.dtype.kind == "f")
        for name, values in one.arrays().items()
    )


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_a_reform_of_the_state_changes_what_it_declares_and_nothing_else(name: str) -> None:
    scenario = make_years_scenario("kazakhstan", until="2024", reforms=[name], belief="prior")
    reform = scenario.reforms[name]
    assert set(reform.changes) == CHANGED[name]
    assert all(change.grade == "assumed" for change in reform.changes.values())
    before = scenario.draw(1, 0, 20)
    after, month = scenario.after_reforms(before)
    assert month == month_index(scenario.years, reform.begins)
    moved = {parameter_names()[k] for k in np.flatnonzero((before != after).any(axis=0))}
    left = {f"{part}.from_record" for part in scenario.reformed_parts}
    assert moved == CHANGED[name] | left
    of_parts = {each for each in CHANGED[name] - set(OF_THE_RECORD) if each.split(".")[0] in PARTS}
    assert bool(left) == bool(of_parts)


def test_every_reform_says_what_is_expected_of_national_waves() -> None:
    for name, reform in reforms_of(load_country("kazakhstan")).items():
        named = [each.quantity for each in reform.expected]
        assert set(named) <= set(quantities())
        assert (NATIONAL_WAVE in named) == (name != "no-change"), name
        assert all(len(each.because) > 10 for each in reform.expected)


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_twins_are_the_same_until_a_reform_begins(name: str) -> None:
    reformed, twin, month = pair(name)
    assert month > 0
    assert reformed.country[:, :month].tobytes() == twin.country[:, :month].tobytes()
    assert reformed.regions[:, : month // 12].tobytes() == twin.regions[:, : month // 12].tobytes()
    assert (reformed.events[reformed.events[:, 1] < month].tobytes()) == (
        twin.events[twin.events[:, 1] < month].tobytes()
    )
    assert not np.array_equal(reformed.country[:, month:], twin.country[:, month:])


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_what_a_reform_moves_directly_has_the_expected_sign(name: str) -> None:
    found = {each.expected.quantity: each for each in reform_differences(run_with(name))}
    for quantity in DIRECT[name]:
        assert found[quantity].expected.sign in "+-"
        assert found[quantity].finding == "as expected", found[quantity]


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_nothing_told_apart_goes_against_what_was_expected(name: str) -> None:
    wrong = [each for each in reform_differences(run_with(name)) if each.finding == "against it"]
    assert not wrong


def test_judges_who_cannot_be_dismissed_are_not() -> None:
    for name in ("judges-irremovable", "independent-courts"):
        reformed, twin, month = pair(name)
        assert (reformed.series("dismissals")[:, month:] == 0).all()
        assert twin.series("dismissals")[:, month:].sum() > 0


def test_the_top_post_is_vacated_more_often_if_term_limits_are_kept() -> None:
    reformed, twin, month = pair("term-limits-kept")
    given = run_with("term-limits-kept").scenario.institutions.offices
    left = [
        ((each.events[:, 1] >= month) & (each.events[:, 2] == LOGGED.index("offices"))
         & (each.events[:, 3] == given.top) & (each.events[:, 4] == EVENTS.index("left"))).sum()
        for each in (reformed, twin)
    ]  # fmt: skip
    assert left[0] > 2 * left[1] > 0


def test_without_the_law_on_the_first_president_power_is_not_divided() -> None:
    reformed, twin, _ = pair("no-first-president-law")
    years = run_with("no-first-president-law").scenario.years
    first, last = month_index(years, "2019-04"), month_index(years, "2021-12")
    assert (twin.series("dual_power")[:, first : last + 1] > 0).all()
    assert (twin.series("opening_shift")[:, first : last + 1] == 0).all()
    assert (reformed.series("dual_power")[:, first : last + 1] == 0).all()
    assert (reformed.series("opening_shift")[:, first : last + 1] == -1).all()
    # Amendments happen as they did.
    amended = [
        each[(each[:, 2] == LOGGED.index("constitution")) & (each[:, 3] >= 0)]
        for each in (reformed.events, twin.events)
    ]
    assert amended[0].tobytes() == amended[1].tobytes()


@pytest.mark.parametrize("part", sorted(NULL))
def test_a_null_reform_of_a_part_in_the_time_of_the_record_changes_nothing(part: str) -> None:
    plain = make_years_scenario("kazakhstan", until="2023", belief="prior")
    reform = invented("2010-01", **{NULL[part].replace(".", "__"): {"times": 1}})
    reformed = replace(plain, reforms={"null": reform})
    assert reformed.reformed_parts == (part,)
    twin = replace(plain, leaving=(part,), leaves="2010-01")
    with_it = outlook(reformed)
    assert same(with_it, outlook(twin))
    shift = COUNTRY_COLUMNS.index("concentration" if part == "constitution" else f"{part}_shift")
    followed = outlook(plain)
    month = month_index(plain.years, "2010-01")
    assert np.array_equal(with_it.country[:, :month], followed.country[:, :month])
    assert not np.array_equal(with_it.country[:, month:, shift], followed.country[:, month:, shift])


def test_a_null_reform_of_the_record_does_not_leave_it() -> None:
    plain = make_years_scenario("kazakhstan", until="2023", belief="prior")
    reform = invented("2010-01", constitution__first_president={"times": 1})
    assert same(outlook(replace(plain, reforms={"null": reform})), outlook(plain))


@pytest.mark.parametrize(
    "values",
    [
        {"constitution.first_president": 0.0},
        {"budget.connection": 0.0},
        {"outlets.pressure": 0.0, "outlets.owner_cap": 0.15},
        {"courts.dismissal": 0.0, "courts.calling": 0.0},
        {"parties.registration": 1.0, "parties.ban_factor": 0.0},
        {"offices.elected": 1.0},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_reform_before_the_first_month_is_the_same_as_the_number(
    values: dict[str, float],
) -> None:
    """A part of the state then leaves the record in the first month, which is a number too."""
    plain = make_years_scenario("kazakhstan", until="2023", belief="prior")
    changes: Any = {name.replace(".", "__"): {"set": value} for name, value in values.items()}
    reformed = replace(plain, reforms={"early": invented("1980-01", **changes)})
    left = {f"{part}.from_record": 0.0 for part in reformed.reformed_parts}
    fixed = make_years_scenario(
        "kazakhstan", until="2023", belief="prior", overrides={**values, **left}
    )
    assert same(outlook(reformed), outlook(fixed))


def test_reforms_of_the_state_act_together() -> None:
    names = ["free-media", "free-parties", "independent-courts"]
    scenario = make_years_scenario("kazakhstan", until="2026", reforms=names, belief="prior")
    assert scenario.reformed_parts == ("parties", "courts", "outlets")
    run = run_years(scenario, members=MEMBERS)
    found = {(each.reform, each.expected.quantity): each for each in reform_differences(run)}
    assert found["free-media", "outlets_critical"].finding == "as expected"
    assert found["free-parties", "legal_opposition"].finding == "as expected"
    assert found["independent-courts", "dismissals"].finding == "as expected"
    assert [reform for reform, quantity in found if quantity == NATIONAL_WAVE] == names
    rows = reform_rows(run)
    assert len(rows) == len(found)
    assert {row.expected for row in rows} == {"more", "less", "either"}


def test_a_reform_without_a_way_to_waves_says_no_change() -> None:
    rows = {row.quantity: row for row in reform_rows(run_with("no-first-president-law"))}
    assert rows["a national wave"].expected == "no change"
    assert rows["a national wave"].found == "as expected"
    rows = {row.quantity: row for row in reform_rows(run_with("free-parties"))}
    assert rows["a national wave"].expected == "either"
    assert rows["legal opposition"].found == "as expected"


def test_free_unions_act_through_their_own_shift_alone() -> None:
    reformed, twin, month = pair("union-rights")
    assert (twin.series("labour_shift") == 0).all()
    assert (reformed.series("labour_shift")[:, month:] != 0).all()
    for name in ("wave_shift", "street_shift", "offices_shift"):
        before = slice(None, month + 1)
        assert (reformed.series(name)[:, before] == twin.series(name)[:, before]).all()


def test_prosecutions_reach_those_who_were_shielded() -> None:
    reformed, twin, month = pair("anti-corruption")
    arrested = [
        ((each.events[:, 1] >= month) & (each.events[:, 2] == LOGGED.index("offices"))
         & (each.events[:, 4] == EVENTS.index("arrested"))).sum()
        for each in (reformed, twin)
    ]  # fmt: skip
    assert arrested[0] > 10 * arrested[1]


def test_reforms_of_different_months_are_refused_with_a_hint() -> None:
    with pytest.raises(QantarError, match="begin in different months") as told:
        make_years_scenario(
            "kazakhstan", until="2024", reforms=["elected-akims-2013", "free-media"], belief="prior"
        )
    assert told.value.hint is not None
    assert "`from`" in told.value.hint


def test_a_difference_is_judged_by_its_error() -> None:
    def finding(sign: str, change: float, error: float) -> str:
        expected = Expectation.model_validate({"quantity": "trust", "sign": sign, "because": "b"})
        return Difference("a", expected, 0.5, change, error).finding

    assert finding("+", 1.0, 0.4) == "as expected"
    assert finding("-", 1.0, 0.4) == "against it"
    assert finding("either", 1.0, 0.4) == "left open"
    assert finding("none", 0.0, 0.0) == "as expected"
    assert finding("none", 0.1, 1.0) == "against it"
    assert finding("+", 1.0, 0.6) == finding("+", 0.0, 0.0) == "cannot be told apart"


def test_a_quantity_is_averaged_from_the_month_of_the_reform() -> None:
    reformed, _, month = pair("free-media")
    scenario = run_with("free-media").scenario
    found = quantity_of(scenario, reformed, "trust", month)
    assert found == pytest.approx(reformed.series("trust")[:, month:].mean(axis=1), rel=1e-5)
    by_region = quantity_of(scenario, reformed, "fear", month)
    assert by_region == pytest.approx(
        reformed.by_region("fear")[:, month // 12 :].mean(axis=(1, 2)), rel=1e-4, abs=1e-6
    )
    assert set(quantity_of(scenario, reformed, NATIONAL_WAVE, month)) <= {0.0, 1.0}
