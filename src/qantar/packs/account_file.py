"""Schema of an account file, and checks that do not depend on the accounts it extends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from pydantic import Field

from qantar.base.errors import FileError, nearest
from qantar.base.files import Declared, line_of, parse_yaml, read_yaml
from qantar.model.hour import MECHANISMS
from qantar.packs.country import Country
from qantar.packs.parameters import Prior


class Switch(Declared):
    """Whether a mechanism is part of the story, and why.

    Attributes
    ----------
    on : bool
    because : str
    claims : tuple of str
        Ids of claims in the ledger that support it.
    """

    on: bool
    because: str = Field(min_length=1)
    claims: tuple[str, ...] = ()


class Fixed(Declared):
    """A parameter fixed by the story."""

    value: float
    because: str = Field(min_length=1)


class Belief(Declared):
    """A prior that replaces that of the pack."""

    prior: Prior
    because: str = Field(min_length=1)


class AccountFile(Declared):
    """Content of an account file; only the differences if it extends another account.

    Attributes
    ----------
    name, title, summary : str
    told_by : tuple of str
        Sources that tell it. Never inherited.
    blind_twin_of : str or None
        The account of which this one is a copy without named places and hours. Never inherited.
    extend : str or None
        Name of an account of the pack, or path of a file relative to this one, from which
        mechanisms, fixed values and priors are inherited.
    mechanisms : dict of Switch
        Each replaces the inherited one as a whole, with its reason and claims.
    fixed, beliefs : dict
        Fixed parameters, and priors that replace those of the pack, by ``mechanism.parameter``.
        Each replaces the inherited value or prior of the parameter.
    drop : tuple of str
        Parameters whose inherited value or prior is dropped in favour of the prior of the pack.
    """

    name: str
    title: str
    told_by: tuple[str, ...]
    summary: str
    blind_twin_of: str | None = None
    extend: str | None = None
    mechanisms: dict[str, Switch] = Field(default_factory=dict)
    fixed: dict[str, Fixed] = Field(default_factory=dict)
    beliefs: dict[str, Belief] = Field(default_factory=dict)
    drop: tuple[str, ...] = ()


def mechanism_names() -> tuple[str, ...]:
    """Return the names of all mechanisms, in schedule order."""
    return tuple(MECHANISMS)


def read_account_file(country: Country, path: Path, accounts: Sequence[str]) -> AccountFile:
    """Read one account file, and check it without the account that it extends.

    Parameters
    ----------
    country : Country
        The pack that declares the parameters.
    path : Path
    accounts : sequence of str
        Names of the accounts of the pack.

    Raises
    ------
    FileError
        If the name differs from the file name, a mechanism is unknown, a parameter is unknown, out
        of range or given twice, or the account is a blind twin of itself or of an unknown account.
    """
    stated = read_yaml(path, AccountFile)
    if stated.name != path.stem:
        raise FileError(
            path,
            "`name` must match the file name",
            line=line_of(parse_yaml(path), ("name",)),
            value=stated.name,
            expected=path.stem,
        )
    _check_mechanisms(path, stated)
    _check_twin(path, stated, accounts)
    _check_parameters(path, country, stated)
    return stated


def _check_mechanisms(path: Path, stated: AccountFile) -> None:
    """Refuse unknown mechanisms."""
    known = mechanism_names()
    for name in stated.mechanisms:
        if name not in known:
            raise FileError(
                path,
                f"unknown mechanism {name!r}",
                line=line_of(parse_yaml(path), ("mechanisms", name)),
                expected=nearest(name, known) or ", ".join(known),
            )


def _check_twin(path: Path, stated: AccountFile, accounts: Sequence[str]) -> None:
    """Refuse a blind twin of itself or of an unknown account, in the pack or in the same folder."""
    twin = stated.blind_twin_of
    beside = (file.stem for file in path.parent.glob("*.yaml"))
    others = sorted({*accounts, *beside} - {stated.name})
    if twin is None or twin in others:
        return
    itself = twin == stated.name
    raise FileError(
        path,
        "an account cannot be its own blind twin" if itself else "blind twin of an unknown account",
        line=line_of(parse_yaml(path), ("blind_twin_of",)),
        value=twin,
        expected=("" if itself else nearest(twin, others))
        or ", ".join(others)
        or "another account of the pack",
        hint="name the account that this one repeats without named places and hours",
    )


def _check_parameters(path: Path, country: Country, stated: AccountFile) -> None:
    """Refuse parameters that are unknown, given twice or fixed outside their range."""
    known = list(country.parameter_files)
    for name in (*stated.fixed, *stated.beliefs):
        if name not in known:
            section = "fixed" if name in stated.fixed else "beliefs"
            raise FileError(
                path,
                f"unknown parameter {name!r}",
                line=line_of(parse_yaml(path), (section, name)),
                expected=nearest(name, known) or "see `qantar list parameters`",
            )
    everywhere = list(chain(stated.fixed, stated.beliefs, stated.drop))
    for name in everywhere:
        if everywhere.count(name) > 1:
            raise FileError(
                path,
                f"{name} appears more than once under `fixed`, `beliefs` and `drop`",
                hint="keep one; an inherited value or prior is replaced without `drop`",
            )
    for name, fixed in stated.fixed.items():
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
