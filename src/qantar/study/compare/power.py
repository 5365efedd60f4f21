"""The power of further observations to tell accounts apart that the facts leave together.

For each pair of accounts, and for all together: how well runs of them are told apart by the facts
we have, and how much better with one further observation, one group of them, or the best few.
The gain is an estimate of the information that the observation is expected to add (Lindley 1956).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from qantar.arrays import Hours, Numbers
from qantar.chance import key_of, normal, stable_id
from qantar.errors import QantarError, UnknownNameError
from qantar.model.mechanism import stream
from qantar.study.compare.telling import Cases, Method, Told
from qantar.study.further import Further

ALL = "all accounts"
"""What stands for every account at once, in the place of a pair."""

FOLDS = 5
"""Parts of the runs of which each is judged by what the others teach."""

LARGEST = 3
"""Observations in the greatest combination that is searched."""

_NOISE = stream("power.noise")


class Runs(NamedTuple):
    """What independently fitted runs of one account gave.

    Attributes
    ----------
    facts : float array (runs, facts)
    further : float array (runs, further observations)
    """

    facts: Numbers
    further: Numbers


class Facts(NamedTuple):
    """Names of the facts, and the standard deviation of the error of each."""

    names: tuple[str, ...]
    error: Numbers


@dataclass(frozen=True)
class Power:
    """How well accounts are told apart, and by what.

    Attributes
    ----------
    table : DataFrame
        One row per pair of accounts (or `ALL`) and set of observations:

        - ``accounts``, ``first``, ``second``: the pair, in alphabetical order; the last two are
          empty for `ALL`, which is left out where there are only two accounts;
        - ``level``: ``facts`` alone, one ``group``, one ``single``, or the best few
          (``best groups``, ``best singles``);
        - ``added``: what is added to the facts, joined by `` + ``; ``number``: of how many;
        - ``rank``: 1 for the greatest gain among the groups, or the singles, of the pair; 0 in
          the other rows;
        - ``score``, ``accuracy``: mean log probability of the true account (nats), and the share
          of runs told right;
        - ``gain``, ``gain_error``: of the score over the facts alone, with its standard error
          over folds; ``accuracy_gain``, ``accuracy_gain_error`` likewise. A gain below zero
          says that so many more columns cost more than they told, from so few runs.
    method : str
    """

    table: pd.DataFrame
    method: Method

    def best(self, level: str = "group", accounts: str | None = None) -> pd.DataFrame:
        """Return the rows of a level for a pair, greatest gain first; by default for `ALL`.

        Raises
        ------
        UnknownNameError
            If there is no such pair.
        """
        t = self.table
        known = list(dict.fromkeys(t["accounts"]))
        chosen = known[0] if accounts is None else accounts
        if chosen not in known:
            raise UnknownNameError("pair of accounts", chosen, known)
        rows = t[(t["level"] == level) & (t["accounts"] == chosen)]
        return rows.sort_values(["gain", "added"], ascending=[False, True], ignore_index=True)


def power(
    runs: Mapping[str, Runs],
    facts: Facts,
    further: tuple[Further, ...],
    *,
    seed: int,
    folds: int = FOLDS,
    method: Method = "discriminant",
) -> Power:
    """Return how well accounts are told apart with and without further observations.

    Parameters
    ----------
    runs : mapping
        Runs of every account, by its name. Their order does not matter.
    seed : int
        Of the errors of observation. An error is keyed by account, run and name of the
        observation, so that one more candidate changes nothing about the others.
    method : str
        ``discriminant`` or, for a second opinion at some twenty times the cost, ``logistic``.

    Returns
    -------
    Power
        Pairs among three accounts or more have no ``best singles`` and, with ``logistic``, no
        ``single``: there are too many to search.

    Raises
    ------
    QantarError
        If there are fewer than two accounts, too few runs, or arrays of the wrong shape.
    """
    _check(runs, facts, further, folds)
    names = sorted(runs)
    seen = {name: observed(name, runs[name], facts, further, seed) for name in names}
    rows: list[dict[str, object]] = []
    pairs = list(combinations(names, 2))
    for chosen in [tuple(names), *pairs] if len(names) > 2 else pairs:
        search = _Search(Cases(tuple(seen[n] for n in chosen), folds), len(facts.names), method)
        first, second = chosen if len(chosen) == 2 else ("", "")
        label = f"{first} / {second}" if first else ALL
        deep = len(chosen) == len(names)
        for row in search.rows(further, singles=deep or method == "discriminant", deep=deep):
            rows.append({"accounts": label, "first": first, "second": second, **row})
    return Power(pd.DataFrame(rows), method)


def observed(
    account: str, runs: Runs, facts: Facts, further: tuple[Further, ...], seed: int
) -> Numbers:
    """Return runs as they would be observed, with errors: float array (runs, facts + further)."""
    values = np.concatenate([runs.facts, runs.further], axis=1)
    error = np.concatenate([facts.error, [each.error for each in further]])
    ids = [stable_id(name) for name in (*facts.names, *(each.name for each in further))]
    who = stable_id(account)
    noise = np.empty_like(values)
    for number in range(len(values)):
        key = key_of(seed, number)
        noise[number] = [normal(key, _NOISE, unit, 0, who) for unit in ids]
    result: Numbers = values + noise * error
    return result


class _Search:
    """One set of accounts, and everything that may be added to the facts."""

    def __init__(self, cases: Cases, facts: int, method: Method) -> None:
        self.cases, self.method = cases, method
        self.facts = np.arange(facts)
        self.base = cases.tell(self.facts, method)

    def rows(
        self, further: tuple[Further, ...], *, singles: bool, deep: bool
    ) -> list[dict[str, object]]:
        """Return a row for the facts, each group, each single and the best few."""
        start = len(self.facts)
        groups: dict[str, Hours] = {}
        for k, each in enumerate(further):
            groups[each.group] = np.append(groups.get(each.group, np.zeros(0, np.int64)), start + k)
        rows = [self._row("facts", (), self.base), *self._level("group", groups)]
        rows += self._greedy("best groups", groups, rows[1:])
        if singles:
            alone = {each.name: np.array([start + k]) for k, each in enumerate(further)}
            found = self._level("single", alone)
            rows += found
            rows += self._greedy("best singles", alone, found) if deep else []
        return rows

    def _level(self, level: str, candidates: dict[str, Hours]) -> list[dict[str, object]]:
        """Return a row for each candidate, with its rank."""
        told = {name: self._with(columns) for name, columns in candidates.items()}
        order = sorted(told, key=lambda name: (-float(told[name].score.mean()), name))
        return [
            {**self._row(level, (name,), told[name]), "rank": rank}
            for rank, name in enumerate(order, start=1)
        ]

    def _greedy(
        self, level: str, candidates: dict[str, Hours], ranked: list[dict[str, object]]
    ) -> list[dict[str, object]]:
        """Return the best two and three together, each the best to add to those before it."""
        rows = []
        chosen = tuple(str(row["added"]) for row in ranked[:1])
        while 0 < len(chosen) < min(LARGEST, len(candidates)):
            had = np.concatenate([candidates[name] for name in chosen])
            others = {
                name: self._with(np.concatenate([had, columns]))
                for name, columns in candidates.items()
                if name not in chosen
            }
            best = min(others, key=lambda name: (-float(others[name].score.mean()), name))
            chosen = (*chosen, best)
            rows.append(self._row(level, chosen, others[best]))
        return rows

    def _with(self, columns: Hours) -> Told:
        return self.cases.tell(np.concatenate([self.facts, columns]), self.method)

    def _row(self, level: str, added: tuple[str, ...], told: Told) -> dict[str, object]:
        gain, gain_error = _mean_and_error(told.score - self.base.score)
        more, more_error = _mean_and_error(told.accuracy - self.base.accuracy)
        return {
            "level": level,
            "added": " + ".join(added),
            "number": len(added),
            "rank": 0,
            "score": float(told.score.mean()),
            "accuracy": float(told.accuracy.mean()),
            "gain": gain,
            "gain_error": gain_error,
            "accuracy_gain": more,
            "accuracy_gain_error": more_error,
        }


def _mean_and_error(by_fold: Numbers) -> tuple[float, float]:
    """Return a mean over folds and its standard error."""
    return float(by_fold.mean()), float(by_fold.std(ddof=1) / np.sqrt(len(by_fold)))


def _check(
    runs: Mapping[str, Runs], facts: Facts, further: tuple[Further, ...], folds: int
) -> None:
    if len(runs) < 2:
        raise QantarError("there is nothing to tell apart", expected="at least two accounts")
    if folds < 2:
        raise QantarError(f"{folds} fold is too few", expected="at least 2 folds")
    if len(facts.error) != len(facts.names):
        raise QantarError(
            "facts and their errors do not match", expected=f"{len(facts.names)} errors"
        )
    for name, (known, more) in runs.items():
        if len(known) != len(more) or len(known) < 2 * folds:
            raise QantarError(
                f"{name!r} has {len(known)} runs of facts and {len(more)} of further observations",
                expected=f"as many of both, at least {2 * folds}",
            )
        if known.shape[1] != len(facts.names) or more.shape[1] != len(further):
            raise QantarError(
                f"{name!r} has {known.shape[1]} facts and {more.shape[1]} further observations",
                expected=f"{len(facts.names)} and {len(further)}",
            )
        if not (np.isfinite(known).all() and np.isfinite(more).all()):
            raise QantarError(
                f"a run of {name!r} holds something that is no number",
                expected="values on their scales, as `Observations.read` gives them",
            )
