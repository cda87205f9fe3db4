"""The state of one lesson."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from engine.descent import optimizers
from engine.descent.optimizers import OptimizerSettings
from engine.errors import SettingError
from engine.events import Delivery, Outcome, PathsGrew, PathsOpened, RunEnded, RunStarted
from engine.lessons import lesson
from engine.params import Number
from tui.model.lesson_state import LessonState
from tui.model.run_state import RunState, fold_all
from tui.screens.lab.basins import settings_on_show


def himmelblau(**given: str) -> LessonState:
    return LessonState(lesson("himmelblau"), given)


def walked(lesson_state: LessonState, optimizers: tuple[str, ...] = ("sgd", "sgd")) -> None:
    """Show a run of two paths of two steps."""
    lesson_state.begin("r")
    starts = np.array([[0, 0], [10, 10]], np.float32)
    points = starts[:, None] + np.array([1, 2], np.float32)[None, :, None]
    values = np.ones((2, 2), np.float32)
    opened = PathsOpened(("one", "two"), optimizers, starts, values[:, 0].copy(), starts, 2)
    ended = RunEnded(Outcome.DONE, 2, "finished")
    events = (opened, PathsGrew(1, points, values, points.copy(), 0.1), ended)
    assert lesson_state.state is not None
    lesson_state.state = fold_all(lesson_state.state, [Delivery("r", 0.1, event) for event in events])


def test_what_is_not_given_has_its_default() -> None:
    assert himmelblau(learning_rate="0.05").texts["learning_rate"] == "0.05"
    assert himmelblau().texts["learning_rate"] == "0.01"


def test_a_value_out_of_bounds_is_refused_and_nothing_changes() -> None:
    lesson_state = himmelblau()
    with pytest.raises(SettingError):
        lesson_state.change("learning_rate", "-1")
    assert lesson_state.given == {}


def test_another_surface_brings_its_own_starts_and_rate() -> None:
    lesson_state = himmelblau(start="1,1", learning_rate="0.02")
    lesson_state.change("surface", "rosenbrock")
    assert lesson_state.texts["start"] != "1,1"
    assert lesson_state.texts["learning_rate"] != "0.02"


def test_going_back_to_the_first_surface_leaves_no_trace_of_the_other() -> None:
    lesson_state = himmelblau()
    before = lesson_state.texts
    lesson_state.change("surface", "rastrigin")
    lesson_state.change("start", "2,2")
    lesson_state.change("surface", "himmelblau")
    assert lesson_state.texts == before


def test_what_does_not_follow_from_a_setting_stays_as_it_was_given() -> None:
    lesson_state = LessonState(lesson("gradients"), {})
    lesson_state.change("start", "2.5;0")
    lesson_state.change("learning_rate", "0.2")
    lesson_state.change("optimizer", "adam")
    lesson_state.change("steps", "7")
    assert (lesson_state.texts["start"], lesson_state.texts["learning_rate"]) == ("2.5;0", "0.2")
    lesson_state.change("function", "cubic")
    assert (lesson_state.texts["start"], lesson_state.texts["learning_rate"]) == ("2.2", "0.05")


def test_what_another_version_remembered_and_this_one_does_not_know_is_dropped() -> None:
    lesson_state = LessonState(lesson("himmelblau"), {"learning_rate": "0.05", "wings": "two", "steps": "many"})
    assert lesson_state.given == {"learning_rate": "0.05"}


def test_an_optimizers_own_settings_are_shown_where_it_reads_them() -> None:
    plain = {param.name for param in himmelblau().shown_params}
    heavy = {param.name for param in himmelblau(optimizer="momentum,adam").shown_params}
    assert heavy - plain == {"momentum", "beta_1", "beta_2", "epsilon"}


@pytest.mark.parametrize(("optimizer", "usual"), [("lion", 0.99), ("adam", 0.999)])
def test_an_optimizer_s_default_is_where_the_arrows_begin(optimizer: str, usual: float) -> None:
    (shown,) = (param for param in himmelblau(optimizer=optimizer).shown_params if param.name == "beta_2")
    assert isinstance(shown, Number) and shown.usual == usual
    config = optimizers.build(optimizer, OptimizerSettings()).get_config()
    assert config["beta_2"] == usual


def test_after_an_optimizer_of_a_file_comes_the_first() -> None:
    assert himmelblau(optimizer="mine.py").next_optimizer() == "sgd"


def test_the_settings_of_a_schedule_are_shown_where_it_reads_them() -> None:
    def shown(schedule: str) -> set[str]:
        names = {param.name for param in himmelblau(schedule=schedule).shown_params}
        return names & {"schedule", "final_rate", "warm_up"}

    assert shown("constant") == shown("mine.py") == {"schedule"}
    assert shown("cosine") == {"schedule", "final_rate"}
    assert shown("one-cycle") == {"schedule", "final_rate", "warm_up"}


def test_the_next_optimizer_follows_the_first_chosen() -> None:
    lesson_state = himmelblau()
    assert lesson_state.next_optimizer() == "momentum"
    assert lesson_state.chosen_optimizers == ("momentum",)


def test_a_lesson_without_an_optimizer_has_no_next_one() -> None:
    lesson_state = LessonState(lesson("losses"))
    assert lesson_state.next_optimizer() is None
    assert lesson_state.step_setting("learning_rate", 1) is None


def test_a_new_run_makes_the_last_one_a_ghost() -> None:
    lesson_state = himmelblau()
    walked(lesson_state)
    first = lesson_state.state
    lesson_state.begin("next")
    assert lesson_state.ghost is first
    assert lesson_state.state == RunState("next", lesson="himmelblau", title="Himmelblau")


def test_a_reset_takes_the_run_away_and_keeps_its_ghost() -> None:
    lesson_state = himmelblau()
    walked(lesson_state)
    first = lesson_state.state
    lesson_state.reset()
    assert lesson_state.state is None
    assert lesson_state.ghost is first


def test_a_branch_begins_where_every_path_was_at_that_step() -> None:
    lesson_state = himmelblau()
    walked(lesson_state)
    assert lesson_state.branch(0, 1) == ((1.0, 1.0), (11.0, 11.0))


def test_with_several_rules_one_path_is_branched() -> None:
    lesson_state = himmelblau()
    walked(lesson_state, ("sgd", "adam"))
    assert lesson_state.branch(1, 2) == ((12.0, 12.0),)


def test_a_branch_takes_other_settings_and_leaves_the_lesson_s_own() -> None:
    lesson_state = himmelblau()
    settings = lesson_state.branch_settings(((1.0, 1.0),), {"learning_rate": "0.05", "optimizer": "adam"})
    texts = settings.texts()
    assert (texts["start"], texts["learning_rate"], texts["optimizer"]) == ("1,1", "0.05", "adam")
    assert lesson_state.given == {}


def test_the_parent_of_a_branch_stays_to_be_compared_with() -> None:
    lesson_state = himmelblau()
    walked(lesson_state)
    parent = lesson_state.state
    lesson_state.begin("branch", parent)
    assert lesson_state.parent is parent


def test_what_a_lesson_is_shows_which_live_pane_it_has() -> None:
    kinds = {name: LessonState(lesson(name)).kind for name in ("gradients", "losses", "himmelblau", "fashion-mnist")}
    assert kinds == {
        "gradients": "curves", "losses": "curves", "himmelblau": "descent", "fashion-mnist": "training"
    }  # fmt: skip


def test_the_curve_that_is_descended_has_its_minima() -> None:
    lesson_state = LessonState(lesson("gradients"), {"function": "double-well"})
    assert len(lesson_state.minima) == 2
    assert LessonState(lesson("losses")).minima == ()


def test_a_branch_stays_on_what_its_parent_descends() -> None:
    lesson_state = himmelblau()
    lesson_state.state = RunState("r", settings=lesson_state.texts)
    lesson_state.change("surface", "saddle")
    assert lesson_state.branch_settings(((1.0, 1.0),), {}).texts()["surface"] == "himmelblau"


def test_basins_are_those_of_the_run_on_show() -> None:
    lesson_state = himmelblau()
    assert settings_on_show(lesson_state).texts()["learning_rate"] == "0.01"
    lesson_state.state = RunState(
        "branch", settings={**lesson_state.texts, "learning_rate": "0.02", "optimizer": "adam"}
    )
    texts = settings_on_show(lesson_state).texts()
    assert (texts["learning_rate"], texts["optimizer"]) == ("0.02", "adam")


def test_a_run_knows_when_its_files_were_saved(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.touch()
    lesson_state, told = himmelblau(surface=str(file)), []
    for time_ns in (1_000_000_000, 2_000_000_000):
        os.utime(file, ns=(time_ns, time_ns))
        lesson_state.begin("r")
        started = RunStarted("himmelblau", "", lesson_state.texts, "")
        assert lesson_state.state is not None
        lesson_state.state = fold_all(lesson_state.state, [Delivery("r", 0.1, started)])
        told.append(lesson_state.state.files)
    assert told == [{str(file): 1_000_000_000}, {str(file): 2_000_000_000}]
