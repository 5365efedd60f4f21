"""Progress reports of a worker process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """One progress report; picklable, as it is sent between processes.

    Attributes
    ----------
    stage : str
        Stage of the work, such as ``running members``.
    done, total : int
        Steps of this stage; ``total`` is 0 if unknown.
    partial : dict or None
        Intermediate result, if there is a change:
        ``{"pairs": int, "deaths": {"mean": float, "low": float, "high": float}}``.
    """

    stage: str
    done: int = 0
    total: int = 0
    partial: dict[str, Any] | None = None
