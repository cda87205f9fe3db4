"""The line of an error's text that says what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import cause
from engine.lazy import keras, tf


@pytest.mark.parametrize(
    ("text", "expected"),
    [("wrong\nat length", "wrong"), ("", "no message"), ("\n  late\n", "late"), ("[[{{node a}}]]", "[[{{node a}}]]")],
)
def test_it_is_the_first(text: str, expected: str) -> None:
    assert cause(ValueError(text)) == expected


class Inner(keras.layers.Layer):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        return inputs * not_defined  # type: ignore[name-defined]  # noqa: F821


class Branches(keras.layers.Layer):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        return inputs if tf.reduce_sum(inputs) > 0.0 else -inputs


def test_of_an_error_in_a_layer_it_is_the_reason_and_the_layer() -> None:
    with pytest.raises(NameError) as raised:
        keras.Sequential([Inner()])(tf.zeros((2, 2)))
    assert cause(raised.value) == "name 'not_defined' is not defined, in Inner.call()"
    with pytest.raises(tf.errors.InvalidArgumentError) as lost:
        keras.layers.Embedding(3, 2)(tf.constant([7]))
    assert cause(lost.value) == "indices[0] = 7 is not in [0, 3), in Embedding.call()"
    with pytest.raises(Exception, match="Exception encountered") as branched:
        Branches()(keras.Input((3,)))
    assert cause(branched.value).startswith("Using a symbolic `tf.Tensor` as a Python `bool` is not allowed")


def test_of_an_error_in_a_graph_it_is_the_one_about_the_values() -> None:
    look_up = tf.function(lambda at: tf.gather(tf.range(3), at), autograph=False)
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        look_up(tf.constant([5]))
    assert cause(raised.value) == "indices[0] = 5 is not in [0, 3)"


def test_of_python_code_that_a_dataset_calls_it_is_that_code_s_error() -> None:
    def broken() -> Iterator[float]:
        yield 1.0
        raise RuntimeError("no more\nof them")

    with pytest.raises(tf.errors.UnknownError) as raised:
        list(tf.data.Dataset.from_generator(broken, output_signature=tf.TensorSpec(())))
    assert cause(raised.value) == "RuntimeError: no more"
