"""Every setting of a lesson, in groups, with a line of help for the one looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.css.query import NoMatches
from textual.widgets import Static

from engine.lesson import Integer, Number, Param, Starts
from tui.plain import plain
from tui.widgets.setting_field import SettingField


@dataclass(frozen=True, slots=True)
class SettingsPicture:
    """All that the pane shows: the settings that matter now, their values as texts, and which the learner changed."""

    lesson: str
    params: tuple[Param, ...]
    texts: tuple[tuple[str, str], ...]
    changed: frozenset[str] = frozenset()
    running: bool = False


class SettingsPane(Vertical, can_focus=True):
    """The settings of one lesson; posts SettingField.Given. Fields are made anew only where others are to be shown."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down,enter", "enter", "To the settings", key_display="↓")]
    DEFAULT_CSS = """
    SettingsPane {
        & > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        .group { color: $foreground 50%; margin-top: 1; }
        & > #setting-help { height: 5; color: $foreground 75%; border-top: solid $foreground 15%; }
        & > #setting-help.-error { color: $text-error; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._picture: SettingsPicture | None = None
        self._looked = ""

    def compose(self) -> ComposeResult:
        yield VerticalScroll(can_focus=False, id="setting-rows")
        yield Static("", markup=False, id="setting-help")

    def show(self, picture: SettingsPicture) -> None:
        """Show these settings. What did not change since the last call is not touched."""
        before, self._picture = self._picture, picture
        if picture == before:
            return
        names = [param.name for param in picture.params]
        if before is None or picture.lesson != before.lesson or names != [param.name for param in before.params]:
            self.call_later(self._remake)
            return
        texts = dict(picture.texts)
        for field in self.query(SettingField):
            if field.param.name in texts:
                field.show(texts[field.param.name], changed=field.param.name in picture.changed)
        self._say()

    async def _remake(self) -> None:
        """Make the fields anew; the one that had the focus gets it back."""
        picture = self._picture
        if picture is None:
            return
        focused = self._focused_name()
        rows = self.query_one("#setting-rows", VerticalScroll)
        texts = dict(picture.texts)
        with self.app.batch_update():
            await rows.remove_children()
            made: list[Static | SettingField] = []
            group = ""
            for param in grouped(picture.params):
                if param.group != group:
                    group = param.group
                    made.append(Static(group, classes="group", markup=False))
                field = SettingField(param, texts[param.name], ascii_only=self._ascii_only)
                field.set_class(param.name in picture.changed, "-changed")
                made.append(field)
            await rows.mount_all(made)
        if focused and not self.look_at(focused):
            self.focus()
        self._say()

    def look_at(self, name: str) -> bool:
        """Put the focus on a setting; False where it is not shown."""
        try:
            self.query_one(f"#setting-{name}", SettingField).control.focus()
        except NoMatches:
            return False
        return True

    def on_setting_field_looked(self, event: SettingField.Looked) -> None:
        event.stop()
        self._looked = event.field.param.name
        self._say()

    def on_setting_field_left(self, event: SettingField.Left) -> None:
        event.stop()
        fields = list(self.query(SettingField))
        there = fields.index(event.field) + event.direction
        if event.direction == 0 or there < 0:
            self.focus()
        elif there < len(fields):
            fields[there].control.focus()

    def action_enter(self) -> None:
        """Put the focus on the setting looked at last, or the first."""
        fields = list(self.query(SettingField))
        looked = next((field for field in fields if field.param.name == self._looked), None)
        if fields:
            (looked or fields[0]).control.focus()

    def _focused_name(self) -> str:
        focused = self.screen.focused
        fields = [field for field in self.query(SettingField) if focused is not None and focused in field.query("*")]
        return fields[0].param.name if fields else ""

    def _say(self) -> None:
        field = next((each for each in self.query(SettingField) if each.param.name == self._looked), None)
        said = self.query_one("#setting-help", Static)
        said.set_class(field is not None and bool(field.error), "-error")
        running = self._picture is not None and self._picture.running
        said.update(
            help_words(field.param, field.error, running, self._ascii_only)
            if field is not None
            else "* acts on a run that goes on. Down: to the settings, esc: out of them."
            if self._ascii_only
            else "• acts on a run that goes on. ↓ to the settings, esc out of them."
        )


def grouped(params: Sequence[Param]) -> list[Param]:
    """The parameters a group at a time: those without one first, then the groups as they first come."""
    order = {group: place for place, group in enumerate(dict.fromkeys(["", *(param.group for param in params)]))}
    return sorted(params, key=lambda param: order[param.group])


def help_words(param: Param, error: str, running: bool, ascii_only: bool = False) -> str:
    """What is said of a setting: its help, range and unit, or why what was typed is not accepted."""
    if error:
        return error.partition(": ")[2]
    dot = ", " if ascii_only else " · "
    words = [param.help, *range_words(param)]
    if param.live:
        words.append("acts at once" if running else "may change during a run")
    return plain(dot.join(words)) if ascii_only else dot.join(words)


def range_words(param: Param) -> list[str]:
    """What a setting takes, as far as its control does not show it: a number's range and unit, a default."""
    if isinstance(param, Number | Integer):
        bounds = f"{param.low:g} to {param.high:g}" + (f" {param.unit}" if param.unit else "")
        return [bounds, "or default"] if isinstance(param, Number) and param.optional else [bounds]
    return [f"{param.unit}, apart by ;"] if isinstance(param, Starts) else []
