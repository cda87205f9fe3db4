"""The numbers in the lesson texts are those that the lessons find: a test puts what a run found in the text's words."""

from __future__ import annotations

import math
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine import datasets, surfaces
from engine.events import Curve, Diverged, Event, PathEnded, PathsGrew, Table
from engine.lessons import lesson
from engine.settings import parse_settings


def says(lesson_id: str, *phrases: str) -> None:
    """Ask that the text of the lesson has these words, wherever its lines break."""
    text = " ".join((resources.files("assets") / "lessons" / f"{lesson_id}.md").read_text("utf-8").split())
    for phrase in phrases:
        assert phrase in text, f"{lesson_id}.md does not say {phrase!r}"


def run(lesson_id: str, **texts: str) -> list[Event]:
    taught = lesson(lesson_id)
    return list(taught.run(parse_settings(taught.settings, texts)))


def ends(lesson_id: str, **texts: str) -> list[PathEnded]:
    return [event for event in run(lesson_id, **texts) if isinstance(event, PathEnded)]


def steps(lesson_id: str, **texts: str) -> list[int | None]:
    return [end.arrived_step for end in ends(lesson_id, **texts)]


def points(lesson_id: str, **texts: str) -> np.ndarray[Any, Any]:
    """Every point of every path, [p, k, d]."""
    grew = [event.points for event in run(lesson_id, **texts) if isinstance(event, PathsGrew)]
    return np.concatenate(grew, axis=1)


def table(key: str, lesson_id: str, **texts: str) -> dict[Any, tuple[Any, ...]]:
    """The rows of a table by their first cell."""
    found = next(event for event in run(lesson_id, **texts) if isinstance(event, Table) and event.key == key)
    return {row[0]: row[1:] for row in found.rows}


def curve(key: str, lesson_id: str, **texts: str) -> Curve:
    return next(event for event in run(lesson_id, **texts) if isinstance(event, Curve) and event.key == key)


def minus(text: str) -> str:
    """With the minus of a text."""
    return text.replace("-", "−")


# --- gradients ------------------------------------------------------------------------------------------------


def test_the_parabola_takes_as_many_steps_from_side_to_side_as_straight() -> None:
    assert steps("gradients") == steps("gradients", learning_rate="0.9") == [18]
    says("gradients", "η = 0.1 needs 18 steps", "Also 18.")


def test_the_parabola_hops_for_ever_at_rate_one() -> None:
    assert set(points("gradients", learning_rate="1").ravel()) == {2.5, -2.5}
    says("gradients", "x hops between 2.5 and −2.5 for ever")


def test_the_double_well_ends_where_the_text_says() -> None:
    near, deep = ends("gradients", function="double-well", start="2;0")
    assert (near.point[0], near.value, deep.point[0], deep.value) == pytest.approx(
        (1.131, -1.070, -1.301, -3.514), abs=6e-4
    )
    leapt = points("gradients", function="double-well", learning_rate="0.1")[0]
    assert leapt[0, 0] == pytest.approx(-0.1) and leapt[-1, 0] == pytest.approx(-1.301, abs=6e-4)
    says(
        "gradients",
        "the start 2 ends at x = 1.131",
        "`start = 0` ends at x = −1.301, the deeper minimum (f = −3.514 against −1.070)",
        "the first step from 2 goes to −0.1",
        f"one at x = {np.sort(np.roots([4, 0, -6, 1]))[1]:.3f}",
    )


def test_the_wave_holds_a_descent_in_the_valley_it_began_in() -> None:
    found = ends("gradients", function="wave", start="5;0")
    assert len({end.minimum for end in ends("gradients", function="wave", start="-5;-3;0;1;3;5")}) == 6
    high, low = ((minus(f"{end.point[0]:.3f}"), minus(f"{end.value:.3f}")) for end in found)
    says("gradients", f"stops at x = {high[0]}, where f = {high[1]}", f"is at x = {low[0]} with f = {low[1]}")


def test_adam_leaves_the_plateau_that_holds_plain_descent() -> None:
    plain = ends("gradients", function="plateau", start="4.5", steps="200")[0]
    quick = steps("gradients", function="plateau", start="4.5", steps="200", optimizer="adam")
    assert plain.minimum is None
    says("gradients", f"After 200 steps x is still {plain.point[0]:.2f}", f"the same start arrives in {quick[0]}.")


@pytest.mark.parametrize("rate", ["0.001", "0.05", "10"])
def test_the_cubic_has_no_bottom_left_of_its_hilltop(rate: str) -> None:
    path = points("gradients", function="cubic", start="-1.1", learning_rate=rate)[0, :, 0]
    assert np.all(np.diff(path[np.isfinite(path)]) < 0)


def test_the_best_difference_step_is_the_one_named() -> None:
    parabola, wave = (
        {h: row[-1] for h, row in table("difference-step", "gradients", function=name).items()}
        for name in ("parabola", "wave")
    )
    assert min(parabola, key=lambda h: parabola[h]) == 0.1
    assert min(wave, key=lambda h: wave[h]) == pytest.approx(1e-5)
    assert wave[10.0**-11] == pytest.approx(1e-4, rel=0.5)
    says("gradients", f"an error of {wave[10.0**-5]:.1e}", f"At 0.1 it is {wave[0.1]:.3f}")


