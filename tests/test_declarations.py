"""What mechanisms declare: ranges and neutral values hold, contradictions are refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from qantar.base.compilation import compiled
from qantar.base.errors import QantarError
from qantar.model import crowd, plugins
from qantar.model.compose import ARGUMENT_EXPRESSIONS, Model, compose, source_of
from qantar.model.hour import (
    FIELDS,
    MECHANISMS,
    SCHEDULE,
    VARIABLES,
    Member,
    begin,
    initial_state,
    step,
)
from qantar.model.mechanism import ARGUMENTS, Field, Mechanism, Variable
from qantar.model.mechanisms import looting, policing
from qantar.model.mediators import Mediator
from qantar.model.state import Environment, State
from qantar.simulate.draws import rule_record, values_at
from qantar.simulate.ensemble import run_member
from qantar.simulate.parameters import parameter_record
from qantar.simulate.scenario import Scenario, make_scenario

LIVELY = {
    "joining.gate_threshold": 2000.0,
    "joining.willing": 0.1,
    "escalation.rate": 0.005,
    "coordinated_attack.hour": 30.0,
    "coordinated_attack.towns": 0.8,
}
"""Held so that the small country sees crowds, violence, deaths and a planned attack."""
ROUNDING = 1e-9


@cache
def arvenia(decisions: str) -> Scenario:
    return make_scenario(
        "spring-unrest", pack="template", belief="prior", overrides=LIVELY, decisions=decisions
    )


def members(decisions: str, count: int, spread: float = 1.0) -> Iterator[Member]:
    """Yield members with any parameters: scores of their priors, widened by `spread`."""
    scenario = arvenia(decisions)
    draws = scenario.draws(3, count)
    source = np.random.Generator(np.random.Philox(5))
    for number in range(count):
        scores = [
            spread * source.normal(size=(1, len(n))) for n in (scenario.numbers, scenario.rules)
        ]
        yield scenario.member(3, number, draws)._replace(
            parameters=parameter_record(values_at(scenario.numbers, scores[0])[0]),
            rules=rule_record(values_at(scenario.rules, scores[1])[0]),
        )


def states(environment: Environment, member: Member, hours: int) -> Iterator[State]:
    """Yield the state after every hour. It is one object: look before the next."""
    state = initial_state(environment)
    begin(state, environment, member)
    for hour in range(hours):
        step(state, environment, member, hour)
        yield state


# ---------------------------------------------------------------------------------- ranges


@cache
def extremes() -> dict[str, tuple[float, float]]:
    """Return the lowest and the highest value of every field over members and hours."""
    seen: dict[str, list[float]] = {field.name: [] for field in FIELDS}
    for decisions in ("script", "rules"):
        scenario = arvenia(decisions)
        for member in members(decisions, 12, spread=1.5):
            for state in states(scenario.environment, member, scenario.episode.hours):
                for name, values in seen.items():
                    here = scenario.environment.of_places(state.places[name])
                    values += [float(here.min()), float(here.max())]
    return {name: (min(values), max(values)) for name, values in seen.items()}


@pytest.mark.parametrize("name", [field.name for field in FIELDS])
def test_a_field_stays_within_its_range(name: str) -> None:
    field = next(each for each in FIELDS if each.name == name)
    low, high = extremes()[name]
    assert not np.isnan([low, high]).any()
    assert low >= field.low - ROUNDING
    assert high <= field.high * (1.0 + ROUNDING) + ROUNDING


def test_the_ranges_are_tried() -> None:
    """A range that nothing comes near would say little: shares move, counts grow."""
    still = [name for name, (low, high) in extremes().items() if low == high]
    assert still == ["prices_felt"], "in this country only one price rises"


# ------------------------------------------------------------------------------- switched off

WRITTEN_WHEN_OFF = {
    "price_shock": {"price_1", "price_2", "price_pressure", "fresh_price", "spark", "prices_felt"},
    "policing": {"forces", "officers"},
    "ties": {"remembered"},
}
"""What the `off` function of a mechanism writes instead of a neutral value."""


@pytest.mark.parametrize(
    "name", [name for name, each in MECHANISMS.items() if each.fields or each.records]
)
def test_what_a_mechanism_owns_is_neutral_when_it_is_off(name: str) -> None:
    mechanism = MECHANISMS[name]
    neutral = {each.name: each.neutral for each in mechanism.fields}
    columns = {each.name: k for k, each in enumerate(VARIABLES)}
    for decisions in ("script", "rules"):
        scenario = arvenia(decisions)
        hours = scenario.episode.hours
        for member in members(decisions, 3):
            switches = member.switches.copy()
            switches[name] = 0.0
            off = member._replace(switches=switches)
            for state in states(scenario.environment, off, hours):
                for field in set(neutral) - WRITTEN_WHEN_OFF.get(name, set()):
                    assert (state.places[field] == neutral[field]).all(), field
            record = run_member(scenario.environment, off, hours)
            for variable in mechanism.records:
                expected = neutral.get(variable.source, 0.0)
                assert (record[:, :, columns[variable.name]] == expected).all(), variable.name


# --------------------------------------------------------------------------- what is refused


class Parameters(NamedTuple):
    """Of a mechanism that does nothing."""

    rate: float


@compiled
def idle(state: State, p: Parameters, hour: int) -> None:
    """Do nothing."""


@compiled
def wants_weather(state: State, weather: float) -> None:
    """Ask for what nobody has."""


@compiled
def wants_parameters(state: State, p: Parameters) -> None:
    """Ask for parameters."""


def plain(state: State) -> None:
    """Lack the decorator."""


def local() -> Callable[..., None]:
    @compiled
    def inner(state: State) -> None:
        """Cannot be imported."""

    return inner


FIDGET = Field("fidget", "persons", 0, 10, 0, "a field of its own")


def made(**changes: Any) -> Mechanism:
    """Return a mechanism in which nothing is wrong but what is changed."""
    right = Mechanism(
        name="idling",
        title="Nothing happens",
        references=("gurr1970",),
        parameters=Parameters,
        fields=(FIDGET,),
        records=(Variable("fidget", "persons", "recorded"),),
        terms={"fidget": Mediator.FORCE},
        hour=idle,
        after="policing",
    )
    return dataclasses.replace(right, **changes)


def with_outside(*outside: Mechanism) -> Model:
    return compose(SCHEDULE, outside)


def names(model: Model) -> list[str]:
    return [line.name for line in model.lines]


def test_a_mechanism_from_outside_runs_directly_after_the_one_that_it_names() -> None:
    order = names(with_outside(made(), made(name="later", after="idling", **BARE)))
    at = order.index("policing")
    assert order[at : at + 3] == ["policing", "idling", "later"]
    assert [name for name in order if name not in ("idling", "later")] == [x.name for x in SCHEDULE]


BARE: dict[str, Any] = {"fields": (), "records": (), "terms": {}}


def test_those_after_the_same_one_run_in_the_order_of_their_registration() -> None:
    order = names(with_outside(*(made(name=name, **BARE) for name in ("first", "second"))))
    at = order.index("policing")
    assert order[at + 1 : at + 3] == ["first", "second"]


def test_columns_from_outside_come_last() -> None:
    from qantar.model.hour import FIRST_RECORDS, FIRST_TERMS, TERMS

    model = compose(SCHEDULE, [made()], first_records=FIRST_RECORDS, first_terms=FIRST_TERMS)
    assert [each.name for each in model.variables] == [*(v.name for v in VARIABLES), "fidget"]
    assert list(model.terms) == [*TERMS, "fidget"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"after": "polcing"}, "did you mean 'policing'"),
        ({"after": None}, "does not set `after`"),
        ({"after": "idling"}, "unknown mechanism"),
        ({"name": "looting"}, "two mechanisms or steps are called 'looting'"),
        ({"name": "count"}, "two mechanisms or steps are called 'count'"),
        ({"name": "my-rule"}, "is not a valid name"),
        ({"name": "lambda"}, "is not a valid name"),
        (
            {"fields": (FIDGET, Field("fear", "", 0, 1, 0, ""))},
            "idling: the field 'fear' already belongs to 'fear'",
        ),
        ({"fields": (FIDGET, FIDGET)}, "'fidget' already belongs to 'idling'"),
        ({"fields": (dataclasses.replace(FIDGET, neutral=11),)}, "outside its range"),
        ({"terms": {"force": Mediator.FORCE}}, "the term names 'force', which is not a field"),
        ({"records": (Variable("x", "", "", field="fidgit"),)}, "did you mean 'fidget'"),
        ({"records": (Variable("x", "", "", stance="asleep"),)}, "unknown stance"),
        ({"records": (Variable("deaths", "", "", field="fidget"),)}, "already belongs to"),
        ({"hour": wants_weather}, "unknown parameter, 'weather'"),
        ({"begin": idle}, "unknown parameter, 'hour'"),
        ({"hour": wants_parameters, "parameters": None}, "unknown parameter, 'p'"),
        ({"hour": plain}, "is not compiled"),
        ({"off": local()}, "is not found"),
        ({"parameters": float}, "`parameters` is"),
    ],
)
def test_invalid_declarations_are_refused_with_a_hint(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(QantarError, match=message) as refusal:
        with_outside(made(**changes))
    assert refusal.value.expected or refusal.value.hint


def test_two_of_the_same_name_are_refused() -> None:
    with pytest.raises(QantarError, match="two mechanisms or steps are called 'idling'"):
        with_outside(made(), made(fields=()))


def test_late_registration_is_refused() -> None:
    with pytest.raises(QantarError, match="already in use") as refusal:
        plugins.register_mechanism(made())
    assert "import qantar" in refusal.value.hint


def test_other_objects_are_refused() -> None:
    with pytest.raises(QantarError, match="is not a mechanism"):
        plugins.register_mechanism("curfew")  # type: ignore[arg-type]


def test_an_entry_point_that_leads_nowhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    entry = EntryPoint("lost", "no_such_package:MECHANISM", plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry])
    with pytest.raises(QantarError, match="cannot be loaded"):
        plugins._installed.__wrapped__()


# ------------------------------------------------------------------------------ the source


def test_every_argument_has_an_expression() -> None:
    assert set(ARGUMENTS) == set(ARGUMENT_EXPRESSIONS)


def test_the_source_follows_the_schedule() -> None:
    text = source_of(compose((crowd.COUNT, policing.MECHANISM, looting.MECHANISM, crowd.COUNT)))
    body = text[text.index("def step") : text.index("def hold_")]
    calls = [
        "crowd.count(",
        "policing.set_police_force(",
        "hold_force",
        "looting.loot(",
        "crowd.count(",
    ]
    places = []
    for call in calls:
        places.append(body.index(call, places[-1] + 1 if places else 0))
    assert places == sorted(places)
    compile(text, "hour.py", "exec")


def test_a_folder_is_asked_for_where_parameters_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from qantar.packs import country

    monkeypatch.setattr(country, "outside_mechanisms", lambda: (made(),))
    with pytest.raises(QantarError, match="has parameters but no folder"):
        country.outside_folders()
    monkeypatch.setattr(country, "outside_mechanisms", lambda: (made(folder=Path("here")),))
    assert country.outside_folders() == {"idling": Path("here")}
