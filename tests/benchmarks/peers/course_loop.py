"""The course's classifier loop in our own code: eager TensorFlow, a tape per step, tf.data that shuffles and
batches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from tests.benchmarks.fashion import BATCH, LEARNING_RATE, pictures
from tests.benchmarks.peers.keras_model import network
from tests.benchmarks.serve import Round, serve

WARM_STEPS = 30


def prepare() -> Round:
    """A network that has taken a few steps."""
    data = pictures()
    model = network()
    optimizer = keras.optimizers.Adam(learning_rate=LEARNING_RATE)
    train = tf.data.Dataset.from_tensor_slices((data.train_x, data.train_y)).shuffle(10_000).batch(BATCH)
    test = tf.data.Dataset.from_tensor_slices((data.test_x, data.test_y)).batch(BATCH)
    batches = _endless(train)

    def step(x: Any, y: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            logits = model(x)
            wanted = tf.one_hot(y, depth=10)
            squared = tf.reduce_mean(keras.losses.mean_squared_error(wanted, tf.nn.softmax(logits)))
            entropy = tf.reduce_mean(keras.losses.categorical_crossentropy(wanted, logits, from_logits=True))
        gradients = tape.gradient(entropy, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return entropy, squared

    def accuracy() -> float:
        right = total = 0
        for x, y in test:
            guessed = tf.argmax(tf.nn.softmax(model(x)), axis=1, output_type=tf.int32)
            right += int(tf.reduce_sum(tf.cast(guessed == y, tf.int32)))
            total += len(y)
        return right / total

    def one_round(steps: int = 0, epochs: int = 0) -> dict[str, Any]:
        """`steps` steps, or `epochs` epochs with a test after each."""
        began = time.perf_counter()
        found = 0.0
        for _ in range(steps):
            step(*next(batches))
        for _ in range(epochs):
            for x, y in train:
                step(x, y)
            found = accuracy()
        seconds = time.perf_counter() - began
        taken = steps + epochs * data.steps
        return {"steps": taken, "seconds": seconds, "steps_per_s": taken / seconds, "accuracy": found}

    one_round(steps=WARM_STEPS)
    accuracy()
    return one_round


def _endless(train: Any) -> Iterator[Any]:
    """Batches of one epoch after another: the cost of a round does not depend on where its epoch began."""
    while True:
        yield from train


if __name__ == "__main__":
    serve(prepare)
