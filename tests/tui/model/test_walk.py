"""The first five minutes: the effect of each key, and the numbers shown are the computed ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exercises.seen import Recipe, perform
from engine.lazy import tf
from tui.model.walk import (
    FAST,
    HIMMELBLAU,
    PLACE,
    RATES,
    SLOW,
    Walk,
    basins,
    first_angle,
    pressed,
    reached,
    well_end,
    words,
)
from tui.plot.walk_picture import walk_cells
from tui.text.glyphs import glyphs_of

KEYS = ["left", "right", "s", "right_square_bracket", "left_square_bracket", "enter", "1", "3", "y", "n", "b", "x"]


def walked(*keys: str) -> Walk:
    walk = Walk()
    for key in keys:
        walk = pressed(walk, key)
    return walk


UP = "right_square_bracket"
TO_THE_RATE = ["left", *["s"] * 9]
TO_THE_MINIMA = [*TO_THE_RATE, UP, UP, "enter"]
TO_THE_END = [*TO_THE_MINIMA, "3", *["s"] * 20, "n", "b", "enter", "enter"]


def test_who_predicts_all_of_it_rightly_reads_that() -> None:
    walk = walked(*TO_THE_END)
    assert (walk.stage, walk.right, walk.asked) == ("end", 3, 3)
    assert "3 of 3 predictions were right." in words(walk)


def test_wrong_predictions_are_answered_and_the_walk_goes_on() -> None:
    assert "uphill" in words(walked("right"))[0]
    walk = walked("right", *TO_THE_MINIMA[1:], "1", *["s"] * 20)
    assert words(walk)[0] == "No: it ends at 3."
    walk = pressed(walk, "y")
    assert words(walk)[0].startswith("No: at 0.015 it ends at 2")
    assert (walk.right, walk.asked) == (0, 3)


def test_the_numbers_told_are_those_of_the_lesson() -> None:
    for rate in RATES:
        run = perform("gradients", Recipe({"function": "double-well", "learning_rate": str(rate)}))
        end, step = well_end(rate)
        found = run.ends[0]
        assert (found.minimum.point[0] if found.minimum else None) == (pytest.approx(end) if end is not None else None)
        assert step == (found.arrived_step if end is not None else found.diverged_step)
    for rate in (SLOW, FAST):
        run = perform("himmelblau", Recipe({"start": "-4,0", "learning_rate": str(rate)}))
        minimum = run.ends[0].minimum
        assert minimum is not None
        assert run.minima.index(minimum) + 1 == reached(rate)
    assert first_angle() == pytest.approx(80.6, abs=0.05)


def test_the_rate_is_found_with_one_key_and_taken_back() -> None:
    assert "the same valley" in words(walked(*TO_THE_RATE, UP))[0]
    assert "over the hill, near x = −1.301 in 6 steps" in words(walked(*TO_THE_RATE, UP, UP))[0]
    lost = walked(*TO_THE_RATE, UP, UP, UP)
    assert "it runs away, at step 5" in words(lost)[0]
    assert pressed(lost, "enter") == lost
    assert "over the hill" in words(pressed(lost, "left_square_bracket"))[0]


@given(st.lists(st.sampled_from(KEYS), max_size=60), st.integers(1, 90), st.integers(1, 30), st.booleans())
def test_any_keys_at_any_size_have_words_and_a_picture(keys: list[str], width: int, height: int, plain: bool) -> None:
    walk = walked(*keys)
    assert len(words(walk)) >= 2
    cells = walk_cells(walk, width, height, glyphs=glyphs_of(plain))
    rows = cells.text()
    assert len(rows) == height
    assert not plain or all(row.isascii() for row in rows)


def test_the_code_at_the_end_runs_as_it_stands_and_finds_the_slope_it_says() -> None:
    lines = [line.strip("\n") for line in words(walked(*TO_THE_END[:-1])) if line.startswith("  ")]
    variable, tape, function, gradient = lines
    source = "\n".join((variable.strip(), tape.strip(), function, gradient.strip()))
    names: dict[str, Any] = {"tf": tf}
    exec(source, names)
    assert gradient.endswith(f"# 2 - 0.1 * 21 = {float(names['x']):.3g}")


def test_the_basins_are_those_of_the_descents_of_the_walk() -> None:
    at_rest = walked(*TO_THE_MINIMA, "3", *["s"] * 20, "n")
    why = pressed(at_rest, "b")
    assert "b shows why." in words(at_rest)[1] and "Each number stands for its minimum" in words(why)[1]
    ground, shown = ("".join(walk_cells(each, 61, 13).text()) for each in (at_rest, why))
    assert "#" in ground and "#" not in shown and all(each in shown for each in "1234")
    columns = np.linspace(*HIMMELBLAU.x_range, 61)
    found = basins(FAST, 61, 13)[6, int(np.abs(columns - PLACE[0]).argmin())]
    assert found == reached(FAST)
    assert pressed(why, "b") == at_rest
