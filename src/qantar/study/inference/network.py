"""Small neural networks: fitted by scikit-learn, kept and evaluated as plain arrays.

One hidden layer or more with rectifiers. Kept as arrays they travel in a file without pickles,
need no library to be used, and give their exact Jacobian.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qantar.arrays import Numbers

LEARNING_RATE = 2e-3
BATCH = 128
PATIENCE = 6
MOST_EPOCHS = 80
"""Training stops when the part kept aside has not improved for so many rounds, or here."""


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
            values = np.maximum(values @ weight + offset, 0.0)
        return values @ self.weights[-1] + self.offsets[-1]

    def jacobian(self, inputs: Numbers) -> Numbers:
        """Return the slopes: float array (points, outputs, inputs)."""
        values = inputs
        slopes = np.broadcast_to(
            np.eye(inputs.shape[1]), (len(inputs), inputs.shape[1], inputs.shape[1])
        )
        for weight, offset in zip(self.weights[:-1], self.offsets[:-1], strict=True):
            raw = values @ weight + offset
            slopes = (weight.T @ slopes) * (raw > 0.0)[:, :, None]
            values = np.maximum(raw, 0.0)
        result: Numbers = self.weights[-1].T @ slopes
        return result

    def arrays(self, name: str) -> dict[str, Numbers]:
        """Return the network as named arrays."""
        kept = {f"{name}.weight.{k}": weight for k, weight in enumerate(self.weights)}
        return kept | {f"{name}.offset.{k}": offset for k, offset in enumerate(self.offsets)}


def from_arrays(arrays: Mapping[str, Numbers], name: str) -> Network:
    """Return the network that `Network.arrays` wrote under a name."""
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
    loss: Literal["squared_error", "poisson"] = "squared_error",
) -> Network:
    """Fit a network that predicts outputs from inputs.

    Parameters
    ----------
    inputs, outputs : float array (points, inputs), (points, outputs)
    hidden : tuple of int
        Width of every hidden layer.
    penalty : float
        Of large weights.
    seed : int
    loss : str
        ``squared_error`` for a mean; ``poisson`` for the logarithm of a mean that is never
        negative.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    model = MLPRegressor(
        loss=loss,
        hidden_layer_sizes=hidden,
        alpha=penalty,
        learning_rate_init=LEARNING_RATE,
        batch_size=BATCH,
        early_stopping=True,
        n_iter_no_change=PATIENCE,
        max_iter=MOST_EPOCHS,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping at the last round is fine
        model.fit(inputs.astype(np.float32), outputs.astype(np.float32))
    return Network(
        tuple(np.asarray(weight, np.float64) for weight in model.coefs_),
        tuple(np.asarray(offset, np.float64) for offset in model.intercepts_),
    )
