"""What regions keep and get in the last year, beside what the ledger of the pack claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qantar.analysis.years.run import YearsRun
from qantar.analysis.years.tables import LEVELS, comparable
from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger, has_evidence

if TYPE_CHECKING:
    from qantar.evidence import Claim

KINDS = {
    "own_revenue": "own",
    "general_transfer": "general",
    "earmarked_transfer": "earmarked",
}
"""Variables of regions, with the ``scope`` of claims about them."""

SUBJECT = "fiscal-transfers"
"""Subject of the claims that are compared."""

MIDDLE = (LEVELS[0], 0.5, LEVELS[-1])


def money_table(run: YearsRun) -> pd.DataFrame:
    """Return revenue and transfers of every region in the last year of the free histories.

    Returns
    -------
    DataFrame
        region, year, kind (own, general, earmarked), q05, q50, q95 in percent of the country's
        product per head, share_none (of members in which it is nothing), claim (the source and
        place of a claim that the region gets none of it; empty without one) and verdict: ``hit``
        if the region gets none in half of the members or more, ``miss``, or empty.
    """
    histories = comparable(run)
    claims = claims_of_nothing(run.scenario.country)
    year = int(run.scenario.years.header.first[:4]) + histories.regions.shape[1] - 1
    rows = []
    for k, region in enumerate(run.scenario.country.regions):
        for variable, kind in KINDS.items():
            values = 100.0 * histories.by_region(variable)[:, -1, k].astype(np.float64)
            low, middle, high = np.quantile(values, MIDDLE)
            none = float(np.mean(values <= 0.0))
            found = claims.get((region.region, kind), ())
            rows.append(
                {
                    "region": region.region,
                    "year": year,
                    "kind": kind,
                    "q05": low,
                    "q50": middle,
                    "q95": high,
                    "share_none": none,
                    "claim": "; ".join(f"{each.source} {each.locator}" for each in found),
                    "verdict": ("hit" if none >= 0.5 else "miss") if found else "",
                }
            )
    return pd.DataFrame(rows)


def claims_of_nothing(country: Country) -> dict[tuple[str, str], tuple[Claim, ...]]:
    """Return the claims that regions get no transfers, by region and kind of transfer."""
    if not has_evidence(country):
        return {}
    spellings = {region.region: region.region for region in country.regions}
    spellings |= {f"{region.region} Region": region.region for region in country.regions}
    found: dict[tuple[str, str], list[Claim]] = {}
    for claim in country_ledger(country).claims.values():
        if claim.subject != SUBJECT or claim.reading != "none" or not claim.scope:
            continue
        for place in claim.places:
            if place in spellings:
                found.setdefault((spellings[place], claim.scope), []).append(claim)
    # Two claims of one passage say the same of a region: the first one stands.
    return {key: _by_passage(claims) for key, claims in found.items()}


def _by_passage(claims: list[Claim]) -> tuple[Claim, ...]:
    passages = {(claim.source, claim.locator): claim for claim in reversed(claims)}
    return tuple(reversed(passages.values()))
