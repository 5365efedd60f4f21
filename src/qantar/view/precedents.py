"""Precedents in the terminal: how far each episode spread, and what the model misses of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.table import Table

from qantar.study.precedents import Precedent
from qantar.view.words import shortfall

_WAYS = {
    ("script", True): "dates",
    ("script", False): "dates, unchanged",
    ("rules", True): "rules",
    ("rules", False): "rules, unchanged",
}


def precedents_table(table: pd.DataFrame) -> Table:
    """Return the table of precedents for a screen."""
    shown = Table(caption_justify="left", caption=_CAPTION)
    for name in ("episode", "state acts by"):
        shown.add_column(name, no_wrap=True)
    for name in ("spread, % of runs", "places", "deaths", "detained", "targets"):
        shown.add_column(name, justify="right", no_wrap=True)
    for _, row in table.iterrows():
        shown.add_row(
            str(row["episode"]),
            _WAYS[str(row["decisions"]), bool(row["conditions"])],
            " / ".join(f"{100 * row[extent]:.0f}" for extent in ("local", "several", "national")),
            f"{row['places']:.0f}",
            f"{row['deaths']:.0f} ({row['deaths_low']:.0f}–{row['deaths_high']:.0f})",
            f"{row['detained']:.0f}",
            f"{row['hit']}/{row['near']}/{row['miss']}",
        )
    return shown


_CAPTION = (
    "Spread: runs that are seen in one region at most / in several / in half of all or more. "
    "Medians of places, deaths (90 % of runs) and detained; targets hit/near/missed. Unchanged: "
    "without what the episode declares people to have learned since or before. The earlier "
    "episodes were never fitted."
)


def misses_lines(found: Sequence[Precedent]) -> list[str]:
    """Return what the model misses of each episode that was not fitted, run as it is declared."""
    lines = []
    for each in found:
        if each.run.scenario.episode.beliefs_from is None or not each.conditions:
            continue
        missed = [item for item in each.scores if item.verdict == "miss"]
        layout = each.run.outcome.layout
        how = "by its dates" if each.decisions == "script" else "by rules"
        lines.append(f"{each.episode}, the state acting {how}:")
        lines += [f"  missed: {shortfall(item, layout)}" for item in missed]
        lines += [] if missed else ["  no target is missed"]
    return lines
