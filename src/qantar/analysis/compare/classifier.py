"""Likelihood-free classifier of accounts, trained on their runs.

Every account gives several ensembles of runs: stage 0 from its prior predictive, higher stages
closer and closer to the data. One multinomial regression discriminates between all these classes.
Its scores, less the log size of the class, estimate the log densities of all classes up to one
common factor, so the log odds between two stage-0 classes at the observations estimate the log
ratio of the accounts' evidence. The higher stages bridge the gap between a prior and distant data:
density ratios across a wide gap are estimated badly, a chain of narrow ones well (Rhodes, Xu and
Gutmann 2020; Srivastava et al. 2023 for the multinomial form).

The regression is logistic on second-order features and starts at normal theory. Many classes of
very different width make the coefficients large, so that the usual ridge towards zero biases them
badly and a start at zero converges slowly. Each class is therefore first given the coefficients of
a normal density with its own moments; the likelihood is maximised from there, and the ridge pulls
towards that start (Hastie, Tibshirani and Friedman 2009, section 4.4.5, on how the two estimates
differ).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from qantar.base.arrays import Hours, Numbers
from qantar.base.errors import QantarError

ITERATIONS = 200
"""Maximum number of optimiser steps; 36 classes of 47 values needed fewer than half."""

STOP_AT = 1e-6
"""Relative gain of the mean log likelihood below which the optimiser stops."""

POOLED_RUNS = 20.0
"""Weight, in runs, of the pooled covariance in the covariance of a class: keeps it regular."""

MIN_VARIANCE = 1e-9
"""Share of the largest variance below which a direction counts as constant."""

CLIP_AT = 6.0
"""Scales from the centre at which values are clipped, to limit the influence of outliers."""

PAIRS = 10
"""Leading directions whose products are features: 45 products, few enough for small classes."""

RIDGE = 15.0
"""Pull towards normal densities; see `fit_regression`."""

COPIES = 1
"""Noisy copies of every run in one member; each member of the committee draws its own noise."""

QUARTILES = 1.349
"""Distance of the quartiles of a normal, in standard deviations."""

MIN_RUNS = 8
"""Minimum number of runs of a class."""


@dataclass(frozen=True)
class Ensemble:
    """Runs of one account at one stage.

    Attributes
    ----------
    account : str
    stage : int
        0: draws from the prior predictive; higher: nearer to the data.
    values : float array (runs, K)
        On the scales of `qantar.analysis.observations`, without observation error.
    """

    account: str
    stage: int
    values: Numbers


@dataclass(frozen=True)
class Member:
    """One regression of the committee, with the coefficients of the stage-0 classes."""

    centre: Numbers
    scale: Numbers
    directions: Directions
    coefficients: Numbers

    def scores(self, values: Numbers) -> Numbers:
        """Return the log density of every account's stage 0, up to a constant: (n, accounts)."""
        along = self.directions.along(_standardised(values, self.centre, self.scale))
        scores: Numbers = self.directions.features(along) @ self.coefficients
        return scores


@dataclass(frozen=True)
class Classifier:
    """A committee of regressions fitted to different samples of runs and noise.

    Attributes
    ----------
    accounts : tuple of str
        In the order of the columns of every answer.
    members : tuple of Member
    """

    accounts: tuple[str, ...]
    members: tuple[Member, ...]

    def log_evidence(self, values: Numbers) -> Numbers:
        """Return log evidence less that of the best account.

        Parameters
        ----------
        values : float array (n, K) or (K,)
            Observed values, with their observation error.

        Returns
        -------
        float array (n, accounts)
            Mean over the committee; 0 for the best account of a row.
        """
        return committee_mean_and_spread(self._scores(values))[0]

    def spread(self, values: Numbers) -> Numbers:
        """Return the standard deviation over the committee of `log_evidence`: (n, accounts).

        Of the log odds against the best account, whose own spread is 0. It measures the
        dependence on the sample of runs and noise, not the misfit of the regression.
        """
        return committee_mean_and_spread(self._scores(values))[1]

    def probabilities(self, values: Numbers, prior: Numbers | None = None) -> Numbers:
        """Return the probability of every account: float array (n, accounts).

        Parameters
        ----------
        values : float array (n, K) or (K,)
        prior : float array (accounts,), optional
            Prior probabilities, none of them negative; equal by default.
        """
        weights = np.ones(len(self.accounts)) if prior is None else np.asarray(prior, np.float64)
        if weights.shape != (len(self.accounts),) or weights.min() < 0 or weights.sum() <= 0:
            raise QantarError(
                "the prior over accounts cannot be used",
                expected=f"{len(self.accounts)} numbers, none negative, not all zero",
            )
        with np.errstate(divide="ignore"):  # an account with prior probability 0 keeps it
            probabilities: Numbers = softmax(self.log_evidence(values) + np.log(weights), axis=1)
        return probabilities

    def _scores(self, values: Numbers) -> Numbers:
        rows = np.atleast_2d(np.asarray(values, np.float64))
        if rows.shape[1] != len(self.members[0].centre):
            raise QantarError(
                f"{rows.shape[1]} values do not match the observations of the classifier",
                expected=f"{len(self.members[0].centre)} values",
                hint="use the observations that the classifier was trained on",
            )
        return np.stack([member.scores(rows) for member in self.members])


