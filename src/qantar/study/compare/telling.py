"""Telling accounts apart by what runs of them gave: cross-validated, by two methods.

The score is the mean log probability that a method gives to the account a run truly comes from,
for runs it has not learnt from. With equal chances beforehand, the log of the number of accounts
plus this score is a lower bound on the information that the observations hold about the account
(Barber and Agakov 2003).
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import Any, Literal, NamedTuple

import numpy as np

from qantar.arrays import Hours, Numbers
from qantar.errors import QantarError

Method = Literal["discriminant", "logistic"]
"""How accounts are told apart: linear discriminants, or a penalised logistic regression."""

REACH = 4.0
"""Standard deviations at which values are cut off, so that no rare run rules a square."""

DOUBT = 0.01
"""Share of probability spread over all accounts: no method may be surer than that it is wrong."""

SHRINKAGE = 0.1
"""Share by which correlations within accounts shrink: hundreds of runs, about a hundred columns."""

SCALES = np.geomspace(0.1, 2.0, 10)
"""Factors among which the one is chosen that makes the odds of held-out runs honest."""

PENALTY = 0.03
"""Inverse strength of the penalty on squared coefficients of the logistic regression."""

LEAST_VARIANCE = 1e-9
"""Variance below which a column counts as constant, on the scale of standardised values."""


class Told(NamedTuple):
    """How well accounts were told apart.

    Attributes
    ----------
    score, accuracy : float array (folds,)
        Mean log probability (nats) of the true account, and share of runs whose true account
        was the likeliest; every account counts alike.
    """

    score: Numbers
    accuracy: Numbers


class Cases:
    """Runs of some accounts, ready to be told apart by any part of their columns.

    Columns are standardised and stand beside their squares, so that accounts may differ in
    spread as well as in level.

    Parameters
    ----------
    values : tuple of float arrays (runs, columns)
        One per account.
    folds : int
        A run belongs to the fold of its number, so runs of one number, which may share their
        luck, are never on both sides.
    """

    def __init__(self, values: tuple[Numbers, ...], folds: int) -> None:
        rows = np.concatenate(values)
        self.columns = rows.shape[1]
        self.folds = folds
        self.account = np.repeat(np.arange(len(values)), [len(part) for part in values])
        self.fold = np.concatenate([np.arange(len(part)) % folds for part in values])
        level = _standard(rows)
        self.x = np.concatenate([level, _standard(level**2)], axis=1)

    def tell(self, chosen: Hours, method: Method = "discriminant") -> Told:
        """Tell the accounts apart by the chosen columns and their squares.

        Odds learnt from few runs are too sure of themselves. For each fold they are scaled by the
        factor that would have served the held-out runs of the other folds best (Platt 1999).
        """
        both = np.concatenate([chosen, chosen + self.columns])
        judged = self._discriminant if method == "discriminant" else self._logistic
        logits = np.empty((len(self.x), int(self.account.max()) + 1))
        for k in range(self.folds):
            logits[self.fold == k] = judged(k, both)
        logits -= logits.max(axis=1, keepdims=True)
        by_scale = np.array([self._by_fold(self._log_chance(s * logits)) for s in SCALES])
        others = by_scale.sum(axis=1, keepdims=True) - by_scale
        honest = by_scale[others.argmax(axis=0), np.arange(self.folds)]
        right = logits.argmax(axis=1) == self.account
        return Told(honest, self._by_fold(right.astype(np.float64)))

    def _log_chance(self, logits: Numbers) -> Numbers:
        """Return the log probability given to the true account of every run."""
        odds = np.exp(logits)
        chance = odds[np.arange(len(odds)), self.account] / odds.sum(axis=1)
        kept: Numbers = np.log((1 - DOUBT) * chance + DOUBT / logits.shape[1])
        return kept

    def _by_fold(self, worth: Numbers) -> Numbers:
        """Return the mean over the runs of every fold, every account counting alike."""
        means = np.bincount(self.fold, self._weight * worth, minlength=self.folds)
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
        without a further observation, so that no gain comes from a change of method.
        """
        mean, spread = self._moments
        of = mean[fold][:, both]
        within = spread[fold][np.ix_(both, both)]
        variance = np.maximum(np.diag(within), LEAST_VARIANCE)
        within = (1 - SHRINKAGE) * within
        np.fill_diagonal(within, variance)
        weights = np.linalg.solve(within, of.T)
        at: Numbers = self.x[self.fold == fold][:, both] @ weights
        at -= 0.5 * np.einsum("ap,pa->a", of, weights)
        return at

    @cached_property
    def _moments(self) -> tuple[Numbers, Numbers]:
        """Return what every fold's other runs give.

        Returns
        -------
        mean : float array (folds, accounts, columns)
        spread : float array (folds, columns, columns)
            Covariance within accounts, each counting alike.
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
        model = _sklearn().LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=500)
        model.fit(self.x[rest][:, both], self.account[rest])
        logits: Numbers = model.decision_function(self.x[~rest][:, both])
        if logits.ndim == 1:  # two accounts: the odds of the second
            logits = np.stack([np.zeros_like(logits), logits], axis=1)
        return logits


def _standard(rows: Numbers) -> Numbers:
    """Return columns with mean 0 and standard deviation 1, cut off at `REACH`; constants are 0."""
    about = rows - rows.mean(axis=0)
    scale = about.std(axis=0)
    scale[scale**2 < LEAST_VARIANCE] = np.inf
    standard: Numbers = np.clip(about / scale, -REACH, REACH)
    return standard


def _sklearn() -> Any:
    try:
        return import_module("sklearn.linear_model")
    except ImportError as error:
        raise QantarError(
            "logistic regression needs scikit-learn",
            expected="an installation with the extra `study`",
            mend="pip install 'qantar[study]', or choose the method `discriminant`",
        ) from error
