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
from tui.headless.output import Output
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


class _Results:
    """The results on standard output, in signs that the terminal has, and messages on standard error."""

    def __init__(self, options: HeadlessOptions) -> None:
        self._streams = console.claim(verbose=options.verbose)
        self.glyphs = glyphs_of(options.ascii_only or not console.speaks_unicode(self._streams.out))
        self.out, self._err = Output(self._streams.out), Output(self._streams.err)

    def write(self, text: str, end: str = "\n") -> None:
        """Write a line of the results. Raises InputError if they cannot be written, as on a full disk."""
        self.out.write(self.glyphs.spelled(text) + end)
        if self.out.failure is not None and not self.out.gone:
            raise InputError(f"cannot write: {self.out.failure.strerror or self.out.failure}")

    def say(self, text: str) -> None:
        """Write a message."""
        if text:
            self._err.write(f"gdtui: {text if console.speaks_unicode(self._streams.err) else plain(text)}\n")


def run(asked: Check | ShowProgress) -> int:
    """Execute the request; returns the exit code. Raises InputError."""
    from tui.cli.course_commands import Check

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    results = _Results(asked.options)
    code = _check(asked, results) if isinstance(asked, Check) else _progress(asked, results)
    return Exit.PIPE_CLOSED if results.out.gone else code


# --- check --------------------------------------------------------------------------------------------------------


def _check(asked: Check, results: _Results) -> int:
    chosen, language = course_check.chosen(asked.lesson), asked.options.language
    if asked.listed:
        results.write(course_check.listing(chosen, asked.seed or 0, language, as_json=asked.options.json))
        return Exit.DONE
    if asked.answers is not None:
        answers = course_check.read_answers(asked.answers, asked.seed)
        return _report(course_check.graded(chosen, answers), asked, results)
    if asked.verify is not None:
        return _report(course_check.verified(chosen, progress_file.read(asked.verify)), asked, results)
    path = progress_file.default_path()
    progress, problem = progress_file.load(path)
    results.say(problem)
    practice = Practice(progress, path)
    if not asked.options.json:
        dialogue = Dialogue(practice, results.write, _typed(results), language=language, glyphs=results.glyphs)
        dialogue.ask(chosen)
        results.write("")
    return _report(course_check.recorded(chosen, practice.progress), asked, results)


def _typed(results: _Results) -> Iterator[str]:
    """The typed lines, each after a prompt, until the input ends."""
    while not results.out.gone:
        results.write("> ", end="")
        line = sys.stdin.readline(10_000)
        if not line:
            return
        yield line


def _report(found: Iterable[Graded], asked: Check, results: _Results) -> int:
    """Write each exercise's result as soon as it is known, and the summary; returns the exit code."""
    all_of_them = []
    for each in found:
        all_of_them.append(each)
        results.write(course_check.json_line(each) if asked.options.json else course_check.text_line(each))
    summary = course_check.json_summary if asked.options.json else course_check.text_summary
    results.write(summary(all_of_them))
    return Exit.DONE if all(each.solved for each in all_of_them) else Exit.UNSOLVED


# --- progress -----------------------------------------------------------------------------------------------------


def _progress(asked: ShowProgress, results: _Results) -> int:
    path = progress_file.default_path()
    progress, problem = progress_file.load(path)
    results.say(problem)
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
            results.say(why)
    if asked.options.json:
        results.write(json.dumps(progress_file.content(changed)))
    else:
        for line in _table(changed):
            results.write(line)
    return Exit.DONE


def _table(progress: CourseProgress) -> Iterator[str]:
    """One line per lesson: how many exercises are solved, and how many of these with help."""
    for lesson in course():
        mine = [progress.of(each.id) for each in exercises_of(lesson.id)]
        solved, helped = sum(each.solved for each in mine), sum(each.helped for each in mine)
        mark = "✓" if solved == len(mine) else " "
        help_text = f", {helped} with help" if helped else ""
        yield f"{mark} {lesson.number} {lesson.title:<14} {solved}/{len(mine)}{help_text}"
