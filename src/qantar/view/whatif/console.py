"""A what-if in the terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from qantar.study.whatif.result import WhatIf, World
from qantar.view.whatif.changed import cautions_of
from qantar.view.whatif.rows import Rows
from qantar.view.whatif.sentences import headline
from qantar.view.whatif.tables import Line, country_lines

_TONES = {"fewer": "cyan", "more": "yellow", "none": "dim"}
MOST = 3
"""Alternatives that are told one by one; more stand in one table."""


def whatif_lines(result: WhatIf) -> list[RenderableType]:
    """Return what a terminal shows of a what-if: sentences and a table for every alternative."""
    rows = Rows(result)
    if len(result.worlds) > MOST:
        return [_compact(result, rows)]
    lines: list[RenderableType] = []
    for world in result.worlds:
        found = headline(result, rows, world)
        lines.append(Text(_plain(f"{found.title}: {found.deaths} {found.pairs}"), style="bold"))
        lines += [Text(_plain(line)) for line in (*found.protest, *found.luck)]
        lines += [Text(f"Mind. {line}") for line in cautions_of(world.changes, result.members)]
        lines.append(_table(result, rows, world))
    return lines


def _table(result: WhatIf, rows: Rows, world: World) -> Table:
    table = Table(expand=True, caption_justify="left", caption=_caption(result))
    table.add_column("in the country", ratio=3)
    for name in ("as it was", "changed"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("difference (mean)", justify="right", ratio=3)
    table.add_column("fewer / same / more, % of pairs", justify="right", ratio=2)
    table.add_column("expected", ratio=2)
    for line in country_lines(rows, world):
        style = _TONES[line.tone]
        cells = (
            f"{line.name} ({line.unit})",
            line.baseline,
            line.changed,
            f"{line.difference} ({line.interval})",
            _shares(line),
            line.expected,
        )
        table.add_row(*(Text(_plain(cell), style=style) for cell in cells))
    return table


def _compact(result: WhatIf, rows: Rows) -> Table:
    table = Table(expand=True, caption_justify="left", caption=_caption(result))
    table.add_column("change", ratio=3, overflow="fold")
    table.add_column("deaths as it was", justify="right")
    table.add_column("changed", justify="right")
    table.add_column("difference (mean)", justify="right", ratio=2)
    table.add_column("fewer / same / more, % of pairs", justify="right", ratio=2)
    for world in result.worlds:
        for line in country_lines(rows, world):
            if line.quantity == "deaths":
                gap = f"{line.difference} ({line.interval})"
                cells = (world.label, line.baseline, line.changed, gap, _shares(line))
                style = _TONES[line.tone]
                table.add_row(*(Text(_plain(cell), style=style) for cell in cells))
    return table


def _shares(line: Line) -> str:
    parts = (line.fewer, line.same, line.more)
    return " / ".join(part.removesuffix("\u00a0%") for part in parts)


def _caption(result: WhatIf) -> str:
    scenario = result.scenario
    return (
        f"{result.members} pairs of twins, seed {result.seed}, account {scenario.account.name}, "
        f"decisions by {scenario.decisions}. In brackets: 90 % interval of the mean. Dim: no "
        "effect can be told."
    )


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")
