"""View data of the exercise pane: the question, the options, the answer, and the keys that act."""

from __future__ import annotations

from dataclasses import dataclass

from engine.exercises.exercise import Question, Task
from tui.model.app_state import AppState
from tui.text.curve_bars import curve_bars
from tui.text.glyphs import glyphs_of

NONE = "This lesson has no exercises."
ROW = tuple[str, str]
"""A text and its role: title, text, option, picked, hint, worked, right, wrong, keys."""


@dataclass(frozen=True, slots=True)
class ExercisePicture:
    """The content of the pane. `options` are the ids that digits choose; `typed` is true if an answer is typed,
    `answered` if there is a verdict, `solved` if it was right."""

    id: str = ""
    rows: tuple[ROW, ...] = ()
    options: tuple[str, ...] = ()
    typed: bool = False
    answered: bool = False
    solved: bool = False


def exercise_picture(app_state: AppState) -> ExercisePicture:
    """Build the view of the open lesson's open exercise."""
    state, lesson = app_state.exercises, app_state.opened
    if not state.has(lesson):
        return ExercisePicture(id=lesson, rows=(("text", NONE),))
    now = state.of(lesson)
    place, count = state.place(lesson)
    record = state.practice.record(now.exercise)
    mark = " · solved with help" if record.helped else " · solved" if record.solved else ""
    rows: list[ROW] = [("title", f"Exercise {place} of {count}: {now.asked.title}{mark}")]
    rows += [("text", line) for line in now.asked.question.splitlines()]
    question = now.exercise if isinstance(now.exercise, Question) else None
    curves = question.curves(now.numbers) if question is not None and question.curves is not None else {}
    bars = curve_bars(curves, glyphs_of(app_state.options.ascii_only))
    if "" in bars:
        rows.append(("option", f"   f        {bars['']}"))
    for number, (option, text) in enumerate(now.asked.options, 1):
        rows.append(("option", f"{number}  {text}" + (f"  {bars[option]}" if option in bars else "")))
    if now.hinted:
        rows.append(("hint", f"Hint: {now.asked.hint}"))
    rows += [("worked", f"{number}. {step}") for number, step in enumerate(now.worked, 1)]
    if now.given and not now.solved:
        rows.append(("text", f"You said: {now.given}"))
    if now.words:
        rows.append(("right" if now.solved else "wrong", now.words))
    elif isinstance(now.exercise, Task) and not record.solved:
        rows.append(("hint", "Change the settings and run the lesson: each run is judged."))
    return ExercisePicture(
        id=f"{lesson}/{now.exercise.id}",
        rows=tuple((role, text) for role, text in rows),
        options=tuple(option for option, _ in now.asked.options),
        typed=question is not None and not question.options,
        answered=question is not None and now.verdict is not None,
        solved=now.solved,
    )


def one_line(app_state: AppState) -> str:
    """The open question in one line, for when the pane is not visible."""
    if not app_state.exercises.has(app_state.opened):
        return NONE
    now = app_state.exercises.of(app_state.opened)
    return f"{now.asked.title}: {' '.join(now.asked.question.split())}"
