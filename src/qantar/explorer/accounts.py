"""The rival accounts side by side: what each is made of, and what comparing them found."""

from __future__ import annotations

from typing import Any

import pandas as pd

from qantar.country.pack import Country
from qantar.errors import FileError
from qantar.evidence import Ledger
from qantar.explorer.plain import number, plain
from qantar.explorer.reliability import reliability
from qantar.model.catalogue import mechanisms
from qantar.scenario.account import FRAMES, Account, list_accounts, load_account
from qantar.scenario.episode import Episode
from qantar.scenario.matrix import account_matrix
from qantar.study.compare.comparison import Comparison
from qantar.study.compare.leading import leader
from qantar.study.compare.shelf import MANIFEST, is_stale, read_shelf, shelf_of
from qantar.study.compare.tables import pairs_with
from qantar.study.compare.verdict import PairVerdict
from qantar.study.evidence import country_ledger, has_evidence
from qantar.view.comparison.rows import STRENGTHS
from qantar.view.evidence.names import Badge, Reader

SHARES = {
    "likelihood": "recalibrated",
    "classifier": "classifier_recalibrated",
    "probability": "recalibrated",
}
"""Columns of the comparison that are shown: after recalibration, as on the page of a comparison.
Before it a method is far surer than it has a right to be."""

LEAST_SHARE = 0.005
"""Smaller shares are not written as 0 %."""


def accounts_payload(
    country: Country, episode: Episode, ledger: Ledger | None = None
) -> dict[str, Any]:
    """Return the accounts of a pack, and what the shipped comparison on an episode found.

    Parameters
    ----------
    country : Country
    episode : Episode
    ledger : Ledger, optional
        The evidence of the country, where it was read already; it gives sources their letters.

    Returns
    -------
    dict
        ``likelihood``, ``classifier`` and ``probability`` are 0 to 1 and sum to 1 over accounts;
        None without a comparison. ``probability`` is that of the main method, the likelihood.
        ``headline`` and ``reliability`` are None where no fresh comparison is on the shelf, and
        ``cautions`` says how to make one. ``headline`` names no leader where no two stories can be
        told apart; ``verdict`` is the shelf's own, which does.

    Raises
    ------
    FileError
        If an account of the pack cannot be used.
    """
    if ledger is None and has_evidence(country):
        ledger = country_ledger(country)
    found, cautions = _shelf(country, episode)
    tables = found.tables if found else {}
    told = [load_account(country, name) for name in list_accounts(country)]
    fresh = found is not None and not cautions
    compared = tables.get("accounts", pd.DataFrame({"account": []}))
    missing = [account.name for account in told if account.name not in set(compared["account"])]
    if found and missing:
        cautions.append(f"Not compared: {', '.join(missing)}.")
    return {
        "accounts": _accounts(told, compared, Reader(ledger).badges if ledger else {}),
        "mechanisms": [
            {"name": name, "title": mechanism.title} for name, mechanism in mechanisms().items()
        ],
        "headline": _headline(tables) if fresh else None,
        "verdict": plain(found.headline) if found and fresh else None,
        "reliability": reliability(tables["methods"], tables["pairs"]) if found else None,
        "pairs": _pairs(tables["pairs"]) if found else [],
        "cautions": cautions,
    }


def _shelf(country: Country, episode: Episode) -> tuple[Comparison | None, list[str]]:
    """Return the shipped comparison if there is one, and what must be said beside it."""
    folder = shelf_of(country, episode.name)
    mend = f"Make one anew: `qantar compare {episode.name} --from-scratch`, which takes hours; "
    mend += "add `--quick` for a first look within minutes."
    if not (folder / MANIFEST).is_file():
        return None, [f"This pack ships no comparison of accounts on {episode.name}. {mend}"]
    try:
        found, changed = read_shelf(folder), is_stale(folder, country)
    except FileError:
        return None, [f"The comparison of accounts on {episode.name} is damaged. {mend}"]
    if changed:
        return found, [
            "The comparison of accounts is out of date: what it rests on has changed since "
            f"({', '.join(changed[:3])}{' and more' if len(changed) > 3 else ''}). {mend}"
        ]
    return found, []


