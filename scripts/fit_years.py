"""Fit the laws of the years by the protocol of docs/decisions/0023, and write the results.

Writes into ``years/fitted`` of the pack:

- ``LAW.csv``: draws of the posterior on everything, as standard normal scores of the priors;
- ``left-out/LAW--SPLIT.csv``: draws of the posterior without one wave;
- ``fits.csv``: log evidence and diagnostics of every law and split;
- ``counts.csv`` and ``scopes.csv``: scores on what was not fitted, beside baselines;
- ``futures.csv``: the chance of further waves under every law, its prior and without January.

About an hour on two cores. Finished fits are kept in ``--book``; run again to go on.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from qantar.analysis.years.fit import MOVES, PARTICLES, fit_years
from qantar.analysis.years.scopes import SCOPES, wave_chance
from qantar.analysis.years.scores import score_counts, score_scopes
from qantar.base.arrays import Numbers
from qantar.base.checkpoints import Workbook
from qantar.packs.years_tables import FOLDER
from qantar.simulate.years.histories import run_histories
from qantar.simulate.years.inputs import ALWAYS, given_outcomes
from qantar.simulate.years.scenario import (
    FITTED,
    YearsScenario,
    fit_file,
    laws,
    make_years_scenario,
)

DEFAULT = "stocks"
EVERY_LAW = ("full", "to-2018", "without-january")
WITHOUT = "without-"
DEFAULT_ONLY = ("without-2011", "without-2016", "without-2019")
HORIZONS = (5, 10, 13)
UNTIL = "2035"


def main() -> None:
    """Fit, score, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--book", type=Path, required=True, help="folder of finished fits")
    parser.add_argument("--particles", type=int, default=PARTICLES)
    parser.add_argument("--moves", type=int, default=MOVES)
    options = parser.parse_args()
    book = Workbook(
        options.book,
        {"pack": options.pack, "particles": options.particles, "moves": options.moves},
        resume=True,
    )
    fits, counts, scopes, futures = [], [], [], []
    for law in sorted(laws(), key=lambda name: name != DEFAULT):
        scenario = make_years_scenario(options.pack, law=law, belief="prior")
        folder = scenario.country.folder / FOLDER / FITTED
        folder.mkdir(exist_ok=True)
        splits = EVERY_LAW + (DEFAULT_ONLY if law == DEFAULT else ())
        for split in splits:
            row, draws = _fit(scenario, split, book, options.particles, options.moves)
            fits.append(row)
            print(
                {k: round(v, 2) if isinstance(v, float) else v for k, v in row.items()}, flush=True
            )
            names = [scenario.numbers[k].name for k in scenario.free]
            table = pd.DataFrame(draws, columns=names)
            if split == "full":
                table.to_csv(folder / f"{law}.csv", index=False, float_format="%.4f")
            elif split.startswith(WITHOUT):
                path = fit_file(scenario.country, law, split)
                path.parent.mkdir(exist_ok=True)
                table.to_csv(path, index=False, float_format="%.4f")
            if split != "full":
                scopes.append(score_scopes(scenario, draws, split).assign(law=law, split=split))
            if split == "to-2018":
                counts.append(score_counts(scenario, draws, split).assign(law=law, split=split))
            if split in ("full", "without-january"):
                futures += _futures(options.pack, law, split, draws)
        prior = np.random.default_rng(1).standard_normal((options.particles, len(scenario.free)))
        futures += _futures(options.pack, law, "prior", prior)
        tables = {
            "fits": pd.DataFrame(fits),
            "counts": pd.concat(counts),
            "scopes": pd.concat(scopes),
            "futures": pd.DataFrame(futures),
        }
        for name, rows in tables.items():
            rows.to_csv(folder / f"{name}.csv", index=False, float_format="%.4g")


def _fit(
    scenario: YearsScenario, split: str, book: Workbook, particles: int, moves: int
) -> tuple[dict[str, object], Numbers]:
    """Return a row of ``fits.csv`` and the draws, from the book if they are there."""
    name = f"{scenario.law_name}--{split}"
    if not book.has(name):
        found = fit_years(scenario, split, particles=particles, moves=moves)
        posterior = found.posterior
        book.save(
            name,
            {
                "draws": posterior.draws,
                "numbers": np.array(
                    [
                        posterior.log_evidence,
                        np.median(posterior.log_likelihood),
                        posterior.acceptance[-3:].mean(),
                        posterior.ancestors,
                        found.counts,
                        found.triggers,
                    ]
                ),
            },
        )
    kept = book.load(name)
    columns = ("log_evidence", "log_likelihood", "acceptance", "ancestors", "counts", "triggers")
    row: dict[str, object] = {"law": scenario.law_name, "split": split}
    return row | dict(zip(columns, kept["numbers"].tolist(), strict=True)), kept["draws"]


def _futures(pack: str, law: str, split: str, draws: Numbers) -> list[dict[str, object]]:
    """Return the chance of further waves after the last dated month."""
    past = make_years_scenario(pack, law=law, belief="prior")
    scenario = dataclasses.replace(past, until=UNTIL)
    given = given_outcomes(scenario.country, scenario.years, ALWAYS)
    values = scenario.with_unfitted(scenario.values_at(draws), seed=1)
    found = run_histories(scenario, given, values, seed=1)
    start, regions = past.months, scenario.past.region_count
    rows: list[dict[str, object]] = []
    for years in HORIZONS:
        for least in range(2, len(SCOPES)):
            chance = wave_chance(found, start, start + 12 * years, regions, least)
            share = float(chance.mean())
            error = float(np.sqrt(share * (1.0 - share) / len(chance)))
            rows.append(
                {
                    "law": law,
                    "given": split,
                    "years": years,
                    "scope": SCOPES[least],
                    "chance": share,
                    "standard_error": error,
                }
            )
    return rows


if __name__ == "__main__":
    main()
