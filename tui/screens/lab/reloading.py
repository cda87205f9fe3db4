"""The reloader: when a learner's Python file is saved while its run is on show, it starts a new run, and the old one
becomes a ghost. If the file cannot be run, one line says why, and the old run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.model.file_trial import Trial
    from tui.screens.lab.panes import LabPanes

LOOK_S = 0.5
"""How often to look at the files. A changed one is loaded when two looks in a row find the same time: an editor may
write it in parts."""
PROBLEM_S = 10.0
"""How long the reason why a file cannot be run is shown."""


class Reloader:
    """Looks at the files of the open lesson's run."""

    def __init__(self, screen: LabPanes) -> None:
        self._screen = screen
        self._run = ""
        self._known: set[str] = set()
        """The runs that have been on show: a file that was saved while another was is not read again."""
        self._loaded: Mapping[str, int] = {}
        self._seen: Mapping[str, int] = {}
        self._trial: Trial | None = None

    def begin(self) -> None:
        """Start looking."""
        self._screen.set_interval(LOOK_S, self.look)

    def look(self) -> None:
        """Look whether a file was saved again, or whether one that was can be run."""
        from tui.model.file_trial import Trial, saved  # when the screen is there: it imports NumPy

        app_state = self._screen.app_state
        lesson_state, session = app_state.lesson_state, app_state.session
        state, elsewhere = lesson_state.on_show, session.alive and not app_state.here
        now = saved(lesson_state.settings)
        if state is None or not now or elsewhere or session.waiting:
            self._run = ""
            self._drop()
            if state is not None and session.waiting:  # its files are read when TensorFlow is imported
                self._known.add(state.run)
            return
        if state.run != self._run:
            self._run, self._loaded = state.run, now if state.run in self._known else state.files
            self._known.add(state.run)
            self._drop()
        if now.keys() != self._loaded.keys():
            self._loaded = now
            self._drop()
        elif now != self._loaded and now == self._seen and -1 not in now.values():
            self._loaded = now
            self._drop()
            self._trial = Trial(lesson_state.lesson, lesson_state.settings)
            self._screen.say("saved; it is tried, and then run again", PROBLEM_S)
        self._seen = now
        if self._trial is not None and self._trial.problem is not None:
            self._take(self._trial)

    def _take(self, trial: Trial) -> None:
        """Go on with a trial that has ended."""
        self._trial = None
        app_state = self._screen.app_state
        if trial.problem:
            self._screen.say(f"saved, but it cannot be run: {trial.problem}", PROBLEM_S)
            return
        last = app_state.lesson_state.state
        app_state.begin_again(trial.lesson, trial.settings, trial.files)
        ghost = "; the last run stays as a ghost" if app_state.lesson_state.ghost is last else ""
        self._screen.say(f"saved, and run again{ghost}")
        self._screen.wake()

    def _drop(self) -> None:
        if self._trial is not None:
            self._trial.stop()
            self._trial = None
