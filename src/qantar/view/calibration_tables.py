"""A calibration in the terminal: what the prior forbids, and what was found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table
from rich.text import Text

from qantar.arrays import Numbers
from qantar.evidence import Target
from qantar.study.inference.calibration import Calibration
from qantar.study.inference.case import Opened, opened
from qantar.study.inference.runs import Runs
from qantar.study.inference.summary import (
    LEVELS,
    convergence,
    fact_table,
    parameter_table,
)
from qantar.study.observations import kind_of
from qantar.study.outcome import Layout
from qantar.view.phrases import said, subject, value_in_words
from qantar.view.style import many, percent, span

LARGEST_RHAT = 1.1
"""R-hat above which chains are said to disagree (Gelman and Rubin 1992)."""

LARGEST_ERROR = 1.0
"""Error of the log evidence, in nats, above which it should not be compared."""

NARROWED = 8
"""Rows of the table of parameters."""

_STYLES = {"forbidden": "bold red", "strained": "yellow"}


def prior_check_sentence(check: pd.DataFrame) -> str:
    """Return in a sentence how many facts a prior does not allow."""
    forbidden, strained = (int((check["verdict"] == v).sum()) for v in ("forbidden", "strained"))
    facts = many(len(check), "fact")
    if not forbidden and not strained:
        return f"The prior of the account allows all {facts} that it is fitted on."
    parts = [f"does not allow {forbidden}"] if forbidden else []
    parts += [f"strains at {strained}"] if strained else []
    return f"Before it is fitted, the account {' and '.join(parts)} of {facts}."


def prior_check_table(check: pd.DataFrame, at: Opened, runs: Runs) -> Table | None:
    """Return the facts that a prior forbids or strains for the terminal; None if there are none."""
    odd = check[check["verdict"] != "allowed"].sort_values("nearest", ascending=False)
    if odd.empty:
        return None
    forbids = "forbidden" in set(odd["verdict"])
    title = "The account does not allow, or strains at:" if forbids else "The account strains at:"
    table = Table(expand=True, title=title, title_justify="left", caption_justify="left")
    table.caption = (
        "Nearest: from what the sources say to the nearest run, in standard errors. "
        "No fit within the prior mends what is forbidden."
    )
    table.add_column("fact", ratio=5)
    table.add_column("sources say", ratio=3)
    table.add_column("prior gives (90 % range)", ratio=4)
    table.add_column("nearest", justify="right", width=7)
    table.add_column("verdict", width=9, no_wrap=True)
    for row in odd.to_dict("records"):
        number = at.observations.names.index(row["target"])
        target = at.observations.targets[number]
        table.add_row(
            Text(subject(target)),
            Text(said(target)),
            Text(given_by(target, runs.facts[:, number], at.layout)),
            f"{row['nearest']:.1f}",
            Text(row["verdict"], style=_STYLES[row["verdict"]]),
        )
    return table


def given_by(target: Target, values: Numbers, layout: Layout) -> str:
    """Return what runs give for a fact as people say it: its 90 % range, or a share of runs.

    Parameters
    ----------
    values : float array (runs,)
        On the scale of the fact's kind.
    """
    if kind_of(target.variable) == "flag":
        return f"in {percent(float(values.mean()))} of runs"
    low, _, high = (on_natural_scale(target, float(q)) for q in np.quantile(values, LEVELS))
    texts = [value_in_words(target.variable, value, layout) for value in (low, high)]
    return span(texts[0], texts[1])


def on_natural_scale(target: Target, value: float) -> float:
    """Return a value on the scale of its kind in the unit of its quantity."""
    return float(np.expm1(value)) if kind_of(target.variable) == "log" else value


def narrowed_table(found: Calibration) -> Table:
    """Return the parameters that the facts narrowed most for the terminal."""
    table = Table(expand=True, title="Most narrowed parameters", title_justify="left")
    table.add_column("parameter", ratio=8)
    table.add_column("prior (90 %)", ratio=4)
    table.add_column("posterior (90 %)", ratio=4)
    table.add_column("width", width=5, justify="right")
    for row in parameter_table(found).head(NARROWED).to_dict("records"):
        table.add_row(
            f"{row['parameter']}: {row['label']}, {row['unit']}",
            interval(row, "prior"),
            interval(row, "posterior"),
            f"{row['ratio']:.2f}",
        )
    return table


def interval(row: Mapping[Any, Any], kind: str) -> str:
    """Return the 90 % interval of a parameter, of its prior or its posterior."""
    return span(f"{row[f'{kind}_q05']:.3g}", f"{row[f'{kind}_q95']:.3g}")


def summary_lines(found: Calibration) -> list[str]:
    """Return what was found, in lines to read."""
    told, parameters = convergence(found), parameter_table(found)
    facts = fact_table(opened(found.case), found.predictive)
    free = int((~parameters["constrained"]).sum())
    lines = [
        f"Log evidence: {found.log_evidence:.2f} ± {found.error:.2f} nats.",
        f"Largest R-hat: {told['largest_rhat']:.3f} over {many(len(found.chains), 'chain')} of "
        f"{told['particles']:.0f} particles; effective sample size at least "
        f"{told['least_effective'] * told['particles']:.0f} in every step, from "
        f"{told['least_ancestors']:.0f} first particles.",
        f"Not constrained by the facts: {free} of {many(len(parameters), 'parameter')}.",
    ]
    for use, meaning in (("fit", "used to fit"), ("held", "held back")):
        own = facts[facts["use"] == use]
        lines.append(f"Facts {meaning}: {int(own['missed'].sum())} of {len(own)} missed.")
    return lines


def warnings_of(found: Calibration) -> list[str]:
    """Return what speaks against trusting a calibration."""
    told = convergence(found)
    worst = told["largest_rhat"]
    lines = []
    if not worst <= LARGEST_RHAT:
        lines.append(
            f"The chains disagree: R-hat is {worst:.2f}, above {LARGEST_RHAT:g}. Do not rest "
            "anything on this posterior: it needs a larger design."
        )
    if not found.error <= LARGEST_ERROR:
        size = "unknown" if math.isnan(found.error) else f"{found.error:.1f} nats"
        lines.append(
            f"The error of the log evidence is {size}, above {LARGEST_ERROR:g} nat: do not "
            "compare accounts by it."
        )
    return lines
