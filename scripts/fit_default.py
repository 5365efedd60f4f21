"""Fit the default ensemble of an account roughly, on the targets marked ``fit``.

    python scripts/fit_default.py january-2022 --account union

Method: ensemble smoother with multiple data assimilation
(see qantar.analysis.inference.ensemble_path) on scores of
the free parameters and of the latent place effects. Counts enter as log(1 + n), days as days,
probabilities as the 0 or 1 of each member; an interval counts as the middle 90 % of a normal
error. Targets marked ``held`` are never read. The result is an ensemble, not a posterior sample:
a later comparison of accounts must not rest on it.

Writes <pack>/fitted/<episode>--<account>.csv and a .yaml beside it that says what was done.
"""

from __future__ import annotations

import argparse
import csv
import io

import numpy as np
from rich.console import Console
from ruamel.yaml import YAML

import qantar
from qantar.analysis.inference.ensemble_path import assimilate
from qantar.analysis.outcomes import CUMULATIVE
from qantar.analysis.run import load_evidence, simulate
from qantar.base.arrays import Numbers
from qantar.base.files import atomic_file, write_text
from qantar.evidence import Target
from qantar.evidence.targets import DATED
from qantar.simulate.draws import (
    PARAMETERS,
    PROPENSITY,
    THRESHOLD,
    Draws,
    fitted_columns,
    fitted_file,
    prior_scores,
    split,
    values_at,
)
from qantar.simulate.scenario import Scenario, make_scenario

NINETY = 2 * 1.645  # width of the middle 90 % of a normal, in standard deviations
FLOOR = {"day": 0.4, "probability": 0.3, "log": 0.15}  # least error, in the unit of each kind
COUNTS = (*CUMULATIVE, "participants", "crowd_peak", "active_places")
LEAST_SEEN = 0.0


def main() -> None:
    """Read the arguments, fit, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("episode")
    parser.add_argument("--account", default="union")
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--members", type=int, default=800)
    parser.add_argument("--passes", type=int, default=6)
    parser.add_argument("--keep", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20220102)
    options = parser.parse_args()
    scenario = make_scenario(
        options.episode, account=options.account, pack=options.pack, belief="prior"
    )
    fit(scenario, options)


def fit(scenario: Scenario, options: argparse.Namespace) -> None:
    """Fit one scenario and write the ensemble."""
    console = Console()
    targets = tuple(
        each.target
        for each in load_evidence(scenario.country, scenario.episode)[1]
        if each.target.use == "fit"
    )
    names = [number.name for number in scenario.numbers]
    beliefs = np.hstack(
        [
            prior_scores(options.seed, options.members, names, PARAMETERS),
            prior_scores(options.seed, options.members, scenario.places, PROPENSITY),
            prior_scores(options.seed, options.members, scenario.places, THRESHOLD),
        ]
    )
    observed, spread = _observations(scenario, targets)

    def forward(table: Numbers) -> Numbers:
        return _run(scenario, options.seed, table, targets)

    history = []
    steps = assimilate(beliefs, forward, observed, spread, passes=options.passes, seed=options.seed)
    for number, (current, predicted) in enumerate(steps):
        misfit = float(np.mean(np.abs(predicted - observed) / spread))
        history.append(round(misfit, 3))
        console.print(f"pass {number}: mean distance {misfit:.2f} standard errors")
        beliefs = current
    _write(scenario, options, targets, beliefs[: options.keep], history)


def _observations(scenario: Scenario, targets: tuple[Target, ...]) -> tuple[Numbers, Numbers]:
    """Return the middle and the error of every target, on the scale of its kind."""
    middle, spread = [], []
    for target in targets:
        low, high = target.interval(scenario.episode.first_day)
        kind = _kind(target)
        if kind == "log":
            low, high = np.log1p(low), np.log1p(high)
        if kind == "probability":
            low = high = float(low >= 0.5)
        middle.append((low + high) / 2)
        spread.append(max((high - low) / NINETY, FLOOR[kind]))
    return np.array(middle), np.array(spread)


def _kind(target: Target) -> str:
    if target.variable in DATED:
        return "day"
    return "log" if target.variable in COUNTS else "probability"


def _run(scenario: Scenario, seed: int, table: Numbers, targets: tuple[Target, ...]) -> Numbers:
    """Run every member of a table of scores and return what it gives for the targets."""
    outcome = simulate(scenario, draws_of(scenario, table), members=len(table), seed=seed)
    columns = []
    for target in targets:
        samples = outcome.samples(target.variable, target.level, target.name, target.date)
        kind = _kind(target)
        never = outcome.layout.days if kind == "day" else LEAST_SEEN
        samples = np.where(np.isnan(samples), never, samples)
        columns.append(np.log1p(samples) if kind == "log" else samples)
    return np.stack(columns, axis=1)


def draws_of(scenario: Scenario, table: Numbers) -> Draws:
    """Return the values that stand at a table of scores."""
    scores, propensity, threshold = split(table, scenario.numbers, scenario.places)
    return Draws(values_at(scenario.numbers, scores), propensity, threshold)


def _write(
    scenario: Scenario,
    options: argparse.Namespace,
    targets: tuple[Target, ...],
    table: Numbers,
    history: list[float],
) -> None:
    """Write the ensemble and the note that says how it was made."""
    path = fitted_file(scenario.country, options.episode, scenario.account.name)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fitted_columns(scenario.numbers, scenario.places))
    draws = draws_of(scenario, table)
    values = np.hstack([draws.parameters, draws.propensity, draws.threshold])
    writer.writerows([[f"{value:.5g}" for value in row] for row in values])
    write_text(path, text.getvalue())
    free = [k for k, number in enumerate(scenario.numbers) if number.prior is not None]
    names = [number.name for number in scenario.numbers]
    width = {names[k]: round(float(table[:, k].std()), 2) for k in free}
    note = {
        "made_by": "scripts/fit_default.py",
        "method": "ensemble smoother with multiple data assimilation (emerick2013)",
        "qantar_version": qantar.__version__,
        "members": options.members,
        "passes": options.passes,
        "kept": options.keep,
        "seed": options.seed,
        "mean_distance_by_pass": history,
        "fitted_on": [target.target for target in targets],
        "posterior_over_prior_width": dict(sorted(width.items(), key=lambda item: item[1])),
    }
    with atomic_file(path.with_suffix(".yaml")) as file:
        YAML().dump(note, file)


if __name__ == "__main__":
    main()
