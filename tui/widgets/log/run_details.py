"""The details of one past run: how it ended, its result, its command, every setting."""

from __future__ import annotations

from rich.text import Text

from tui.model.history import PastRun
from tui.text.words import duration, number, rounded
from tui.widgets.log.run_words import RunWords


class RunDetails(RunWords):
    """One past run. Settings that differ from the lesson's defaults are marked."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._run: PastRun | None = None

    def show(self, run: PastRun | None) -> None:
        """Show this run (None: no run)."""
        if run is not self._run:
            self._run = run
            self.scroll_to(y=0, animate=False)
            self.write()

    @property
    def text(self) -> str:
        """The shown text, without styles."""
        return self.words().plain

    def words(self) -> Text:
        run = self._run
        said = Text()
        if run is None:
            return said
        self.line(said, run.run, "title")
        self.line(said, self._outcome(run), "text" if run.outcome in ("done", "stopped", "running") else "bad")
        for words in (run.message, run.damaged):
            if words:
                self.line(said, words, "bad" if words is run.damaged else "name")
        if run.learned:
            self.line(said, "\nlearned", "name")
            self.line(said, run.learned, "text")
        if run.command:
            self.line(said, "\ncommand", "name")
            self.line(said, run.command, "text")
        if run.settings:
            self.line(said, "\nsettings", "name")
            self._settings(said, run)
        said.rstrip()
        return said

    def _outcome(self, run: PastRun) -> str:
        parts = [run.outcome, f"{run.steps:,} steps"]
        if run.value is not None:
            parts.append(f"{run.value_name} {number(run.value)}")
        if run.accuracy is not None:
            parts.append(f"test accuracy {run.accuracy:.2%}")
        if run.duration_s is not None:
            parts.append(duration(run.duration_s))
        if run.started is not None:
            parts.append(run.started.strftime("%Y-%m-%d %H:%M:%S"))
        return " · ".join(parts)

    def _settings(self, said: Text, run: PastRun) -> None:
        widest = max(len(name) for name in run.settings)
        for name, text in run.settings.items():
            changed = name in run.changed
            self.piece(said, f"{'*' if changed else ' '} {name.replace('_', ' '):<{widest}}  ", "name")
            self.line(said, rounded(text), "changed" if changed else "text")
