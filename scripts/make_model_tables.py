"""Write docs/reference/model.md from what the mechanisms declare; with --check only compare."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from pathlib import Path

from qantar.model.hour import MECHANISMS, SCHEDULE, TERMS, VARIABLES
from qantar.model.mechanism import ARGUMENTS, Mechanism

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "model.md"

HEAD = """# The model: tables

Written by `scripts/make_model_tables.py` from what the mechanisms declare in `src/qantar/model`.
What they do, and why, stands in [the ODD protocol](../odd.md); how to add one, in
[Add a mechanism](../howto/add-a-mechanism.md).
"""


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value: float) -> str:
    """Return a limit of a range as it is read."""
    if math.isinf(value):
        return "no limit"
    return f"{value:g}"


def page() -> str:
    """Return the whole page."""
    owner = {name: part.name.lower() for name, part in TERMS.items()}
    once = list({line.name: line for line in SCHEDULE}.values())
    sections = {
        "The hour": table(
            ("line", "what happens", "literature"),
            (
                (
                    f"`{line.name}`" if isinstance(line, Mechanism) else f"*{line.name}*",
                    line.title,
                    ", ".join(line.references) if isinstance(line, Mechanism) else "",
                )
                for line in SCHEDULE
            ),
        ),
        "What changes in a place": table(
            ("field", "owner", "unit", "low", "high", "neutral", "meaning", "term of"),
            (
                (
                    f"`{each.name}`",
                    f"`{line.name}`",
                    each.unit,
                    number(each.low),
                    number(each.high),
                    number(each.neutral),
                    each.meaning,
                    owner.get(each.name, ""),
                )
                for line in once
                for each in line.fields
            ),
        ),
        "What is recorded": table(
            ("variable", "owner", "unit", "meaning"),
            (
                (
                    f"`{each.name}`",
                    next(f"`{line.name}`" for line in once if each in line.records),
                    each.unit,
                    each.meaning,
                )
                for each in VARIABLES
            ),
        ),
        "What a function can ask for": table(
            ("parameter", "what it is"),
            ((f"`{name}`", meaning) for name, meaning in ARGUMENTS.items()),
        ),
    }
    notes = {
        "The hour": f"{len(MECHANISMS)} mechanisms in order. Steps in italics always run.",
        "What changes in a place": "A field has its neutral value before the first hour, and while "
        "its owner is off.\nA term can be held by a what-if, under the cause in the last column.",
        "What is recorded": "For every member, hour and place.",
        "What a function can ask for": "By the names of its parameters, in any order.",
    }
    parts = [f"## {title}\n\n{notes[title]}\n\n{rows}\n" for title, rows in sections.items()]
    return "\n".join([HEAD, *parts])


def main() -> None:
    """Write the page, or stop if it is not up to date."""
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            sys.exit(f"{PAGE.name} is out of date: run python scripts/make_model_tables.py")
        return
    PAGE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
