"""Accounts: a causal story as a choice of mechanisms and of beliefs about their strength."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import Field

from qantar.country.pack import Country
from qantar.country.parameters import Prior
from qantar.errors import FileError, UnknownNameError, nearest
from qantar.model.hour import SWITCHES, Switches
from qantar.model.state import Records
from qantar.reading import Declared, line_of, parse_yaml, read_yaml


class Switch(Declared):
    """Whether a mechanism is part of the story, and who says so."""

    on: bool
    because: str = Field(min_length=1)


class Fixed(Declared):
    """A parameter that the story holds at one value."""

    value: float
    because: str = Field(min_length=1)


class Belief(Declared):
    """A prior of the story's own."""

    prior: Prior
    because: str = Field(min_length=1)


class Account(Declared):
    """A causal story. Every mechanism must be named, on or off: nothing is assumed."""

    name: str
    title: str
    told_by: tuple[str, ...]
    summary: str
    mechanisms: dict[str, Switch]
    fixed: dict[str, Fixed] = Field(default_factory=dict)
    beliefs: dict[str, Belief] = Field(default_factory=dict)

    def switches(self) -> Records:
        """Return which mechanisms are on, as one record."""
        record = np.zeros(1, SWITCHES)
        for name, switch in self.mechanisms.items():
            record[name] = float(switch.on)
        return record


def list_accounts(country: Country) -> list[str]:
    """Return the names of a pack's accounts."""
    return sorted(path.stem for path in (country.folder / "accounts").glob("*.yaml"))


def load_account(country: Country, name: str) -> Account:
    """Read one account of a pack.

    Raises
    ------
    UnknownNameError
        If the pack has no such account.
    FileError
        If a mechanism is missing or unknown, or a parameter is unknown or out of range.
    """
    known = list_accounts(country)
    if name not in known:
        raise UnknownNameError("account", name, known)
    path = account_file(country, name)
    account = read_yaml(path, Account)
    document = parse_yaml(path)
    if account.name != name:
        raise FileError(
            path, "is named otherwise inside", line=1, value=account.name, expected=name
        )
    for mechanism in account.mechanisms:
        if mechanism not in Switches._fields:
            raise FileError(
                path,
                f"unknown mechanism {mechanism!r}",
                line=line_of(document, ("mechanisms", mechanism)),
                expected=nearest(mechanism, Switches._fields) or ", ".join(Switches._fields),
            )
    for mechanism in Switches._fields:
        if mechanism not in account.mechanisms:
            raise FileError(
                path,
                f"says nothing about the mechanism {mechanism!r}",
                line=line_of(document, ("mechanisms",)),
                expected="`on: true` or `on: false`, with a reason",
            )
    _check_numbers(path, country, account)
    return account


def account_file(country: Country, name: str) -> Path:
    """Return the file of an account."""
    return country.folder / "accounts" / f"{name}.yaml"


def _check_numbers(path: Path, country: Country, account: Account) -> None:
    known = list(country.parameter_files)
    for name in (*account.fixed, *account.beliefs):
        if name not in known:
            raise FileError(
                path,
                f"unknown parameter {name!r}",
                expected=nearest(name, known) or "see `qantar list`",
            )
    for name, fixed in account.fixed.items():
        mechanism, _, short = name.partition(".")
        declared = country.parameters[mechanism][short]
        if not declared.low <= fixed.value <= declared.high:
            raise FileError(
                path,
                f"{name} is out of range",
                line=line_of(parse_yaml(path), ("fixed", name)),
                value=fixed.value,
                expected=f"{declared.low:g} to {declared.high:g} {declared.unit}",
            )
