"""Training of networks: the same weights as scikit-learn, and the rules by which it stops."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from qantar.analysis.inference import training
from qantar.analysis.inference.training import Floats, Layers, Loss, train_layers

pytestmark = pytest.mark.usefixtures("one_thread")

HIDDEN, PENALTY, SEED = (24, 12), 2.0, 3


def example(loss: Loss, points: int = 900) -> tuple[Floats, Floats]:
    """Return inputs, and outputs that depend on them and on chance; one never varies."""
    rng = np.random.default_rng(1)
    inputs = rng.standard_normal((points, 7)).astype(np.float32)
    outputs = np.tanh(inputs @ rng.standard_normal((7, 4))) + 0.4 * rng.standard_normal((points, 4))
    outputs[:, 3] = 0.5
    return inputs, (outputs**2 if loss == "poisson" else outputs).astype(np.float32)


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
@pytest.mark.parametrize("points", [900, 100])
def test_weights_are_those_of_scikit_learn(loss: Loss, points: int) -> None:
    """Also with fewer points than a batch. Equal bits are not promised by every version of it."""
    networks = pytest.importorskip("sklearn.neural_network")
    inputs, outputs = example(loss, points)
    model = networks.MLPRegressor(
        loss=loss,
        hidden_layer_sizes=HIDDEN,
        alpha=PENALTY,
        learning_rate_init=training.LEARNING_RATE,
        batch_size=min(training.BATCH, int(0.9 * points)),
        early_stopping=True,
        n_iter_no_change=training.PATIENCE,
        max_iter=training.MAX_EPOCHS,
        random_state=SEED,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may stop at the last epoch
        model.fit(inputs, outputs)
    found = train_layers(inputs, outputs, HIDDEN, PENALTY, SEED, loss)
    for own, other in zip(found.weights, model.coefs_, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-6)
    for own, other in zip(found.offsets, model.intercepts_, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-6)


def test_weights_and_offsets_are_views_of_all_parameters() -> None:
    layers = Layers((3, 5, 2))
    layers.randomise(np.random.RandomState(1))
    assert layers.flat.size == 3 * 5 + 5 * 2 + 5 + 2
    together = [*(w.ravel() for w in layers.weights), *layers.offsets]
    np.testing.assert_array_equal(np.concatenate(together), layers.flat)
    layers.flat[:] = 0.0
    assert not any(weight.any() for weight in layers.weights)


def test_training_stops_when_nothing_more_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inputs say nothing about outputs: more epochs than patience would change nothing."""
    rng = np.random.default_rng(2)
    inputs, outputs = (rng.standard_normal((600, 4)).astype(np.float32) for _ in range(2))
    found = train_layers(inputs, outputs, HIDDEN, PENALTY, SEED, "squared_error")
    monkeypatch.setattr(training, "MAX_EPOCHS", 2 * training.MAX_EPOCHS)
    again = train_layers(inputs, outputs, HIDDEN, PENALTY, SEED, "squared_error")
    np.testing.assert_array_equal(found.flat, again.flat)


def test_the_loss_of_a_variance_learns_small_and_large_ones() -> None:
    """Squared residuals of normals whose variance spans a factor of 400."""
    rng = np.random.default_rng(4)
    inputs = rng.uniform(-1.5, 1.5, (6000, 1)).astype(np.float32)
    squares = (np.exp(2 * inputs) * rng.standard_normal((6000, 1)) ** 2).astype(np.float32)
    layers = train_layers(inputs, squares, (16,), 0.0, SEED, "gamma")
    points = np.linspace(-1.3, 1.3, 7, dtype=np.float32)[:, None]
    hidden = np.maximum(points @ layers.weights[0] + layers.offsets[0], 0)
    log_variance = hidden @ layers.weights[1] + layers.offsets[1]
    np.testing.assert_allclose(log_variance, 2 * points, atol=0.25)
