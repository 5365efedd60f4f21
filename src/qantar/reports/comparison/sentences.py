"""Sentences of a comparison: verdict, methods, predictions, missed facts, further observations."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, NamedTuple

import pandas as pd

from qantar.analysis.compare.comparison import POOLED, UNDECIDED, is_undecided
from qantar.analysis.compare.posterior_predictive import NULL
from qantar.analysis.compare.power import ALL
from qantar.analysis.compare.reliability import CLEAR_ODDS, LEAST_ACCURACY, SOME_ODDS
from qantar.analysis.compare.validation import METHODS
from qantar.reports.comparison.rows import DEFAULT_NAME, Shown
from qantar.reports.phrases import said, subject
from qantar.reports.style import many, percent, rounded, short_day, span

ALIKE = 0.01
"""Difference of scores, in standard errors of the facts, below which two count as alike."""

HAPPENED = 0.5
"""Value from which a flag counts as yes."""

TOP = 5
"""Groups of further observations that are shown for all accounts."""

WIDER = (
    "Reason: a posterior treats what its emulator cannot resolve as random, so it is wider and "
    "less close to the facts than an ensemble selected to match them."
)
"""Explanation shown if no posterior beats the default ensemble."""


class Missed(NamedTuple):
    """A fact that an account misses."""

    what: str
    says: str
    gives: str
    held: bool


def verdict(shown: Shown) -> str:
    """Return the verdict on all accounts; no leader if no two accounts with causes differ."""
    pairs = shown.table("pairs")
    if not is_undecided(pairs):
        return shown.comparison.headline
    own = pairs[pairs["worse"] == NULL]
    if own.empty:
        return UNDECIDED
    counts = [
        (strength, int((own["strength"] == strength).sum()))
        for strength in ("clearly", "somewhat")
        if (own["strength"] == strength).any()
    ]
    if not counts:
        return f"{UNDECIDED} Nor can any be told from `{NULL}`, the account without causes."
    worse = " and ".join(
        f"{strength} less well supported than "
        f"{f'all {count}' if count == len(own) else f'{count} of the {len(own)}'}"
        for strength, count in counts
    )
    return f"{UNDECIDED} `{NULL}`, the account without causes, is {worse} others."


def rests_on(shown: Shown) -> str:
    """Return what the verdict is based on."""
    facts = shown.table("facts")
    one = facts[facts["account"] == shown.leader]["use"].value_counts()
    data_sets = int(shown.table("methods")["data_sets"].iloc[0])
    return (
        f"Based on {many(int(one.get('fit', 0)), 'fact')} that every account was fitted to, "
        f"on two methods that share no code, and on {many(data_sets, 'simulated data set')} "
        "whose true account is known. Two accounts count as clearly told apart if both methods "
        f"give odds of at least {CLEAR_ODDS:.0f} to 1 the same way, somewhat from "
        f"{SOME_ODDS:.0f} to 1, and only if each method is right on at least "
        f"{percent(LEAST_ACCURACY)} of the simulated data of these two. "
        "These thresholds were set beforehand."
    )


def method_lines(shown: Shown) -> list[str]:
    """Return for each method how often it is right on simulated data, and how well calibrated."""
    methods = shown.table("methods")
    lines = []
    for name in METHODS:
        own = methods[methods["method"] == name]
        after, before = (
            own[own["recalibrated"] == each].to_dict("records")[0] for each in (True, False)
        )
        lines.append(
            f"The {name} names the true account, out of {round(1 / float(after['chance']))}, in "
            f"{percent(float(after['accuracy']))} of {int(after['data_sets'])} simulated data sets "
            f"(guessing: "
            f"{percent(float(after['chance']))}). Its stated probabilities are off by "
            f"{100 * float(after['ece']):.1f} points on average (before recalibration: "
            f"{100 * float(before['ece']):.1f}; expected calibration error)."
        )
    return lines


def prediction_lines(shown: Shown) -> list[str]:
    """Return how held-back facts are predicted, against the default ensemble and the null.

    About the leading account, or about all accounts if none can be told from another.
    """
    crps = overall(shown)
    if not crps:
        return ["No fact of this episode is held back, so no prediction can be tested."]
    default = next((name for name in crps if name.startswith(DEFAULT_NAME)), None)
    lines = [] if default else ["The pack ships no default ensemble to compare with."]
    undecided = is_undecided(shown.table("pairs"))
    for other in (default, NULL):
        if other is None or other not in crps:
            continue
        called = f"the {other}" if other == default else f"`{other}`"
        names = [name for name in shown.accounts if name in crps and name != other]
        better = sum(crps[name] < crps[other] for name in names)
        verb = "predicts" if better == 1 else "predict"
        if undecided and names:
            low, high = min(crps[name] for name in names), max(crps[name] for name in names)
            lines.append(
                f"{better} of {many(len(names), 'account')} {verb} held-back facts better than "
                f"{called}: mean CRPS {low:.2f} to {high:.2f} against {crps[other]:.2f} standard "
                f"errors; less is better."
            )
        elif other != shown.leader:
            lines.append(_against(shown.leader, crps[shown.leader], called, crps[other]))
            if len(names) > 1:
                text = f"{better} of {many(len(names), 'account')} {verb} better than {called}."
                lines.append(text if better else f"{text} {WIDER}")
    return lines


def _against(leader: str, own: float, called: str, other: float) -> str:
    """Return how an account predicts held-back facts compared with another prediction."""
    numbers = f"mean CRPS {own:.2f} against {other:.2f} standard errors; less is better"
    if abs(own - other) < ALIKE:
        return f"`{leader}` predicts held-back facts as well as {called} ({numbers})."
    word = "better than" if own < other else "worse than"
    by = percent(abs(own - other) / other)
    return f"`{leader}` predicts held-back facts {word} {called}, by {by} ({numbers})."


def overall(shown: Shown) -> dict[str, float]:
    """Return the mean CRPS of every prediction over all facts held back."""
    found = {}
    for name, scores in shown.predictions:
        rows = scores[scores["group"] == POOLED]["crps"]
        if len(rows):
            found[name] = float(rows.iloc[0])
    return found


def held_facts(shown: Shown) -> int:
    """Return how many facts are held back."""
    rows = shown.held[shown.held["group"] == POOLED]["facts"]
    return int(rows.iloc[0]) if len(rows) else 0


def bonus_lines(shown: Shown) -> list[str]:
    """Return what each account gains by naming places and hours, in a sentence each."""
    lines = []
    for row in shown.table("hindsight").to_dict("records"):
        gain, other = float(row["log_evidence_bonus"]), float(row["classifier_bonus"])
        crps = float(row["crps_bonus"])
        way = "better" if crps >= 0 else "worse"
        lines.append(
            f"`{row['account']}` over its blind twin `{row['blind_twin']}`: {gain:+.1f} nats by "
            f"the likelihood, {other:+.1f} by the classifier; facts held back are predicted "
            f"{abs(crps):.2f} standard errors {way} (CRPS)."
        )
    return lines


def forbidden_lines(check: pd.DataFrame, words: dict[str, str] | None = None) -> list[str]:
    """Return which accounts forbid a fact before anything is fitted, in a sentence each.

    Parameters
    ----------
    check : DataFrame
        The table ``prior-check``.
    words : dict, optional
        Facts in words, by name.
    """
    bad = check[check["verdict"] == "forbidden"]
    lines = []
    for account, rows in bad.groupby("account", sort=False):
        names = [(words or {}).get(str(t), str(t)) for t in rows["target"]]
        lines.append(f"`{account}` forbids {many(len(names), 'fact')}: {'; '.join(names)}.")
    return lines


def coverage_lines(coverage: pd.DataFrame) -> list[str]:
    """Return how often intervals held the truth, over all accounts."""
    lines = []
    for what, rows in coverage[coverage["account"] == POOLED].groupby("what", sort=False):
        records = rows.to_dict("records")
        parts = [f"the {percent(r['level'])} intervals in {percent(r['covered'])}" for r in records]
        lines.append(
            f"{str(what).capitalize()}: the truth lay in {' and '.join(parts)} of "
            f"{int(records[0]['statements']):,} cases."
        )
    return lines


def missed_facts(shown: Shown) -> list[tuple[str, list[Missed]]]:
    """Return the facts that each account misses after it was fitted, most probable account first.

    A fact is missed if what the sources say lies outside the middle 90 % of what would be seen.
    """
    table = shown.table("facts")
    result = []
    for name in shown.accounts:
        own = table[(table["account"] == name) & table["missed"]].sort_values("tail")
        missed = []
        for row in own.to_dict("records"):
            fact, kind = str(row["target"]), str(row["kind"])
            target = shown.targets.get(fact)
            low, high, observed = (
                in_words(kind, float(row[key]), shown.first_day)
                for key in ("q05", "q95", "observed")
            )
            gives = span(low, high)
            if kind == "flag":
                gives = f"yes in the middle run: {'yes' if row['q50'] >= HAPPENED else 'no'}"
            missed.append(
                Missed(
                    what=subject(target) if target else fact,
                    says=said(target) if target else observed,
                    gives=gives,
                    held=row["use"] == "held",
                )
            )
        result.append((name, missed))
    return result


def fact_words(shown: Shown) -> dict[str, str]:
    """Return every fact in words, by name."""
    return {name: subject(target) for name, target in shown.targets.items()}


def in_words(kind: str, value: float, first_day: dt.date) -> str:
    """Return a value, given on the scale of its kind, in words."""
    if kind == "day":
        return short_day(first_day + dt.timedelta(days=math.floor(value)))
    if kind == "log":
        return rounded(math.expm1(value))
    if kind == "flag":
        return "yes" if value >= HAPPENED else "no"
    return percent(min(max(value, 0.0), 1.0))


def best_for_all(shown: Shown) -> list[dict[str, Any]]:
    """Return the groups of observations that would best tell all accounts apart."""
    table = shown.table("power")
    whole = table[table["accounts"] == ALL]
    if whole.empty and table["accounts"].nunique() == 1:
        whole = table  # two accounts: their pair is all there is
    return [_row(shown, row, whole) for row in _best(whole, TOP)]


def best_for_pairs(shown: Shown) -> list[dict[str, Any]]:
    """Return the best group of observations for each pair that cannot yet be told apart."""
    table = shown.table("power")
    rows = []
    for pair in shown.table("pairs").to_dict("records"):
        if pair["strength"] != "not":
            continue
        first, second = sorted((str(pair["better"]), str(pair["worse"])))
        own = table[(table["first"] == first) & (table["second"] == second)]
        rows += [
            {**_row(shown, row, own), "pair": f"{pair['better']} / {pair['worse']}"}
            for row in _best(own, 1)
        ]
    return rows


def group_name(group: str) -> str:
    """Return the display name of a group of observations."""
    return group.replace("-", " ").capitalize()


def _best(own: pd.DataFrame, count: int) -> list[dict[Any, Any]]:
    groups = own[own["level"] == "group"].sort_values("rank").head(count)
    records: list[dict[Any, Any]] = groups.to_dict("records")
    return records


def _row(shown: Shown, row: dict[Any, Any], own: pd.DataFrame) -> dict[str, Any]:
    now = own[own["level"] == "facts"]["accuracy"]
    group = str(row["added"])
    members = [each for each in shown.candidates if each.group == group]
    observers = list(dict.fromkeys(each.observer for each in members))
    return {
        "group": group_name(group),
        "example": members[0].label if members else "",
        "observer": "; ".join(observers) or "not recorded",
        "gain": f"{row['gain']:+.2f}\u00a0± {row['gain_error']:.2f}",
        "helps": row["gain"] > 2 * row["gain_error"],
        "now": percent(float(now.iloc[0])) if len(now) else "",
        "then": percent(float(row["accuracy"])),
    }
