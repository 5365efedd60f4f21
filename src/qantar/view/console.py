"""A run's scorecard in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from qantar.study.outcome import Layout
from qantar.study.score import Score, Verdict
from qantar.view.phrases import given, said, subject
from qantar.view.style import VERDICTS

SHORT = 25
"""Rows of the short table."""

WIDTH = 100
"""Columns that the table is laid out for."""

_ORDER: dict[Verdict, int] = {"miss": 0, "near": 1, "hit": 2}
_STYLES: dict[Verdict, str] = {"hit": "green", "near": "yellow", "miss": "bold red"}


def scorecard_table(scores: Sequence[Score], layout: Layout, *, full: bool = False) -> Table:
    """Return a table of what the sources say beside what the model gives.

    Parameters
    ----------
    scores : sequence of Score
    layout : Layout
    full : bool, optional
        Every target; by default only the most telling ones: what concerns the whole country,
        then the rest from miss to hit, held-back targets first.
    """
    shown = list(scores) if full else most_telling(scores)
    table = Table(expand=True, caption=_caption(scores, len(shown)), caption_justify="left")
    table.add_column("fact", ratio=5)
    table.add_column("sources say", ratio=3)
    table.add_column("model gives (90 % range)", ratio=4)
    table.add_column("verdict", width=7, no_wrap=True)
    table.add_column("use", width=4, no_wrap=True)
    for item in shown:
        mark = VERDICTS[item.verdict]
        verdict = Text(f"{mark.symbol} {mark.word}", style=_STYLES[item.verdict])
        what, says = subject(item.target), said(item.target)
        table.add_row(Text(what), Text(says), Text(given(item, layout)), verdict, item.target.use)
    return table


def most_telling(scores: Sequence[Score]) -> list[Score]:
    """Return the targets of the short table, in the order of the file."""

    def rank(item: Score) -> tuple[bool, int, bool]:
        country = item.target.level == "country"
        return not country, _ORDER[item.verdict], item.target.use == "fit"

    chosen = {item.target.target for item in sorted(scores, key=rank)[:SHORT]}
    return [item for item in scores if item.target.target in chosen]


def _caption(scores: Sequence[Score], shown: int) -> str:
    parts = []
    for use, name in (("held", "held back"), ("fit", "open to fitting")):
        own = [s for s in scores if s.target.use == use]
        counts = ", ".join(
            f"{sum(s.verdict == verdict for s in own)} {verdict}" for verdict in VERDICTS
        )
        parts.append(f"{name}: {counts}")
    return f"{shown} of {len(scores)} targets. All of them: " + "; ".join(parts)
