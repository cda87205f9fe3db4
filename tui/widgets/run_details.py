"""All that is known of one past run: how it ended, what it showed, its command, every setting."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.history import PastRun
from tui.plain import plain
from tui.text import clean
from tui.widgets.parts import Parts
from tui.words import duration, number


class RunDetails(VerticalScroll):
    """One run in words. Settings that differ from the lesson's defaults are marked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "run-details--title",
        "run-details--name",
        "run-details--text",
        "run-details--changed",
        "run-details--bad",
    }
    DEFAULT_CSS = """
    RunDetails {
        height: 1fr;
        padding: 0 1;
        scrollbar-size: 1 1;
        & > Static { height: auto; }
        & > .run-details--title { color: $text-primary; text-style: bold; }
        & > .run-details--name { color: $foreground 65%; }
        & > .run-details--text { color: $foreground; }
        & > .run-details--changed { color: $text-accent; text-style: bold; }
        & > .run-details--bad { color: $text-error; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._run: PastRun | None = None
        self._parts = Parts(self, "run-details")

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def show(self, run: PastRun | None) -> None:
        """Show this run (None: no run)."""
        if run is not self._run:
            self._run = run
            self.scroll_to(y=0, animate=False)
            self._write()

    def on_mount(self) -> None:
        self._write()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._parts.forget()
        if self.is_mounted:
            self._write()

    @property
    def text(self) -> str:
        """What is shown, without its styles."""
        return self._words().plain

    def _write(self) -> None:
        for static in self.query(Static):
            static.update(self._words())

    def _words(self) -> Text:
        run = self._run
        said = Text()
        if run is None:
            return said
        self._line(said, run.run, "title")
        self._line(said, self._outcome(run), "text" if run.outcome in ("done", "stopped", "running") else "bad")
        for words in (run.message, run.damaged):
            if words:
                self._line(said, words, "bad" if words is run.damaged else "name")
        if run.learned:
            self._line(said, "\nlearned", "name")
            self._line(said, run.learned, "text")
        if run.command:
            self._line(said, "\ncommand", "name")
            self._line(said, run.command, "text")
        if run.settings:
            self._line(said, "\nsettings", "name")
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
            said.append(
                self._clean(f"{'*' if changed else ' '} {name.replace('_', ' '):<{widest}}  "), self._parts("name")
            )
            self._line(said, text, "changed" if changed else "text")

    def _line(self, said: Text, words: str, part: str) -> None:
        said.append(self._clean(words) + "\n", self._parts(part))

    def _clean(self, words: str) -> str:
        safe = clean(words, keep_newlines=True)
        return "\n".join(plain(line) for line in safe.split("\n")) if self._ascii_only else safe
