"""The line of an error's text that says what went wrong."""

from __future__ import annotations

import pytest

from engine.errors import cause
from engine.lazy import tf


@pytest.mark.parametrize(
    ("text", "expected"),
    [("wrong\nat length", "wrong"), ("", "no message"), ("\n  late\n", "late"), ("[[{{node a}}]]", "[[{{node a}}]]")],
)
def test_it_is_the_first(text: str, expected: str) -> None:
    assert cause(ValueError(text)) == expected


def test_of_an_error_in_a_graph_it_is_the_one_about_the_values() -> None:
    look_up = tf.function(lambda at: tf.gather(tf.range(3), at), autograph=False)
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        look_up(tf.constant([5]))
    assert cause(raised.value) == "indices[0] = 5 is not in [0, 3)"
