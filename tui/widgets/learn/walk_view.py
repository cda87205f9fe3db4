"""The first five minutes as a widget: a picture above the text, and the keys that answer."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.message import Message

from tui.model.walk import Walk, pressed, words
from tui.plot.cells import Cells
from tui.plot.walk_picture import walk_cells
from tui.text.fit import wrap
from tui.text.plain import plain
from tui.widgets.cell_widget import CellWidget

WIDEST = 92
LEAST_PICTURE = 6


class WalkView(CellWidget, can_focus=True):
    """One moment of the walk. Posts Finished when the learner goes on from its end."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--line", "cell--ball", "cell--text", "cell--keys"}
    DEFAULT_CSS = """
    WalkView {
        height: 1fr;
        & > .cell--line { color: $foreground 60%; }
        & > .cell--ball { color: $text-accent; text-style: bold; }
        & > .cell--text { color: $foreground; }
        & > .cell--keys { color: $text-primary; text-style: bold; }
    }
    """

    class Finished(Message):
        """The learner goes on to the exercises."""

        def __init__(self, view: WalkView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> WalkView:
            return self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.walk = Walk()

    def on_key(self, event: events.Key) -> None:
        if self.walk.stage == "end" and event.key == "enter":
            event.stop()
            self.post_message(self.Finished(self))
            return
        after = pressed(self.walk, event.key)
        if after != self.walk:
            event.stop()
            self.walk = after
            self._canvas.changed()

    def draw(self, width: int, height: int) -> Cells:
        rows = self._rows(min(width - 1, WIDEST))
        tall = max(height - len(rows) - 1, LEAST_PICTURE)
        cells = Cells(width, height)
        styles = (self._part("line"), self._part("ball"))
        cells.paste(0, 0, walk_cells(self.walk, width, min(tall, height), *styles, glyphs=self._glyphs))
        for y, (row, part) in enumerate(rows, tall + 1):
            if y < height:
                cells.put(0, y, row, self._part(part))
        return cells

    def _rows(self, width: int) -> list[tuple[str, str]]:
        *told, keys = words(self.walk)
        if self._glyphs.ascii:
            told = [plain(each.replace("←", "left").replace("→", "right")) for each in told]
            keys = plain(keys.replace("←", "left").replace("→", "right"))
        rows = [(row, "text") for each in told for row in ([each] if each.startswith(" ") else wrap(each, width))]
        return [*rows, (keys, "keys")]
