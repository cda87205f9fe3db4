"""Lessons that do not ship with gdtui: from a teacher's Python file, and from installed packages.

Both have the form of the course's own: `LESSON`, and optionally `TEXT` (Markdown), `EXERCISES`, and `WORDS` (the texts
of the exercises, TOML as in assets/lessons/en/exercises). A file is run as the teacher's own code, only for an option
that names it; a package is imported because it is installed and registered in the entry point group.
"""

from __future__ import annotations

import ast
import contextlib
import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import InputError, cause
from engine.events import Curve, Event, Remark, Table
from engine.lesson import Lesson
from engine.lessons import add_source, course, every_lesson
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.exercises.exercise import Exercise, Runs, Task
    from engine.own.files import Source

GROUP = "gdtui.lessons"
"""The entry point group of packages: each entry names a module of the form above."""

OPTION = "--lesson-file"

# An id is the name of a folder of runs and a word on the command line.
ID = re.compile(r"[a-z][a-z0-9-]{0,39}")

# How many attempts at an exercise are tried when a file is loaded: each draws other numbers.
_TRIED = 3

Refuse = Callable[[str, str], InputError]
"""Makes the error about a name that a lesson's module defines: (name, what is wrong)."""


@dataclass(frozen=True)
class OwnLesson:
    """A lesson, its text in Markdown, its exercises and their texts by id. `code` is the source of the module named
    `module`."""

    lesson: Lesson[Any]
    text: str
    exercises: tuple[Exercise, ...]
    words: Mapping[str, Mapping[str, Any]]
    module: str
    code: str = ""


_of_files: list[OwnLesson] = []
_of_packages: list[OwnLesson] | None = None
_problems: list[str] = []


def own_lessons() -> tuple[OwnLesson, ...]:
    """The lessons of packages, by name, followed by those of files in the order in which they were added."""
    global _of_packages
    if _of_packages is None:
        _of_packages = []
        _look_at_packages(_of_packages)
    return (*_of_packages, *_of_files)


def own_lesson(lesson_id: str) -> OwnLesson | None:
    """Return the lesson of this id; None if it is one of the course's or there is none."""
    return next((each for each in own_lessons() if each.lesson.id == lesson_id), None)


def problems() -> tuple[str, ...]:
    """Messages about lessons that could not be used, one line each."""
    own_lessons()
    return tuple(_problems)


def code_of(module: str) -> str | None:
    """The source of the file of `module`; None for a module that is not a lesson's file."""
    return next((each.code for each in _of_files if each.module == module and each.code), None)


def add_file(path: str) -> Lesson[Any]:
    """Run a lesson's file, and add its lesson to the others. A file that was added before is read again.

    Raises:
        InputError: it cannot be used; the text gives the file's line.
    """
    from engine.own import files

    source = files.read(OPTION, path, named=False)
    names = source.run()

    def refuse(name: str, why: str) -> InputError:
        line = _line_of(source.code, name)
        return InputError(f"{OPTION}: {source.path}{f', line {line}' if line else ''}: {why}")

    own = _checked(names, refuse, f"own_{source.path.stem}")
    before = next((each for each in _of_files if each.lesson.file == str(source.path)), None)
    if before is not None:
        _of_files.remove(before)
    _refuse_taken(own.lesson.id, refuse)
    lesson = replace(
        own.lesson,
        number=_next_number(),
        file=str(source.path),
        run=_reporting(source, own.lesson.run),
        resume=None if own.lesson.resume is None else _reporting(source, own.lesson.resume),
    )
    _of_files.append(replace(own, lesson=lesson, code=source.code))
    return lesson


def _is_mentioned(paths: Sequence[str]) -> bool:
    """Whether a package on one of these paths may have entry points of the group.

    This takes 1 ms of each start; importing importlib.metadata, which knows for certain, and asking it takes 17 ms.
    """
    for path in paths:
        try:
            with os.scandir(path or os.curdir) as found:
                folders = [each.path for each in found if each.name.endswith((".dist-info", ".egg-info"))]
        except NotADirectoryError:  # an archive, which importlib.metadata reads
            return True
        except OSError:
            continue
        for folder in folders:
            with contextlib.suppress(OSError):
                if GROUP.encode() in Path(folder, "entry_points.txt").read_bytes():
                    return True
    return False


