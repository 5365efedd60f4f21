"""How far a long work is: what a worker process tells the server while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """One report of a work under way. A plain value: it travels between processes.

    Attributes
    ----------
    stage : str
        What is being done, such as ``running members``.
    done, total : int
        Steps of this stage; ``total`` is 0 where nobody knows.
    partial : dict or None
        What can be said so far, where there is a change:
        ``{"pairs": int, "deaths": {"mean": float, "low": float, "high": float}}``.
    """

    stage: str
    done: int = 0
    total: int = 0
    partial: dict[str, Any] | None = None
