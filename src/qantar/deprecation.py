"""Old names of the public interface: importing one warns and leads to the new one."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import Any

REMOVED_IN = "0.3.0"
"""Version of Qantar from which the old names are gone."""

MODULES = {
    "chance": "rng",
    "compiled": "base.compilation",
    "country.pack": "packs.loading",
    "errors": "base.errors",
    "scenario.change": "simulate.changes",
    "scenario.change_text": "simulate.changes",
    "scenario.interventions": "packs.intervention",
    "scenario.scenario": "simulate.scenario",
    "store.workbook": "base.checkpoints",
    "study.compare.comparison": "analysis.compare.comparison",
    "study.compare.tables": "analysis.compare.comparison_tables",
    "study.decisions": "analysis.whatif.result",
    "study.evidence": "packs.evidence",
    "study.inference.calibration": "analysis.inference.calibration",
    "study.inference.case": "analysis.inference.problem",
    "study.inference.design": "analysis.inference.design",
    "study.inference.runs": "analysis.inference.design",
    "study.inference.summary": "analysis.inference.summary",
    "study.precedents": "analysis.precedents",
    "study.run": "analysis.run",
    "study.score": "analysis.scores",
    "study.tasks": "base.parallel",
    "study.whatif.asking": "analysis.whatif.run",
    "study.whatif.designs": "analysis.whatif.designs",
    "study.whatif.discovery": "analysis.whatif.designs",
    "study.whatif.explaining": "analysis.whatif.attribution",
    "study.whatif.regime": "analysis.whatif.twins",
    "study.whatif.result": "analysis.whatif.result",
}
"""New by old module, both without ``qantar.``: those that version 0.1 documented."""

NAMES = {
    "Case": "InferenceProblem",
    "Crew": "open_pool",
    "Desk": "TaskRunner",
    "Effort": "WhatIfSettings",
    "Explanation": "DifferenceAttribution",
    "Workforce": "PoolSettings",
    "do_all": "run_tasks",
    "explain": "attribute_difference",
}
"""New by old name, in the modules above."""

_PARENTS = {old.rpartition(".")[0] for old in MODULES if "." in old} | {"study", "study.whatif"}


def _warn(old: str, new: str) -> None:
    message = f"{old} is now {new}; the old name goes in Qantar {REMOVED_IN}"
    warnings.warn(message, DeprecationWarning, stacklevel=3)


class _OldModule(ModuleType):
    """A module that hands every name on to its successor."""

    def __getattr__(self, name: str) -> Any:
        old = self.__name__.removeprefix("qantar.")
        if name.startswith("__") or old not in MODULES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        new = importlib.import_module(f"qantar.{MODULES[old]}")
        found = name if hasattr(new, name) else NAMES.get(name, name)
        _warn(f"{self.__name__}.{name}", f"{new.__name__}.{found}")
        return getattr(new, found)


class OldModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of `MODULES` where nothing else finds them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for an old module, or None for all others."""
        old = fullname.removeprefix("qantar.")
        if old == fullname or (old not in MODULES and old not in _PARENTS):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=old in _PARENTS)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return an empty module whose names lead to its successor."""
        return _OldModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def install() -> None:
    """Make the old names importable; called once, when `qantar` is imported."""
    sys.meta_path.append(OldModules())
