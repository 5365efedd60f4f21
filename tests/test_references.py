"""Literature says what it supports, and numbers cite only what supports them.

The numbers are those of mechanisms and offices, and of the mechanisms of the month.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from typer.testing import CliRunner

from qantar.analysis.manifest import citations
from qantar.base.provenance import ASSUMPTION, Reference, load_references
from qantar.cli import app
from qantar.model.month import SCHEDULE, SWITCHED
from qantar.packs.country import COMMON, REFERENCES_FILE, Country, packs_folder
from qantar.packs.loading import load_country
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.years_tables import FOLDER as YEARS
from qantar.simulate.draws import rule_names
from qantar.simulate.scenario import make_scenario
from qantar.simulate.years.scenario import LAWS, laws, parameter_names

LITERATURE = load_references(packs_folder() / COMMON / REFERENCES_FILE)


@cache
def kazakhstan() -> Country:
    return load_country("kazakhstan")


OF_YEARS = {
    f"{YEARS}/{path.stem}.{name}": number
    for path in sorted((packs_folder() / COMMON / YEARS).glob("*.yaml"))
    for name, number in load_parameters(path).items()
}
"""Every parameter of the month."""

NUMBERS = {
    f"{owner}.{name}": number
    for owner, numbers in kazakhstan().numbers.items()
    for name, number in numbers.items()
} | OF_YEARS
"""Every parameter of a mechanism or an office, and of the month."""

CAUSES = {f"month/{each.name}": each.references for each in SCHEDULE} | {
    f"{LAWS}/{name}": law.references for name, law in laws().items()
}
"""What mechanisms of the month and rival laws cite."""


def number_of(name: str) -> Parameter:
    """Return a parameter by its full name."""
    return NUMBERS[name]


@pytest.mark.parametrize("key", LITERATURE)
def test_every_reference_says_what_it_supports(key: str) -> None:
    assert LITERATURE[key].supports
    assert (LITERATURE[key].checked is None) == (key == ASSUMPTION)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_guess_is_called_one_and_no_other_number_is(name: str) -> None:
    number = number_of(name)
    assert (ASSUMPTION in number.references) == (number.grade == "assumed")


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_is_not_assumed_was_read(name: str) -> None:
    """What is only recalled, or a finding without a number, cannot make a number reported."""
    number = number_of(name)
    if number.grade in ("measured", "reported"):
        read = [LITERATURE[key].checked for key in number.references if key in LITERATURE]
        assert "number" in read


@pytest.mark.parametrize("name", rule_names())
def test_a_normal_effect_of_an_office_is_contested(name: str) -> None:
    number = number_of(name)
    prior = number.prior
    if prior is not None and prior.distribution == "normal":
        assert number.note.startswith("contested")


@pytest.mark.parametrize("name", NUMBERS)
def test_a_contested_effect_can_have_either_sign(name: str) -> None:
    number = number_of(name)
    prior = number.prior
    if prior is not None and prior.distribution == "normal" and "contested" in number.note:
        assert number.low < 0.0 < number.high
        assert prior.value_at(-1.645) < 0.0 < prior.value_at(1.645)


@pytest.mark.parametrize("name", OF_YEARS)
def test_a_guess_of_the_month_says_so_first_and_what_it_cites_exists(name: str) -> None:
    number = number_of(name)
    assert set(number.references) <= set(LITERATURE)
    assert len(set(number.references)) == len(number.references)
    if number.grade == "assumed":
        assert number.references[0] == ASSUMPTION


@pytest.mark.parametrize("name", OF_YEARS)
def test_an_effect_that_may_be_zero_can_have_either_sign(name: str) -> None:
    number = number_of(name)
    if "may be zero" in number.note:
        assert number.prior is not None
        assert number.prior.distribution == "normal"
        assert number.prior.value_at(-1.645) < 0.0 < number.prior.value_at(1.645)
        assert number.low < 0.0 < number.high


@pytest.mark.parametrize("name", OF_YEARS)
def test_a_prior_of_the_month_lies_within_its_range(name: str) -> None:
    """Bounds cut off what cannot be, not what the prior holds likely."""
    number = number_of(name)
    if number.prior is not None:
        assert number.low <= number.prior.value_at(-3.0)
        assert number.prior.value_at(3.0) <= number.high


def test_every_number_of_the_month_is_declared_and_read() -> None:
    assert set(OF_YEARS) == {f"{YEARS}/{name}" for name in parameter_names()}
    files = {path.stem for path in (packs_folder() / COMMON / YEARS).glob("*")}
    assert files == {each.name for each in SCHEDULE if each.parameters is not None}


@pytest.mark.parametrize("name", CAUSES)
def test_a_mechanism_of_the_month_and_a_law_cite_what_exists(name: str) -> None:
    cited = CAUSES[name]
    assert cited
    assert set(cited) <= set(LITERATURE)
    if ASSUMPTION in cited:
        assert cited == (ASSUMPTION,)


@pytest.mark.parametrize("name", laws())
def test_what_a_law_fixes_is_in_range_and_what_it_switches_exists(name: str) -> None:
    law = laws()[name]
    assert set(law.mechanisms) <= set(SWITCHED)
    assert len(set(law.mechanisms)) == len(law.mechanisms)
    for parameter, value in law.fixed.items():
        number = number_of(f"{YEARS}/{parameter}")
        assert number.low <= value <= number.high


def test_every_switch_belongs_to_a_law() -> None:
    assert {each for law in laws().values() for each in law.mechanisms} == set(SWITCHED)


def test_the_command_line_shows_what_a_reference_supports() -> None:
    shown = CliRunner().invoke(app, ["show", "parameter", "security_council.reopened_after"])
    assert shown.exit_code == 0, shown.output
    assert LITERATURE["ilpost2019"].supports in " ".join(shown.output.split())


def test_an_assumption_is_not_cited_as_literature() -> None:
    scenario = make_scenario("january-2022", account="union")
    parameters = scenario.country.parameters
    guess = parameters["anger"]["memory"].model_copy(
        update={"references": (ASSUMPTION, "carey2006")}
    )
    anger = {**parameters["anger"], "memory": guess}
    country = replace(scenario.country, parameters={**parameters, "anger": anger})
    lines = citations(replace(scenario, country=country))
    assert LITERATURE["carey2006"].cite() in lines
    assert LITERATURE[ASSUMPTION].cite() not in lines


def test_a_reference_without_these_fields_is_still_read() -> None:
    """Packages and countries of others have references of their own."""
    plain = Reference(authors="Nobody, A.", year=2020, title="A study", venue="Journal 1:1")
    assert plain.supports == ""
    assert plain.checked is None
    assert plain.cite() == "Nobody, A. (2020). A study. Journal 1:1."
