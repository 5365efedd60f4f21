"""A check of one fact of the sources against what the model of the state has or gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["input", "hit", "miss", "not told"]
"""``input``: the fact was put in. ``hit`` and ``miss``: what follows from the rules agrees, or not.
``not told``: nothing in the model says either."""


@dataclass(frozen=True)
class Check:
    """One fact and what became of it.

    Attributes
    ----------
    system : str
        System of the sources, such as ``A8``.
    fact : str
        What is checked.
    stated : str
        What the sources say.
    found : str
        What the model has or gives.
    verdict : {"input", "hit", "miss", "not told"}
    claims : tuple of str
        Claims of the ledger, by id.
    note : str
    """

    system: str
    fact: str
    stated: str
    found: str
    verdict: Verdict
    claims: tuple[str, ...] = ()
    note: str = ""
