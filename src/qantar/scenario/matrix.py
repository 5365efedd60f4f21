"""Which account has which mechanism: the accounts of a pack side by side."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from qantar.model.hour import Switches
from qantar.scenario.account import Account


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
