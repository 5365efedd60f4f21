"""Interventions: what a file may say, how changes compose, and what they do to the arrays."""

from __future__ import annotations

import datetime as dt
import pickle
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qantar.analysis.facts import UNITS
from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.cli.list import list_names
from qantar.cli.show import show
from qantar.model.state import Action, Amendments, Environment
from qantar.packs.conditions import (
    COUNTRYWIDE,
    ENVIRONMENT_VARIABLES,
    Conditions,
    EnvironmentChange,
    allowed,
)
from qantar.packs.country import Country, packs_folder
from qantar.packs.episode import Episode, load_episode
from qantar.packs.evidence import country_ledger
from qantar.packs.intervention import (
    Amount,
    Intervention,
    list_interventions,
    load_intervention,
    parse_amount,
    parse_moment,
)
from qantar.packs.loading import load_country
from qantar.reports.whatif.formatting import change_warnings
from qantar.simulate.changes import MAX_CURVE_POINTS, Change, Changes, parse_changes, shown
from qantar.simulate.draws import rule_names
from qantar.simulate.environment import environment_values, make_environment
from qantar.simulate.parameters import parameter_names
from qantar.simulate.script import amendments_of, parameters_after_changes, values_after

PACKS = {"kazakhstan": "january-2022", "template": "spring-unrest"}
SHIPPED = [
    (pack, path.stem)
    for pack in PACKS
    for path in sorted((packs_folder() / pack / "interventions").glob("*.yaml"))
]
KEPT = {"baseline": "b", "reason": "r", "grade": "assumed", "title": "t"}
EXPECTED = [{"outcome": "deaths", "sign": "either", "because": "x"}]


@cache
def country(pack: str = "kazakhstan") -> Country:
    return load_country(pack)


@cache
def episode(pack: str = "kazakhstan") -> Episode:
    return load_episode(country(pack), PACKS[pack])


@cache
def known_claims(pack: str) -> frozenset[str]:
    return frozenset(country_ledger(country(pack)).claims)


@cache
def shipped(pack: str, name: str) -> Intervention:
    return load_intervention(country(pack), name)


def parse(text: str) -> tuple[Changes, ...]:
    return parse_changes(country(), episode(), text)


def one(text: str) -> Changes:
    (changes,) = parse(text)
    return changes


def made(name: str = "made", **parts: object) -> Intervention:
    """Return an intervention of the test's own, from what a file would hold."""
    return Intervention.model_validate({"name": name, **KEPT, "expected": EXPECTED, **parts})


def holding(name: str = "made", **hold: object) -> Changes:
    """Return a change that holds one decision."""
    return Changes((Change(made(name, decisions=[{"kind": "shutdown", **hold}])),))


def stepping(name: str = "made", variable: str = "demands.drift", **how: object) -> Changes:
    """Return a change that steps one parameter."""
    return Changes((Change(made(name, parameters=[{"name": variable, **how}])),))


def grounding(name: str = "made", **how: object) -> Changes:
    """Return a change that steps one variable of the environment."""
    return Changes((Change(made(name, ground=[how])),))


def ground_with(changes: Changes, conditions: Sequence[EnvironmentChange] = ()) -> Environment:
    """Return the environment of the country after changes."""
    steps = [s for change in changes for s in change.ground_steps]
    if not conditions:
        return make_environment(country(), steps=steps)
    under = Conditions(ground=tuple(conditions))
    return make_environment(country(), episode().model_copy(update={"conditions": under}), steps)


def held_hours(rows: Amendments, row: int = 0) -> list[int]:
    return [h for h in range(episode().hours) if rows.begins[row] <= h < rows.ends[row]]


def same_rows(a: Amendments, b: Amendments) -> bool:
    return all(np.array_equal(x, y) and x.dtype == y.dtype for x, y in zip(a, b, strict=True))


# ---------------------------------------------------------------------- what is shipped


@pytest.mark.parametrize(("pack", "name"), SHIPPED)
def test_a_shipped_intervention_is_whole(pack: str, name: str) -> None:
    found = shipped(pack, name)
    claims = known_claims(pack)
    assert [claim for claim in found.claims if claim not in claims] == []
    assert all(len(each.because.split()) >= 5 for each in found.expected), "a sign has a reason"
    assert all(each.outcome in UNITS for each in found.expected), "and an outcome that is reported"
    if found.grade != "assumed":
        assert found.claims, "what is not assumed rests on a claim"
    (changes,) = parse_changes(country(pack), episode(pack), name)
    assert parse_changes(country(pack), episode(pack), changes.label) == (changes,)


