"""Which parameters drive which facts: a heat map, a table for the terminal and a short page."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
from rich.table import Table

from qantar.evidence import Target
from qantar.study.sensitivity import IDLE_BELOW, Method, Sensitivity, drivers, idle
from qantar.view.heat_map import UNIT, heat_map, strongest
from qantar.view.phrases import subject
from qantar.view.style import many, styled
from qantar.view.svg import to_svg
from qantar.view.templating import render

SHORT_UNIT: dict[Method, str] = {"morris": "µ* in prior spreads", "sobol": "total index"}
IDLE_UNIT: dict[Method, str] = {
    "morris": "µ* of less than {below:g} errors of the observation",
    "sobol": "a total index of less than {below:g}",
}


def svg_file(result: Sensitivity) -> str:
    """Return the heat map as a file that stands alone."""
    with styled():
        buffer = io.StringIO()
        heat_map(result).savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def drivers_table(result: Sensitivity, k: int = 3) -> Table:
    """Return the strongest unknowns of every group of facts for the terminal."""
    table = Table(expand=True, caption=f"Value: {SHORT_UNIT[result.method]}, mean over the group.")
    table.add_column("facts", ratio=3)
    table.add_column("driven by", ratio=5)
    table.add_column("", ratio=7)
    table.add_column("value", width=6, justify="right")
    for group, rows in drivers(result, k).groupby("group", sort=False):
        for number, row in enumerate(rows.itertuples()):
            head = str(group) if number == 0 else ""
            table.add_row(head, str(row.unknown), str(row.label), f"{row.value:.2f}")
        table.add_section()
    return table


def idle_sentence(result: Sensitivity) -> str:
    """Return which unknowns move no fact, in a sentence or two."""
    found, below = idle(result), IDLE_BELOW[result.method]
    limit = IDLE_UNIT[result.method].format(below=below)
    if found.empty:
        return f"Every unknown moves some fact: none has {limit} on all."
    names = ", ".join(found["unknown"])
    return (
        f"{many(len(found), 'unknown')} of {len(result.unknowns)} move no fact ({limit} on all), "
        f"so nothing here constrains them: {names}."
    )


def render_sensitivity(result: Sensitivity, title: str, made: list[tuple[str, str]]) -> str:
    """Return the result as one HTML page that needs nothing else.

    Parameters
    ----------
    title : str
        Of the episode.
    made : list of (str, str)
        How it was made, as names and values.
    """
    with styled():
        figure = to_svg(heat_map(result), "heat", _in_words(result))
    return render(
        "sensitivity.html.j2",
        title=title,
        figure=figure,
        method=result.method,
        unit=UNIT[result.method],
        short_unit=SHORT_UNIT[result.method],
        shown=len(strongest(result)),
        unknowns=len(result.unknowns),
        facts=len(result.groups),
        simulations=result.simulations,
        drivers=_by_group(drivers(result)),
        idle=_records(idle(result)),
        idle_limit=IDLE_UNIT[result.method].format(below=IDLE_BELOW[result.method]),
        idle_value="largest µ* in errors" if result.method == "morris" else "largest total index",
        still=[subject(t) for t in _still(result)],
        made=made,
    )


def _by_group(found: pd.DataFrame) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(str(group), _records(rows)) for group, rows in found.groupby("group", sort=False)]


def _records(found: pd.DataFrame) -> list[dict[str, Any]]:
    rows = found.to_dict("records")
    return [{**{str(k): v for k, v in row.items()}, "value": f"{row['value']:.2f}"} for row in rows]


def _still(result: Sensitivity) -> list[Target]:
    """Return the facts that never vary over the prior."""
    spread = result.table.groupby("target", sort=False)["spread"].first()
    targets = result.observations.targets
    return [target for target in targets if not spread[target.target] > 0]


def _in_words(result: Sensitivity) -> str:
    best = drivers(result, 1)
    parts = [f"{row.group}: {row.label}" for row in best.itertuples()]
    return "Heat map of what drives which facts. The strongest, " + "; ".join(parts) + "."