def committee_mean_and_spread(scores: Numbers) -> tuple[Numbers, Numbers]:
    """Return the mean and the spread of the scores of a committee.

    Parameters
    ----------
    scores : float array (members, n, accounts)
        Log densities by every member of the committee, up to one constant for each of its rows.

    Returns
    -------
    log_evidence, spread : float array (n, accounts)
        Mean over the committee, less that of the best account; and the standard deviation over
        the committee of the log odds against that account.
    """
    mean = scores.mean(axis=0)
    best = mean.argmax(axis=1)
    odds = scores - scores[:, np.arange(len(best)), best][:, :, None]
    return mean - mean.max(axis=1, keepdims=True), odds.std(axis=0)


def train(
    ensembles: Sequence[Ensemble], error: Numbers, *, seed: int, committee: int = 5
) -> Classifier:
    """Train a classifier of accounts.

    Parameters
    ----------
    ensembles : sequence of Ensemble
        Each account needs its stage 0. Sizes may differ. The order only determines the order of
        the accounts.
    error : float array (K,)
        Standard deviation of the observation error, which is added to the runs.
    seed : int
        Of the noise and of the committee's samples of runs.
    committee : int
        Number of regressions; each learns from a bootstrap sample of every class.

    Raises
    ------
    QantarError
        If an account lacks its stage 0, or an ensemble cannot be used.
    """
    accounts = tuple(dict.fromkeys(item.account for item in ensembles))
    ordered = sorted(ensembles, key=lambda item: (item.account, item.stage))
    _check_ensembles(ordered, accounts, len(error))
    where = {item.account: k for k, item in enumerate(ordered) if item.stage == 0}
    firsts = np.array([where[account] for account in accounts], np.int64)
    members = tuple(
        _fit_member(ordered, error, firsts, np.random.default_rng([seed, number]))
        for number in range(committee)
    )
    return Classifier(accounts, members)


def _check_ensembles(ensembles: Sequence[Ensemble], accounts: tuple[str, ...], width: int) -> None:
    keys = [(item.account, item.stage) for item in ensembles]
    lacking = [account for account in accounts if (account, 0) not in keys]
    if len(accounts) < 2 or lacking or len(set(keys)) < len(keys):
        raise QantarError(
            "the ensembles cannot be compared: "
            + (f"no stage 0 of {', '.join(lacking)}" if lacking else "too few or repeated"),
            expected="at least two accounts, each with one ensemble per stage and a stage 0",
        )
    for item in ensembles:
        shape = item.values.shape
        wrong = len(shape) != 2 or shape[1] != width or shape[0] < MIN_RUNS
        if wrong or not np.isfinite(item.values).all():
            raise QantarError(
                f"stage {item.stage} of {item.account} cannot be used: shape {shape}",
                expected=f"at least {MIN_RUNS} runs of {width} values, all of them finite",
            )


def _fit_member(
    ensembles: Sequence[Ensemble], error: Numbers, firsts: Hours, rng: np.random.Generator
) -> Member:
    """Fit one regression to noisy copies of a bootstrap sample of every class."""
    samples, labels = [], []
    for number, item in enumerate(ensembles):
        runs = np.tile(rng.integers(len(item.values), size=len(item.values)), COPIES)
        samples.append(item.values[runs] + error * rng.standard_normal((len(runs), len(error))))
        labels.append(np.full(len(runs), number, np.int64))
    values, classes = np.concatenate(samples), np.concatenate(labels)

    # A robust centre and scale that suit all classes, even if most are narrow.
    quartiles = np.stack(
        [np.quantile(values[classes == c], (0.25, 0.5, 0.75), axis=0) for c in np.unique(classes)]
    )
    centre = quartiles[:, 1].mean(axis=0)
    within = (quartiles[:, 2] - quartiles[:, 0]) / QUARTILES
    scale = np.sqrt(((quartiles[:, 1] - centre) ** 2 + within**2).mean(axis=0))

    standardised = _standardised(values, centre, scale)
    directions = Directions.of(standardised, PAIRS)
    along = directions.along(standardised)
    start = gaussian_start(directions, along, classes)
    coefficients = fit_regression(directions.features(along), classes, start, RIDGE)
    coefficients[0] -= np.log(np.bincount(classes))  # the size of a class is not evidence
    return Member(centre, scale, directions, coefficients[:, firsts])


