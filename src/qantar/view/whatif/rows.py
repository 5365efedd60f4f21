"""Rows of the table of differences, asked by change, way of deciding, account and quantity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qantar.study.whatif.result import COLUMNS, WhatIf

NOTHING = 0.05
"""Share of pairs that must differ before a difference is more than a few odd pairs."""


@dataclass(frozen=True)
class Row:
    """One quantity in two worlds; see `qantar.study.whatif.result.COLUMNS`."""

    change: str
    mode: str
    account: str
    quantity: str
    level: str
    name: str
    unit: str
    baseline: float
    changed: float
    difference: float
    low: float
    high: float
    pair_low: float
    pair_high: float
    fewer: float
    same: float
    more: float
    variance_ratio: float
    flipped: float
    stable_ratio: float

    @property
    def clear(self) -> bool:
        """Whether an effect can be told: enough pairs differ, and the interval leaves zero out."""
        known = not math.isnan(self.low)
        return known and not self.alike and not self.low <= 0.0 <= self.high

    @property
    def alike(self) -> bool:
        """Whether next to no pair differs."""
        return self.same > 1.0 - NOTHING

    @property
    def sign(self) -> int:
        """-1 for fewer, 1 for more, 0 where no effect can be told."""
        return 0 if not self.clear else (1 if self.difference > 0 else -1)


def table_of(result: WhatIf, name: str) -> pd.DataFrame:
    """Return a table of the result; an empty one where it was not made."""
    found = result.tables.get(name)
    return pd.DataFrame(columns=COLUMNS[name].split()) if found is None else found


def records_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, each by column."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


class Rows:
    """The table of differences of a what-if."""

    def __init__(self, result: WhatIf) -> None:
        names = list(Row.__annotations__)
        table = table_of(result, "differences")
        self._rows = [Row(**record) for record in records_of(table[names])]
        self.mode: str = result.scenario.decisions
        self.account: str = result.scenario.account.name
        self.country: str = result.baseline.outcome.layout.country

    def find(
        self,
        change: str,
        quantity: str,
        *,
        region: str | None = None,
        mode: str | None = None,
        account: str | None = None,
    ) -> Row | None:
        """Return a row, or None; by default of the country, the mode and the account of the run."""
        where = ("country", self.country) if region is None else ("region", region)
        key = (change, mode or self.mode, account or self.account, quantity, *where)
        for row in self._rows:
            if (row.change, row.mode, row.account, row.quantity, row.level, row.name) == key:
                return row
        return None

    def of_change(self, change: str, level: str) -> list[Row]:
        """Return the rows of one change at a level, in the order of the table."""
        key = (change, self.mode, self.account, level)
        return [r for r in self._rows if (r.change, r.mode, r.account, r.level) == key]

    @property
    def modes(self) -> list[str]:
        """Ways of deciding under the account of the run, its own first."""
        found = dict.fromkeys(r.mode for r in self._rows if r.account == self.account)
        return sorted(found, key=lambda mode: mode != self.mode)

    @property
    def accounts(self) -> list[str]:
        """Accounts under the run's way of deciding, its own first."""
        found = dict.fromkeys(r.account for r in self._rows if r.mode == self.mode)
        return sorted(found, key=lambda account: account != self.account)
