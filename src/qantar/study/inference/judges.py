"""Judges: independently fitted runs, by which a method of comparison is judged.

A method tried on draws from the prior is tried where nothing happened yet. What matters is
whether it knows accounts apart when each has been brought near the facts, and by somebody else:
these runs come from ensembles of their own, with their own luck, pulled by the smoother alone,
and no method of comparison has seen them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qantar.study.inference.case import Case, fitted_on, opened
from qantar.study.inference.design import Design
from qantar.study.inference.path import follow
from qantar.study.inference.runs import Desk, Runs, run_all

_LUCK = 7


def judging_runs(
    desk: Desk, cases: Sequence[Case], design: Design
) -> tuple[dict[Case, Runs], dict[Case, Runs]]:
    """Return runs of every case from its prior, and the same ensemble after it was fitted."""
    seed = design.seed * 10 + _LUCK
    tables = {case: opened(case).prior(seed, design.judges) for case in cases}
    begin = run_all(desk, "judge-0", tables, seed=seed, first=0, batch=design.batch)
    wanted = {case: opened(case).observations.value[fitted_on(case)] for case in cases}
    own = replace(design, passes=design.judge_passes)
    return begin, follow(desk, begin, wanted, own, name="judge", seed=seed)[-1]
