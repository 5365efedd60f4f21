"""What ``qantar years`` prints: a short table of triggers, and lines below it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from qantar.analysis.years.futures import DIFFERENCE, WIDER
from qantar.analysis.years.opening import OpenedWave
from qantar.analysis.years.scopes import SCOPES, scope_bounds
from qantar.analysis.years.study import PRIOR_ALONE, YearsStudy
from qantar.reports.style import VERDICTS, percent, span
from qantar.reports.years.axes import decimal_year
from qantar.reports.years.fitted import outcome_rows
from qantar.reports.years.sentences import (
    chance_of,
    headline,
    in_words,
    points,
    spans_in,
)

MOST = 14
"""Most rows of the table."""

LARGE = 0.3
"""Share of histories with a wide or national wave from which on a trigger matters."""

_STYLES = {"hit": "green", "miss": "bold red", "": "dim"}


def triggers_that_matter(study: YearsStudy, since: int) -> pd.DataFrame:
    """Return the triggers that became waves, or often do in the histories, in order of date."""
    table = study.tables["triggers"]
    if table.empty:
        return table
    shown = table[[decimal_year(str(date)) >= since for date in table["date"]]]
    large = shown["wide"] + shown["national"]
    chosen = shown[(shown["outcome"] == "waved") | (large >= LARGE)]
    if len(chosen) <= MOST:
        return chosen
    order = np.lexsort((-large[chosen.index], chosen["outcome"] != "waved"))
    return chosen.iloc[np.sort(order[:MOST])]


def trigger_summary(study: YearsStudy, since: int) -> Table:
    """Return the table of the triggers that matter: observed, and shares of histories by scope."""
    table = study.tables["triggers"]
    rows = triggers_that_matter(study, since)
    drawn = Table(
        expand=True,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        caption=f"{len(rows)} of {len(table)} dated triggers: those that became waves, or reach "
        f"half of the regions in {percent(LARGE)} of the histories or more. Out: regions that came "
        f"out; then percent of free histories by number of regions.",
        caption_justify="left",
    )
    drawn.add_column("date", no_wrap=True)
    drawn.add_column("trigger", ratio=1)
    drawn.add_column("out", justify="right")
    for heading in _classes(len(study.scenario.country.regions)):
        drawn.add_column(heading, justify="right", no_wrap=True)
    drawn.add_column("verdict", no_wrap=True)
    for row in rows.to_dict("records"):
        verdict = str(row["verdict"])
        mark = VERDICTS["hit" if verdict == "hit" else "miss"]
        shares = [float(row["none"]) + float(row["local"]), *(float(row[s]) for s in SCOPES[2:])]
        drawn.add_row(
            str(row["date"])[:7],
            Text(str(row["label"])),
            "?" if np.isnan(float(row["regions_observed"])) else f"{row['regions_observed']:.0f}",
            *(f"{100 * share:.0f}" for share in shares),
            Text(mark.word if verdict else "unknown", style=_STYLES[verdict]),
        )
    return drawn


def _classes(regions: int) -> list[str]:
    """Return the numbers of regions of every scope, nobody and one region taken as one."""
    least = [0, *(int(bound) for bound in scope_bounds(regions)[1:])]
    last = [bound - 1 for bound in least[1:]]
    names = [
        span(str(a), str(b)).replace(" to ", "-") if b >= a else "–"
        for a, b in zip(least, last, strict=False)
    ]
    return [*names, f"{least[-1]}+"]


def lines(study: YearsStudy) -> list[str]:
    """Return the main results in sentences; see `headline`."""
    return headline(study)


def opened_summary(opened: OpenedWave) -> Table:
    """Return the main outcomes of a wave run by the hour, from both conditions."""
    drawn = Table(
        expand=True,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        caption=f"{opened.trigger} by the hour: median and 90 % of members, from what the years "
        f"leave behind and from the conditions that the pack states. Same parameters and luck.",
        caption_justify="left",
    )
    for heading in ("by the hour", "from the years", "from the pack"):
        drawn.add_column(heading)
    for row in outcome_rows(opened):
        drawn.add_row(*row)
    return drawn


def futures_summary(study: YearsStudy) -> Table | None:
    """Return the chances of waves to come, each with the prior's; None without an outlook.

    With reforms, of national waves alone.
    """
    table = study.tables.get("futures")
    if table is None:
        return None
    drawn = Table(
        expand=True,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        caption=f"Share of histories with such a wave or a wider one. ±: standard error of "
        f"sampling. Where both columns agree, the data say nothing about it. "
        f"{PRIOR_ALONE.capitalize()}: without any fit.",
        caption_justify="left",
    )
    worlds = table["world"].nunique()
    for heading in ("wave", "within", *(["world"] * (worlds > 1)), "histories", PRIOR_ALONE):
        drawn.add_column(heading)
    for world in dict.fromkeys(table["world"]):
        tell = points if world == DIFFERENCE else in_words
        for scope in WIDER if worlds == 1 else WIDER[-1:]:
            for name in spans_in(table):
                one = chance_of(table, world, scope, name)
                drawn.add_row(
                    scope,
                    name,
                    *([world] * (worlds > 1)),
                    tell(one.chance, one.error),
                    tell(one.prior, one.prior_error),
                )
    return drawn
