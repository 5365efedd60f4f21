"""Earlier episodes: their conditions land where declared, and nowhere else; honest about limits."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from file_edits import Break
from qantar.analysis.facts import facts
from qantar.analysis.outcomes import SAMPLERS, Layout, Outcome
from qantar.analysis.run import load_evidence, run
from qantar.base.errors import FileError
from qantar.model.hour import VARIABLES
from qantar.model.state import Action
from qantar.packs.conditions import LEFT_BEHIND, EnvironmentChange, ParameterChange
from qantar.packs.country import Country
from qantar.packs.episode import Episode, load_episode
from qantar.packs.loading import load_country
from qantar.simulate.draws import Draws
from qantar.simulate.environment import environment_values, make_environment, with_changes
from qantar.simulate.scenario import Scenario, make_scenario

PRECEDENTS = ("zhanaozen-2011", "land-2016", "transition-2019")
JANUARY = "january-2022"
EPISODE = "episodes/spring-unrest/episode.yaml"


@cache
def country() -> Country:
    return load_country("kazakhstan")


@cache
def episode_of(name: str) -> Episode:
    return load_episode(country(), name)


@cache
def scenario_of(name: str, conditions: bool = True) -> Scenario:
    return make_scenario(name, conditions=conditions)


def names() -> list[str]:
    return [place.place for place in country().places]


@pytest.mark.parametrize("name", PRECEDENTS)
def test_a_precedent_borrows_the_beliefs_of_january_and_its_trigger_comes_from_the_script(
    name: str,
) -> None:
    episode = episode_of(name)
    assert episode.beliefs_from == JANUARY
    kinds = [action.kind for action in episode.actions.values()]
    assert kinds.count("other_trigger") == 1
    assert "price_cap_lifted" not in kinds
    assert scenario_of(name).belief == "fitted"
    script = scenario_of(name).member(1, 0, scenario_of(name).draws(1, 1)).script
    assert int(Action.OTHER_TRIGGER) in script.kind


def test_january_differs_from_the_pack_by_what_the_years_leave_behind_and_nothing_else() -> None:
    conditions = episode_of(JANUARY).conditions
    assert conditions.from_years
    assert not conditions.ground
    assert not conditions.parameters
    assert {change.variable for change in conditions.environment} == set(LEFT_BEHIND)
    own, pack = scenario_of(JANUARY).environment, make_environment(country())
    for name in pack.places.dtype.names or ():
        if name not in ("experience", "news_reach"):
            np.testing.assert_array_equal(own.places[name], pack.places[name])
    reach = own.of_places(own.places["news_reach"])
    np.testing.assert_allclose(reach, pack.of_places(pack.places["news_reach"]), atol=0.03)
    assert own.price_breadth == pack.price_breadth == 1
    with_, without = (scenario_of(JANUARY, c).draws(3, 5).parameters for c in (True, False))
    np.testing.assert_array_equal(with_, without)


@pytest.mark.parametrize("name", PRECEDENTS)
def test_without_conditions_the_parameters_are_those_of_january(name: str) -> None:
    """All but what belongs to the episode itself: an attack planned for another one."""
    scenario = scenario_of(name, conditions=False)
    draws = scenario.draws(1, 20)
    january = scenario_of(JANUARY).draws(1, 20)
    own = [
        k
        for k, number in enumerate(scenario.numbers)
        if number.name
        not in {c.parameter for c in episode_of(name).conditions.parameters if c.always}
    ]
    np.testing.assert_array_equal(draws.parameters[:, own], january.parameters[:, own])
    assert len(own) == len(scenario.numbers) - 1
    np.testing.assert_array_equal(draws.propensity, january.propensity)


@pytest.mark.parametrize("name", PRECEDENTS)
def test_conditions_move_the_parameters_that_they_name_and_no_other(name: str) -> None:
    scenario = scenario_of(name)
    before = scenario_of(name, conditions=False).draws(1, 20).parameters
    after = scenario.draws(1, 20).parameters
    moved = {n.name for n, k in zip(scenario.numbers, (before != after).T, strict=True) if k.any()}
    changes = episode_of(name).conditions.parameters
    assert moved == {change.parameter for change in changes if not change.always}
    for number, values in zip(scenario.numbers, after.T, strict=True):
        if number.name in moved:
            assert number.declared.low <= values.min(), number.name
            assert values.max() <= number.declared.high, number.name


@pytest.mark.parametrize(
    ("name", "variable", "region"),
    [
        ("zhanaozen-2011", "labour_salience", "Mangystau"),
        ("land-2016", "land_salience", ""),
        ("transition-2019", "political_salience", ""),
    ],
)
def test_the_trigger_matters_as_its_issue_does_and_is_1_where_it_matters_most(
    name: str, variable: str, region: str
) -> None:
    environment = scenario_of(name).environment
    trigger = environment.of_places(environment.places["trigger"])
    salience = np.array(
        [
            country().number(place, variable) if region in ("", place.region) else 0.0
            for place in country().places
        ]
    )
    assert trigger.max() == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(trigger, salience / salience.max(), atol=1e-3)


def experience_of(name: str) -> dict[str, float]:
    """Return the experience of protest of every place at the beginning of an episode."""
    environment = scenario_of(name).environment
    values = environment.of_places(environment.places["experience"])
    return dict(zip(names(), values.tolist(), strict=True))


def test_a_place_knows_nothing_yet_of_the_protest_that_is_to_be_foretold() -> None:
    """Rule 2 of the trial: the environment of an episode may not contain its outcome."""
    for name, places in (
        ("zhanaozen-2011", ["Zhanaozen", "Shetpe"]),
        ("land-2016", ["Atyrau", "Aktobe", "Semey"]),
        ("transition-2019", ["Almaty", "Nur-Sultan"]),
    ):
        ground = environment_values(country(), episode_of(name).conditions.ground)
        stated = dict(zip(names(), ground["protest_experience"].tolist(), strict=True))
        assert [stated[place] for place in places] == [0.0] * len(places), name
    # What the years leave behind is of earlier waves: the land protest of 2016 adds to these.
    before, after = experience_of("land-2016"), experience_of("transition-2019")
    for place in ("Atyrau", "Aktobe", "Semey"):
        assert before[place] < after[place]
    assert experience_of("land-2016")["Zhanaozen"] > experience_of(JANUARY)["Zhanaozen"]


def test_ground_changes_count_in_order_where_they_hold_and_within_the_range() -> None:
    changes = [
        change_of(variable="news_reach", multiply=0.5, regions=["Mangystau"]),
        change_of(variable="news_reach", add=0.1, places=["Zhanaozen"]),
        change_of(variable="news_reach", add=500.0, places=["Almaty"]),
        change_of(variable="trigger", set=0.3, places=["Aktobe"]),
    ]
    plain, changed = environment_values(country()), environment_values(country(), changes)
    before = dict(zip(names(), plain["news_reach"], strict=True))
    after = dict(zip(names(), changed["news_reach"], strict=True))
    assert after["Aktau"] == before["Aktau"] / 2
    assert after["Zhanaozen"] == before["Zhanaozen"] / 2 + 0.1
    assert after["Almaty"] == 1.0
    touched = [k for k in names() if after[k] != before[k]]
    assert {country().region_of[place].region for place in touched} == {
        "Mangystau",
        "Almaty (city)",
    }
    hit = [p for p, size in zip(names(), changed["trigger"], strict=True) if size > 0]
    assert hit == ["Aktobe"], "the town, and not the region of the same name"
    for variable in plain.keys() - {"news_reach", "trigger"}:
        np.testing.assert_array_equal(plain[variable], changed[variable])


def test_a_ground_change_takes_the_values_of_another_variable() -> None:
    """In the places named, from the pack and not from an earlier change."""
    changes = [
        change_of(variable="civic_activism", set=0, where="everywhere"),
        change_of(variable="trigger", set=0.2, where="everywhere"),
        change_of(variable="trigger", **{"from": "civic_activism"}, regions=["Almaty (city)"]),
        change_of(variable="trigger", **{"from": "land_salience"}, places=["Semey"]),
    ]
    trigger = dict(zip(names(), environment_values(country(), changes)["trigger"], strict=True))
    assert trigger.pop("Almaty") == 1.0
    assert trigger.pop("Semey") == country().region_value("East Kazakhstan", "land_salience").value
    assert set(trigger.values()) == {0.2}


def test_a_condition_may_change_a_variable_of_the_whole_country() -> None:
    changes = [
        change_of(variable="learned_restraint", set=0, where="everywhere"),
        change_of(variable="usable_police", multiply=0.5, where="everywhere"),
    ]
    values = environment_values(country(), changes)
    assert values["learned_restraint"].tolist() == [0.0]
    assert values["usable_police"].tolist() == [0.04]


def change_of(**parts: object) -> EnvironmentChange:
    row = {"because": "a test", "reference": "qantar-assumption", "grade": "assumed", **parts}
    return EnvironmentChange.model_validate(row)


def test_parameter_changes_leave_the_draws_alone_and_keep_what_the_user_holds() -> None:
    scenario = make_scenario(JANUARY, overrides={"joining.media_weight": 0.7})
    column = {number.name: k for k, number in enumerate(scenario.numbers)}
    draws: Draws = scenario.draws(1, 4)
    kept = draws.parameters.copy()
    rows = [
        {"parameter": "joining.media_weight", "multiply": 0},
        {"parameter": "joining.ties_weight", "multiply": 2},
        {"parameter": "joining.ties_weight", "add": 0.5},
        {"parameter": "organised_violence.rate", "set": 9.0},
    ]
    changes = [
        ParameterChange.model_validate({**row, "because": "a test", "claims": ["x"]})
        for row in rows
    ]
    after = with_changes(draws, scenario.numbers, changes).parameters
    np.testing.assert_array_equal(draws.parameters, kept)
    assert (after[:, column["joining.media_weight"]] == 0.7).all()
    ties = column["joining.ties_weight"]
    np.testing.assert_allclose(after[:, ties], 2 * kept[:, ties] + 0.5)
    rate = column["organised_violence.rate"]
    assert (after[:, rate] == scenario.numbers[rate].declared.high).all()


def test_targets_beyond_a_run_are_listed_with_their_reason_and_never_scored() -> None:
    result = run(scenario_of("zhanaozen-2011"), members=2, seed=1, threads=1)
    beyond = {each.target.target: each.rule.beyond for each in result.beyond}
    assert set(beyond) == {"zhanaozen-strike-months", "zhanaozen-accused"}
    assert all(beyond.values())
    scored = {item.target.target for item in result.scores}
    assert scored == {target.target for target in result.targets}
    assert scored | set(beyond) == {each.target.target for each in result.reconciled}
    assert not scored & set(beyond)
    listed = facts(result.outcome, result.targets)["target"]
    assert set(listed) - {""} == scored


@pytest.mark.parametrize("name", [*PRECEDENTS, JANUARY])
def test_only_what_no_run_gives_is_declared_beyond(name: str) -> None:
    """A convenient miss may not be declared away: whole years, months and courts alone are."""
    for each in load_evidence(country(), episode_of(name))[1]:
        known = each.target.variable in SAMPLERS
        assert known != bool(each.rule.beyond), each.target.target


def test_regions_active_and_active_elsewhere_count_visible_crowds_where_they_are() -> None:
    """Two regions of two and one places, one day; crowds of three members."""
    layout = Layout(
        country="Land",
        places=("A", "B", "C"),
        regions=("E", "W"),
        region_of=("E", "E", "W"),
        first_day=dt.date(2022, 1, 1),
        days=1,
        offsets=np.zeros(3, np.int64),
        visible=50.0,
    )
    outcome = Outcome(layout)
    for crowds in ((50.0, 60.0, 49.0), (0.0, 0.0, 50.0), (0.0, 50.0, 50.0)):
        record = np.zeros((24, 3, len(VARIABLES)), np.float32)
        record[:, :, [v.name for v in VARIABLES].index("crowd")] = crowds
        outcome.add(record)

    def asked(variable: str, level: str, name: str, date: str = "any") -> list[float]:
        values: list[float] = outcome.samples(variable, level, name, date).tolist()
        return values

    assert asked("regions_active", "country", "Land") == [1, 1, 2]
    assert asked("regions_active", "country", "Land", "2022-01-01") == [1, 1, 2]
    assert asked("regions_active", "region", "E") == [1, 0, 1]
    assert asked("active_elsewhere", "region", "E") == [0, 1, 1]
    assert asked("active_elsewhere", "region", "W") == [1, 0, 1]
    assert asked("active_elsewhere", "place", "A") == [1, 1, 1]
    assert asked("active_elsewhere", "country", "Land") == [0, 0, 0]


def conditions(*lines: str) -> str:
    return "conditions:\n" + "\n".join(lines) + "\n\nactions:\n"


GROUND = (
    '    - {variable: poverty, set: 1, where: everywhere, because: "x", '
    "reference: arv-assumption, grade: assumed}"
)
PARAMETER = '    - {parameter: joining.ties_weight, multiply: 2, because: "x", claims: [obs-price]}'
BREAKS = {
    "unknown variable": (GROUND, "poverty", "povery", ("unknown variable", "poverty")),
    "unknown place": (GROUND, "where: everywhere", "places: [Harow]", ("Harow", "Harrow")),
    "unknown region": (GROUND, "where: everywhere", "regions: [Midlnd]", ("Midland",)),
    "unknown source": (GROUND, "arv-assumption", "arv-asumption", ("arv-assumption",)),
    "out of range": (GROUND, "set: 1", "set: 1000", ("out of range", "1000")),
    "nowhere": (GROUND, "where: everywhere, ", "", ("where: everywhere",)),
    "two ways": (GROUND, "set: 1", "set: 1, add: 1", ("exactly one",)),
    "a value and a variable": (GROUND, "set: 1", "set: 1, from: seat", ("exactly one", "`from`")),
    "from an unknown variable": (GROUND, "set: 1", "from: set", ("unknown variable", "seat")),
    "from a variable of the country": (GROUND, "set: 1", "from: mobile_reserve", ("unknown",)),
    "from values out of range": (
        GROUND,
        "poverty, set: 1",
        "civic_activism, from: businesses",
        ("businesses of 'Harrow'", "civic_activism", "0 to 1"),
    ),
    "the country by region": (
        GROUND,
        "poverty, set: 1, where: everywhere",
        "usable_police, set: 1, regions: [Midland]",
        ("usable_police", "whole country"),
    ),
    "the country from places": (
        GROUND,
        "poverty, set: 1",
        "usable_police, from: seat",
        ("usable_police", "from: seat"),
    ),
    "unknown parameter": (PARAMETER, "ties_weight", "ties_wait", ("joining.ties_weight",)),
    "unknown claim": (PARAMETER, "obs-price", "obs-prise", ("unknown claim", "obs-price")),
    "no claim": (PARAMETER, "[obs-price]", "[]", ("claims",)),
    "a trigger without an action": (GROUND, "poverty", "trigger", ("no action",)),
}


def read(folder: Path) -> Episode:
    """Read all that a run of the episode reads, and return the episode."""
    land = load_country(folder)
    episode = load_episode(land, "spring-unrest")
    load_evidence(land, episode)
    return episode


def test_sound_conditions_are_read(pack: Path) -> None:
    new = conditions("  ground:", GROUND, "  parameters:", PARAMETER)
    Break(EPISODE, "\nactions:\n", "\n" + new, None, ()).make(pack)
    found = read(pack).conditions
    (environment,) = found.ground
    assert (environment.variable, environment.to, environment.reference) == (
        "poverty",
        1,
        "arv-assumption",
    )
    (parameter,) = found.parameters
    assert (parameter.parameter, parameter.multiply) == ("joining.ties_weight", 2)
    assert parameter.claims == ("obs-price",)


@pytest.mark.parametrize("case", BREAKS)
def test_wrong_conditions_are_refused_with_file_and_line(pack: Path, case: str) -> None:
    row, old, new, says = BREAKS[case]
    assert row.count(old) == 1
    section = "  ground:" if row == GROUND else "  parameters:"
    wrong = row.replace(old, new)
    text = "\n" + conditions(section, wrong)
    path, line = Break(EPISODE, "\nactions:\n", text, wrong.strip(), says).make(pack)
    with pytest.raises(FileError) as refusal:
        read(pack)
    message = str(refusal.value)
    assert f"{path}:{line}" in message
    for word in says:
        assert word in message


def test_a_trigger_that_falls_on_no_place_is_refused(pack: Path) -> None:
    broken = Break(EPISODE, "kind: price_cap_lifted\n", "kind: other_trigger\n", None, ())
    path, _ = broken.make(pack)
    with pytest.raises(FileError, match=r"price-doubled: applies to no place") as refusal:
        read(pack)
    assert str(path) in str(refusal.value)
