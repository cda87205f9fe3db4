"""gdtui check and gdtui progress: grading a file, verifying a progress file, the dialogue, bad input in one line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError
from engine.exercises import exercise, exercises, exercises_of
from engine.exercises.exercise import Question
from engine.exercises.seen import Recipe
from tui.cli.course_commands import Check, ShowProgress
from tui.cli.parser import UsageError, parse
from tui.headless.check_dialogue import Dialogue
from tui.headless.course_check import (
    Answers,
    chosen,
    graded,
    json_line,
    json_summary,
    listing,
    read_answers,
    text_line,
    verified,
)
from tui.model.practice import Practice
from tui.model.progress import CourseProgress
from tui.text.glyphs import glyphs_of

README = Path(__file__).parents[3] / "README.md"


def _write(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "answers.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def right_answer(name: str, seed: int) -> str | float:
    found = exercise(name)
    assert isinstance(found, Question)
    return found.right(found.drawn(seed, 1))


def test_a_file_of_answers_is_graded_with_its_own_seed(tmp_path: Path) -> None:
    content = {
        "seed": 5,
        "answers": {
            "next-step": right_answer("next-step", 5),
            "best-h": "1e-11",
            "three-steps": "no idea",
            "one-step": {"start": [[2.5], [-3]], "learning_rate": 0.5},
            "deeper": {"settings": {"function": "double-well", "learning_rate": 0.2}},
        },
    }
    found = list(graded(chosen("gradients"), read_answers(_write(tmp_path, content), None)))
    by_id = {each.exercise.id: (each.solved, each.attempts, each.misconception) for each in found}
    content["answers"] = {"one-step": {"start": ["2.5", "-3"], "learning_rate": 0.5}}
    again = list(graded(chosen("gradients"), read_answers(_write(tmp_path, content), None)))
    assert [each.exercise.id for each in again if each.solved] == ["one-step"]
    assert by_id == {
        "next-step": (True, 1, ""),
        "three-steps": (False, 1, ""),
        "deeper": (False, 1, "too-large"),
        "one-step": (True, 1, ""),
        "watershed": (False, 0, ""),
        "best-h": (False, 1, "smallest"),
    }
    assert json.loads(json_line(found[0])) == {
        "id": "next-step",
        "lesson": "gradients",
        "kind": "number",
        "solved": True,
        "attempts": 1,
        "misconception": None,
    }
    assert json.loads(json_summary(found)) == {"summary": {"solved": 2, "exercises": 6}}
    assert text_line(found[-1]).endswith("best-h            How small an h?: smallest")


def test_changes_while_a_run_goes_on_are_part_of_an_answer() -> None:
    answer = {"function": "double-well", "changes": [[0, "learning_rate", 0.1]]}
    (found,) = [each for each in graded(chosen("gradients"), Answers(0, {"deeper": answer})) if each.attempts]
    assert found.solved


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "expected JSON"),
        ([], "expected an object"),
        ({"nothing": 1}, "no exercise is called 'nothing'"),
        ({"seed": -1, "answers": {}}, "expected {"),
        ("[" * 100_000, "expected JSON"),
    ],
)
def test_a_file_that_holds_no_answers_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_answers(_write(tmp_path, content), None)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (3, "expected an object of settings"),
        ([], "expected an object of settings"),
        ({"rate": 1}, "no setting is called"),
        ({"learning_rate": "fast"}, "is not accepted"),
        ({"learning_rate": None}, "'null' is not accepted; expected a number from"),
        ({"changes": [[1, "start", "3"]]}, "cannot be changed"),
        ({"changes": [1]}, "expected \\[step"),
        ({"changes": 1}, "is not accepted"),
    ],
)
def test_an_answer_of_a_wrong_shape_is_named(answer: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(graded([exercise("deeper")], Answers(0, {"deeper": answer})))


def test_a_verified_file_is_judged_by_its_answers_and_not_by_its_word() -> None:
    progress = CourseProgress(3).attempted("next-step", True, "", right_answer("next-step", 3))
    progress = progress.attempted("three-steps", True, "", 123.0)
    progress = progress.attempted("stuck", True, "", (Recipe({"x": "0"}),))
    progress = progress.attempted("deeper", True, "", (Recipe({"learning_rate": "nonsense"}),))
    found = {each.exercise.id: each.solved for each in verified(exercises(), progress) if each.attempts}
    assert found == {"next-step": True, "three-steps": False, "deeper": False, "stuck": True}


def test_the_list_names_misconceptions_and_questions() -> None:
    lines = [json.loads(line) for line in listing(chosen(None), 4, "en", as_json=True).splitlines()]
    assert [line["id"] for line in lines] == [each.id for each in exercises()]
    assert {"id", "lesson", "kind", "title", "misconceptions", "question", "options"} <= set(lines[0])
    assert lines[0]["misconceptions"] == ["uphill", "rate-is-the-step"]
    assert len(listing(chosen("losses"), 0, "en", as_json=False).splitlines()) == len(exercises_of("losses"))


# --- the dialogue -----------------------------------------------------------------------------------------------------


def talk(practice: Practice, *typed: str, only: str, ascii_only: bool = False) -> str:
    said: list[str] = []
    dialogue = Dialogue(practice, said.append, iter(typed), language="en", glyphs=glyphs_of(ascii_only))
    dialogue.ask([exercise(only)])
    return "\n".join(said)


def test_a_question_is_missed_hinted_and_solved() -> None:
    practice = Practice(CourseProgress(7))
    asked = exercise("next-step")
    assert isinstance(asked, Question)
    second = str(asked.right(asked.drawn(7, 2)))
    uphill = str(asked.wrong[0].answer(asked.drawn(7, 1)))
    said = talk(practice, uphill, "h", "not a number", second, only="next-step")
    assert "uphill" in said and "First the slope" in said
    assert "'not a number' is not accepted" in said and "Right." in said
    record = practice.record(asked)
    assert (record.solved, record.attempts, record.hint, record.helped) == (True, 2, True, False)


def test_a_task_is_run_with_the_settings_typed() -> None:
    practice = Practice(CourseProgress(7))
    said = talk(practice, "target=5", "nonsense", "y=3", "x=0", only="stuck")
    assert "so is the loss" in said and "expected name=value" in said
    assert "no setting is called 'y'" in said and "Right." in said
    assert practice.record(exercise("stuck")).attempts == 2


def test_curves_are_drawn_beside_their_choices() -> None:
    for ascii_only in (False, True):
        said = talk(Practice(CourseProgress(7)), "q", only="derivative-curve", ascii_only=ascii_only)
        rows = [line for line in said.splitlines() if line.startswith(("   f", "1  ", "2  ", "3  "))]
        assert len(rows) == 4
        assert rows[0].isascii() is ascii_only


def test_the_worked_solution_is_shown_and_marked() -> None:
    practice = Practice(CourseProgress(7))
    talk(practice, "w", "x=0", only="stuck")
    assert practice.record(exercise("stuck")).helped


# --- the command line -------------------------------------------------------------------------------------------------


def test_the_commands_are_parsed() -> None:
    asked = parse(["check", "1", "--answers", "a.json", "--json", "--seed", "4"], {})
    assert isinstance(asked, Check)
    assert (asked.lesson, asked.answers, asked.seed, asked.options.json) == ("gradients", Path("a.json"), 4, True)
    assert isinstance(asked := parse(["progress", "--reset"], {}), ShowProgress)
    assert asked.reset == ""
    assert isinstance(asked := parse(["progress", "--reset", "losses"], {}), ShowProgress)
    assert asked.reset == "losses"


@pytest.mark.parametrize(
    "argv",
    [
        ["check", "nothing"], ["check", "--list", "--answers", "a"], ["check", "--seed", "x"],
        ["progress", "--reset", "nothing"], ["progress", "--import", "a", "--reset"],
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_one_line(argv: list[str]) -> None:
    with pytest.raises(UsageError) as refused:
        parse(argv, {})
    assert "\n" not in str(refused.value)


def test_the_name_of_an_exercise_leads_to_its_lesson() -> None:
    with pytest.raises(UsageError, match="bowls is an exercise of the lesson himmelblau; give the lesson"):
        parse(["check", "bowls"], {})


def test_the_answers_in_the_readme_are_right() -> None:
    block = re.search(r"```json\n(\{\"seed\".*?)```", README.read_text("utf-8"), re.DOTALL)
    assert block
    given = json.loads(block[1])
    found = graded(chosen(None), Answers(given["seed"], given["answers"]))
    assert {each.exercise.id for each in found if each.solved} == set(given["answers"])
