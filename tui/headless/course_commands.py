"""The commands `gdtui check` and `gdtui progress` at work: grade, verify, ask, and show what is solved."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from engine.errors import InputError
from engine.exercises import exercises_of
from engine.lessons import course
from tui.headless import course_check
from tui.headless.check_dialogue import Dialogue
from tui.headless.course_check import Graded
from tui.model import kept_runs
from tui.model import progress as progress_file
from tui.model.practice import Practice
from tui.model.progress import CourseProgress
from tui.process import console
from tui.process.exit_codes import Exit
from tui.text.glyphs import glyphs_of
from tui.text.plain import plain

if TYPE_CHECKING:
    from tui.cli.course_commands import Check, ShowProgress
    from tui.process.options import HeadlessOptions


class _Output:
    """Lines on the two reserved streams. `gone` is true if the reader of the results has closed the pipe."""

    def __init__(self, options: HeadlessOptions) -> None:
        self._streams = console.claim(verbose=options.verbose)
        self.glyphs = glyphs_of(options.ascii_only or not console.speaks_unicode(self._streams.out))
        self.gone = False

    def write(self, text: str, end: str = "\n") -> None:
        """Write a line of the results."""
        if self.gone:
            return
        try:
            print(self.glyphs.spelled(text), end=end, file=self._streams.out, flush=True)
        except BrokenPipeError:
            self.gone = True
            with open(os.devnull, "w") as nothing:  # noqa: PTH123 - what is still buffered cannot be written either
                os.dup2(nothing.fileno(), self._streams.out.fileno())
        except OSError as error:
            raise InputError(f"cannot write: {error.strerror}") from None

    def say(self, text: str) -> None:
        """Write a message."""
        if text:
            shown = text if console.speaks_unicode(self._streams.err) else plain(text)
            print(f"gdtui: {shown}", file=self._streams.err, flush=True)


def run(asked: Check | ShowProgress) -> int:
    """Execute the request; returns the exit code. Raises InputError."""
    from tui.cli.course_commands import Check

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    out = _Output(asked.options)
    code = _check(asked, out) if isinstance(asked, Check) else _progress(asked, out)
    return Exit.PIPE_CLOSED if out.gone else code


# --- check --------------------------------------------------------------------------------------------------------


def _check(asked: Check, out: _Output) -> int:
    chosen, language = course_check.chosen(asked.lesson), asked.options.language
    if asked.listed:
        out.write(course_check.listing(chosen, asked.seed or 0, language, as_json=asked.options.json))
        return Exit.DONE
    if asked.answers is not None:
        answers = course_check.read_answers(asked.answers, asked.seed)
        return _report(course_check.graded(chosen, answers), asked, out)
    if asked.verify is not None:
        return _report(course_check.verified(chosen, progress_file.read(asked.verify)), asked, out)
    path = progress_file.default_path()
    progress, problem = progress_file.load(path)
    out.say(problem)
    practice = Practice(progress, path)
    if not asked.options.json:
        dialogue = Dialogue(practice, out.write, _typed(out), language=language, glyphs=out.glyphs)
        dialogue.ask(chosen)
        out.write("")
    return _report(course_check.recorded(chosen, practice.progress), asked, out)


def _typed(out: _Output) -> Iterator[str]:
    """The typed lines, each after a prompt, until the input ends."""
    while not out.gone:
        out.write("> ", end="")
        line = sys.stdin.readline(10_000)
        if not line:
            return
        yield line


def _report(found: Iterable[Graded], asked: Check, out: _Output) -> int:
    """Write each exercise's result as soon as it is known, and the summary; returns the exit code."""
    all_of_them = []
    for each in found:
        all_of_them.append(each)
        out.write(course_check.json_line(each) if asked.options.json else course_check.text_line(each))
    summary = course_check.json_summary if asked.options.json else course_check.text_summary
    out.write(summary(all_of_them))
    return Exit.DONE if all(each.solved for each in all_of_them) else Exit.UNSOLVED


# --- progress -----------------------------------------------------------------------------------------------------


def _progress(asked: ShowProgress, out: _Output) -> int:
    path = progress_file.default_path()
    progress, problem = progress_file.load(path)
    out.say(problem)
    changed, lessons = progress, frozenset[str]()
    if asked.taken_in is not None:
        changed = progress_file.merged(progress, progress_file.read(asked.taken_in))
    if asked.reset is not None:
        forgotten = course_check.chosen(asked.reset or None)
        changed = progress.without(tuple(each.id for each in forgotten))
        lessons = frozenset(each.lesson for each in forgotten)
    if changed is not progress or not path.exists():
        try:
            progress_file.save(path, changed)
            kept_runs.forget(kept_runs.beside(path), lessons)
        except OSError as error:
            why = f"the progress cannot be saved: {path}: {error.strerror}"
            if changed is not progress:
                raise InputError(why) from None
            out.say(why)
    if asked.options.json:
        out.write(json.dumps(progress_file.content(changed)))
    else:
        for line in _table(changed):
            out.write(line)
    return Exit.DONE


def _table(progress: CourseProgress) -> Iterator[str]:
    """One line per lesson: how many exercises are solved, and how many of these with help."""
    for lesson in course():
        mine = [progress.of(each.id) for each in exercises_of(lesson.id)]
        solved, helped = sum(each.solved for each in mine), sum(each.helped for each in mine)
        mark = "✓" if solved == len(mine) else " "
        help_text = f", {helped} with help" if helped else ""
        yield f"{mark} {lesson.number} {lesson.title:<14} {solved}/{len(mine)}{help_text}"
