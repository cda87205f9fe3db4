"""Lessons 1 to 4: their numbers agree with calculus, and their sentences with their numbers."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from engine.descent import chosen, curves
from engine.errors import InputError
from engine.events import Curve, Diverged, PathEnded, PathsGrew, PathsOpened
from engine.lessons import activations, autograd, gradients, losses
from tests.engine.lesson_runs import Array, column, curve, learned, only, remarks, run, table

FUNCTIONS = curves.FUNCTIONS
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.id)
each_activation = pytest.mark.parametrize("activation", activations.ACTIVATIONS, ids=lambda activation: activation.id)


# --- 1 gradients ----------------------------------------------------------------------------------------------


def plain(name: str, x: Array) -> Array:
    """The functions of one variable, written independently."""
    return {
        "parabola": lambda: x**2,
        "double-well": lambda: np.polyval([1, 0, -3, 1, 0], x),
        "wave": lambda: x**2 / 10 + np.sin(3 * x),
        "plateau": lambda: -np.expm1(-(x**2) / 2),
        "cubic": lambda: np.polyval([1, 0, -3, 0], x),
    }[name]()


@each_function
def test_the_tape_agrees_with_central_differences(function: curves.Function) -> None:
    x = np.linspace(*function.x_range, 41)
    h = 1e-5
    central = (plain(function.id, x + h) - plain(function.id, x - h)) / (2 * h)
    y, slope = gradients.autodiff(function, x)
    np.testing.assert_allclose(slope, central, atol=1e-8)
    np.testing.assert_allclose(y, plain(function.id, x), atol=1e-12)
    single = gradients.autodiff(function, x.astype(np.float32))[1]
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, central, atol=1e-4)


@each_function
def test_the_slopes_are_reported_three_ways(function: curves.Function) -> None:
    events = run("gradients", function=function.id, steps="1")
    found = table(events, "derivative")
    x = column(found, "x")
    np.testing.assert_allclose(column(found, "f(x)"), plain(function.id, x), atol=1e-12)
    np.testing.assert_allclose(column(found, "tape f′(x)"), column(found, "closed form"), atol=1e-12)
    np.testing.assert_allclose(column(found, "central difference"), column(found, "closed form"), atol=1e-8)
    difference = column(found, "tape f′(x)") - column(found, "central difference")
    np.testing.assert_array_equal(column(found, "tape − central"), difference)


@each_function
def test_the_closed_form_is_the_derivative(function: curves.Function) -> None:
    x = np.linspace(*function.x_range, 41)
    by_complex_step = np.imag(function.f(x + 1e-30j, np)) / 1e-30
    np.testing.assert_allclose(function.derivative(x), by_complex_step, rtol=1e-12, atol=1e-13)


@each_function
def test_the_minima_of_a_curve_are_minima(function: curves.Function) -> None:
    for minimum in function.minima:
        (x,) = minimum.point
        assert function.derivative(x) == pytest.approx(0.0, abs=1e-12)
        assert plain(function.id, np.array(x)) == pytest.approx(minimum.value, abs=1e-12)
        around = plain(function.id, x + np.linspace(-0.05, 0.05, 11))
        assert around.argmin() == 5


@each_function
def test_no_minimum_of_the_part_drawn_is_missing(function: curves.Function) -> None:
    x = np.linspace(*function.x_range, 100_001)
    y = plain(function.id, x)
    inner = x[1:-1][(y[1:-1] < y[:-2]) & (y[1:-1] <= y[2:])]
    np.testing.assert_allclose(sorted(minimum.point[0] for minimum in function.minima), inner, atol=1e-3)


@each_function
def test_a_curve_is_dense_and_ascends(function: curves.Function) -> None:
    (drawn,) = only(Curve, run("gradients", function=function.id, steps="1"))
    assert len(drawn.x) >= 400 and (np.diff(drawn.x) > 0).all()
    np.testing.assert_allclose(drawn.y, plain(function.id, drawn.x), atol=1e-12)
    np.testing.assert_allclose(drawn.gradient[1:-1], np.gradient(drawn.y, drawn.x)[1:-1], atol=0.02)


def test_a_difference_quotient_errs_as_calculus_says() -> None:
    found = table(run("gradients", function="double-well", steps="1"), "difference-step")
    h = column(found, "h")
    central, one_sided = (column(found, f"{kind}, greatest error") for kind in ("central", "one-sided"))
    # Central: h²·f′′′/6 with f′′′ = 24x; one-sided: h·f″/2 with f″ = 12x² − 6; both at the ends of ±2.2.
    assert h[0] == 0.1 and central[0] == pytest.approx(0.01 * 24 * 2.2 / 6, rel=0.05)
    assert one_sided[1] == pytest.approx(1e-3 * (12 * 2.2**2 - 6) / 2, rel=0.05)
    assert central[1] / central[0] == pytest.approx(1e-4, rel=0.05)
    assert central[-1] > 1e-6 > central.min(), "rounding drowns the smallest step"


def test_the_best_step_is_the_one_said_to_be() -> None:
    for name in curves.NAMES:
        events = run("gradients", function=name, steps="1")
        found = table(events, "difference-step")
        best = column(found, "h")[column(found, "central, greatest error").argmin()]
        assert f"of the steps h tried, {best:g} was best" in learned(events)


def test_no_direction_rises_faster_than_the_gradient() -> None:
    events = run("gradients", steps="1")
    found = table(events, "steepest")
    turned, measured = column(found, "turned from ∇f (degrees)"), column(found, "measured rise per unit")
    length = math.hypot(-52.0, -20.0)  # by hand: 4·1·(1−11) + 2·(1−7), 2·(1−11)
    np.testing.assert_allclose(measured, length * np.cos(np.radians(turned)), atol=1e-6)
    assert measured.argmax() == 0 and "(−52, −20)" in found.title and "1.0000·|∇f|" in learned(events)


def test_descent_on_the_parabola_shrinks_x_by_a_constant() -> None:
    events = run("gradients", steps="20")
    (grew,) = only(PathsGrew, events)
    np.testing.assert_allclose(grew.points[0, :, 0], 2.5 * 0.8 ** np.arange(1, 21), rtol=1e-5)
    np.testing.assert_allclose(grew.gradients[0, :, 0], 2 * grew.points[0, :, 0], rtol=1e-6)
    np.testing.assert_allclose(grew.values[0], grew.points[0, :, 0] ** 2, rtol=1e-6)


@each_function
def test_every_curve_is_descended_to_a_minimum_from_its_own_start(function: curves.Function) -> None:
    events = run("gradients", function=function.id)
    (opened,) = only(PathsOpened, events)
    (end,) = only(PathEnded, events)
    assert opened.starts.tolist() == [[pytest.approx(function.start)]]
    assert end.minimum in function.minima and not only(Diverged, events)


def test_the_agreement_stated_is_the_one_in_the_table() -> None:
    events = run("gradients", function="wave", steps="1")
    worst = np.abs(column(table(events, "derivative"), "tape − central")).max()
    assert f"agree within {worst:.1e};" in learned(events)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("exp(x)", r"agree within 4\.4e-10;"),
        ("1000000*x^4", r"agree within [0-9.]+e-1\d of the slope;"),
        ("1/x", r"agree within 3\.1e-10 at the 8 of 9 places where both are finite;"),
        (
            "log(x)/x",
            r"are 9\.4e\+00 apart at x = 0\.003, 1\.2e-05 of the slope there: f bends too sharply for h = 1e",
        ),
        (
            "(x-1e6)^2",
            r"of the slope there: f is so large that its rounding error counts, divided by h = 1e-05; .* 0\.1 was",
        ),
        ("sign(x)", r"are 1\.0e\+05 apart at x = 0: f jumps within h = 1e-05;"),
        ("sqrt(-x^2-1)", "have no finite slope in common at the places of the table; no place has a finite difference"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_no_agreement_is_claimed_where_a_curve_is_too_steep_or_not_finite(expression: str, said: str) -> None:
    function = chosen.function_called(expression)
    assert re.search(said, f"{gradients.compared_slopes(function)[1]}; {gradients.compared_steps(function)[1]}")


@pytest.mark.parametrize(
    ("lesson_id", "option", "text"),
    [("gradients", "function", "sqrt(-1 - x^2)"), ("himmelblau", "surface", "log(-1 - x^2 - y^2)")],
)
def test_a_function_that_is_finite_nowhere_is_refused(lesson_id: str, option: str, text: str) -> None:
    with pytest.raises(InputError, match=rf"--{option}: f.* has no finite value from -3 to 3; expected one there, or"):
        run(lesson_id, **{option: text})


def test_a_steep_place_is_where_tape_and_closed_form_agree_and_the_difference_does_not() -> None:
    found, _ = gradients.compared_slopes(chosen.function_called("log(x)/x"))
    x, tape, closed, central = (
        column(found, name) for name in ("x", "tape f′(x)", "closed form", "central difference")
    )
    h, third = gradients.CENTRAL_STEP, (11 - 6 * np.log(x)) / x**4  # the third derivative of log(x)/x
    np.testing.assert_allclose(tape, closed, rtol=1e-13)
    assert central[0] - tape[0] == pytest.approx(h * h * third[0] / 6, rel=0.01)


# --- 2 autograd -----------------------------------------------------------------------------------------------


def test_the_course_numbers_are_three_one_and_none() -> None:
    assert autograd.linear_gradients(w=1.0, b=2.0, x=3.0) == (5.0, 3.0, 1.0)
    assert autograd.second_of_linear(w=1.0, b=2.0, x=3.0) is None
    assert table(run("autograd"), "linear").rows == (
        ("y", 5.0, 5.0),
        ("dy/dw", 3.0, 3.0),
        ("dy/db", 1.0, 1.0),
        ("d²y/dw²", "None", "0"),
    )


@pytest.mark.parametrize(("w", "b", "x", "t"), [(1.0, 2.0, 3.0, 4.0), (-2.0, 0.5, 0.0, -1.0), (0.25, -3.0, 8.0, -1.0)])
def test_the_tape_of_a_loss_is_the_chain_rule_step_by_step(w: float, b: float, x: float, t: float) -> None:
    error = x * w + b - t
    expected = {
        "e": (error, 2 * error, 1.0, 2 * error),
        "y": (x * w + b, 1.0, 2 * error, 2 * error),
        "b": (b, 1.0, 2 * error, 2 * error),
        "p": (x * w, 1.0, 2 * error, 2 * error),
        "w": (w, x, 2 * error, 2 * error * x),
    }
    events = run("autograd", w=str(w), b=str(b), x=str(x), target=str(t))
    loss, *nodes = table(events, "tape").rows
    assert loss == ("L", pytest.approx(error**2), "", None, None, 1.0)
    rows = {name: numbers for name, *numbers in nodes}
    assert list(rows) == list(expected)
    for name, (value, _, *slopes) in rows.items():
        np.testing.assert_allclose([value, *slopes], expected[name], rtol=1e-12, atol=1e-12)
        local, upstream, gradient = slopes
        assert gradient == local * upstream


@pytest.mark.parametrize(
    ("w", "said"),
    [
        ("1", "L = 1, it gives dL/dw = 6: a smaller w makes L less"),
        ("0", "L = 4, it gives dL/dw = -12: a larger w"),
        ("0.5", "L = 0.25, it gives dL/dw = -3: a larger w"),
    ],
)
def test_what_is_learned_says_which_way_the_weight_should_go(w: str, said: str) -> None:
    assert said in learned(run("autograd", w=w))


def test_at_the_target_the_weight_may_stay() -> None:
    assert "dL/dw = 0: a small change of w leaves L as it is" in learned(run("autograd", target="5"))


def test_a_persistent_tape_answers_twice_and_another_refuses_in_tensorflows_words() -> None:
    with tf.GradientTape() as tape:
        w = tf.constant(1.0)
        tape.watch(w)
        y = 3.0 * w
    tape.gradient(y, w)
    with pytest.raises(RuntimeError) as refused:
        tape.gradient(y, w)
    assert table(run("autograd"), "tapes").rows == (
        ("persistent=True", 3.0, 1.0),
        ("persistent=False", 3.0, str(refused.value)),
    )


@pytest.mark.parametrize("w", [-10.0, -2.0, 0.0, 1.0, 10.0])
@pytest.mark.parametrize("name", autograd.TWICE)
def test_a_tape_within_a_tape_finds_the_second_derivative(name: str, w: float) -> None:
    expected = {
        "cube": (w**3, 3 * w**2, 6 * w),
        "sine": (math.sin(w), math.cos(w), -math.sin(w)),
        "exponential": (math.exp(w),) * 3,
    }[name]
    np.testing.assert_allclose(autograd.second_order(autograd.TWICE[name], w), expected, rtol=1e-14, atol=1e-15)
    events = run("autograd", function=name, w=str(w))
    found = table(events, "second-order")
    np.testing.assert_allclose(column(found, "tape"), expected[1:], rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(column(found, "tape"), column(found, "closed form"), rtol=1e-14, atol=1e-15)
    assert f"f″({w:g}) = {expected[2] + 0.0:.6g} for" in learned(events)


def test_both_derivatives_are_drawn() -> None:
    events = run("autograd", function="sine")
    value, slope = curve(events, "sine"), curve(events, "sine-slope")
    np.testing.assert_allclose([value.y, value.gradient], [np.sin(value.x), np.cos(value.x)], atol=1e-12)
    np.testing.assert_allclose([slope.y, slope.gradient], [np.cos(value.x), -np.sin(value.x)], atol=1e-12)


@pytest.mark.parametrize(("w", "b", "x"), [(0.0, 0.0, 0.0), (-10.0, 1000.0, -1000.0), (1e-9, -3.0, 2.0)])
def test_the_bias_and_the_input_are_what_the_derivatives_are(w: float, b: float, x: float) -> None:
    assert autograd.linear_gradients(w, b, x) == (x * w + b, x, 1.0)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (
            {"expression": "abs(w - 1)*x"},
            "= 0, but L has a kink at this w, with a slope of -3 below it and of 3 above",
        ),
        (
            {"expression": "max(w, 1)"},
            "= 1, but L has a kink at this w, with a slope of 0 below it and of 1 above",
        ),
        ({"expression": "exp(w)*x", "w": "3"}, "a smaller w makes L less."),
        ({"expression": "w^2", "w": "0"}, "a small change of w leaves L as it is."),
        ({"function": "abs(w)", "w": "0"}, "f has no second derivative there: f′ jumps from -1 to 1."),
        ({"function": "min(w, 1)"}, "f has no second derivative there: f′ jumps from 1 to 0."),
        ({"function": "relu(w)^2", "w": "0"}, "f has no second derivative there: f″ jumps from 0 to 2."),
        ({"function": "sqrt(w)", "w": "-1"}, "there is no second derivative there."),
        ({"function": "sine", "w": "0.5"}, "Where there is a second derivative a tape within a tape finds it"),
    ],
    ids=str,
)
def test_no_slope_is_claimed_at_a_kink(texts: dict[str, str], said: str) -> None:
    assert said in learned(run("autograd", **texts))


def test_what_is_learned_of_the_tape_has_its_numbers() -> None:
    said = learned(run("autograd", w="2", b="7", x="5"))
    for phrase in ("y = 17", "dy/dw = 5 (which is x)", "dy/db = 1", "it says None", "f″(2) = 12 for f(w) = w³"):
        assert phrase in said


# --- 3 activations --------------------------------------------------------------------------------------------


def logistic(x: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(x / 2.0))


def test_the_courses_three_have_the_slopes_of_the_textbook() -> None:
    events = run("activations")
    expected: dict[str, tuple[Array, Any]] = {
        "sigmoid": (np.linspace(-10, 10, 10), lambda x: logistic(x) * (1 - logistic(x))),
        "tanh": (np.linspace(-5, 5, 10), lambda x: 1 - np.tanh(x) ** 2),
        "relu": (np.linspace(-1, 1, 10), lambda x: np.heaviside(x, 0)),
    }
    for key, (x, slope) in expected.items():
        found = table(events, key)
        np.testing.assert_allclose(column(found, "x"), x, atol=1e-12)
        np.testing.assert_allclose(column(found, "tape f′(x)"), slope(x), atol=1e-6)
        np.testing.assert_allclose(column(found, "closed form"), slope(x), atol=1e-6)


def by_hand(name: str, x: Array, alpha: float) -> Array:
    """The eight activations, written independently."""
    erf = np.vectorize(math.erf)
    return {
        "sigmoid": lambda: logistic(x),
        "tanh": lambda: 2 * logistic(2 * x) - 1,
        "relu": lambda: np.where(x > 0, x, 0),
        "leaky-relu": lambda: np.where(x > 0, x, alpha * x),
        "elu": lambda: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        "softplus": lambda: np.logaddexp(0, x),
        "gelu": lambda: x * 0.5 * (1 + erf(x / math.sqrt(2))),
        "swish": lambda: x * logistic(x),
    }[name]()


@each_activation
def test_an_activation_and_its_slope_are_the_published_ones(activation: activations.Activation) -> None:
    x = np.linspace(-6, 6, 1000)  # 0, where some have a corner, is not among them
    y, slope = activations.value_and_slope(activation, x, 0.3)
    h = 1e-5
    central = (by_hand(activation.id, x + h, 0.3) - by_hand(activation.id, x - h, 0.3)) / (2 * h)
    np.testing.assert_allclose(y, by_hand(activation.id, x, 0.3), atol=1e-8)
    np.testing.assert_allclose(slope, central, atol=1e-6)
    np.testing.assert_allclose(activation.derivative(x, 0.3), central, atol=1e-6)


@each_activation
@pytest.mark.parametrize("x", [-50.0, -0.0, 0.0, 50.0])
def test_tape_and_closed_form_agree_at_the_edges(activation: activations.Activation, x: float) -> None:
    for alpha in (0.0, 1.0):
        tape = activations.value_and_slope(activation, np.array([x]), alpha)[1]
        assert np.isfinite(tape).all()
        np.testing.assert_allclose(tape, activation.derivative(np.array([x]), alpha), atol=1e-6)


@each_activation
def test_an_activation_in_32_bits_keeps_to_its_slope(activation: activations.Activation) -> None:
    x = np.linspace(-5, 5, 100).astype(np.float32)
    slope = activations.value_and_slope(activation, x, 0.2)[1]
    assert slope.dtype == np.float32
    np.testing.assert_allclose(slope, activation.derivative(x.astype(np.float64), 0.2), atol=1e-6)


@each_activation
def test_an_activation_is_drawn_with_its_gradient(activation: activations.Activation) -> None:
    events = run("activations", activation=activation.id, reach="4", points="101")
    (drawn,) = only(Curve, events)
    np.testing.assert_allclose(drawn.x, np.linspace(-4, 4, 101))
    np.testing.assert_allclose(drawn.y, by_hand(activation.id, drawn.x, 0.2), atol=1e-8)
    assert drawn.key == activation.id and np.isfinite(drawn.gradient).all()


def test_an_activation_without_any_slope_is_saturated_everywhere() -> None:
    assert "sign(x) passes almost no gradient on 100% of the inputs" in learned(
        run("activations", activation="sign(x),sigmoid")
    )


def test_saturation_is_where_the_slope_is_a_hundredth_of_its_steepest() -> None:
    found = table(run("activations", reach="50"), "saturation")
    shares = dict(zip([row[0] for row in found.rows], column(found, "saturated share"), strict=True))
    # σ(1−σ) < 0.0025 beyond ±5.989; 1−tanh² < 0.01 beyond ±2.993.
    assert shares["sigmoid"] == pytest.approx(1 - 5.989 / 50, abs=2e-3)
    assert shares["tanh"] == pytest.approx(1 - 2.993 / 50, abs=2e-3)
    assert shares["ReLU"] == pytest.approx(0.5, abs=1e-3) and shares["leaky ReLU"] == 0.0


@pytest.mark.parametrize("points", ["12", "11", "10001"])
def test_statements_about_slopes_do_not_depend_on_the_points_drawn(points: str) -> None:
    events = run("activations", reach="50", points=points)
    assert "never over 0.2500: ten of them in a row divide a gradient by 1,048,576 at least" in learned(events)
    assert "tanh passes almost no gradient on 94% of the inputs, leaky ReLU on 0%" in learned(events)
    found = table(events, "saturation")
    assert dict(zip([row[0] for row in found.rows], column(found, "greatest slope"), strict=True))["sigmoid"] == 0.25


@pytest.mark.parametrize(
    ("texts", "phrase"),
    [
        ({"activation": "softplus", "reach": "0.5"}, "Over ±0.5 no activation is saturated anywhere. Tape"),
        (
            {"activation": "relu,leaky-relu", "alpha": "0"},
            "Over ±10, ReLU passes almost no gradient on 50% of the inputs. Tape",
        ),
    ],
)
def test_activations_that_are_alike_are_not_set_against_each_other(texts: dict[str, str], phrase: str) -> None:
    assert learned(run("activations", **texts)).startswith(phrase)


# --- 4 losses -------------------------------------------------------------------------------------------------


def test_the_batch_has_the_shapes_of_the_course() -> None:
    batch = losses.draw(0, 1.0)
    assert (batch.x.shape, batch.w.shape, batch.b.shape) == ((2, 4), (4, 3), (3,))
    assert batch.labels.tolist() == [2, 0] and (batch.b == 0).all()


def shares_of(logits: Array) -> Array:
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


def loss_by_hand(name: str, x: Array, w: Array, b: Array) -> float:
    p = shares_of(x @ w + b)
    if name == "mse":
        onehot = np.array([[0, 0, 1], [1, 0, 0]])
        return float(((p - onehot) ** 2).sum() / 6)
    return float(-(np.log(p[0, 2]) + np.log(p[1, 0])) / 2)


@pytest.mark.parametrize("seed", [0, 1, 17])
@pytest.mark.parametrize("name", ["mse", "cross-entropy"])
def test_the_gradients_are_those_of_finite_differences(name: Any, seed: int) -> None:
    batch = losses.draw(seed, 1.0)
    loss, for_w, for_b = losses.tape_gradients(name, batch)
    assert loss == pytest.approx(loss_by_hand(name, batch.x, batch.w, batch.b), abs=1e-12)
    h = 1e-6
    for place in np.ndindex(4, 3):
        step = np.zeros((4, 3))
        step[place] = h
        difference = loss_by_hand(name, batch.x, batch.w + step, batch.b) - loss_by_hand(
            name, batch.x, batch.w - step, batch.b
        )
        assert for_w[place] == pytest.approx(difference / (2 * h), abs=1e-5)
    for place in range(3):
        nudge = h * np.eye(3)[place]
        difference = loss_by_hand(name, batch.x, batch.w, batch.b + nudge) - loss_by_hand(
            name, batch.x, batch.w, batch.b - nudge
        )
        assert for_b[place] == pytest.approx(difference / (2 * h), abs=1e-5)


@pytest.mark.parametrize("seed", [0, 1, 17])
def test_cross_entropy_sends_back_the_error_over_the_batch(seed: int) -> None:
    batch = losses.draw(seed, 1.0)
    error = (shares_of(batch.x @ batch.w + batch.b) - np.array([[0, 0, 1], [1, 0, 0]])) / 2
    _, for_w, for_b = losses.tape_gradients("cross-entropy", batch)
    np.testing.assert_allclose(for_w, batch.x.T @ error, atol=1e-12)
    np.testing.assert_allclose(for_b, error.sum(axis=0), atol=1e-12)


@pytest.mark.parametrize("name", ["mse", "cross-entropy"])
def test_every_element_of_the_gradients_is_reported_three_ways(name: str) -> None:
    found = table(run("losses"), name)
    assert [row[0] for row in found.rows] == [f"w[{i},{j}]" for i in range(4) for j in range(3)] + [
        f"b[{j}]" for j in range(3)
    ]
    tape = column(found, "tape")
    for other in ("closed form", "central difference"):
        np.testing.assert_allclose(column(found, other), tape, atol=1e-9)


@pytest.mark.parametrize("temperature", ["0.01", "0.5", "1", "100"])
@pytest.mark.parametrize("scale", ["0.01", "1", "100"])
def test_softmax_sums_to_one_at_any_temperature(temperature: str, scale: str) -> None:
    events = run("losses", temperature=temperature, scale=scale)
    found = table(events, "softmax")
    for row in found.rows[1::2]:
        assert sum(row[1:4]) == pytest.approx(1.0, abs=1e-12) and row[4] == pytest.approx(1.0, abs=1e-12)
    for each in (found, table(events, "temperature"), table(events, "mse"), table(events, "cross-entropy")):
        assert all(math.isfinite(cell) for row in each.rows for cell in row[1:])


def test_a_low_temperature_makes_the_strong_stronger() -> None:
    found = table(run("losses"), "temperature")
    strongest = np.array([row[1:] for row in found.rows], np.float64).max(axis=1)
    assert (np.diff(column(found, "T")) > 0).all() and (np.diff(strongest) < 0).all()
    assert np.allclose(losses.softmax(np.array([1.0, 2.0, 3.0]), 1e6), 1 / 3, atol=1e-6)


def test_softmax_does_not_overflow() -> None:
    np.testing.assert_array_equal(losses.softmax(np.array([1e300, 0.0])), [1.0, 0.0])


@pytest.mark.parametrize("name", ["mse", "cross-entropy"])
def test_both_losses_are_drawn_along_the_right_logit(name: str) -> None:
    drawn = curve(run("losses"), f"{name}-curve")
    p = np.exp(drawn.x) / (np.exp(drawn.x) + 2)
    expected = -np.log(p) if name == "cross-entropy" else ((p - 1) ** 2 + 2 * ((1 - p) / 2) ** 2) / 3
    np.testing.assert_allclose(drawn.y, expected, rtol=1e-9)
    np.testing.assert_allclose(drawn.gradient[1:-1], np.gradient(drawn.y, drawn.x)[1:-1], atol=1e-3)


def test_another_seed_draws_other_numbers_and_the_same_seed_the_same() -> None:
    first, again, other = (losses.draw(seed, 1.0) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.w, again.w)
    assert (first.w != other.w).all() and (first.x != other.x).all()


def test_what_is_learned_of_the_losses_has_their_numbers() -> None:
    events = run("losses", seed="5")
    said = learned(events)
    for name in ("mse", "cross-entropy"):
        loss, for_w, for_b = losses.tape_gradients(name, losses.draw(5, 1.0))  # type: ignore[arg-type]
        assert f"is {loss:.6f}" in said
        assert f"{math.sqrt((for_w**2).sum() + (for_b**2).sum()):.6f}" in said
    assert re.search(r"cross-entropy corrects with a slope of 1\.000, mean squared error with 0\.00017", said)
    assert "right classes are 2 and 0" in remarks(events)


@pytest.mark.parametrize(
    ("lesson_id", "texts", "said", "suggested"),
    [
        ("himmelblau", {"surface": "sqrt(x)*log(y)", "start": "2.5,0.9"}, "No smaller rate that was tried", False),
        (
            "gradients",
            {"function": "x - log(x)", "start": "3", "learning_rate": "5"},
            "at the first step. A smaller",
            True,
        ),
        ("gradients", {"function": "sqrt(x - 100)", "start": "3"}, "could not begin: f is not defined there.", False),
    ],
)
def test_a_path_that_leaves_the_domain_of_f_is_not_said_to_overshoot(
    lesson_id: str, texts: dict[str, str], said: str, suggested: bool
) -> None:
    events = run(lesson_id, **texts)
    assert said in events[-1].text and "overshoots" not in events[-1].text  # type: ignore[attr-defined]
    diverged = only(Diverged, events)[0]
    assert (diverged.suggested_learning_rate is not None) == suggested
    assert suggested or diverged.reason == "f is not defined there"


def test_a_schedule_is_asked_for_no_step_after_the_last_when_a_path_leaves_the_domain_of_f(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def schedule(step, total_steps, base_rate):\n    return ([base_rate] * (total_steps + 1))[step]\n")
    events = run("gradients", function="x - log(x)", start="3", learning_rate="5", schedule=str(path))
    assert only(Diverged, events)[0].suggested_learning_rate == pytest.approx(5 / 3)
