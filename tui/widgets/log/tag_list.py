"""The tag list: the tags that can be shown, under the heading of their kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.model.log_names import ItemKind, TagItem
from tui.plot.cells import Cells
from tui.text.clean import clean
from tui.widgets.log.run_list import middle_cut
from tui.widgets.row_list import RowList

HEADINGS: dict[ItemKind, str] = {
    "charts": "charts",
    "scalars": "scalars",
    "images": "images",
    "histograms": "histograms",
    "curves": "precision-recall curves",
    "audio": "audio",
    "texts": "texts",
}
WHOLE: dict[ItemKind, str] = {
    "all": "all scalars",
    "hparams": "hyperparameters",
    "about": "about the run",
}


class TagList(RowList):
    """A list that shows the item under the cursor at once; `enter` moves the focus there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Look at it", key_display="enter"),
        Binding("space", "open", "Look at it", key_display="space", show=False),
        Binding("p", "pin", "Pin"),
    ]

    class Opened(Message):
        """The item under the cursor was chosen."""

    class Pinned(Message):
        """A request to pin an item before the others, or to unpin it."""

        def __init__(self, item: TagItem) -> None:
            super().__init__()
            self.item = item

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._items: Sequence[TagItem] = ()
        self._rows: list[TagItem | str] = []

    def show(self, items: Sequence[TagItem], item: TagItem, pinned: Collection[TagItem] = ()) -> None:
        """Show these items, with the cursor on one of them; those `pinned` are under their own heading."""
        if items is not self._items:
            self._items = items
            self._rows = _with_headings(items, pinned)
            self.changed()
        if self.highlighted != item and item in items:
            self.put_cursor(self._rows.index(item))

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def highlighted(self) -> TagItem | None:
        """The item under the cursor."""
        row = self._rows[self.cursor] if self.cursor < len(self._rows) else None
        return row if isinstance(row, TagItem) else None

    def is_heading(self, row: int) -> bool:
        return isinstance(self._rows[row], str)

    def action_open(self) -> None:
        """Move the focus to the shown item."""
        self.post_message(self.Opened())

    def action_pin(self) -> None:
        """Pin the item under the cursor before the others, or unpin it."""
        if self.highlighted is not None:
            self.post_message(self.Pinned(self.highlighted))

    def draw_row(self, cells: Cells, y: int, row: int) -> None:
        item = self._rows[row]
        if isinstance(item, str):
            cells.put(0, y, item, self._part("heading"))
        elif item.kind in WHOLE:
            cells.put(0, y, WHOLE[item.kind], self._part("row"))
        else:
            mark = self._glyphs.more
            cells.put(1, y, middle_cut(clean(item.tag), cells.width - 1, mark), self._part("row"))


def _with_headings(items: Sequence[TagItem], pinned: Collection[TagItem]) -> list[TagItem | str]:
    rows: list[TagItem | str] = []
    before = ""
    for item in items:
        heading = "pinned" if item in pinned else HEADINGS.get(item.kind, "")
        if heading and heading != before:
            rows.append(heading)
        before = heading
        rows.append(item)
    return rows
