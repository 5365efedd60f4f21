"""What every mechanism says about itself."""

from __future__ import annotations

from dataclasses import dataclass

from qantar.rng import stable_id


@dataclass(frozen=True)
class Mechanism:
    """One causal rule of the model.

    Attributes
    ----------
    name : str
        The name used in accounts and parameter files; also the name of the rule's module.
    title : str
        What it does, in a line.
    references : tuple of str
        Keys of the literature it comes from (``packs/common/references.yaml``).
    parameters : type or None
        The named tuple of numbers it reads; None if it reads none.
    """

    name: str
    title: str
    references: tuple[str, ...]
    parameters: type | None


def stream(name: str) -> int:
    """Return the 16-bit number that keeps the draws of one rule apart from all others."""
    return stable_id(name) & 0xFFFF
