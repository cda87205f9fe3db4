"""From what is known of a run to what the live panes show."""

from __future__ import annotations

import numpy as np

from engine.events import Delivery, Diverged, Event, Metrics, Outcome, PathsGrew, PathsOpened, RunEnded, RunStarted
from engine.lessons import lesson
from tui.curve_picture import CurvePicture
from tui.descent_picture import DescentPicture
from tui.desk import Desk
from tui.pictures import live_picture
from tui.preview import curve_of, surface_of
from tui.run_state import RunState, fold_all
from tui.widgets.training_view import TrainingPicture


def run_of(name: str, *events: Event, ended: bool = True, **settings: str) -> RunState:
    texts = {**Desk(lesson(name)).texts, **settings}
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
    picture = live_picture(Desk(lesson("himmelblau"), {"surface": "rosenbrock"}))
    assert isinstance(picture, DescentPicture)
    assert picture.surface is surface_of(("rosenbrock", ""))
    assert picture.opened is None
    assert picture.starts == Desk(lesson("himmelblau"), {"surface": "rosenbrock"}).starts


def test_before_any_run_the_curve_lies_there() -> None:
    picture = live_picture(Desk(lesson("gradients"), {"function": "wave"}))
    assert isinstance(picture, CurvePicture)
    assert picture.curves == (curve_of(("wave",)),)
    assert len(picture.minima) > 2


def test_the_drawn_slope_is_the_curves() -> None:
    curve = curve_of(("wave",))
    slope = np.gradient(curve.y, curve.x)
    np.testing.assert_allclose(curve.gradient[1:-1], slope[1:-1], atol=0.02)


def test_a_run_is_shown_with_every_step() -> None:
    desk = Desk(lesson("himmelblau"))
    desk.state = run_of("himmelblau", *paths())
    picture = live_picture(desk)
    assert isinstance(picture, DescentPicture)
    assert picture.points[0].tolist() == [[1, 0], [2, 1]]
    assert picture.learning_rates.tolist() == [0.01, 0.02]


def test_another_surface_chosen_shows_that_one_and_no_path_on_it() -> None:
    desk = Desk(lesson("himmelblau"))
    desk.state = run_of("himmelblau", *paths())
    desk.change("surface", "beale")
    picture = live_picture(desk)
    assert isinstance(picture, DescentPicture)
    assert picture.surface is surface_of(("beale", ""))
    assert picture.paths == 0


def test_a_run_that_goes_on_stays_whatever_is_chosen_for_the_next() -> None:
    desk = Desk(lesson("himmelblau"))
    desk.state = run_of("himmelblau", *paths(), ended=False)
    desk.change("surface", "beale")
    picture = live_picture(desk)
    assert isinstance(picture, DescentPicture)
    assert picture.paths == 1


def test_the_last_run_is_a_ghost_where_it_descended_the_same() -> None:
    desk = Desk(lesson("himmelblau"))
    desk.ghost = run_of("himmelblau", *paths())
    desk.state = run_of("himmelblau", *paths())
    picture = live_picture(desk)
    assert isinstance(picture, DescentPicture)
    assert [ghost.label for ghost in picture.ghosts] == ["last run from (1, 0)"]
    desk.ghost = run_of("himmelblau", *paths(), surface="beale")
    picture = live_picture(desk)
    assert isinstance(picture, DescentPicture)
    assert picture.ghosts == ()


def test_what_changed_is_noted_in_the_pane_only_where_the_news_say_something_else() -> None:
    desk = Desk(lesson("himmelblau"))
    desk.ghost = run_of("himmelblau", *paths())
    lost = Diverged(1, "f", 0.02, 1.0, 0.007)
    for events, noted in ((paths(), False), ((*paths(), lost), True)):
        desk.state = run_of("himmelblau", *events, learning_rate="0.02")
        picture = live_picture(desk)
        assert isinstance(picture, DescentPicture)
        assert ("learning rate" in picture.note) is noted


def test_a_classifiers_last_run_lies_dim_over_its_loss() -> None:
    desk = Desk(lesson("fashion-mnist"))
    desk.ghost = run_of("fashion-mnist", metrics(2.0))
    desk.state = run_of("fashion-mnist", metrics(1.0))
    picture = live_picture(desk)
    assert isinstance(picture, TrainingPicture)
    assert picture.loss is not None
    assert picture.loss.values.tolist() == [1.0]
    assert [(series.label, series.ghost) for series in picture.overlays] == [("last run", True)]


def test_an_unchanged_run_is_recognised_as_such() -> None:
    desk = Desk(lesson("fashion-mnist"))
    desk.state = run_of("fashion-mnist", metrics(1.0))
    first, second = live_picture(desk), live_picture(desk)
    assert isinstance(first, TrainingPicture)
    assert isinstance(second, TrainingPicture)
    assert first.loss == second.loss
