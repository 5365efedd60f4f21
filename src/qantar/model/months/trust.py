"""Trust: promises kept and broken, and concessions.

Autocrats who can be pushed may promise and renege (Acemoglu and Robinson 2006). A promise that is
not kept within about a year lowers trust; a concession may raise it. Which way a concession moves
later protest is contested: it may satisfy, or teach that protest works.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MonthlyMechanism, State
from qantar.rng.elementary import exp


class Parameters(NamedTuple):
    """Times in months, shares and steps."""

    recovery: float
    normal: float
    promise_time: float
    kept: float
    broken: float
    concession: float
    repression: float


@compiled
def move_trust(state: State, p: Parameters) -> None:
    """Let promises fall due, and trust return to its usual level."""
    country = state.country
    due = country.promises * (1.0 - exp(-1.0 / p.promise_time))
    country.promises -= due
    change = due * (p.concession * p.kept - p.broken * (1.0 - p.kept))
    usual = p.normal + (country.trust - p.normal) * exp(-1.0 / p.recovery)
    country.trust = min(max(usual + change, 0.0), 1.0)


@compiled
def trust_after_answer(
    state: State, p: Parameters, conceded: float, promised: float, repressed: float
) -> None:
    """Move trust after the answers to a wave, each 0 or 1."""
    country = state.country
    country.promises += promised
    moved = country.trust + p.concession * conceded - p.repression * repressed
    country.trust = min(max(moved, 0.0), 1.0)


MECHANISM = MonthlyMechanism(
    name="trust",
    title="Promises kept and broken move trust",
    references=("acemoglu2006",),
    systems=("B9", "D1", "D5"),
    parameters=Parameters,
    country=(
        Field("trust", "share", 0, 1, 0.5, "trust in the state"),
        Field("promises", "number", 0, 100, 0, "promises outstanding"),
    ),
)
