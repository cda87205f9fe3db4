"""The next value up or down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.params import Choice, Choices, Integer, Number, Switch
from tui.model.stepping import next_text, stepped, toggled

RATE = Number(name="learning_rate", default=0.01, low=0.0, high=1000.0)
MOMENTUM = Number(name="momentum", default=0.9, low=0.0, high=1.0, step=0.05)
SIGNED = Number(name="w", default=1.0, low=-10.0, high=10.0)
SEED = Integer(name="seed", default=0, low=0, high=2**31 - 1)


@pytest.mark.parametrize(
    ("value", "direction", "expected"),
    [(0.01, 1, 0.02), (0.02, 1, 0.05), (0.05, 1, 0.1), (0.01, -1, 0.005), (0.03, 1, 0.05), (0.03, -1, 0.02)],
)
def test_a_rate_goes_one_two_five_ten(value: float, direction: int, expected: float) -> None:
    assert stepped(RATE, value, direction) == pytest.approx(expected)


def test_a_declared_step_is_kept_to() -> None:
    assert stepped(MOMENTUM, 0.9, 1) == pytest.approx(0.95)
    assert stepped(MOMENTUM, 1.0, 1) == 1.0


def test_a_signed_number_passes_zero() -> None:
    assert stepped(SIGNED, 0.1, -1) == 0.0
    assert stepped(SIGNED, 0.0, -1) == pytest.approx(-0.1)


def test_from_zero_a_rate_goes_up_to_its_default() -> None:
    assert stepped(RATE, 0.0, 1) == 0.01


@pytest.mark.parametrize("direction", [-1, 1])
def test_a_number_left_to_the_optimizer_begins_at_its_usual_value(direction: int) -> None:
    rho = Number(name="rho", low=0.0, high=0.9999, step=0.05, optional=True, usual=0.9)
    assert next_text(rho, "default", direction) == "0.9"
    assert next_text(rho, "0.9", direction) == f"{0.9 + direction * 0.05:g}"


def test_whole_numbers_go_by_one_then_faster() -> None:
    assert stepped(SEED, 3, 1) == 4
    assert stepped(SEED, 200, 1) == 500
    assert stepped(SEED, 0, -1) == 0


@given(st.floats(0.0, 1000.0), st.sampled_from((-1, 1)))
def test_a_step_never_leaves_the_bounds_and_never_goes_back(value: float, direction: int) -> None:
    there = stepped(RATE, value, direction)
    assert 0.0 <= there <= 1000.0
    assert (there - value) * direction >= 0


@given(st.integers(0, 2**31 - 1), st.sampled_from((-1, 1)))
def test_a_whole_step_stays_in_the_bounds(value: int, direction: int) -> None:
    assert 0 <= stepped(SEED, value, direction) <= 2**31 - 1


def test_a_choice_goes_round_and_a_switch_to_and_fro() -> None:
    choice = Choice(name="surface", default="a", options=("a", "b", "c"))
    assert [next_text(choice, text, 1) for text in ("a", "b", "c")] == ["b", "c", "a"]
    assert next_text(choice, "a", -1) == "c"
    assert [next_text(Switch(name="on", default=True), text, 1) for text in ("on", "off")] == ["off", "on"]


def test_words_are_chosen_in_the_order_of_the_setting() -> None:
    words = Choices(name="optimizer", default=("b",), options=("a", "b", "c"))
    assert toggled(words, "c", "a") == "a,c"
    assert toggled(words, "a,c", "c") == "a"
    assert toggled(words, "a", "a") == ""
