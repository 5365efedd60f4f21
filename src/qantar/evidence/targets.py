"""Targets: what a run is scored against, each an interval with the claims behind it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from qantar.errors import FileError, nearest
from qantar.evidence.claims import Claim
from qantar.reading import Declared, read_csv

DATED = ("onset_day", "last_day")
"""Variables whose value is itself a day."""


class Target(Declared):
    """A row of ``targets.csv``.

    `low` and `high` are numbers, or ISO days where the variable is itself a day.
    `use` says whether a target may be used to fit (``fit``) or is kept for checking (``held``).
    """

    target: str
    variable: str
    level: Literal["country", "region", "place"]
    name: str
    date: str
    unit: str
    low: str
    high: str
    claims: str
    use: Literal["fit", "held"]
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Target:
        low, high = self.interval(dt.date(2000, 1, 1))
        if high < low:
            raise ValueError("`high` lies below `low`")
        return self

    def interval(self, first_day: dt.date) -> tuple[float, float]:
        """Return the interval as numbers; days count from `first_day`, which is 0."""
        if self.variable in DATED:
            days = [
                (dt.date.fromisoformat(text) - first_day).days for text in (self.low, self.high)
            ]
            return float(days[0]), float(days[1])
        return float(self.low), float(self.high)

    @property
    def claim_ids(self) -> tuple[str, ...]:
        """The claims behind the target."""
        return tuple(part.strip() for part in self.claims.split(";") if part.strip())


def load_targets(path: Path, claims: dict[str, Claim]) -> tuple[Target, ...]:
    """Return the targets of a file.

    Raises
    ------
    FileError
        If an id stands twice or a claim behind a target does not exist.
    """
    targets: dict[str, Target] = {}
    for line, target in enumerate(read_csv(path, Target), start=2):
        if target.target in targets:
            raise FileError(path, "a target stands twice", line=line, value=target.target)
        if not target.claim_ids:
            raise FileError(path, "a target has no claim behind it", line=line)
        for claim in target.claim_ids:
            if claim not in claims:
                hint = nearest(claim, claims) or "a claim of claims.csv"
                raise FileError(path, "unknown claim", line=line, value=claim, expected=hint)
        targets[target.target] = target
    return tuple(targets.values())
