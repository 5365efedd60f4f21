"""Rival accounts of the balance, scored on dated acts: a turn toward Russia against distance.

The acts of the state and of firms after 11 January 2022 are few, and one source chose them. An
account gives each act the chance that it moves away; the joint log score of all acts and the Brier
score compare accounts with a null: acts move away at constant odds, learnt from act to act (a
uniform prior). Scores are given with the war known, and as of 11 January 2022, when no forecast
could know of it. The account of distance was written after the acts: its scores are no forecast.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import betaln, logsumexp

from qantar.analysis.state.event_laws import TOLD_APART
from qantar.analysis.world.balance_forces import BEFORE, FORECAST, GIVEN, PARTNER, TOLD, Scenario
from qantar.analysis.world.balance_members import (
    ACCOUNTS,
    OPEN,
    Members,
    members_of,
    own_acts,
    quantiles,
)
from qantar.packs.country import Country
from qantar.packs.world.balance import Balance
from qantar.packs.world.balance_tables import Act
from qantar.packs.years_tables import first_day, last_day

NULL = "constant odds"

KNOWLEDGE = {"war known": GIVEN, f"as of {FORECAST}": BEFORE}
"""What is known when acts are predicted."""

SIGNS = ("war", "debt")
"""Effects whose sign the accounts dispute."""

SCORE_COLUMNS = ["account", "knowledge", "acts", "away", "chance"]
SCORE_COLUMNS += ["log_score", "brier", "against_null", "verdict"]


def split(acts: Sequence[Act]) -> tuple[list[Act], list[Act]]:
    """Return acts up to the day of the forecasts, and those after it until the sources end."""
    day, end = last_day(FORECAST), last_day(TOLD)
    before = [act for act in acts if first_day(act.date) <= day]
    after = [act for act in acts if day < first_day(act.date) <= end]
    return before, after


def score_table(
    country: Country, balance: Balance, acts: Sequence[Act] | None = None, telling: float = 1.0
) -> pd.DataFrame:
    """Score every account on the acts after the day of the forecasts.

    Parameters
    ----------
    country : Country
    balance : Balance
    acts : sequence of Act, optional
        By default those of the state and of firms.
    telling : float
        How many times as often an act away is told as one toward.

    Returns
    -------
    DataFrame
        account, knowledge, acts, away (their number), chance (mean predicted share away),
        log_score (joint), brier (mean), against_null, verdict.
    """
    before, after = split(own_acts(balance) if acts is None else acts)
    if not after:
        return pd.DataFrame(columns=SCORE_COLUMNS)
    away = sum(act.direction == "away" for act in after)
    null = _score_null(before, after)
    rows = [(NULL, "any", len(after), away, *null, 0.0, "the null")]
    for knowledge, scenario in KNOWLEDGE.items():
        for account in ACCOUNTS:
            members = members_of(country, balance, account, scenario)
            score = score_members(members, before, after, telling)
            gain = score[1] - null[1]
            rows.append((account, knowledge, len(after), away, *score, gain, verdict_on(gain)))
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


def verdict_on(gain: float) -> str:
    """Say whether a difference of log scores tells two accounts apart."""
    if abs(gain) < TOLD_APART:
        return "cannot be told apart"
    return "better" if gain > 0 else "worse"


def score_members(
    members: Members, before: Sequence[Act], after: Sequence[Act], telling: float = 1.0
) -> tuple[float, float, float]:
    """Return mean chance of an act away, joint log score, and mean Brier score."""
    weights = members.weights(before, telling)
    logs = members.log_chances(after, telling)
    joint = float(logsumexp(logs.sum(axis=1), b=weights))
    right = weights @ np.exp(logs)
    signs = np.array([act.direction == "away" for act in after])
    chance = np.where(signs, right, 1.0 - right)
    return float(chance.mean()), joint, float(np.mean((1.0 - right) ** 2))


def _score_null(before: Sequence[Act], after: Sequence[Act]) -> tuple[float, float, float]:
    """Return the scores of constant odds that the acts before teach (uniform prior)."""
    away = 1.0 + sum(act.direction == "away" for act in before)
    toward = 1.0 + sum(act.direction == "toward" for act in before)
    later = sum(act.direction == "away" for act in after)
    chance = away / (away + toward)
    joint = betaln(away + later, toward + len(after) - later) - betaln(away, toward)
    brier = (later * (1 - chance) ** 2 + (len(after) - later) * chance**2) / len(after)
    return float(chance), float(joint), float(brier)


def act_table(country: Country, balance: Balance) -> pd.DataFrame:
    """Return the dated acts with the chance that each account gave to their direction.

    Returns
    -------
    DataFrame
        act, date, label, direction, scored; for each account: its chance of an act away in that
        month from the priors (`prior_ACCOUNT`) and once every other act is seen (`others_ACCOUNT`,
        leave-one-out).
    """
    acts = own_acts(balance)
    _, after = split(acts)
    scored = {act.act for act in after}
    table = pd.DataFrame(
        [(a.act, a.date, a.label, a.direction, a.act in scored) for a in acts],
        columns=["act", "date", "label", "direction", "scored"],
    )
    for account in ACCOUNTS:
        members = members_of(country, balance, account)
        logs = members.log_chances(acts)
        signs = np.array([act.direction == "away" for act in acts])
        away = np.where(signs, np.exp(logs), 1.0 - np.exp(logs))
        table[f"prior_{account}"] = away.mean(axis=0)
        rest = logs.sum(axis=1, keepdims=True) - logs
        weights = np.exp(rest - logsumexp(rest, axis=0))
        table[f"others_{account}"] = (weights * away).sum(axis=0)
    return table


def sign_table(country: Country, balance: Balance) -> pd.DataFrame:
    """Return what the acts say of the disputed signs, beside the priors.

    Returns
    -------
    DataFrame
        effect, account, prior (chance above zero), posterior (after all acts), without_one_low,
        without_one_high (least and most with one act left out), low, median, high (of the effect,
        after all acts).
    """
    acts = own_acts(balance)
    rows = []
    for account in ACCOUNTS:
        members = members_of(country, balance, account)
        sets = [[*acts[:k], *acts[k + 1 :]] for k in range(len(acts))]
        for effect in SIGNS:
            values = members.numbers[effect]
            above = values > 0
            posterior = members.weights(acts)
            without = [float(members.weights(each) @ above) for each in sets] or [np.nan]
            rows.append(
                (
                    effect,
                    account,
                    float(above.mean()),
                    float(posterior @ above),
                    min(without),
                    max(without),
                    *quantiles(values, posterior),
                )
            )
    columns = ["effect", "account", "prior", "posterior", "without_one_low", "without_one_high"]
    return pd.DataFrame(rows, columns=[*columns, "low", "median", "high"])


def reading_table(country: Country, balance: Balance) -> pd.DataFrame:
    """Return how far the lead of distance over the turn depends on how acts are read.

    Returns
    -------
    DataFrame
        reading, acts, lead (log score of distance less that of the turn, war known), lead_before
        (as of the day of the forecasts), verdict.
    """
    acts = own_acts(balance)
    readings: dict[str, tuple[Sequence[Act], float]] = {"as coded": (acts, 1.0)}
    readings["state alone, without firms"] = (own_acts(balance, business=False), 1.0)
    readings["acts away told three times as often"] = (acts, 3.0)
    readings[f"acts until {FORECAST} left out"] = (split(acts)[1], 1.0)
    for act in balance.acts:
        if act.actor in ("state", "business") and act.partner == PARTNER:
            if act.direction == "open" and len(act.date) > len("YYYY"):
                for direction in ("toward", "away"):
                    other = act.model_copy(update={"direction": direction})
                    readings[f"{act.act} read as {direction}"] = (_ordered([*acts, other]), 1.0)
            elif act.direction != "open" and act.other_date[:4] not in ("", act.date[:4]):
                moved = act.model_copy(update={"date": act.other_date})
                rest = [each for each in acts if each.act != act.act]
                readings[f"{act.act} on {act.other_date}"] = (_ordered([*rest, moved]), 1.0)
    rows = []
    for reading, (read, telling) in readings.items():
        leads = [_lead(country, balance, read, telling, each) for each in KNOWLEDGE.values()]
        rows.append((reading, len(split(read)[1]), *leads, verdict_on(leads[0])))
    return pd.DataFrame(rows, columns=["reading", "acts", "lead", "lead_before", "verdict"])


def _ordered(acts: Sequence[Act]) -> list[Act]:
    return sorted(acts, key=lambda act: (act.month, act.date))


def _lead(
    country: Country, balance: Balance, acts: Sequence[Act], telling: float, scenario: Scenario
) -> float:
    before, after = split(acts)
    turn, distance = (
        score_members(members_of(country, balance, account, scenario), before, after, telling)[1]
        for account in ACCOUNTS
        if account != OPEN
    )
    return distance - turn
