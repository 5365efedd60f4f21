"""Runs of the rule of prosecutions: numbers drawn from their priors, persons from the hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from qantar.base.arrays import Numbers, People
from qantar.base.errors import UnknownNameError
from qantar.model.after.prosecution_state import Parameters, Prosecution, keyed_uniforms
from qantar.model.after.prosecutions import prosecute
from qantar.packs.after.prosecutions import FOLDER, Prosecutions
from qantar.packs.country import COMMON, packs_folder
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.years_tables import first_day, month_number

MEMBERS, SEED, MONTHS = 4000, 1, 48
"""The run that is shown; months from that of the crisis on."""

KNOWN_MONTHS = 12
"""Nothing dated later than so many months after the crisis began enters a run or an update."""


@dataclass(frozen=True)
class ProsecutionRun:
    """A run with what went into it.

    Attributes
    ----------
    event : str
        The crisis.
    first : int
        Its month, from January of the year 0.
    detained, killed : int array (members,)
    parameters : Parameters
    demands : float array (months,)
        Demands for an inquiry within the last twelve months.
    outcome : Prosecution
    """

    event: str
    first: int
    detained: People
    killed: People
    parameters: Parameters
    demands: Numbers
    outcome: Prosecution

    @property
    def months(self) -> int:
        """How many months are followed."""
        return len(self.demands)

    def month(self, column: int) -> str:
        """Return a month of the run as YYYY-MM."""
        year, month = divmod(self.first + column, 12)
        return f"{year}-{month + 1:02d}"


def declared_numbers() -> dict[str, Parameter]:
    """Return the declared numbers of the rule by name."""
    return load_parameters(packs_folder() / COMMON / FOLDER / "prosecutions.yaml")


def draw_numbers(
    names: Iterable[str],
    members: int,
    seed: int,
    first: int = 0,
    held: Mapping[str, float] | None = None,
) -> dict[str, Numbers]:
    """Draw some numbers of the rule from their priors, by name.

    Parameters
    ----------
    names : iterable of str
    members, seed : int
    first : int
        Number of the first member.
    held : mapping, optional
        Numbers held at a value in all members, by name.
    """
    from scipy.special import ndtri

    declared, fixed = declared_numbers(), held or {}
    for name in fixed:
        if name not in declared:
            raise UnknownNameError("number of prosecutions", name, declared)
    ids = np.arange(first, first + members)
    found = {}
    for name in names:
        number = declared[name]
        value = np.full(members, fixed.get(name, number.central))
        if number.prior is not None and name not in fixed:
            scores = ndtri(keyed_uniforms(seed, ids, f"prior {name}", 0))
            value = np.array([number.clip(number.prior.value_at(score)) for score in scores])
        found[name] = value
    return found


def draw_parameters(
    members: int, seed: int, first: int = 0, held: Mapping[str, float] | None = None
) -> Parameters:
    """Draw all numbers of the rule from their priors; see `draw_numbers`."""
    return Parameters(**draw_numbers(Parameters._fields, members, seed, first, held))


def draw_persons(
    prosecutions: Prosecutions, quantity: str, members: int, seed: int, first: int = 0
) -> People:
    """Draw the persons detained or killed from the quantiles of a run of the hours.

    Between two quantiles values are equally likely; nothing lies beyond the outer ones. The two
    quantities are drawn apart, as the quantiles do not say how they go together.
    """
    given = prosecutions.quantiles(quantity)
    if not given:
        return np.zeros(members, np.int64)
    shares, values = zip(*given, strict=True)
    luck = keyed_uniforms(seed, np.arange(first, first + members), f"input {quantity}", 0)
    drawn = np.interp(luck, shares, values)
    return np.asarray(np.rint(drawn), np.int64)


def first_crisis(prosecutions: Prosecutions) -> tuple[str, int]:
    """Return the first crisis of a pack and its month, from January of the year 0."""
    event = prosecutions.counts[0].event
    return event, min(
        month_number(row.date) for row in prosecutions.of_stage("arrested", event) if row.date
    )


def known_before(prosecutions: Prosecutions) -> dt.date:
    """Return the day from which on nothing may enter a run or an update."""
    year, month = divmod(first_crisis(prosecutions)[1] + KNOWN_MONTHS, 12)
    return dt.date(year, month + 1, 1)


def demands_by_month(prosecutions: Prosecutions, event: str, first: int, months: int) -> Numbers:
    """Return the demands for an inquiry within the last twelve months: float array (months,)."""
    counted = np.zeros(months)
    end = known_before(prosecutions)
    for row in prosecutions.of_stage("inquiry_demanded", event):
        if row.date and first_day(row.date) < end:
            begins = month_number(row.date) - first
            counted[max(begins, 0) : max(begins + 12, 0)] += 1.0
    return counted


def run_prosecutions(
    prosecutions: Prosecutions,
    *,
    detained: People | None = None,
    killed: People | None = None,
    parameters: Parameters | None = None,
    members: int = MEMBERS,
    seed: int = SEED,
    months: int = MONTHS,
    first_member: int = 0,
    amnesty_month: int | None = None,
    held: Mapping[str, float] | None = None,
) -> ProsecutionRun:
    """Follow the detained of the first crisis of a pack.

    Parameters
    ----------
    prosecutions : Prosecutions
    detained, killed : int array, optional
        Persons by member, such as those of a run of the hours; by default from the quantiles of
        the pack. Their number sets the number of members.
    parameters : Parameters, optional
        By default drawn from the priors.
    members, seed : int
    months : int
        From the month of the crisis.
    first_member : int
        Number of the first member.
    amnesty_month : int, optional
        When the one amnesty comes, in months from the crisis; by default at open dates.
    held : mapping, optional
        Numbers of the rule held at a value, by name.

    Returns
    -------
    ProsecutionRun
    """
    members = members if detained is None else len(detained)
    event, first = first_crisis(prosecutions)
    if detained is None:
        detained = draw_persons(prosecutions, "detained", members, seed, first_member)
    if killed is None:
        killed = draw_persons(prosecutions, "killed", members, seed, first_member)
    if parameters is None:
        parameters = draw_parameters(members, seed, first_member, held)
    demands = demands_by_month(prosecutions, event, first, months)
    outcome = prosecute(
        detained,
        killed,
        parameters,
        months,
        seed,
        demands=demands,
        amnesty_month=amnesty_month,
        first=first_member,
    )
    return ProsecutionRun(event, first, detained, killed, parameters, demands, outcome)
