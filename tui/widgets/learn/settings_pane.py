"""The settings of a lesson, with a few lines of help for the one looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from engine.params import Choice, Choices, Domain, Formula, Integer, Number, Param, Starts
from engine.training_params import Widths
from tui.text.glyphs import UNICODE, Glyphs
from tui.widgets.ascii import DrawsAscii
from tui.widgets.learn.settings_form import SettingsForm


@dataclass(frozen=True, slots=True)
class SettingsPicture:
    """The content of the pane: the settings that matter now, their values as texts, and which the learner changed."""

    lesson: str
    params: tuple[Param, ...]
    texts: tuple[tuple[str, str], ...]
    changed: frozenset[str] = frozenset()
    running: bool = False


class SettingsPane(DrawsAscii, Vertical):
    """A form and its help. The form posts SettingsForm.Given."""

    DEFAULT_CSS = """
    SettingsPane {
        & > #setting-help { height: 5; color: $text-quiet; border-top: solid $foreground 15%; }
        & > #setting-help.-error { color: $text-error; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture: SettingsPicture | None = None

    def compose(self) -> ComposeResult:
        yield SettingsForm()
        yield Static("", markup=False, id="setting-help")

    @property
    def form(self) -> SettingsForm:
        """The settings themselves."""
        return self.query_one(SettingsForm)

    def show(self, picture: SettingsPicture) -> None:
        """Show these settings. What has not changed since the last call is not touched."""
        if picture == self._picture:
            return
        if self._picture is not None and picture.lesson != self._picture.lesson:
            self.form.action_leave()  # a text that was not accepted stays with its lesson's settings only
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
        if form.hint:
            said.update(form.hint)
            return
        running = self._picture is not None and self._picture.running
        said.update(help_words(form.looked_at, form.error, running, self._glyphs))


def grouped(params: Sequence[Param]) -> list[Param]:
    """Sort the parameters by group: those without one first, then the groups in the order of their first members."""
    order = {group: place for place, group in enumerate(dict.fromkeys(["", *(param.group for param in params)]))}
    return sorted(params, key=lambda param: order[param.group])


def help_words(param: Param, error: str, running: bool, glyphs: Glyphs = UNICODE) -> str:
    """The help of a setting, with range and unit, or why the typed text is not accepted."""
    if error:
        text = error.partition(": ")[2]
        return glyphs.spelled(text)
    dot = glyphs.dot
    words = [param.help, *range_words(param)]
    if param.live:
        words.append("acts at once" if running else "may change during a run")
    return glyphs.spelled(dot.join(words))


def range_words(param: Param) -> list[str]:
    """The accepted values of a setting, unless they are visible: a number's range and unit, words to choose from."""
    if isinstance(param, Number | Integer):
        form = "" if isinstance(param, Integer) else "g"
        bounds = f"{param.low:{form}} to {param.high:{form}}" + (f" {param.unit}" if param.unit else "")
        return [bounds, "or default"] if isinstance(param, Number) and param.optional else [bounds]
    if isinstance(param, Choice | Choices):
        return [param.also.removeprefix(", ")] if param.also else []
    if isinstance(param, Formula | Domain | Widths):
        return [param.accepted]
    return [f"{param.unit}, or several separated by ;"] if isinstance(param, Starts) else []
