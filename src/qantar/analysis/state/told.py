"""Which facts a pack's own sources tell."""

from __future__ import annotations

from collections.abc import Iterable

from qantar.analysis.state.checks import Check
from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger, has_evidence


def told(country: Country, found: Iterable[Check]) -> list[Check]:
    """Return the facts whose claims are in the ledger of a pack, or that cite none.

    A check may ask for what only the sources of one country tell; for every other country it is
    left out.

    Parameters
    ----------
    country : Country
    found : iterable of Check

    Returns
    -------
    list of Check
    """
    claims = country_ledger(country).claims if has_evidence(country) else {}
    return [check for check in found if all(claim in claims for claim in check.claims)]