# --- autograd -------------------------------------------------------------------------------------------------


def test_a_zero_of_the_second_derivative_is_not_none() -> None:
    assert table("second-order", "autograd", w="0")["f″"][0] == 0.0
    assert table("linear", "autograd", w="0")["d²y/dw²"][0] == "None"
    says("autograd", "0, a real zero")


def test_the_second_answer_of_a_tape_is_the_error_quoted() -> None:
    says("autograd", str(table("tapes", "autograd")["persistent=False"][1]))


def test_the_exponential_is_its_own_derivative() -> None:
    found = table("second-order", "autograd", w="1", function="exponential")
    assert found["f′"][0] == found["f″"][0] == pytest.approx(math.e)
    says("autograd", f"Both are e = {math.e:.5f}")


def test_where_the_input_is_zero_nothing_of_the_loss_comes_back_to_the_weight() -> None:
    found = table("tape", "autograd", x="0")
    assert found["L"][0] == 4
    assert (found["w"][2], found["w"][4]) == (0, 0)
    assert found["b"][4] != 0
    says("autograd", "the loss is 4", "0, and it cannot")


# --- activations ----------------------------------------------------------------------------------------------


def test_the_saturated_shares_are_those_of_the_table() -> None:
    usual, near, wide = (table("saturation", "activations", reach=reach) for reach in ("10", "3", "50"))
    shares = {name: row[2] for name, row in usual.items()}
    says(
        "activations",
        f"{shares['sigmoid']:.0%} for sigmoid, {shares['tanh']:.0%} for tanh, {shares['ReLU']:.0%} for ReLU and "
        f"{shares['leaky ReLU']:.0%} for leaky ReLU".replace("%", " %"),
        f"sigmoid has {near['sigmoid'][2]:.0%} and tanh {near['tanh'][2]:.1%}".replace("%", " %"),
        f"{wide['sigmoid'][2]:.0%}. It is saturated beyond about ±6".replace("%", " %"),
        f"{usual['GELU'][1]:.3f} and {usual['swish'][1]:.4f} at the least".replace("-", "−"),
    )
    assert table("saturation", "activations", alpha="0")["leaky ReLU"] == usual["ReLU"]


def test_sigmoids_in_a_row_let_less_than_a_millionth_through() -> None:
    slope = curve("sigmoid", "activations").gradient
    assert slope.max() == 0.25 and slope.max() ** 10 < 1e-6
    says("activations", "at most 0.25, at x = 0", f"passes only {slope[-1]:.7f}")


# --- losses ---------------------------------------------------------------------------------------------------


def test_the_losses_pull_as_hard_as_the_text_says() -> None:
    sharp, blunt = (curve(f"{name}-curve", "losses") for name in ("cross-entropy", "mse"))
    middle = len(sharp.x) // 2
    assert sharp.x[0] == -8 and sharp.x[middle] == 0
    assert np.argmax(np.abs(sharp.gradient)) == 0 and abs(blunt.x[np.argmax(np.abs(blunt.gradient))]) < 0.5
    says(
        "losses",
        f"a slope of {-sharp.gradient[0]:.3f}, squared error with {-blunt.gradient[0]:.5f}",
        f"with {-sharp.gradient[middle]:.3f} and {-blunt.gradient[middle]:.3f}",
    )


def test_the_gradient_for_the_bias_can_be_had_in_the_head() -> None:
    softmax, gradient = table("softmax", "losses"), table("cross-entropy", "losses")
    first, second = (", ".join(f"{part:.3f}" for part in softmax[f"softmax {n}"][:3]) for n in (0, 1))
    b = [gradient[f"b[{place}]"][0] for place in range(3)]
    assert sum(b) == pytest.approx(0.0, abs=1e-12)
    says(
        "losses",
        f"{first} and the second's {second}",
        minus(f"The table has {b[0]:.4f}, {b[1]:.4f} and {b[2]:.4f}"),
        minus(f"/2 = {b[0]:.3f}"),
    )


def test_small_weights_cost_the_logarithm_of_the_classes() -> None:
    title = next(e.title for e in run("losses", scale="0.01") if isinstance(e, Table) and e.key == "cross-entropy")
    says("losses", f"ln 3 = {math.log(3):.4f}", f"The run says {float(title.split('=')[1].split(',')[0]):.4f}")


def test_squared_error_does_not_move_where_it_is_most_wrong() -> None:
    lengths, losses = {}, {}
    for event in run("losses", scale="30", seed="3"):
        if isinstance(event, Table) and event.key in ("mse", "cross-entropy"):
            lengths[event.key] = math.sqrt(sum(row[1] ** 2 for row in event.rows if isinstance(row[1], float)))
            losses[event.key] = float(event.title.split("=")[1].split(",")[0])
    says(
        "losses",
        f"Squared error is {losses['mse']:.6f} with a gradient of {lengths['mse']:.6f} to six places",
        f"Cross-entropy is {losses['cross-entropy']:.2f} with a gradient of {lengths['cross-entropy']:.3f}",
    )


