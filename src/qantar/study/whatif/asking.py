"""Asking what if: the worlds, the other way of deciding, the other accounts, and the reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from qantar.errors import QantarError
from qantar.scenario.change import Changes
from qantar.scenario.scenario import Scenario
from qantar.study.whatif.causes import PARTS
from qantar.study.whatif.difference import differences
from qantar.study.whatif.explaining import Explanation, explain
from qantar.study.whatif.result import WhatIf, World
from qantar.study.whatif.tables import (
    attribution_table,
    chain_table,
    decision_table,
    regime_table,
)
from qantar.study.whatif.twins import Watch, worlds_of


@dataclass(frozen=True)
class Effort:
    """How much is run.

    Attributes
    ----------
    members : int
        Pairs of twins for every alternative.
    seed : int
    explained : int
        Pairs whose difference is traced through the causes; 0 for none.
    both_modes : bool
        Whether the other way of deciding is run too.
    threads : int or None
        Worker threads; the result does not depend on it.
    """

    members: int = 100
    seed: int = 1
    explained: int = 20
    both_modes: bool = True
    threads: int | None = None


Tracker = Callable[[str, int], Callable[[], None]]
"""Opens a stage of the work, by its name and number of steps, and returns what counts a step."""


def no_tracker(_stage: str, _steps: int) -> Callable[[], None]:
    """Track nothing."""
    return lambda: None


def what_if(
    scenario: Scenario,
    alternatives: Sequence[Changes],
    *,
    effort: Effort | None = None,
    rivals: Sequence[Scenario] = (),
    tracker: Tracker = no_tracker,
    watch: Watch | None = None,
) -> WhatIf:
    """Say what follows from changes, how sure that is, and why.

    Parameters
    ----------
    scenario : Scenario
        The world that is changed.
    alternatives : sequence of Changes
        At least one.
    effort : Effort, optional
    rivals : sequence of Scenario
        The same episode under other accounts.
    tracker : callable, optional
        See `Tracker`.
    watch : callable, optional
        See `qantar.study.whatif.twins.Watch`. It sees the worlds of `scenario` itself, not those
        of the other way of deciding or of rivals.

    Returns
    -------
    WhatIf

    Raises
    ------
    QantarError
        If nothing is asked.
    """
    if not alternatives:
        raise QantarError("nothing is asked", mend="name a change, see `qantar list interventions`")
    e = effort or Effort()
    worlds = _worlds(scenario, alternatives, e, tracker, watch)
    tables = [_differences(scenario, worlds, e)]
    if e.both_modes:
        other = replace(scenario, decisions="rules" if scenario.decisions == "script" else "script")
        tables.append(_differences(other, _worlds(other, alternatives, e, tracker), e))
    for rival in rivals:
        tables.append(_differences(rival, _worlds(rival, alternatives, e, tracker), e))
    found = _reasons(scenario, alternatives, e, tracker)
    baseline, changed = worlds[0], worlds[1:]
    return WhatIf(
        scenario,
        e.members,
        e.seed,
        baseline,
        changed,
        {
            "differences": pd.concat(tables, ignore_index=True),
            "regimes": regime_table(changed, baseline),
            "decisions": decision_table(scenario.episode, changed, baseline, e.seed),
            "chain": chain_table(scenario.country, found),
            "attribution": attribution_table(found, e.seed),
        },
        min(e.explained, e.members),
    )


def _worlds(
    scenario: Scenario,
    alternatives: Sequence[Changes],
    e: Effort,
    tracker: Tracker,
    watch: Watch | None = None,
) -> tuple[World, ...]:
    stage = f"{scenario.account.name}, state by {scenario.decisions}"
    return worlds_of(
        scenario,
        alternatives,
        members=e.members,
        seed=e.seed,
        threads=e.threads,
        each=tracker(stage, e.members),
        watch=watch,
    )


def _differences(scenario: Scenario, worlds: Sequence[World], e: Effort) -> pd.DataFrame:
    baseline, *changed = worlds
    parts = [
        differences(
            baseline.outcome,
            world.outcome,
            seed=e.seed,
            change=world.label,
            mode=scenario.decisions,
            account=scenario.account.name,
        )
        for world in changed
    ]
    return pd.concat(parts, ignore_index=True)


def _reasons(
    scenario: Scenario, alternatives: Sequence[Changes], e: Effort, tracker: Tracker
) -> dict[str, Explanation]:
    """Explain every alternative."""
    pairs = min(e.explained, e.members)
    if pairs == 0:
        return {}
    each = tracker(f"tracing {len(PARTS)} causes", pairs * len(alternatives))
    return {
        change.label: explain(
            scenario,
            change,
            pairs=pairs,
            seed=e.seed,
            members=e.members,
            threads=e.threads,
            each=each,
        )
        for change in alternatives
    }
