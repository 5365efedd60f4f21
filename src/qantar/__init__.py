"""Qantar: contested accounts of a political upheaval as one executable, tested system.

>>> import qantar
>>> scenario = qantar.make_scenario("january-2022", account="union")
>>> run = qantar.run(scenario, members=20, seed=1)  # doctest: +SKIP
>>> table = qantar.facts(run.outcome, run.targets)  # doctest: +SKIP
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from qantar.errors import QantarError as QantarError

if TYPE_CHECKING:
    from qantar.country.pack import load_country as load_country
    from qantar.scenario.change_text import parse_changes as parse_changes
    from qantar.scenario.scenario import Scenario as Scenario
    from qantar.scenario.scenario import make_scenario as make_scenario
    from qantar.study.evidence import country_ledger as country_ledger
    from qantar.study.facts import facts as facts
    from qantar.study.run import Run as Run
    from qantar.study.run import run as run
    from qantar.study.whatif.asking import what_if as what_if

__version__ = version("qantar")

_HOMES = {
    "load_country": "country.pack",
    "Scenario": "scenario.scenario",
    "make_scenario": "scenario.scenario",
    "country_ledger": "study.evidence",
    "facts": "study.facts",
    "Run": "study.run",
    "run": "study.run",
    "parse_changes": "scenario.change_text",
    "what_if": "study.whatif.asking",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: the evidence needs no compiled model."""
    if name not in _HOMES:
        raise AttributeError(f"module 'qantar' has no attribute {name!r}")
    return getattr(import_module(f"qantar.{_HOMES[name]}"), name)
