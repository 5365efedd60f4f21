"""Accounts: a causal story as a choice of mechanisms and of beliefs about their strength.

Which account has which mechanism: the accounts of a pack side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import numpy as np
from pydantic import Field

from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.reading import Declared, line_of, parse_yaml, read_yaml
from qantar.model.hour import SWITCHES, Switches
from qantar.model.state import Records
from qantar.packs.country import Country
from qantar.packs.parameters import Prior

FRAMES = ("union", "null")
"""What every source asserts at once, and nothing at all: frames of a comparison, not stories that
somebody tells. They stay in every table and never lead."""


class Switch(Declared):
    """Whether a mechanism is part of the story, and who says so.

    Attributes
    ----------
    on : bool
    because : str
    claims : tuple of str
        Claims of the ledger that say so, by id.
    """

    on: bool
    because: str = Field(min_length=1)
    claims: tuple[str, ...] = ()


class Fixed(Declared):
    """A parameter that the story holds at one value."""

    value: float
    because: str = Field(min_length=1)


class Belief(Declared):
    """A prior of the story's own."""

    prior: Prior
    because: str = Field(min_length=1)


class Account(Declared):
    """A causal story. Every mechanism must be named, on or off: nothing is assumed.

    Attributes
    ----------
    name, title, summary : str
    told_by : tuple of str
        Sources that tell it.
    blind_twin_of : str or None
        The account whose story this one tells without the places and hours that it names.
    mechanisms : dict of Switch
    fixed, beliefs : dict
        Parameters held at a value, and priors of the story's own, by ``mechanism.parameter``.
    """

    name: str
    title: str
    told_by: tuple[str, ...]
    summary: str
    blind_twin_of: str | None = None
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
        If a mechanism is missing or unknown, a parameter is unknown or out of range, or the
        account is the blind twin of itself or of an account that the pack has not.
    """
    known = list_accounts(country)
    if name not in known:
        raise UnknownNameError("account", name, known)
    path = account_file(country, name)
    account = read_yaml(path, Account)
    if account.name != name:
        raise FileError(
            path, "is named otherwise inside", line=1, value=account.name, expected=name
        )
    _check_mechanisms(path, account)
    _check_twin(path, account, known)
    _check_numbers(path, country, account)
    return account


def account_file(country: Country, name: str) -> Path:
    """Return the file of an account."""
    return country.folder / "accounts" / f"{name}.yaml"


def blind_twins(country: Country, name: str) -> list[str]:
    """Return the accounts of a pack that tell the story of this one blind."""
    return [
        other
        for other in list_accounts(country)
        if load_account(country, other).blind_twin_of == name
    ]


def _check_mechanisms(path: Path, account: Account) -> None:
    document = parse_yaml(path)
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


def _check_twin(path: Path, account: Account, known: list[str]) -> None:
    """Refuse a blind twin of nothing, or of itself."""
    twin = account.blind_twin_of
    others = [name for name in known if name != account.name]
    if twin is None or twin in others:
        return
    itself = twin == account.name
    raise FileError(
        path,
        "an account cannot be its own blind twin" if itself else "is the blind twin of no account",
        line=line_of(parse_yaml(path), ("blind_twin_of",)),
        value=twin,
        expected=("" if itself else nearest(twin, others))
        or ", ".join(others)
        or "another account of the pack",
        mend="name the account whose story is told here without its places and hours",
    )


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


class Part(StrEnum):
    """What a mechanism is to an account."""

    on = "on"
    partly = "partly"
    off = "off"


def part_of(account: Account, mechanism: str) -> Part:
    """Return whether a mechanism is on, off, or on with some of its parameters fixed at 0.

    A parameter that is fixed at 0 takes one effect out of a mechanism and leaves the others.
    """
    if not account.mechanisms[mechanism].on:
        return Part.off
    muted = any(
        fixed.value == 0.0 and name.partition(".")[0] == mechanism
        for name, fixed in account.fixed.items()
    )
    return Part.partly if muted else Part.on


def account_matrix(accounts: Iterable[Account]) -> dict[str, dict[str, Part]]:
    """Return what every mechanism is to every account.

    Returns
    -------
    dict of dict of Part
        By mechanism, in the order of the hour, and by name of the account, in the order given.
    """
    told = tuple(accounts)
    return {
        mechanism: {account.name: part_of(account, mechanism) for account in told}
        for mechanism in Switches._fields
    }