def _standardised(values: Numbers, centre: Numbers, scale: Numbers) -> Numbers:
    """Return values in scales from the centre, clipped."""
    result: Numbers = np.clip((values - centre) / scale, -CLIP_AT, CLIP_AT)
    return result


@dataclass(frozen=True)
class Directions:
    """Uncorrelated directions of some values, of unit variance, the widest first.

    Attributes
    ----------
    centre : float array (K,)
    turn : float array (K, D)
        Takes centred values to the directions.
    pairs : int
        Number of leading directions whose products are features.
    """

    centre: Numbers
    turn: Numbers
    pairs: int

    @classmethod
    def of(cls, values: Numbers, pairs: int) -> Directions:
        """Find the principal directions of values (n, K)."""
        variance, axes = np.linalg.eigh(np.cov(values.T).reshape(values.shape[1], -1))
        keep = np.flatnonzero(variance > MIN_VARIANCE * variance[-1])[::-1]
        turn = axes[:, keep] / np.sqrt(variance[keep])
        return cls(values.mean(axis=0), turn, min(pairs, len(keep)))

    def along(self, values: Numbers) -> Numbers:
        """Return the directions (n, D) of values (n, K)."""
        turned: Numbers = (values - self.centre) @ self.turn
        return turned

    def features(self, along: Numbers) -> Numbers:
        """Return one, every direction, its square, and products of the leading ones."""
        i, j = np.triu_indices(self.pairs, 1)
        one = np.ones((len(along), 1))
        return np.hstack([one, along, along**2, along[:, i] * along[:, j]])


def gaussian_start(directions: Directions, along: Numbers, classes: Hours) -> Numbers:
    """Return the coefficients that correspond to normal densities of the classes.

    Leading directions have a full covariance, the others only variances, as the features allow.

    Returns
    -------
    float array (features, classes)
        Features times coefficients are log density plus log class size, up to a constant.
    """
    every = np.bincount(classes)
    wide = directions.pairs
    i, j = np.triu_indices(wide, 1)
    means = np.stack([along[classes == c].mean(axis=0) for c in range(len(every))])
    within = along - means[classes]
    shared = within.T @ within / len(along)
    columns = []
    for c, size in enumerate(every):
        part = within[classes == c]
        covariance = (part.T @ part + POOLED_RUNS * shared) / (size + POOLED_RUNS)
        blocked = np.diag(np.diag(covariance))
        blocked[:wide, :wide] = covariance[:wide, :wide]
        precision = np.linalg.inv(blocked)
        log_determinant = np.linalg.slogdet(blocked)[1]
        constant = float(np.log(size)) - 0.5 * (means[c] @ precision @ means[c] + log_determinant)
        parts = [np.array([constant]), precision @ means[c], -0.5 * np.diag(precision)]
        columns.append(np.concatenate([*parts, -precision[i, j]]))
    return np.stack(columns, axis=1)


def fit_regression(features: Numbers, classes: Hours, start: Numbers, ridge: float) -> Numbers:
    """Return the coefficients of highest penalised likelihood.

    Parameters
    ----------
    features : float array (n, F)
        The first one constant; it is not penalised.
    classes : int array (n,)
    start : float array (F, classes)
        Where the optimiser starts and towards which the ridge pulls.
    ridge : float
        Half of it times the squared distance from the start, in features of unit spread, is
        taken from the log likelihood.
    """
    n = len(features)
    size = np.concatenate([[1.0], np.maximum(features[:, 1:].std(axis=0), MIN_VARIANCE)])
    scaled = features / size
    home = start * size[:, None]
    hold = np.full(len(size), ridge / n)
    hold[0] = 0.0
    truth = np.arange(n), classes

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        change = flat.reshape(home.shape)
        scores = scaled @ (home + change)
        scores -= logsumexp(scores, axis=1, keepdims=True)
        value = -float(scores[truth].mean()) + 0.5 * float((hold[:, None] * change**2).sum())
        miss = np.exp(scores)
        miss[truth] -= 1.0
        slope = scaled.T @ miss / n + hold[:, None] * change
        return value, slope.ravel()

    found = minimize(
        loss,
        np.zeros(home.size),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ITERATIONS, "ftol": STOP_AT, "gtol": 0.0},
    )
    best: Numbers = (home + found.x.reshape(home.shape)) / size[:, None]
    return best
