"""Settings on the screen: rows that scroll, the one that keys act on, and the line that is typed into it."""

from __future__ import annotations

from typing import ClassVar

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from engine.params import Choice, Choices, Param
from tui.drawing.form import ASCII, UNICODE, Form, FormRow, form_rows
from tui.drawing.form_strips import chosen_strip, row_strip, typed_strip
from tui.line_editor import Line
from tui.widgets.parts import Parts

_PARTS = ("name", "changed", "live", "value", "on", "off", "group", "mark", "here", "option", "caret", "bad")


class FormSheet(ScrollView):
    """What is shown of a form, and where its cursor is; SettingsForm adds what the keys do."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"form-sheet--{part}" for part in _PARTS}
    DEFAULT_CSS = """
    FormSheet {
        height: 1fr;
        scrollbar-size: 1 1;
        & > .form-sheet--name { color: $foreground 75%; }
        & > .form-sheet--changed { color: $foreground; text-style: bold; }
        & > .form-sheet--live { color: $text-accent; text-style: bold; }
        & > .form-sheet--value { color: $foreground; }
        & > .form-sheet--on { color: $foreground; text-style: bold; }
        & > .form-sheet--off { color: $foreground 60%; }
        & > .form-sheet--group { color: $text-primary; }
        & > .form-sheet--mark { color: $foreground 50%; }
        & > .form-sheet--here { background: $primary 30%; text-style: bold; }
        & > .form-sheet--option { color: $block-cursor-foreground; background: $primary; text-style: bold; }
        & > .form-sheet--caret { color: $background; background: $foreground; }
        & > .form-sheet--bad { color: $text-error; text-style: bold; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._marks = ASCII if ascii_only else UNICODE
        self._form = Form((), {})
        self._rows: list[FormRow] = []
        self._here = 0
        self._option = 0
        self._line: Line | None = None
        self._parts = Parts(self, "form-sheet")
        self.error = ""

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

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width or self.size.width
        if width <= 0:
            return
        before, self._rows = len(self._rows), form_rows(self._form, width, self._marks)
        self.virtual_size = Size(width, len(self._rows))
        self.refresh(layout=self.styles.auto_dimensions and len(self._rows) != before)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(form_rows(self._form, width, self._marks))

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
        if row.param < 0 or row.param != self._here or not self.has_focus:
            return row_strip(row, self._parts)
        if self._line is not None:
            return typed_strip(row, width, self._parts, self._line, bad=bool(self.error))
        return chosen_strip(row, width, self._parts, self.option)
