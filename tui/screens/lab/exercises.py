"""The exercises in the lab: opened and left by a key, answered, saved to the disk.

The exercises themselves are imported when they are first used: 0.1 s that the first screen need not wait for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.errors import InputError
from tui.screens.layout import Pane as PaneName
from tui.screens.modal import open_dialog
from tui.text.clean import clean

if TYPE_CHECKING:
    from tui.screens.lab.panes import LabPanes
    from tui.widgets.learn.exercise_pane import ExercisePane


class ExerciseRequests:
    """Executes the requests of the exercise pane on the app's state."""

    def __init__(self, screen: LabPanes) -> None:
        self._screen = screen
        self._before: PaneName = "live"

    def load(self) -> None:
        """Load the saved progress, and show it in the list of lessons."""
        problem = self._screen.app_state.exercises.problem
        if problem:
            self._screen.say(clean(problem), 10.0)
        practice = self._screen.app_state.exercises.practice
        if practice.is_kept and not practice.progress.walked:
            self._screen.app_state.walk_offered = True
            practice.offer_walk()
            self._save()
        self._screen.show_now()

    def walk(self) -> None:
        """Open the first five minutes; from their end, go to lesson 1, exercise 1."""
        from tui.screens.dialogs.walk import WalkScreen

        screen = self._screen
        screen.app_state.walk_offered = False

        def answered(goes_on: bool | None) -> None:
            if goes_on:
                screen.app_state.open(screen.app_state.numbered(1) or screen.app_state.opened)
                self.open()
            screen.wake()

        open_dialog(screen.app, WalkScreen(), answered)

    def toggle(self) -> None:
        """Go to the exercises; from there back to the previous pane, and if they have their own place close it."""
        screen, exercises, lesson = self._screen, self._screen.app_state.exercises, self._screen.app_state.opened
        if screen.focused_pane == "exercise":
            unsolved = exercises.has(lesson) and not exercises.of(lesson).solved
            exercises.shown = screen.panes.room == "narrow" and unsolved
            screen.panes.zoomed = None
            screen.lay_out()
            screen.focus_pane(self._before)
            return
        self.open()

    def open(self) -> None:
        """Go to the exercises of the open lesson."""
        self._before = self._screen.focused_pane or "live"
        self._screen.app_state.exercises.shown = True
        self._screen.lay_out()
        self._screen.focus_pane("exercise")

    def asked(self, event: ExercisePane.Asked) -> None:
        """Execute a request of the pane."""
        exercises, lesson = self._screen.app_state.exercises, self._screen.app_state.opened
        if not exercises.has(lesson):
            return
        match event.what:
            case "answer":
                self._answer(event)
            case "hint":
                exercises.hint(lesson)
            case "work":
                if self._computes():
                    exercises.work(lesson)
            case "again":
                exercises.again(lesson)
            case "go":
                exercises.go(lesson, event.by)
        self._screen.wake()
        if event.what in ("answer", "hint", "work"):
            self._save()

    def _answer(self, event: ExercisePane.Asked) -> None:
        if not self._computes():
            return
        try:
            self._screen.app_state.exercises.answer(self._screen.app_state.opened, event.text)
        except InputError as error:
            self._screen.say(clean(str(error)))
            return
        event.pane.accepted()

    def _computes(self) -> bool:
        """Whether the answer can be computed now: some need TensorFlow, whose import must not block the screen."""
        exercise = self._screen.app_state.exercises.of(self._screen.app_state.opened).exercise
        by_tensorflow = getattr(exercise, "by_tensorflow", False)
        ready = self._screen.app_state.session.engine in ("compiling", "ready")
        if by_tensorflow and not ready:
            self._screen.say("TensorFlow computes this answer, and is not imported yet: a moment")
            return False
        return True

    def tell_of_tasks(self) -> None:
        """Report which tasks a finished run solved, and save the attempts that it counted."""
        solved, self._screen.app_state.newly_solved = self._screen.app_state.newly_solved, []
        if solved:
            from tui.text.exercise_texts import title

            names = "; ".join(title(task, self._screen.app_state.options.language) for task in solved)
            self._screen.say(f"exercise solved: {names}", 8.0)
        self._save()

    def _save(self) -> None:
        self._screen.run_worker(self._write(), group="progress")

    async def _write(self) -> None:
        try:
            await asyncio.to_thread(self._screen.app_state.exercises.practice.save)
        except OSError as error:
            self._screen.say(f"the progress could not be saved: {error.strerror}")
