"""Literature says what it supports, and numbers of the offices cite only what supports them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from typer.testing import CliRunner

from qantar.analysis.manifest import citations
from qantar.base.provenance import ASSUMPTION, Reference, load_references
from qantar.cli import app
from qantar.packs.country import COMMON, REFERENCES_FILE, Country, packs_folder
from qantar.packs.loading import load_country
from qantar.packs.parameters import Parameter
from qantar.simulate.draws import rule_names
from qantar.simulate.scenario import make_scenario

LITERATURE = load_references(packs_folder() / COMMON / REFERENCES_FILE)


@cache
def kazakhstan() -> Country:
    return load_country("kazakhstan")


NUMBERS = [
    f"{owner}.{name}"
    for owner, numbers in load_country("kazakhstan").numbers.items()
    for name in numbers
]
"""Every parameter of a mechanism or an office."""


def number_of(name: str) -> Parameter:
    """Return a parameter by its full name."""
    owner, _, short = name.partition(".")
    return kazakhstan().numbers[owner][short]


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
