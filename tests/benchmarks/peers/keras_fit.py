"""Keras `fit` with its defaults."""

from __future__ import annotations

import time
from typing import Any

import keras

from tests.benchmarks.fashion import BATCH, LEARNING_RATE, pictures
from tests.benchmarks.peers.keras_model import network
from tests.benchmarks.serve import Round, serve


def prepare(**compiling: Any) -> Round:
    """A network that `fit` has trained for an epoch; `compiling` are arguments of `compile`."""
    data = pictures()

    def fresh() -> Any:
        model = network()
        model.compile(
            optimizer=keras.optimizers.Adam(learning_rate=LEARNING_RATE),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            **compiling,
        )
        return model

    def one_round(epochs: int, seed: int | None = None) -> dict[str, Any]:
        """`epochs` epochs; with a seed a new network is trained from it and tested at the end."""
        if seed is not None:
            keras.utils.set_random_seed(seed)
        model = warm if seed is None else fresh()
        began = time.perf_counter()
        model.fit(data.train_x, data.train_y, batch_size=BATCH, epochs=epochs, verbose=0)
        seconds = time.perf_counter() - began
        steps = epochs * data.steps
        sample = {"steps": steps, "seconds": seconds, "steps_per_s": steps / seconds}
        if seed is None:
            return sample
        tested = model.evaluate(data.test_x, data.test_y, batch_size=1000, verbose=0, return_dict=True)
        return {**sample, "accuracy": float(tested["accuracy"])}

    warm = fresh()
    one_round(1)
    return one_round


if __name__ == "__main__":
    serve(prepare)
