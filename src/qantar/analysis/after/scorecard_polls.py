"""What the polls of a pack would show if they were asked again under a package (E3, E4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.after.scorecard_posteriors import SHOWN
from qantar.base.arrays import Numbers
from qantar.model.after.poll_answers import asked_again, asked_again_unchanged, house_weights
from qantar.packs.after.scorecards import scorecard_numbers
from qantar.packs.country import Country
from qantar.packs.state.polls import Answer, load_polls
from qantar.packs.years_tables import month_number

LINKS: Mapping[tuple[str, str, str], str] = {
    ("thesis", "q8", "trust-courts"): "court_trust",
    ("thesis", "q9", "believe"): "trust",
}
"""Index of the years for an answer: poll, question, answer. No index stands for the other answers,
and none for what the polls of E4 asked."""

_YEARS = (2023, 2024, 2025)

_NODES = np.linspace(-3.0, 3.0, 41)
"""Standard normal scores of house effects on the grid."""


def polls_under(
    country: Country,
    indices: Mapping[str, Numbers],
    first: str = "1991-01",
    years: Sequence[int] = _YEARS,
) -> pd.DataFrame:
    """Return what polls would show in later Decembers, in percent of a sample of the same size.

    Parameters
    ----------
    country : Country
    indices : mapping of float arrays (members, months)
        Indices of histories by name, those of `LINKS`; an answer without its index is left out.
    first : str
        Their first month.
    years : sequence of int

    Returns
    -------
    DataFrame
        poll, question, answer, label, index, sample, told (share found), year; q05, q50, q95 by
        the rule; same_*: if nothing changed but who is asked; prior_*: by the rule before the poll
        is seen. Months outside the histories are left out.
    """
    polls = load_polls(country)
    rows = []
    for (poll, question, answer), index in LINKS.items():
        row = None if polls is None else polls.answer(poll, question, answer)
        if row is None or row.count is None or row.sample is None or index not in indices:
            continue
        asked = month_number(row.begins or first) - month_number(first)
        values = np.atleast_2d(indices[index])
        for year in years:
            month = 12 * year + 11 - month_number(first)
            if 0 <= asked <= month < values.shape[1]:
                rows.append(
                    {"poll": poll, "question": question, "answer": answer, "label": row.label}
                    | {"index": index, "sample": row.sample, "told": row.share, "year": year}
                    | _shares(row, values[:, asked], values[:, month])
                )
    return pd.DataFrame(rows)


def _shares(row: Answer, then: Numbers, later: Numbers) -> dict[str, Any]:
    """Return quantiles in percent: by the rule, unchanged, and before the poll is seen."""
    assert row.count is not None
    assert row.sample is not None
    number = scorecard_numbers()["house"]
    house = np.array([0.0 if number.prior is None else number.prior.value_at(s) for s in _NODES])
    prior = np.exp(-0.5 * _NODES**2) / np.sum(np.exp(-0.5 * _NODES**2))
    seen = house_weights(then, house, prior, row.count, row.sample)
    unseen = np.tile(prior / len(then), (len(then), 1))
    found = {
        "": asked_again(later, house, seen, row.sample, SHOWN),
        "same_": asked_again_unchanged(row.count, row.sample, SHOWN),
        "prior_": asked_again(later, house, unseen, row.sample, SHOWN),
    }
    return {
        f"{name}q{100 * level:02.0f}": 100.0 * float(value)
        for name, values in found.items()
        for level, value in zip(SHOWN, values, strict=True)
    }
