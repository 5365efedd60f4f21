"""Calibration targets: intervals for quantities of a run, with the claims behind them."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, RootModel, model_validator

from qantar.base.deprecation import renamed
from qantar.base.files import Declared, read_yaml
from qantar.evidence.dates import first_day, last_day
from qantar.evidence.entities import Extent

DATED = ("onset_day", "last_day")
"""Variables whose value is a day."""

Use = Literal["fit", "held", "weak"]
"""What a target is used for: fitting, validation, or neither, because it says too little."""

Rule = Literal[
    "agree", "by", "as_of", "total", "add", "floor", "listed", "happened", "never", "worded"
]


class Target(Declared):
    """An interval for one quantity of a run.

    Attributes
    ----------
    target : str
        Id of the target.
    variable : str
        The quantity, one of `qantar.analysis.outcomes.SAMPLERS`.
    level, name : str
        ``country``, ``region`` or ``place``, and its name.
    date : str
        An ISO day, or ``total``, ``first``, ``window`` or ``any`` for the whole window.
    unit : str
    low, high : str
        Numbers, or ISO days if the variable is a day.
    claims : str
        Ids of the claims behind it, separated by semicolons.
    use : str
        ``fit`` for fitting, ``held`` for validation only, ``weak`` for neither.
    note : str
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
    use: Use
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Target:
        low, high = self.interval(dt.date(2000, 1, 1))
        if high < low:
            raise ValueError("`high` is below `low`")
        return self

    def interval(self, first_day: dt.date) -> tuple[float, float]:
        """Return the interval as numbers; days are counted from `first_day`, which is 0.

        Parameters
        ----------
        first_day : date
            First day of the window; not used if the variable is not a day.

        Returns
        -------
        tuple of float
            Lower and upper bound.
        """
        if self.variable in DATED:
            days = [
                (dt.date.fromisoformat(text) - first_day).days for text in (self.low, self.high)
            ]
            return float(days[0]), float(days[1])
        return float(self.low), float(self.high)

    @property
    def claim_ids(self) -> tuple[str, ...]:
        """The ids of the claims behind the target."""
        return tuple(part.strip() for part in self.claims.split(";") if part.strip())


class TargetQuery(Declared):
    """A query for the claims that are evidence for a target.

    Attributes
    ----------
    subject, predicate : str
    value : str
        Only claims with this value; empty for any.
    place : str
        Name as used in claims; empty for the place of the target.
    extent : tuple of str
        Allowed relations of a claim's area to the place, such as ``same``, ``within``, ``around``.
    scope : tuple of str
        The people that the number counts; an empty string means all.
    stage : tuple of str or None
        Only these stages; None for any.
    about : str
        Only claims about this day, month or year.
    held : str
        Only figures that hold for this day or an earlier one.
    """

    subject: str
    predicate: str
    value: str = ""
    place: str = ""
    extent: tuple[Extent, ...] = ("same",)
    scope: tuple[str, ...] = ("",)
    stage: tuple[str, ...] | None = None
    about: str = ""
    held: str = ""

    @model_validator(mode="after")
    def _dates(self) -> TargetQuery:
        first_day(self.about)
        last_day(self.held)
        return self


class TargetAssumptions(Declared):
    """The assumptions that a target adds to its claims, with the reason.

    Attributes
    ----------
    low, high : float or None
        Bounds for sides left open by the claims.
    day_low, day_high : str
        The same for a quantity that is a day.
    spread : float
        Counting error, as a share of each bound.
    slack_low, slack_high : float
        How far the bounds are moved outwards, in the unit of the target (days for a day).
    because : str
    """

    low: float | None = None
    high: float | None = None
    day_low: str = ""
    day_high: str = ""
    spread: float = Field(default=0.0, ge=0.0, lt=1.0)
    slack_low: float = Field(default=0.0, ge=0.0)
    slack_high: float = Field(default=0.0, ge=0.0)
    because: str

    def bounds(self) -> tuple[float | None, float | None]:
        """Return the bounds as numbers; days are ordinals as in `datetime.date.toordinal`."""
        days = [first_day(self.day_low), last_day(self.day_high)]
        low, high = (float(day.toordinal()) if day else None for day in days)
        return (self.low if low is None else low), (self.high if high is None else high)


class TargetRule(Declared):
    """How a target is derived from the ledger: an entry in a file of targets.

    Attributes
    ----------
    rule : str
        The rule of `qantar.evidence.reconcile` that turns claims into an interval.
    asks : tuple of TargetQuery
        Queries; a claim that matches any of them is evidence for the target.
    also : tuple of str
        Ids of further claims, relevant because of their wording.
    leave_out : tuple of str
        Ids of claims that match a query but are about something else.
    near : int
        For ``as_of``: figures at most this many days away count as figures of the day.
    settled : str
        For ``total``: figures for a day before this one are lower bounds, not totals.
    assume : TargetAssumptions or None
    beyond : str
        Why the model cannot produce the quantity; such a target is listed but not scored.
    weak : str
        Why the interval says too little; required if `use` is ``weak``, and only then.
    """

    variable: str
    level: Literal["country", "region", "place"]
    name: str
    date: str
    unit: str
    use: Use
    rule: Rule
    asks: tuple[TargetQuery, ...] = ()
    also: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    near: int = Field(default=0, ge=0)
    settled: str = ""
    assume: TargetAssumptions | None = None
    beyond: str = ""
    weak: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _use_has_its_reason(self) -> TargetRule:
        if self.use == "weak" and not self.weak:
            raise ValueError("`use: weak` has no reason: write it under `weak`")
        if self.weak and self.use != "weak":
            raise ValueError(f"`weak` gives a reason: `use` should be weak, not {self.use}")
        if self.beyond and self.use == "fit":
            raise ValueError(
                "`beyond` says that no run gives the quantity: `use` should be held, not fit"
            )
        return self


class _Rules(RootModel[dict[str, TargetRule]]):
    """A file of targets."""


def load_rules(path: Path) -> dict[str, TargetRule]:
    """Return the rules of a file of targets, by target id.

    Raises
    ------
    FileError
        With the line of the first invalid rule.
    """
    return read_yaml(path, _Rules).root


def __getattr__(name: str) -> Any:
    """Provide the old names that were documented in version 0.1."""
    if name not in ("Asked", "Assumed"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return renamed(__name__, sys.modules[__name__], name)
