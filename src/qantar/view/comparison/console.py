"""A comparison in the terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from qantar.view.comparison.rows import account_rows
from qantar.view.comparison.sentences import overall
from qantar.view.comparison.shown import DEFAULT_NAME, Shown


def comparison_table(shown: Shown) -> Table:
    """Return a table with a row for every account, the most probable first."""
    whole = overall(shown)
    table = Table(expand=True, caption=_caption(whole), caption_justify="left")
    table.add_column("account", ratio=4, overflow="fold")
    table.add_column("told by", ratio=5)
    table.add_column("log evidence", justify="right", no_wrap=True)
    table.add_column("prob. (likelihood)", justify="right", width=12)
    table.add_column("prob. (classifier)", justify="right", width=12)
    table.add_column("held-back CRPS", justify="right", width=9)
    table.add_column("facts missed", justify="right", width=7)
    for row in account_rows(shown):
        crps = whole.get(row["account"])
        cells = (
            row["account"],
            row["told_by"],
            row["evidence"].replace("\u00a0", " "),
            row["likelihood"],
            row["classifier"],
            "" if crps is None else f"{crps:.2f}",
            str(row["missed_fit"] + row["missed_held"]),
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _caption(whole: dict[str, float]) -> str:
    text = "Probabilities are recalibrated. CRPS: in standard errors, less is better."
    for name, crps in whole.items():
        if name.startswith(DEFAULT_NAME):
            text += f" The {name}: {crps:.2f}."
    return text
