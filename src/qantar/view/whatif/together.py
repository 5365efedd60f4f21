"""What crossed changes do together, beside the sum of what each does."""

from __future__ import annotations

from dataclasses import dataclass

from qantar.study.whatif.result import WhatIf
from qantar.view.whatif.changed import titles_of
from qantar.view.whatif.numbers import signed

SHOWN = {"deaths": "deaths", "participants": "people on the fullest day"}
"""Quantities that are shown; the table on disk has all."""


@dataclass(frozen=True)
class Together:
    """Two changes at once and one quantity, ready to be read."""

    first: str
    second: str
    quantity: str
    together: str
    sum: str
    interaction: str


def together(result: WhatIf) -> list[Together]:
    """Return a line for every pair of changes that were crossed; none if none were."""
    table = result.tables.get("interactions")
    if table is None:
        return []
    titles = {world.label: titles_of(world.changes) for world in result.worlds}
    return [
        Together(
            titles[str(row["first"])],
            titles[str(row["second"])],
            SHOWN[str(row["quantity"])],
            *(signed(float(row[name])) for name in ("together", "sum", "interaction")),
        )
        for _, row in table[table["quantity"].isin([*SHOWN])].iterrows()
    ]
