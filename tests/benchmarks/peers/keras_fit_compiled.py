"""Keras `fit` as fast as its own settings make it: compiled by XLA, a hundred steps a call."""

from __future__ import annotations

from functools import partial

from tests.benchmarks.peers import keras_fit
from tests.benchmarks.serve import serve

prepare = partial(keras_fit.prepare, jit_compile=True, steps_per_execution=100)

if __name__ == "__main__":
    serve(prepare)
