"""Exercises in the app: opened by a key, answered, with hints, solved by runs, saved for the next session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.widgets import Static

from engine.exercises.exercise import Question
from tests.tui.app_driver import Driven, driven
from tui.screens.dialogs.walk import WalkScreen
from tui.views import status
from tui.widgets.learn.exercise_pane import ExercisePane
from tui.widgets.learn.lesson_list import LessonList
from tui.widgets.learn.lesson_text import LessonText
from tui.widgets.learn.walk_view import WalkView

SMALL = (80, 24)


def pane(app: Driven) -> ExercisePane:
    return app.screen.query_one(ExercisePane)


def said(app: Driven) -> str:
    return "\n".join(pane(app).text)


async def open_exercise(app: Driven, name: str) -> None:
    """Open the exercises, and go to the one with this id."""
    await app.press("E")
    await app.until(lambda: list(app.screen.query(ExercisePane)) and pane(app).has_focus, "the exercises")
    while app.app.app_state.exercises.of(app.app.app_state.opened).exercise.id != name:
        await app.press("n")
    await app.until(lambda: pane(app)._picture.id.endswith(f"/{name}"), name)


def right_answer(app: Driven) -> str:
    now = app.app.app_state.exercises.of(app.app.app_state.opened)
    assert isinstance(now.exercise, Question)
    return str(now.exercise.right(now.numbers))


def right_digit(app: Driven) -> str:
    now = app.app.app_state.exercises.of(app.app.app_state.opened)
    return str([option for option, _ in now.asked.options].index(right_answer(app)) + 1)


async def type_answer(app: Driven, text: str) -> None:
    keys = {".": "full_stop", "-": "minus", "+": "plus"}
    await app.press("enter", *(keys.get(character, character) for character in text), "enter")


@pytest.mark.parametrize("size", [SMALL, pytest.param((120, 36), marks=pytest.mark.slow), (200, 60)])
async def test_a_question_is_missed_hinted_and_solved(size: tuple[int, int]) -> None:
    async with driven("gradients", size=size, prepare=lambda: None) as app:
        await open_exercise(app, "next-step")
        await type_answer(app, "1000")
        await app.until(lambda: "Not right: too" in said(app))
        await app.press("h")
        await app.until(lambda: "Hint: First the slope" in said(app))
        await app.press("enter")
        await app.until(lambda: "Not right: too" not in said(app))
        await type_answer(app, right_answer(app))
        await app.until(lambda: "Right. " in said(app))
        assert "solved" in said(app).splitlines()[0]
        record = app.app.app_state.exercises.practice.progress.of("next-step")
        assert (record.solved, record.attempts, record.hint) == (True, 2, True)
        await app.press("enter")
        await app.until(lambda: "Exercise 2 of 6" in said(app))


async def test_a_choice_is_answered_by_a_digit_and_the_misconception_is_reported() -> None:
    async with driven("gradients", size=SMALL, prepare=lambda: None) as app:
        await open_exercise(app, "best-h")
        await app.press("5")
        await app.until(lambda: "Smaller is not better for ever" in said(app))
        assert app.app.app_state.opened == "gradients"
        await app.press("enter")
        await app.until(lambda: "Smaller is not" not in said(app))
        await app.press(right_digit(app))
        await app.until(lambda: "Right. " in said(app))


@pytest.mark.parametrize(
    ("name", "wrong", "said_back"), [("next-step", "4", "You said: 4"), ("best-h", "5", "You said: 1e-11")]
)
async def test_a_digit_after_a_wrong_answer_asks_again_and_opens_no_lesson(
    name: str, wrong: str, said_back: str
) -> None:
    async with driven("gradients", size=SMALL, prepare=lambda: None) as app:
        await open_exercise(app, name)
        await app.press(wrong, *(["enter"] if name == "next-step" else []))
        await app.until(lambda: said_back in said(app))
        await app.press("3")
        await app.until(lambda: said_back not in said(app), "the question again")
        assert app.app.app_state.opened == "gradients"
        assert app.app.app_state.exercises.practice.progress.of(name).attempts == 1


async def test_text_that_is_no_number_is_refused_and_stays_to_be_changed() -> None:
    async with driven("gradients", size=SMALL, prepare=lambda: None) as app:
        await open_exercise(app, "next-step")
        await type_answer(app, "1h")
        assert "1h" in said(app)
        assert app.app.app_state.exercises.practice.progress.of("next-step").attempts == 0
        await app.press("escape")
        await app.until(lambda: "1h" not in said(app))


async def test_a_run_solves_a_task_and_the_list_of_lessons_counts_it() -> None:
    async with driven("autograd", {"x": "0"}) as app:
        await app.run_to_end()
        await app.until(lambda: app.app.app_state.exercises.practice.solved("autograd") == (1, 6))
        lessons = app.screen.query_one(LessonList)
        row = next(each for each in lessons._rows if each.id == "autograd")
        assert (row.solved, row.mark) == ("1/6", "seen")
        await open_exercise(app, "stuck")
        await app.until(lambda: "solved" in said(app).splitlines()[0])
        assert "Right. " in said(app)


async def test_a_task_offers_no_key_to_answer() -> None:
    async with driven("autograd", size=SMALL, prepare=lambda: None) as app:
        await open_exercise(app, "stuck")
        assert not pane(app).check_action("enter", ())
        await app.press("n")
        await app.until(lambda: not pane(app)._picture.id.endswith("/stuck"), "the next exercise")
        assert pane(app)._picture.typed and pane(app).check_action("enter", ())


async def test_an_answer_that_tensorflow_computes_waits_for_its_import() -> None:
    async with driven("autograd", size=SMALL, prepare=lambda: None) as app:
        await app.engine_ready()
        await open_exercise(app, "unwatched")
        app.app.session._engine = "importing"
        await app.press("3")
        assert app.app.app_state.exercises.practice.progress.of("unwatched").attempts == 0
        app.app.session._engine = "ready"
        await app.press(right_digit(app))
        await app.until(lambda: "Right. " in said(app))


async def test_one_key_goes_between_the_exercise_and_the_picture_and_the_question_stays_in_a_line() -> None:
    async with driven("gradients", size=SMALL, prepare=lambda: None) as app:
        await open_exercise(app, "next-step")
        line = app.screen.query_one("#exercise-line", Static)
        assert not line.display
        await app.press("E")
        await app.until(lambda: app.shown() == {"text"})
        assert line.display and "One step:" in str(line.content)
        await app.press("E")
        await app.until(lambda: app.shown() == {"exercise"})


async def test_exercise_control_and_picture_are_seen_together() -> None:
    async with driven("gradients", size=(120, 36), prepare=lambda: None) as app:
        assert "exercise" not in app.shown()
        await open_exercise(app, "next-step")
        assert {"exercise", "settings", "live"} <= app.shown() or {"exercise", "settings", "text"} <= app.shown()
        await app.press("E")
        await app.until(lambda: "exercise" not in app.shown())


async def test_the_worked_solution_is_shown_step_by_step_and_marked() -> None:
    async with driven("gradients", size=SMALL, prepare=lambda: None) as app:
        await open_exercise(app, "next-step")
        await app.press("w")
        await app.until(lambda: "1. The slope" in said(app))
        assert not any(row.strip().startswith("2. ") for row in pane(app).text)
        await app.press("w", "w")
        await app.until(lambda: "3. Downhill" in said(app))
        await type_answer(app, right_answer(app))
        await app.until(lambda: "solved with help" in said(app))


async def test_progress_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with driven("gradients", size=SMALL, prepare=lambda: None, state_path=path) as app:
        await open_exercise(app, "best-h")
        await app.press(right_digit(app))
        kept = tmp_path / "progress.json"

        def solved() -> bool:
            return kept.exists() and json.loads(kept.read_text())["exercises"].get("best-h", {}).get("solved", False)

        await app.until(solved)
    async with driven("gradients", size=SMALL, prepare=lambda: None, state_path=path) as app:
        assert app.app.app_state.exercises.practice.solved("gradients") == (1, 6)


async def test_a_damaged_progress_file_is_renamed_and_reported(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text("no json")
    state = tmp_path / "state.json"
    async with driven("gradients", size=SMALL, prepare=lambda: None, state_path=state) as app:
        await app.until(lambda: "the progress file is damaged" in app.text("NewsLines"))
        assert (tmp_path / "progress.json.damaged-1").exists()


async def test_a_bug_in_a_task_neither_ends_the_run_nor_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven("autograd", {"x": "0"}) as app:
        exercises = app.app.app_state.exercises
        monkeypatch.setattr(exercises.practice, "hear", lambda event: 1 / 0)
        await app.run_to_end()
        assert app.app.app_state.newly_solved == []
        assert not exercises._hears


async def test_a_key_applies_the_next_step_of_try_it_and_says_what_to_watch() -> None:
    async with driven("autograd", size=(120, 36), prepare=lambda: None) as app:
        await app.press("I")
        assert "Try it, step 1 of 5: Press space" in app.text("NewsLines")
        await app.press("I")
        await app.until(lambda: app.lesson_state.texts["x"] == "-4")
        assert app.lesson_state.texts["w"] == "2"
        assert "dy/dw follows x" in app.text("NewsLines")
        await app.press("I", "I")
        assert app.lesson_state.texts["function"] == "sine"
        assert "Try it, step 4 of 5, part 1 of 2: Set function = sine" in app.text("NewsLines")
        await app.press("I")
        assert app.lesson_state.texts["function"] == "exponential"
        assert "part 2 of 2: Then set function = exponential" in app.text("NewsLines")
        await app.press("I", "I")
        assert "step 1 of 5: " in app.text("NewsLines")


async def test_the_answers_of_a_text_are_hidden_until_they_are_asked_for() -> None:
    async with driven("gradients", size=SMALL, prepare=lambda: None) as app:
        view = app.screen.query_one(LessonText)
        assert "Predict first. A shows the answers." in view.text
        assert not any("Also 18." in row for row in view.text)
        await app.press("A")
        assert any("Also 18." in row for row in view.text)
        await app.press("A")
        assert not any("Also 18." in row for row in view.text)
        await app.press("A", "2", "1")
        await app.until(lambda: view.text and view.text[0] == "Gradients")
        assert not any("Also 18." in row for row in view.text)


async def test_the_first_five_minutes_are_offered_once_and_lead_to_the_first_exercise(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with driven("losses", size=SMALL, prepare=lambda: None, state_path=path) as app:
        await app.until(lambda: "F: the first five minutes" in app.text("NewsLines"), "the offer")
        await app.press("F")
        await app.until(lambda: isinstance(app.app.screen, WalkScreen), "the walk")
        view = app.app.screen.query_one(WalkView)
        await app.press("left", *["s"] * 9, "right_square_bracket", "right_square_bracket", "enter", "3")
        await app.press(*["s"] * 20, "n", "enter", "enter")
        assert view.walk.stage == "end"
        await app.press("enter")
        await app.until(lambda: list(app.screen.query(ExercisePane)) and "Exercise 1 of 6" in said(app))
        assert app.app.app_state.opened == "gradients"
        kept = tmp_path / "progress.json"
        await app.until(lambda: kept.exists() and json.loads(kept.read_text())["walked"])
    async with driven("losses", size=SMALL, prepare=lambda: None, state_path=path) as app:
        await app.until(lambda: app.app.app_state.exercises_loaded, "the exercises")
        await app.pilot.pause()
        assert "first five minutes" not in app.text("NewsLines")


async def test_the_first_five_minutes_are_skipped_by_one_key() -> None:
    async with driven("gradients", size=SMALL, prepare=lambda: None) as app:
        await app.press("F")
        await app.until(lambda: isinstance(app.app.screen, WalkScreen), "the walk")
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.screen, "the lab")


@pytest.mark.parametrize("size", [SMALL, (200, 60)])
async def test_a_lesson_without_exercises_says_so(size: tuple[int, int], tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def model():\n    raise NotImplementedError\n")
    async with driven("train", {"file": str(file)}, size=size, prepare=lambda: None) as app:
        assert not app.screen.check_action("exercises", ())
        app.screen.open_lesson("gradients")
        await open_exercise(app, "next-step")
        app.screen.open_lesson("train")
        app.screen.focus_pane("exercise")
        await app.until(lambda: "This lesson has no exercises." in said(app), "the words")
        await app.press("h", "w", "enter", "n", "r", "1")
        assert [row.solved for row in status.rows(app.app.app_state) if row.id == "train"] == [""]


async def test_a_run_that_does_not_do_what_is_asked_is_judged(tmp_path: Path) -> None:
    async with driven("gradients", {"start": "2.5;-3", "learning_rate": "0.55"}, size=SMALL) as app:
        await open_exercise(app, "one-step")
        assert "each run is judged" in said(app)
        await app.press("tab")
        await app.run_to_end()
        await app.press("E")
        await app.until(lambda: "Not yet: no run so far does what is asked." in said(app), "the verdict")


async def test_a_run_without_a_misconception_takes_the_one_of_the_run_before_away() -> None:
    async with driven("gradients", {"start": "2.5", "learning_rate": "1.5"}, size=SMALL) as app:
        await open_exercise(app, "deeper")
        verdicts = []
        for function, rate in (("double-well", "0.2"), ("parabola", "0.1")):
            app.app.app_state.lesson_state.change("function", function)
            app.app.app_state.lesson_state.change("learning_rate", rate)
            await app.run_to_end()
            verdicts.append(app.app.app_state.exercises.of("gradients").words)
        assert verdicts[0] != verdicts[1] == "Not yet: no run so far does what is asked."