def _look_at_packages(found: list[OwnLesson]) -> None:
    """Add the lessons of installed packages to `found`; an error in one becomes a problem."""
    if not _is_mentioned(sys.path):
        return
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        where = f"the lesson {entry.name!r} of the package {entry.dist.name if entry.dist else '?'}"

        def refuse(name: str, why: str, where: str = where) -> InputError:
            return InputError(f"{where}: {why}")

        try:
            module = entry.load()
            own = _checked(vars(module), refuse, module.__name__)
            _refuse_taken(own.lesson.id, refuse)
            found.append(replace(own, lesson=replace(own.lesson, number=_next_number())))
        except InputError as error:
            _problems.append(str(error))
        except Exception as error:  # other people's code may raise anything; gdtui goes on without it
            message = " ".join(str(error).split())[:200]
            _problems.append(f"{where} cannot be used: {type(error).__name__}: {message}")


def _refuse_taken(lesson_id: str, refuse: Refuse) -> None:
    if lesson_id in {each.id for each in every_lesson()}:
        raise refuse("LESSON", f"another lesson is called {lesson_id!r} already")


def _next_number() -> int:
    return course()[-1].number + 1


def _checked(names: Mapping[str, Any], refuse: Refuse, module: str) -> OwnLesson:
    """Check the names that a module defines, and return its lesson. Raises InputError."""
    lesson = names.get("LESSON")
    if not isinstance(lesson, Lesson):
        raise refuse("LESSON", "it has no LESSON = Lesson(...)")
    if not isinstance(lesson.id, str) or not ID.fullmatch(lesson.id):
        raise refuse("LESSON", f"its id {lesson.id!r} is not accepted; expected small letters, digits and '-'")
    if not all(isinstance(each, str) and each.isprintable() and each for each in (lesson.title, lesson.summary)):
        raise refuse("LESSON", "its title and summary are to be a line of text each")
    if not isinstance(lesson.settings, type) or not issubclass(lesson.settings, Settings):
        raise refuse("LESSON", "its settings are to be a subclass of engine.settings.Settings")
    if not callable(lesson.run):
        raise refuse("LESSON", "its run is to be a function of the settings that yields events")
    text = names.get("TEXT", f"# {lesson.title}\n\n{lesson.summary}\n")
    if not isinstance(text, str):
        raise refuse("TEXT", f"TEXT is a {type(text).__name__}; expected Markdown")
    exercises = _exercises(names, lesson.id, refuse)
    return OwnLesson(lesson, text, exercises, _words(names, exercises, refuse), module)


def _exercises(names: Mapping[str, Any], lesson_id: str, refuse: Refuse) -> tuple[Exercise, ...]:
    given = names.get("EXERCISES", ())
    if not given:
        return ()
    from engine.exercises.exercise import Question, Task

    if not isinstance(given, Sequence) or not all(isinstance(each, Question | Task) for each in given):
        raise refuse("EXERCISES", "EXERCISES holds something else than Question(...) and Task(...)")
    for each in given:
        if each.lesson != lesson_id:
            raise refuse("EXERCISES", f"the exercise {each.id!r} has lesson={each.lesson!r}; expected {lesson_id!r}")
        if not each.id.startswith(f"{lesson_id}-"):
            raise refuse("EXERCISES", f"the exercise {each.id!r} is to have an id that begins with '{lesson_id}-'")
    ids = [each.id for each in given]
    if twice := next((name for name in ids if ids.count(name) > 1), ""):
        raise refuse("EXERCISES", f"two exercises have the id {twice!r}")
    return tuple(_guarded(each, refuse) if isinstance(each, Task) else each for each in given)


def _guarded(task: Task, refuse: Refuse) -> Task:
    """The task; an error in one of its functions, when it judges runs, becomes an InputError."""

    def guarded(test: Callable[[Runs], bool]) -> Callable[[Runs], bool]:
        def call(runs: Runs) -> bool:
            try:
                return test(runs)
            except Exception as error:  # a teacher's code may raise anything
                reason = f"{type(error).__name__}: {cause(error)}"
                raise refuse("EXERCISES", f"the exercise {task.id!r} fails: {reason}") from error

        return call

    wrong = tuple(replace(each, test=guarded(each.test)) for each in task.wrong)
    return replace(task, done=guarded(task.done), wrong=wrong)