@pytest.mark.parametrize(("pack", "name"), SHIPPED)
def test_every_hold_of_a_shipped_intervention_holds_somewhere(pack: str, name: str) -> None:
    (changes,) = parse_changes(country(pack), episode(pack), name)
    rows = amendments_of(changes, country(pack), episode(pack))
    hours = episode(pack).hours
    assert np.all((rows.begins >= 0) & (rows.begins < rows.ends) & (rows.ends <= hours))
    assert np.all(rows.where.any(axis=1))
    assert np.all((rows.least > 0) | (rows.most < 1)), "a hold that binds nothing"


CONTESTED = {
    "shutdown": "anger.by_shutdown",
    "shoot_order": "lethal_force.by_shoot_order",
    "foreign_troops": "reinforcement.freed_by_foreign_troops",
    "restraint": "anger.by_force",
    "emergency": "fear.by_emergency",
    "price_concession": "demands.price_trust",
    "utilities_freeze": "demands.freeze_trust",
    "government_resigns": "demands.resignation_trust",
    "council_chair_changes": "demands.council_trust",
    "new_cabinet": "demands.cabinet_trust",
    "akims.concession_patience": "demands.price_trust",
}
"""What works through a contested effect, and the number that carries it.

The law: a contested effect has a prior that holds zero and both signs, so nobody may say before a
run which way an intervention on it moves deaths, participants or anything else.
"""

BOTH_SIGNS = 2.0  # standard deviations: at least 2 % of the prior on the less likely side


@pytest.mark.parametrize("number", sorted(set(CONTESTED.values())))
def test_what_is_called_contested_has_a_prior_with_both_signs(number: str) -> None:
    group, _, short = number.partition(".")
    prior = country().numbers[group][short].prior
    assert prior is not None
    assert abs(prior.score_of(0.0)) < BOTH_SIGNS


@pytest.mark.parametrize(("pack", "name"), SHIPPED)
def test_no_intervention_foretells_a_contested_sign(pack: str, name: str) -> None:
    found = shipped(pack, name)
    touched = {hold.kind for hold in found.decisions} | {step.name for step in found.parameters}
    if touched & {*CONTESTED}:
        assert {each.sign for each in found.expected} == {"either"}


def test_no_answer_about_a_shutdown_goes_without_its_caution() -> None:
    """What a shutdown is worth rests on one January; see docs/explanation."""
    where = country(), episode()
    about = [
        change
        for pack, name in SHIPPED
        if pack == "kazakhstan"
        for change in parse_changes(*where, name)[0]
        if any(hold.kind == "shutdown" for hold in change.intervention.decisions)
    ]
    assert len(about) == 3
    for change in about:
        told = change_warnings(Changes((change,)), 100)
        assert told == (change.intervention.caution,)
        assert change_warnings(Changes((change,)), 49)[0].startswith("Only 49 pairs")
        assert "single January" in told[0]


def test_the_contested_list_bites() -> None:
    kinds = {hold.kind for pack, name in SHIPPED for hold in shipped(pack, name).decisions}
    assert {"shutdown", "shoot_order", "foreign_troops", "restraint"} <= kinds
    signs = {each.sign for pack, name in SHIPPED for each in shipped(pack, name).expected}
    assert signs >= {"fewer", "more", "either"}


# ------------------------------------------------------------------------ amounts, moments


@given(st.floats(0, 9), st.floats(0, 9), st.floats(0, 9))
def test_an_amount_is_a_line_in_the_dose(a: float, b: float, dose: float) -> None:
    assert parse_amount("dose") == Amount(0.0, 1.0)
    assert parse_amount("1 - dose").at(dose) == 1.0 - dose
    text = f"{a:.6f} - {b:.6f} * dose"
    assert parse_amount(text).at(dose) == pytest.approx(round(a, 6) - round(b, 6) * dose)
    assert parse_amount(a).at(None) == a


