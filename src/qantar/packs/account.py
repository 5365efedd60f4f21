"""Accounts: causal stories as a choice of mechanisms and of priors for their parameters.

An account file may extend another one and state only the differences; an `Account` is the resolved
result. `account_matrix` compares the mechanisms of several accounts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.files import Declared, line_of, parse_yaml
from qantar.model.hour import SWITCHES
from qantar.model.records import Records
from qantar.packs.account_file import (
    AccountFile,
    Belief,
    Fixed,
    Switch,
    mechanism_names,
    read_account_file,
)
from qantar.packs.country import Country

FRAMES = ("union", "null")
"""Reference accounts of a comparison: all mechanisms of all sources, and none. They appear in
every table but are never ranked first."""

Stated = tuple[Path, AccountFile]
"""Path and content of an account file."""


class Account(Declared):
    """A causal story, including everything inherited from the accounts that it extends.

    Attributes
    ----------
    name, title, summary : str
    told_by : tuple of str
        Sources that tell it.
    blind_twin_of : str or None
        The account of which this one is a copy without named places and hours.
    mechanisms : dict of Switch
        Mechanisms named by the account, in schedule order. All others are off.
    fixed, beliefs : dict
        Fixed parameters, and priors that replace those of the pack, by ``mechanism.parameter``.
        No parameter is in both.
    files : tuple of Path
        The file of the account, then those that it extends, nearest first. Not part of `content`
        and `digest`.
    """

    name: str
    title: str
    told_by: tuple[str, ...]
    summary: str
    blind_twin_of: str | None = None
    mechanisms: dict[str, Switch]
    fixed: dict[str, Fixed] = Field(default_factory=dict)
    beliefs: dict[str, Belief] = Field(default_factory=dict)
    files: tuple[Path, ...] = Field(min_length=1, exclude=True)

    def __repr__(self) -> str:
        return f"<Account {self.name}: {self.title}>"

    @property
    def file(self) -> Path:
        """The file of the account itself."""
        return self.files[0]

    @property
    def content(self) -> dict[str, Any]:
        """The account as JSON values, without defaults."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def digest(self) -> str:
        """SHA-256 of the content, independent of the order and files in which it is written."""
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def is_on(self, mechanism: str) -> bool:
        """Return whether a mechanism is on; one that the account does not name is off."""
        return mechanism in self.mechanisms and self.mechanisms[mechanism].on

    def switches(self) -> Records:
        """Return the switches as a record."""
        record = np.zeros(1, SWITCHES)
        for name, switch in self.mechanisms.items():
            record[name] = float(switch.on)
        return record


def list_accounts(country: Country) -> list[str]:
    """Return the names of a pack's accounts."""
    return sorted(path.stem for path in _accounts_folder(country).glob("*.yaml"))


def load_account(country: Country, account: str | Path) -> Account:
    """Read an account and everything that it extends.

    Parameters
    ----------
    country : Country
    account : str or Path
        Name of an account of the pack; or path of any account file, such as ``my.yaml``.

    Raises
    ------
    UnknownNameError
        If the pack has no account of this name.
    FileError
        If the file does not exist or is invalid, an account outside the pack has the name of one in
        the pack, or accounts extend each other in a cycle.
    """
    path = _path_of(country, account)
    return _resolved(_inheritance_chain(country, path))


def is_path(account: str | Path) -> bool:
    """Return whether an account is given as a path and not by name."""
    text = str(account)
    looks_like_one = text.endswith((".yaml", ".yml")) or "/" in text or "\\" in text
    return isinstance(account, Path) or looks_like_one


def is_pack_account(country: Country, account: Account) -> bool:
    """Return whether an account belongs to the pack."""
    return account.file.parent == _accounts_folder(country)


def blind_twins(country: Country, name: str) -> list[str]:
    """Return the names of the blind twins of an account."""
    return [
        other
        for other in list_accounts(country)
        if load_account(country, other).blind_twin_of == name
    ]


def _accounts_folder(country: Country) -> Path:
    return country.folder / "accounts"


def _path_of(country: Country, account: str | Path) -> Path:
    """Return the file of an account that is given by its name or by a path."""
    known = list_accounts(country)
    if not is_path(account):
        if account not in known:
            raise UnknownNameError("account", str(account), known)
        return _accounts_folder(country) / f"{account}.yaml"
    path = Path(account)
    if not path.is_file():
        raise FileError(
            path,
            "no such account file",
            expected=f"a YAML file, or the name of an account of the pack: {', '.join(known)}",
        )
    if path.stem not in known:
        return path
    own = _accounts_folder(country) / f"{path.stem}.yaml"
    if not own.samefile(path):
        raise FileError(
            path,
            "has the same name as an account of the pack",
            value=path.stem,
            expected="a name not used in the pack",
            hint="rename the file and the `name` in it, so that results can be distinguished, "
            f"or extend the account of the pack with `extend: {path.stem}`",
        )
    return own


