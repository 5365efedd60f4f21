"""Tables of results that are still being computed, for the terminal."""

from __future__ import annotations

import numpy as np
from rich.table import Table
from rich.text import Text

from qantar.analysis.outcomes import Outcome
from qantar.analysis.whatif.result import WhatIf
from qantar.analysis.whatif.twins import QUANTITIES
from qantar.evidence.targets import DATED
from qantar.reports.phrases import format_target_value
from qantar.reports.style import span
from qantar.reports.whatif.difference_tables import country_lines, quantity_name
from qantar.reports.whatif.formatting import FEW_PAIRS, Rows

EIGHTY = (0.1, 0.5, 0.9)
"""Quantiles over members: the ends of the 80 % range around the median."""


def facts_so_far(outcome: Outcome, planned: int) -> Table:
    """Return the main facts of the members so far: median and 80 % range over members.

    Parameters
    ----------
    outcome : Outcome
        Of the members so far.
    planned : int
        Members of the whole run.
    """
    layout = outcome.layout
    table = Table(title=f"Preliminary: {outcome.members} of {planned} members", title_style="bold")
    table.add_column(f"in {layout.country}")
    table.add_column("median", justify="right")
    table.add_column("80 % of runs", justify="right")
    for quantity, (date, _) in QUANTITIES.items():
        values = outcome.samples(quantity, "country", layout.country, date)
        if quantity in DATED:  # a day after the last means that it never happened
            values = np.where(np.isnan(values), layout.days, values)
        low, median, high = (
            format_target_value(quantity, float(value), layout).replace("\u00a0", " ")
            for value in np.quantile(values, EIGHTY)
        )
        table.add_row(quantity_name(quantity), median, span(low, high))
    return table


def effects_so_far(result: WhatIf, planned: int) -> Table:
    """Return the main effects in the pairs so far, with their intervals.

    Of one change every quantity is shown, of several the deaths alone. Clear effects are marked
    once there are enough pairs.

    Parameters
    ----------
    result : WhatIf
        Of the pairs so far, see `qantar.analysis.whatif.run.preliminary`.
    planned : int
        Pairs of the whole what-if.
    """
    few = result.members < FEW_PAIRS
    mark = f"no effect is settled below {FEW_PAIRS} pairs" if few else "* clear effect so far"
    table = Table(
        title=f"Preliminary: {result.members} of {planned} pairs",
        title_style="bold",
        caption=f"In brackets the 90 % interval of the mean difference; {mark}.",
        caption_justify="left",
    )
    several = len(result.worlds) > 1
    table.add_column("deaths in the country" if several else "in the country")
    for name in ("baseline", "changed", "difference (mean)"):
        table.add_column(name, justify="right")
    rows = Rows(result)
    for world in result.worlds:
        for line in country_lines(rows, world):
            if several and line.quantity != "deaths":
                continue
            clear = " *" if line.tone != "none" and not few else ""
            difference = f"{line.difference} ({line.interval}){clear}"
            name = world.label if several else f"{line.name} ({line.unit})"
            cells = (name, line.baseline, line.changed, difference)
            table.add_row(*(Text(cell.replace("\u00a0", " ")) for cell in cells))
    return table
