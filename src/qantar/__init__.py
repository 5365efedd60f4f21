"""Qantar: contested accounts of a political upheaval as one executable, tested system.

>>> import qantar
>>> scenario = qantar.make_scenario("january-2022", account="union")
>>> run = qantar.run(scenario, members=20, seed=1)  # doctest: +SKIP
>>> table = qantar.facts(run.outcome, run.targets)  # doctest: +SKIP
"""

from importlib.metadata import version

from qantar.country.pack import load_country as load_country
from qantar.errors import QantarError as QantarError
from qantar.scenario.scenario import Scenario as Scenario
from qantar.scenario.scenario import make_scenario as make_scenario
from qantar.study.facts import facts as facts
from qantar.study.run import Run as Run
from qantar.study.run import run as run

__version__ = version("qantar")
