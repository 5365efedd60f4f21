"""Scenarios: a country, an episode, an account and fixed parameters; and their members."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError, UnknownNameError
from qantar.model.hour import MECHANISMS, Latent, Member
from qantar.model.mechanisms.state_decisions import Decider
from qantar.model.mediators import HeldMediators, nothing_held
from qantar.model.records import Records
from qantar.model.state import Amendments, Environment, Script
from qantar.packs.account import Account, is_pack_account, load_account
from qantar.packs.country import Country
from qantar.packs.episode import Episode, load_episode
from qantar.packs.loading import load_country
from qantar.rng import Key, key_of
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
from qantar.simulate.script import (
    Planned,
    amendments_of,
    draw_script,
    parameters_after_changes,
    plan_actions,
)

_NAMED = 4  # fixed parameters that a summary names

Decisions = Literal["script", "rules"]
"""Whether the state acts on the dates of the episode or by the rules of its offices."""


@dataclass(frozen=True, repr=False)
class Scenario:
    """What is simulated, independent of the number of members, threads and output.

    Attributes
    ----------
    country, episode, account : Country, Episode, Account
    belief : str
        Where parameters come from: ``posterior``, ``fitted``, ``prior`` or ``middle``.
    overrides : dict
        Parameters fixed by the user, by ``mechanism.parameter``.
    decisions : str
        ``script`` or ``rules``.
    conditions : bool
        Whether changes of parameters declared by the episode apply; its environment always does.
    changes : Changes
        Changes compared with the baseline.
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
        """Return a copy of this scenario with further changes.

        Parameters
        ----------
        changes : Changes
            Added to those of this scenario.

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
        return make_environment(self.country, self.episode, steps)

    @cached_property
    def amendments(self) -> Amendments:
        """Bounds that the changes put on decisions."""
        return amendments_of(self.changes, self.country, self.episode)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Parameters of the mechanisms, in schedule order."""
        own = {k: v for k, v in self.overrides.items() if k not in rule_names()}
        return scenario_parameters(self.country, self.account, own)

    @cached_property
    def rules(self) -> tuple[Number, ...]:
        """Parameters of the offices, in their order."""
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
            Random seed of the run.
        members : int
            Number of realisations, at least 1.

        Returns
        -------
        Draws
            One row per member.

        Raises
        ------
        QantarError
            If the pack does not have the posterior or fitted ensemble.
        FileError
            If it cannot be used; see `read_posterior_draws` and `read_fitted_draws`.
        """
        return self.after_changes(self.draws_before_changes(seed, members))

    def draws_before_changes(self, seed: int, members: int) -> Draws:
        """Return the draws without changes, which twins share.

        Parameters
        ----------
        seed : int
            Random seed of the run.
        members : int
            Number of realisations, at least 1.

        Returns
        -------
        Draws
            One row per member.
        """
        draws = self._mechanism_draws(seed, members)
        moved = self.episode.conditions.moved(learned=self.conditions)
        draws = with_changes(draws, self.numbers, moved)
        if self.decisions == "rules":
            draws = replace(draws, rules=self._office_draws(seed, members))
        return draws

    def after_changes(self, draws: Draws) -> Draws:
        """Return draws with changed parameters.

        Parameters
        ----------
        draws : Draws
            Draws of this scenario without changes.

        Returns
        -------
        Draws
            The same object if there are no changes.
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

    def _mechanism_draws(self, seed: int, members: int) -> Draws:
        """Return the parameters and place effects of every member."""
        if self.belief == "prior":
            return from_prior(self.numbers, self.places, seed, members)
        if self.belief == "middle":
            return prior_medians(self.numbers, self.places, members)
        path = self.fit_file
        if not path.is_file():
            raise self._missing_fit(path)
        read = read_posterior_draws if self.belief == "posterior" else read_fitted_draws
        off = [name for name in MECHANISMS if not self.account.is_on(name)]
        return read(path, self.numbers, self.places, members, seed=seed, off=off)

    def _office_draws(self, seed: int, members: int) -> Numbers:
        """Return the parameters of the offices of every member."""
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
        """File of the pack with the posterior or fitted ensemble."""
        file_of = posterior_file if self.belief == "posterior" else fitted_file
        return file_of(self.country, self.parameters_episode, self.account.name)

    def _missing_fit(self, path: Path) -> QantarError:
        """Return the error for a missing posterior or fitted ensemble."""
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
        """Return the inputs of one member of the run.

        Parameters
        ----------
        seed : int
            Random seed of the run.
        number : int
            Index of the member, from 0.
        draws : Draws
            Draws of the whole run, from `draws`.

        Returns
        -------
        Member
        """
        key = key_of(seed, number)
        return Member(
            key=key,
            script=self.script(key),
            parameters=parameter_record(draws.parameters[number]),
            switches=self._switches,
            latent=Latent(
                np.ascontiguousarray(draws.propensity[number]),
                np.ascontiguousarray(draws.threshold[number]),
            ),
            decider=int(Decider.SCRIPT if self.decisions == "script" else Decider.OFFICES),
            rules=rule_record(self._rules_of_member(draws, number)),
            amendments=self.amendments,
            held_mediators=self._nothing_held,
        )

    def script(self, key: Key) -> Script:
        """Return the script of a member.

        Parameters
        ----------
        key : Key
            Its random key.

        Returns
        -------
        Script
        """
        return draw_script(self._planned, key)

    @cached_property
    def _planned(self) -> Planned:
        return plan_actions(self.country, self.episode)

    @cached_property
    def _switches(self) -> Records:
        return self.account.switches()

    @cached_property
    def _nothing_held(self) -> HeldMediators:
        return nothing_held()

    @cached_property
    def _median_rules(self) -> Numbers:
        return np.array([rule.value for rule in self.rules])

    def _rules_of_member(self, draws: Draws, number: int) -> Numbers:
        """Return the parameters of the offices of a member; their medians if they are not used."""
        if draws.rules is None:
            return self._median_rules
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
    """Create a scenario from names.

    Parameters
    ----------
    episode : str
        Name of an episode of the pack.
    account : str or Path
        Name of an account of the pack, or path of any account file, such as ``my.yaml``.
    pack : str or Path
        A shipped pack or a folder.
    belief : str, optional
        ``posterior``, ``fitted``, ``prior`` or ``middle``; by default ``fitted`` if the pack has a
        fitted ensemble of this account, else ``prior``.
    overrides : dict, optional
        Parameters to fix, by ``mechanism.parameter``.
    decisions : str
        ``script`` or ``rules``.
    conditions : bool
        Whether changes of parameters declared by the episode apply.

    Returns
    -------
    Scenario

    Raises
    ------
    QantarError
        If a name, a file or a value is invalid.
    """
    if belief is not None and belief not in get_args(Belief):
        raise UnknownNameError("belief", belief, get_args(Belief))
    if decisions not in get_args(Decisions):
        raise UnknownNameError("way of deciding", decisions, get_args(Decisions))
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
