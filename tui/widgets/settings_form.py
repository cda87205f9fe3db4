"""Every setting of a lesson in one widget: moved through by arrow keys, changed by them, typed where a number is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from engine.errors import SettingError
from engine.params import Choice, Choices, Param, Switch
from tui.drawing.form import Form, FormRow
from tui.line_editor import Line
from tui.stepping import next_text, toggled
from tui.text import clean
from tui.widgets.form_sheet import FormSheet


class SettingsForm(FormSheet, can_focus=True):
    """Settings as rows. `up` and `down` go from one to the next, `left` and `right` change its value, `enter` begins
    typing or chooses; what is typed is checked at once and taken at `enter`. Posts Given for what the setting takes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Setting above", show=False),
        Binding("down", "move(1)", "Setting below", show=False),
        Binding("home", "move(-1000)", "First setting", show=False),
        Binding("end", "move(1000)", "Last setting", show=False),
        Binding("left", "change(-1)", "Less, or the word before", show=False),
        Binding("right", "change(1)", "Change", key_display="← →"),
        Binding("enter", "enter", "Type or choose"),
        Binding("escape", "leave", "Take back", show=False),
        Binding("delete,backspace", "restore", "Back to its default", show=False),
    ]

    class Given(Message):
        """The learner gave a setting a value that it takes, written as `text`; None: take back what was given."""

        def __init__(self, form: SettingsForm, name: str, text: str | None) -> None:
            super().__init__()
            self.form = form
            self.name = name
            self.text = text

    class Looked(Message):
        """Another setting is looked at, or what is typed became (in)valid."""

        def __init__(self, form: SettingsForm) -> None:
            super().__init__()
            self.form = form

    class Confirmed(Message):
        """`enter` ended the typing of a value that the setting takes."""

        def __init__(self, form: SettingsForm) -> None:
            super().__init__()
            self.form = form

    def show(self, params: Sequence[Param], texts: dict[str, str], changed: frozenset[str] = frozenset()) -> None:
        """Show these settings. The one looked at stays so where it is still there; what is being typed stays."""
        before = self.looked_at
        self._form = Form(tuple(params), texts, changed, self._form.opened)
        names = [param.name for param in params]
        if before is not None and before.name in names:
            self._here = names.index(before.name)
        else:
            self._here, self._option, self._line, self.error = 0, 0, None, ""
            self._form = Form(tuple(params), texts, changed)
        self._lay_out()

    def look_at(self, name: str) -> bool:
        """Look at a setting; False where it is not shown."""
        names = [param.name for param in self._form.params]
        if name not in names:
            return False
        self._go(names.index(name))
        return True

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """With nothing to take back, `escape` is for whatever the form is in."""
        return action != "leave" or self._line is not None or bool(self._form.opened)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self._line is not None and Line.of("").pressed(key, character) is not None

    def on_key(self, event: events.Key) -> None:
        if self._line is None:
            return
        typed = self._line.pressed(event.key, event.character)
        if typed is not None:
            event.stop()
            event.prevent_default()
            self._type(typed)

    def on_paste(self, event: events.Paste) -> None:
        if self._line is not None and event.text:
            event.stop()
            self._type(self._line.typed(event.text.splitlines()[0]))

    def action_move(self, by: int) -> None:
        """Go to another setting, or within its words; what was typed is taken first."""
        if self._line is not None and not self._take():
            return
        columns, words = self._columns, self._words
        if words and abs(by) == 1 and 0 <= self._option + by * columns < len(words):
            self._option += by * columns
            self.refresh()
            return
        self._go(min(max(self._here + by, 0), len(self._form.params) - 1), from_below=by < 0)

    def action_change(self, by: int) -> None:
        """A number's next value; the next word."""
        param = self.looked_at
        if self._words:
            self._option = min(max(self._option + by, 0), len(self._words) - 1)
            self.refresh()
        elif param is not None:
            self._give(next_text(param, self._form.texts[param.name], by))

    def action_enter(self) -> None:
        """Take what was typed; begin to type; choose the word under the cursor; open a choice."""
        param = self.looked_at
        if param is None:
            return
        text = self._form.texts[param.name]
        if self._line is not None:
            if self._take():
                self.post_message(self.Confirmed(self))
        elif isinstance(param, Choices):
            self._toggle(param, text)
        elif isinstance(param, Choice):
            self._open_or_choose(param, text)
        elif isinstance(param, Switch):
            self.action_change(1)
        else:
            self._type(Line.of(text))

    def action_leave(self) -> None:
        """Take back what is being typed, or close the choice."""
        self._line, self.error = None, ""
        self._open("")
        self.post_message(self.Looked(self))

    def action_restore(self) -> None:
        """Back to what the setting is by itself."""
        param = self.looked_at
        if param is not None and param.name in self._form.changed:
            self.post_message(self.Given(self, param.name, None))

    def on_blur(self) -> None:
        if self._line is not None and not self._take():
            self._line, self.error = None, ""
        self._open("")

    def on_focus(self) -> None:
        self.refresh()
        self.post_message(self.Looked(self))

    def on_click(self, event: events.Click) -> None:
        place = event.y + self.scroll_offset.y
        row = self._rows[place] if place < len(self._rows) else FormRow(())
        if row.param < 0:
            return
        if row.param != self._here:
            self.action_move(row.param - self._here)
        hit = next((word for word, first, last in row.options if first <= event.x < last), None)
        if hit is not None:
            self._option = self._words.index(hit)
        if hit is not None or (not row.options and event.x >= row.value_at):
            self.action_enter()

    # --- what they come to ----------------------------------------------------------------------------------------

    def _go(self, there: int, *, from_below: bool = False) -> None:
        if there != self._here:
            self._open("")
            self._here = there
            last = len(self._words) - 1
            self._option = last - last % self._columns if from_below and last > 0 else 0
        self._bring_in_sight()
        self.refresh()
        self.post_message(self.Looked(self))

    def _open(self, name: str) -> None:
        if name != self._form.opened:
            self._form = Form(self._form.params, self._form.texts, self._form.changed, name)
            self._lay_out()
        self.refresh()

    def _open_or_choose(self, param: Choice, text: str) -> None:
        if self._form.opened != param.name:
            self._open(param.name)
            self._option = param.options.index(text)
            self._bring_in_sight()
            return
        chosen = self.option or text
        self._open("")
        self._give(chosen)

    def _toggle(self, param: Choices, text: str) -> None:
        chosen = toggled(param, text, self.option or param.options[0])
        if chosen:
            self._give(chosen)
        else:
            self.app.bell()

    def _type(self, line: Line) -> None:
        param = self.looked_at
        if param is None:
            return
        self._line = line
        self.error = _why_not(param, line.text)
        self.refresh()
        self.post_message(self.Looked(self))

    def _take(self) -> bool:
        """Take what was typed; False, and it stays, where the setting does not."""
        if self._line is None or self.error:
            return False
        text, self._line = self._line.text, None
        self.refresh()
        self._give(text)
        return True

    def _give(self, text: str) -> None:
        param = self.looked_at
        if param is None:
            return
        text = param.text(param.parse(text))
        if text != self._form.texts[param.name]:
            self.post_message(self.Given(self, param.name, text))


def _why_not(param: Param, text: str) -> str:
    try:
        param.parse(text)
    except SettingError as refused:
        return clean(str(refused))
    return ""
