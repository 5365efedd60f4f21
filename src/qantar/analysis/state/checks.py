"""A fact of the sources beside what the state of a pack gives for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """One fact and what became of it.

    Attributes
    ----------
    system : str
        Letter and number of the system.
    fact : str
    stated, found : str
        In the source, and here.
    verdict : {"input", "hit", "miss", "not told"}
        ``input``: put in. ``hit`` and ``miss``: follows from rules or computation and agrees or
        not. Never mixed.
    claims : tuple of str
        Claims of the ledger.
    note : str
    """

    system: str
    fact: str
    stated: str
    found: str
    verdict: Literal["input", "hit", "miss", "not told"]
    claims: tuple[str, ...]
    note: str = ""
