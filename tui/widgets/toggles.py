"""A few words of which some are chosen, all in sight, in as many columns as fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.drawing.cells import Cells
from tui.widgets.canvas import Canvas


class Toggles(Widget, can_focus=True):
    """Words with a mark each; arrow keys move, `space` or `enter` chooses. At least `least` stay chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "choose", "Choose", key_display="space"),
        Binding("left", "move(-1)", "Left", show=False),
        Binding("right", "move(1)", "Right", show=False),
        Binding("up", "move_row(-1)", "Up", show=False),
        Binding("down", "move_row(1)", "Down", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"toggles--on", "toggles--off", "toggles--cursor"}
    DEFAULT_CSS = """
    Toggles {
        height: auto;
        & > .toggles--on { color: $foreground; text-style: bold; }
        & > .toggles--off { color: $foreground 60%; }
        &:focus > .toggles--cursor { color: $block-cursor-foreground; background: $block-cursor-background; }
    }
    """

    class Changed(Message):
        """Other words are chosen now, in the order of the options."""

        def __init__(self, toggles: Toggles, chosen: tuple[str, ...]) -> None:
            super().__init__()
            self.toggles = toggles
            self.chosen = chosen

        @property
        def control(self) -> Toggles:
            return self.toggles

    class Left(Message):
        """The cursor was moved past the first (-1) or last (1) row."""

        def __init__(self, toggles: Toggles, direction: int) -> None:
            super().__init__()
            self.toggles = toggles
            self.direction = direction

    def __init__(
        self,
        options: Sequence[str],
        chosen: Sequence[str] = (),
        *,
        least: int = 1,
        ascii_only: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._options = tuple(options)
        self._chosen = tuple(chosen)
        self._least = least
        self._ascii_only = ascii_only
        self._cursor = 0
        self._canvas = Canvas(self, self._draw)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The words chosen."""
        return self._chosen

    def show(self, chosen: Sequence[str]) -> None:
        """Show these as chosen; posts nothing."""
        if tuple(chosen) != self._chosen:
            self._chosen = tuple(chosen)
            self._canvas.changed()

    def action_choose(self) -> None:
        """Choose the word under the cursor, or no longer."""
        word = self._options[self._cursor]
        chosen = set(self._chosen) ^ {word}
        if len(chosen) < self._least:
            self.app.bell()
            return
        self._chosen = tuple(option for option in self._options if option in chosen)
        self._canvas.changed()
        self.post_message(self.Changed(self, self._chosen))

    def action_move(self, by: int) -> None:
        """Move the cursor by words."""
        self._cursor = min(max(self._cursor + by, 0), len(self._options) - 1)
        self._canvas.changed()

    def action_move_row(self, by: int) -> None:
        """Move the cursor by rows; past the first or last it leaves."""
        there = self._cursor + by * self._columns(self.size.width)
        if 0 <= there < len(self._options):
            self._cursor = there
            self._canvas.changed()
        else:
            self.post_message(self.Left(self, by))

    def on_click(self, event: events.Click) -> None:
        column = self._width
        place = event.y * self._columns(self.size.width) + event.x // column
        if event.x // column < self._columns(self.size.width) and place < len(self._options):
            self._cursor = place
            self.action_choose()

    def on_focus(self) -> None:
        self._canvas.changed()

    def on_blur(self) -> None:
        self._canvas.changed()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._canvas.changed()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return -(-len(self._options) // self._columns(width))

    @property
    def _width(self) -> int:
        """Cells a word takes: mark, space, word, gap."""
        return max((len(option) for option in self._options), default=0) + (6 if self._ascii_only else 4)

    def _columns(self, width: int) -> int:
        return max((width + 2) // self._width, 1)

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def _draw(self, width: int, height: int) -> list[Strip]:
        cells = Cells(width, height)
        columns = self._columns(width)
        on, off = ("[x]", "[ ]") if self._ascii_only else ("■", "□")
        for place, option in enumerate(self._options):
            chosen = option in self._chosen
            style = self._part("on" if chosen else "off")
            if place == self._cursor and self.has_focus:
                style = style + self._part("cursor")
            cells.put(place % columns * self._width, place // columns, f"{on if chosen else off} {option}", style)
        return cells.strips()

    def _part(self, name: str) -> Style:
        return self.get_component_rich_style(f"toggles--{name}", partial=True)
