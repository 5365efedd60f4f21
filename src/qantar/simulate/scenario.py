"""A scenario: a country, an episode, an account and the numbers held fixed; and its members."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Literal

import numpy as np

from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.model.hour import MECHANISMS, Latent, Member
from qantar.model.mechanisms.state_decisions import Decider
from qantar.model.mediators import nothing_held
from qantar.model.state import Amendments, Environment
from qantar.packs.account import Account, is_pack_account, load_account
from qantar.packs.country import Country
from qantar.packs.episode import Episode, load_episode
from qantar.packs.loading import load_country
from qantar.rng import key_of
from qantar.simulate.changes import Changes
from qantar.simulate.draws import (
    Belief,
    Draws,
    fitted_file,
    from_prior,
    posterior_file,
    prior_medians,
    read_fitted_draws,
    read_posterior_draws,
    rule_names,
    rule_numbers,
    rule_record,
    rules_file,
    rules_from_fit,
    rules_from_prior,
)
from qantar.simulate.environment import make_environment, with_changes
from qantar.simulate.parameters import Number, parameter_record, scenario_parameters
from qantar.simulate.script import amendments_of, draw_script, parameters_after_changes

_NAMED = 4  # fixed parameters that a summary names

Decisions = Literal["script", "rules"]
"""Whether the state acts on the dates of the episode, or by the rules of its offices."""


@dataclass(frozen=True, repr=False)
class Scenario:
    """What is run. A plain value: nothing about how often, how fast or where to.

    Attributes
    ----------
    country, episode, account : Country, Episode, Account
    belief : str
        Where parameters come from: ``posterior``, ``fitted``, ``prior`` or ``middle``.
    overrides : dict
        Parameters held at a value by the user, by ``mechanism.parameter``.
    decisions : str
        ``script`` or ``rules``.
    conditions : bool
        Whether parameters change as the episode declares people to have learned since or before;
        its environment is always its own.
    changes : Changes
        What is decided otherwise than it was.
    """

    country: Country
    episode: Episode
    account: Account
    belief: Belief
    overrides: dict[str, float] = field(default_factory=dict)
    decisions: Decisions = "script"
    conditions: bool = True
    changes: Changes = field(default_factory=Changes)

    def __repr__(self) -> str:
        parts = [f"{name} {value}" for name, value in self.summary()[2:]]
        return f"<Scenario {self.episode.name}, account {self.account.name}: {', '.join(parts)}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in self.summary()
        )
        return f"<table><caption>Scenario</caption>{rows}</table>"

    def summary(self) -> list[tuple[str, str]]:
        """Return what identifies the scenario, as names and values to read.

        Returns
        -------
        list of tuple of str
        """
        header = self.country.header
        rows = [
            ("episode", f"{self.episode.title} ({self.episode.name})"),
            ("account", f"{self.account.title} ({self.account.name})"),
            ("country", header.country),
            ("parameters", self.belief),
            ("decisions", self.decisions),
        ]
        if self.overrides:
            shown = [f"{name}={value:g}" for name, value in list(self.overrides.items())[:_NAMED]]
            more = len(self.overrides) - len(shown)
            rows.append(("fixed", "; ".join([*shown, *([f"{more} more"] if more else [])])))
        if len(self.changes):
            rows.append(("changes", self.changes.label))
        return rows

    def changed(self, changes: Changes) -> Scenario:
        """Return this scenario with something more decided otherwise; this one stays as it is.

        Parameters
        ----------
        changes : Changes
            What is decided otherwise, beside what already is.

        Returns
        -------
        Scenario

        Raises
        ------
        QantarError
            If the changes contradict those already made.
        """
        return replace(self, changes=self.changes + changes)

    @cached_property
    def environment(self) -> Environment:
        """The arrays of the country."""
        steps = [step for change in self.changes for step in change.ground_steps]
        return make_environment(self.country, self.episode.conditions.ground, steps)

    @cached_property
    def amendments(self) -> Amendments:
        """What the changes hold decisions to."""
        return amendments_of(self.changes, self.country, self.episode)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Every parameter, in the order of the hour."""
        own = {k: v for k, v in self.overrides.items() if k not in rule_names()}
        return scenario_parameters(self.country, self.account, own)

    @cached_property
    def rules(self) -> tuple[Number, ...]:
        """The numbers of the offices, in their order."""
        return rule_numbers(self.country, self.overrides)

    @property
    def places(self) -> list[str]:
        """Names of the places, in order."""
        return [place.place for place in self.country.places]

    def draws(self, seed: int, members: int) -> Draws:
        """Return the parameters and place effects of every member of a run with this seed.

        Parameters
        ----------
        seed : int
            The run's luck.
        members : int
            Number of realisations, at least 1.

        Returns
        -------
        Draws
            One row for each member.

        Raises
        ------
        QantarError
            If a posterior or a fitted ensemble is asked for and the pack has none.
        FileError
            If it cannot be used; see `read_posterior_draws` and `read_fitted_draws`.
        """
        return self.after_changes(self.draws_before_changes(seed, members))

    def draws_before_changes(self, seed: int, members: int) -> Draws:
        """Return the same draws as they would be if nothing were changed: twins share them.

        Parameters
        ----------
        seed : int
            The run's luck.
        members : int
            Number of realisations, at least 1.

        Returns
        -------
        Draws
            One row for each member.
        """
        draws = self._citizens(seed, members)
        moved = self.episode.conditions.moved(learned=self.conditions)
        draws = with_changes(draws, self.numbers, moved)
        if self.decisions == "rules":
            draws = replace(draws, rules=self._offices(seed, members))
        return draws

    def after_changes(self, draws: Draws) -> Draws:
        """Return draws with the parameters that the changes set otherwise.

        Parameters
        ----------
        draws : Draws
            Of this scenario without its changes.

        Returns
        -------
        Draws
            The same draws where nothing is changed.
        """
        if not len(self.changes):
            return draws
        return replace(
            draws,
            parameters=self._after(draws.parameters, self.numbers),
            rules=None if draws.rules is None else self._after(draws.rules, self.rules),
        )

    def _after(self, values: Numbers, numbers: tuple[Number, ...]) -> Numbers:
        names = [number.name for number in numbers]
        return parameters_after_changes(self.changes, names, values, [n.declared for n in numbers])

    def _citizens(self, seed: int, members: int) -> Draws:
        """Return the parameters and place effects of every member."""
        if self.belief == "prior":
            return from_prior(self.numbers, self.places, seed, members)
        if self.belief == "middle":
            return prior_medians(self.numbers, self.places, members)
        path = self.fit_file
        if not path.is_file():
            raise self._ships_none(path)
        read = read_posterior_draws if self.belief == "posterior" else read_fitted_draws
        off = [name for name in MECHANISMS if not self.account.is_on(name)]
        return read(path, self.numbers, self.places, members, seed=seed, off=off)

    def _offices(self, seed: int, members: int) -> Numbers:
        """Return the numbers of the offices of every member."""
        if self.belief == "middle":
            return np.tile([number.value for number in self.rules], (members, 1))
        path = rules_file(self.country, self.parameters_episode)
        if self.belief == "prior" or not path.is_file():
            return rules_from_prior(self.rules, seed, members)
        return rules_from_fit(path, self.rules, members)

    @property
    def parameters_episode(self) -> str:
        """The episode whose evidence the beliefs come from."""
        return self.episode.beliefs_from or self.episode.name

    @property
    def fit_file(self) -> Path:
        """Where the pack keeps what a belief ``posterior`` or ``fitted`` reads."""
        file_of = posterior_file if self.belief == "posterior" else fitted_file
        return file_of(self.country, self.parameters_episode, self.account.name)

    def _ships_none(self, path: Path) -> QantarError:
        """Return what to say where the pack has no file for a belief."""
        episode, account = self.episode.name, self.account.name
        what, hint = "fitted ensemble", "run with --belief prior"
        if self.belief == "posterior":
            what = "posterior"
            given = account if is_pack_account(self.country, self.account) else self.account.file
            hint = (
                f"run `qantar calibrate {episode} --account {given}` and copy posterior.csv "
                f"and posterior.yaml there as {account}.csv and {account}.yaml, "
                "or --belief prior"
            )
        return QantarError(
            f"the pack has no {what} of {account!r} on {episode!r}", expected=str(path), hint=hint
        )

    def member(self, seed: int, number: int, draws: Draws) -> Member:
        """Return what makes one member of the run different from the others.

        Parameters
        ----------
        seed : int
            The run's luck.
        number : int
            Which member, counted from 0.
        draws : Draws
            Of the whole run, as `draws` returns them.

        Returns
        -------
        Member
        """
        key = key_of(seed, number)
        return Member(
            key=key,
            script=draw_script(self.country, self.episode, key),
            parameters=parameter_record(draws.parameters[number]),
            switches=self.account.switches(),
            latent=Latent(
                np.ascontiguousarray(draws.propensity[number]),
                np.ascontiguousarray(draws.threshold[number]),
            ),
            decider=int(Decider.SCRIPT if self.decisions == "script" else Decider.OFFICES),
            rules=rule_record(self._rules_of_member(draws, number)),
            amendments=self.amendments,
            held_mediators=nothing_held(),
        )

    def _rules_of_member(self, draws: Draws, number: int) -> Numbers:
        """Return the numbers of the offices of a member; their middle where nobody reads them."""
        if draws.rules is None:
            return np.array([rule.value for rule in self.rules])
        values: Numbers = draws.rules[number]
        return values


