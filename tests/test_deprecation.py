"""Old names of the public interface: they work, warn, and say when they go."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from qantar.base.deprecation import MODULES, NAMES, REMOVED_IN

OLD_NAMES = (
    ("qantar.study.run", "simulate", "qantar.analysis.run"),
    ("qantar.study.whatif.asking", "Effort", "qantar.analysis.whatif.run"),
    ("qantar.study.inference.case", "Case", "qantar.analysis.inference.problem"),
    ("qantar.study.inference.runs", "Desk", "qantar.analysis.inference.calibration_design"),
    ("qantar.study.tasks", "Workforce", "qantar.base.parallel"),
    ("qantar.scenario.change_text", "parse_changes", "qantar.simulate.changes"),
    ("qantar.country.pack", "load_country", "qantar.packs.loading"),
    ("qantar.chance", "uniform", "qantar.rng"),
    ("qantar.study.sensitivity", "Analysis", "qantar.analysis.sensitivity"),
    ("qantar.study.sensitivity", "drivers", "qantar.analysis.sensitivity"),
    ("qantar.study.sensitivity.variance", "share_out", "qantar.analysis.sensitivity_methods"),
    ("qantar.evidence.targets", "Asked", "qantar.evidence.targets"),
    ("qantar.evidence.targets", "Assumed", "qantar.evidence.targets"),
)


@pytest.mark.parametrize(("old", "name", "new"), OLD_NAMES)
def test_an_old_name_warns_and_leads_to_the_new_one(old: str, name: str, new: str) -> None:
    module = importlib.import_module(old)
    with pytest.warns(DeprecationWarning, match=f"is now {new}.*goes in {REMOVED_IN}"):
        found = getattr(module, name)
    successor = importlib.import_module(new)
    current = name if name in vars(successor) else NAMES[name]
    assert found is getattr(successor, current)


@pytest.mark.parametrize("new", sorted(set(MODULES.values())))
def test_every_successor_exists(new: str) -> None:
    assert importlib.import_module(f"qantar.{new}")


def test_every_new_name_is_in_a_successor() -> None:
    successors = {*MODULES.values(), "evidence.targets"}
    modules = [importlib.import_module(f"qantar.{new}") for new in successors]
    for old, new in NAMES.items():
        assert any(hasattr(module, new) for module in modules), (old, new)


def test_what_never_was_a_module_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("qantar.study.nothing")


def test_the_import_statement_works_in_a_fresh_process() -> None:
    program = "from qantar.study.whatif.asking import Effort; print(Effort.__name__)"
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "WhatIfSettings\n"