def _inheritance_chain(country: Country, path: Path) -> list[Stated]:
    """Return an account file and those that it extends, nearest first."""
    known, found = list_accounts(country), list[Stated]()
    following: Path | None = path
    while following is not None:
        path = following
        found.append((path, read_account_file(country, path, known)))
        following = _extended(country, path, found[-1][1], known)
        if following is not None and any(following.samefile(earlier) for earlier, _ in found):
            raise FileError(
                path,
                "accounts extend each other in a cycle",
                line=line_of(parse_yaml(path), ("extend",)),
                value=" -> ".join([*(stated.name for _, stated in found), following.stem]),
                hint="remove `extend` from one of them",
            )
    return found


def _extended(
    country: Country, path: Path, stated: AccountFile, known: Sequence[str]
) -> Path | None:
    """Return the file of the extended account, or None."""
    name = stated.extend
    if name is None:
        if "extend" in stated.model_fields_set:  # YAML reads a bare null as None
            raise FileError(
                path,
                "`extend` is empty",
                line=line_of(parse_yaml(path), ("extend",)),
                expected='the name of an account, in quotes if it is "null"',
            )
        return None
    parent = path.parent / name if is_path(name) else _accounts_folder(country) / f"{name}.yaml"
    if parent.is_file():
        return parent
    others = [other for other in known if other != stated.name]
    raise FileError(
        path,
        "extends a file that does not exist" if is_path(name) else "extends an unknown account",
        line=line_of(parse_yaml(path), ("extend",)),
        value=name,
        expected="a path relative to this file"
        if is_path(name)
        else nearest(name, others) or ", ".join(others) or "another account of the pack",
    )


def _resolved(chain: Sequence[Stated]) -> Account:
    """Return the account resolved from a file and those that it extends."""
    mechanisms: dict[str, Switch] = {}
    fixed: dict[str, Fixed] = {}
    beliefs: dict[str, Belief] = {}
    for path, stated in reversed(chain):
        _check_dropped(path, stated, inherited=[*fixed, *beliefs])
        for name in (*stated.fixed, *stated.beliefs, *stated.drop):
            fixed.pop(name, None)
            beliefs.pop(name, None)
        mechanisms |= stated.mechanisms
        fixed |= stated.fixed
        beliefs |= stated.beliefs
    path, own = chain[0]
    if not mechanisms:
        raise FileError(
            path,
            "does not name any mechanism",
            expected="`mechanisms:`, or `extend:` with the name of another account",
            hint="see `qantar list mechanisms`",
        )
    return Account(
        name=own.name,
        title=own.title,
        told_by=own.told_by,
        summary=own.summary,
        blind_twin_of=own.blind_twin_of,
        mechanisms={name: mechanisms[name] for name in mechanism_names() if name in mechanisms},
        fixed=fixed,
        beliefs=beliefs,
        files=tuple(file for file, _ in chain),
    )


def _check_dropped(path: Path, stated: AccountFile, *, inherited: Sequence[str]) -> None:
    """Refuse to drop a parameter that is not inherited."""
    for number, name in enumerate(stated.drop):
        if name not in inherited:
            raise FileError(
                path,
                f"drops {name!r}, which is not inherited",
                line=line_of(parse_yaml(path), ("drop", number)),
                expected=nearest(name, inherited)
                or ", ".join(inherited)
                or "no `drop`: no value or prior is inherited",
            )


class Part(StrEnum):
    """Whether a mechanism is part of an account."""

    on = "on"
    partly = "partly"
    off = "off"


def part_of(account: Account, mechanism: str) -> Part:
    """Return whether a mechanism is on, off, or on with some of its parameters fixed at 0.

    A parameter fixed at 0 removes one effect of a mechanism and keeps the others.
    """
    if not account.is_on(mechanism):
        return Part.off
    muted = any(
        fixed.value == 0.0 and name.partition(".")[0] == mechanism
        for name, fixed in account.fixed.items()
    )
    return Part.partly if muted else Part.on


def account_matrix(accounts: Iterable[Account]) -> dict[str, dict[str, Part]]:
    """Return whether every mechanism is part of every account.

    Returns
    -------
    dict of dict of Part
        By mechanism, in schedule order, then by account, in the given order.
    """
    compared = tuple(accounts)
    return {
        mechanism: {account.name: part_of(account, mechanism) for account in compared}
        for mechanism in mechanism_names()
    }
