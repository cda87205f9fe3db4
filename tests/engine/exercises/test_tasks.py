"""The tasks: runs that do what is asked pass, and runs with a known mistake are recognised."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.events import SettingChanged
from engine.exercises import exercise, exercises
from engine.exercises.exercise import Mistake, Runs, Task, Verdict
from engine.exercises.seen import Recipe, RunSeen, perform, see
from engine.lessons import lesson
from engine.settings import parse_settings
from tui.model import kept_runs

TASKS = [each for each in exercises() if isinstance(each, Task)]


@cache
def _performed(
    lesson_id: str, settings: tuple[tuple[str, str], ...], changes: tuple[tuple[int, str, str], ...]
) -> RunSeen:
    return perform(lesson_id, Recipe(dict(settings), changes))


def runs(task: Task, recipes: tuple[Recipe, ...]) -> Runs:
    return tuple(_performed(task.lesson, tuple(each.settings.items()), each.changes) for each in recipes)


def timed(tasks: Iterable[Task]) -> list[Any]:
    """Tasks as parameters; those that take long are marked slow."""
    return [pytest.param(task, marks=pytest.mark.slow if task.slow else ()) for task in tasks]


@pytest.mark.parametrize("task", timed(TASKS), ids=lambda each: each.id)
def test_the_solution_does_what_is_asked(task: Task) -> None:
    assert task.judge(runs(task, task.solution)) == Verdict(True)


def test_a_level_floor_is_no_saddle() -> None:
    task = next(each for each in TASKS if each.id == "saddle")
    assert not task.judge(runs(task, (Recipe({"surface": "(x + y - 1)^2"}),))).solved


@pytest.mark.parametrize("task", timed(task for task in TASKS if task.compares), ids=lambda each: each.id)
def test_runs_of_several_processes_do_what_is_asked_together(task: Task, tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    for run in runs(task, task.solution):
        kept_runs.add(path, (run,))
    kept = kept_runs.load(path)[task.lesson]
    assert task.judge(kept) == Verdict(True)
    assert [run.recipe for run in kept] == [run.recipe for run in runs(task, task.solution)]
    assert not task.judge(kept[:-1]).solved


@pytest.mark.parametrize(
    ("task", "mistake"),
    [
        pytest.param(task, mistake, marks=pytest.mark.slow if task.slow else ())
        for task in TASKS
        for mistake in task.wrong
    ],
    ids=lambda each: each.id,
)
def test_a_known_way_to_miss_it_is_reported(task: Task, mistake: Mistake) -> None:
    assert task.judge(runs(task, mistake.example)) == Verdict(False, mistake.id)


@pytest.mark.parametrize("task", TASKS, ids=lambda each: each.id)
def test_nothing_is_done_without_a_run(task: Task) -> None:
    assert task.judge(()) == Verdict(False)


def _task(name: str) -> Task:
    found = exercise(name)
    assert isinstance(found, Task)
    return found


def test_passing_by_a_minimum_is_no_arrival() -> None:
    passing = runs(_task("deeper"), (Recipe({"function": "double-well", "learning_rate": "0.157"}),))
    assert _task("deeper").judge(passing) == Verdict(False, "passing")


def test_both_edges_of_the_rates_over_the_hill_work_and_the_next_do_not() -> None:
    for rate, solved in (("0.09", True), ("0.14", True), ("0.08", False), ("0.2", False)):
        found = runs(_task("deeper"), (Recipe({"function": "double-well", "learning_rate": rate}),))
        assert _task("deeper").judge(found).solved is solved


def test_just_below_the_speed_limit_settles_and_at_it_does_not() -> None:
    for rate, solved in (("0.0185", True), ("0.0188", True), ("0.0191", False)):
        found = runs(_task("speed-limit"), (Recipe({"start": "4,0", "learning_rate": rate, "steps": "1000"}),))
        assert _task("speed-limit").judge(found).solved is solved


def test_a_live_change_acts_from_the_step_after_it_on() -> None:
    seen = perform("gradients", Recipe({"start": "2.5", "learning_rate": "0.1"}, ((3, "learning_rate", "0.25"),)))
    assert seen.rates == ((1, 0.1), (4, 0.25))
    assert seen.changes == ((3, "learning_rate", "0.25"),)
    assert seen.paths[0, :5, 0] == pytest.approx([2.5, 2.0, 1.6, 1.28, 0.64])
    assert seen.steps == 50


def test_a_run_is_made_again_from_what_was_seen_of_it() -> None:
    seen = perform("gradients", Recipe({"function": "double-well"}, ((2, "learning_rate", "0.1"),)))
    again = perform("gradients", seen.recipe)
    assert again.changes == seen.changes
    assert again.ends == seen.ends


def test_what_differs_from_given_settings_leaves_out_what_changes_no_number() -> None:
    texts = parse_settings(lesson("gradients").settings, {"function": "double-well", "speed": "5"}).texts()
    run = RunSeen("gradients", {**texts, "learning_rate": "0.3"})
    assert run.differs_from({"function": "double-well"}) == {"learning_rate"}


def test_seeing_an_event_leaves_the_run_before_it_as_it_was() -> None:
    before = RunSeen("gradients", {})
    after = see(before, SettingChanged(2, "learning_rate", "0.1", "0.2"))
    assert (before.changes, after.changes) == ((), ((2, "learning_rate", "0.2"),))
