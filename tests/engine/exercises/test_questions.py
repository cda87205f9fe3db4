"""The questions: the right answer passes, each misconception is recognised, and no draw makes two answers coincide."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.descent.basins import basins
from engine.descent.curves import NAMES
from engine.descent.surfaces import surface
from engine.errors import InputError
from engine.exercises import exercise, exercises, exercises_of
from engine.exercises.activations import CLIPPED, DEAD_SIDE
from engine.exercises.autograd import CHAIN, CODE, FAN_OUT, LEVEL_ROAD, PERSISTENT, UNWATCHED, asked_twice
from engine.exercises.exercise import Misconception, Numbers, Question, Verdict, within
from engine.exercises.fashion_mnist import DIFFERENCE, RELU_OUTPUT, logits_of, spread
from engine.exercises.gradients import BEST_H, CENTRAL, NEXT_STEP, ONE_SIDED, errors
from engine.exercises.himmelblau import FIRST_STEP, OPTIONS, RATE, STEPS, WHICH_MINIMUM, descend
from engine.exercises.losses import LOGIT_GRADIENT, STEPS_BACK, steps_back
from engine.exercises.tensorboard import judge_log, points_to
from engine.lazy import tf
from engine.lessons import course
from engine.lessons.autograd import tape_of_a_loss
from tui.text.exercise_texts import asked

QUESTIONS = [each for each in exercises() if isinstance(each, Question) and each.kind != "folder"]
SEEDS = st.integers(0, 2**31 - 1)


def recognised(question: Question, numbers: Numbers) -> None:
    """The right answer passes, and every misconception that leads to an answer is recognised by its id."""
    right = question.right(numbers)
    assert question.judge(numbers, right) == Verdict(True)
    for misconception in question.wrong:
        answer = misconception.answer(numbers)
        if answer is not None:
            assert question.judge(numbers, answer) == Verdict(False, misconception.id)


def test_there_are_at_least_five_for_each_lesson_and_every_id_is_unique() -> None:
    assert len(exercises()) >= 38
    assert all(len(exercises_of(lesson.id)) >= 5 for lesson in course())
    assert len({each.id for each in exercises()}) == len(exercises())
    assert all(exercise(each.id) is each for each in exercises())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.id)
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, attempt=st.integers(1, 1000))
def test_whatever_is_drawn_right_and_wrong_answers_are_distinguished(
    question: Question, seed: int, attempt: int
) -> None:
    numbers = question.drawn(seed, attempt)
    assert question.tells_apart(numbers)
    assert question.drawn(seed, attempt) == numbers
    recognised(question, numbers)


@pytest.mark.parametrize("question", [each for each in QUESTIONS if each.kind == "number"], ids=lambda each: each.id)
def test_a_number_within_the_tolerance_passes_and_one_beyond_does_not(question: Question) -> None:
    numbers = question.drawn(1, 1)
    right = question.right(numbers)
    assert isinstance(right, float)
    slack = question.tolerance(right)
    assert question.judge(numbers, right + 0.9 * slack).solved
    assert question.judge(numbers, right - 0.9 * slack).solved
    assert not question.judge(numbers, right + 1.5 * slack).solved


def test_numbers_that_make_a_wrong_answer_right_are_drawn_again() -> None:
    question = Question(
        id="sum", lesson="gradients", kind="number", draw=lambda random: {"a": int(random.integers(0, 3))},
        right=lambda n: float(n["a"] + 2), tolerance=within(0.01),
        wrong=(Misconception("product", lambda n: float(2 * n["a"])),),
    )  # fmt: skip
    assert {question.drawn(seed, 1)["a"] for seed in range(50)} == {0, 1}


@pytest.mark.parametrize(("question", "answers"), [
    (STEPS_BACK, {"ten", "hundreds", "thousands"}), (DEAD_SIDE, {"relu", "sigmoid"}),
])  # fmt: skip
def test_the_right_option_differs_between_draws(question: Question, answers: set[str]) -> None:
    assert {question.right(question.drawn(7, attempt)) for attempt in range(1, 30)} == answers


def test_another_attempt_draws_other_numbers() -> None:
    assert len({tuple(NEXT_STEP.drawn(7, attempt).items()) for attempt in range(1, 9)}) > 4


@pytest.mark.parametrize(("text", "answer"), [("1.5", 1.5), (" −2 ", -2.0), ("2,5", 2.5), ("2.4e-4", 2.4e-4)])
def test_a_number_is_read_as_people_write_it(text: str, answer: float) -> None:
    assert NEXT_STEP.parse(text) == answer


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "١", "1.2.3"])
def test_what_is_no_number_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError, match="expected a number"):
        NEXT_STEP.parse(text)


def test_an_option_is_given_by_its_place_or_its_id() -> None:
    assert BEST_H.parse("4") == BEST_H.parse("1e-07") == "1e-07"
    for text in ("0", "6", "x", "", "٢"):
        with pytest.raises(InputError, match="expected 1 to 5"):
            BEST_H.parse(text)


# --- the numbers against the lessons' own ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_chain_rule_by_hand_is_what_the_tape_says(seed: int) -> None:
    n = CHAIN.drawn(seed, 1)
    _, nodes = tape_of_a_loss(n["w"], n["b"], n["x"], n["target"])
    assert CHAIN.right(n) == pytest.approx(nodes[-1].gradient)


def test_fan_out_is_what_the_tape_says() -> None:
    n = FAN_OUT.drawn(3, 1)
    w = tf.Variable(n["w"])
    with tf.GradientTape() as tape:
        y = w * w + n["k"] * w
    assert FAN_OUT.right(n) == float(tape.gradient(y, w))


@pytest.mark.parametrize("case", CODE)
def test_what_the_code_prints_is_what_is_asked_for(case: str) -> None:
    numbers = {"case": case, "w": 3}
    assert UNWATCHED.right(numbers) == ("number" if case in ("watched", "assigned") else "none")
    recognised(UNWATCHED, numbers)


def test_the_code_of_a_level_road_gives_zero_as_it_stands() -> None:
    question = asked(LEVEL_ROAD, LEVEL_ROAD.drawn(3, 1)).question
    variable, product = re.search(r"w = (\S+); in the tape y = (.+?)\. ", question).groups()  # type: ignore[union-attr]
    names = {"tf": tf}
    with tf.GradientTape() as tape:
        exec(f"w = {variable}\ny = {product}", names)
    assert float(tape.gradient(names["y"], names["w"])) == 0.0
    assert LEVEL_ROAD.right({"w": 3.0}) == "zero"


@pytest.mark.parametrize("name", [each for each in NAMES if each != "parabola"])
@pytest.mark.parametrize("column", [ONE_SIDED, CENTRAL])
def test_the_best_step_of_those_offered_is_far_the_best(name: str, column: int) -> None:
    best, second = sorted(errors(name, column).values())[:2]
    assert second > 5 * best
    assert BEST_H.right({"name": name, "column": column}) == ("1e-07" if column == ONE_SIDED else "1e-05")


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, attempt=st.integers(1, 1000))
def test_a_relu_on_the_logits_lowers_the_loss_and_stops_the_gradient(seed: int, attempt: int) -> None:
    n = CLIPPED.drawn(seed, attempt)
    logits = tf.Variable([[n["z0"], n["z1"], n["z2"]]], dtype=tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        losses = [
            tf.nn.softmax_cross_entropy_with_logits([[1.0, 0.0, 0.0]], outputs)[0]
            for outputs in (logits + 0.0, tf.nn.relu(logits))
        ]
    facts = CLIPPED.facts(n)
    assert losses[1] < losses[0]
    assert [facts["before"], facts["after"]] == pytest.approx([float(loss) for loss in losses])
    assert facts["slope"] == pytest.approx(float(tape.gradient(losses[0], logits)[0, 0]))
    assert not tape.gradient(losses[1], logits).numpy().any()
    assert CLIPPED.right(n) == "no-gradient"


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, attempt=st.integers(1, 1000))
def test_a_relu_on_the_output_kills_the_class_that_is_asked_for_and_ties_go_to_the_first(
    seed: int, attempt: int
) -> None:
    n = RELU_OUTPUT.drawn(seed, attempt)
    logits = tf.Variable(logits_of(n))
    with tf.GradientTape() as tape:
        clipped_logits = tf.nn.relu(logits)
        loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits([1, 2, 3], clipped_logits))
    dead = np.flatnonzero(~tape.gradient(loss, logits).numpy().any(axis=0))
    answers = tf.argmax(clipped_logits, axis=1).numpy()
    silent = "ABC".index(n["silent"])
    assert len(dead) == 1 and not clipped_logits.numpy()[silent].any() and answers[silent] == 0
    assert RELU_OUTPUT.right(n) == (str(answers[silent]) if n["case"] == "tie" else str(dead[0]))
    assert RELU_OUTPUT.facts(n)["share"] == pytest.approx(100 * np.mean(clipped_logits.numpy() == 0))


@settings(max_examples=50, deadline=None)
@given(seed=SEEDS, attempt=st.integers(1, 1000))
def test_a_difference_is_well_within_or_well_beyond_chance(seed: int, attempt: int) -> None:
    n = DIFFERENCE.drawn(seed, attempt)
    counts = np.random.default_rng(seed).binomial(n["images"], n["accuracy"] / 100, (2, 4000))
    measured = 100 * np.std(counts[0] - counts[1]) / n["images"]
    assert spread(n) == pytest.approx(measured, rel=0.06)
    assert n["points"] < 1.2 * measured or n["points"] > 2.4 * measured
    assert DIFFERENCE.right(n) == ("real" if n["points"] > 2 * measured else "perhaps-chance")


def test_both_kinds_of_difference_and_of_question_on_the_relu_are_drawn() -> None:
    for question in (DIFFERENCE, RELU_OUTPUT):
        assert len({question.drawn(7, attempt)["case"] for attempt in range(1, 13)}) == 2


def test_the_logits_of_another_attempt_are_others() -> None:
    assert len({tuple(CLIPPED.drawn(7, attempt).items()) for attempt in range(1, 9)}) > 3


@pytest.mark.parametrize("question", [each for each in QUESTIONS if each.by_tensorflow], ids=lambda each: each.id)
def test_what_tensorflow_answers_is_asked_without_it(question: Question) -> None:
    def imports_tensorflow(_: Numbers) -> str:
        raise AssertionError("the answer was computed")

    without = replace(question, right=imports_tensorflow, wrong=())
    for attempt in range(1, 6):
        assert asked(without, without.drawn(7, attempt)).question


def test_a_persistent_tape_plays_back_the_numbers_of_its_time() -> None:
    assert asked_twice(3.0, 10.0) == (6.0, 6.0)
    assert PERSISTENT.judge({"w": 3.0, "assigned": 10.0}, 20.0).misconception == "evaluated-again"
    assert PERSISTENT.judge({"w": 3.0, "assigned": 10.0}, 12.0).misconception == "accumulates"


def test_the_gradient_at_a_logit_is_what_the_tape_says() -> None:
    n = LOGIT_GRADIENT.drawn(5, 1)
    p = np.array([n["p0"], n["p1"], n["p2"]])
    logits = tf.constant(np.tile(np.log(p), (n["n"], 1)))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        truth = tf.one_hot([n["right_class"]] * n["n"], 3, dtype=tf.float64)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(truth, logits))
    slope = float(tape.gradient(loss, logits)[0, n["right_class"]])
    assert LOGIT_GRADIENT.right(n) == pytest.approx(slope, abs=1e-9)


def test_the_squared_error_comes_back_from_a_confident_mistake_hundreds_of_times_later() -> None:
    assert (steps_back(False), steps_back(True)) == (13, 4044)


def test_the_first_step_from_minus_four_points_eighty_degrees_away_from_its_end() -> None:
    assert FIRST_STEP.right({"x": -4.0, "y": 0.0, "rate": RATE}) == pytest.approx(80.6, abs=0.05)


@pytest.mark.slow
def test_the_minimum_reached_is_the_one_that_tensorflow_reaches() -> None:
    drawn = [WHICH_MINIMUM.drawn(seed, 1) for seed in range(12)]
    for n in drawn:
        found = basins(
            surface("himmelblau"), "sgd", RATE, STEPS, width=1, height=1,
            x_range=(n["x"], n["x"]), y_range=(n["y"], n["y"]),
        )  # fmt: skip
        assert WHICH_MINIMUM.right(n) == OPTIONS[int(found.reached[0, 0])]


def test_descent_in_numpy_goes_against_the_gradient() -> None:
    points = descend(surface("bowl", 3.0), np.array([[1.0, 2.0]]), 0.1, 1)
    assert points[0, 1] == pytest.approx([0.9, 1.4])


def test_a_moving_average_is_counted_until_it_is_within_a_twentieth() -> None:
    assert points_to(0.9) == 29
    assert 0.9**29 <= 0.05 < 0.9**28


# --- the learner's own log ----------------------------------------------------------------------------------------


def _log(folder: Path, steps: int, images: int, *, one: bool = True) -> str:
    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        for step in range(max(steps, 1)):
            tf.summary.scalar("loss", 1.0 / (step + 1), step=step if steps else 0)
        pictures = tf.zeros([25, 4, 4, 1])
        if one:
            tf.summary.image("one", pictures[:1], step=0)
        if images:
            tf.summary.image("many", pictures, step=0, max_outputs=images)
    writer.close()
    return str(folder)


def test_a_log_with_a_curve_one_image_and_25_passes(tmp_path: Path) -> None:
    assert judge_log(_log(tmp_path, 5, 25)) == ""


def test_what_a_log_of_the_learner_lacks_is_reported(tmp_path: Path) -> None:
    assert judge_log("") == judge_log(str(tmp_path / "none")) == "no-log"
    assert judge_log(_log(tmp_path / "a", 0, 25)) == "constant-step"
    assert judge_log(_log(tmp_path / "b", 5, 3)) == "three-images"
    assert judge_log(_log(tmp_path / "c", 5, 0, one=False)) == "no-images"
    assert judge_log(_log(tmp_path / "d", 5, 25, one=False)) == "no-single-image"


def test_deep_sigmoids_are_distinguished_from_a_sum() -> None:
    deep = exercise("deep-sigmoids")
    assert isinstance(deep, Question)
    n = {"layers": 6, "z": 0.0}
    assert deep.right(n) == pytest.approx(0.25**6)
    assert deep.judge(n, 1.5).misconception == "added"
    assert math.isclose(0.25**6, 2.4e-4, rel_tol=0.03)
    assert deep.judge(n, 2.4e-4).solved
