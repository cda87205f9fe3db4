"""The numbers in the lesson texts are those of the lessons: a test puts a run's results into the text's words."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.descent import surfaces
from engine.descent.curves import NAMES as FUNCTIONS
from engine.descent.race import ARRIVED
from engine.events import Curve, Event, PathEnded, PathsGrew, Table
from engine.lazy import tf
from engine.lessons import lesson
from engine.log.event_files import read_log
from engine.settings import parse_settings
from engine.training import datasets
from tui.text.course_texts import GLOSSARY, course_text


def says(lesson_id: str, *phrases: str) -> None:
    """Check that the text of the lesson contains these words, across line breaks."""
    text = " ".join(course_text(lesson_id).split())
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


def loss_in(key: str, lesson_id: str, **texts: str) -> float:
    """The loss in the title of a table."""
    title = next(event.title for event in run(lesson_id, **texts) if isinstance(event, Table) and event.key == key)
    return float(title.split("=")[1].split(",")[0])


def code(lesson_id: str) -> list[str]:
    """The Python of a text, block by block."""
    return re.findall(r"^```python\n(.*?)^```$", course_text(lesson_id), re.DOTALL | re.MULTILINE)


def executed(source: str, **names: Any) -> dict[str, Any]:
    """The names after the code has run."""
    known = {"tf": tf, "keras": tf.keras, "np": np, **names}
    exec(compile(source, "a lesson's text", "exec"), known)
    return known


def curve(key: str, lesson_id: str, **texts: str) -> Curve:
    return next(event for event in run(lesson_id, **texts) if isinstance(event, Curve) and event.key == key)


def minus(text: str) -> str:
    """With the minus sign of the texts."""
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
    says(
        "gradients",
        "the start 2 ends at x = 1.131",
        "Where does `start = 0`?",
        "At x = −1.301, the deeper minimum (f = −3.514 against −1.070)",
        f"one at x = {np.sort(np.roots([4, 0, -6, 1]))[1]:.3f}",
    )


def test_the_three_ways_to_a_slope_agree_as_closely_as_the_text_says() -> None:
    for name in FUNCTIONS:
        for _, tape, closed, central, _ in table("derivative", "gradients", function=name).values():
            assert abs(tape - closed) <= 1e-8 and abs(central - closed) <= 1e-8
    says("gradients", "they agree within 1e-8")


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


def test_the_code_of_the_text_finds_what_the_text_says() -> None:
    first, second = code("autograd")
    names = executed(first)
    assert (float(names["dy_dw"]), float(names["dy_db"])) == (3, 1)
    wrong, right = second.splitlines()
    tensor = executed(wrong, **names)["w"]
    assert slope_of_square(tensor) is None
    variable = executed(right, **names)["w"]
    assert slope_of_square(variable) == pytest.approx(2 * 0.7)
    says("autograd", "dy/dw = x = 3 and dy/db = 1")


def slope_of_square(watched: Any) -> float | None:
    """The slope of its square by a tape with default settings; None if it watched nothing."""
    with tf.GradientTape() as tape:
        y = watched * watched
    slope = tape.gradient(y, watched)
    return None if slope is None else float(slope)


def test_what_a_tape_does_not_see_gives_none() -> None:
    w, whole, frozen = tf.Variable(2.0), tf.Variable(2), tf.Variable(2.0, trainable=False)
    assert slope_of_square(w) == 4
    assert [slope_of_square(each) for each in (tf.constant(2.0), whole, frozen)] == [None, None, None]
    outside = w * w
    with tf.GradientTape(persistent=True) as tape:
        through_numpy = tf.constant(w.numpy() * w.numpy()) + 0.0
        level = w * 0.0
        other = 3.0 * w
    assert tape.gradient(through_numpy, w) is None and tape.gradient(outside, w) is None
    assert float(tape.gradient(level, w)) == 0
    unconnected = tf.Variable(1.0)
    assert tape.gradient(other, unconnected) is None
    assert float(tape.gradient(other, unconnected, unconnected_gradients="zero")) == 0


def test_the_patterns_of_add_multiply_and_fan_out() -> None:
    w = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = w * w + 3.0 * w
    slope = float(tape.gradient(y, w))
    found = table("tape", "autograd")
    assert found["p"][3:5] == found["b"][3:5] == found["y"][3:5]  # add passes on the gradient of y
    assert found["w"][2] == 3  # multiply: the local gradient of w is x
    says("autograd", f"The slope of w·w + 3w at 2 is 2 + 2 + 3 = {slope:g}")


def test_the_second_question_is_refused_and_the_cube_has_both_derivatives() -> None:
    assert "RuntimeError" in course_text("autograd") and "persistent=False" in table("tapes", "autograd")
    assert isinstance(table("tapes", "autograd")["persistent=False"][1], str)
    found = table("second-order", "autograd", w="1", function="cube")
    says("autograd", f"f′ = 3w² = {found['f′'][0]:g} and f″ = 6w = {found['f″'][0]:g}")


def test_where_the_input_is_zero_nothing_of_the_loss_comes_back_to_the_weight() -> None:
    found = table("tape", "autograd", x="0")
    assert found["L"][0] == 4
    assert (found["w"][2], found["w"][4]) == (0, 0)
    assert found["b"][4] != 0
    known = lesson("autograd").settings()
    says(
        "autograd",
        f"With `x = 0`, b = {known.b:g} and t = {known.target:g} the loss is (0 + {known.b:g} − {known.target:g})² = 4",
        "0, and it cannot",
    )


# --- activations ----------------------------------------------------------------------------------------------


def test_the_answers_on_saturation_are_what_the_lesson_finds() -> None:
    wide, flat, line = (
        table("saturation", "activations", **texts) for texts in ({"reach": "50"}, {"alpha": "0"}, {"alpha": "1"})
    )
    relu = table("saturation", "activations")["ReLU"]
    says(
        "activations",
        f"{wide['sigmoid'][2]:.0%}. It is saturated beyond about ±6".replace("%", " %"),
        f"ReLU, with {flat['leaky ReLU'][2]:.0%}.".replace("%", " %"),
    )
    assert flat["leaky ReLU"] == relu and line["leaky ReLU"] == (1, 1, 0)
    slope = curve("sigmoid", "activations", reach="8")
    assert abs(slope.x[slope.gradient >= 0.01 * 0.25]).max() == pytest.approx(6, abs=0.1)


def test_sigmoids_in_a_row_let_less_than_a_millionth_through() -> None:
    slope = curve("sigmoid", "activations").gradient
    assert slope.max() == 0.25 and slope.max() ** 10 < 1e-6
    assert curve("tanh", "activations").gradient.max() == 1
    says("activations", f"α is {lesson('activations').settings().alpha:g} unless", "slope 1 at 0")
    says("activations", "at most 0.25, at x = 0", f"passes only {slope[-1]:.7f}")


# --- losses ---------------------------------------------------------------------------------------------------


def test_a_loss_that_takes_logits_for_probabilities_pushes_the_right_class_down() -> None:
    assert code("losses") == ["loss = keras.losses.CategoricalCrossentropy(\n    from_logits=True,\n)\n"]
    found = {}
    for from_logits in (False, True):
        logits = tf.Variable([[-2.0, -1.0, -3.0]])
        with tf.GradientTape() as tape:
            given = tf.keras.losses.CategoricalCrossentropy(from_logits=from_logits)(
                tf.constant([[1.0, 0.0, 0.0]]), logits + 0.0
            )
        found[from_logits] = (float(given), float(tape.gradient(given, logits)[0, 0]))
    assert not tf.keras.losses.CategoricalCrossentropy().get_config()["from_logits"]
    says(
        "losses",
        "Keras's default is `from_logits=False`",
        f"reports a loss of {found[False][0]:.3f}, and has a slope of {found[False][1]:+.3f} at logit 0",
        minus(f"With `from_logits=True` the slope is {found[True][1]:.3f}"),
        f"cannot fall below {-math.log(math.e / (math.e + 2)):.3f}",
        f"got 1/e = {math.exp(-1):.0%}".replace("%", " %"),
    )


def test_the_largest_exponential_is_where_the_text_says() -> None:
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(np.float32(89))) and np.isfinite(np.exp(np.float32(88)))
    says("losses", "In float32 exp(89) is infinite")


def test_values_of_two_losses_are_those_of_the_run() -> None:
    squared, entropy = (loss_in(key, "losses") for key in ("mse", "cross-entropy"))
    says("losses", f"{squared:.2f} of one and {entropy:.2f} of the other say nothing")


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
    found = loss_in("cross-entropy", "losses", scale="0.01")
    says("losses", f"ln 3 = {math.log(3):.4f}", f"The run says {found:.4f}")


# --- himmelblau -----------------------------------------------------------------------------------------------


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


def test_the_first_step_points_away_from_where_its_path_ends() -> None:
    path = points("himmelblau", start="-4,0")[0]
    first, whole = path[0] - (-4, 0), path[-1] - (-4, 0)
    cosine = first @ whole / np.linalg.norm(first) / np.linalg.norm(whole)
    says("himmelblau", f"points {math.degrees(math.acos(cosine)):.1f}° away from where its path ends")


def test_adam_passes_by_and_leaves_again() -> None:
    path = points("himmelblau", start="1,0", optimizer="adam", learning_rate="1")[0]
    near = np.linalg.norm(path - (3, 2), axis=1) <= 0.05
    assert near[1] and not near[2:10].all()
    says("himmelblau", "Adam at η = 1 is at (3, 2) after 2 steps and leaves again")


def test_momentum_adds_up_to_ten_plain_steps() -> None:
    kept = lesson("himmelblau").settings().momentum
    says("himmelblau", f"*Momentum* keeps {kept:g} of its last step", "add up to the length of ten plain ones")
    assert 1 / (1 - kept) == pytest.approx(10)


def test_without_its_square_the_function_has_no_minimum_at_three_two() -> None:
    x, y = 3.0, 2.0
    assert (4 * x * (x * x + y - 11) + 1, 2 * (x * x + y - 11) + 2 * y) == (1, 4)
    says("himmelblau", "the gradient there is (1, 4)")


# --- the classifiers: tests without training ------------------------------------------------------------------


def test_the_code_of_the_text_builds_the_network_it_describes() -> None:
    pipeline, network, answer = code("fashion-mnist")
    images = np.random.default_rng(0).integers(0, 256, (300, 28, 28)).astype(np.float32)
    labels = np.arange(300) % 10
    data = executed(pipeline, images=images, labels=labels)["data"]
    shapes = [tuple(batch.shape) for batch, _ in data]
    assert shapes == [(128, 784), (128, 784), (44, 784)]
    assert all(float(tf.reduce_min(batch)) >= 0 and float(tf.reduce_max(batch)) <= 1 for batch, _ in data)
    shown: list[str] = []
    source = network.replace("model.summary()", "model.summary(print_fn=shown.append)")
    model = executed(source, shown=shown)["model"]
    summary = "\n".join(map(str, shown))
    assert all(f"{count:,}" in summary for count in (200_960, 32_896, 8_256, 2_080, 330, model.count_params()))
    logits = model(images[:7].reshape(-1, 784) / 255)
    found = executed(answer, logits=logits)
    assert np.allclose(tf.reduce_sum(found["probabilities"], axis=1), 1)
    assert found["answer"].numpy().tolist() == logits.numpy().argmax(axis=1).tolist()
    an_epoch = -(-60_000 // 128)
    says(
        "fashion-mnist",
        f"with {model.count_params():,} *parameters*",
        "784·256 + 256 = 200,960",
        f"{an_epoch} steps. Thirty epochs are {30 * an_epoch:,} steps",
    )


def test_the_code_of_the_text_leaves_the_log_it_describes(tmp_path: Path) -> None:
    writer, feed = code("tensorboard")
    images = np.zeros((40, 28, 28, 1), np.float32)
    images[7] = 1.0  # the eighth: the second row's third place
    names = executed(writer.replace("logs/first", str(tmp_path)))
    found = executed(feed, **names, images=images, loss=0.25, step=3)
    found["writer"].close()
    grid = found["grid"].numpy()[0, :, :, 0]
    lit = np.argwhere(grid)
    assert grid.shape == (140, 140) and len(lit) == 28 * 28
    assert lit.min(axis=0).tolist() == [28, 56] and lit.max(axis=0).tolist() == [55, 83]
    log = read_log(tmp_path).contents
    assert log.scalars["train-loss"].steps.tolist() == [3] and log.scalars["train-loss"].values.tolist() == [0.25]
    with tf.summary.create_file_writer(str(tmp_path / "few")).as_default():
        tf.summary.image("many", images[:25], step=0)
    assert len(read_log(tmp_path / "few").contents.images["many"][0].files) == 3
    says("tensorboard", "Without `max_outputs` only three of them are kept")
    assert {tag: len(found[0].files) for tag, found in log.images.items()} == {"one": 1, "many": 25, "grid": 1}


def test_the_test_accuracy_has_as_many_points_as_the_text_says() -> None:
    last = 10 * 469
    tested = {*range(500, last + 1, 500), *range(469, last + 1, 469)}
    says("tensorboard", f"{len(tested)}: the multiples of 500 up to {last:,} are {last // 500}, and 10 epochs end")


def test_the_digits_are_as_frequent_as_the_text_says() -> None:
    counts = np.bincount(datasets.load("mnist", "").test_labels)
    says("tensorboard", f"{counts[1]:,} of the 10,000", f"right on {counts[1] / 1e4:.2%}".replace("%", " %"))
    says("tensorboard", f'always saying "7" on {counts[7] / 1e4:.2%}'.replace("%", " %"))


# --- the glossary ---------------------------------------------------------------------------------------------


def test_the_glossary_says_how_near_is_arrived() -> None:
    says(GLOSSARY, f"since which it stays within {ARRIVED:g} of a minimum")


def test_a_nat_has_as_many_bits_as_the_glossary_says() -> None:
    says(GLOSSARY, f"One nat is 1/ln 2 = {1 / math.log(2):.2f} bits")