def make_scenario(
    episode: str,
    *,
    account: str | Path = "union",
    pack: str | Path = "kazakhstan",
    belief: Belief | None = None,
    overrides: dict[str, float] | None = None,
    decisions: Decisions = "script",
    conditions: bool = True,
) -> Scenario:
    """Put a scenario together by name.

    Parameters
    ----------
    episode : str
        Name of an episode of the pack.
    account : str or Path
        Name of an account of the pack, or path of any account file, such as ``my.yaml``.
    pack : str or Path
        A shipped pack or a folder.
    belief : str, optional
        ``posterior``, ``fitted``, ``prior`` or ``middle``; by default fitted where the pack
        ships a fitted ensemble of this account, else prior.
    overrides : dict, optional
        Parameters to hold at a value.
    decisions : str
        ``script`` or ``rules``.
    conditions : bool
        Whether parameters change as the episode declares.

    Returns
    -------
    Scenario

    Raises
    ------
    QantarError
        If a name, a file or a value is wrong.
    """
    country = load_country(pack)
    chosen = load_episode(country, episode)
    story = load_account(country, account)
    if belief is None:
        fitted = fitted_file(country, chosen.beliefs_from or chosen.name, story.name).is_file()
        belief = "fitted" if fitted else "prior"
    held = dict(overrides or {})
    scenario = Scenario(country, chosen, story, belief, held, decisions, conditions)
    _ = scenario.numbers, scenario.rules
    return scenario
