"""Accounts payload: what each account is made of, and how the accounts compare.

`accounts_payload` joins the accounts of a pack with the shipped comparison. `reliability` says how
far that comparison can be trusted, in sentences for readers without statistics.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from qantar.analysis.compare.archive import MANIFEST, archive_folder, is_stale, read_archive
from qantar.analysis.compare.comparison import Comparison, leader
from qantar.analysis.compare.comparison_tables import pairs_with
from qantar.analysis.compare.reliability import LEAST_ACCURACY
from qantar.base.errors import FileError
from qantar.evidence import Ledger
from qantar.explorer.request import number, plain
from qantar.model.hour import mechanisms
from qantar.packs.account import FRAMES, Account, account_matrix, list_accounts, load_account
from qantar.packs.country import Country
from qantar.packs.episode import Episode
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.reports.comparison.rows import STRENGTHS
from qantar.reports.evidence.names import Reader, SourceBadge
from qantar.reports.style import many

SHARES = {
    "likelihood": "recalibrated",
    "classifier": "classifier_recalibrated",
    "probability": "recalibrated",
}
"""Columns of the comparison that are shown: after recalibration, as on the page of a comparison.
Before it a method is far too confident."""

LEAST_SHARE = 0.005
"""Smaller shares are written as under 1 % instead of 0 %."""

HALF = 0.5


def accounts_payload(
    country: Country, episode: Episode, ledger: Ledger | None = None
) -> dict[str, Any]:
    """Return the accounts of a pack, and what the shipped comparison on an episode found.

    Parameters
    ----------
    country : Country
    episode : Episode
    ledger : Ledger, optional
        The evidence of the country, if it is already loaded; it gives sources their letters.

    Returns
    -------
    dict
        ``likelihood``, ``classifier`` and ``probability`` are 0 to 1 and sum to 1 over accounts;
        None without a comparison. ``probability`` is that of the main method, the likelihood.
        ``headline`` and ``verdict`` are None without an up-to-date comparison, ``reliability``
        without any; ``cautions`` says how to make one. Neither ``headline`` nor ``verdict``, which
        is the comparison's own, names a leader where no two stories can be told apart.

    Raises
    ------
    FileError
        If an account of the pack is invalid.
    """
    if ledger is None and has_evidence(country):
        ledger = country_ledger(country)
    found, cautions = _archived(country, episode)
    tables = found.tables if found else {}
    accounts = [load_account(country, name) for name in list_accounts(country)]
    fresh = found is not None and not cautions
    compared = tables.get("accounts", pd.DataFrame({"account": []}))
    missing = [each.name for each in accounts if each.name not in set(compared["account"])]
    if found and missing:
        cautions.append(f"Not compared: {', '.join(missing)}.")
    return {
        "accounts": _accounts(accounts, compared, Reader(ledger).badges if ledger else {}),
        "mechanisms": [
            {"name": name, "title": mechanism.title} for name, mechanism in mechanisms().items()
        ],
        "headline": _headline(tables) if fresh else None,
        "verdict": plain(found.headline) if found and fresh else None,
        "reliability": reliability(tables["methods"], tables["pairs"]) if found else None,
        "pairs": [
            {
                "a": row["better"],
                "b": row["worse"],
                "strength": row["strength"],
                "symbol": STRENGTHS[row["strength"]].symbol,
                "reason": row["reason"],
            }
            for row in (tables["pairs"].to_dict("records") if found else ())
        ],
        "cautions": cautions,
    }


def _archived(country: Country, episode: Episode) -> tuple[Comparison | None, list[str]]:
    """Return the shipped comparison, if there is one, and cautions about it."""
    folder = archive_folder(country, episode.name)
    hint = f"Make a new one: `qantar compare {episode.name} --from-scratch`, which takes hours; "
    hint += "add `--quick` for a preview within minutes."
    if not (folder / MANIFEST).is_file():
        return None, [f"This pack ships no comparison of accounts on {episode.name}. {hint}"]
    try:
        found, changed = read_archive(folder), is_stale(folder, country)
    except FileError:
        return None, [f"The comparison of accounts on {episode.name} is damaged. {hint}"]
    if changed:
        return found, [
            "The comparison of accounts is out of date: what it rests on has changed since "
            f"({', '.join(changed[:3])}{' and more' if len(changed) > 3 else ''}). {hint}"
        ]
    return found, []


def _accounts(
    accounts: list[Account], compared: pd.DataFrame, badges: dict[str, SourceBadge]
) -> list[dict[str, Any]]:
    """Return the accounts with their mechanisms, sources and shares in the comparison."""
    by_name = {str(row["account"]): row for row in compared.to_dict("records")}
    parts = account_matrix(accounts)
    blind = {account.blind_twin_of for account in accounts}
    rows = []
    for account in accounts:
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
    """Return the verdict in plain words: who leads, if any two stories can be told apart.

    A leader that no method distinguishes from another story is none: then the largest share of each
    method is given, with the share by the other method.
    """
    accounts, pairs = tables["accounts"], tables["pairs"]
    named = dict(zip(accounts["account"], accounts["title"], strict=True))
    titles = {name: f"“{plain(str(title))}”" for name, title in named.items()}
    stories = ~pairs["better"].isin(FRAMES) & ~pairs["worse"].isin(FRAMES)
    if not (stories & (pairs["strength"] != "not")).any():
        text = "No account stands out: no two stories can be told apart on these facts."
        hindsight = accounts["account"].isin(set(accounts["blind_twin_of"]))
        shown = accounts[~hindsight & ~accounts["account"].isin(FRAMES)]
        if shown.empty:
            return text
        first, second = (_largest(shown, name, titles) for name in ("likelihood", "classifier"))
        return f"{text} Of those told without hindsight, {first}, and {second}."
    best = leader(accounts)
    verdicts = pairs_with(pairs, best)
    apart = [pair for pair in verdicts if pair.strength != "not"]
    text = f"Of the stories told without hindsight, {titles[best]} leads."
    if not apart:
        return f"{text} It cannot be told apart from any other account on these facts."
    for pair in apart:
        way, other = "better", pair.worse
        if pair.better != best:
            way, other = "less well", pair.better
        text += f" It is {pair.strength} {way} supported than {titles[other]}."
    alike = len(verdicts) - len(apart)
    rest = "the other" if alike == 1 else f"the other {alike}"
    return f"{text} It cannot be told apart from {rest} on these facts." if alike else text


def _largest(stories: pd.DataFrame, method: str, titles: dict[str, str]) -> str:
    """Say which story has the largest share by a method, and its share by the other method."""
    other = "classifier" if method == "likelihood" else "likelihood"
    row = stories.sort_values(SHARES[method], ascending=False).iloc[0]
    # A twin is titled after its original; the original's title tells more.
    title = titles.get(str(row["blind_twin_of"]), titles[str(row["account"])])
    own, theirs = (float(row[SHARES[name]]) for name in (method, other))
    texts = [
        f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
        if share >= LEAST_SHARE
        else "under 1\N{NO-BREAK SPACE}%"
        for share in (own, theirs)
    ]
    return f"the {method} gives most to {title} ({texts[0]}; the {other} gives it {texts[1]})"


def reliability(methods: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, Any]:
    """Return the accuracy of each method on simulated truth, and how many pairs it distinguishes.

    Parameters
    ----------
    methods, pairs : DataFrame
        The tables of a comparison under these names.

    Returns
    -------
    dict
        ``sentences``, for readers without statistics; ``accuracy`` of each method and of guessing,
        0 to 1; ``pairs_told``, the pairs that can be told apart, of ``pairs``; ``stories_told`` of
        ``stories``, the same without frame accounts, which no source tells; ``sets``, the simulated
        data sets that the accuracy was measured on.
    """
    rows = methods[methods["recalibrated"].astype(bool)].to_dict("records")
    own = {str(row["method"]): row for row in rows}
    right = {name: float(own[name]["accuracy"]) for name in ("likelihood", "classifier")}
    chance, sets = float(rows[0]["chance"]), int(rows[0]["data_sets"])
    distinct = pairs["strength"] != "not"
    between = ~pairs["better"].isin(FRAMES) & ~pairs["worse"].isin(FRAMES)
    apart, stories = int((between & distinct).sum()), int(between.sum())
    sentences = [
        f"Tried on {many(sets, 'simulated history', 'simulated histories')} whose true account was "
        f"known, the main method (the likelihood) named the right one in "
        f"{of_100(right['likelihood'])}, and a second one that shares no code with it (the "
        f"classifier) in {of_100(right['classifier'])}; guessing would give {of_100(chance)}."
    ]
    if min(right.values()) < HALF:
        who = "Both methods are" if max(right.values()) < HALF else "One of the methods is"
        sentences.append(
            f"{who} wrong more often than right: the order of the accounts is a hint, not a "
            "finding."
        )
    sentences.append(_pairs_sentence(int(distinct.sum()), len(pairs), apart, stories))
    sentences.append(
        "To tell two accounts apart, both methods must lean the same way, and each must have been "
        f"right in at least {of_100(LEAST_ACCURACY)} simulated histories of these two. That was "
        "set before the comparison was made."
    )
    return {
        "sentences": sentences,
        "accuracy": {**{k: number(v) for k, v in right.items()}, "chance": number(chance)},
        "sets": sets,
        "pairs_told": int(distinct.sum()),
        "pairs": len(pairs),
        "stories_told": apart,
        "stories": stories,
    }


def _pairs_sentence(distinct: int, pairs: int, apart: int, stories: int) -> str:
    """Say how many pairs of accounts, and of stories among them, can be told apart."""
    if not distinct:
        return "No two accounts can be told apart on these facts."
    counted = f"{distinct} of {many(pairs, 'pair')} of accounts can be told apart"
    if not stories:
        return f"{counted}; none of them are two stories that somebody tells."
    if not apart:
        return (
            f"No two stories can be told apart on these facts. {counted}, and each of these has "
            "on one side an account that nobody tells."
        )
    return f"{counted} on these facts; of two stories that somebody tells, {apart} of {stories}."


def of_100(share: float) -> str:
    """Return a share as a count: 25 of 100."""
    return f"{100 * share:.0f} of 100"
