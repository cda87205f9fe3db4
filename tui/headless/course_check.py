"""The command `gdtui check`: the exercises listed, graded from a file, verified from a progress file, or asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.exercises import exercises
from engine.exercises.exercise import MOST_RUNS, Exercise, Question, Task, Verdict
from engine.exercises.seen import Recipe, perform
from engine.files import read_regular
from engine.lessons import lesson
from engine.params import Param, quoted
from engine.settings import param_of, params_of, parse_settings, text_of
from tui.model.progress import CourseProgress, Record
from tui.text import exercise_texts
from tui.text.course_texts import ENGLISH

LARGEST = 1 << 20
MOST_CHANGES = 100


@dataclass(frozen=True, slots=True)
class Graded:
    """The result of one exercise."""

    exercise: Exercise
    solved: bool
    attempts: int
    misconception: str = ""


@dataclass(frozen=True)
class Answers:
    """The content of a file of answers: the seed of the questions, and answers by exercise id."""

    seed: int
    answers: Mapping[str, Any]


def chosen(lesson_id: str | None) -> tuple[Exercise, ...]:
    """The exercises of a lesson, or all."""
    return tuple(each for each in exercises() if lesson_id in (None, each.lesson))


def read_answers(path: Path, seed: int | None) -> Answers:
    """Read a file of answers: {"seed": 7, "answers": {id: answer}}, or only the answers. Raises InputError."""
    try:
        given = json.loads(read_regular(path, LARGEST, follow=True))
    except OSError as error:
        raise InputError(f"--answers: {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise InputError(f"--answers: {path}: expected JSON, an object of answers by the exercises' ids") from None
    if not isinstance(given, dict):
        raise InputError(f"--answers: {path}: expected an object of answers by the exercises' ids")
    answers, own = (given["answers"], given.get("seed", 0)) if "answers" in given else (given, 0)
    if not isinstance(answers, dict) or isinstance(own, bool) or not isinstance(own, int) or own < 0:
        raise InputError(f'--answers: {path}: expected {{"seed": a whole number, "answers": {{id: answer}}}}')
    known = {each.id for each in exercises()}
    for name in answers:
        if name not in known:
            raise InputError(f"--answers: no exercise is called {quoted(name)}; gdtui check --list lists them")
    return Answers(own if seed is None else seed, answers)


def graded(asked: Sequence[Exercise], answers: Answers) -> Iterable[Graded]:
    """Grade each exercise; one without an answer is not solved. Raises InputError if an answer has a wrong form."""
    for each in asked:
        if each.id not in answers.answers:
            yield Graded(each, False, 0)
            continue
        verdict = verdict_on(each, answers.answers[each.id], answers.seed, 1)
        yield Graded(each, verdict.solved, 1, verdict.misconception)


def verified(asked: Sequence[Exercise], progress: CourseProgress) -> Iterable[Graded]:
    """Verify the recorded solution of each exercise."""
    for each in asked:
        record = progress.of(each.id)
        solved = record.solved and _holds(each, record)
        yield Graded(each, solved, record.attempts, record.misconception)


def _holds(exercise: Exercise, record: Record) -> bool:
    try:
        if isinstance(record.solution, tuple):
            return isinstance(exercise, Task) and _performed(exercise, record.solution).solved
        return verdict_on(exercise, record.solution, record.seed, record.draw).solved
    except InputError:
        return False


def recorded(asked: Sequence[Exercise], progress: CourseProgress) -> Iterable[Graded]:
    """The recorded results of the exercises."""
    for each in asked:
        record = progress.of(each.id)
        yield Graded(each, record.solved, record.attempts, record.misconception)


def verdict_on(exercise: Exercise, answer: Any, seed: int, draw: int) -> Verdict:
    """Judge an answer from JSON. Raises InputError if it has a wrong form."""
    if isinstance(exercise, Task):
        return _performed(exercise, recipes(exercise, answer))
    if isinstance(answer, bool) or not isinstance(answer, str | int | float):
        raise InputError(f"{exercise.id}: {quoted(json.dumps(answer))} is not accepted; expected a number or a text")
    try:
        return exercise.judge(exercise.drawn(seed, draw), exercise.parse(str(answer)))
    except InputError:  # a text that cannot be parsed as an answer is a wrong one
        return Verdict(False)


def _performed(task: Task, runs: Sequence[Recipe]) -> Verdict:
    return task.judge(tuple(perform(task.lesson, each) for each in runs))


def recipes(task: Task, answer: Any) -> tuple[Recipe, ...]:
    """The runs that an answer to a task describes: settings, or a list of them, each with optional `changes`.

    Raises InputError.
    """
    runs = answer if isinstance(answer, list) else [answer]
    if not 1 <= len(runs) <= MOST_RUNS or not all(isinstance(each, dict) for each in runs):
        raise InputError(f"{task.id}: expected an object of settings, or a list of 1 to {MOST_RUNS}")
    return tuple(_recipe(task, each) for each in runs)


def _recipe(task: Task, given: Mapping[str, Any]) -> Recipe:
    inside = given.get("settings")
    settings = inside if isinstance(inside, dict) else {name: each for name, each in given.items() if name != "changes"}
    params = {param.name: param for param in params_of(lesson(task.lesson).settings)}
    changes = given.get("changes", [])
    if not isinstance(changes, list) or len(changes) > MOST_CHANGES:
        raise InputError(f'{task.id}: "changes" is not accepted; expected a list of [step, setting, value]')
    try:
        texts = {name: _text(value, params.get(name)) for name, value in settings.items()}
        parse_settings(lesson(task.lesson).settings, texts)
        return Recipe(texts, tuple(_change(task, each) for each in changes))
    except InputError as error:
        raise InputError(f"{task.id}: {error}") from None


def _change(task: Task, given: Any) -> tuple[int, str, str]:
    if not (isinstance(given, list) and len(given) == 3 and type(given[0]) is int and given[0] >= 0):
        raise InputError(f"{quoted(json.dumps(given))} is not accepted; expected [step, setting, value]")
    param = param_of(lesson(task.lesson).settings, str(given[1]))
    if not param.live:
        raise InputError(f"{param.option} cannot be changed while a run goes on")
    return given[0], param.name, param.text(param.parse(_text(given[2], param)))


def _text(value: Any, param: Param | None) -> str:
    """Convert a setting's JSON value to the text that its parameter parses. Raises InputError."""
    text = text_of(value, param)
    if text is None:
        accepted = param.accepted if param is not None else "a text, a number, true, false, or a list"
        raise InputError(f"{quoted(json.dumps(value))} is not accepted; expected {accepted}")
    return text


