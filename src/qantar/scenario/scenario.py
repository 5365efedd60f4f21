"""A scenario: a country, an episode, an account and the numbers held fixed; and its members."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from qantar.chance import key_of
from qantar.country.pack import Country, load_country
from qantar.errors import QantarError
from qantar.model.hour import Latent, Member
from qantar.model.state import Ground
from qantar.scenario.account import Account, load_account
from qantar.scenario.beliefs import (
    Belief,
    Draws,
    at_the_middle,
    fitted_file,
    from_fit,
    from_posterior,
    from_prior,
    posterior_file,
)
from qantar.scenario.episode import Episode, load_episode
from qantar.scenario.ground import ground_of
from qantar.scenario.script import script_of
from qantar.scenario.strengths import Number, numbers_of, strengths_of


@dataclass(frozen=True)
class Scenario:
    """What is run. A plain value: nothing about how often, how fast or where to.

    Attributes
    ----------
    country, episode, account : Country, Episode, Account
    belief : str
        Where parameters come from: ``posterior``, ``fitted``, ``prior`` or ``middle``.
    overrides : dict
        Parameters held at a value by the user, by ``mechanism.parameter``.
    """

    country: Country
    episode: Episode
    account: Account
    belief: Belief
    overrides: dict[str, float] = field(default_factory=dict)

    @cached_property
    def ground(self) -> Ground:
        """The arrays of the country."""
        return ground_of(self.country)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Every parameter, in the order of the hour."""
        return numbers_of(self.country, self.account, self.overrides)

    @property
    def places(self) -> list[str]:
        """Names of the places, in order."""
        return [place.place for place in self.country.places]

    def draws(self, seed: int, members: int) -> Draws:
        """Return the parameters and place effects of every member of a run with this seed.

        Raises
        ------
        QantarError
            If a posterior or a fitted ensemble is asked for and the pack has none.
        FileError
            If it cannot be used; see `from_posterior` and `from_fit`.
        """
        if self.belief == "prior":
            return from_prior(self.numbers, self.places, seed, members)
        if self.belief == "middle":
            return at_the_middle(self.numbers, self.places, members)
        path = self.fit_file
        if not path.is_file():
            raise self._ships_none(path)
        read = from_posterior if self.belief == "posterior" else from_fit
        return read(path, self.numbers, self.places, members)

    @property
    def fit_file(self) -> Path:
        """Where the pack keeps what a belief ``posterior`` or ``fitted`` reads."""
        file_of = posterior_file if self.belief == "posterior" else fitted_file
        return file_of(self.country, self.episode.name, self.account.name)

    def _ships_none(self, path: Path) -> QantarError:
        """Return what to say where the pack has no file for a belief."""
        episode, account = self.episode.name, self.account.name
        what, mend = "fitted ensemble", "run with --belief prior"
        if self.belief == "posterior":
            what = "posterior"
            mend = (
                f"run `qantar calibrate {episode} --account {account}` and copy posterior.csv "
                f"and posterior.yaml there as {account}.csv and {account}.yaml, "
                "or --belief prior"
            )
        return QantarError(
            f"the pack has no {what} of {account!r} on {episode!r}", expected=str(path), mend=mend
        )

    def member(self, seed: int, number: int, draws: Draws) -> Member:
        """Return what makes one member of the run different from the others."""
        key = key_of(seed, number)
        return Member(
            key=key,
            script=script_of(self.country, self.episode, key),
            strengths=strengths_of(draws.parameters[number]),
            switches=self.account.switches(),
            latent=Latent(
                np.ascontiguousarray(draws.propensity[number]),
                np.ascontiguousarray(draws.threshold[number]),
            ),
        )


def make_scenario(
    episode: str,
    *,
    account: str = "union",
    pack: str | Path = "kazakhstan",
    belief: Belief | None = None,
    overrides: dict[str, float] | None = None,
) -> Scenario:
    """Put a scenario together by name.

    Parameters
    ----------
    episode : str
        Name of an episode of the pack.
    account : str
        Name of an account of the pack.
    pack : str or Path
        A shipped pack or a folder.
    belief : str, optional
        ``posterior``, ``fitted``, ``prior`` or ``middle``; by default fitted where the pack
        ships a fitted ensemble of this account, else prior.
    overrides : dict, optional
        Parameters to hold at a value.

    Raises
    ------
    QantarError
        If a name, a file or a value is wrong.
    """
    country = load_country(pack)
    chosen = load_episode(country, episode)
    story = load_account(country, account)
    if belief is None:
        fitted = fitted_file(country, chosen.name, story.name).is_file()
        belief = "fitted" if fitted else "prior"
    scenario = Scenario(country, chosen, story, belief, dict(overrides or {}))
    _ = scenario.numbers
    return scenario
