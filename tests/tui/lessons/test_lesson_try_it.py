"""Every "Try it" of every text, applied in order to the app's own lesson state: each step has the promised result.

A step applies its settings (`name = value`) and its keys in the order of its words, to the state that the step before
left. The expected result is computed from what the lesson then does, and searched in the step's own words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import pytest

from engine.descent.race import ARRIVED
from engine.events import Curve, Evaluated, Event, Learned, Metrics, PathEnded, PathsGrew, Table
from engine.lesson import Lesson
from engine.lessons import course, lesson
from engine.settings import Settings
from tui.model import try_it
from tui.model.lesson_state import LessonState
from tui.model.try_it import RATE_DOWN, RATE_UP, change, changes_of, parts_of, steps_of
from tui.text.course_texts import course_text


@dataclass(frozen=True)
class Moment:
    """The settings of the lesson after a change, and a run with them."""

    lesson: Lesson[Any]
    settings: Settings

    @cached_property
    def events(self) -> list[Event]:
        return list(self.lesson.run(self.settings))

    @property
    def ends(self) -> list[PathEnded]:
        return [event for event in self.events if isinstance(event, PathEnded)]

    def changed(self, name: str, text: str) -> Moment:
        """The same with another value of a setting."""
        return Moment(self.lesson, self.settings.changed(name, text))

    def __getitem__(self, name: str) -> Any:
        return getattr(self.settings, name)

    def path(self, number: int = 0) -> np.ndarray[Any, Any]:
        """The points of a path, [k, d]."""
        return np.concatenate([event.points[number] for event in self.events if isinstance(event, PathsGrew)])

    def table(self, key: str) -> dict[Any, tuple[Any, ...]]:
        """The rows of a table by their first cell."""
        found = next(event for event in self.events if isinstance(event, Table) and event.key == key)
        return {row[0]: row[1:] for row in found.rows}

    def curve(self, key: str) -> Curve:
        return next(event for event in self.events if isinstance(event, Curve) and event.key == key)


Check = Callable[[Sequence[Moment]], Sequence[str]]
"""Given the moments of a step, the first of them before it, returns the words that the step must contain."""
CHECKS: dict[tuple[str, int], Check] = {}


def step(lesson_id: str, number: int) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        assert (lesson_id, number) not in CHECKS
        CHECKS[lesson_id, number] = check
        return check

    return keep


def take(lesson_state: LessonState, text: str) -> list[Moment]:
    """Apply a step; returns the moments before it and after each change, several presses of a key being one."""
    moments = [Moment(lesson_state.lesson, lesson_state.settings)]
    for asked, presses in groupby(changes_of(text)):
        for _ in presses:
            change(lesson_state, asked)
        moments.append(Moment(lesson_state.lesson, lesson_state.settings))
    return moments


def number(value: float, places: int) -> str:
    """Format as the texts do."""
    return f"{value:.{places}f}".replace("-", "−")


def percent(share: float, places: int = 0) -> str:
    """Format as the texts do."""
    return f"{share:.{places}%}".replace("%", " %")


# --- gradients ------------------------------------------------------------------------------------------------


@step("gradients", 1)
def _the_ball_arrives(moments: Sequence[Moment]) -> Sequence[str]:
    (end,) = moments[0].ends
    return [f"after {end.arrived_step} steps the ball has arrived"]


@step("gradients", 2)
def _the_speed_is_taken_and_given_back(moments: Sequence[Moment]) -> Sequence[str]:
    before, slow, up, down, fast = moments
    assert (slow["speed"], fast["speed"]) == (5, 0)
    assert up["learning_rate"] > down["learning_rate"] == before["learning_rate"] == fast["learning_rate"]
    return []


@step("gradients", 4)
def _the_rate_chooses_the_well(moments: Sequence[Moment]) -> Sequence[str]:
    _, own, large, too_large = moments
    (near,), (deep,), (lost,) = own.ends, large.ends, too_large.ends
    assert deep.value < near.value
    return [
        f"from {own['start'][0][0]:g} to {near.minimum.label if near.minimum else None} in {near.arrived_step} steps",
        f"the first step from 2 goes to {number(large.path()[0, 0], 1)}",
        f"the path ends at x = {number(deep.point[0], 3)}",
        f"diverges at step {lost.diverged_step}",
    ]


@step("gradients", 5)
def _six_starts_find_six_valleys(moments: Sequence[Moment]) -> Sequence[str]:
    ends = moments[-1].ends
    assert len({end.minimum for end in ends} - {None}) == 6
    last, lowest = ends[-1], min(ends, key=lambda end: end.value)
    assert lowest.value == pytest.approx(min(end.minimum.value for end in ends if end.minimum))
    return [
        f"The one from 5 stops at x = {number(last.point[0], 3)}, where f = {number(last.value, 3)}",
        f"The lowest is at x = {number(lowest.point[0], 3)} with f = {number(lowest.value, 3)}",
    ]


@step("gradients", 6)
def _adam_leaves_the_plateau(moments: Sequence[Moment]) -> Sequence[str]:
    (held,), (arrived,) = moments[-2].ends, moments[-1].ends
    assert held.minimum is None
    return [f"at the end x is still {number(held.point[0], 2)}", f"the same start arrives in {arrived.arrived_step}"]


# --- autograd -------------------------------------------------------------------------------------------------


@step("autograd", 2)
def _the_slope_follows_the_input(moments: Sequence[Moment]) -> Sequence[str]:
    before, _, after = (moment.table("linear") for moment in moments)
    assert before["dy/dw"][0] == 3 and after["dy/dw"][0] == moments[-1]["x"]
    return [f"dy/dw follows x to {number(after['dy/dw'][0], 0)}", f"Now y = {number(after['y'][0], 0)}"]


@step("autograd", 3)
def _at_the_target_nothing_is_asked_of_the_weight(moments: Sequence[Moment]) -> Sequence[str]:
    found = moments[-1].table("tape")
    assert found["L"][0] == 0 and all(row[-1] == 0 for name, row in found.items() if name != "L")
    return [f"`target = {moments[0].table('linear')['y'][0]:g}`, which is what y is now"]


@step("autograd", 4)
def _the_second_derivative_tells_hill_from_valley(moments: Sequence[Moment]) -> Sequence[str]:
    first, second = moments[1].curve("sine"), moments[1].curve("sine-slope")
    for sign in (-1, 1):  # a hill of the sine at π/2, a valley at −π/2
        place = int(np.abs(first.x + sign * np.pi / 2).argmin())
        assert abs(first.gradient[place]) < 0.01 and np.sign(second.gradient[place]) == sign
    own = moments[2].curve("exponential")
    assert np.allclose(own.gradient, own.y, rtol=1e-12)
    return ["`function = exponential`, which is its own derivative"]


# --- activations ----------------------------------------------------------------------------------------------


@step("activations", 2)
def _four_are_compared(moments: Sequence[Moment]) -> Sequence[str]:
    assert len(moments[-1].table("saturation")) == 4
    return ["to compare four"]


@step("activations", 3)
def _the_last_table_has_the_shares(moments: Sequence[Moment]) -> Sequence[str]:
    tables = [event.key for event in moments[0].events if isinstance(event, Table)]
    assert tables[-1] == "saturation"
    shares = {name: percent(row[2]) for name, row in moments[0].table("saturation").items()}
    names = ("sigmoid", "tanh", "ReLU", "leaky ReLU")
    return ["{} for sigmoid, {} for tanh, {} for ReLU and {} for leaky ReLU".format(*(shares[name] for name in names))]


@step("activations", 4)
def _near_the_middle_little_is_saturated(moments: Sequence[Moment]) -> Sequence[str]:
    found = moments[-1].table("saturation")
    return [f"sigmoid has {percent(found['sigmoid'][2])} and tanh {percent(found['tanh'][2], 1)}"]


@step("activations", 5)
def _the_left_arm_gets_steeper(moments: Sequence[Moment]) -> Sequence[str]:
    before, after = (moment.curve("leaky-relu").gradient[0] for moment in (moments[0], moments[-1]))
    return [f"from slope {before:g} to {after:g}"]


@step("activations", 6)
def _some_slopes_are_negative(moments: Sequence[Moment]) -> Sequence[str]:
    softplus = moments[-1].curve("softplus")
    assert np.allclose(softplus.gradient, 1 / (1 + np.exp(-softplus.x)), atol=1e-12)
    least = {name: row[1] for name, row in moments[-1].table("saturation").items()}
    assert all(moments[-1].curve(name).y.min() < 0 for name in ("gelu", "swish"))
    return [f"{number(least['GELU'], 3)} and {number(least['swish'], 4)} at the least"]


# --- losses ---------------------------------------------------------------------------------------------------


def loss_in(moment: Moment, key: str) -> tuple[float, float]:
    """The value of a loss, and the length of its gradient, from its table."""
    found = next(event for event in moment.events if isinstance(event, Table) and event.key == key)
    length = math.sqrt(sum(row[1] ** 2 for row in found.rows if isinstance(row[1], float)))
    return float(found.title.split("=")[1].split(",")[0]), length


@step("losses", 2)
def _the_losses_correct_as_strongly_as_the_text_says(moments: Sequence[Moment]) -> Sequence[str]:
    sharp, blunt = (moments[0].curve(f"{name}-curve") for name in ("cross-entropy", "mse"))
    middle = len(sharp.x) // 2
    assert sharp.x[0] == -8 and sharp.x[middle] == 0
    assert np.argmax(np.abs(sharp.gradient)) == 0 and abs(blunt.x[np.argmax(np.abs(blunt.gradient))]) < 0.5
    return [
        f"At −8, cross-entropy has {-sharp.gradient[0]:.3f} and squared error {-blunt.gradient[0]:.5f}",
        f"at 0 they have {-sharp.gradient[middle]:.3f} and {-blunt.gradient[middle]:.3f}",
    ]


@step("losses", 3)
def _the_temperature_leaves_the_losses_alone(moments: Sequence[Moment]) -> Sequence[str]:
    sharp, soft = (moment.table("softmax")["softmax 0"] for moment in moments[1:])
    assert max(sharp[:3]) > max(soft[:3])
    assert len({loss_in(moment, key) for moment in moments for key in ("mse", "cross-entropy")}) == 2
    return []


@step("losses", 4)
def _squared_error_does_not_move_where_it_is_most_wrong(moments: Sequence[Moment]) -> Sequence[str]:
    (mse, short), (entropy, long) = (loss_in(moments[-1], key) for key in ("mse", "cross-entropy"))
    softmax = moments[-1].table("temperature")
    assert 1.0 in softmax
    return [
        f"Squared error is {mse:.6f} with a gradient of {short:.6f} to six places",
        f"Cross-entropy is {entropy:.2f} with a gradient of length {long:.3f}",
    ]


# --- himmelblau -----------------------------------------------------------------------------------------------


def arrivals(moment: Moment) -> list[int]:
    """The steps of the paths that arrived, in order."""
    return sorted(end.arrived_step for end in moment.ends if end.arrived_step is not None)


@step("himmelblau", 1)
def _three_paths_arrive(moments: Sequence[Moment]) -> Sequence[str]:
    words = "Three paths arrive, {} after {} steps, {} after {} and {} after {}: from then on they stay within {:g} of"
    ends = sorted(moments[0].ends, key=lambda end: end.arrived_step or 0)
    return [words.format(*(part for end in ends for part in (end.label, end.arrived_step)), ARRIVED)]


@step("himmelblau", 2)
def _clearing_takes_back_only_the_starts(moments: Sequence[Moment]) -> Sequence[str]:
    assert moments[0].settings == moments[-1].settings
    return []


@step("himmelblau", 3)
def _too_small_and_too_large(moments: Sequence[Moment]) -> Sequence[str]:
    _, small, large = moments
    assert len(arrivals(small)) == 1
    lost = [end.diverged_step for end in large.ends]
    assert None not in lost and len(lost) == 3
    return [f"only one path arrives within {small['steps']} steps", f"the first at step {min(filter(None, lost))}"]


@step("himmelblau", 4)
def _another_optimizer_ends_elsewhere(moments: Sequence[Moment]) -> Sequence[str]:
    ends = {end.label: end for end in moments[-1].ends}
    plain, momentum = ends["sgd from (−4, 0)"].minimum, ends["momentum from (−4, 0)"].minimum
    assert plain and momentum and plain != momentum
    adam = [end for label, end in ends.items() if label.startswith("adam")]
    assert len(adam) == 3 and not any(end.minimum for end in adam)
    moved = np.abs(np.diff(moments[-1].path(6), axis=0)).max()
    assert 0.009 < moved < 0.012
    return [f"{moments[-1]['steps']} steps of about {moments[-1]['learning_rate']:g} are too short"]


@step("himmelblau", 5)
def _at_its_own_rate_adam_arrives(moments: Sequence[Moment]) -> Sequence[str]:
    found = arrivals(moments[-1])
    assert len(found) == 3
    return [f"after {found[0]} to {found[-1]} steps"]


@step("himmelblau", 6)
def _momentum_is_quicker_in_a_narrow_valley(moments: Sequence[Moment]) -> Sequence[str]:
    plain, momentum = arrivals(moments[-2]), arrivals(moments[-1])
    assert moments[-2]["optimizer"] == ("sgd",) and len(plain) == len(momentum) == 3
    return [f"{plain[0]} to {plain[-1]} steps", f"With `optimizer = momentum` {momentum[0]} to {momentum[-1]}"]


@step("himmelblau", 7)
def _a_saddle_holds_what_comes_straight_to_it(moments: Sequence[Moment]) -> Sequence[str]:
    (held,), (escaped,) = moments[-2].ends, moments[-1].ends
    assert moments[-2]["optimizer"] == ("sgd",) and held.gradient_norm < 1e-3
    assert held.point == pytest.approx((0, 0), abs=1e-3) and abs(escaped.point[1]) > 1
    return ["it stops at (0, 0)"]


# --- the classifiers ------------------------------------------------------------------------------------------


def epochs_of(moment: Moment) -> list[Evaluated]:
    """The tests at the ends of epochs."""
    return [event for event in moment.events if isinstance(event, Evaluated) and event.epoch]


def within(text: str, share: float, pattern: str) -> None:
    """Check that a share is within the range in the text, such as `80 to 86 %`."""
    found = re.search(pattern.replace("RANGE", r"(\d+) to (\d+) %"), text)
    assert found, f"no {pattern!r} in the text"
    low, high = (int(part) / 100 for part in found.groups())
    assert low <= share <= high, f"{share:.2%} is not within {low:.0%} to {high:.0%}"


@step("fashion-mnist", 2)
def _an_epoch_takes_it_far(moments: Sequence[Moment]) -> Sequence[str]:
    (test,) = epochs_of(moments[0].changed("epochs", "1"))
    within(steps_of("fashion-mnist")[1], test.accuracy, "After one epoch RANGE of the test examples")
    (first, *_) = (event for event in moments[0].changed("epochs", "1").events if isinstance(event, Metrics))
    assert 2.2 < first.loss[0] < 2.5
    assert "between 2.2 and 2.5" in course_text("fashion-mnist")
    right = np.diag(test.confusion) / test.confusion.sum(axis=1)
    shirt = test.class_names.index("Shirt")
    assert right.argmin() == shirt or right[shirt] < 0.75
    taken = np.argsort(np.where(np.arange(10) == shirt, -1, test.confusion[shirt]))[-4:]
    assert {"T-shirt", "Pullover", "Coat"} <= {test.class_names[place] for place in taken}
    return []


@step("fashion-mnist", 3)
def _three_keys_are_a_tenth_of_the_rate(moments: Sequence[Moment]) -> Sequence[str]:
    return [f"from {moments[0]['learning_rate']:g} to {moments[-1]['learning_rate']:.4f}"]


@step("fashion-mnist", 4)
def _with_few_images_it_overfits(moments: Sequence[Moment]) -> Sequence[str]:
    last = epochs_of(moments[-1])[-1]
    within(steps_of("fashion-mnist")[3], last.accuracy, "on RANGE of what it has not")
    assert last.train_accuracy is not None and last.train_accuracy > 0.9
    return ["more than 90 % of what it has seen"]


@step("fashion-mnist", 5)
def _a_relu_on_the_output_loses_classes(moments: Sequence[Moment]) -> Sequence[str]:
    last = epochs_of(moments[-1])[-1]
    (learned,) = (event.text for event in moments[-1].events if isinstance(event, Learned))
    assert last.accuracy < 0.75 and "gets a logit above 0 for" in learned and "it comes first" in learned
    return ["under 75 % are right"]


@step("fashion-mnist", 6)
def _plain_descent_wants_longer_steps(moments: Sequence[Moment]) -> Sequence[str]:
    text = steps_of("fashion-mnist")[5]
    within(text, epochs_of(moments[-2])[-1].accuracy, "plain descent reaches RANGE in two epochs")
    within(text, epochs_of(moments[-1])[-1].accuracy, "it reaches RANGE")
    return []


@step("tensorboard", 2)
def _a_tenth_of_the_rate_ends_higher(moments: Sequence[Moment]) -> Sequence[str]:
    large, small = (epochs_of(moment)[-1].accuracy for moment in moments)
    assert small - large >= 0.005
    assert "Higher, by half a per cent or more" in course_text("tensorboard")
    return []


@step("tensorboard", 4)
def _the_log_is_as_dense_as_it_is_told(moments: Sequence[Moment]) -> Sequence[str]:
    last = moments[-1].changed("train_examples", "1000").changed("epochs", "2").changed("hidden", "32")
    assert (last["log_every"], last["test_every"]) == (1, 0)
    assert not [event for event in last.events if isinstance(event, Evaluated) and event.epoch is None]
    assert all(event.steps == 1 for event in last.events if isinstance(event, Metrics))
    return []


# --- the tests ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rate_that_breaks_the_network_leaves_one_answer() -> None:
    for lesson_id, says in (
        ("fashion-mnist", ("the answer is the same for every picture", "accuracy is 10 %", "the loss stays near 2.30")),
        ("tensorboard", ("it answers the same digit for every image",)),
    ):
        start = Moment(lesson(lesson_id), lesson(lesson_id).settings())
        (test,) = epochs_of(start.changed("epochs", "1").changed("learning_rate", "0.1"))
        assert np.count_nonzero(test.confusion.sum(axis=0)) == 1 and 2.29 < test.loss < 2.4
        assert test.accuracy < 0.12
        text = " ".join(course_text(lesson_id).split())
        assert all(words in text for words in says)


TRAINED = ("fashion-mnist", "tensorboard")


@pytest.mark.parametrize(
    "lesson_id",
    [pytest.param(each.id, marks=pytest.mark.slow if each.id in TRAINED else ()) for each in course()],
)
def test_every_step_finds_what_it_says_from_the_state_the_step_before_left(lesson_id: str) -> None:
    lesson_state = LessonState(lesson(lesson_id))
    steps = steps_of(lesson_id)
    assert len(steps) >= 3
    for place, text in enumerate(steps, 1):
        moments = take(lesson_state, text)
        check = CHECKS.get((lesson_id, place))
        assert check or len(moments) == 1, f"step {place} of {lesson_id} changes settings and nothing checks it"
        for phrase in check(moments) if check else ():
            assert phrase in text, f"step {place} of {lesson_id} does not say {phrase!r}"


@pytest.mark.parametrize("lesson_id", [each.id for each in course()])
def test_a_part_of_a_step_shows_what_it_sets_before_the_next_part_sets_it_again(lesson_id: str) -> None:
    for text in steps_of(lesson_id):
        parts = parts_of(text)
        assert " ".join(parts) == text
        assert [*changes_of(text)] == [asked for part in parts for asked in changes_of(part)]
        for part in parts:
            names = [name for (name, _), _ in groupby(changes_of(part))]
            rated = ["learning_rate" if name in (RATE_UP, RATE_DOWN) else name for name in names]
            assert len(set(rated)) == len(rated), f"{part!r} sets one of {rated} twice"


def test_a_step_is_tried_sentence_by_sentence() -> None:
    text = "Press **space**. Set `w = 2` and `x = 1.5`: y is 3! Watch it. With `w = 0` it is 0. Press **[** 3 times."
    assert parts_of(text) == (
        "Press **space**. Set `w = 2` and `x = 1.5`: y is 3! Watch it.",
        "With `w = 0` it is 0.",
        "Press **[** 3 times.",
    )
    assert [[*changes_of(part)] for part in parts_of(text)][1:] == [[("w", "0")], [("[", "")] * 3]


@pytest.mark.parametrize("lesson_id", [each.id for each in course()])
def test_the_steps_are_found_under_headings_of_another_language(
    lesson_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = steps_of(lesson_id)
    translated = re.sub(r"^## .*$", "## Überschrift", course_text(lesson_id), flags=re.MULTILINE)
    monkeypatch.setattr(try_it, "course_text", lambda *_: translated)
    assert steps_of(lesson_id, "de") == english


def test_every_check_belongs_to_a_step() -> None:
    assert all(place <= len(steps_of(lesson_id)) for lesson_id, place in CHECKS)
