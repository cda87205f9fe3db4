"""The settings form on the screen: rows that scroll, the selected one, and the input line over its value."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from engine.params import Choice, Choices, Param
from tui.model.stepping import words_of
from tui.widgets.ascii import DrawsAscii
from tui.widgets.component_styles import ComponentStyles
from tui.widgets.field_input import FieldInput
from tui.widgets.learn.form_rows import Form, FormRow, form_rows
from tui.widgets.learn.form_strips import chosen_strip, row_strip, typed_strip

_PARTS = ("name", "changed", "live", "value", "on", "off", "group", "mark", "here", "option")


class SettingInput(FieldInput):
    """The input line, over the value of the selected setting. The form's own keys apply the typed text."""

    DEFAULT_CSS = """
    SettingInput, SettingInput:focus {
        position: absolute;
        padding: 0;
        border: none;
        color: $foreground;
        background: $row-focus-background;
        background-tint: $foreground 0%;
        text-style: $row-focus-style;
    }
    SettingInput.-refused, SettingInput.-refused:focus { color: $text-error; text-style: bold $row-focus-style; }
    """

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "submit"  # enter belongs to the form


class FormSheet(DrawsAscii, ScrollView):
    """The display of a form and its cursor; SettingsForm adds the effects of keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"form-sheet--{part}" for part in _PARTS}
    DEFAULT_CSS = """
    FormSheet {
        height: 1fr;
        scrollbar-size: 1 1;
        & > .form-sheet--name { color: $text-quiet; }
        & > .form-sheet--changed { color: $foreground; text-style: bold; }
        & > .form-sheet--live { color: $text-accent; text-style: bold; }
        & > .form-sheet--value { color: $foreground; }
        & > .form-sheet--on { color: $foreground; text-style: bold; }
        & > .form-sheet--off { color: $text-quiet; }
        & > .form-sheet--group { color: $text-primary; }
        & > .form-sheet--mark { color: $foreground 50%; }
        & > .form-sheet--here { background: $row-focus-background; text-style: $row-focus-style; }
        & > .form-sheet--option {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
        }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._form = Form((), {})
        self._rows: list[FormRow] = []
        self._here = 0
        self._option = 0
        self._entry = SettingInput()
        self._entry.display = False
        self._types = False
        self._parts = ComponentStyles(self, "form-sheet")
        self.error = ""
        """Why the typed text is not accepted; empty if it is."""
        self.hint = ""
        """A message shown once instead of a setting's help."""

    def compose(self) -> ComposeResult:
        yield self._entry

    @property
    def is_container(self) -> bool:
        """Whether children are laid out: the input line is one, the rows are not."""
        return True

    @property
    def looked_at(self) -> Param | None:
        """The selected setting."""
        return self._form.params[self._here] if self._here < len(self._form.params) else None

    @property
    def typing(self) -> str | None:
        """The typed text; None while nothing is typed."""
        return self._entry.value if self._types else None

    @property
    def option(self) -> str | None:
        """The word under the cursor, if the setting has words."""
        words = self._words
        return words[min(self._option, len(words) - 1)] if words else None

    @property
    def _words(self) -> tuple[str, ...]:
        """The words among which the cursor moves."""
        param = self.looked_at
        if isinstance(param, Choices) or (isinstance(param, Choice) and self._form.opened == param.name):
            return words_of(param, self._form.texts[param.name])
        return ()

    @property
    def _columns(self) -> int:
        return max((len(row.options) for row in self._rows if row.param == self._here), default=1) or 1

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width or self.size.width
        if width <= 0:
            return
        before, self._rows = len(self._rows), form_rows(self._form, width, self._glyphs)
        self.virtual_size = Size(width, len(self._rows))
        self._place_entry()
        self.refresh(layout=self.styles.auto_dimensions and len(self._rows) != before)

    def _place_entry(self) -> None:
        """Place the input line over the value of the selected setting."""
        typed = (place for place, row in enumerate(self._rows) if row.param == self._here and not row.options)
        place = next(typed, None) if self._types else None
        if place is not None:
            at = self._rows[place].value_at
            self._entry.styles.offset = (at, place)
            self._entry.styles.width = max(self.scrollable_content_region.width - at, 2)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._types:  # the rows are drawn at their present places, the input line is laid out
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(form_rows(self._form, width, self._glyphs))

    def _scroll_to_cursor(self) -> None:
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
        if row.param < 0 or row.param != self._here or not (self.has_focus or self._types):
            return row_strip(row, self._parts)
        if self._types:
            return row_strip(row, self._parts) if row.options else typed_strip(row, width, self._parts)
        return chosen_strip(row, width, self._parts, self.option)
