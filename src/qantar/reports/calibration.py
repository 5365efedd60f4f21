"""Report of a calibration: drawings of ranges, lines and tables for the terminal, and the page.

Ranges are drawn on two scales. Facts stand in standard errors from what was observed: linear up to
`LINEAR`, by powers of ten beyond, for a prior may be far away. Parameters stand in standard
deviations of their prior.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape
from rich.table import Table
from rich.text import Text

from qantar.analysis.facts import GROUPS, OTHER
from qantar.analysis.inference.calibration import Calibration
from qantar.analysis.inference.calibration_design import Runs
from qantar.analysis.inference.problem import FILE, LoadedProblem, load_problem
from qantar.analysis.inference.summary import (
    FORBIDDEN,
    LEVELS,
    STRAINED,
    UNCONSTRAINED,
    convergence,
    discrepancy_table,
    fact_table,
    parameter_table,
    prior_check,
)
from qantar.analysis.observations import kind_of
from qantar.analysis.outcomes import Layout
from qantar.base.arrays import Numbers
from qantar.evidence import Target
from qantar.packs.country import packs_folder
from qantar.packs.parameters import load_parameters
from qantar.reports.phrases import format_target_value, said, subject
from qantar.reports.style import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    RULE,
    VERDICTS,
    Mark,
    many,
    percent,
    render,
    span,
)

LINEAR, MOST = 3.0, 100.0
"""Standard errors up to which the scale of facts is linear, and at which it ends."""

NINETY = 1.645
"""Standard deviations on either side that hold the middle 90 % of a normal."""

SIDE = 3.0
"""Prior standard deviations on either side that the scale of parameters shows."""

_WIDE, _HIGH, _EDGE = 260.0, 20.0, 6.0
_TICKS = (-100, -10, -3, 0, 3, 10, 100)

LARGEST_RHAT = 1.1
"""R-hat above which chains are said to disagree (Gelman and Rubin 1992)."""

LARGEST_ERROR = 1.0
"""Error of the log evidence, in nats, above which it should not be compared."""

NARROWED_IN_TERMINAL = 8
"""Rows of the table of parameters."""

_STYLES = {"forbidden": "bold red", "strained": "yellow"}

NARROWED_ON_PAGE = 25
"""Parameters that are drawn."""

CHECKS = {
    "allowed": VERDICTS["hit"]._replace(word="allowed"),
    "strained": VERDICTS["near"]._replace(word="strained"),
    "forbidden": VERDICTS["miss"]._replace(word="forbidden"),
}
COVERED = {
    False: VERDICTS["hit"]._replace(word="covered"),
    True: VERDICTS["miss"]._replace(word="missed"),
}
USES = (("fit", "Used to fit"), ("held", "Held back: nothing was fitted on these"))

_DIAGNOSTICS = {
    "chains": ("Chains", "{:.0f}", "Independent samplings of one posterior; they should agree."),
    "particles": ("Particles in a chain", "{:.0f}", "Draws of the posterior that each one keeps."),
    "steps": (
        "Steps of tempering",
        "{:.0f}",
        "The farther the facts are from the prior, the more it takes to get there.",
    ),
    "least_effective": (
        "Least effective share",
        "{:.2f}",
        "Share of particles that counted before a resampling; far below 0.5 a step was too long.",
    ),
    "least_ancestors": (
        "Fewest first ancestors",
        "{:.0f}",
        "Prior draws from which a chain descends; if few, the result depends on the moves alone.",
    ),
    "mean_acceptance": (
        "Accepted moves",
        "{:.2f}",
        "Near 0 the particles stand still and the posterior is too narrow.",
    ),
    "largest_rhat": (
        "Largest R-hat",
        "{:.3f}",
        "1 if chains agree on every unknown; above 1.1 they do not.",
    ),
    "sampling_error": (
        "Error by sampling",
        "{:.2f}",
        "Standard error of the log evidence in nats, from the spread of the chains.",
    ),
    "emulator_error": (
        "Error by the emulator",
        "{:.2f}",
        "How far the log evidence differs between networks trained on different runs, in nats.",
    ),
    "emulator_explains": (
        "Emulator explains",
        "{:.2f}",
        "Median share of variance over facts, in new runs; the rest is chance and error.",
    ),
}
"""Diagnostics of convergence: name, format, and how to read it."""


@dataclass(frozen=True)
class Row:
    """One fact: what the sources say, what the model gives, both drawn, and the verdict."""

    what: str
    says: str
    gives: str
    bar: Markup
    mark: Mark


Groups = list[tuple[str, list[Row]]]


def fact_bar(low: float, middle: float, high: float, label: str) -> Markup:
    """Draw a range of runs about an observation; all in standard errors from the observation."""
    band = _rect(_fact_at(-NINETY), _fact_at(NINETY), ORANGE, 0.55)
    lines = [_tick(_fact_at(tick)) for tick in _TICKS]
    return _drawing([*lines, band, _range(_fact_at, (low, middle, high))], label)


def parameter_bar(low: float, middle: float, high: float, label: str) -> Markup:
    """Draw a posterior range over its prior's; all in standard deviations of the prior."""
    prior = _rect(_parameter_at(-NINETY), _parameter_at(NINETY), MUTED, 0.25)
    return _drawing(
        [prior, _tick(_parameter_at(0)), _range(_parameter_at, (low, middle, high))], label
    )


