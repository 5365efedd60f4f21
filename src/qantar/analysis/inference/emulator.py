"""Emulator: predicts every fact of a run from its unknowns, in microseconds.

Synthetic likelihood (Wood 2010) with a learned mean and variance, as in emulation of stochastic
simulators (Baker et al. 2022): facts are about normal around a mean that depends on the unknowns,
with a spread that depends on them too and a correlation that does not. The mean is a committee of
small networks under a strong penalty, because a network fitted to noise is overconfident. What it
cannot resolve, mainly the joint action of hundreds of place effects, counts as noise.

The networks are fitted as in scikit-learn, and stored and evaluated as plain arrays: one or more
hidden layers of rectifiers. Arrays need neither pickles nor a library for prediction, and give the
exact Jacobian.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from qantar.analysis.inference.training import BATCH, Loss, train_layers
from qantar.base.arrays import Hours, Numbers

FOLDS = 4
"""Networks in the committee, one for every cross-validation fold."""

HIDDEN, PENALTY = (128, 64), 1.0
SPREAD_HIDDEN, SPREAD_PENALTY = (32,), 0.3
"""Widths of hidden layers, and the penalty on squared weights for every input: with more inputs
every weight is expected to be smaller."""

FURTHER_INPUTS = 10
"""Added to the number of inputs in the penalty, so that it is not too weak with a few inputs."""

MIN_SPREAD = 0.02
"""Minimum standard deviation, as a share of that of the fact over all runs."""

MAX_LOG_VARIANCE = 5.0
SHRINK = 0.05
"""Shrinkage of the correlation towards the identity."""


@dataclass(frozen=True)
class Emulator:
    """A fitted emulator of K facts.

    Attributes
    ----------
    centre, scale : float array (K,)
    means : tuple of Network
    spreads : tuple of Network
        The logarithm of the residual variance, on the scale of the facts; one for every mean.
    correlation : float array (K, K)
    explained : float array (K,)
        Share of the variance of held-out runs that the mean explains.
    """

    centre: Numbers
    scale: Numbers
    means: tuple[Network, ...]
    spreads: tuple[Network, ...]
    correlation: Numbers
    explained: Numbers

    def mean(self, unknowns: Numbers) -> Numbers:
        """Return the mean of every fact: float array (points, K)."""
        total = sum(network(unknowns) for network in self.means)
        result: Numbers = self.centre + self.scale * total / len(self.means)
        return result

    def deviation(self, unknowns: Numbers) -> Numbers:
        """Return the standard deviation of every fact: float array (points, K)."""
        total = sum(_variance(network, unknowns) for network in self.spreads)
        result: Numbers = self.scale * np.sqrt(total / len(self.spreads))
        return result

    def slopes(self, unknowns: Numbers) -> Numbers:
        """Return the Jacobian of the mean: float array (points, K, unknowns)."""
        total = sum(network.jacobian(unknowns) for network in self.means)
        result: Numbers = self.scale[:, None] * total / len(self.means)
        return result

    def restricted_to(self, facts: Hours) -> Emulator:
        """Return the emulator of some of its facts, by their indices."""
        return Emulator(
            self.centre[facts],
            self.scale[facts],
            tuple(network.restricted_to(facts) for network in self.means),
            tuple(network.restricted_to(facts) for network in self.spreads),
            self.correlation[np.ix_(facts, facts)],
            self.explained[facts],
        )

    def members(self) -> Iterator[Emulator]:
        """Yield every network of the committee, with its own spread, as an emulator of its own.

        They were trained on different runs: how much they disagree shows what the runs leave open.
        """
        for mean, spread in zip(self.means, self.spreads, strict=True):
            yield replace(self, means=(mean,), spreads=(spread,))

    def arrays(self) -> dict[str, Numbers]:
        """Return the emulator as named arrays."""
        kept = {
            name: getattr(self, name) for name in ("centre", "scale", "correlation", "explained")
        }
        for k, network in enumerate(self.means):
            kept |= network.arrays(f"mean.{k}")
        for k, network in enumerate(self.spreads):
            kept |= network.arrays(f"spread.{k}")
        return kept


def emulator_from(arrays: Mapping[str, Numbers]) -> Emulator:
    """Return the emulator from the arrays of `Emulator.arrays`."""
    committee = len({key.split(".")[1] for key in arrays if key.startswith("mean.")})
    return Emulator(
        **{name: arrays[name] for name in ("centre", "scale", "correlation", "explained")},
        means=tuple(from_arrays(arrays, f"mean.{k}") for k in range(committee)),
        spreads=tuple(from_arrays(arrays, f"spread.{k}") for k in range(committee)),
    )


def fit_emulator(
    unknowns: Numbers, facts: Numbers, groups: Hours, least: Numbers, *, seed: int
) -> Emulator:
    """Fit an emulator to runs.

    Parameters
    ----------
    unknowns : float array (runs, unknowns)
        Standard normal scores.
    facts : float array (runs, K)
    groups : int array (runs,)
        Runs that descend from the same prior draw have the same number, and are never split
        between training and validation.
    least : float array (K,)
        Minimum scale of every fact: its observation error.
    seed : int
    """
    centre = facts.mean(axis=0)
    scale = np.maximum(facts.std(axis=0), least)
    wanted = (facts - centre) / scale
    fold = groups % FOLDS
    means, residuals = [], np.empty_like(wanted)
    for k in range(FOLDS):
        own, others = fold == k, fold != k
        network = fit_network(
            unknowns[others],
            wanted[others],
            hidden=HIDDEN,
            penalty=_of_a_batch(PENALTY, unknowns[others]),
            seed=seed + k,
        )
        means.append(network)
        residuals[own] = wanted[own] - network(unknowns[own])
    spreads, variance = [], np.empty_like(wanted)
    for k in range(FOLDS):
        own, others = fold == k, fold != k
        network = fit_network(
            unknowns[others],
            residuals[others] ** 2,
            hidden=SPREAD_HIDDEN,
            penalty=_of_a_batch(SPREAD_PENALTY, unknowns[others]),
            seed=seed + FOLDS + k,
            loss="gamma",
        )
        spreads.append(network)
        variance[own] = _variance(network, unknowns[own])

    standardised = residuals / np.sqrt(variance)
    root_mean_square = np.sqrt((standardised**2).mean(axis=0))
    standardised = standardised / np.maximum(root_mean_square, MIN_SPREAD)
    sample = standardised.T @ standardised / len(standardised)
    correlation = (1 - SHRINK) * sample + SHRINK * np.eye(len(sample))
    np.fill_diagonal(correlation, 1.0)
    return Emulator(
        centre,
        scale,
        tuple(means),
        tuple(spreads),
        correlation,
        1.0 - (residuals**2).mean(axis=0) / np.maximum(wanted.var(axis=0), MIN_SPREAD**2),
    )


def _variance(spread: Network, unknowns: Numbers) -> Numbers:
    """Return the residual variance of every fact, in squared scales: (points, K)."""
    variance: Numbers = np.exp(np.minimum(spread(unknowns), MAX_LOG_VARIANCE)) + MIN_SPREAD**2
    return variance


def _of_a_batch(penalty: float, unknowns: Numbers) -> float:
    """Return the penalty in every batch that adds up, over all runs, to `penalty` per input.

    The loss is a sum over runs, and the penalty belongs to it once. Counted in full in every batch
    it would shrink all slopes, and never less with more runs.
    """
    runs, width = unknowns.shape
    return float(penalty * (width + FURTHER_INPUTS) * min(1.0, BATCH / runs))


@dataclass(frozen=True)
class Network:
    """Weights and offsets of every layer; the last is linear.

    Attributes
    ----------
    weights : tuple of float array (inputs, outputs)
    offsets : tuple of float array (outputs,)
    """

    weights: tuple[Numbers, ...]
    offsets: tuple[Numbers, ...]

    def __call__(self, inputs: Numbers) -> Numbers:
        """Return the outputs: float array (points, inputs) -> (points, outputs)."""
        values = inputs
        for weight, offset in zip(self.weights[:-1], self.offsets[:-1], strict=True):
            values = values @ weight
            values += offset  # in place: fresh memory costs more than the sums
            np.maximum(values, 0.0, out=values)
        return values @ self.weights[-1] + self.offsets[-1]

    def jacobian(self, inputs: Numbers) -> Numbers:
        """Return the Jacobian: float array (points, outputs, inputs)."""
        values, active = inputs, []
        for weight, offset in zip(self.weights[:-1], self.offsets[:-1], strict=True):
            raw = values @ weight + offset
            active.append(raw > 0.0)
            values = np.maximum(raw, 0.0)
        # From the last layer to the first: there are fewer outputs than inputs. Rows of all points
        # are multiplied at once.
        outputs = self.weights[-1].shape[1]
        slopes: Numbers = np.tile(self.weights[-1].T, (len(inputs), 1))
        for weight, on in zip(self.weights[-2::-1], active[::-1], strict=True):
            slopes = (slopes * np.repeat(on, outputs, axis=0)) @ weight.T
        return slopes.reshape(len(inputs), outputs, -1)

    def restricted_to(self, outputs: Hours) -> Network:
        """Return the network of some of its outputs, by their indices."""
        return Network(
            (*self.weights[:-1], np.ascontiguousarray(self.weights[-1][:, outputs])),
            (*self.offsets[:-1], self.offsets[-1][outputs]),
        )

    def arrays(self, name: str) -> dict[str, Numbers]:
        """Return the network as named arrays."""
        kept = {f"{name}.weight.{k}": weight for k, weight in enumerate(self.weights)}
        return kept | {f"{name}.offset.{k}": offset for k, offset in enumerate(self.offsets)}


def from_arrays(arrays: Mapping[str, Numbers], name: str) -> Network:
    """Return the network that `Network.arrays` named."""
    layers = sum(key.startswith(f"{name}.weight.") for key in arrays)
    return Network(
        tuple(arrays[f"{name}.weight.{k}"] for k in range(layers)),
        tuple(arrays[f"{name}.offset.{k}"] for k in range(layers)),
    )


def fit_network(
    inputs: Numbers,
    outputs: Numbers,
    *,
    hidden: tuple[int, ...],
    penalty: float,
    seed: int,
    loss: Loss = "squared_error",
) -> Network:
    """Fit a network that predicts outputs from inputs.

    Parameters
    ----------
    inputs, outputs : float array (points, inputs), (points, outputs)
    hidden : tuple of int
        Width of every hidden layer.
    penalty : float
        Weight of the squared weights in the loss (L2).
    seed : int
    loss : str
        ``squared_error`` for a mean; ``gamma`` for the logarithm of a variance, with squared
        residuals as outputs; ``poisson`` for the logarithm of any other mean that is never
        negative.
    """
    layers = train_layers(
        inputs.astype(np.float32), outputs.astype(np.float32), hidden, penalty, seed, loss
    )
    return Network(
        tuple(np.asarray(weight, np.float64) for weight in layers.weights),
        tuple(np.asarray(offset, np.float64) for offset in layers.offsets),
    )
