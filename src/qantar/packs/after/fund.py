"""A public fund in a pack: who ordered it, who pays, what for; amounts only where told."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.after.promises import FOLDER
from qantar.packs.country import Country
from qantar.packs.state.order import check_once
from qantar.packs.state.rows import Sourced, check_source
from qantar.packs.years_tables import Moment, month_number

FUND = "fund.csv"

FundKind = Literal["founded", "name", "donor", "purpose", "operator", "recovery"]
"""What a row tells; ``operator``: of a fee that the same promise concerns; ``recovery``: a claim
about assets that were taken or asked back."""


class FundItem(Sourced):
    """A row of ``fund.csv``.

    Attributes
    ----------
    amount : float, optional
        Empty where no source tells it; it then stays a prior.
    """

    item: str
    kind: FundKind
    label: str
    name: str = ""
    amount: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="a number, 0 or more"
    )
    unit: str = ""
    date: Moment


@dataclass(frozen=True)
class Fund:
    """Items of a fund, in the order of the file."""

    items: tuple[FundItem, ...]

    def of(self, *kinds: FundKind) -> tuple[FundItem, ...]:
        """Return the items of some kinds."""
        return tuple(item for item in self.items if item.kind in kinds)

    @property
    def first(self) -> int:
        """The month of the order, from January of the year 0."""
        return min(month_number(item.date) for item in self.of("founded"))

    @property
    def names(self) -> tuple[str, ...]:
        """Names under which the sources speak of it."""
        return tuple(item.name for item in self.of("founded", "name") if item.name)


def load_fund(country: Country) -> Fund | None:
    """Return the fund of a pack, or None if it has none.

    Raises
    ------
    FileError
        With file, line and hint: a row out of shape, an item twice, an unknown reference, an amount
        without a unit, or a fund that nobody founded or that has no purpose.
    """
    path = country.folder / FOLDER / FUND
    if not path.exists():
        return None
    rows = read_rows(path, FundItem)
    seen: set[Hashable] = set()
    for line, row in rows:
        check_once(path, line, row.item, seen, "the item")
        check_source(path, row, country, line)
        _check_amount(path, row, line)
    found = Fund(tuple(row for _, row in rows))
    for kind in ("founded", "purpose"):
        if not any(row.kind == kind for row in found.items):
            raise FileError(
                path,
                f"no row is of kind {kind!r}",
                expected=f"at least one row of kind {kind!r}",
                hint="add the row, or remove the file: the part is then off",
            )
    return found


def _check_amount(path: Path, row: FundItem, line: int) -> None:
    if (row.amount is None) == bool(row.unit):
        raise FileError(
            path,
            f"the item {row.item!r} has an amount without a unit, or the reverse",
            line=line,
            value=row.unit or row.amount,
            expected="both or neither",
            hint="fill both cells, or leave both empty where no amount is told",
        )
