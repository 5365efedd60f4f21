"""Data shared by the worlds of an episode, cached in each worker process.

`known` loads a pack with its evidence, `scenario_of` the scenario of a world. `facts_file` computes
the table of facts of a world from its arrays when it is first requested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import zarr

from qantar.analysis.facts import facts
from qantar.analysis.outcomes import Layout
from qantar.analysis.rebuild import outcome_of
from qantar.analysis.run import Evidence, layout_of, load_evidence, scored
from qantar.analysis.run_directory import FACTS
from qantar.base.errors import QantarError
from qantar.base.files import write_text
from qantar.evidence import Target
from qantar.explorer.frames import Units, units_of
from qantar.explorer.request import WorldRequest
from qantar.packs.account import list_accounts, load_account
from qantar.packs.country import Country
from qantar.packs.episode import Episode, load_episode
from qantar.packs.loading import load_country
from qantar.simulate.scenario import Scenario

_CACHED = 8  # scenarios and episodes that a process caches: a pack takes a few megabytes


@dataclass(frozen=True)
class Known:
    """An episode of a pack with its evidence, layout and map units.

    Attributes
    ----------
    country : Country
    episode : Episode
    evidence : tuple
        As `qantar.analysis.run.load_evidence` returns it.
    layout : Layout
    units : Units
    """

    country: Country
    episode: Episode
    evidence: Evidence
    layout: Layout
    units: Units

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that a run can be scored against."""
        return scored(self.evidence[1])


@lru_cache(maxsize=_CACHED)
def known(pack: str, episode: str) -> Known:
    """Return an episode of a pack, from the cache after the first call.

    Raises
    ------
    QantarError
        If there is no such pack or episode, or a file of it is invalid.
    """
    country = load_country(pack)
    chosen = load_episode(country, episode)
    account = load_account(country, list_accounts(country)[0])
    layout = layout_of(Scenario(country, chosen, account, "prior"))
    return Known(country, chosen, load_evidence(country, chosen), layout, units_of(country))


def scenario_of(asked: WorldRequest) -> Scenario:
    """Return the scenario of a world without its change, from a cache.

    Raises
    ------
    QantarError
        If a name or a file is wrong.
    """
    # The scenario does not depend on the seed, the members and the change.
    return _scenario(replace(asked, seed=1, members=1, change=""))


@lru_cache(maxsize=_CACHED)
def _scenario(asked: WorldRequest) -> Scenario:
    scenario = asked.scenario()
    if asked.fingerprint not in ("", scenario.country.fingerprint):
        raise QantarError(
            "the files of the country pack have changed since the explorer was started",
            hint="start the explorer again",
        )
    return scenario


def facts_file(folder: Path, group: zarr.Group, told: Mapping[str, Any]) -> Path:
    """Return the path of the table of facts of a world, after computing it if necessary.

    Parameters
    ----------
    folder : Path
        Folder of the world; the table is written there atomically.
    group : Group
        Arrays of the baseline.
    told : mapping
        Payload of the world.
    """
    path = folder / FACTS
    if path.is_file():
        return path
    about = known(str(told["pack"]), str(told["world"]["episode"]))
    table = facts(outcome_of(group, about.layout), about.targets)
    write_text(path, table.to_csv(index=False))  # two threads at once write the same table
    return path