# --- himmelblau -----------------------------------------------------------------------------------------------


def test_the_default_paths_arrive_as_the_text_says() -> None:
    usual, slow = steps("himmelblau"), steps("himmelblau", learning_rate="0.001")
    assert sum(step is not None for step in slow) == 1
    says("himmelblau", "after {}, {} and {} steps".format(*usual))
    lost = [event for event in run("himmelblau", learning_rate="0.05") if isinstance(event, Diverged)]
    assert [end.diverged_step is None for end in ends("himmelblau", learning_rate="0.05")] == [False] * 3
    says("himmelblau", f"all three diverge, the first at step {lost[0].step}")


def test_the_limits_of_the_rate_are_two_over_the_largest_curvature() -> None:
    limits = []
    for x, y in (minimum.point for minimum in surfaces.surface("himmelblau").minima):
        mixed = 4 * x + 4 * y
        hessian = [[12 * x * x + 4 * y - 42, mixed], [mixed, 12 * y * y + 4 * x - 26]]
        limits.append(2 / np.linalg.eigvalsh(hessian)[-1])
    says("himmelblau", "the limits are {:.4f}, {:.4f}, {:.4f} and {:.4f}, in the order above".format(*limits))


def test_a_sharp_minimum_throws_a_large_step_out() -> None:
    usual, large = (ends("himmelblau", start="-4,0", learning_rate=rate)[0] for rate in ("0.01", "0.015"))
    assert usual.minimum and large.minimum
    says(
        "himmelblau",
        f"η = 0.01 ends at {usual.minimum.label}",
        f"it ends at {large.minimum.label}, after {large.arrived_step} steps",
    )
    near = ends("himmelblau", start="-3.8,-3.3", learning_rate="0.015", steps="3000")[0]
    assert near.minimum is None


def test_the_path_that_never_arrives_hops_between_two_points() -> None:
    path = points("himmelblau", start="4,0", learning_rate="0.02")[0]
    last = [(f"({x:.2f}, {y:.2f})", surfaces.surface("himmelblau")(x, y)) for x, y in sorted(path[-2:].tolist())]
    assert np.allclose(path[-1], path[-3], atol=1e-4)
    says("himmelblau", minus(f"between {last[0][0]} and {last[1][0]}"))
    says("himmelblau", f"f alternates between {last[0][1]:.1f} and {last[1][1]:.1f}")


def test_adam_needs_another_rate() -> None:
    assert steps("himmelblau", optimizer="adam") == [None] * 3
    arrived = sorted(step or 0 for step in steps("himmelblau", optimizer="adam", learning_rate="0.1"))
    says("himmelblau", f"At 0.1 all three arrive, after {arrived[0]} to {arrived[-1]} steps")


def test_momentum_is_quicker_in_a_narrow_valley() -> None:
    found = steps("himmelblau", surface="bowl", conditioning="100", steps="1000", optimizer="sgd,momentum")
    plain, momentum = (sorted(step or 0 for step in part) for part in (found[:3], found[3:]))
    says(
        "himmelblau",
        f"plain descent needs {plain[0]} to {plain[-1]} steps",
        f"momentum {momentum[0]} to {momentum[-1]}",
    )


def test_a_saddle_holds_what_comes_straight_to_it() -> None:
    held, escaped = ends("himmelblau", surface="saddle", start="-2.5,0;2,0.001")
    assert held.point == pytest.approx((0, 0), abs=1e-3) and abs(escaped.point[1]) > 1
    says("himmelblau", "it stops at (0, 0)", "One thousandth beside that line it escapes")


def test_without_its_square_the_function_has_no_minimum_at_three_two() -> None:
    x, y = 3.0, 2.0
    assert (4 * x * (x * x + y - 11) + 1, 2 * (x * x + y - 11) + 2 * y) == (1, 4)
    says("himmelblau", "the gradient there is (1, 4)")


# --- the classifiers: what needs no training ------------------------------------------------------------------


def test_the_network_has_as_many_weights_as_the_text_says() -> None:
    widths = (784, 256, 128, 64, 32, 10)
    count = sum((before + 1) * after for before, after in pairwise(widths))
    an_epoch = -(-60_000 // 128)
    says("fashion-mnist", f"{count:,} numbers", f"{an_epoch} steps. Thirty epochs are {30 * an_epoch:,} steps")


def test_the_test_accuracy_has_as_many_points_as_the_text_says() -> None:
    last = 10 * 469
    tested = {*range(500, last + 1, 500), *range(469, last + 1, 469)}
    says("tensorboard", f"{len(tested)}: the multiples of 500 up to {last:,} are {last // 500}, and 10 epochs end")


def test_the_digits_are_as_frequent_as_the_text_says() -> None:
    counts = np.bincount(datasets.load("mnist", "").test_labels)
    says("tensorboard", f"{counts[1]:,} of the 10,000", f"right on {counts[1] / 1e4:.2%}".replace("%", " %"))
    says("tensorboard", f'always saying "7" on {counts[7] / 1e4:.2%}'.replace("%", " %"))
