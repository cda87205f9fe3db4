"""The settings of a lesson, with a few lines of help for the one looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from engine.params import Choice, Choices, Integer, Number, Param, Starts
from tui.plain import plain
from tui.widgets.settings_form import SettingsForm


@dataclass(frozen=True, slots=True)
class SettingsPicture:
    """All that the pane shows: the settings that matter now, their values as texts, and which the learner changed."""

    lesson: str
    params: tuple[Param, ...]
    texts: tuple[tuple[str, str], ...]
    changed: frozenset[str] = frozenset()
    running: bool = False


class SettingsPane(Vertical):
    """A form and its help. The form posts SettingsForm.Given."""

    DEFAULT_CSS = """
    SettingsPane {
        & > #setting-help { height: 5; color: $foreground 75%; border-top: solid $foreground 15%; }
        & > #setting-help.-error { color: $text-error; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._picture: SettingsPicture | None = None

    def compose(self) -> ComposeResult:
        yield SettingsForm(ascii_only=self._ascii_only)
        yield Static("", markup=False, id="setting-help")

    @property
    def form(self) -> SettingsForm:
        """The settings themselves."""
        return self.query_one(SettingsForm)

    def show(self, picture: SettingsPicture) -> None:
        """Show these settings. What did not change since the last call is not touched."""
        if picture == self._picture:
            return
        self._picture = picture
        self.form.show(grouped(picture.params), dict(picture.texts), picture.changed)
        self._say()

    def on_settings_form_looked(self, event: SettingsForm.Looked) -> None:
        event.stop()
        self._say()

    def _say(self) -> None:
        form, said = self.form, self.query_one("#setting-help", Static)
        said.set_class(bool(form.error), "-error")
        if form.looked_at is None:
            said.update("")
            return
        running = self._picture is not None and self._picture.running
        said.update(help_words(form.looked_at, form.error, running, self._ascii_only))


def grouped(params: Sequence[Param]) -> list[Param]:
    """The parameters a group at a time: those without one first, then the groups as they first come."""
    order = {group: place for place, group in enumerate(dict.fromkeys(["", *(param.group for param in params)]))}
    return sorted(params, key=lambda param: order[param.group])


def help_words(param: Param, error: str, running: bool, ascii_only: bool = False) -> str:
    """What is said of a setting: its help, range and unit, or why what was typed is not accepted."""
    if error:
        text = error.partition(": ")[2]
        return plain(text) if ascii_only else text
    dot = ", " if ascii_only else " · "
    words = [param.help, *range_words(param)]
    if param.live:
        words.append("acts at once" if running else "may change during a run")
    return plain(dot.join(words)) if ascii_only else dot.join(words)


def range_words(param: Param) -> list[str]:
    """What a setting takes, as far as it is not in sight: a number's range and unit, words to choose from."""
    if isinstance(param, Number | Integer):
        bounds = f"{param.low:g} to {param.high:g}" + (f" {param.unit}" if param.unit else "")
        return [bounds, "or default"] if isinstance(param, Number) and param.optional else [bounds]
    if isinstance(param, Choice | Choices):
        return []
    return [f"{param.unit}, apart by ;"] if isinstance(param, Starts) else []
