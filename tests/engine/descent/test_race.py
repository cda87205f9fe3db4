"""A race follows every optimizer from every start, keeps every step, and reports the end of each path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.descent import optimizers, surfaces
from engine.descent.compiled_descent import STEPS_A_CALL
from engine.descent.race import ARRIVED, place
from engine.events import (
    Diverged,
    Event,
    Learned,
    Outcome,
    PathEnded,
    PathsGrew,
    PathsOpened,
    Phase,
    Remark,
    RunEnded,
    SurfaceDrawn,
)
from engine.lesson import Turn
from engine.lessons import lesson
from engine.lessons.himmelblau import HimmelblauSettings
from engine.run.runner import Runner
from engine.run.sinks import Mailbox
from engine.settings import parse_settings


def run(lesson_id: str = "himmelblau", **texts: str) -> list[Event]:
    taught = lesson(lesson_id)
    return list(taught.run(parse_settings(taught.settings, texts)))


def only(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def points(events: list[Event]) -> Any:
    """Every point of every path after the start, [p, k, d]."""
    return np.concatenate([grew.points for grew in only(PathsGrew, events)], axis=1)


def words(lesson_id: str = "himmelblau", **texts: str) -> str:
    (learned,) = only(Learned, run(lesson_id, **texts))
    return str(learned.text)


# --- the paths ------------------------------------------------------------------------------------------------


def test_a_path_is_followed_for_every_optimizer_from_every_start() -> None:
    events = run(start="1,0;-4,0", optimizer="sgd,adam", steps="5")
    (opened,) = only(PathsOpened, events)
    assert opened.labels == ("sgd from (1, 0)", "sgd from (−4, 0)", "adam from (1, 0)", "adam from (−4, 0)")
    assert opened.optimizers == ("sgd", "sgd", "adam", "adam") and opened.total_steps == 5
    np.testing.assert_array_equal(opened.starts, [[1, 0], [-4, 0], [1, 0], [-4, 0]])
    np.testing.assert_allclose(opened.values, [136, 146, 136, 146])
    assert points(events).shape == (4, 5, 2)
    # Adam's first step is η along each axis for any gradient.
    np.testing.assert_allclose(np.abs(points(events)[2:, 0] - opened.starts[2:]), 0.01, rtol=1e-3)


def test_one_optimizer_goes_without_saying() -> None:
    (opened,) = only(PathsOpened, run(steps="1"))
    assert opened.labels == ("from (1, 0)", "from (−4, 0)", "from (4, 0)")


def test_every_step_is_reported_once_and_in_order() -> None:
    steps = 2 * STEPS_A_CALL + 5
    grown = only(PathsGrew, run(steps=str(steps)))
    told = [grew.first_step + step for grew in grown for step in range(grew.steps)]
    assert told == list(range(1, steps + 1))


def test_a_race_of_two_is_what_each_would_run_alone() -> None:
    both = points(run(optimizer="sgd,adam", steps="40"))
    alone = [points(run(optimizer=name, steps="40")) for name in ("sgd", "adam")]
    np.testing.assert_array_equal(both, np.concatenate(alone))


def test_the_engine_says_that_it_compiles_before_it_runs() -> None:
    events = run(optimizer="sgd,adam", steps="3")
    assert [phase.name for phase in only(Phase, events)] == ["compiling", "compiling", "running"]
    assert events.index(Phase("running")) < events.index(only(PathsGrew, events)[0])


# --- reports during a run -------------------------------------------------------------------------------------


def turns(settings: HimmelblauSettings, sent: list[Turn[Any]]) -> Iterator[PathsGrew]:
    """The events of a descent when each of its steps is requested by a turn."""
    running = lesson("himmelblau").run(settings)
    event = next(running)
    while not (isinstance(event, Phase) and event.name == "running"):
        event = running.send(Turn(settings))
    for turn in sent:
        event = running.send(turn)
        assert isinstance(event, PathsGrew)
        yield event
    running.close()


def test_an_event_carries_no_more_steps_than_the_turn_allows() -> None:
    settings = HimmelblauSettings(steps=100)
    sent: list[Turn[Any]] = [Turn(settings, 3), Turn(settings, 1), Turn(settings, 1000)]
    assert [(grew.first_step, grew.steps) for grew in turns(settings, sent)] == [(1, 3), (4, 1), (5, 96)]


def test_a_new_rate_holds_from_the_very_next_event() -> None:
    settings = HimmelblauSettings(learning_rate=0.01)
    other = settings.changed("learning_rate", "0.002")
    first, second = turns(settings, [Turn(settings, 2), Turn(other, 1)])
    assert (first.learning_rate, second.learning_rate) == (0.01, 0.002)
    step = second.points[:, 0] - first.points[:, -1]
    np.testing.assert_allclose(step, -0.002 * first.gradients[:, -1], rtol=2e-3, atol=1e-6)


def test_a_rate_given_before_the_first_step_holds_for_it() -> None:
    settings = HimmelblauSettings()
    (grew,) = turns(settings, [Turn(settings.changed("learning_rate", "0.02"), 1)])
    assert grew.learning_rate == 0.02


def test_steps_cut_by_turns_are_exactly_those_uncut() -> None:
    settings = HimmelblauSettings(steps=30)
    cut = np.concatenate([grew.points for grew in turns(settings, [Turn(settings, k) for k in (1, 10, 2, 17)])], axis=1)
    np.testing.assert_array_equal(cut, points(run(steps="30")))


def test_a_runner_may_send_a_turn_at_every_event_to_the_end() -> None:
    taught = lesson("himmelblau")
    mailbox = Mailbox()
    runner = Runner(taught, HimmelblauSettings(start=((1.0, 0.0), (40.0, 0.0))), [mailbox], run="himmelblau/1")
    runner.start()
    assert runner.join(60)
    events = [delivery.event for delivery in mailbox.take()]
    (ended,) = only(RunEnded, events)
    assert ended.outcome is Outcome.DIVERGED and ended.step == 3
    assert ended.message == "f on the path from (40, 0) is not finite at step 3, learning rate 0.01"
    assert ended.hint == "try --learning-rate 0.0001"
    assert len(only(PathEnded, events)) == 2 and len(only(Learned, events)) == 1


# --- the ends of paths ----------------------------------------------------------------------------------------


def test_each_start_reaches_the_minimum_that_the_course_finds() -> None:
    events = run()
    reached = [end.minimum.point for end in only(PathEnded, events)]
    np.testing.assert_allclose(reached, [(3, 2), (-3.779310, -3.283186), (3.584428, -1.848127)], atol=1e-6)


def test_a_path_arrives_at_the_step_since_which_it_stays_within_reach_of_the_minimum_it_ends_at() -> None:
    events = run(optimizer="sgd,momentum", learning_rate="0.005")
    path = points(events)
    for end in only(PathEnded, events):
        distance = np.linalg.norm(path[end.path] - end.minimum.point, axis=1)
        near = distance <= ARRIVED
        assert near[end.arrived_step - 1 :].all() and not near[end.arrived_step - 2]


def test_passing_by_a_minimum_is_not_arriving() -> None:
    # Adam at rate 1 is within 0.05 of (3, 2) after two steps, overshoots, and comes back.
    events = run(optimizer="adam", learning_rate="1", start="1,0")
    (end,) = only(PathEnded, events)
    near = np.linalg.norm(points(events)[0] - (3, 2), axis=1) <= ARRIVED
    assert near[1] and not near.all()
    assert end.arrived_step == int(np.flatnonzero(~near)[-1]) + 2
    assert 60 < end.arrived_step < 75


def test_an_end_is_the_last_point_with_its_value_and_slope() -> None:
    events = run(steps="7")
    last = only(PathsGrew, events)[-1]
    for end in only(PathEnded, events):
        assert end.point == tuple(last.points[end.path, -1].tolist())
        assert end.value == last.values[end.path, -1]
        assert end.gradient_norm == pytest.approx(np.linalg.norm(last.gradients[end.path, -1]), rel=1e-6)
        assert (end.minimum, end.arrived_step, end.diverged_step) == (None, None, None)


def test_a_start_on_a_minimum_has_arrived_at_step_zero() -> None:
    (end,) = only(PathEnded, run(start="3,2"))
    assert end.arrived_step == 0


def test_a_path_that_diverged_ends_at_its_last_finite_point() -> None:
    events = run(start="40,0;1,0")
    lost, arrived = only(PathEnded, events)
    path = points(events)
    assert lost.diverged_step == 3 and lost.minimum is None
    assert lost.point == tuple(path[0, 1].tolist()) and np.isnan(path[0, 2:]).all()
    assert arrived.minimum.point == (3.0, 2.0) and path.shape[1] == 200


def test_the_first_path_to_diverge_is_the_one_reported() -> None:
    events = run(start="30,0;1,0;60,0")
    ends = only(PathEnded, events)
    (diverged,) = only(Diverged, events)
    assert diverged.step == min(end.diverged_step for end in ends if end.diverged_step) == ends[2].diverged_step
    assert diverged.what == "f on the path from (60, 0)" and diverged.last_finite == ends[2].value
    assert diverged.suggested_learning_rate == pytest.approx(0.01 / 100)


def test_a_race_ends_when_all_paths_are_lost() -> None:
    events = run(learning_rate="0.5", steps="100000")
    assert points(events).shape[1] <= STEPS_A_CALL and len(only(PathEnded, events)) == 3


def test_the_rate_reported_is_the_one_at_which_the_path_was_lost() -> None:
    settings = HimmelblauSettings(learning_rate=0.01, steps=10)
    running = lesson("himmelblau").run(settings)
    rates = iter([0.01, 5.0, 0.001])
    events, turn = [next(running)], None
    while not isinstance(events[-1], Learned):
        if isinstance(events[-1], PathsGrew) or events[-1] == Phase("running"):
            turn = Turn(settings.changed("learning_rate", str(next(rates, 0.001))), 4)
        events.append(running.send(turn))
    (diverged,) = only(Diverged, events)
    assert diverged.learning_rate == 5.0 and 4 < diverged.step <= 8
    assert "0.01, 5" in events[-1].text


def test_a_start_with_no_finite_value_says_so_and_suggests_no_rate() -> None:
    events = run(surface="beale", start="1e6,1e6;1,1", steps="3")
    (diverged,) = only(Diverged, events)
    assert (diverged.step, diverged.suggested_learning_rate) == (0, None)
    assert diverged.what == "f at the start of the path from (1e+06, 1e+06)" and diverged.learning_rate == 0.01
    assert "could not begin" in events[-1].text


# --- every surface and every optimizer ------------------------------------------------------------------------


@pytest.mark.parametrize("name", surfaces.NAMES)
def test_every_surface_is_descended_from_its_own_starts(name: str) -> None:
    events = run(surface=name)
    (drawn,) = only(SurfaceDrawn, events)
    assert drawn.key == name and not only(Diverged, events)
    (opened,) = only(PathsOpened, events)
    np.testing.assert_allclose(opened.starts, surfaces.surface(name).starts)
    last = only(PathsGrew, events)[-1]
    assert (last.values[:, -1] < opened.values).all()
    assert isinstance(events[-1], Learned) and any(figure in events[-1].text for figure in "0123456789")


def test_every_optimizer_is_followed_to_its_end() -> None:
    events = run(optimizer=",".join(optimizers.NAMES), steps="100")
    (opened,) = only(PathsOpened, events)
    assert len(opened.labels) == 27 and np.isfinite(points(events)).all()
    assert (only(PathsGrew, events)[-1].values[:, -1] < opened.values).all()


def test_bowls_of_nearly_the_same_shape_are_not_mistaken_for_each_other() -> None:
    first, second = (
        points(run(surface="bowl", conditioning=text, start="1,1", learning_rate="0.1", steps="50"))
        for text in ("10", "10.000001")
    )
    assert (first[..., 1] != second[..., 1]).any()


# --- sentences ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "phrases"),
    [
        ({}, ["From (1, 0) the path arrived at the minimum (3, 2) in 21 steps, from (−4, 0) at (−3.779, −3.283) in",
              "23, from (4, 0) at (3.584, −1.848) in 29, by sgd at learning rate 0.01.", "own basin"]),
        ({"start": "3,2"}, ["The path began at the minimum (3, 2) and stayed there at learning rate 0.01."]),
        ({"start": "1,0"}, ["From (1, 0) the path arrived at the minimum (3, 2) in 21 steps, by sgd at learning"]),
        ({"steps": "1"}, ["The 3 paths were still under way after 1 step "]),
        ({"learning_rate": "0"}, ["no step goes anywhere", "136, 146, 34"]),
        ({"start": "4,0", "learning_rate": "0.02"},
         ["The path hops from side to side at learning rate 0.02, between (3.926, −1.805) and (3.099, −1.883)"]),
        ({"start": "4,0", "learning_rate": "0.0195", "optimizer": "sgd,adam"},
         ["1 of 2 paths arrived, adam from (4, 0), at the minimum (3.584, −1.848)", "1 of 2 paths hops"]),
        ({"start": "1,0;40,0"}, ["From (1, 0) the path arrived at", "1 of 2 paths diverged", "A smaller rate helps."]),
        ({"start": "1e6,1e6"}, ["f went from 2e+24 out of range in the first step"]),
        ({"start": "-0.270844590667,-0.923038522"}, ["where the gradient is 0 although it is not a minimum"]),
        ({"surface": "rastrigin"}, ["2 of 3 paths came to rest in minima that are not the lowest", "the lowest is 0"]),
        ({"surface": "ackley"}, ["the path arrived at the minimum (0, 0)", "f = 6.56 at (1.974, −1.974)"]),
        ({"surface": "saddle"}, ["no minimum to stop at", "a saddle or a hilltop holds a path that meets it exactly"]),
        ({"surface": "(x + y - 1)^2"}, ["3 paths came to rest at (−1.3, 2.3), (0.35, 0.65) and (2.25, −1.25), ",
                                        "where f = 0: the floor is level there"]),
        ({"surface": "1 - exp(-x^2 - y^2)", "start": "3.9,3.9", "learning_rate": "0.1"}, ["too short for 32-bit"]),
        ({"surface": "x^3 - 3x + y^2", "start": "2,1", "learning_rate": "0.4"},
         ["f went from 3 to ", "the next step is not finite. A smaller rate helps."]),
        ({"surface": "x^3 - 3x + y^2", "start": "-3,1", "learning_rate": "0.4"}, ["fell without end", "no learning"]),
        ({"surface": "log(x^2 + y^2)"}, ["and no minimum is known: the lowest of them is at f = "]),
        ({"surface": "saddle", "steps": "2000"}, ["2 of 3 paths fell without end", "no learning rate gives it one"]),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_learned_on_a_surface_fits_what_happened(texts: dict[str, str], phrases: list[str]) -> None:
    said = words(**texts)
    for phrase in phrases:
        assert phrase in said


@pytest.mark.parametrize(
    ("texts", "phrases"),
    [
        ({}, ["From x = 2.5 the path arrived at the minimum x = 0 in 18 steps, by sgd at learning rate 0.1."]),
        ({"learning_rate": "1"}, ["The path hops from side to side at learning rate 1, between x = 2.5 and x = −2.5"]),
        ({"learning_rate": "1.001", "steps": "20"}, ["no lower than at the start: the steps leap across the valley"]),
        ({"learning_rate": "1.1", "steps": "1000"}, ["The path diverged at learning rate 1.1", "A smaller rate"]),
        ({"function": "cubic", "start": "-2"}, ["fell without end"]),
        ({"function": "cubic", "learning_rate": "1"}, ["diverged at learning rate 1", "A smaller rate helps."]),
        ({"function": "plateau", "start": "5"}, ["at no minimum yet: f is 1, where the slope is 1.868e-05",
                                                 "where the slope is so small a step is short"]),
        ({"function": "exp(-x)", "start": "1"}, ["no minimum is known: f is "]),
        ({"function": "plateau", "start": "25"}, ["found no slope at x = 25"]),
        ({"function": "wave", "start": "11"}, ["came to rest in a minimum that is not the lowest: f = 8.673"]),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_learned_on_a_curve_fits_what_happened(texts: dict[str, str], phrases: list[str]) -> None:
    said = words("gradients", **texts)
    for phrase in phrases:
        assert phrase in said


def test_no_smaller_rate_is_said_to_help_a_schedule_that_ignores_the_rate(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def schedule(step, total, rate):\n    return 5.0\n")
    said = words("himmelblau", schedule=str(path))
    assert "3 paths diverged" in said
    assert "A smaller rate" not in said


def test_a_fall_without_end_is_blamed_on_no_rate() -> None:
    (fallen,) = only(Diverged, run("gradients", function="cubic", start="-2"))
    (thrown,) = only(Diverged, run("gradients", function="cubic", learning_rate="1"))
    assert fallen.suggested_learning_rate is None
    assert thrown.suggested_learning_rate == pytest.approx(1 / 10)


@pytest.mark.parametrize(("name", "texts"), [
    ("gradients", {"start": "2", "learning_rate": "3"}), ("himmelblau", {"start": "-4,0;1,1", "learning_rate": "1"}),
    ("himmelblau", {"start": "-4,0", "learning_rate": "1", "optimizer": "sgd,adam"}),
])  # fmt: skip
def test_a_rate_that_is_suggested_is_one_that_descends(name: str, texts: dict[str, str]) -> None:
    (diverged,) = only(Diverged, run(name, **texts))
    events = run(name, **{**texts, "learning_rate": repr(diverged.suggested_learning_rate)})
    assert not only(Diverged, events)
    (opened,) = only(PathsOpened, events)
    assert all(end.value < before for end, before in zip(only(PathEnded, events), opened.values, strict=True))


def test_one_start_that_parts_by_optimizer_is_not_put_down_to_the_start() -> None:
    said = words(start="3,-5", optimizer="sgd,momentum")
    assert "different minima" in said and "from one start they ended at different minima" in said


@pytest.mark.parametrize("lesson_id", ["himmelblau", "gradients"])
def test_the_rule_said_is_the_one_followed(lesson_id: str) -> None:
    said = [event.text for event in run(lesson_id, optimizer="adam,momentum", steps="1") if isinstance(event, Remark)]
    assert said[-1].endswith("momentum: v ← μ·v − η·g; θ ← θ + v.") and "adam: m, s" in said[-1]
    assert "θ − η·g" not in said[-1]


@pytest.mark.parametrize(
    ("point", "written"),
    [((-4.0, 0.0), "(−4, 0)"), ((2.0,), "x = 2"), ((-0.5,), "x = −0.5"), ((1e6, 0.25), "(1e+06, 0.25)")],
)
def test_a_point_is_written_as_a_person_would(point: tuple[float, ...], written: str) -> None:
    assert place(point) == written
