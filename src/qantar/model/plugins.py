"""Mechanisms of other packages, brought by an entry point or by a call."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from qantar.base.errors import QantarError

if TYPE_CHECKING:
    from qantar.model.mechanism import Mechanism

GROUP = "qantar.mechanisms"
"""The group of entry points; each leads to a `qantar.model.mechanism.Mechanism`."""

_registered: list[Mechanism] = []
_in_use = False


def register_mechanism(mechanism: Mechanism, *, after: str | None = None) -> None:
    """Add a mechanism to the model. It is off unless an account switches it on.

    Parameters
    ----------
    mechanism : Mechanism
        Its `folder` holds ``parameters.yaml`` and ``references.yaml``.
    after : str, optional
        The mechanism directly after which it runs; by default as the mechanism itself says.

    Raises
    ------
    QantarError
        If the model is already in use. What is wrong with the mechanism itself is told as soon as
        the model is first used.

    Notes
    -----
    Call it directly after ``import qantar``, at the top level of the script: worker processes
    import the script again, and so register the mechanism again. The workers of a cluster do not.
    There, and everywhere else where it is needed without a call, install a package with an entry
    point in the group ``qantar.mechanisms``, by these lines of its ``pyproject.toml``::

        [project.entry-points."qantar.mechanisms"]
        curfew_patrols = "curfew_patrols:MECHANISM"
    """
    _check_kind(mechanism)
    if _in_use:
        raise QantarError(
            f"the mechanism {mechanism.name!r} comes too late: the model is already in use",
            expected="a call before any scenario is made or any module of the model is imported",
            hint="call `qantar.register_mechanism` directly after `import qantar`",
        )
    _registered.append(replace(mechanism, after=after or mechanism.after))


def outside_mechanisms() -> tuple[Mechanism, ...]:
    """Return every mechanism of another package: installed ones by name, then registered ones.

    Raises
    ------
    QantarError
        If an installed one cannot be loaded.
    """
    return (*_installed(), *_registered)


def use_mechanisms() -> tuple[Mechanism, ...]:
    """Return what `outside_mechanisms` returns, and refuse any that come later."""
    global _in_use
    found = outside_mechanisms()
    _in_use = True
    return found


@cache
def _installed() -> tuple[Mechanism, ...]:
    found = []
    for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        try:
            mechanism = entry.load()
        except (ImportError, AttributeError) as error:
            raise QantarError(
                f"the mechanism {entry.name!r} ({entry.value}) cannot be loaded: {error}",
                hint="fix the package that offers it, or uninstall it",
            ) from error
        _check_kind(mechanism)
        found.append(mechanism)
    return tuple(found)


def _check_kind(mechanism: object) -> None:
    """Refuse what is no mechanism, before anybody reads its name."""
    if type(mechanism).__name__ != "Mechanism":
        raise QantarError(
            f"{mechanism!r} is registered as a mechanism and is none",
            expected="a `qantar.model.mechanism.Mechanism`",
        )
