"""Disputed causes: which source asserts, reports, doubts or denies each, and how it is modelled.

A cause is a hypothesis as the sources put it; a mechanism is a rule of the model. One cause may
need several mechanisms, and a cause that is not modelled yet has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import RootModel

from qantar.base.files import Declared, read_yaml
from qantar.evidence.claims import Claim

STANCE = "stance"
"""The predicate of a claim about a cause."""

STANCES = ("asserts", "reports", "doubts", "denies")
"""From the strongest support to the strongest rejection."""


class Cause(Declared):
    """A hypothesis about the causes of the events.

    Attributes
    ----------
    title : str
    group : str
        The kind of cause, such as grievance or repression.
    mechanisms : tuple of str
        The rules of the model that represent it; empty if not modelled yet.
    note : str
        What the model leaves out.
    """

    title: str
    group: str
    mechanisms: tuple[str, ...] = ()
    note: str = ""


class _Causes(RootModel[dict[str, Cause]]):
    """A file of causes."""


def load_causes(path: Path) -> dict[str, Cause]:
    """Return the causes of a file by id."""
    return read_yaml(path, _Causes).root


@dataclass(frozen=True)
class CauseStance:
    """The stance of one source on one cause.

    Attributes
    ----------
    cause, source : str
    claims : dict
        The claims of the source by stance, in the order of `STANCES`.
    """

    cause: str
    source: str
    claims: dict[str, tuple[Claim, ...]]

    @property
    def word(self) -> str:
        """Return the stance; ``divided`` where a source both asserts and denies."""
        found = [stance for stance in STANCES if self.claims.get(stance)]
        if "asserts" in found and {"doubts", "denies"} & set(found):
            return "divided"
        if "reports" in found and {"doubts", "denies"} & set(found):
            return "doubts" if "doubts" in found else "denies"
        return found[0] if found else ""


def stance_matrix(
    causes: Iterable[str], claims: Iterable[Claim]
) -> dict[tuple[str, str], CauseStance]:
    """Return the stance of each source on each cause it mentions, by (cause, source)."""
    found: dict[tuple[str, str], dict[str, list[Claim]]] = {}
    known = list(causes)
    for claim in claims:
        if claim.predicate == STANCE and claim.subject in known:
            stances = found.setdefault((claim.subject, claim.source), {})
            stances.setdefault(claim.value, []).append(claim)
    return {
        key: CauseStance(*key, {name: tuple(stances[name]) for name in STANCES if name in stances})
        for key, stances in sorted(found.items(), key=lambda pair: known.index(pair[0][0]))
    }


def causes_of_mechanism(mechanism: str, causes: dict[str, Cause]) -> tuple[str, ...]:
    """Return the causes that a mechanism of the model represents."""
    return tuple(name for name, cause in causes.items() if mechanism in cause.mechanisms)
