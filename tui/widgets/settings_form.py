"""Every setting of a lesson in one widget: moved through by arrow keys, changed by them, typed where a number is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from engine.errors import SettingError
from engine.params import Choice, Choices, Integer, Number, Param, Switch
from tui.drawing.form import ASCII, UNICODE, Form, FormRow, form_rows
from tui.line_editor import Line
from tui.stepping import stepped
from tui.text import clean
from tui.widgets.parts import Parts


class SettingsForm(ScrollView, can_focus=True):
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
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"settings-form--{part}" for part in
          ("name", "changed", "live", "value", "on", "off", "group", "mark", "here", "option", "caret", "bad")),
    }  # fmt: skip
    DEFAULT_CSS = """
    SettingsForm {
        height: 1fr;
        scrollbar-size: 1 1;
        & > .settings-form--name { color: $foreground 75%; }
        & > .settings-form--changed { color: $foreground; text-style: bold; }
        & > .settings-form--live { color: $text-accent; text-style: bold; }
        & > .settings-form--value { color: $foreground; }
        & > .settings-form--on { color: $foreground; text-style: bold; }
        & > .settings-form--off { color: $foreground 60%; }
        & > .settings-form--group { color: $text-primary; }
        & > .settings-form--mark { color: $foreground 50%; }
        & > .settings-form--here { background: $primary 30%; text-style: bold; }
        & > .settings-form--option { color: $block-cursor-foreground; background: $primary; text-style: bold; }
        & > .settings-form--caret { color: $background; background: $foreground; }
        & > .settings-form--bad { color: $text-error; text-style: bold; }
    }
    """

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

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._marks = ASCII if ascii_only else UNICODE
        self._form = Form((), {})
        self._rows: list[FormRow] = []
        self._here = 0
        self._option = 0
        self._line: Line | None = None
        self._parts = Parts(self, "settings-form")
        self.error = ""

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

    @property
    def looked_at(self) -> Param | None:
        """The setting that keys act on."""
        return self._form.params[self._here] if self._here < len(self._form.params) else None

    @property
    def typing(self) -> str | None:
        """What is being typed; None while nothing is."""
        return self._line.text if self._line is not None else None

    @property
    def option(self) -> str | None:
        """The word under the cursor, where the setting has words."""
        words = self._words
        return words[min(self._option, len(words) - 1)] if words else None

    def look_at(self, name: str) -> bool:
        """Look at a setting; False where it is not shown."""
        names = [param.name for param in self._form.params]
        if name not in names:
            return False
        self._go(names.index(name))
        return True

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self._line is not None and Line.of("").pressed(key, character) is not None

    def on_key(self, event: events.Key) -> None:
        if self._line is None:
            return
        changed = self._line.pressed(event.key, event.character)
        if changed is not None:
            event.stop()
            event.prevent_default()
            self._type(changed)

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
        if param is None:
            return
        text = self._form.texts[param.name]
        if self._words:
            self._option = min(max(self._option + by, 0), len(self._words) - 1)
            self.refresh()
        elif isinstance(param, Number | Integer):
            self._give(param.text(stepped(param, param.parse(text), by)))
        elif isinstance(param, Choice):
            self._give(param.options[(param.options.index(text) + by) % len(param.options)])
        elif isinstance(param, Switch):
            self._give("off" if text == "on" else "on")

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

    @property
    def _words(self) -> tuple[str, ...]:
        """The words among which the cursor moves."""
        param = self.looked_at
        if isinstance(param, Choices) or (isinstance(param, Choice) and self._form.opened == param.name):
            return param.options
        return ()

    @property
    def _columns(self) -> int:
        return max((len(row.options) for row in self._rows if row.param == self._here), default=1) or 1

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
        chosen = set(text.split(",")) ^ {self.option or param.options[0]}
        if chosen:
            self._give(",".join(option for option in param.options if option in chosen))
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

    # --- drawing --------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width or self.size.width
        if width <= 0:
            return
        self._rows = form_rows(self._form, width, self._marks)
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()

    def _bring_in_sight(self) -> None:
        mine = [place for place, row in enumerate(self._rows) if row.param == self._here]
        if mine:
            region = Region(0, mine[0], 1, min(len(mine), max(self.size.height, 1)))
            self.scroll_to_region(region, animate=False, force=True)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._parts.forget()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        row = self._rows[place] if place < len(self._rows) else FormRow(())
        strip = self._strip(row, width)
        return strip.adjust_cell_length(width, self.rich_style).apply_style(self.rich_style)

    def _strip(self, row: FormRow, width: int) -> Strip:
        here = row.param == self._here and self.has_focus and row.param >= 0
        if here and self._line is not None:
            return self._typed_strip(row, width)
        over = self._parts("here") if here and not row.options else Style.null()
        segments = []
        for text, role in row.pieces:
            style = self._parts(role) + over
            if here and self.option is not None and text.endswith(f" {self.option}"):
                style = self._parts("option")
            segments.append(Segment(text, style))
        strip = Strip(segments)
        return strip.adjust_cell_length(width, over) if here and not row.options else strip

    def _typed_strip(self, row: FormRow, width: int) -> Strip:
        """The row with the line in the place of its value, around its caret."""
        assert self._line is not None
        room = max(width - row.value_at, 2)
        first = max(self._line.caret - room + 1, 0)
        shown = f"{self._line.text} "[first : first + room]
        caret = self._line.caret - first
        style = self._parts("bad" if self.error else "value") + self._parts("here")
        lead = [Segment(text, self._parts(role) + self._parts("here")) for text, role in row.pieces[:2]]
        value = [
            Segment(shown[:caret], style),
            Segment(shown[caret : caret + 1], self._parts("caret")),
            Segment(shown[caret + 1 :], style),
        ]
        return Strip([*lead, *value]).adjust_cell_length(width, self._parts("here"))


def _why_not(param: Param, text: str) -> str:
    try:
        param.parse(text)
    except SettingError as refused:
        return clean(str(refused))
    return ""
