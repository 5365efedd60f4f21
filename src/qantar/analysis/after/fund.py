"""The fund of a pack: what is told of it, and a balance whose amounts are priors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.analysis.after.numbers import DRAWS, drawn
from qantar.analysis.state.checks import Check
from qantar.base.arrays import Numbers
from qantar.model.after.fund import LAWS, NAME, FundFlows, FundNumbers, divide, follow_fund
from qantar.packs.after.fund import Fund, FundItem, load_fund
from qantar.packs.country import Country
from qantar.packs.years_tables import month_number
from qantar.rng import key_of, stable_id, uniform

LAST = "2035-12"
"""Last month that is drawn."""

_STREAM = stable_id("after-fund") % 2**16
_MONTHS = 12


class FundYear(NamedTuple):
    """Flows of a fund by the end of a year, in billions: median and 90 % range of draws.

    Attributes
    ----------
    law : str
    year : int
    donations, spending, balance : tuple of float
        All so far, and what is left: 5 %, 50 % and 95 %.
    """

    law: str
    year: int
    donations: tuple[float, ...]
    spending: tuple[float, ...]
    balance: tuple[float, ...]


def draw_fund(fund: Fund, law: str, draws: int = DRAWS, seed: int = 1) -> FundFlows:
    """Return the flows of a fund from the month of its order to `LAST`."""
    months = month_number(LAST) - fund.first + 1
    return follow_fund(FundNumbers(**drawn(NAME, draws, seed)), law, months)


def divided_spending(fund: Fund, flows: FundFlows, seed: int = 1) -> dict[str, Numbers]:
    """Return all that is spent by purpose: the purposes are told, their shares are not."""
    purposes = [item.item for item in fund.of("purpose")]
    luck = [
        [uniform(key_of(seed, k), _STREAM, stable_id(name), 0, 0) for name in purposes]
        for k in range(len(flows.balance))
    ]
    parts = divide(flows.spending.sum(axis=1), -np.log(np.array(luck)))
    return {name: parts[:, k] for k, name in enumerate(purposes)}


def fund_table(country: Country) -> list[FundYear]:
    """Return the flows at the end of each year by law; empty without a fund."""
    fund = load_fund(country)
    if fund is None:
        return []
    found = []
    for law in LAWS:
        flows = draw_fund(fund, law)
        given, spent = np.cumsum(flows.donations, axis=1), np.cumsum(flows.spending, axis=1)
        for at in range(_MONTHS - 1 - fund.first % _MONTHS, given.shape[1], _MONTHS):
            ranges = [
                tuple(np.quantile(each[:, at], (0.05, 0.5, 0.95)).tolist())
                for each in (given, spent, flows.balance)
            ]
            found.append(FundYear(law, (fund.first + at) // _MONTHS, *ranges))
    return found


def fund_checks(country: Country) -> list[Check]:
    """Return what the sources tell of the fund and of the fee, and what they do not."""
    fund = load_fund(country)
    if fund is None:
        return []
    found = [_told(item) for item in fund.of("founded", "donor", "purpose", "operator")]
    flows = draw_fund(fund, LAWS[0])
    lost = flows.donations.sum(axis=1) - flows.spending.sum(axis=1) - flows.balance[:, -1]
    low, high = np.quantile(flows.donations[:, :_MONTHS].sum(axis=1), (0.05, 0.95))
    named = "; ".join(dict.fromkeys(fund.names))
    claims = tuple(claim for item in fund.of("founded", "name") for claim in item.claim_ids)
    amounts = [item for item in fund.items if item.amount is not None]
    return [
        *found,
        Check("D4", "names of the fund", named, "read as one fund", "input", claims),
        Check(
            "D4",
            "amounts given and spent",
            f"{len(amounts)} told" if amounts else "no source read here tells any",
            f"prior alone: {low:.0f} to {high:.0f} billion in the first year (90 %)",
            "not told",
            (),
            "balance is conserved in every draw, by construction: largest gap "
            f"{float(np.abs(lost).max()):.1g}",
        ),
        *(
            Check(
                "D4",
                f"assets asked back: {item.item}",
                item.label,
                "no sum and no return is told; the fund gets none of it",
                "not told",
                item.claim_ids,
                item.note,
            )
            for item in fund.of("recovery")
        ),
    ]


def _told(item: FundItem) -> Check:
    stated = f"{item.label}{f' ({item.name})' if item.name else ''}, {item.date}"
    return Check("D4", f"{item.kind}: {item.item}", stated, "the same", "input", item.claim_ids)
