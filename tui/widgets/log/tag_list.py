"""What the logs that are shown have to look at: tags under the heading of their kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.attach_names import Item, ItemKind
from tui.drawing.cells import Cells
from tui.text import clean
from tui.widgets.row_list import RowList
from tui.widgets.run_list import middle_cut

HEADINGS: dict[ItemKind, str] = {
    "scalars": "scalars",
    "images": "images",
    "histograms": "histograms",
    "texts": "texts",
}
WHOLE: dict[ItemKind, str] = {
    "all": "all scalars",
    "hparams": "hyperparameters",
    "about": "about the run",
}


class TagList(RowList):
    """Moving the cursor shows what it is on; `enter` goes there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Look at it", key_display="enter"),
        Binding("space", "open", "Look at it", key_display="space", show=False),
    ]

    class Opened(Message):
        """The item under the cursor was chosen."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._items: Sequence[Item] = ()
        self._rows: list[Item | str] = []

    def show(self, items: Sequence[Item], item: Item) -> None:
        """Show these items, the cursor on one of them."""
        if items is not self._items:
            self._items = items
            self._rows = _with_headings(items)
            self.changed()
        if self.highlighted != item and item in items:
            self.put_cursor(self._rows.index(item))

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def highlighted(self) -> Item | None:
        """The item under the cursor."""
        row = self._rows[self.cursor] if self.cursor < len(self._rows) else None
        return row if isinstance(row, Item) else None

    def is_heading(self, row: int) -> bool:
        return isinstance(self._rows[row], str)

    def action_open(self) -> None:
        """Go to what is shown."""
        self.post_message(self.Opened())

    def draw_row(self, cells: Cells, y: int, row: int) -> None:
        item = self._rows[row]
        if isinstance(item, str):
            cells.put(0, y, item, self._part("heading"))
        elif item.kind in WHOLE:
            cells.put(0, y, WHOLE[item.kind], self._part("row"))
        else:
            mark = "~" if self._ascii_only else "…"
            cells.put(1, y, middle_cut(clean(item.tag), cells.width - 1, mark), self._part("row"))


def _with_headings(items: Sequence[Item]) -> list[Item | str]:
    rows: list[Item | str] = []
    before: ItemKind | None = None
    for item in items:
        if item.kind != before and item.kind in HEADINGS:
            rows.append(HEADINGS[item.kind])
        before = item.kind
        rows.append(item)
    return rows
