"""Fit the rules of the offices roughly, on the dates of an episode's state actions.

    python scripts/fit_rules.py january-2022

Method: ensemble smoother with multiple data assimilation
(see qantar.analysis.inference.ensemble_path) on scores of
the free numbers of the offices. The citizens keep the fitted ensemble of the account; the offices
decide by what they see. Each action enters with the middle of the hours that the sources allow, and
half their width, or `FLOOR` hours, as its error; a decision that was not taken counts as taken
`LATE` hours after the window. Nothing but dates is read: no count of dead, detained or protesters.

Writes <pack>/fitted/rules--<episode>.csv and a .yaml beside it that says what was done.
"""

from __future__ import annotations

import argparse
import csv
import io
from dataclasses import replace

import numpy as np
from rich.console import Console
from ruamel.yaml import YAML

import qantar
from qantar.analysis.inference.ensemble_path import assimilate
from qantar.analysis.whatif.result import action_spans, decided_actions, decision_hours
from qantar.base.arrays import Numbers
from qantar.base.files import atomic_file, write_text
from qantar.simulate.draws import RULE_SCORES, prior_scores, rules_file, values_at
from qantar.simulate.scenario import Scenario, make_scenario

NINETY = 2 * 1.645
"""Width of the middle 90 % of a normal, in standard deviations."""

FLOOR = 6.0
"""Least error of an hour: no source is exact to less than a quarter of a day."""

LATE = 24.0
"""Hours after the window at which a decision counts that was not taken in it."""


def main() -> None:
    """Read the arguments, fit, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("episode")
    parser.add_argument("--account", default="union")
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--members", type=int, default=400)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--keep", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20220105)
    options = parser.parse_args()
    scenario = make_scenario(
        options.episode, account=options.account, pack=options.pack, decisions="rules"
    )
    fit(scenario, options)


def fit(scenario: Scenario, options: argparse.Namespace) -> None:
    """Fit the offices of one scenario and write the ensemble."""
    console = Console()
    names = [number.name for number in scenario.rules]
    citizens = scenario.draws(options.seed, options.members)
    scores = prior_scores(options.seed, options.members, names, RULE_SCORES)
    spans = np.array(list(action_spans(scenario.episode).values()))
    observed = spans.mean(axis=1)
    spread = np.maximum((spans[:, 1] - spans[:, 0]) / NINETY, FLOOR)

    def forward(table: Numbers) -> Numbers:
        draws = replace(citizens, rules=values_at(scenario.rules, table))
        hours = decision_hours(scenario, draws, members=len(table), seed=options.seed)
        return np.where(np.isnan(hours), scenario.episode.hours + LATE, hours)

    history = []
    steps = assimilate(scores, forward, observed, spread, passes=options.passes, seed=options.seed)
    for number, (current, predicted) in enumerate(steps):
        misfit = float(np.mean(np.abs(predicted - observed) / spread))
        history.append(round(misfit, 3))
        console.print(f"pass {number}: mean distance {misfit:.2f} standard errors")
        scores = current
    _write(scenario, options, scores[: options.keep], history)


def _write(
    scenario: Scenario, options: argparse.Namespace, scores: Numbers, history: list[float]
) -> None:
    """Write the ensemble and the note that says how it was made."""
    path = rules_file(scenario.country, scenario.episode.name)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [number.name for number in scenario.rules]
    writer.writerow(names)
    values = values_at(scenario.rules, scores)
    writer.writerows([[f"{value:.5g}" for value in row] for row in values])
    write_text(path, text.getvalue())
    width = {
        number.name: round(float(scores[:, k].std()), 2)
        for k, number in enumerate(scenario.rules)
        if number.prior is not None
    }
    note = {
        "made_by": "scripts/fit_rules.py",
        "method": "ensemble smoother with multiple data assimilation (emerick2013)",
        "qantar_version": qantar.__version__,
        "citizens": f"{scenario.account.name}, {scenario.belief}",
        "members": options.members,
        "passes": options.passes,
        "kept": options.keep,
        "seed": options.seed,
        "mean_distance_by_pass": history,
        "fitted_on": list(decided_actions(scenario.episode)),
        "posterior_over_prior_width": dict(sorted(width.items(), key=lambda item: item[1])),
    }
    with atomic_file(path.with_suffix(".yaml")) as file:
        YAML().dump(note, file)


if __name__ == "__main__":
    main()
