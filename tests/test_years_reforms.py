"""Reforms of the shipped packs can be run, say where they come from, and change what they say."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from qantar.analysis.years.run import run_years
from qantar.base.provenance import ASSUMPTION
from qantar.packs.loading import load_country
from qantar.simulate.years.scenario import make_years_scenario, reforms_of

PACKS = {"kazakhstan": "2024", "template": "2031"}
SHIPPED = [(pack, name) for pack in PACKS for name in reforms_of(load_country(pack))]
PAIRS = list(combinations([name for pack, name in SHIPPED if pack == "kazakhstan"], 2))


@pytest.mark.parametrize(("pack", "name"), SHIPPED)
def test_a_reform_runs_and_states_its_sources(pack: str, name: str) -> None:
    scenario = make_years_scenario(pack, until=PACKS[pack], reforms=[name], belief="prior")
    reform = scenario.reforms[name]
    known = {**scenario.country.references, **scenario.country.sources}
    assert set(reform.references) <= set(known)
    if any(change.grade == "assumed" for change in reform.changes.values()):
        assert any(ASSUMPTION in key or "assumption" in key for key in reform.references)
    assert all(change.note for change in reform.changes.values())


@pytest.mark.parametrize("pair", PAIRS)
def test_reforms_of_kazakhstan_can_be_combined(pair: tuple[str, str]) -> None:
    make_years_scenario("kazakhstan", until="2024", reforms=pair, belief="prior")


def test_no_change_changes_nothing_and_the_others_do() -> None:
    for name in reforms_of(load_country("kazakhstan")):
        scenario = make_years_scenario("kazakhstan", until="2026", reforms=[name], belief="prior")
        run = run_years(scenario, members=20)
        assert run.outlook is not None
        assert run.without is not None
        same = np.array_equal(run.outlook.country, run.without.country)
        assert same == (name == "no-change"), name
