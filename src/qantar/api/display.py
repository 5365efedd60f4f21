"""Short representations of results, as text and as an HTML table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from html import escape

from qantar.analysis.facts import facts_of
from qantar.analysis.run import Run
from qantar.reports.casualties import Lookup
from qantar.reports.run_report import CARDS, Card, cards

Rows = Sequence[tuple[str, str]]
"""Names and values to read."""


def as_text(title: str, rows: Rows) -> str:
    """Return a title and a line for each row."""
    return "\n".join([f"<{title}>", *(f"  {name}: {value}" for name, value in rows)])


def as_html(title: str, rows: Rows) -> str:
    """Return an HTML table with a row for each row."""
    lines = (
        f'<tr><th style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table><caption>{escape(title)}</caption>{''.join(lines)}</table>"


def shorten(text: str, most: int) -> str:
    """Return a text of at most so many characters, cut between words."""
    return textwrap.shorten(text, most, placeholder=" …")


def headline_cards(run: Run) -> list[Card]:
    """Return the main results of a run, without computing the whole table of facts."""
    country = run.outcome.layout.country
    keys = [(variable, "country", country, date) for variable, date, _ in CARDS]
    return cards(run, Lookup(facts_of(run.outcome, keys, {})))


def card_rows(found: Iterable[Card]) -> list[tuple[str, str]]:
    """Return main results as rows: the median and the 90 % range."""
    return [
        (card.title, card.median if card.range == card.median else f"{card.median} ({card.range})")
        for card in found
    ]