def _words(names: Mapping[str, Any], exercises: Sequence[Exercise], refuse: Refuse) -> Mapping[str, Mapping[str, Any]]:
    """Parse and check the texts of the exercises. Raises InputError if one is missing."""
    given = names.get("WORDS", "")
    try:
        words = tomllib.loads(given)
    except (TypeError, AttributeError, ValueError) as error:
        raise refuse("WORDS", f"WORDS is no TOML: {error}") from None
    for exercise in exercises:
        mine = words.get(exercise.id)
        if not isinstance(mine, dict):
            raise refuse("WORDS", f"WORDS has no [{exercise.id}]")
        wanted = {"title": str, "question": str, "hint": str, "explanation": str, "worked": list, "wrong": dict}
        for name, kind in wanted.items():
            if not isinstance(mine.get(name), kind):
                raise refuse("WORDS", f"WORDS: [{exercise.id}] is to have {name}, a {_KINDS[kind]}")
        for each in exercise.wrong:
            if not isinstance(mine["wrong"].get(each.id), str):
                raise refuse("WORDS", f"WORDS: [{exercise.id}.wrong] has no text for {each.id!r}")
        for option in getattr(exercise, "options", ()):
            if not isinstance(mine.get("options", {}).get(option), str):
                raise refuse("WORDS", f"WORDS: [{exercise.id}.options] has no text for {option!r}")
        _try_texts(exercise, mine, refuse)
    return words


def _try_texts(exercise: Exercise, mine: Mapping[str, Any], refuse: Refuse) -> None:
    """Fill the texts with the numbers of some attempts. Raises InputError if that fails. An exercise whose answer needs
    TensorFlow, and a task, which has no numbers, are not tried."""
    from engine.exercises.exercise import Question
    from engine.exercises.texts import TextError, asked, told

    if not isinstance(exercise, Question) or exercise.by_tensorflow:
        return
    for attempt in range(_TRIED):
        try:
            numbers = exercise.drawn(0, attempt)
            asked(exercise, mine, numbers)
            told(exercise, mine, numbers)
        except TextError as error:
            raise refuse("WORDS", f"WORDS: [{exercise.id}] {error}") from None
        except Exception as error:  # the file's own functions may raise anything
            reason = f"{type(error).__name__}: {cause(error)}"
            raise refuse("EXERCISES", f"the exercise {exercise.id!r} fails: {reason}") from None


_KINDS = {str: "text", list: "list of texts", dict: "table of texts"}


def _line_of(code: str, name: str) -> int:
    """The line of a file that assigns `name`; 0 if none does."""
    for node in ast.parse(code).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node.lineno
    return 0


def _reporting(source: Source, run: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a lesson's `run`: an error is reported with its line in the file, a change of the file is reported, and it
    can be interrupted."""
    from engine.own import files

    def told(*given: Any) -> Any:
        with source.told():
            running = run(*given)
            if not hasattr(running, "send"):
                raise source.refuse(f"{run.__name__} is no generator: it is to yield events", run.__code__)
        if files.saved(source.text) != source.saved:
            yield Remark(f"{source.path} has changed since gdtui read it; start gdtui again to use it as it is now.")
        turn = None
        try:
            while True:
                with source.told():
                    try:
                        event = running.send(turn)
                    except StopIteration:
                        return
                if why := _wrong_with(event):
                    frame = getattr(running, "gi_frame", None)
                    line = f", line {frame.f_lineno}" if frame is not None else ""
                    raise InputError(f"{OPTION}: {source.path}{line}: {why}")
                turn = yield event
        finally:
            running.close()

    return told


def _wrong_with(event: Any) -> str:
    """Why what a lesson's run yields cannot be shown; empty if it can."""
    match event:
        case Table(columns=columns, rows=rows):
            wrong = next((row for row in rows if not isinstance(row, tuple | list) or len(row) != len(columns)), None)
            cells = f"a row of the Table is {wrong!r:.60}; expected {len(columns)} cells, one a column"
            return "" if wrong is None else cells
        case Curve(x=x, y=y, gradient=gradient):
            arrays = x, y, gradient
            forms = [str(list(getattr(each, "shape", [])) or type(each).__name__) for each in arrays]
            fits = all(getattr(each, "ndim", 0) == 1 for each in arrays) and len(set(forms)) == 1
            return "" if fits else f"x, y and gradient of the Curve are {', '.join(forms)}; expected three arrays [n]"
        case Event():
            return ""
    return f"run yields a {type(event).__name__}; expected an event of engine.events"


def forget() -> None:
    """Remove the lessons of files, and search the packages again when next used; for tests."""
    global _of_packages
    for each in _of_files:
        sys.modules.pop(each.module, None)
    _of_files.clear()
    _problems.clear()
    _of_packages = None


add_source(lambda: tuple(each.lesson for each in own_lessons()))
