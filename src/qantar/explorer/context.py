"""What is read once and used by every world of an episode: the pack, its evidence, its layout.

Facts of a world from its arrays: made when they are first asked for, and then kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from qantar.analysis.facts import facts
from qantar.analysis.outcomes import Layout, Outcome
from qantar.analysis.run import Evidence, layout_of, load_evidence, scored
from qantar.analysis.run_directory import FACTS, MEMBERS_PER_CHUNK
from qantar.base.errors import QantarError
from qantar.base.files import write_text
from qantar.evidence import Target
from qantar.explorer.frames import Units, units_of
from qantar.explorer.request import WorldAsked
from qantar.model.hour import VARIABLES
from qantar.packs.account import list_accounts, load_account
from qantar.packs.country import Country
from qantar.packs.episode import Episode, load_episode
from qantar.packs.loading import load_country
from qantar.simulate.scenario import Scenario

_KEPT = 8  # scenarios and episodes that a process remembers: a pack is a few megabytes


@dataclass(frozen=True)
class Known:
    """An episode of a pack, with its evidence.

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


@lru_cache(maxsize=_KEPT)
def known(pack: str, episode: str) -> Known:
    """Return an episode of a pack; it is read once.

    Raises
    ------
    QantarError
        If there is no such pack or episode, or a file of it cannot be used.
    """
    country = load_country(pack)
    chosen = load_episode(country, episode)
    account = load_account(country, list_accounts(country)[0])
    layout = layout_of(Scenario(country, chosen, account, "prior"))
    return Known(country, chosen, load_evidence(country, chosen), layout, units_of(country))


def scenario_of(asked: WorldAsked) -> Scenario:
    """Return the scenario of a world without its change; scenarios are put together once.

    Raises
    ------
    QantarError
        If a name or a file is wrong.
    """
    plain = WorldAsked(asked.episode, pack=asked.pack, fingerprint=asked.fingerprint)
    kind = replace(plain, account=asked.account, belief=asked.belief, mode=asked.mode)
    return _scenario(kind)


@lru_cache(maxsize=_KEPT)
def _scenario(asked: WorldAsked) -> Scenario:
    scenario = asked.scenario()
    if asked.fingerprint not in ("", scenario.country.fingerprint):
        raise QantarError(
            "the files of the country pack have changed since the explorer was started",
            mend="start the explorer again",
        )
    return scenario


def outcome_of(group: zarr.Group, layout: Layout) -> Outcome:
    """Return the outcome of an ensemble from its arrays, member by member.

    Raises
    ------
    KeyError
        If a variable was not recorded.
    """
    outcome = Outcome(layout)
    arrays: list[Any] = [group[variable.name] for variable in VARIABLES]
    members = arrays[0].shape[0]
    for start in range(0, members, MEMBERS_PER_CHUNK):
        stop = min(start + MEMBERS_PER_CHUNK, members)
        block = np.stack([np.asarray(each[start:stop], np.float32) for each in arrays], axis=3)
        for record in block:
            outcome.add(record)
    return outcome


def facts_file(folder: Path, group: zarr.Group, told: Mapping[str, Any]) -> Path:
    """Return the table of facts of a world, which is made here if it is not there yet.

    Parameters
    ----------
    folder : Path
        Of the world; the table is put there whole.
    group : Group
        Arrays of the world as it was.
    told : mapping
        What is told of the world.
    """
    path = folder / FACTS
    if path.is_file():
        return path
    about = known(str(told["pack"]), str(told["world"]["episode"]))
    table = facts(outcome_of(group, about.layout), about.targets)
    write_text(path, table.to_csv(index=False))  # whoever made it at the same time made the same
    return path
