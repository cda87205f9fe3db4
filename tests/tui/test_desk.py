"""One lesson as the learner left it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import SettingError
from engine.events import Delivery, Outcome, PathsGrew, PathsOpened, RunEnded
from engine.lessons import lesson
from tui.desk import Desk
from tui.run_state import RunState, fold_all


def himmelblau(**given: str) -> Desk:
    return Desk(lesson("himmelblau"), given)


def walked(desk: Desk, optimizers: tuple[str, ...] = ("sgd", "sgd")) -> None:
    """Put a run of two paths of two steps on show."""
    desk.begin("r")
    starts = np.array([[0, 0], [10, 10]], np.float32)
    points = starts[:, None] + np.array([1, 2], np.float32)[None, :, None]
    values = np.ones((2, 2), np.float32)
    opened = PathsOpened(("one", "two"), optimizers, starts, values[:, 0].copy(), starts, 2)
    ended = RunEnded(Outcome.DONE, 2, "finished")
    events = (opened, PathsGrew(1, points, values, points.copy(), 0.1), ended)
    assert desk.state is not None
    desk.state = fold_all(desk.state, [Delivery("r", 0.1, event) for event in events])


def test_what_is_not_given_has_its_default() -> None:
    assert himmelblau(learning_rate="0.05").texts["learning_rate"] == "0.05"
    assert himmelblau().texts["learning_rate"] == "0.01"


def test_a_value_out_of_bounds_is_refused_and_nothing_changes() -> None:
    desk = himmelblau()
    with pytest.raises(SettingError):
        desk.change("learning_rate", "-1")
    assert desk.given == {}


def test_another_surface_brings_its_own_starts_and_rate() -> None:
    desk = himmelblau(start="1,1", learning_rate="0.02")
    desk.change("surface", "rosenbrock")
    assert desk.texts["start"] != "1,1"
    assert desk.texts["learning_rate"] != "0.02"


def test_going_back_to_the_first_surface_leaves_no_trace_of_the_other() -> None:
    desk = himmelblau()
    before = desk.texts
    desk.change("surface", "rastrigin")
    desk.change("start", "2,2")
    desk.change("surface", "himmelblau")
    assert desk.texts == before


def test_what_does_not_follow_from_a_setting_stays_as_it_was_given() -> None:
    desk = Desk(lesson("gradients"), {})
    desk.change("start", "2.5;0")
    desk.change("learning_rate", "0.2")
    desk.change("optimizer", "adam")
    desk.change("steps", "7")
    assert (desk.texts["start"], desk.texts["learning_rate"]) == ("2.5;0", "0.2")
    desk.change("function", "cubic")
    assert (desk.texts["start"], desk.texts["learning_rate"]) == ("2.2", "0.05")


def test_what_another_version_remembered_and_this_one_does_not_know_is_dropped() -> None:
    desk = Desk(lesson("himmelblau"), {"learning_rate": "0.05", "wings": "two", "steps": "many"})
    assert desk.given == {"learning_rate": "0.05"}


def test_an_optimizers_own_settings_are_shown_where_it_reads_them() -> None:
    plain = {param.name for param in himmelblau().shown_params}
    heavy = {param.name for param in himmelblau(optimizer="momentum,adam").shown_params}
    assert heavy - plain == {"momentum", "beta_1", "beta_2", "epsilon"}


def test_the_next_optimizer_follows_the_first_chosen() -> None:
    desk = himmelblau()
    assert desk.next_optimizer() == "momentum"
    assert desk.chosen_optimizers == ("momentum",)


def test_a_lesson_without_an_optimizer_has_no_next_one() -> None:
    desk = Desk(lesson("losses"))
    assert desk.next_optimizer() is None
    assert desk.step_setting("learning_rate", 1) is None


def test_a_new_run_makes_the_last_one_a_ghost() -> None:
    desk = himmelblau()
    walked(desk)
    first = desk.state
    desk.begin("next")
    assert desk.ghost is first
    assert desk.state == RunState("next", lesson="himmelblau", title="Himmelblau")


def test_a_reset_takes_the_run_away_and_keeps_its_ghost() -> None:
    desk = himmelblau()
    walked(desk)
    first = desk.state
    desk.reset()
    assert desk.state is None
    assert desk.ghost is first


def test_a_branch_begins_where_every_path_was_at_that_step() -> None:
    desk = himmelblau()
    walked(desk)
    assert desk.branch(0, 1) == ((1.0, 1.0), (11.0, 11.0))


def test_with_several_rules_one_path_is_branched() -> None:
    desk = himmelblau()
    walked(desk, ("sgd", "adam"))
    assert desk.branch(1, 2) == ((12.0, 12.0),)


def test_a_branch_takes_other_settings_and_leaves_the_desks_own() -> None:
    desk = himmelblau()
    settings = desk.branch_settings(((1.0, 1.0),), {"learning_rate": "0.05", "optimizer": "adam"})
    texts = settings.texts()
    assert (texts["start"], texts["learning_rate"], texts["optimizer"]) == ("1,1", "0.05", "adam")
    assert desk.given == {}


def test_the_parent_of_a_branch_stays_to_be_compared_with() -> None:
    desk = himmelblau()
    walked(desk)
    parent = desk.state
    desk.begin("branch", parent)
    assert desk.parent is parent


def test_what_a_lesson_is_shows_which_live_pane_it_has() -> None:
    kinds = {name: Desk(lesson(name)).kind for name in ("gradients", "losses", "himmelblau", "fashion-mnist")}
    assert kinds == {
        "gradients": "curves", "losses": "curves", "himmelblau": "descent", "fashion-mnist": "training"
    }  # fmt: skip


def test_the_curve_that_is_descended_has_its_minima() -> None:
    desk = Desk(lesson("gradients"), {"function": "double-well"})
    assert len(desk.minima) == 2
    assert Desk(lesson("losses")).minima == ()
