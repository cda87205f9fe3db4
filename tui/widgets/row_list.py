"""A list of which only the rows in sight are made and drawn, so that ten thousand cost what twenty do."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from tui.drawing.cells import Cells
from tui.widgets.drawn import Bare


class RowList(Bare, can_focus=True):
    """Rows 0 to `count` - 1, one of them under the cursor. What a row is, and how it is drawn, subclasses say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "to_end(-1)", "First", show=False),
        Binding("end", "to_end(1)", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "drawn--row",
        "drawn--faint",
        "drawn--heading",
        "drawn--busy",
        "drawn--good",
        "drawn--bad",
        "drawn--cursor",
    }
    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        & > .drawn--row { color: $foreground 90%; }
        & > .drawn--faint { color: $foreground 60%; }
        & > .drawn--heading { color: $text-accent; text-style: bold; }
        & > .drawn--busy { color: $text-accent; text-style: bold; }
        & > .drawn--good { color: $text-success; }
        & > .drawn--bad { color: $text-error; text-style: bold; }
        & > .drawn--cursor { background: $foreground 12%; }
        &:focus > .drawn--cursor { background: $primary 45%; text-style: bold; }
    }
    """

    cursor = reactive(0)
    """The row that is highlighted."""

    class Highlighted(Message):
        """The cursor was moved to another row."""

        def __init__(self, rows: RowList, row: int) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        def control(self) -> RowList:
            return self.rows

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._top = 0
        self._counted = 0

    @property
    @abstractmethod
    def count(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def draw_row(self, cells: Cells, y: int, row: int) -> None:
        """Write a row into line `y`."""

    @property
    def header_rows(self) -> int:
        """How many lines above the rows do not scroll."""
        return 0

    def draw_header(self, cells: Cells) -> None:
        """Write the lines above the rows."""

    def is_heading(self, row: int) -> bool:
        """Whether the cursor passes over a row."""
        return False

    def put_cursor(self, row: int) -> None:
        """Put the cursor on a row; posts nothing."""
        self.cursor = min(max(row, 0), max(self.count - 1, 0))

    def changed(self) -> None:
        """Rows are others than before, or look different."""
        self.cursor = min(self.cursor, max(self.count - 1, 0))
        if self.count != self._counted:
            self._counted = self.count
            self.refresh(layout=self.styles.is_auto_height)
        self._canvas.changed()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self.count + self.header_rows

    # --- keys and mouse -----------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by rows, over headings."""
        there = min(max(self.cursor + by, 0), self.count - 1)
        ahead = range(there, self.count) if by > 0 else range(there, -1, -1)
        behind = range(there, self.cursor, 1 if there < self.cursor else -1)
        there = next((row for row in (*ahead, *behind) if not self.is_heading(row)), self.cursor)
        if there != self.cursor:
            self.cursor = there
            self.post_message(self.Highlighted(self, there))

    def action_page(self, by: int) -> None:
        """Move the cursor by as many rows as are in sight."""
        self.action_move(by * max(self.size.height - self.header_rows - 1, 1))

    def action_to_end(self, direction: int) -> None:
        """Put the cursor on the first (-1) or last (1) row."""
        self.action_move(direction * self.count)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row that was clicked."""
        row = self._top + event.y - self.header_rows
        if 0 <= row < self.count and not self.is_heading(row) and row != self.cursor:
            self.cursor = row
            self.post_message(self.Highlighted(self, row))

    def on_mouse_scroll_down(self) -> None:
        self.action_move(1)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-1)

    def watch_cursor(self) -> None:
        self._canvas.changed()

    # --- drawing ------------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        self._scroll(max(height - self.header_rows, 1))
        self.draw_header(cells)
        for row in range(self._top, min(self.count, self._top + height - self.header_rows)):
            y = row - self._top + self.header_rows
            self.draw_row(cells, y, row)
            if row == self.cursor:
                over = self._part("cursor")
                for x in range(width):
                    cells.restyle(x, y, over)
                if self.app.no_color and self.has_focus:
                    cells.put(width - 1, y, "<", over)
        return cells

    def _scroll(self, height: int) -> None:
        """As little as it takes to have the cursor in sight, and the heading above the first row."""
        if self.cursor < self._top:
            self._top = self.cursor
            if self._top and self.is_heading(self._top - 1):
                self._top -= 1
        self._top = max(self._top, self.cursor - height + 1)
        self._top = max(min(self._top, self.count - height), 0)
