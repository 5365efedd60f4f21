"""Checks of facts of the sources against what the model of the state has or gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger, has_evidence

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


def told(country: Country, found: Iterable[Check]) -> list[Check]:
    """Return the facts whose claims are in the ledger of a pack, or that cite none.

    A check may ask for what only the sources of one country tell; for every other country it is
    left out.

    Parameters
    ----------
    country : Country
    found : iterable of Check

    Returns
    -------
    list of Check
    """
    claims = country_ledger(country).claims if has_evidence(country) else {}
    return [check for check in found if all(claim in claims for claim in check.claims)]
