"""Deprecated names of the public interface: importing one warns and returns the new one."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import Any

REMOVED_IN = "Qantar 0.3.0"
"""Release that removes the old names."""

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
    "study.inference.design": "analysis.inference.calibration_design",
    "study.inference.runs": "analysis.inference.calibration_design",
    "study.inference.summary": "analysis.inference.summary",
    "study.precedents": "analysis.precedents",
    "study.run": "analysis.run",
    "study.score": "analysis.scores",
    "study.sensitivity": "analysis.sensitivity",
    "study.sensitivity.screening": "analysis.sensitivity_methods",
    "study.sensitivity.variance": "analysis.sensitivity_methods",
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
    "Asked": "TargetQuery",
    "Assumed": "TargetAssumptions",
    "Case": "InferenceProblem",
    "Crew": "open_pool",
    "Desk": "TaskRunner",
    "Effort": "WhatIfSettings",
    "Explanation": "DifferenceAttribution",
    "Workforce": "PoolSettings",
    "do_all": "run_tasks",
    "explain": "attribute_difference",
    "share_out": "variance_shares",
}
"""New by old name, in the modules above and in `qantar.evidence.targets`."""

_PARENTS = {old.rpartition(".")[0] for old in MODULES if "." in old} | {"study", "study.whatif"}


def renamed(old: str, module: ModuleType, name: str) -> Any:
    """Return the object that a deprecated name refers to, with a warning that gives the new name.

    Parameters
    ----------
    old : str
        Full name of the module from which it is imported.
    module : module
        Where it is now, under `name` or under the name that `NAMES` gives for it.
    name : str

    Raises
    ------
    AttributeError
        If the module has neither.
    """
    # Not `hasattr`: a module that hands names on by this function would be asked again.
    new = name if name in vars(module) else NAMES.get(name, "")
    if new not in vars(module):
        raise AttributeError(f"module {old!r} has no attribute {name!r}")
    message = f"{old}.{name} is now {module.__name__}.{new}; the old name goes in {REMOVED_IN}"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
    return getattr(module, new)


class _OldModule(ModuleType):
    """A deprecated module that forwards every name to its successor."""

    def __getattr__(self, name: str) -> Any:
        old = self.__name__.removeprefix("qantar.")
        if name.startswith("__") or old not in MODULES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return renamed(self.__name__, importlib.import_module(f"qantar.{MODULES[old]}"), name)


class OldModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of `MODULES` that no other finder finds."""

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
        """Do nothing: the module has no code."""


def install() -> None:
    """Make the old names importable; called once, when `qantar` is imported."""
    sys.meta_path.append(OldModules())
