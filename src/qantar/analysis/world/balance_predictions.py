"""What the rules of the balance say of 2023 to 2025, to be scored later.

Nothing dated in these years is used. Every number stands beside that of the priors alone.
Memberships are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import beta

from qantar.analysis.world.balance import NULL
from qantar.analysis.world.balance_forces import ENDED, GIVEN, Scenario, index_of_month
from qantar.analysis.world.balance_members import ACCOUNTS, members_of, own_acts, quantiles
from qantar.analysis.world.balance_sentiment import sentiment_of
from qantar.packs.country import Country
from qantar.packs.world.balance import Balance, load_balance

YEARS = (2023, 2024, 2025)
SCENARIOS = {"the war goes on": GIVEN, "the war ended with 2022": ENDED}


@dataclass(frozen=True)
class Prediction:
    """A number of a later year, by the priors alone and once the sources until 2022 are seen.

    Attributes
    ----------
    system, quantity, unit, period, account, scenario : str
    prior_low, prior, prior_high : float
        5 %, 50 % and 95 % of the priors.
    low, median, high : float
        The same, once acts or polls are seen.
    note : str
    """

    system: str
    quantity: str
    unit: str
    period: str
    account: str
    scenario: str
    prior_low: float
    prior: float
    prior_high: float
    low: float
    median: float
    high: float
    note: str = ""


def predictions(country: Country) -> list[Prediction]:
    """Return predictions for 2023 to 2025; none if the pack has no balance.

    Parameters
    ----------
    country : Country
    """
    balance = load_balance(country)
    if balance is None:
        return []
    found = []
    for name, scenario in SCENARIOS.items():
        if own_acts(balance):
            found += _acts(country, balance, name, scenario)
        found += _sentiment(country, balance, name, scenario)
    return [*found, *_constant(balance)]


_ACTS = "Share of dated acts of the state and of firms that move away from Russia"
_EXPECTED = "expected share: the share among few acts scatters around it"


def _acts(country: Country, balance: Balance, name: str, scenario: Scenario) -> list[Prediction]:
    acts = own_acts(balance)
    found = []
    for account in ACCOUNTS:
        members = members_of(country, balance, account, scenario)
        weights = members.weights(acts)
        for year in YEARS:
            first = index_of_month(f"{year}-01")
            share = members.index[:, first : first + 12].mean(axis=1)
            numbers = (*quantiles(share), *quantiles(share, weights))
            found.append(
                Prediction("C3", _ACTS, "share", str(year), account, name, *numbers, _EXPECTED)
            )
    return found


def _constant(balance: Balance) -> list[Prediction]:
    """Return the null: constant odds, learnt from the acts (uniform prior)."""
    acts = own_acts(balance)
    away = sum(act.direction == "away" for act in acts)
    if not acts:
        return []
    prior, later = _interval(1.0, 1.0), _interval(1.0 + away, 1.0 + len(acts) - away)
    return [
        Prediction("C3", _ACTS, "share", str(year), NULL, "any", *prior, *later, _EXPECTED)
        for year in YEARS
    ]


def _interval(away: float, toward: float) -> tuple[float, float, float]:
    """Return the 5 %, 50 % and 95 % quantiles of a beta distribution."""
    low, middle, high = (float(beta.ppf(at, away, toward)) for at in (0.05, 0.5, 0.95))
    return low, middle, high


def _sentiment(
    country: Country, balance: Balance, name: str, scenario: Scenario
) -> list[Prediction]:
    found = []
    for each in sentiment_of(country, balance, scenario):
        if each.answer is None:
            continue
        for year in YEARS:
            month = index_of_month(f"{year}-12")
            numbers = (*quantiles(each.free[:, month]), *quantiles(each.anchored[:, month]))
            found.append(
                Prediction(
                    "C2",
                    f"{each.answer.label}: {each.group}",
                    "share",
                    f"{year}-12",
                    "sentiment",
                    name,
                    *numbers,
                    f"from the poll {each.answer.poll} on; exposure to media is assumed",
                )
            )
    return found
