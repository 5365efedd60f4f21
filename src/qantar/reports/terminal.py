"""Tables and lines for the terminal: scorecards, what-ifs and precedents."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from qantar.analysis.outcomes import Layout
from qantar.analysis.precedents import Precedent
from qantar.analysis.scores import Score, Verdict, tally
from qantar.analysis.whatif.result import WhatIf, World
from qantar.reports.phrases import USE_NAMES, given, said, shortfall_sentence, subject
from qantar.reports.style import VERDICTS, many
from qantar.reports.whatif.difference_tables import Line, country_lines
from qantar.reports.whatif.formatting import Rows, change_cautions
from qantar.reports.whatif.sentences import (
    NOT_HISTORY,
    headline,
    is_preview,
    preview_sentence,
)

SHORT = 25
"""Rows of the short table."""

_ORDER: dict[Verdict, int] = {"miss": 0, "near": 1, "hit": 2, "uninformative": 3}
_STYLES: dict[Verdict, str] = {
    "hit": "green",
    "near": "yellow",
    "miss": "bold red",
    "uninformative": "dim",
}

_TONES = {"fewer": "cyan", "more": "yellow", "none": "dim"}
MOST = 3
"""Most alternatives that are shown one by one; more are put in one table."""

_WAYS = {
    ("script", True): "dates",
    ("script", False): "dates, unchanged",
    ("rules", True): "rules",
    ("rules", False): "rules, unchanged",
}

_PRECEDENTS_CAPTION = (
    "Spread: runs with protest in one region at most / in several / in half of all or more. "
    "Medians of places, deaths (90 % of runs) and detained; targets hit/near/missed/not "
    "informative. Unchanged: without the changes of parameters that the episode declares. The "
    "fitted ensemble may have used targets of these episodes; the .yaml file beside it lists them."
)


def scorecard_table(scores: Sequence[Score], layout: Layout, *, full: bool = False) -> Table:
    """Return a table of targets with the interval of the sources and the result of the model.

    Parameters
    ----------
    scores : sequence of Score
    layout : Layout
    full : bool, optional
        Show every target. By default only the most relevant: first those of the whole country,
        then the others from miss to hit, held-back targets first and weak ones last.
    """
    shown = list(scores) if full else most_relevant(scores)
    caption = [f"{len(shown)} of {len(scores)} targets are shown."]
    counts = tally(scores)
    for use, name in USE_NAMES.items():
        if use == "weak" and not any(counts[use].values()):
            continue
        own = ", ".join(f"{n} {VERDICTS[key].word}" for key, n in counts[use].items())
        caption.append(f"Targets {name}: {own}.")
    table = Table(expand=True, caption="\n".join(caption), caption_justify="left")
    table.add_column("fact", ratio=5)
    table.add_column("sources say", ratio=3)
    table.add_column("model gives (90 % range)", ratio=4)
    table.add_column("verdict", width=13)
    table.add_column("use", width=4, no_wrap=True)
    for item in shown:
        mark = VERDICTS[item.verdict]
        verdict = Text(f"{mark.symbol} {mark.word}", style=_STYLES[item.verdict])
        what, says = subject(item.target), said(item.target)
        table.add_row(Text(what), Text(says), Text(given(item, layout)), verdict, item.target.use)
    return table


def most_relevant(scores: Sequence[Score]) -> list[Score]:
    """Return the targets of the short table, in the order of the file."""

    def rank(item: Score) -> tuple[bool, bool, int, bool]:
        country, use = item.target.level == "country", item.target.use
        return use == "weak", not country, _ORDER[item.verdict], use == "fit"

    chosen = {item.target.target for item in sorted(scores, key=rank)[:SHORT]}
    return [item for item in scores if item.target.target in chosen]


def whatif_lines(result: WhatIf) -> list[RenderableType]:
    """Return the terminal output of a what-if: sentences and a table for every alternative."""
    rows = Rows(result)
    lines: list[RenderableType] = []
    if is_preview(result):
        lines.append(Text(preview_sentence(result), style="bold"))
    if len(result.worlds) > MOST:
        return [*lines, _compact(result, rows)]
    for world in result.worlds:
        found = headline(result, rows, world)
        if is_preview(result):
            lines.append(Text(_plain(f"{found.title}:")))
        else:
            lines.append(Text(_plain(f"{found.title}: {found.deaths} {found.pairs}"), style="bold"))
            lines += [Text(_plain(line)) for line in (*found.protest, *found.luck)]
        lines += [Text(f"Caution: {line}") for line in change_cautions(world.changes)]
        lines.append(_table(result, rows, world))
    return lines


def _table(result: WhatIf, rows: Rows, world: World) -> Table:
    table = Table(expand=True, caption_justify="left", caption=_whatif_caption(result))
    table.add_column("in the country", ratio=3)
    for name in ("baseline", "changed"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("difference (mean)", justify="right", ratio=3)
    table.add_column("fewer / same / more, % of pairs", justify="right", ratio=2)
    table.add_column("expected", ratio=2, min_width=9)
    for line in country_lines(rows, world):
        style = _TONES[line.tone]
        cells = (
            f"{line.name} ({line.unit})",
            line.baseline,
            line.changed,
            f"{line.difference} ({line.interval}){_mark(line)}",
            _shares(line),
            line.expected,
        )
        table.add_row(*(Text(_plain(cell), style=style) for cell in cells))
    return table


def _compact(result: WhatIf, rows: Rows) -> Table:
    table = Table(expand=True, caption_justify="left", caption=_whatif_caption(result))
    table.add_column("change", ratio=3, overflow="fold")
    table.add_column("deaths, baseline", justify="right")
    table.add_column("changed", justify="right")
    table.add_column("difference (mean)", justify="right", ratio=2)
    table.add_column("fewer / same / more, % of pairs", justify="right", ratio=2)
    for world in result.worlds:
        for line in country_lines(rows, world):
            if line.quantity == "deaths":
                gap = f"{line.difference} ({line.interval}){_mark(line)}"
                cells = (world.label, line.baseline, line.changed, gap, _shares(line))
                style = _TONES[line.tone]
                table.add_row(*(Text(_plain(cell), style=style) for cell in cells))
    return table


def _mark(line: Line) -> str:
    """Return what marks a clear effect where colours are not shown."""
    return "" if line.tone == "none" else " *"


def _shares(line: Line) -> str:
    parts = (line.fewer, line.same, line.more)
    return " / ".join(part.removesuffix("\u00a0%") for part in parts)


def _whatif_caption(result: WhatIf) -> str:
    scenario = result.scenario
    return (
        f"{many(result.members, 'pair')}, seed {result.seed}, account {scenario.account.name}, "
        f"decisions by {scenario.decisions}. Means over pairs; in brackets the 90 % interval of "
        f"the mean difference; * clear effect, dim: none. {NOT_HISTORY}"
    )


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def precedents_table(table: pd.DataFrame) -> Table:
    """Return the table of precedents for a screen."""
    shown = Table(caption_justify="left", caption=_PRECEDENTS_CAPTION)
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
            f"{row['hit']}/{row['near']}/{row['miss']}/{row['uninformative']}",
        )
    return shown


def missed_target_lines(found: Sequence[Precedent]) -> list[str]:
    """Return the missed targets of each episode that was not fitted, with its declared changes."""
    lines = []
    for each in found:
        if each.run.scenario.episode.beliefs_from is None or not each.conditions:
            continue
        missed = [item for item in each.scores if item.verdict == "miss"]
        layout = each.run.outcome.layout
        how = "by dates" if each.decisions == "script" else "by rules"
        lines.append(f"{each.episode}, the state acts {how}:")
        lines += [f"  missed: {shortfall_sentence(item, layout)}" for item in missed]
        lines += [] if missed else ["  no target is missed"]
    return lines
