"""Optimizers whose update is compiled by XLA inside a plain graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.lazy import keras, tf
from engine.training.updates import SMALLEST_COMPILED, CompiledUpdate

SIDE = int(SMALLEST_COMPILED**0.5)
SHAPES = ((SIDE, SIDE), (SIDE,))

FAST = ("Adam", "SGD")
SLOW = ("AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "Ftrl", "Lion", "Lamb", "Adafactor", "Muon")


def taken(optimizer: Any, *, compiled: bool, sparse: bool = False) -> tuple[list[np.ndarray], int]:
    """The variables of the model and of the optimizer after three steps in a graph, and how many of the graph's
    functions XLA compiles."""
    random = np.random.default_rng(0)
    trained = [keras.Variable(random.normal(size=shape).astype("float32"), name=f"of_{len(shape)}") for shape in SHAPES]
    gradients = [tf.constant(random.normal(size=shape), tf.float32) for shape in SHAPES]
    optimizer.build(trained)
    updater = CompiledUpdate(optimizer, trained) if compiled else optimizer

    @tf.function(autograph=False)
    def steps() -> None:
        for scale in (1.0, -0.5, 0.25):
            given = [scale * each for each in gradients]
            if sparse:
                given[0] = tf.IndexedSlices(given[0][:2], tf.constant([3, 1]), tf.constant(SHAPES[0]))
            updater.apply(given, trained)

    steps()
    library = steps.get_concrete_function().graph.as_graph_def().library.function
    by_xla = sum(each.attr["_XlaMustCompile"].b for each in library)
    return [each.numpy() for each in (*trained, *optimizer.variables)], by_xla


@pytest.mark.parametrize("name", [*FAST, *(pytest.param(each, marks=pytest.mark.slow) for each in SLOW)])
def test_a_compiled_update_is_that_of_keras(name: str) -> None:
    """Weight decay and clipping, which Keras applies before the update, included."""
    options: dict[str, Any] = {"clipnorm": 0.5, "weight_decay": 0.01} | ({"momentum": 0.9} if name == "SGD" else {})
    optimizers = [getattr(keras.optimizers, name)(0.01, **options) for _ in range(2)]
    found, by_xla = taken(optimizers[0], compiled=True)
    expected, _ = taken(optimizers[1], compiled=False)
    assert by_xla == 1
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


def test_a_learner_s_own_update_and_sparse_gradients_stay_in_the_graph() -> None:
    class Own(keras.optimizers.SGD):  # type: ignore[misc]
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            rounded = tf.numpy_function(lambda each: each.round(3), [gradient], tf.float32)
            variable.assign_sub(learning_rate * tf.ensure_shape(rounded, variable.shape))

    found, by_xla = taken(Own(0.01), compiled=True)
    assert by_xla == 0
    for mine, theirs in zip(found, taken(Own(0.01), compiled=False)[0], strict=True):
        np.testing.assert_array_equal(mine, theirs)
    found, by_xla = taken(keras.optimizers.SGD(0.01), compiled=True, sparse=True)
    assert by_xla == 0
    for mine, theirs in zip(found, taken(keras.optimizers.SGD(0.01), compiled=False, sparse=True)[0], strict=True):
        np.testing.assert_array_equal(mine, theirs)
