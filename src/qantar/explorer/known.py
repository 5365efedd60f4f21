"""What is read once and used by every world of an episode: the pack, its evidence, its layout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from qantar.country.pack import Country, load_country
from qantar.errors import QantarError
from qantar.evidence import Target
from qantar.explorer.asked import WorldAsked
from qantar.explorer.units import Units, units_of
from qantar.scenario.account import list_accounts, load_account
from qantar.scenario.episode import Episode, load_episode
from qantar.scenario.scenario import Scenario
from qantar.study.outcome import Layout
from qantar.study.run import Evidence, layout_of, load_evidence, scored

_KEPT = 8  # scenarios and episodes that a process remembers: a pack is a few megabytes


@dataclass(frozen=True)
class Known:
    """An episode of a pack, with its evidence.

    Attributes
    ----------
    country : Country
    episode : Episode
    evidence : tuple
        As `qantar.study.run.load_evidence` returns it.
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
