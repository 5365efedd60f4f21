"""What the rules say of later years, every part in the same columns, to be scored later."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from qantar.analysis.after import prosecutions, scorecards
from qantar.analysis.after.overview import AfterRecord
from qantar.analysis.after.promise_outlook import Range
from qantar.analysis.world.memberships import Prediction as Membership


class Prediction(NamedTuple):
    """A number of a later year, by the prior alone and once the sources are seen.

    Attributes
    ----------
    system, quantity, unit : str
    by : str
        The year, month or day that it is about.
    basis : str
        What is given: a law, an account, a scenario or a way to read the sources.
    prior_low, prior, prior_high, low, middle, high : float
        5 %, 50 % and 95 %; for promises and memberships the mean instead of the median. NaN
        where a part gives no such number.
    note : str
    """

    system: str
    quantity: str
    unit: str
    by: str
    basis: str
    prior_low: float
    prior: float
    prior_high: float
    low: float
    middle: float
    high: float
    note: str = ""


def prediction_table(record: AfterRecord) -> pd.DataFrame:
    """Return the predictions of every part of a pack, with the columns of `Prediction`."""
    found = [
        *_promises(record),
        *_prosecutions(record),
        *_memberships(record),
        *_balance(record),
        *_scores(record),
    ]
    return pd.DataFrame(found, columns=list(Prediction._fields))


def _range(found: Range) -> tuple[float, float, float]:
    return found.low, found.mean, found.high


def _promises(record: AfterRecord) -> Iterator[Prediction]:
    for each in record.promise_predictions:
        left = f"one decision left out: {each.left_out[0]:.2f} to {each.left_out[1]:.2f}"
        readings = (("told fates", each.told, left), ("silence read as a no", each.silent, ""))
        for reading, later, note in readings:
            yield Prediction(
                "D1",
                each.quantity,
                "share",
                each.by,
                f"{each.law}, {reading}",
                *_range(each.prior),
                *_range(later),
                note,
            )


def _prosecutions(record: AfterRecord) -> Iterator[Prediction]:
    if record.prosecutions is None:
        return
    rows = prosecutions.predictions(record.prosecutions)
    priors = {(r.quantity, r.by): r for r in rows if r.basis == prosecutions.PRIOR}
    for row in rows:
        prior = priors[row.quantity, row.by]
        if row is not prior:
            yield Prediction(
                "D7",
                row.quantity,
                "persons",
                row.by,
                row.basis,
                *(prior.q05, prior.q50, prior.q95),
                *(row.q05, row.q50, row.q95),
                f"chance of any {row.some:.2f}, by the prior {prior.some:.2f}",
            )


def _memberships(record: AfterRecord) -> Iterator[Prediction]:
    rows: tuple[Membership, ...] = () if record.alliance is None else record.alliance.predictions
    for row in rows:
        yield Prediction(
            row.system,
            row.what,
            row.unit,
            row.at,
            f"seen until {row.seen}",
            np.nan,
            row.prior,
            np.nan,
            row.low,
            row.probability,
            row.high,
            row.note,
        )


def _balance(record: AfterRecord) -> Iterator[Prediction]:
    for row in record.balance_predictions:
        yield Prediction(
            row.system,
            row.quantity,
            row.unit,
            row.period,
            f"{row.account}, {row.scenario}",
            *(row.prior_low, row.prior, row.prior_high),
            *(row.low, row.median, row.high),
            row.note,
        )


def _scores(record: AfterRecord) -> Iterator[Prediction]:
    if "scorecards" not in record.parts:
        return
    for row in scorecards.predictions(record.country).to_dict("records"):
        prior = _quantiles(row, "prior_")
        for name, basis in (("", "rule"), ("walk_", "random walk")):
            yield Prediction(
                "E6",
                f"{row['publisher']}: {row['label']}",
                str(row["edition"]),
                str(row["year"]),
                basis,
                *prior,
                *_quantiles(row, name),
                f"last score {row['last']:g} in {row['last_year']:.0f}",
            )


def _quantiles(row: Mapping[Hashable, Any], name: str) -> tuple[float, float, float]:
    low, middle, high = (float(row.get(f"{name}q{p}", np.nan)) for p in ("05", "50", "95"))
    return low, middle, high
