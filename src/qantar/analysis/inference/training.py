"""Training of small networks: stochastic gradient descent with early stopping.

The method, the order of the random numbers and the arithmetic are those of `MLPRegressor` of
scikit-learn with the solver ``adam``, and the fitted weights are the same (a test compares them).
Checks of inputs, values that early stopping never uses and new arrays for every batch take more
than half of the time there; here all parameters are one array, changed in place. The loss
``gamma``, which scikit-learn does not have, is that of a variance: squared residuals of a normal
with variance v cost log(v) + r^2 / v. Small variances are learnt as well as large ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qantar.base.compilation import compiled

Floats = NDArray[np.float32]
Loss = Literal["squared_error", "poisson", "gamma"]

LEARNING_RATE = 2e-3
BATCH = 128
PATIENCE = 6
MAX_EPOCHS = 80
"""Training stops when the validation score has not improved for `PATIENCE` epochs, or here."""

TOLERANCE = 1e-4
"""Smallest improvement of the validation score that counts."""

VALIDATION = 0.1
"""Share of the points that are only used for validation."""

LARGEST_LOG = np.float32(12.0)
"""Bound of the logarithm of a variance."""

STEEPEST = np.float32(20.0)
"""Bound of the slope of the loss ``gamma``, for residuals that are far outside a normal."""

FIRST_MEMORY, SECOND_MEMORY, TINY = np.float32(0.9), np.float32(0.999), np.float32(1e-8)
FIRST_NEWS, SECOND_NEWS = np.float32(1 - 0.9), np.float32(1 - 0.999)
"""Constants of Adam (Kingma and Ba 2015): decay of both moments, and a bound of the second."""


class Layers:
    """All weights and offsets of a network in one array, with a view of each.

    Parameters
    ----------
    widths : tuple of int
        Of every layer, from inputs to outputs.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        shapes = list(pairwise(widths))
        of_weights = [rows * columns for rows, columns in shapes]
        ends = np.cumsum([*of_weights, *widths[1:]])
        self.flat: Floats = np.zeros(int(ends[-1]), np.float32)
        self.flat_weights = self.flat[: sum(of_weights)]
        parts = np.split(self.flat, ends[:-1])
        self.weights = [
            part.reshape(shape) for part, shape in zip(parts[: len(shapes)], shapes, strict=True)
        ]
        self.offsets = parts[len(shapes) :]

    def randomise(self, rng: np.random.RandomState) -> None:
        """Draw weights and offsets uniformly (Glorot and Bengio 2010)."""
        for weight, offset in zip(self.weights, self.offsets, strict=True):
            bound = np.sqrt(6.0 / sum(weight.shape))
            weight[:] = rng.uniform(-bound, bound, weight.shape)
            offset[:] = rng.uniform(-bound, bound, offset.shape)


def train_layers(
    inputs: Floats, outputs: Floats, hidden: tuple[int, ...], penalty: float, seed: int, loss: Loss
) -> Layers:
    """Train a network and return the parameters with the best validation score.

    Parameters
    ----------
    inputs, outputs : float array (points, inputs), (points, outputs)
    hidden : tuple of int
        Width of every hidden layer.
    penalty : float
        Weight of the squared weights in the loss (L2).
    seed : int
    loss : str
        See `qantar.analysis.inference.emulator.fit_network`.
    """
    rng = np.random.RandomState(seed)
    layers = Layers((inputs.shape[1], *hidden, outputs.shape[1]))
    layers.randomise(rng)
    order = rng.permutation(len(inputs))
    held = int(np.ceil(VALIDATION * len(inputs)))
    check = _Validation(inputs[order[:held]], outputs[order[:held]], loss)
    inputs, outputs = inputs[order[held:]], outputs[order[held:]]
    best, best_score, waited = layers.flat.copy(), -np.inf, 0
    trainer = _Trainer(layers, penalty, loss)
    epochs = _shuffled(len(inputs), rng)
    for _ in range(MAX_EPOCHS):
        chosen = next(epochs)
        for first in range(0, len(inputs), BATCH):
            batch = chosen[first : first + BATCH]
            trainer.learn(inputs.take(batch, axis=0), outputs.take(batch, axis=0))
        score = check.score(layers)
        waited = waited + 1 if score < best_score + TOLERANCE else 0
        if score > best_score:
            best_score = score
            best[:] = layers.flat
        if waited > PATIENCE:
            break
    layers.flat[:] = best
    return layers