@pytest.mark.parametrize(
    "wrong", ["doze", "dose * 2", "1 -", True, None, float("nan"), "dose dose"]
)
def test_what_is_no_amount_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="give a"):
        parse_amount(wrong)


def test_a_moment_is_a_day_or_a_whole_hour() -> None:
    assert (
        parse_moment("2022-01-03") == parse_moment(dt.date(2022, 1, 3)) == dt.datetime(2022, 1, 3)
    )
    for wrong in ("2022-01-03T12:30", "2022-13-01", "2022-01-03T12:00+06:00", "tomorrow"):
        with pytest.raises(ValueError, match="give"):
            parse_moment(wrong)


# ------------------------------------------------------------------------- composition


@st.composite
def some_changes(draw: st.DrawFn) -> Changes:
    """Return one or two shipped interventions with a dose and a date of their range."""
    names = st.sampled_from([name for pack, name in SHIPPED if pack == "kazakhstan"])
    chosen = []
    for name in draw(st.lists(names, min_size=1, max_size=2, unique=True)):
        found = shipped("kazakhstan", name)
        dose = found.dose and draw(st.sampled_from([found.dose.low, found.dose.default]))
        dates = (found.date.earliest, found.date.default) if found.date else ()
        chosen.append(Change(found, dose, draw(st.sampled_from(dates)) if dates else None))
    try:
        return Changes(tuple(chosen))
    except QantarError:
        return Changes((chosen[0],))


def together(*parts: Changes) -> Changes | None:
    """Add from the left; None if refused."""
    total = Changes()
    try:
        for part in parts:
            total = total + part
    except QantarError:
        return None
    return total


@settings(max_examples=60, deadline=None)
@given(some_changes(), some_changes(), some_changes())
def test_adding_is_commutative_associative_and_idempotent(
    a: Changes, b: Changes, c: Changes
) -> None:
    assert together(a, b) == together(b, a)
    right = together(b, c)
    assert together(a, b, c) == (None if right is None else together(a, right))
    assert a + a == a
    assert a + Changes() == Changes() + a == a
    both = together(a, b)
    if both is not None:
        other = together(b, a)
        assert other is not None
        assert hash(both) == hash(other)
        assert both.label == other.label
        assert same_rows(
            amendments_of(both, country(), episode()), amendments_of(other, country(), episode())
        )


@settings(max_examples=30, deadline=None)
@given(some_changes())
def test_the_label_gives_a_change_back(changes: Changes) -> None:
    assert parse(changes.label) == (changes,)
    assert pickle.loads(pickle.dumps(changes)) == changes


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_dose_is_read_back_exactly(dose: float) -> None:
    assert float(shown(dose)) == dose


def test_only_changes_are_added_to_changes() -> None:
    with pytest.raises(TypeError):
        Changes() + "no-shutdown"  # type: ignore[operator]


