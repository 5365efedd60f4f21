r"""Fit the default ensemble of an account on the targets marked ``fit``, of one or more episodes.

    python scripts/fit_default.py january-2022 --account union
    python scripts/fit_default.py january-2022 --account union \
        --with zhanaozen-2011 land-2016 transition-2019 --leave-out all

Method: ensemble smoother with multiple data assimilation (qantar.analysis.inference.joint_fit) on
scores of the free parameters and of the latent place effects; of the final ensemble the members
nearest to the targets are kept. Further episodes are run with the same parameters under their own
conditions, and their targets are stacked with those of the first.
--leave-out fits again without an episode and scores that fit on it. Targets marked ``held`` are
never read by a fit, only scored. The result is an ensemble, not a posterior sample: a later
comparison of accounts must not rest on it.

Writes <pack>/fitted/<episode>--<account>.csv and a .yaml beside it that says what was done, with
the scores of the fit on every episode and of every episode that was left out.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from ruamel.yaml import YAML

import qantar
from qantar.analysis.inference.fit_scores import SCORE_COLUMNS, FitScore, score_rows
from qantar.analysis.inference.joint_fit import (
    FitDesign,
    FitEpisode,
    JointFit,
    draws_of,
    joint_fit,
    load_fit_episodes,
)
from qantar.base.errors import UnknownNameError
from qantar.base.files import atomic_file, write_text
from qantar.cli.console import print_table
from qantar.simulate.draws import fitted_columns, fitted_file

ALL = "all"
SCORE_SEED = 1
"""Random seed of the runs that are scored; no fit uses it."""


def main() -> None:
    """Read the arguments, fit, and write."""
    options = arguments()
    names = [options.episode, *options.further]
    left = names if ALL in options.leave_out else options.leave_out
    for name in left:
        if name not in names:
            raise UnknownNameError("episode to leave out", name, [*names, ALL])
    episodes = load_fit_episodes(options.pack, options.account, names)
    design = FitDesign(options.members, options.passes, options.seed, options.place_effects)
    console = Console()
    found = fit(console, episodes, design)
    scores = found.scores(episodes, options.keep, SCORE_SEED)
    print_scores(console, "Fitted to all", scores)
    without = {
        name: score_without(console, episodes, design, name, options.keep)
        for name in left
        if len(episodes) > 1
    }
    path = options.out or fitted_file(episodes[0].scenario.country, names[0], options.account)
    write(path, found, options.keep, scores, without)
    console.print(f"written: {path}", soft_wrap=True)


def arguments() -> argparse.Namespace:
    """Return the arguments of the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("episode")
    parser.add_argument("--account", default="union")
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--with", dest="further", nargs="+", default=[], metavar="EPISODE")
    parser.add_argument(
        "--leave-out", nargs="+", default=[], metavar="EPISODE", help=f"episodes, or {ALL!r}"
    )
    parser.add_argument("--place-effects", choices=("shared", "separate"), default="shared")
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--passes", type=int, default=8)
    parser.add_argument("--keep", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20220102)
    parser.add_argument("--out", type=Path, help="the .csv file; by default in the pack")
    return parser.parse_args()


def fit(console: Console, episodes: Iterable[FitEpisode], design: FitDesign) -> JointFit:
    """Fit episodes and print the progress."""
    chosen = tuple(episodes)
    console.print(f"fit to {', '.join(each.name for each in chosen)}", soft_wrap=True)

    def report(number: int, distance: float) -> None:
        console.print(f"  pass {number}: mean distance {distance:.2f} observation errors")

    return joint_fit(chosen, design, report)


def score_without(
    console: Console,
    episodes: tuple[FitEpisode, ...],
    design: FitDesign,
    name: str,
    keep: int,
) -> dict[str, tuple[FitScore, ...]]:
    """Fit without one episode, and score that fit on all."""
    found = fit(console, [each for each in episodes if each.name != name], design)
    scores = found.scores(episodes, keep, SCORE_SEED)
    print_scores(console, f"Fitted without {name}", {name: scores[name]})
    return scores


def print_scores(console: Console, title: str, scores: dict[str, tuple[FitScore, ...]]) -> None:
    """Print a table of scores."""
    rows = [row for each in scores.values() for row in score_rows(each)]
    print_table(title, SCORE_COLUMNS, rows, console=console, right=set(SCORE_COLUMNS[2:]))


def write(
    path: Path,
    found: JointFit,
    keep: int,
    scores: dict[str, tuple[FitScore, ...]],
    without: dict[str, dict[str, tuple[FitScore, ...]]],
) -> None:
    """Write the ensemble and the note that says how it was made."""
    scenario = found.episodes[0].scenario
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fitted_columns(scenario.numbers, scenario.places))
    # Without conditions: a run applies those of its episode to what it reads.
    draws = draws_of(scenario, found.ensemble(keep), conditions=False)
    values = np.hstack([draws.parameters, draws.propensity, draws.threshold])
    writer.writerows([[f"{value:.5g}" for value in row] for row in values])
    write_text(path, text.getvalue())
    with atomic_file(path.with_suffix(".yaml")) as file:
        YAML().dump(note(found, keep, scores, without), file)


def note(
    found: JointFit,
    keep: int,
    scores: dict[str, tuple[FitScore, ...]],
    without: dict[str, dict[str, tuple[FitScore, ...]]],
) -> dict[str, Any]:
    """Return what the file beside the ensemble says."""
    first = found.episodes[0]
    numbers = first.scenario.numbers
    width = {
        number.name: round(float(found.table[:keep, k].std()), 2)
        for k, number in enumerate(numbers)
        if number.prior is not None
    }
    return {
        "made_by": "scripts/fit_default.py",
        "method": "ensemble smoother with multiple data assimilation (emerick2013), "
        "nearest members kept (beaumont2010)",
        "qantar_version": qantar.__version__,
        "members": found.design.members,
        "passes": found.design.passes,
        "kept": keep,
        "seed": found.design.seed,
        "place_effects": found.design.places,
        "mean_distance_by_pass": [round(each, 3) for each in found.distances],
        "fitted_on": [target.target for target in first.fitted.targets],
        "fitted_on_further": {
            each.name: [target.target for target in each.fitted.targets]
            for each in found.episodes[1:]
        },
        "scores": score_notes(scores),
        "scores_left_out": {
            name: score_notes({name: each[name]}) for name, each in without.items()
        },
        "posterior_over_prior_width": dict(sorted(width.items(), key=lambda item: item[1])),
    }


def score_notes(scores: dict[str, tuple[FitScore, ...]]) -> dict[str, Any]:
    """Return scores by episode and use."""
    return {name: {each.use: each.note() for each in own} for name, own in scores.items()}


if __name__ == "__main__":
    main()
