"""Mechanisms of other packages, registered by entry point or by a call."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from qantar.base.errors import QantarError

if TYPE_CHECKING:
    from qantar.model.mechanism import Mechanism

GROUP = "qantar.mechanisms"
"""Entry point group; each entry point refers to a `qantar.model.mechanism.Mechanism`."""

_registered: list[Mechanism] = []
_in_use = False


def register_mechanism(mechanism: Mechanism, *, after: str | None = None) -> None:
    """Add a mechanism to the model; it is off unless an account switches it on.

    Parameters
    ----------
    mechanism : Mechanism
        Its `folder` contains ``parameters.yaml`` and ``references.yaml``.
    after : str, optional
        The mechanism directly after which it runs; by default `mechanism.after`.

    Raises
    ------
    QantarError
        If the model is already in use. Errors in the declaration itself are raised when the model
        is first used.

    Notes
    -----
    Call it directly after ``import qantar``, at the top level of the script: worker processes
    import the script again and so register the mechanism, too. Cluster workers do not. For those,
    or to make the mechanism available without a call, install a package with an entry point in the
    group ``qantar.mechanisms``, declared in its ``pyproject.toml``::

        [project.entry-points."qantar.mechanisms"]
        curfew_patrols = "curfew_patrols:MECHANISM"
    """
    _check_kind(mechanism)
    if _in_use:
        raise QantarError(
            f"cannot register the mechanism {mechanism.name!r}: the model is already in use",
            expected="registration before a scenario is made or a module of the model is imported",
            hint="call `qantar.register_mechanism` directly after `import qantar`",
        )
    _registered.append(replace(mechanism, after=after or mechanism.after))


def outside_mechanisms() -> tuple[Mechanism, ...]:
    """Return the mechanisms of other packages: installed ones by name, then registered ones.

    Raises
    ------
    QantarError
        If an installed one cannot be loaded.
    """
    return (*_installed(), *_registered)


def use_mechanisms() -> tuple[Mechanism, ...]:
    """Return `outside_mechanisms()` and refuse later registrations."""
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
                hint="fix or uninstall the package that provides it",
            ) from error
        _check_kind(mechanism)
        found.append(mechanism)
    return tuple(found)


def _check_kind(mechanism: object) -> None:
    """Refuse objects that are not mechanisms."""
    if type(mechanism).__name__ != "Mechanism":
        raise QantarError(
            f"{mechanism!r} is not a mechanism",
            expected="a `qantar.model.mechanism.Mechanism`",
        )