# --- formats ----------------------------------------------------------------------------------------------------------


def json_line(each: Graded) -> str:
    """Format one exercise as a JSON object."""
    exercise = each.exercise
    return json.dumps(
        {
            "id": exercise.id,
            "lesson": exercise.lesson,
            "kind": exercise.kind,
            "solved": each.solved,
            "attempts": each.attempts,
            "misconception": each.misconception or None,
        }
    )


def json_summary(all_of_them: Sequence[Graded]) -> str:
    """Format the number of solved exercises as a JSON object."""
    solved = sum(each.solved for each in all_of_them)
    return json.dumps({"summary": {"solved": solved, "exercises": len(all_of_them)}})


def text_line(each: Graded, language: str = ENGLISH) -> str:
    """Format one exercise as text; the response to a misconception is in the same line."""
    mark = "✓" if each.solved else "·" if not each.attempts else "✗"
    line = f"{mark} {each.exercise.id:<17} {exercise_texts.title(each.exercise, language)}"
    return f"{line}: {each.misconception}" if each.misconception else line


def text_summary(all_of_them: Sequence[Graded]) -> str:
    """Format the number of solved exercises as text."""
    return f"{sum(each.solved for each in all_of_them)} of {len(all_of_them)} solved"


def listing(asked: Sequence[Exercise], seed: int, language: str, *, as_json: bool) -> str:
    """List the exercises: in JSON with their misconceptions, and with the questions that the seed draws."""
    lines = []
    for each in asked:
        title = exercise_texts.title(each, language)
        if not as_json:
            lines.append(f"{each.lesson:<14} {each.id:<17} {each.kind:<8} {title}")
            continue
        numbers = each.drawn(seed, 1) if isinstance(each, Question) else {}
        question = exercise_texts.asked(each, numbers, language)
        entry = {
            "id": each.id,
            "lesson": each.lesson,
            "kind": each.kind,
            "title": title,
            "misconceptions": [one.id for one in each.wrong],
            "question": question.question,
            "options": dict(question.options),
        }
        if isinstance(each, Question) and each.curves is not None:
            entry["curves"] = {name: curve.tolist() for name, curve in each.curves(numbers).items()}
        lines.append(json.dumps(entry))
    return "\n".join(lines)
