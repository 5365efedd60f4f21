"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One piece of arithmetic over claims or a table.

    Attributes
    ----------
    check : str
        The kind of check.
    holds : bool
        Whether the numbers agree.
    title : str
        What was compared, in a line.
    sum : str
        The arithmetic, with its numbers.
    claims : tuple of str
        The claims it rests on.
    tables : tuple of str
        The tables it rests on.
    """

    check: str
    holds: bool
    title: str
    sum: str
    claims: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def number(value: float) -> str:
    """Return a number without needless digits."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def span(low: float, high: float) -> str:
    """Return an interval, or one number where both ends agree."""
    if low == high:
        return number(low)
    if low == float("-inf"):
        return f"up to {number(high)}"
    return f"{number(low)} or more" if high == float("inf") else f"{number(low)} to {number(high)}"
