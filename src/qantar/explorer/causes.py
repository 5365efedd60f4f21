"""The matrix of causes: where every source stands, and which rules of the model carry it."""

from __future__ import annotations

from typing import Any

from qantar.evidence import Ledger
from qantar.view.evidence.causes import STANCES, CauseCell, cause_groups, silent_causes
from qantar.view.evidence.names import Reader


def causes_payload(ledger: Ledger) -> dict[str, Any]:
    """Return where every source stands on every cause that some source speaks of.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    dict
        ``sources`` are letters, and the cells of a row stand in their order; a source that is
        silent has a cell without word and symbol. ``stances`` says what the words mean, and
        ``silent`` names the causes of which no source speaks.
    """
    reader = Reader(ledger)
    groups = cause_groups(reader)
    cells = (cell for group in groups for row in group.rows for cell in row.cells)
    speaking = {cell.source for cell in cells if cell.stance}
    badges = {name: badge for name, badge in reader.badges.items() if name in speaking}
    return {
        "sources": [badge.letter for badge in badges.values()],
        "groups": [
            {
                "group": group.group,
                "rows": [
                    {
                        "cause": row.cause,
                        "title": row.title,
                        "note": row.note,
                        "mechanisms": list(row.mechanisms),
                        "disputed": row.sides > 1,
                        "cells": [
                            _cell(badges[cell.source].letter, cell)
                            for cell in row.cells
                            if cell.source in badges
                        ],
                    }
                    for row in group.rows
                ],
            }
            for group in groups
        ],
        "stances": [
            {"word": each.word, "symbol": each.symbol, "meaning": each.meaning}
            for each in STANCES.values()
        ],
        "silent": silent_causes(reader, groups),
    }


def _cell(letter: str, cell: CauseCell) -> dict[str, Any]:
    return {
        "source": letter,
        "word": cell.stance.word if cell.stance else None,
        "symbol": cell.stance.symbol if cell.stance else None,
        "claims": [ref.claim for _, refs in cell.claims for ref in refs],
    }