def _accounts(
    told: list[Account], compared: pd.DataFrame, badges: dict[str, Badge]
) -> list[dict[str, Any]]:
    by_name = {str(row["account"]): row for row in compared.to_dict("records")}
    parts = account_matrix(told)
    blind = {account.blind_twin_of for account in told}
    rows = []
    for account in told:
        own = by_name.get(account.name)
        letters = [badges[key].letter for key in account.told_by if key in badges]
        rows.append(
            {
                "name": account.name,
                "title": plain(account.title),
                "summary": plain(account.summary.strip()),
                "source": ", ".join(account.told_by),
                "letter": "".join(letters),
                "letters": letters,
                "mechanisms": {name: str(row[account.name]) for name, row in parts.items()},
                **{key: number(own[name]) if own else None for key, name in SHARES.items()},
                "hindsight": account.name in blind,
                "blind_twin_of": account.blind_twin_of,
                "frame": account.name in FRAMES,
            }
        )
    return rows


def _headline(tables: dict[str, pd.DataFrame]) -> str:
    """Return the verdict in plain words: who leads, if anybody can be told apart from somebody.

    A leader that no method tells from any other story is none: there the largest share of each
    method is given with that of the other.
    """
    accounts, pairs = tables["accounts"], tables["pairs"]
    named = dict(zip(accounts["account"], accounts["title"], strict=True))
    titles = {name: f"“{plain(str(title))}”" for name, title in named.items()}
    stories = ~pairs["better"].isin(FRAMES) & ~pairs["worse"].isin(FRAMES)
    if not (stories & (pairs["strength"] != "not")).any():
        return _nobody(accounts, titles)
    best = leader(accounts)
    verdicts = pairs_with(pairs, best)
    told = [pair for pair in verdicts if pair.strength != "not"]
    text = f"Of the stories told without hindsight, {titles[best]} leads."
    if not told:
        return f"{text} It cannot be told apart from any other account on these facts."
    for pair in told:
        text += f" {_than(pair, best, titles[_other(pair, best)])}"
    alike = len(verdicts) - len(told)
    rest = "the other" if alike == 1 else f"the other {alike}"
    return f"{text} It cannot be told apart from {rest} on these facts." if alike else text


def _nobody(accounts: pd.DataFrame, titles: dict[str, str]) -> str:
    """Say that no story stands out, with the largest share of each method and the other's."""
    text = "No account stands out: no two stories can be told apart on these facts."
    hindsight = accounts["account"].isin(set(accounts["blind_twin_of"]))
    stories = accounts[~hindsight & ~accounts["account"].isin(FRAMES)]
    if stories.empty:
        return text
    first, second = (_most(stories, name, titles) for name in ("likelihood", "classifier"))
    return f"{text} Of those told without hindsight, {first}, and {second}."


def _most(stories: pd.DataFrame, method: str, titles: dict[str, str]) -> str:
    """Say which story has the largest share by a method, and what the other method gives it."""
    other = "classifier" if method == "likelihood" else "likelihood"
    row = stories.sort_values(SHARES[method], ascending=False).iloc[0]
    # A twin is titled after its original; the original's title tells more.
    title = titles.get(str(row["blind_twin_of"]), titles[str(row["account"])])
    own, theirs = (_percent(float(row[SHARES[name]])) for name in (method, other))
    return f"the {method} gives most to {title} ({own}; the {other} gives it {theirs})"


def _percent(share: float) -> str:
    return (
        f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
        if share >= LEAST_SHARE
        else "under 1\N{NO-BREAK SPACE}%"
    )


def _than(pair: PairVerdict, best: str, title: str) -> str:
    way = "better" if pair.better == best else "less well"
    return f"It is {pair.strength} {way} supported than {title}."


def _other(pair: PairVerdict, best: str) -> str:
    return pair.worse if pair.better == best else pair.better


def _pairs(pairs: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "a": row["better"],
            "b": row["worse"],
            "strength": row["strength"],
            "symbol": STRENGTHS[row["strength"]].symbol,
            "reason": row["reason"],
        }
        for row in pairs.to_dict("records")
    ]
