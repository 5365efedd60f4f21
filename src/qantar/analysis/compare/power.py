"""The power of candidate observations to discriminate between accounts.

For each pair of accounts, and for all together: how well runs are classified by the facts alone,
and with one more observation, one group of observations, or the best few.

The score is the cross-validated mean log probability that a method gives to the account a run
truly comes from. With equal prior probabilities, the log of the number of accounts plus this score
is a lower bound on the information that the observations hold about the account (Barber and Agakov
2003). The gain in score estimates the information that an observation is expected to add (Lindley
1956).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from qantar.analysis.candidate_observations import CandidateObservation
from qantar.base.arrays import Hours, Numbers
from qantar.base.errors import QantarError, UnknownNameError
from qantar.model.mechanism import stream
from qantar.rng import key_of, normal, stable_id

Method = Literal["discriminant", "logistic"]
"""Classifier: linear discriminants, or a penalised logistic regression."""

CLIP_AT = 4.0
"""Standard deviations at which values are clipped, to limit the influence of outliers."""

UNIFORM_SHARE = 0.01
"""Share of probability spread over all accounts, which bounds the score of a single run."""

SHRINKAGE = 0.1
"""Share by which correlations within accounts shrink: hundreds of runs, about a hundred columns."""

SCALES = np.geomspace(0.1, 2.0, 10)
"""Factors of the logits, of which the one that calibrates held-out runs best is chosen."""

PENALTY = 0.03
"""Inverse strength of the penalty on squared coefficients of the logistic regression."""

MIN_VARIANCE = 1e-9
"""Variance below which a column counts as constant, on the scale of standardised values."""

ALL = "all accounts"
"""Name of all accounts together, in the place of a pair."""

FOLDS = 5
"""Cross-validation folds."""

MAX_SET = 3
"""Observations in the largest combination that is searched."""

_NOISE = stream("power.noise")


class Runs(NamedTuple):
    """Results of independently fitted runs of one account.

    Attributes
    ----------
    facts : float array (runs, facts)
    candidates : float array (runs, candidate observations)
    """

    facts: Numbers
    candidates: Numbers


class Facts(NamedTuple):
    """Names of the facts, and the standard deviation of the error of each."""

    names: tuple[str, ...]
    error: Numbers


@dataclass(frozen=True)
class Power:
    """How well accounts are classified, and by what.

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
          of runs classified correctly;
        - ``gain``, ``gain_error``: of the score over the facts alone, with its standard error
          over folds; ``accuracy_gain``, ``accuracy_gain_error`` for the
          accuracy. A gain below zero means that the added columns add more noise than information
          with so few runs.
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
    candidates: tuple[CandidateObservation, ...],
    *,
    seed: int,
    folds: int = FOLDS,
    method: Method = "discriminant",
) -> Power:
    """Return how well accounts are classified with and without candidate observations.

    Parameters
    ----------
    runs : mapping
        Runs of every account, by its name. Their order does not matter.
    seed : int
        Of the observation errors. An error is keyed by account, run and name of the observation,
        so that adding a candidate does not change the others.
    method : str
        ``discriminant`` or, at about twenty times the cost, ``logistic``.

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
    _check_inputs(runs, facts, candidates, folds)
    names = sorted(runs)
    seen = {name: observed(name, runs[name], facts, candidates, seed) for name in names}
    rows: list[dict[str, object]] = []
    pairs = list(combinations(names, 2))
    for chosen in [tuple(names), *pairs] if len(names) > 2 else pairs:
        search = _Search(
            LabelledRuns(tuple(seen[n] for n in chosen), folds), len(facts.names), method
        )
        first, second = chosen if len(chosen) == 2 else ("", "")
        label = f"{first} / {second}" if first else ALL
        deep = len(chosen) == len(names)
        for row in search.rows(candidates, singles=deep or method == "discriminant", deep=deep):
            rows.append({"accounts": label, "first": first, "second": second, **row})
    return Power(pd.DataFrame(rows), method)


def observed(
    account: str, runs: Runs, facts: Facts, candidates: tuple[CandidateObservation, ...], seed: int
) -> Numbers:
    """Return runs as they would be observed, with errors: float array (runs, columns)."""
    values = np.concatenate([runs.facts, runs.candidates], axis=1)
    error = np.concatenate([facts.error, [each.error for each in candidates]])
    ids = [stable_id(name) for name in (*facts.names, *(each.name for each in candidates))]
    who = stable_id(account)
    noise = np.empty_like(values)
    for number in range(len(values)):
        key = key_of(seed, number)
        noise[number] = [normal(key, _NOISE, unit, 0, who) for unit in ids]
    result: Numbers = values + noise * error
    return result


def _check_inputs(
    runs: Mapping[str, Runs], facts: Facts, candidates: tuple[CandidateObservation, ...], folds: int
) -> None:
    if len(runs) < 2:
        raise QantarError("there is nothing to compare", expected="at least two accounts")
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
        if known.shape[1] != len(facts.names) or more.shape[1] != len(candidates):
            raise QantarError(
                f"{name!r} has {known.shape[1]} facts and {more.shape[1]} further observations",
                expected=f"{len(facts.names)} and {len(candidates)}",
            )
        if not (np.isfinite(known).all() and np.isfinite(more).all()):
            raise QantarError(
                f"a run of {name!r} contains NaN or infinity",
                expected="finite values, as `Observations.read` returns them",
            )


class _Search:
    """The search for observations that help to classify one set of accounts."""

    def __init__(self, cases: LabelledRuns, facts: int, method: Method) -> None:
        self.cases, self.method = cases, method
        self.facts = np.arange(facts)
        self.base = cases.classify(self.facts, method)

    def rows(
        self, candidates: tuple[CandidateObservation, ...], *, singles: bool, deep: bool
    ) -> list[dict[str, object]]:
        """Return a row for the facts, each group, each single and the best few."""
        start = len(self.facts)
        groups: dict[str, Hours] = {}
        for k, each in enumerate(candidates):
            groups[each.group] = np.append(groups.get(each.group, np.zeros(0, np.int64)), start + k)
        rows = [self._row("facts", (), self.base), *self._level("group", groups)]
        rows += self._greedy("best groups", groups, rows[1:])
        if singles:
            alone = {each.name: np.array([start + k]) for k, each in enumerate(candidates)}
            found = self._level("single", alone)
            rows += found
            rows += self._greedy("best singles", alone, found) if deep else []
        return rows

    def _level(self, level: str, candidates: dict[str, Hours]) -> list[dict[str, object]]:
        """Return a row for each candidate, with its rank."""
        scores = {name: self._with(columns) for name, columns in candidates.items()}
        order = sorted(scores, key=lambda name: (-float(scores[name].score.mean()), name))
        return [
            {**self._row(level, (name,), scores[name]), "rank": rank}
            for rank, name in enumerate(order, start=1)
        ]

    def _greedy(
        self, level: str, candidates: dict[str, Hours], ranked: list[dict[str, object]]
    ) -> list[dict[str, object]]:
        """Return the best two and three together, each the best to add to those before it."""
        rows = []
        chosen = tuple(str(row["added"]) for row in ranked[:1])
        while 0 < len(chosen) < min(MAX_SET, len(candidates)):
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

    def _with(self, columns: Hours) -> ClassificationScore:
        return self.cases.classify(np.concatenate([self.facts, columns]), self.method)

    def _row(
        self, level: str, added: tuple[str, ...], result: ClassificationScore
    ) -> dict[str, object]:
        gain, gain_error = _mean_and_error(result.score - self.base.score)
        more, more_error = _mean_and_error(result.accuracy - self.base.accuracy)
        return {
            "level": level,
            "added": " + ".join(added),
            "number": len(added),
            "rank": 0,
            "score": float(result.score.mean()),
            "accuracy": float(result.accuracy.mean()),
            "gain": gain,
            "gain_error": gain_error,
            "accuracy_gain": more,
            "accuracy_gain_error": more_error,
        }


def _mean_and_error(by_fold: Numbers) -> tuple[float, float]:
    """Return a mean over folds and its standard error."""
    return float(by_fold.mean()), float(by_fold.std(ddof=1) / np.sqrt(len(by_fold)))


class ClassificationScore(NamedTuple):
    """How well runs were classified.

    Attributes
    ----------
    score, accuracy : float array (folds,)
        Mean log probability (nats) of the true account, and share of runs whose true account
        was the most probable; accounts are weighted equally.
    """

    score: Numbers
    accuracy: Numbers


class LabelledRuns:
    """Runs of some accounts, to be classified by any of their columns.

    Columns are standardised and joined by their squares, so that accounts may differ in spread as
    well as in level.

    Parameters
    ----------
    values : tuple of float arrays (runs, columns)
        One per account.
    folds : int
        Runs of one number may share their random seed, so they all belong to the same fold.
    """

    def __init__(self, values: tuple[Numbers, ...], folds: int) -> None:
        rows = np.concatenate(values)
        self.columns = rows.shape[1]
        self.folds = folds
        self.account = np.repeat(np.arange(len(values)), [len(part) for part in values])
        self.fold = np.concatenate([np.arange(len(part)) % folds for part in values])
        level = _standard(rows)
        self.x = np.concatenate([level, _standard(level**2)], axis=1)

    def classify(self, chosen: Hours, method: Method = "discriminant") -> ClassificationScore:
        """Classify the runs by the chosen columns and their squares.

        Odds from few runs are overconfident. For each fold they are scaled by the factor
        that is best for the held-out runs of the other folds (Platt 1999).
        """
        both = np.concatenate([chosen, chosen + self.columns])
        logits_of = self._discriminant if method == "discriminant" else self._logistic
        logits = np.empty((len(self.x), int(self.account.max()) + 1))
        for k in range(self.folds):
            logits[self.fold == k] = logits_of(k, both)
        logits -= logits.max(axis=1, keepdims=True)
        by_scale = np.array([self._by_fold(self._log_probability(s * logits)) for s in SCALES])
        others = by_scale.sum(axis=1, keepdims=True) - by_scale
        calibrated = by_scale[others.argmax(axis=0), np.arange(self.folds)]
        correct = logits.argmax(axis=1) == self.account
        return ClassificationScore(calibrated, self._by_fold(correct.astype(np.float64)))

    def _log_probability(self, logits: Numbers) -> Numbers:
        """Return the log probability given to the true account of every run."""
        odds = np.exp(logits)
        probability = odds[np.arange(len(odds)), self.account] / odds.sum(axis=1)
        bounded: Numbers = np.log(
            (1 - UNIFORM_SHARE) * probability + UNIFORM_SHARE / logits.shape[1]
        )
        return bounded

    def _by_fold(self, values: Numbers) -> Numbers:
        """Return the mean over the runs of every fold, all accounts weighted equally."""
        means = np.bincount(self.fold, self._weight * values, minlength=self.folds)
        return means.astype(np.float64)

    @cached_property
    def _weight(self) -> Numbers:
        """Weight of every run in its fold."""
        accounts = int(self.account.max()) + 1
        cell = self.fold * accounts + self.account
        weight: Numbers = 1.0 / (accounts * np.bincount(cell)[cell])
        return weight

    def _discriminant(self, fold: int, both: Hours) -> Numbers:
        """Return logits by linear discriminants with a shrunk common covariance.

        Correlations shrink as in Schäfer and Strimmer (2005), but by the same share with and
        without a candidate observation, so that no gain comes from a change of method.
        """
        mean, spread = self._moments
        of = mean[fold][:, both]
        within = spread[fold][np.ix_(both, both)]
        variance = np.maximum(np.diag(within), MIN_VARIANCE)
        within = (1 - SHRINKAGE) * within
        np.fill_diagonal(within, variance)
        weights = np.linalg.solve(within, of.T)
        at: Numbers = self.x[self.fold == fold][:, both] @ weights
        at -= 0.5 * np.einsum("ap,pa->a", of, weights)
        return at

    @cached_property
    def _moments(self) -> tuple[Numbers, Numbers]:
        """Mean and covariance of the training runs of every fold.

        Returns
        -------
        mean : float array (folds, accounts, columns)
        spread : float array (folds, columns, columns)
            Covariance within accounts, which are weighted equally.
        """
        accounts = int(self.account.max()) + 1
        width = self.x.shape[1]
        mean = np.empty((self.folds, accounts, width))
        spread = np.zeros((self.folds, width, width))
        for a in range(accounts):
            mine = self.account == a
            parts = [self.x[mine & (self.fold == k)] for k in range(self.folds)]
            sums = np.array([part.sum(axis=0) for part in parts])
            products = [part.T @ part for part in parts]
            whole = np.sum(products, axis=0)
            for k, part in enumerate(parts):
                n = int(mine.sum()) - len(part)
                mean[k, a] = (sums.sum(axis=0) - sums[k]) / n
                centred = (whole - products[k]) / n - np.outer(mean[k, a], mean[k, a])
                spread[k] += centred / accounts
        return mean, spread

    def _logistic(self, fold: int, both: Hours) -> Numbers:
        """Return logits by a multinomial logistic regression with a ridge penalty."""
        rest = self.fold != fold
        try:
            from sklearn.linear_model import LogisticRegression
        except ImportError as error:
            raise QantarError(
                "logistic regression needs scikit-learn",
                expected="an installation with the extra `study`",
                hint="pip install 'qantar[study]', or choose the method `discriminant`",
            ) from error
        model = LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=500)
        model.fit(self.x[rest][:, both], self.account[rest])
        logits: Numbers = model.decision_function(self.x[~rest][:, both])
        if logits.ndim == 1:  # two accounts: the odds of the second
            logits = np.stack([np.zeros_like(logits), logits], axis=1)
        return logits


def _standard(rows: Numbers) -> Numbers:
    """Return columns with mean 0 and standard deviation 1, clipped; constants are 0."""
    about = rows - rows.mean(axis=0)
    scale = about.std(axis=0)
    scale[scale**2 < MIN_VARIANCE] = np.inf
    standard: Numbers = np.clip(about / scale, -CLIP_AT, CLIP_AT)
    return standard