REFUSED = {
    "two doses": (
        "partial-shutdown=0.5+partial-shutdown=0.6",
        ("appears twice", "two doses or dates", "=0.5", "=0.6"),
    ),
    "two dates": (
        "emergency-later@2022-01-07+emergency-later@2022-01-08",
        ("appears twice", "@2022-01-07T00:00"),
    ),
    "bounds": (
        "emergency-earlier@2022-01-04+emergency-later@2022-01-08",
        ("put bounds on emergency that exclude each other", "at least 1, at most 0", "expected:"),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_go_together_is_refused(what: str) -> None:
    text, says = REFUSED[what]
    with pytest.raises(QantarError) as caught:
        parse(text)
    for words in says:
        assert words in str(caught.value)


def test_bounds_may_differ_where_hours_or_regions_do() -> None:
    early, late = {"until": "2022-01-03"}, {"from": "2022-01-03"}
    west, rest = {"where": ["Mangystau", "Atyrau"]}, {"except": ["Mangystau", "Atyrau"]}
    for first, second in ((early, late), (west, rest), (west, {"where": ["Aktobe"]})):
        both = holding("a", least=1, **first) + holding("b", most=0, **second)
        assert len(both) == 2
    for first, second in ((early, {}), (west, {}), (rest, {}), (rest, {"except": ["Aktobe"]})):
        with pytest.raises(QantarError, match="exclude each other"):
            holding("a", least=1, **first) + holding("b", most=0, **second)
    assert len(holding("a", least=0.5) + holding("b", most=0.5)) == 2, "bounds may meet"


def test_one_intervention_can_be_at_odds_with_itself() -> None:
    holds = [{"kind": "stand", "least": 1}, {"kind": "stand", "most": 0}]
    with pytest.raises(QantarError, match="made put bounds on stand"):
        Changes((Change(made(decisions=holds)),))


STEPS = [
    ({"set": 0.1}, {"set": 0.2}, "to 0.1 and to 0.2 (set)"),
    ({"set": 0.1}, {"add": 0.1}, "in two ways (add and set)"),
    ({"set": 0.1}, {"multiply": 2}, "in two ways (multiply and set)"),
    ({"add": 0.1}, {"multiply": 2}, "in two ways (add and multiply)"),
]


@pytest.mark.parametrize(("first", "second", "says"), STEPS)
def test_steps_whose_order_would_matter_are_refused(
    first: dict[str, float], second: dict[str, float], says: str
) -> None:
    for a, b in ((first, second), (second, first)):
        with pytest.raises(QantarError) as caught:
            stepping("a", **a) + stepping("b", **b)
        assert "a and b change demands.drift" in str(caught.value)
        assert a is second or says in str(caught.value)
    assert len(stepping("a", **first) + stepping("b", "demands.by_force", **second)) == 2
    assert len(stepping("a", **first) + stepping("b", **first)) == 2


def test_ground_steps_clash_only_where_both_fall() -> None:
    def at(name: str, where: str, **how: float) -> Changes:
        return grounding(name, variable="territorial_exclusion", where=[where], **how)

    assert len(at("a", "Mangystau", set=0) + at("b", "Atyrau", multiply=0.5)) == 2
    with pytest.raises(QantarError, match="change territorial_exclusion in two ways"):
        at("a", "Mangystau", set=0) + at("b", "Mangystau", multiply=0.5)


def test_two_files_of_one_name_do_not_go_together() -> None:
    with pytest.raises(QantarError, match="appears twice, from two files"):
        holding("a", least=1) + holding("a", least=0.5)


# ------------------------------------------------------------------------------ the text


def test_a_range_gives_one_alternative_each_and_the_rest_stays() -> None:
    curve = parse("no-shoot-order+partial-shutdown=0..1/0.25")
    assert [changes.label for changes in curve] == [
        f"no-shoot-order+partial-shutdown={dose}" for dose in ("0", "0.25", "0.5", "0.75", "1")
    ]
    dates = parse("price-cut-earlier@2022-01-02..2022-01-04/12h")
    assert [change.date for changes in dates for change in changes] == [
        dt.datetime(2022, 1, 2) + dt.timedelta(hours=12 * k) for k in range(5)
    ]
    assert len(parse("dialogue@2022-01-02..2022-01-04/1d=0.25")) == 3
    assert [shown(c.dose or 0) for (c,) in parse("partial-shutdown=0..0.3/0.1")] == [
        "0", "0.1", "0.2", "0.3",
    ]  # fmt: skip
    with pytest.raises(QantarError, match="do not reach its end"):
        parse("partial-shutdown=0..1/0.3")


WRONG = {
    "two ranges": ("dialogue@2022-01-02..2022-01-03/12h=0..1/0.5", ("two ranges", "one axis")),
    "two ranges apart": (
        "partial-shutdown=0..1/0.5+forces-stand=0..1/0.5", ("two ranges",)),
    "dose too high": ("partial-shutdown=2", ("out of range", "0 to 1 share", "qantar show")),
    "dose of none": ("no-shutdown=1", ("has no dose", "expected: `no-shutdown` alone")),
    "date too late": (
        "price-cut-earlier@2022-02-01", ("out of range", "2022-01-01T00:00 to 2022-01-04T23:00")),
    "date of none": ("no-shutdown@2022-01-03", ("has no date", "leave out")),
    "no date": ("price-cut-earlier@soon", ("'soon' is not a date", "2022-01-03T12:00")),
    "no dose": ("partial-shutdown=much", ("'much' is not a dose", "0..1/0.25")),
    "infinite": ("partial-shutdown=inf", ("is not a dose",)),
    "empty": ("", ("is not a change", "NAME@DATE")),
    "nothing after": ("no-shutdown+", ("is not a change",)),
    "backwards": ("partial-shutdown=1..0/0.1", ("ends before it begins",)),
    "no step": ("partial-shutdown=0..1/0", ("not a step", "above zero")),
    "no step of time": ("price-cut-earlier@2022-01-02..2022-01-03/0h", ("12h, 1d",)),
    "too fine": ("partial-shutdown=0..1/0.0001", ("too many values", str(MAX_CURVE_POINTS))),
    "a range out of range": ("partial-shutdown=0..2/1", ("out of range",)),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_text_is_refused(what: str) -> None:
    text, says = WRONG[what]
    with pytest.raises(QantarError) as caught:
        parse(text)
    for words in says:
        assert words in str(caught.value)


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'no-shoot-order'"):
        parse("no-shot-order")


def test_an_intervention_of_another_episode_is_refused() -> None:
    other = episode().model_copy(update={"name": "land-2016"})
    with pytest.raises(QantarError, match="does not belong to the episode 'land-2016'"):
        parse_changes(country(), other, "no-shutdown")
    assert parse_changes(country(), other, "elected-akims"), "one without a date fits any episode"


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        'name: mine\ntitle: "t"\nbaseline: "b"\nreason: "r"\ngrade: assumed\n'
        "expected: [{outcome: deaths, sign: either, because: x}]\n"
        "dose: {label: l, unit: share, default: 1, low: 0, high: 1, meaning: m}\n"
        "decisions: [{kind: stand, least: dose}]\n",
        encoding="utf-8",
    )
    assert one(f"{path}=0.5+no-shutdown").label == "mine=0.5+no-shutdown"
    path.rename(tmp_path / "other.yaml")
    with pytest.raises(FileError, match="must match the file name"):
        one(f"{tmp_path}/other.yaml")
    with pytest.raises(FileError, match="cannot be read"):
        one(f"{tmp_path}/none.yaml")


def test_a_dose_or_a_date_cannot_be_left_out_of_a_change() -> None:
    for name, says in (("partial-shutdown", "needs a dose"), ("emergency-later", "needs a date")):
        with pytest.raises(QantarError, match=says):
            Change(shipped("kazakhstan", name))


# ------------------------------------------------------------------------------ the arrays


def test_the_null_change_changes_nothing() -> None:
    rows = amendments_of(Changes(), country(), episode())
    assert rows.kind.size == 0
    assert rows.where.shape == (0, len(country().places))
    stood = environment_values(country())
    after_nothing = values_after((), country(), stood)
    assert {name: id(held) for name, held in after_nothing.items()} == {
        name: id(held) for name, held in stood.items()
    }
    values = np.array([0.1, 0.2])
    names = ("demands.drift", "demands.by_force")
    declared = [country().numbers["demands"][name.split(".")[1]] for name in names]
    after = parameters_after_changes(Changes(), names, values, declared)
    assert np.array_equal(after, values)
    assert not np.shares_memory(after, values)
    assert not Changes()
    assert Changes().label == ""


def test_hours_and_places_of_a_hold() -> None:
    rows = amendments_of(one("dialogue@2022-01-03T12:00=0.25"), country(), episode())
    hours = episode().hours
    assert rows.kind.tolist() == [Action.PRICE_CONCESSION, Action.RESTRAINT]
    assert (rows.begins.tolist(), rows.ends.tolist()) == ([60, 60], [hours, 108])
    assert (rows.least.tolist(), rows.most.tolist()) == ([0.25, 1.0], [1.0, 1.0])
    regions = np.array([place.region for place in country().places])
    assert np.array_equal(rows.where[0], np.isin(regions, ["Mangystau", "Atyrau"]))
    rows = amendments_of(one("emergency-later@2022-01-08T06:00"), country(), episode())
    assert held_hours(rows) == list(range(7 * 24 + 6))
    assert rows.where.all()
    rows = amendments_of(holding(most=0, **{"except": ["Aktobe"]}), country(), episode())
    assert np.array_equal(rows.where[0], regions != "Aktobe")
    assert held_hours(rows) == list(range(hours))


def test_a_hold_outside_the_window_holds_in_no_hour() -> None:
    for edge in ({"from": "2022-02-01"}, {"until": "2021-12-24"}):
        rows = amendments_of(holding(least=1, **edge), country(), episode())
        assert rows.kind.size == 1
        assert held_hours(rows) == []
    rows = amendments_of(holding(least=1, **{"from": "2021-12-24"}), country(), episode())
    assert rows.begins[0] == 0, "what began before the window is in force in its first hour"


def test_parameters_are_stepped_cut_and_otherwise_left_alone() -> None:
    names = (*parameter_names(), *rule_names())
    declared = [country().numbers[n.split(".")[0]][n.split(".")[1]] for n in names]
    values = np.tile([each.central for each in declared], (3, 1))
    before = values.copy()
    after = parameters_after_changes(one("concession-believed=0.5"), names, values, declared)
    assert np.array_equal(values, before)
    moved = [names[k] for k in np.flatnonzero((after != before).any(axis=0))]
    assert moved == [
        f"demands.{x}_trust" for x in ("price", "freeze", "resignation", "council", "cabinet")
    ]
    k = names.index("demands.price_trust")
    assert np.array_equal(after[:, k], before[:, k] + 0.5)
    changes = stepping("a", "demands.drift", multiply=3) + stepping(
        "b", "demands.drift", multiply=2
    )
    k = names.index("demands.drift")
    assert parameters_after_changes(changes, names, values, declared)[0, k] == pytest.approx(
        6 * values[0, k]
    )
    changes = stepping("a", "demands.price_trust", add=100)
    k = names.index("demands.price_trust")
    assert parameters_after_changes(changes, names, values, declared)[0, k] == declared[k].high


def test_what_is_for_the_offices_is_left_to_them() -> None:
    names = rule_names()
    declared = [country().rules[n.split(".")[0]][n.split(".")[1]] for n in names]
    values = np.array([each.central for each in declared])
    after = parameters_after_changes(
        one("elected-akims=0.25+concession-believed"), names, values, declared
    )
    k = names.index("akims.concession_patience")
    assert after[k] == 0.75 * values[k]
    assert np.array_equal(np.delete(after, k), np.delete(values, k))
    mechanisms = parameter_names()
    own = [country().parameters[n.split(".")[0]][n.split(".")[1]] for n in mechanisms]
    middle = np.array([each.central for each in own])
    assert np.array_equal(
        parameters_after_changes(one("elected-akims"), mechanisms, middle, own), middle
    )


def values_of(environment: Environment, name: str) -> np.ndarray:
    """Return an attribute of every place."""
    return environment.of_places(environment.places[name])


def test_steps_of_several_changes_combine_and_touch_nothing_else() -> None:
    before = make_environment(country())
    after = ground_with(one("transfers-by-need=0.5+elected-akims=0.5"))
    expected = before.places["territorial"] * (0.5 * 0.75)
    assert np.array_equal(after.places["territorial"], expected)
    for name in before.places.dtype.names or ():
        if name != "territorial":
            assert np.array_equal(after.places[name], before.places[name]), name
    for name in before.groups.dtype.names or ():
        assert np.array_equal(after.groups[name], before.groups[name]), name
    for field in set(Environment._fields) - {"places", "groups"}:
        assert np.array_equal(getattr(after, field), getattr(before, field)), field


def test_the_values_of_the_ground_change_in_a_copy() -> None:
    stood, kept = environment_values(country()), environment_values(country())
    steps = [{"variable": name, "multiply": 0.5} for name in (*ENVIRONMENT_VARIABLES, *COUNTRYWIDE)]
    change = Change(made(ground=steps))
    after = values_after(change.ground_steps, country(), stood)
    for name, held in kept.items():
        assert np.array_equal(stood[name], held), name
    for name in (*ENVIRONMENT_VARIABLES, *COUNTRYWIDE):
        assert np.array_equal(after[name], np.clip(kept[name] / 2, *allowed(country(), name))), name


def test_ground_is_cut_to_the_range_of_its_variable_and_changed_by_region() -> None:
    steps = [
        {"variable": "news_reach", "add": 500, "where": ["Aktobe"]},
        {"variable": "police_per_1000", "add": -1e9},
        {"variable": "mobile_reserve", "multiply": 2},
        {"variable": "foreign_contingent", "set": 0},
        {"variable": "night_temperature", "set": -30, "except": ["Aktobe"]},
    ]
    before, after = (
        make_environment(country()),
        ground_with(Changes((Change(made(ground=steps)),))),
    )
    aktobe = np.array([place.region == "Aktobe" for place in country().places])
    there = before.of_places
    assert np.array_equal(there(after.places["news_reach"]) == 1, aktobe)
    lowest = country().variables["police_per_1000"].low
    stationed = after.places["population"] * lowest / 1000
    assert np.array_equal(after.places["investigators"], stationed)
    assert (after.places["police"] < before.places["police"])[: before.place_count].all()
    assert (after.reserve, after.foreign_troops) == (2 * before.reserve, 0.0)
    cold, was = there(after.places["night_cold"]), there(before.places["night_cold"])
    assert np.all(cold[~aktobe] == 3)
    assert np.array_equal(cold[aktobe], was[aktobe])


def test_steps_come_after_the_conditions_of_the_episode() -> None:
    condition = EnvironmentChange.model_validate(
        {"variable": "news_reach", "set": 0.4, "where": "everywhere", "because": "a test",
         "reference": "qantar-assumption", "grade": "assumed"}
    )  # fmt: skip
    halved = grounding(variable="news_reach", multiply=0.5, where=["Aktobe"])
    access = values_of(ground_with(halved, [condition]), "news_reach")
    aktobe = np.array([place.region == "Aktobe" for place in country().places])
    assert np.array_equal(access, np.where(aktobe, 0.2, 0.4))


def test_poverty_is_measured_against_what_it_was_before_the_change() -> None:
    """Else poverty halved everywhere were no change, and one region's relief another's burden."""
    before = values_of(make_environment(country()), "poverty")
    weights = values_of(make_environment(country()), "population")
    poverty = environment_values(country())["poverty"]
    shift = np.average(poverty, weights=weights) / 2
    spread = np.sqrt(np.cov(poverty, aweights=weights, ddof=0))
    halved = values_of(ground_with(grounding(variable="poverty", multiply=0.5)), "poverty")
    np.testing.assert_allclose(halved, before / 2 - shift / spread, rtol=1e-12)
    relief = ground_with(grounding(variable="poverty", set=0, where=["Aktobe"]))
    relieved = values_of(relief, "poverty")
    aktobe = np.array([place.region == "Aktobe" for place in country().places])
    assert np.array_equal(relieved[~aktobe], before[~aktobe])
    assert np.all(relieved[aktobe] < before[aktobe])


def test_what_is_counted_stays_whole() -> None:
    """The nearest whole number, not the next lower one."""
    before = make_environment(country()).places["businesses"]
    after = ground_with(grounding(variable="businesses", multiply=0.29)).places["businesses"]
    assert np.array_equal(after, np.rint(before * 0.29))
    assert np.any(after != np.trunc(before * 0.29))


def test_the_guide_names_every_variable_of_the_ground() -> None:
    guide = Path(__file__).parents[1] / "docs/howto/write-an-intervention.md"
    named = set(re.findall(r"`(\w+)`", guide.read_text(encoding="utf-8")))
    assert {*ENVIRONMENT_VARIABLES, *COUNTRYWIDE} <= named


@pytest.mark.parametrize("pack", PACKS)
def test_the_ground_of_a_pack_lies_in_the_range_of_its_variables(pack: str) -> None:
    """Else a step that changes nothing would cut it."""
    for name, held in environment_values(country(pack)).items():
        low, high = allowed(country(pack), name)
        assert np.all((held >= low) & (held <= high)), name


# ------------------------------------------------------------------------------ the screen


def test_interventions_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    list_names("interventions")
    listed = capsys.readouterr().out
    for name in list_interventions(country()):
        assert name in listed
    show("intervention", "elected-akims")
    text = capsys.readouterr().out
    for words in (
        "the street hears the street", "akims.concession_patience: multiply 1 - dose",
        "territorial_exclusion: multiply 1 - 0.5 * dose, everywhere",
        "dose        0.5, may be 0 to 1 share",
        "seed-003 s3.3: Zhanaozen activists asked that heads of regions be elected directly.",
    ):  # fmt: skip
        assert words in text
    show("intervention", "dialogue")
    text = capsys.readouterr().out
    assert "restraint at least 1, from the date, for 48 hours, Mangystau, Atyrau" in text
    assert "date        2022-01-03T00:00, may be 2022-01-02T00:00 to 2022-01-05T00:00" in text
