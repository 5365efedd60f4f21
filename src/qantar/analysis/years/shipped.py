"""What the fits shipped with a pack say: scores beside baselines, and the years to come by law.

`scripts/fit_years.py` writes the tables; see docs/decisions/0023-protocol-of-the-years.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qantar.packs.country import Country
from qantar.packs.years_tables import FOLDER
from qantar.simulate.years.scenario import FITTED

JANUARY = "without-january"
"""The split that holds the last wave back."""

PRIOR = "prior"


@dataclass(frozen=True)
class ShippedFits:
    """Tables of the fits of a pack.

    Attributes
    ----------
    fits : DataFrame
        law, split, log_evidence and diagnostics.
    counts : DataFrame
        Scores of counts after 2018 from data to 2018: predictor, monitor, from, to, value,
        log_score, crps, q05, q50, q95, law.
    scopes : DataFrame
        Scores of triggers that were not fitted: predictor, trigger, observed, the probability of
        every class, log_score, rps, law, split.
    futures : DataFrame
        law, given (``prior`` or a split), years, scope, chance, standard_error.
    recovery : DataFrame or None
        parameter, fits, covered_50, covered_90, width, correlation, law, of fits to histories with
        known parameters; None if the pack ships none.
    """

    fits: pd.DataFrame
    counts: pd.DataFrame
    scopes: pd.DataFrame
    futures: pd.DataFrame
    recovery: pd.DataFrame | None = None

    def count_scores(self) -> pd.DataFrame:
        """Return mean scores of counts: predictor, log_score, crps, counts; the best first."""
        table = self.counts.copy()
        laws = table["predictor"] == "law"
        table.loc[laws, "predictor"] = "law: " + table["law"]
        table = table.drop_duplicates(["predictor", "monitor", "from", "to"])
        means = table.groupby("predictor", as_index=False).agg(
            log_score=("log_score", "mean"), crps=("crps", "mean"), counts=("value", "size")
        )
        return means.sort_values("crps", ignore_index=True)

    def scope_scores(self) -> pd.DataFrame:
        """Return mean scores of scopes: law, split, predictor, log_score, rps, triggers."""
        keys = ["law", "split", "predictor"]
        return self.scopes.groupby(keys, as_index=False).agg(
            log_score=("log_score", "mean"), rps=("rps", "mean"), triggers=("trigger", "size")
        )

    def held_wave(self, law: str, trigger: str) -> pd.Series | None:
        """Return how a law sees a wave that was held back alone, or None if it was not."""
        table = self.scopes
        chosen = table[
            (table["law"] == law)
            & (table["trigger"] == trigger)
            & (table["predictor"] == "law")
            & table["split"].str.startswith("without-")
        ]
        return None if chosen.empty else chosen.iloc[0]

    def futures_by_law(self, scope: str, years: int) -> pd.DataFrame:
        """Return the chance of a wave by law: law, fitted, without_january, prior.

        Parameters
        ----------
        scope : str
            That or wider.
        years : int
            After the last dated month.
        """
        table = self.futures
        chosen = table[(table["scope"] == scope) & (table["years"] == years)]
        wide = chosen.pivot_table(index="law", columns="given", values="chance", sort=False)
        for name in ("full", JANUARY, PRIOR):
            if name not in wide:
                wide[name] = np.nan
        wide = wide.rename(columns={"full": "fitted", JANUARY: "without_january"})
        return wide[["fitted", "without_january", PRIOR]].reset_index()


def shipped_fits(country: Country) -> ShippedFits | None:
    """Return the tables of the fits that a pack ships, or None if it ships none."""
    folder = country.folder / FOLDER / FITTED
    paths = {name: folder / f"{name}.csv" for name in ("fits", "counts", "scopes", "futures")}
    if not all(path.is_file() for path in paths.values()):
        return None
    recovery = folder / "recovery.csv"
    return ShippedFits(
        **{name: pd.read_csv(path) for name, path in paths.items()},
        recovery=pd.read_csv(recovery) if recovery.is_file() else None,
    )
