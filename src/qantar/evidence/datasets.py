"""Data sets printed in a source, such as a survey or a time series, and their cells as claims."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import RootModel, field_validator

from qantar.base.errors import FileError
from qantar.base.files import Declared, read_csv, read_yaml
from qantar.evidence.claims import Claim, plain_number
from qantar.evidence.dates import Span, first_day, last_day

if TYPE_CHECKING:
    import pandas as pd


class Cell(Declared):
    """One number of a table, in long form.

    Attributes
    ----------
    subject, predicate, item : str
        As in a claim; `item` is the option or category.
    label : str
        Short form of the row or column heading.
    value : float
    unit : str
    printed : str
        The number as printed, with all decimals.
    locator : str
        Location in the source, if more precise than that of the table.
    """

    subject: str
    predicate: str
    item: str = ""
    label: str = ""
    date_from: str = ""
    date_to: str = ""
    printed: str
    unit: str
    locator: str = ""
    note: str = ""

    @field_validator("printed")
    @classmethod
    def _number(cls, text: str) -> str:
        return plain_number(text)

    @field_validator("date_from", "date_to")
    @classmethod
    def _date(cls, text: str) -> str:
        first_day(text)
        return text

    @property
    def value(self) -> float:
        """The number."""
        return float(self.printed)

    @property
    def decimals(self) -> int:
        """Number of printed decimals."""
        return len(self.printed.partition(".")[2])

    @property
    def dates(self) -> Span:
        """The period that the number refers to."""
        return first_day(self.date_from), last_day(self.date_to)


class TableHeader(Declared):
    """The metadata of a table.

    Attributes
    ----------
    base : int
        Number of respondents or cases behind the percentages; 0 if it differs by period.
    multiple : bool
        Whether respondents could choose several answers, so that the sum may exceed 100 %.
    complete : bool
        Whether the categories of a period are exhaustive.
    representative : bool
        Whether the sample is representative.
    """

    title: str
    source: str
    locator: str
    file: str
    category: str
    issuer: str = ""
    base: int = 0
    multiple: bool = False
    complete: bool = False
    representative: bool = True
    note: str = ""


class _Headers(RootModel[dict[str, TableHeader]]):
    """A file of table headers."""


@dataclass(frozen=True)
class Table:
    """A table with its cells."""

    table: str
    header: TableHeader
    cells: tuple[Cell, ...]

    def cite(self) -> str:
        """Return the source and the locator of the table."""
        return f"{self.header.source} {self.header.locator}"

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Every cell as a claim, to be compared like any other."""
        header = self.header
        claims = []
        for cell in self.cells:
            # A survey has a count and a share of each option, and several questions in one table.
            if header.base:
                parts = [cell.subject, cell.item, cell.date_from, cell.predicate]
            else:
                parts = [cell.item, cell.date_from]
            key = "-".join(filter(None, parts)).replace(" ", "-")
            claims.append(
                Claim(
                    claim=f"{self.table}--{key}",
                    source=header.source,
                    locator=cell.locator or header.locator,
                    category=header.category,
                    subject=cell.subject,
                    predicate=cell.predicate,
                    value=cell.item,
                    value_low=cell.printed,
                    value_high=cell.printed,
                    reading="exact",
                    unit=cell.unit,
                    date_from=cell.date_from,
                    date_to=cell.date_to,
                    attributed_to=header.issuer,
                    modality="attributed" if header.issuer else "stated",
                    paraphrase=f"{header.title}: {cell.label}, {cell.printed} {cell.unit}.",
                    note=cell.note,
                )
            )
        return tuple(claims)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The cells as a table, one row each."""
        import pandas as pd

        names = ("subject", "item", "label", "date_from", "date_to", "predicate")
        rows = [
            {**{n: getattr(cell, n) for n in names}, "value": cell.value, "unit": cell.unit}
            for cell in self.cells
        ]
        return pd.DataFrame(rows)

    def shares(self, level: float = 0.95) -> pd.DataFrame:
        """Return counts as shares of the base, with exact intervals.

        Parameters
        ----------
        level : float
            Coverage of the interval, 0 to 1.

        Returns
        -------
        DataFrame
            One row per count: subject, item, label, count, base, share, low, high, printed (the
            percentage printed in the source, NaN if there is none).

        Notes
        -----
        Clopper and Pearson (1934). The interval covers sampling error only, not bias of the sample.
        """
        import pandas as pd

        printed = {
            (cell.subject, cell.item): cell.value for cell in self.cells if cell.unit == "percent"
        }
        rows = []
        for cell in self.cells:
            if cell.predicate != "count" or not self.header.base:
                continue
            low, high = exact_interval(int(cell.value), self.header.base, level)
            rows.append(
                {
                    "subject": cell.subject, "item": cell.item, "label": cell.label,
                    "count": int(cell.value), "base": self.header.base,
                    "share": cell.value / self.header.base, "low": low, "high": high,
                    "printed": printed.get((cell.subject, cell.item), float("nan")) / 100,
                }
            )  # fmt: skip
        return pd.DataFrame(rows)


def exact_interval(count: int, base: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a share.

    Parameters
    ----------
    count, base : int
        Successes and trials.
    level : float
        Coverage, 0 to 1.
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = betaincinv(count, base - count + 1, tail) if count > 0 else 0.0
    high = betaincinv(count + 1, base - count, 1 - tail) if count < base else 1.0
    return float(low), float(high)


def load_tables(path: Path) -> dict[str, Table]:
    """Return the data sets declared in a file.

    Raises
    ------
    FileError
        If a table has no cells or a cell is not a number.
    """
    tables = {}
    for name, header in read_yaml(path, _Headers).root.items():
        cells = tuple(read_csv(path.parent / header.file, Cell))
        if not cells:
            raise FileError(
                path.parent / header.file,
                "has no rows below its header",
                hint="add the numbers of the table, one per row, or remove the table",
            )
        tables[name] = Table(name, header, cells)
    return tables
