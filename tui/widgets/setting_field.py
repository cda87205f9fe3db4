"""One setting as a row: its name and the control that fits its kind, checked while it is typed."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, Select

from engine.lesson import Choice, Choices, Integer, Number, Param, SettingError, Switch
from tui.stepping import stepped
from tui.text import clean
from tui.widgets.toggles import Toggles

PASSED_ON = "[] ?"
"""Characters that no number has: in a number's field they keep their meaning as keys."""


class FieldInput(Input):
    """A line to type in, whose caret does not blink: a screen on which nothing happens sends nothing."""

    def __init__(self, value: str, passed_on: str = "") -> None:
        super().__init__(value, compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._passed_on = passed_on

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return super().check_consume_key(key, character) and character not in set(self._passed_on)

    async def _on_key(self, event: events.Key) -> None:
        if event.character is None or event.character not in set(self._passed_on):
            await super()._on_key(event)
        else:
            event.prevent_default()


class SettingField(Horizontal):
    """A setting. Posts Given when the learner has given a value that the setting takes.

    A number is taken at `enter`, at a step, or when its field is left; choices are taken at once.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "leave(-1)", "Setting above", show=False),
        Binding("down", "leave(1)", "Setting below", show=False),
        Binding("escape", "leave(0)", "Out of the settings"),
    ]
    DEFAULT_CSS = """
    SettingField {
        height: auto;
        & > .name { width: 14; color: $foreground 75%; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .live { width: 1; color: $text-accent; }
        &.-changed > .name { color: $foreground; text-style: bold; }
        &:focus-within > .name { color: $text-primary; text-style: bold; }
        & > Input { width: 1fr; }
        & > Input:focus { background: $primary 30%; }
        & > Select { width: 1fr; height: 1; }
        & SelectCurrent { padding: 0; height: 1; background: transparent; }
        & SelectCurrent Static#label { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & Select:focus > SelectCurrent { background: $primary 30%; }
        & > Toggles { width: 1fr; }
        &.-tall { layout: vertical; }
        &.-tall > .live { display: none; }
    }
    """

    class Given(Message):
        """The learner gave the setting a value that it takes, written as `text`."""

        def __init__(self, field: SettingField, name: str, text: str) -> None:
            super().__init__()
            self.field = field
            self.name = name
            self.text = text

    class Confirmed(Message):
        """The learner pressed `enter` on a value that the setting takes, changed or not."""

        def __init__(self, field: SettingField) -> None:
            super().__init__()
            self.field = field

    class Looked(Message):
        """Another setting has the focus, or its text became (in)valid: the help line should say so."""

        def __init__(self, field: SettingField) -> None:
            super().__init__()
            self.field = field

    class Left(Message):
        """The learner goes to the setting above (-1) or below (1), or out of the settings (0)."""

        def __init__(self, field: SettingField, direction: int) -> None:
            super().__init__()
            self.field = field
            self.direction = direction

    def __init__(self, param: Param, text: str, *, ascii_only: bool = False) -> None:
        super().__init__(id=f"setting-{param.name}")
        self.param = param
        self.error = ""
        self._text = text
        self._ascii_only = ascii_only
        self.set_class(isinstance(param, Choices), "-tall")

    def compose(self) -> ComposeResult:
        live = ("*" if self._ascii_only else "•") if self.param.live else ""
        yield Label(self.param.name.replace("_", " "), markup=False, classes="name")
        yield Label(live, markup=False, classes="live")
        yield control_for(self.param, self._text, self._ascii_only)

    @property
    def control(self) -> Widget:
        """What has the focus when the setting is looked at."""
        return self.query_children().last(Widget)

    def show(self, text: str, *, changed: bool) -> None:
        """Show this value, if it is not the one on show; posts nothing. What is being typed stays."""
        self.set_class(changed, "-changed")
        if text == self._text:
            return
        self._text = text
        if not self.is_mounted or not self.children:
            return
        control = self.control
        with self.prevent(Input.Changed, Select.Changed, Checkbox.Changed, Toggles.Changed):
            if isinstance(control, Input):
                control.value = text
                control.cursor_position = len(text)
                self._check(text)
            elif isinstance(control, Select):
                control.value = text
            elif isinstance(control, Checkbox):
                control.value = text == "on"
            elif isinstance(control, Toggles):
                control.show(text.split(","))

    # --- what the learner does ------------------------------------------------------------------------------------

    def key_left_square_bracket(self, event: events.Key) -> None:
        self._stepped(-1, event)

    def key_right_square_bracket(self, event: events.Key) -> None:
        self._stepped(1, event)

    def _stepped(self, direction: int, event: events.Key) -> None:
        """A number goes down by `[` and up by `]` while its field has the focus."""
        if not isinstance(self.param, Number | Integer):
            return
        event.stop()
        control = self.control
        assert isinstance(control, Input)
        try:
            value: Any = self.param.parse(control.value)
        except SettingError:
            value = self.param.parse(self._text)
        control.value = self.param.text(stepped(self.param, value, direction))
        control.cursor_position = len(control.value)
        self._give(control.value)

    def action_leave(self, direction: int) -> None:
        """Go to the setting above or below."""
        self.post_message(self.Left(self, direction))

    def on_toggles_left(self, event: Toggles.Left) -> None:
        event.stop()
        self.action_leave(event.direction)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._check(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._give(event.value)
        if not self.error:
            self.post_message(self.Confirmed(self))

    def on_input_blurred(self, event: Input.Blurred) -> None:
        event.stop()
        if event.value != self._text:
            self._give(event.value)

    def on_select_changed(self, event: Select.Changed) -> None:
        event.stop()
        self._give(str(event.value))

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        self._give("on" if event.value else "off")

    def on_toggles_changed(self, event: Toggles.Changed) -> None:
        event.stop()
        self._give(",".join(event.chosen))

    def on_descendant_focus(self) -> None:
        self.post_message(self.Looked(self))

    def _check(self, text: str) -> bool:
        try:
            self.param.parse(text)
            error = ""
        except SettingError as refused:
            error = clean(str(refused))
        if error != self.error:
            self.error = error
            self.control.set_class(bool(error), "-invalid")
            self.post_message(self.Looked(self))
        return not error

    def _give(self, text: str) -> None:
        if not self._check(text) or text == self._text:
            return
        self._text = text
        self.post_message(self.Given(self, self.param.name, text))


def control_for(param: Param, text: str, ascii_only: bool) -> Widget:
    """The control that fits a setting's kind, showing `text`."""
    if isinstance(param, Choice):
        return Select([(option, option) for option in param.options], value=text, allow_blank=False, compact=True)
    if isinstance(param, Choices):
        return Toggles(param.options, text.split(","), ascii_only=ascii_only)
    if isinstance(param, Switch):
        return Checkbox(value=text == "on", compact=True)
    return FieldInput(text, PASSED_ON if isinstance(param, Number | Integer) else "")
