"""The table of facts, asked by quantity."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from qantar.arrays import Numbers

QUANTILES = ("q05", "q25", "q50", "q75", "q95")


class Lookup:
    """Quantiles of a run by variable, level, name and date.

    Parameters
    ----------
    facts : DataFrame
        As `qantar.study.facts.facts` returns it.
    """

    def __init__(self, facts: pd.DataFrame) -> None:
        keys = zip(facts["variable"], facts["level"], facts["name"], facts["date"], strict=True)
        columns = [facts[name].tolist() for name in QUANTILES]
        self._rows = dict(zip(keys, zip(*columns, strict=True), strict=True))

    def texts(self, variable: str, level: str, name: str, date: str) -> tuple[str, ...]:
        """Return five quantiles as they stand in the table; empty where there is none."""
        row = self._rows.get((variable, level, name, date), ("",) * len(QUANTILES))
        return tuple("" if value != value else str(value) for value in row)

    def numbers(self, variable: str, level: str, name: str, date: str) -> Numbers:
        """Return five quantiles; not-a-number where there is none."""
        texts = self.texts(variable, level, name, date)
        return np.array([float(text) if text else math.nan for text in texts])

    def by_day(self, variable: str, level: str, name: str, dates: Sequence[str]) -> Numbers:
        """Return five quantiles a day: float array (days, 5)."""
        return np.stack([self.numbers(variable, level, name, date) for date in dates])
