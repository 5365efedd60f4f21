"""Reforms of the shipped packs can be run, say where they come from, and change what they say."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from qantar.analysis.years.run import run_years
from qantar.base.errors import FileError, QantarError
from qantar.base.provenance import ASSUMPTION
from qantar.packs.country import packs_folder
from qantar.packs.loading import load_country
from qantar.simulate.years.scenario import (
    check_years,
    contradiction_in,
    make_years_scenario,
    reforms_of,
)

PACKS = {"kazakhstan": "2024", "template": "2031"}
SHIPPED = [(pack, name) for pack in PACKS for name in reforms_of(load_country(pack))]
BEGINS = {name: each.begins for name, each in reforms_of(load_country("kazakhstan")).items()}
CONTRADICT = [
    {"less-repression", "more-repression"},
    {"free-parties", "new-kazakhstan"},
]
PAIRS = [pair for pair in combinations(BEGINS, 2) if BEGINS[pair[0]] == BEGINS[pair[1]]]


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
    offered = reforms_of(load_country("kazakhstan"))
    told = contradiction_in({name: offered[name] for name in pair})
    assert bool(told) == (set(pair) in CONTRADICT)


@pytest.mark.parametrize("pair", CONTRADICT)
def test_reforms_that_contradict_each_other_are_refused(pair: set[str]) -> None:
    with pytest.raises(QantarError, match="contradict each other: both change") as told:
        make_years_scenario("kazakhstan", until="2024", reforms=sorted(pair), belief="prior")
    assert told.value.hint == "leave one of the two out"


def test_no_change_changes_nothing_and_the_others_do() -> None:
    for name in reforms_of(load_country("kazakhstan")):
        scenario = make_years_scenario("kazakhstan", until="2026", reforms=[name], belief="prior")
        run = run_years(scenario, members=20)
        assert run.outlook is not None
        assert run.without is not None
        same = np.array_equal(run.outlook.country, run.without.country)
        assert same == (name == "no-change"), name


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("years.yaml", "  growth:", "  grwth:", "no series 'growth'"),
        ("reforms/calmer-guards.yaml", "answers.repress", "answers.x", "no parameter of the month"),
        ("reforms/calmer-guards.yaml", "arv-assumption", "nobody", "unknown reference"),
        ("reforms/calmer-guards.yaml", "quantity: fear", "quantity: feer", "no quantity"),
        ("reforms/calmer-guards.yaml", "quantity: fear", "quantity: national_wave", "twice"),
    ],
)
def test_a_check_of_a_pack_reads_its_reforms_and_series(
    tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    pack = Path(shutil.copytree(packs_folder() / "template", tmp_path / "arvenia"))
    check_years(load_country(pack))
    path = pack / "years" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(FileError, match=told):
        check_years(load_country(pack))
