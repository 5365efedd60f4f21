"""What reforms do to the quantities of which their files say the expected sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qantar.analysis.years.futures import standard_error
from qantar.analysis.years.run import YearsRun
from qantar.analysis.years.scopes import wave_chance
from qantar.base.arrays import Numbers
from qantar.model.months.declaration import MONTHS_PER_YEAR
from qantar.simulate.years.histories import COUNTRY_COLUMNS, Histories
from qantar.simulate.years.inputs import month_index
from qantar.simulate.years.scenario import NATIONAL_WAVE, Expectation, YearsScenario

TOLD_APART = 2.0
"""Standard errors from which on a difference is told apart from none."""

Finding = Literal["as expected", "against it", "cannot be told apart", "left open"]


@dataclass(frozen=True)
class Difference:
    """Mean difference between members with a reform and their twins without it.

    Attributes
    ----------
    reform : str
    expected : Expectation
    without : float
        The mean without the reform.
    change, error : float
        Mean over pairs, and its standard error.
    """

    reform: str
    expected: Expectation
    without: float
    change: float
    error: float

    @property
    def sign(self) -> Literal["+", "-", ""]:
        """Sign of the change; empty where it cannot be told apart from none."""
        if self.change == 0.0 or abs(self.change) < TOLD_APART * self.error:
            return ""
        return "+" if self.change > 0.0 else "-"

    @property
    def finding(self) -> Finding:
        """How the sign found compares with the expected one."""
        if self.expected.sign == "none":
            return "as expected" if self.change == 0.0 else "against it"
        if not self.sign:
            return "cannot be told apart"
        if self.expected.sign == "either":
            return "left open"
        return "as expected" if self.sign == self.expected.sign else "against it"


def reform_differences(run: YearsRun) -> list[Difference]:
    """Return what the reforms of a run did to each quantity that their files name.

    A variable is averaged over the months from the reform to the end of the run, one of regions
    over regions and years from that of the reform on. A national wave counts if it comes in
    these months. With several reforms the change is that of all together, so a quantity that one
    of them cannot change is left out there if another one can.
    """
    reformed, twin = run.outlook or run.free, run.without
    if twin is None:
        return []
    reforms = run.scenario.reforms.values()
    moved = {e.quantity for reform in reforms for e in reform.expected if e.sign != "none"}
    found = []
    for name, reform in run.scenario.reforms.items():
        first = max(month_index(run.scenario.years, reform.begins), 0)
        for each in reform.expected:
            if each.sign == "none" and each.quantity in moved:
                continue
            with_it = quantity_of(run.scenario, reformed, each.quantity, first)
            without = quantity_of(run.scenario, twin, each.quantity, first)
            pairs = with_it - without
            error = float(pairs.std() / np.sqrt(len(pairs)))
            if each.quantity == NATIONAL_WAVE:  # not 0 even if all pairs agree
                error = max(error, standard_error(0.0, len(pairs)))
            found.append(Difference(name, each, float(without.mean()), float(pairs.mean()), error))
    return found


def quantity_of(scenario: YearsScenario, histories: Histories, name: str, first: int) -> Numbers:
    """Return a quantity of each member from a month to the end: float array (members,)."""
    if name == NATIONAL_WAVE:
        last, count = histories.country.shape[1], len(scenario.country.regions)
        return wave_chance(histories, first, last, count)
    if name in COUNTRY_COLUMNS:
        found = histories.series(name)[:, first:].mean(axis=1, dtype=np.float64)
    else:
        years = histories.by_region(name)[:, first // MONTHS_PER_YEAR :]
        found = years.mean(axis=(1, 2), dtype=np.float64)
    return np.asarray(found, dtype=np.float64)
