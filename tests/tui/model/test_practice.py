"""Work on exercises: numbers, answers, and runs that solve tasks."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError
from engine.events import Event, Outcome, RunEnded, RunStarted
from engine.exercises import exercise
from engine.exercises.exercise import Question, Task, Verdict
from engine.exercises.seen import Recipe, perform
from engine.lessons import lesson
from engine.settings import parse_settings
from tui.model import kept_runs
from tui.model import progress as file
from tui.model.practice import Practice
from tui.model.progress import CourseProgress


def question(name: str) -> Question:
    found = exercise(name)
    assert isinstance(found, Question)
    return found


def task(name: str) -> Task:
    found = exercise(name)
    assert isinstance(found, Task)
    return found


def events_of(lesson_id: str, **texts: str) -> list[Event]:
    """The events of a run as the runner sends them."""
    taught = lesson(lesson_id)
    settings = parse_settings(taught.settings, texts)
    begun = RunStarted(lesson_id, taught.title, settings.texts(), "")
    return [begun, *taught.run(settings), RunEnded(Outcome.DONE, 0, "finished")]


def test_an_answer_is_judged_with_the_numbers_that_are_asked() -> None:
    practice, asked = Practice(CourseProgress(7)), question("next-step")
    right = asked.right(practice.numbers(asked))
    assert not practice.answer(asked, "1000").solved
    assert practice.numbers(asked) == asked.drawn(7, 2)
    assert practice.record(asked).attempts == 1
    assert practice.answer(asked, str(asked.right(practice.numbers(asked)))).solved
    assert practice.solved("gradients") == (1, 6)
    assert practice.numbers(asked) == asked.drawn(7, 2)
    assert right is not None


def test_what_is_no_answer_is_not_counted() -> None:
    practice, asked = Practice(CourseProgress(7)), question("next-step")
    with pytest.raises(InputError):
        practice.answer(asked, "x")
    assert practice.record(asked).attempts == 0


def test_a_run_that_does_what_a_task_asks_solves_it_whoever_looked() -> None:
    practice = Practice(CourseProgress(7))
    run = events_of("gradients", start="2.5;-3", learning_rate="0.5")
    solved = [each for event in run for each in practice.hear(event)]
    assert solved == [task("one-step")]
    kept = practice.record(task("one-step")).solution
    assert isinstance(kept, tuple)
    assert task("one-step").judge(tuple(perform("gradients", each) for each in kept)).solved


def test_two_runs_of_a_session_are_judged_together() -> None:
    practice = Practice(CourseProgress(7))
    for seed in ("71", "55"):
        for event in events_of("losses", seed=seed):
            practice.hear(event)
    assert practice.record(task("more-right")).solved


def test_runs_of_earlier_sessions_are_compared_with_this_one(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    asked = task("more-right")
    for seed, solved in (("71", False), ("55", True)):  # a process of its own each
        practice = Practice(file.load(path)[0], path)
        for event in events_of("losses", seed=seed):
            practice.hear(event)
        assert practice.unsaved
        practice.save()
        assert not practice.unsaved
        assert file.load(path)[0].of(asked.id).solved is solved
    kept = file.load(path)[0].of(asked.id).solution
    assert isinstance(kept, tuple)
    assert [recipe.settings["seed"] for recipe in kept] == ["71", "55"]
    assert kept_runs.load(kept_runs.beside(path)) == {}


def test_a_run_of_an_earlier_session_is_nothing_that_this_session_did(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    one = Practice(CourseProgress(7), path)
    one.add(perform("himmelblau", Recipe({"start": "1,0", "steps": "3"})))
    one.save()
    other = Practice(file.load(path)[0], path)
    assert other.look(task("come-back")) == Verdict(False)
    assert not other.look(task("bowls")).solved


def test_a_run_that_goes_on_solves_nothing_yet() -> None:
    practice = Practice(CourseProgress(7))
    for event in events_of("gradients", start="2.5;-3", learning_rate="0.5")[:-1]:
        assert practice.hear(event) == ()
    assert not practice.record(task("one-step")).solved


def test_what_another_session_solved_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    one, other = Practice(CourseProgress(7), path), Practice(CourseProgress(8), path)
    one.add(perform("autograd", Recipe({"x": "0"})))
    one.save()
    other.hint(exercise("best-h"))
    other.save()
    found, _ = file.load(path)
    assert found.of("stuck").solved and found.of("best-h").hint


def test_a_solution_that_was_shown_is_remembered_but_not_after_it_was_solved() -> None:
    practice = Practice(CourseProgress(7))
    practice.worked(task("stuck"))
    practice.add(perform("autograd", Recipe({"x": "0"})))
    assert practice.record(task("stuck")).helped
    practice.add(perform("losses", Recipe({"scale": "30", "seed": "3"})))
    practice.worked(task("silent"))
    assert not practice.record(task("silent")).helped


class Asked:
    """A lock that tells when it is asked for."""

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        self.asked = threading.Event()
        self._lock = lock

    def __enter__(self) -> None:
        self.asked.set()
        self._lock.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._lock.__exit__(*error)


def test_of_two_saves_at_once_the_newer_progress_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, asked = tmp_path / "progress.json", question("next-step")
    practice, save = Practice(CourseProgress(7), path), file.save
    writing, go_on = threading.Event(), threading.Event()

    def slow(path: Path, progress: CourseProgress) -> None:
        monkeypatch.setattr(file, "save", save)
        writing.set()
        assert go_on.wait(20)
        save(path, progress)

    monkeypatch.setattr(file, "save", slow)
    first, second = threading.Thread(target=practice.save), threading.Thread(target=practice.save)
    first.start()
    assert writing.wait(20)
    practice.answer(asked, "1000")
    lock = Asked(practice._saving)
    monkeypatch.setattr(practice, "_saving", lock)
    second.start()
    assert lock.asked.wait(20)
    go_on.set()
    for each in (first, second):
        each.join(20)
    assert file.read(path).of(asked.id).attempts == 1
    assert not practice.unsaved