def fact_axis() -> Markup:
    """Return the scale of facts with its numbers."""
    parts = [
        f'<text x="{_fact_at(tick):.1f}" y="14" text-anchor="middle" font-size="11" '
        f'fill="{MUTED}">{tick:+d}</text>'.replace("+0<", "0<").replace(">-", ">\u2212")
        for tick in _TICKS
    ]
    return _drawing(parts, "Scale in standard errors from what was observed")


def _fact_at(value: float) -> float:
    """Return the horizontal position of a number of standard errors, in pixels."""
    size = min(abs(value), MOST)
    part = min(size, LINEAR) / LINEAR / 2
    if size > LINEAR:
        part += math.log(size / LINEAR) / math.log(MOST / LINEAR) / 2
    return _WIDE / 2 + math.copysign(part, value) * (_WIDE / 2 - 2 * _EDGE)


def _parameter_at(value: float) -> float:
    inside = min(max(value, -SIDE), SIDE)
    return _WIDE / 2 + inside / SIDE * (_WIDE / 2 - _EDGE)


def _drawing(parts: Sequence[str], label: str) -> Markup:
    return Markup(
        f'<svg class="bar dots" viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _tick(x: float) -> str:
    return f'<path d="M{x:.1f} 1V{_HIGH - 1:.0f}" stroke="{RULE}"/>'


def _rect(left: float, right: float, colour: str, opacity: float) -> str:
    return (
        f'<rect x="{left:.1f}" y="3" width="{right - left:.1f}" height="{_HIGH - 6:.0f}" rx="2" '
        f'fill="{colour}" fill-opacity="{opacity}"/>'
    )


def _range(at: Callable[[float], float], values: tuple[float, float, float]) -> str:
    low, middle, high = (at(value) for value in values)
    half = _HIGH / 2
    return (
        f'<path d="M{low:.1f} {half}H{high:.1f}" stroke="{BLUE}" stroke-width="3" '
        f'stroke-linecap="round"/>'
        f'<circle cx="{middle:.1f}" cy="{half}" r="4.5" fill="{BLUE}" stroke="white"/>'
        f'<path d="M{middle:.1f} 4V16" stroke="{INK}" stroke-width="1"/>'
    )


def prior_check_sentence(check: pd.DataFrame) -> str:
    """Return in a sentence how many facts a prior does not allow."""
    forbidden, strained = (int((check["verdict"] == v).sum()) for v in ("forbidden", "strained"))
    facts = many(len(check), "fact")
    if not forbidden and not strained:
        return f"The prior of the account allows all {facts} that it is fitted on."
    parts = [f"does not allow {forbidden}"] if forbidden else []
    parts += [f"strains at {strained}"] if strained else []
    return f"Before it is fitted, the account {' and '.join(parts)} of {facts}."


def prior_check_table(check: pd.DataFrame, at: LoadedProblem, runs: Runs) -> Table | None:
    """Return the facts that a prior forbids or strains for the terminal; None if there are none."""
    odd = check[check["verdict"] != "allowed"].sort_values("nearest", ascending=False)
    if odd.empty:
        return None
    forbids = "forbidden" in set(odd["verdict"])
    title = "The account does not allow, or strains at:" if forbids else "The account strains at:"
    table = Table(expand=True, title=title, title_justify="left", caption_justify="left")
    table.caption = (
        "Nearest: distance from the sources to the nearest run, in standard errors. "
        "No fit within the prior can produce a forbidden fact."
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
            Text(predicted_text(target, runs.facts[:, number], at.layout)),
            f"{row['nearest']:.1f}",
            Text(row["verdict"], style=_STYLES[row["verdict"]]),
        )
    return table


def predicted_text(target: Target, values: Numbers, layout: Layout) -> str:
    """Return what runs give for a fact in words: its 90 % range, or a share of runs.

    Parameters
    ----------
    values : float array (runs,)
        On the scale of the fact's kind.
    """
    if kind_of(target.variable) == "flag":
        return f"in {percent(float(values.mean()))} of runs"
    low, _, high = (on_natural_scale(target, float(q)) for q in np.quantile(values, LEVELS))
    texts = [format_target_value(target.variable, value, layout) for value in (low, high)]
    return span(texts[0], texts[1])


def on_natural_scale(target: Target, value: float) -> float:
    """Return a value, given on the scale of its kind, in the unit of its quantity."""
    return float(np.expm1(value)) if kind_of(target.variable) == "log" else value


def narrowed_table(found: Calibration) -> Table:
    """Return the parameters that the facts narrowed most for the terminal."""
    table = Table(expand=True, title="Most narrowed parameters", title_justify="left")
    table.add_column("parameter", ratio=8)
    table.add_column("prior (90 %)", ratio=4)
    table.add_column("posterior (90 %)", ratio=4)
    table.add_column("width", width=5, justify="right")
    for row in parameter_table(found).head(NARROWED_IN_TERMINAL).to_dict("records"):
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
    """Return a summary of the results, line by line."""
    values, parameters = convergence(found), parameter_table(found)
    facts = fact_table(load_problem(found.case), found.predictive)
    free = int((~parameters["constrained"]).sum())
    lines = [
        f"Log evidence: {found.log_evidence:.2f} ± {found.error:.2f} nats.",
        f"Largest R-hat: {values['largest_rhat']:.3f} over {many(len(found.chains), 'chain')} of "
        f"{values['particles']:.0f} particles; effective sample size at least "
        f"{values['least_effective'] * values['particles']:.0f} in every step, from "
        f"{values['least_ancestors']:.0f} first particles.",
        f"Not constrained by the facts: {free} of {many(len(parameters), 'parameter')}.",
    ]
    for use, meaning in (("fit", "used to fit"), ("held", "held back")):
        own = facts[facts["use"] == use]
        lines.append(f"Facts {meaning}: {int(own['missed'].sum())} of {len(own)} missed.")
    return lines


def warnings_of(found: Calibration) -> list[str]:
    """Return the reasons not to trust a calibration; empty if there are none."""
    worst = convergence(found)["largest_rhat"]
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


def render_calibration(found: Calibration, about: dict[str, Any]) -> str:
    """Return a calibration as one HTML page without external files.

    Parameters
    ----------
    found : Calibration
    about : dict
        The manifest of the calibration.
    """
    at = load_problem(found.case)
    check, facts = prior_check(found.case, found.prior), fact_table(at, found.predictive)
    parameters = parameter_table(found)
    free = parameters[~parameters["constrained"]]
    declared = load_parameters(packs_folder() / FILE)
    discrepancy = []
    for row in discrepancy_table(found).to_dict("records"):
        own = declared[row["kind"]]
        posterior = f"{row['q50']:.2g} ({row['q05']:.2g} to {row['q95']:.2g})"
        discrepancy.append((own.label, own.unit, f"{row['prior_q50']:.2g}", posterior))
    return render(
        "calibration.html.j2",
        title=at.scenario.episode.title,
        account=at.scenario.account,
        lines=summary_lines(found),
        warnings=warnings_of(found),
        targets=len(about["fitted_on"]),
        simulations=about["simulations"],
        check_sentence=prior_check_sentence(check),
        check=_groups(at, found.prior, check, [CHECKS[v] for v in check["verdict"]]),
        predictive=[
            (title, _groups(at, found.predictive, own, [COVERED[bool(m)] for m in own["missed"]]))
            for title, own in ((title, facts[facts["use"] == use]) for use, title in USES)
        ],
        forbidden=FORBIDDEN,
        strained=percent(STRAINED),
        axis=fact_axis(),
        parameters=_parameters(found, parameters.head(NARROWED_ON_PAGE)),
        unconstrained=[f"{r.label} ({r.parameter})" for r in free.itertuples()],
        of_parameters=len(parameters),
        limit=UNCONSTRAINED,
        discrepancy=discrepancy,
        convergence=_convergence(found),
        made=_made(about, found),
        citations=about["citations"],
        colours={"model": BLUE, "sources": ORANGE, "prior": MUTED},
    )


def _groups(at: LoadedProblem, runs: Runs, table: pd.DataFrame, marks: list[Mark]) -> Groups:
    """Return the facts of a table by group, with marks in the order of the table."""
    found: dict[str, list[Row]] = {group: [] for group in (*GROUPS, OTHER)}
    for row, mark in zip(table.to_dict("records"), marks, strict=True):
        number = at.observations.names.index(row["target"])
        target: Target = at.observations.targets[number]
        seen = at.observations.value[number]
        error = row.get("error", at.expected_error[number])  # as the verdict of the row has it
        low, middle, high = ((row[q] - seen) / error for q in ("q05", "q50", "q95"))
        gives = predicted_text(target, runs.facts[:, number], at.layout)
        label = f"Sources: {said(target)}. Model: {gives}."
        bar = fact_bar(low, middle, high, label)
        found[row["group"]].append(Row(subject(target), said(target), gives, bar, mark))
    return [(group, rows) for group, rows in found.items() if rows]


def _parameters(found: Calibration, chosen: pd.DataFrame) -> list[dict[str, Any]]:
    names = load_problem(found.case).names
    rows = []
    for row in chosen.to_dict("records"):
        scores: Numbers = found.draws[:, names.index(row["parameter"])]
        low, middle, high = (float(q) for q in np.quantile(scores, LEVELS))
        prior, posterior = interval(row, "prior"), interval(row, "posterior")
        label = f"Prior: {prior}. Posterior: {posterior}."
        bar = parameter_bar(low, middle, high, label)
        own = {"prior": prior, "posterior": posterior, "bar": bar, "width": f"{row['ratio']:.2f}"}
        rows.append({**{str(key): value for key, value in row.items()}, **own})
    return rows


def _convergence(found: Calibration) -> list[tuple[str, str, str]]:
    """Return the diagnostics of convergence: name, value and how to read it."""
    values = convergence(found)
    evidence = (
        "Log evidence",
        f"{found.log_evidence:.2f} ± {found.error:.2f} nats",
        "Only differences between accounts on the same facts mean anything, and only those "
        "larger than the errors.",
    )
    rows = [
        (name, form.format(values[key]), read) for key, (name, form, read) in _DIAGNOSTICS.items()
    ]
    return [evidence, *rows]


def _made(about: dict[str, Any], found: Calibration) -> list[tuple[str, str]]:
    """Return how it was made, as names and values to read."""
    account, design = load_problem(found.case).scenario.account, about["design"]
    sizes = ", ".join(f"{key} {value}" for key, value in design.items())
    return [
        ("Account", f"{account.title} ({account.name})"),
        ("Method", "tempering on a synthetic likelihood with an emulator and a discrepancy"),
        ("Design", sizes),
        ("Simulations", f"{about['simulations']:,}"),
        ("Country pack", f"{about['pack']}, fingerprint {about['pack_fingerprint'][:16]}"),
        ("Versions", f"Qantar {about['qantar_version']}, Python {about['python']}"),
        ("Started", about["started"]),
        ("Took", f"{about['wall_seconds']:.0f} seconds"),
        ("Machine", about["machine"]),
        ("Fitted on", ", ".join(about["fitted_on"])),
    ]
