"""From the state of a run to the view data of the live panes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.events import Delivery, Diverged, Event, Metrics, Outcome, PathsGrew, PathsOpened, RunEnded, RunStarted
from engine.lessons import lesson
from tui.model.lesson_state import LessonState
from tui.model.preview import curve_of, surface_of
from tui.model.run_state import RunState, fold_all
from tui.views.curve_picture import CurvePicture
from tui.views.descent_picture import DescentPicture
from tui.views.live_pictures import live_picture
from tui.views.training_picture import TrainingPicture


def run_of(name: str, *events: Event, ended: bool = True, **settings: str) -> RunState:
    texts = {**LessonState(lesson(name)).texts, **settings}
    told = [RunStarted(name, name, texts, f"gdtui {name}"), *events]
    if ended:
        told.append(RunEnded(Outcome.DONE, 1, "finished"))
    return fold_all(RunState("r"), [Delivery("r", float(second), event) for second, event in enumerate(told)])


def paths() -> tuple[PathsOpened, PathsGrew]:
    starts = np.array([[1, 0]], np.float32)
    points = np.array([[[2, 1]]], np.float32)
    values = np.ones((1, 1), np.float32)
    opened = PathsOpened(("from (1, 0)",), ("sgd",), starts, values[0], starts, 1)
    return opened, PathsGrew(1, points, values, points.copy(), 0.02)


def metrics(loss: float) -> Metrics:
    values = np.array([loss], np.float32)
    return Metrics(1, 1, values, values, 1.0, 1e-3, 10.0, 1, 1)


def test_before_any_run_the_surface_lies_there_with_the_starts() -> None:
    picture = live_picture(LessonState(lesson("himmelblau"), {"surface": "rosenbrock"}))
    assert isinstance(picture, DescentPicture)
    assert picture.surface is surface_of(("rosenbrock", "", ""))
    assert picture.opened is None
    assert picture.starts == LessonState(lesson("himmelblau"), {"surface": "rosenbrock"}).starts


def test_before_any_run_the_curve_lies_there() -> None:
    picture = live_picture(LessonState(lesson("gradients"), {"function": "wave"}))
    assert isinstance(picture, CurvePicture)
    assert picture.curves == (curve_of(("wave", "", "")),)
    assert len(picture.minima) > 2


def test_the_drawn_slope_is_the_curves() -> None:
    curve = curve_of(("wave", "", ""))
    slope = np.gradient(curve.y, curve.x)
    np.testing.assert_allclose(curve.gradient[1:-1], slope[1:-1], atol=0.02)


def test_a_run_is_shown_with_every_step() -> None:
    lesson_state = LessonState(lesson("himmelblau"))
    lesson_state.state = run_of("himmelblau", *paths())
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert picture.points[0].tolist() == [[1, 0], [2, 1]]
    assert picture.learning_rates.tolist() == [0.01, 0.02]


def test_another_surface_chosen_shows_that_one_and_no_path_on_it() -> None:
    lesson_state = LessonState(lesson("himmelblau"))
    lesson_state.state = run_of("himmelblau", *paths())
    lesson_state.change("surface", "beale")
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert picture.surface is surface_of(("beale", "", ""))
    assert picture.paths == 0


def test_a_run_that_goes_on_stays_whatever_is_chosen_for_the_next() -> None:
    lesson_state = LessonState(lesson("himmelblau"))
    lesson_state.state = run_of("himmelblau", *paths(), ended=False)
    lesson_state.change("surface", "beale")
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert picture.paths == 1


def test_the_last_run_is_a_ghost_where_it_descended_the_same() -> None:
    lesson_state = LessonState(lesson("himmelblau"))
    lesson_state.ghost = run_of("himmelblau", *paths())
    lesson_state.state = run_of("himmelblau", *paths())
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert [ghost.label for ghost in picture.ghosts] == ["last run from (1, 0)"]
    lesson_state.ghost = run_of("himmelblau", *paths(), surface="beale")
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert picture.ghosts == ()


def test_what_changed_is_noted_in_the_pane_only_where_the_news_say_something_else() -> None:
    lesson_state = LessonState(lesson("himmelblau"))
    lesson_state.ghost = run_of("himmelblau", *paths())
    lost = Diverged(1, "f", 0.02, 1.0, 0.007)
    for events, noted in ((paths(), False), ((*paths(), lost), True)):
        lesson_state.state = run_of("himmelblau", *events, learning_rate="0.02")
        picture = live_picture(lesson_state)
        assert isinstance(picture, DescentPicture)
        assert ("learning rate" in picture.note) is noted


def test_a_classifiers_last_run_lies_dim_over_its_loss() -> None:
    lesson_state = LessonState(lesson("fashion-mnist"))
    lesson_state.ghost = run_of("fashion-mnist", metrics(2.0))
    lesson_state.state = run_of("fashion-mnist", metrics(1.0))
    picture = live_picture(lesson_state)
    assert isinstance(picture, TrainingPicture)
    assert picture.loss is not None
    assert picture.loss.values.tolist() == [1.0]
    assert [(series.label, series.ghost) for series in picture.overlays] == [("last run", True)]


def test_an_unchanged_run_is_recognised_as_such() -> None:
    lesson_state = LessonState(lesson("fashion-mnist"))
    lesson_state.state = run_of("fashion-mnist", metrics(1.0))
    first, second = live_picture(lesson_state), live_picture(lesson_state)
    assert isinstance(first, TrainingPicture)
    assert isinstance(second, TrainingPicture)
    assert first.loss == second.loss


def test_starts_of_the_next_run_are_not_drawn_on_what_another_run_descends() -> None:
    lesson_state = LessonState(lesson("himmelblau"))
    lesson_state.state = run_of("himmelblau", *paths(), ended=False)
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert picture.starts == lesson_state.starts
    lesson_state.change("surface", "saddle")
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert picture.starts == ()
    assert picture.note == "this run is on himmelblau; the next one will be on saddle"


def test_a_preview_says_that_it_is_one_and_shows_the_next_runs_starts() -> None:
    lesson_state = LessonState(lesson("himmelblau"))
    lesson_state.state = run_of("himmelblau", *paths())
    lesson_state.change("surface", "saddle")
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert picture.starts == lesson_state.starts
    assert picture.note == "preview of the next run, on saddle; the last one was on himmelblau"
    lesson_state.change("surface", "himmelblau")
    picture = live_picture(lesson_state)
    assert isinstance(picture, DescentPicture)
    assert (picture.note, picture.paths) == ("", 1)


def test_another_function_chosen_is_a_preview_too() -> None:
    lesson_state = LessonState(lesson("gradients"))
    lesson_state.state = run_of("gradients", *paths())
    lesson_state.change("function", "wave")
    picture = live_picture(lesson_state)
    assert isinstance(picture, CurvePicture)
    assert picture.note == "preview of the next run, on wave; the last one was on parabola"
    assert picture.curves == (curve_of(("wave", "", "")),)


def test_the_learning_rate_is_a_series_where_it_changes() -> None:
    opened, grew = paths()
    falling = replace(
        grew,
        points=np.ones((1, 3, 2), np.float32),
        values=np.ones((1, 3), np.float32),
        gradients=np.ones((1, 3, 2), np.float32),
        rates=np.float32([0.5, 0.25, 0.125]),
        learning_rate=0.125,
    )
    lesson_state = LessonState(lesson("himmelblau"))
    for events, expected in (((opened, grew), None), ((opened, falling), [0.5, 0.5, 0.25, 0.125])):
        lesson_state.state = run_of("himmelblau", *events, learning_rate="0.02")
        picture = live_picture(lesson_state)
        assert isinstance(picture, DescentPicture)
        assert (None if picture.rate is None else picture.rate.values.tolist()) == expected
    lesson_state = LessonState(lesson("fashion-mnist"))
    lesson_state.state = run_of("fashion-mnist", metrics(1.0), replace(metrics(0.9), first_step=2, learning_rate=2e-3))
    picture = live_picture(lesson_state)
    assert isinstance(picture, TrainingPicture)
    assert picture.rate is not None
    assert picture.rate.values.tolist() == [1e-3, 2e-3]