def _shuffled(points: int, rng: np.random.RandomState) -> Iterator[NDArray[np.int64]]:
    """Yield an order of the points for every epoch, each a shuffle of the one before."""
    order = np.arange(points)
    while True:
        shuffle = np.arange(points)
        rng.shuffle(shuffle)
        order = order[shuffle]
        yield order


def _activations(inputs: Floats, layers: Layers, loss: Loss) -> list[Floats]:
    """Return the values of every layer, from the inputs to the predicted outputs."""
    values = [inputs]
    for weight, offset in zip(layers.weights, layers.offsets, strict=True):
        if len(values) > 1:
            np.maximum(values[-1], 0, out=values[-1])
        after = values[-1] @ weight
        after += offset
        values.append(after)
    if loss == "gamma":
        np.clip(values[-1], -LARGEST_LOG, LARGEST_LOG, out=values[-1])
    if loss != "squared_error":
        np.exp(values[-1], out=values[-1])
    return values


@dataclass
class _Trainer:
    """Changes parameters by the gradients of batches (Adam)."""

    layers: Layers
    penalty: float
    loss: Loss

    def __post_init__(self) -> None:
        weights = self.layers.weights
        self._slopes = Layers((len(weights[0]), *(weight.shape[1] for weight in weights)))
        self._shrinkage = np.empty_like(self.layers.flat_weights)
        self._first = np.zeros_like(self.layers.flat)
        self._second = np.zeros_like(self.layers.flat)
        self._updates = 0

    def learn(self, inputs: Floats, outputs: Floats) -> None:
        """Change the parameters once."""
        values = _activations(inputs, self.layers, self.loss)
        # The slope of the loss with respect to what enters the last layer.
        delta = values[-1] - outputs
        if self.loss == "gamma":
            delta /= values[-1]
            np.maximum(delta, -STEEPEST, out=delta)
        for k in range(len(self.layers.weights) - 1, -1, -1):
            np.matmul(values[k].T, delta, out=self._slopes.weights[k])
            np.sum(delta, axis=0, out=self._slopes.offsets[k])
            if k > 0:
                delta = delta @ self.layers.weights[k].T
                delta *= values[k] > 0
        np.multiply(self.layers.flat_weights, np.float32(self.penalty), out=self._shrinkage)
        self._slopes.flat_weights += self._shrinkage
        self._slopes.flat /= np.float32(len(inputs))
        self._updates += 1
        rate = LEARNING_RATE * np.sqrt(1 - 0.999**self._updates) / (1 - 0.9**self._updates)
        step_by_moments(self.layers.flat, self._slopes.flat, self._first, self._second, rate)


@compiled
def step_by_moments(
    parameters: Floats, slopes: Floats, first: Floats, second: Floats, rate: float
) -> None:
    """Change parameters, and the moments of their slopes, in place (Adam)."""
    for k in range(len(parameters)):
        first[k] = FIRST_MEMORY * first[k] + FIRST_NEWS * slopes[k]
        second[k] = SECOND_MEMORY * second[k] + SECOND_NEWS * (slopes[k] * slopes[k])
        parameters[k] += -rate * first[k] / (np.sqrt(second[k]) + TINY)


class _Validation:
    """Points that are only used to score a network."""

    def __init__(self, inputs: Floats, outputs: Floats, loss: Loss) -> None:
        self._inputs, self._outputs, self._loss = inputs, outputs, loss
        self._variation = ((outputs - outputs.mean(axis=0)) ** 2).sum(axis=0)

    def score(self, layers: Layers) -> float:
        """Return the mean share of variance explained; NaN if a prediction is not finite."""
        predicted = _activations(self._inputs, layers, self._loss)[-1]
        if not np.isfinite(predicted).all():
            return float("nan")
        if self._loss == "gamma":
            return -float((np.log(predicted) + self._outputs / predicted).mean())
        missed = ((self._outputs - predicted) ** 2).sum(axis=0)
        varied = (missed > 0) & (self._variation > 0)
        explained = np.where(missed > 0, np.float32(0), np.float32(1))
        explained[varied] = 1 - missed[varied] / self._variation[varied]
        return float(explained.mean())
