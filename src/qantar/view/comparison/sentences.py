"""Sentences of a comparison, computed from its tables."""

from __future__ import annotations

import pandas as pd

from qantar.study.compare.narrowed import POOLED
from qantar.study.compare.verdict import CLEAR_ODDS, LEAST_ACCURACY, SOME_ODDS
from qantar.view.comparison.shown import DEFAULT_NAME, Shown
from qantar.view.style import many, percent

METHOD_NAMES = {"likelihood": "likelihood", "classifier": "classifier"}
ALIKE = 0.01
"""Difference of scores, in standard errors of the facts, below which two count as alike."""


WIDER = (
    "Why: a posterior counts as luck what its emulator cannot resolve, so it is wider and lies "
    "less close to the facts than an ensemble that was pulled onto them."
)
"""Said where no posterior beats the default ensemble."""


def rests_on(shown: Shown) -> str:
    """Return what the verdict rests on."""
    facts = shown.table("facts")
    one = facts[facts["account"] == shown.leader]["use"].value_counts()
    return (
        f"It rests on {many(int(one.get('fit', 0)), 'fact')} that every account was fitted to, "
        f"on two methods that share no code, and on {many(_sets(shown), 'simulated data set')} "
        "whose true account is known. Two accounts count as clearly told apart if both methods "
        f"give odds of at least {CLEAR_ODDS:.0f} to 1 the same way, somewhat from "
        f"{SOME_ODDS:.0f} to 1, and only if each method is right on at least "
        f"{percent(LEAST_ACCURACY)} of the simulated data of these two. "
        "These limits were set beforehand."
    )


def method_lines(shown: Shown) -> list[str]:
    """Return for each method how often it is right on simulated data, and how honest it is."""
    methods = shown.table("methods")
    lines = []
    for name, word in METHOD_NAMES.items():
        own = methods[methods["method"] == name]
        after, before = (
            own[own["recalibrated"] == each].to_dict("records")[0] for each in (True, False)
        )
        lines.append(
            f"The {word} names the true account in {percent(float(after['accuracy']))} of "
            f"{int(after['data_sets'])} simulated data sets (guessing: "
            f"{percent(float(after['chance']))}). Its stated probabilities are off by "
            f"{100 * float(after['ece']):.1f} points on average (before recalibration: "
            f"{100 * float(before['ece']):.1f}; expected calibration error)."
        )
    return lines


def prediction_lines(shown: Shown) -> list[str]:
    """Say whether the leading account predicts facts held back better than what it is set beside.

    One sentence for the default ensemble and one for the null, with the difference.
    """
    whole = overall(shown)
    if not whole:
        return ["No fact of this episode is held back, so no prediction can be tried on one."]
    default = next((name for name in whole if name.startswith(DEFAULT_NAME)), None)
    lines = []
    if default is None:
        lines.append("The pack ships no default ensemble to set the predictions beside.")
    for other in (default, "null"):
        if other is not None and other in whole and other != shown.leader:
            lines.append(_against(shown.leader, other, whole))
            lines.append(_how_many(shown, other, whole))
    return [line for line in lines if line]


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


def _sets(shown: Shown) -> int:
    return int(shown.table("methods")["data_sets"].iloc[0])


def _against(leader: str, other: str, whole: dict[str, float]) -> str:
    own, its = whole[leader], whole[other]
    numbers = f"mean CRPS {own:.2f} against {its:.2f} standard errors; less is better"
    if abs(own - its) < ALIKE:
        return f"`{leader}` predicts the facts held back as well as {_called(other)} ({numbers})."
    word = "better than" if own < its else "worse than"
    by = percent(abs(own - its) / its)
    return f"`{leader}` predicts the facts held back {word} {_called(other)}, by {by} ({numbers})."


def _how_many(shown: Shown, other: str, whole: dict[str, float]) -> str:
    names = [name for name in shown.accounts if name in whole and name != other]
    if len(names) < 2:
        return ""
    better = [name for name in names if whole[name] < whole[other]]
    text = f"{len(better)} of {many(len(names), 'account')} predict better than {_called(other)}."
    return text if better else f"{text} {WIDER}"


def _called(name: str) -> str:
    return f"the {name}" if name.startswith(DEFAULT_NAME) else f"`{name}`"
