"""Accounts: a causal story as a choice of mechanisms and of beliefs about their strength.

An account file may extend another one and state only its differences; an `Account` is the resolved
result. `account_matrix` puts the accounts of a pack side by side.
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
from qantar.model.state import Records
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
"""What every source asserts at once, and nothing at all: frames of a comparison, not stories that
somebody tells. They stay in every table and never lead."""

Stated = tuple[Path, AccountFile]
"""An account file and what it states."""


class Account(Declared):
    """A causal story, with everything that it takes over from accounts that it extends.

    Attributes
    ----------
    name, title, summary : str
    told_by : tuple of str
        Sources that tell it.
    blind_twin_of : str or None
        The account whose story this one tells without the places and hours that it names.
    mechanisms : dict of Switch
        Those that are named, in the order of the hour. All others are off.
    fixed, beliefs : dict
        Parameters held at a value, and priors of the story's own, by ``mechanism.parameter``. No
        parameter is in both.
    files : tuple of Path
        The file of the account, then those that it extends, the nearest first. Where an account is
        written is no part of its content: two accounts that differ in nothing else have the same
        `digest`.
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
        """Everything that it says, in values that JSON has; what is at its default is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def digest(self) -> str:
        """SHA-256 of the content, whatever the order and the files in which it is written."""
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def is_on(self, mechanism: str) -> bool:
        """Say whether a mechanism is on; one that the account does not name is off."""
        return mechanism in self.mechanisms and self.mechanisms[mechanism].on

    def switches(self) -> Records:
        """Return which mechanisms are on, as one record."""
        record = np.zeros(1, SWITCHES)
        for name, switch in self.mechanisms.items():
            record[name] = float(switch.on)
        return record


def list_accounts(country: Country) -> list[str]:
    """Return the names of a pack's accounts."""
    return sorted(path.stem for path in _home(country).glob("*.yaml"))


def load_account(country: Country, account: str | Path) -> Account:
    """Read an account, with everything that it extends.

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
        If there is no such file, an account outside the pack has the name of one of the pack, a
        file has something wrong in it, or accounts extend each other in a circle.
    """
    path = _path_of(country, account)
    return _resolved(_chain(country, path))


def is_path(account: str | Path) -> bool:
    """Say whether an account is given by its file rather than by its name."""
    text = str(account)
    looks_like_one = text.endswith((".yaml", ".yml")) or "/" in text or "\\" in text
    return isinstance(account, Path) or looks_like_one


def is_pack_account(country: Country, account: Account) -> bool:
    """Say whether an account is one of the pack's own."""
    return account.file.parent == _home(country)


def blind_twins(country: Country, name: str) -> list[str]:
    """Return the accounts of a pack that tell the story of this one blind."""
    return [
        other
        for other in list_accounts(country)
        if load_account(country, other).blind_twin_of == name
    ]


def _home(country: Country) -> Path:
    return country.folder / "accounts"


def _path_of(country: Country, account: str | Path) -> Path:
    """Return the file of an account that is given by its name or by a path."""
    known = list_accounts(country)
    if not is_path(account):
        if account not in known:
            raise UnknownNameError("account", str(account), known)
        return _home(country) / f"{account}.yaml"
    path = Path(account)
    if not path.is_file():
        raise FileError(
            path,
            "there is no such account file",
            expected=f"a YAML file, or the name of an account of the pack: {', '.join(known)}",
        )
    if path.stem not in known:
        return path
    own = _home(country) / f"{path.stem}.yaml"
    if not own.samefile(path):
        raise FileError(
            path,
            "has the name of an account of the pack",
            value=path.stem,
            expected="a name that no account of the pack has",
            hint="rename the file and the `name` in it, so that results can be distinguished; "
            f"or extend that of the pack with `extend: {path.stem}`",
        )
    return own


def _chain(country: Country, path: Path) -> list[Stated]:
    """Return an account file and all that it extends, the nearest first."""
    known, found = list_accounts(country), list[Stated]()
    following: Path | None = path
    while following is not None:
        path = following
        found.append((path, read_account_file(country, path, known)))
        following = _extended(country, path, found[-1][1], known)
        if following is not None and any(following.samefile(earlier) for earlier, _ in found):
            raise FileError(
                path,
                "accounts extend each other in a circle",
                line=line_of(parse_yaml(path), ("extend",)),
                value=" -> ".join([*(stated.name for _, stated in found), following.stem]),
                hint="let one of them stand on its own",
            )
    return found


def _extended(
    country: Country, path: Path, stated: AccountFile, known: Sequence[str]
) -> Path | None:
    """Return the file of the account that an account extends, if it extends one."""
    name = stated.extend
    if name is None:
        if "extend" in stated.model_fields_set:  # YAML reads a bare null as nothing
            raise FileError(
                path,
                "extends nothing",
                line=line_of(parse_yaml(path), ("extend",)),
                expected='the name of an account; in quotes if it is "null"',
            )
        return None
    parent = path.parent / name if is_path(name) else _home(country) / f"{name}.yaml"
    if parent.is_file():
        return parent
    others = [other for other in known if other != stated.name]
    raise FileError(
        path,
        "extends a file that is not there" if is_path(name) else "extends an unknown account",
        line=line_of(parse_yaml(path), ("extend",)),
        value=name,
        expected="a path relative to this file"
        if is_path(name)
        else nearest(name, others) or ", ".join(others) or "another account of the pack",
    )


def _resolved(chain: Sequence[Stated]) -> Account:
    """Return the account that a file states, on top of what it extends."""
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
            "names no mechanism",
            expected="`mechanisms:` with those that are on, or `extend:` with another account",
            hint="`qantar list mechanisms` shows them",
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
    """Refuse to drop what is not inherited: it would do nothing."""
    for number, name in enumerate(stated.drop):
        if name not in inherited:
            raise FileError(
                path,
                f"drops {name!r}, about which it inherits nothing",
                line=line_of(parse_yaml(path), ("drop", number)),
                expected=nearest(name, inherited)
                or ", ".join(inherited)
                or "nothing: no value and no prior is inherited",
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
    if not account.is_on(mechanism):
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
        for mechanism in mechanism_names()
    }
