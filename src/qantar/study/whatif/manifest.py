"""What a what-if says about itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from qantar.model.catalogue import offices
from qantar.scenario.rules import rules_file
from qantar.scenario.scenario import Scenario
from qantar.study.manifest import circumstances, citations, fitted_on
from qantar.study.whatif.explaining import METHOD
from qantar.study.whatif.result import WhatIf

_LIBRARIES = ("numpy", "numba", "pandas", "matplotlib")
_METHODS = ("glasserman1992", "pearl2001", "castro2009", "owen2014", "efron1993", "savage1951")


def manifest(
    result: WhatIf,
    rivals: Sequence[Scenario],
    *,
    started: dt.datetime,
    wall_seconds: float,
) -> dict[str, Any]:
    """Return the manifest of a what-if.

    Parameters
    ----------
    rivals : sequence of Scenario
        The other accounts that were run.
    started : datetime
        When it began, UTC.
    wall_seconds : float
        How long it took.
    """
    scenario = result.scenario
    rules = rules_file(scenario.country, scenario.learned_on)
    return {
        "qantar_version": version("qantar"),
        **circumstances(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "pack_fingerprint": scenario.country.fingerprint,
        "episode": scenario.episode.name,
        "account": scenario.account.name,
        "accounts": [scenario.account.name, *(rival.account.name for rival in rivals)],
        "belief": scenario.belief,
        "beliefs_from": scenario.learned_on,
        "fitted_on": fitted_on(scenario),
        "decisions": scenario.decisions,
        "rules": rules.name if rules.is_file() and scenario.belief != "prior" else "prior",
        "overrides": scenario.overrides,
        "changes": [world.label for world in result.worlds],
        "members": result.members,
        "seed": result.seed,
        "explained": result.explained,
        "attribution": METHOD,
        "citations": _citations(scenario),
    }


def _citations(scenario: Scenario) -> list[str]:
    """Return what a run rests on, and the literature of offices and methods on top."""
    lines = citations(scenario)
    keys = {*_METHODS}
    if scenario.decisions == "rules":
        for name, office in offices().items():
            keys.update(office.references)
            for parameter in scenario.country.rules[name].values():
                keys.update(parameter.references)
    known = scenario.country.references
    more = [known[key].cite() for key in sorted(keys) if key in known]
    return [*lines, *(line for line in more if line not in lines)]
