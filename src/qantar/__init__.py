"""Qantar: contested accounts of a political upheaval as one executable, tested system.

>>> import qantar
>>> scenario = qantar.make_scenario("january-2022", account="union")
>>> run = qantar.run(scenario, members=20, seed=1)  # doctest: +SKIP
>>> run.facts  # doctest: +SKIP
>>> run.plot.timeline()  # doctest: +SKIP
>>> qantar.open("runs/first").to_xarray()  # doctest: +SKIP
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from qantar.base.deprecation import install as _install_old_names
from qantar.base.errors import QantarError as QantarError

if TYPE_CHECKING:
    from qantar.analysis.facts import facts as facts
    from qantar.api.calibration import calibrate as calibrate
    from qantar.api.comparison import compare as compare
    from qantar.api.packages import ReformResult as ReformResult
    from qantar.api.packages import reform as reform
    from qantar.api.run import Run as Run
    from qantar.api.run import run as run
    from qantar.api.stored import open_results as open
    from qantar.api.sweep import sweep as sweep
    from qantar.api.whatif import WhatIf as WhatIf
    from qantar.api.whatif import what_if as what_if
    from qantar.api.years import YearsResult as YearsResult
    from qantar.api.years import years as years
    from qantar.model.plugins import register_mechanism as register_mechanism
    from qantar.packs.evidence import country_ledger as country_ledger
    from qantar.packs.loading import load_country as load_country
    from qantar.simulate.changes import parse_changes as parse_changes
    from qantar.simulate.scenario import Scenario as Scenario
    from qantar.simulate.scenario import make_scenario as make_scenario

_install_old_names()

__all__ = [
    "QantarError",
    "ReformResult",
    "Run",
    "Scenario",
    "WhatIf",
    "YearsResult",
    "__version__",
    "calibrate",
    "compare",
    "country_ledger",
    "facts",
    "load_country",
    "make_scenario",
    "open",
    "parse_changes",
    "reform",
    "register_mechanism",
    "run",
    "sweep",
    "what_if",
    "years",
]

__version__: str = version("qantar")

_MODULES = {
    "load_country": "packs.loading",
    "register_mechanism": "model.plugins",
    "Scenario": "simulate.scenario",
    "make_scenario": "simulate.scenario",
    "country_ledger": "packs.evidence",
    "facts": "analysis.facts",
    "Run": "api.run",
    "run": "api.run",
    "parse_changes": "simulate.changes",
    "WhatIf": "api.whatif",
    "what_if": "api.whatif",
    "YearsResult": "api.years",
    "years": "api.years",
    "ReformResult": "api.packages",
    "reform": "api.packages",
    "open": "api.stored",
    "calibrate": "api.calibration",
    "compare": "api.comparison",
    "sweep": "api.sweep",
}

_NAMES = {"open": "open_results"}
"""Names in their modules that differ from the public ones."""


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: the evidence needs no compiled model."""
    if name not in _MODULES:
        raise AttributeError(f"module 'qantar' has no attribute {name!r}")
    return getattr(import_module(f"qantar.{_MODULES[name]}"), _NAMES.get(name, name))


def __dir__() -> list[str]:
    """List the public names, whether they are loaded yet or not."""
    return sorted(__all__)
