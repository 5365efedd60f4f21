"""The report of a calibration: one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from qantar.arrays import Numbers
from qantar.country.pack import packs_home
from qantar.country.parameters import load_parameters
from qantar.evidence import Target
from qantar.study.fact_groups import GROUPS, OTHER
from qantar.study.inference.calibration import Calibration
from qantar.study.inference.case import Opened, opened
from qantar.study.inference.discrepancy import FILE
from qantar.study.inference.runs import Runs
from qantar.study.inference.summary import (
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
from qantar.view.calibration_tables import (
    given_by,
    interval,
    prior_check_sentence,
    summary_lines,
    warnings_of,
)
from qantar.view.dots import fact_axis, fact_bar, parameter_bar
from qantar.view.phrases import said, subject
from qantar.view.style import BLUE, MUTED, ORANGE, VERDICTS, Mark, percent
from qantar.view.templating import render

NARROWED = 25
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


@dataclass(frozen=True)
class Row:
    """One line of a table: what, what the sources say, what the model gives, drawn, judged."""

    what: str
    says: str
    gives: str
    bar: Markup
    mark: Mark


Groups = list[tuple[str, list[Row]]]


def render_calibration(found: Calibration, about: dict[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    found : Calibration
    about : dict
        The manifest of the calibration.
    """
    at = opened(found.case)
    check, facts = prior_check(found.case, found.prior), fact_table(at, found.predictive)
    parameters = parameter_table(found)
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
            (title, _predictive(at, found.predictive, facts[facts["use"] == use]))
            for use, title in USES
        ],
        forbidden=FORBIDDEN,
        strained=percent(STRAINED),
        axis=fact_axis(),
        parameters=_parameters(found, parameters.head(NARROWED)),
        unconstrained=[f"{r.label} ({r.parameter})" for r in _free(parameters).itertuples()],
        of_parameters=len(parameters),
        limit=UNCONSTRAINED,
        discrepancy=_discrepancies(found),
        convergence=_convergence(found),
        made=_made(about, found),
        citations=about["citations"],
        colours={"model": BLUE, "sources": ORANGE, "prior": MUTED},
    )


def _predictive(at: Opened, runs: Runs, facts: pd.DataFrame) -> Groups:
    return _groups(at, runs, facts, [COVERED[bool(missed)] for missed in facts["missed"]])


def _groups(at: Opened, runs: Runs, table: pd.DataFrame, marks: list[Mark]) -> Groups:
    """Return the facts of a table by group, with marks in the order of the table."""
    found: dict[str, list[Row]] = {group: [] for group in (*GROUPS, OTHER)}
    for row, mark in zip(table.to_dict("records"), marks, strict=True):
        found[row["group"]].append(_row(at, runs, row, mark))
    return [(group, rows) for group, rows in found.items() if rows]


def _row(at: Opened, runs: Runs, row: Mapping[Any, Any], mark: Mark) -> Row:
    number = at.observations.names.index(row["target"])
    target: Target = at.observations.targets[number]
    seen = at.observations.value[number]
    error = row.get("error", at.expected_error[number])  # as the verdict of the row has it
    low, middle, high = ((row[q] - seen) / error for q in ("q05", "q50", "q95"))
    gives = given_by(target, runs.facts[:, number], at.layout)
    label = f"Sources: {said(target)}. Model: {gives}."
    return Row(subject(target), said(target), gives, fact_bar(low, middle, high, label), mark)


def _free(parameters: pd.DataFrame) -> pd.DataFrame:
    return parameters[~parameters["constrained"]]


def _parameters(found: Calibration, chosen: pd.DataFrame) -> list[dict[str, Any]]:
    names = opened(found.case).names
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


def _discrepancies(found: Calibration) -> list[tuple[str, str, str, str]]:
    """Return label, unit, prior median and posterior of the discrepancy of every kind."""
    declared = load_parameters(packs_home() / FILE)
    rows = []
    for row in discrepancy_table(found).to_dict("records"):
        own = declared[row["kind"]]
        posterior = f"{row['q50']:.2g} ({row['q05']:.2g} to {row['q95']:.2g})"
        rows.append((own.label, own.unit, f"{row['prior_q50']:.2g}", posterior))
    return rows


_READ = {
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
        "Draws of the prior from which a chain descends; a handful means that moves must mend it.",
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
    "emulator_explains": (
        "Emulator explains",
        "{:.2f}",
        "Median share of variance over facts, in runs it has not seen; the rest is luck and error.",
    ),
}


def _convergence(found: Calibration) -> list[tuple[str, str, str]]:
    """Return name, value and one sentence how to read it."""
    told = convergence(found)
    evidence = (
        "Log evidence",
        f"{found.log_evidence:.2f} ± {found.error:.2f} nats",
        "Only differences between accounts on the same facts mean anything, and only those "
        "larger than the errors.",
    )
    rows = [(name, form.format(told[key]), read) for key, (name, form, read) in _READ.items()]
    return [evidence, *rows]


def _made(about: dict[str, Any], found: Calibration) -> list[tuple[str, str]]:
    """Return how it was made, as names and values to read."""
    account, design = opened(found.case).scenario.account, about["design"]
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
