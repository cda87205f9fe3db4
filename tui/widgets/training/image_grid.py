"""The image grid: images in cells, grey or in colour, with their true and predicted classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.events import Images
from tui.plot.cells import Cells
from tui.plot.pictures import picture
from tui.plot.plot_header import Header
from tui.plot.thumbnails import tile
from tui.text.fit import cut
from tui.widgets.cell_widget import PlotWidget

MOST = 25
"""A 5 by 5 grid."""
PAUSE_S = 1.0
"""An epoch may take a third of a second: the captions cannot be read more often than this."""


class ImageGrid(PlotWidget, can_focus=True):
    """Up to 25 images, as many as fit whole; a wrong prediction is marked by a sign and a colour.

    With several events the keys move through their steps; the grid follows the newest until the learner goes back.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scrub(-1)", "Earlier step"),
        Binding("right", "scrub(1)", "Later step"),
        Binding("home", "scrub_to(0)", "First step", show=False),
        Binding("end", "scrub_to(-1)", "Newest step", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--right"}
    DEFAULT_CSS = "ImageGrid > .cell--right { color: $text-quiet; }"

    index = reactive(-1)
    """The index of the shown event; -1 follows the newest."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=PAUSE_S, id=id, classes=classes)
        self._events: tuple[Images, ...] = ()
        self._none_to_come = False

    def show(self, events: Sequence[Images], index: int | None = None, *, none_to_come: bool = False) -> None:
        """Show one of these events: the one at `index`, or by default the present choice (the newest at first). Without
        an event the title says whether there are `none_to_come`.

        Raises:
            IndexError: there is no event at `index`.
        """
        news = tuple(events)
        if index is not None and not -len(news) <= index < len(news):
            raise IndexError(f"there are {len(news)} image events, none at {index}")
        if index is not None:
            self.index = index
        elif self.index >= len(news):
            self.index = -1
        same = len(news) == len(self._events) and all(a is b for a, b in zip(news, self._events, strict=True))
        if same and none_to_come == self._none_to_come:
            return
        before = self.shown
        self._events, self._none_to_come = news, none_to_come
        if not news or self.shown is not before or self.index != -1:
            self._canvas.changed(now=False)

    @property
    def shown(self) -> Images | None:
        """The event on the screen."""
        return self._events[self.index] if self._events else None

    def action_scrub(self, by: int) -> None:
        """Show an earlier (-1) or later (1) event."""
        here = self.index if self.index >= 0 else len(self._events) - 1
        there = min(max(here + by, 0), len(self._events) - 1)
        self.index = -1 if there >= len(self._events) - 1 else there

    def action_scrub_to(self, index: int) -> None:
        """Show the first (0) or follow the newest (-1)."""
        self.index = index if len(self._events) > 1 else -1

    def watch_index(self) -> None:
        self._canvas.changed()

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        header = Header(width, "images", self._part("title"), self._glyphs)
        event = self.shown
        if event is None:
            header.say(["the inputs are no images" if self._none_to_come else "none yet"], self._part("tick"))
            cells.paste(0, 0, header.cells)
            return cells
        count = min(len(event.images), MOST)
        captions = 2 if tile(width, height - 1, count, caption_rows=2).count >= count else 1
        layout = tile(width, height - 1, count, caption_rows=captions)
        shown = min(layout.count, count)
        header.say_if_room(self._state(event, shown), self._part("tick"))
        cells.paste(0, 0, header.cells)
        for place in range(shown):
            x = place % layout.across * (layout.image_width + 1)
            y = 1 + place // layout.across * (layout.image_height + captions)
            image = picture(
                event.images[place],
                layout.image_width,
                layout.image_height,
                plain=self.app.no_color,
                glyphs=self._glyphs,
            )
            cells.paste(x, y, image)
            for row, (text, style) in enumerate(self._captions(event, place, layout.image_width, captions)):
                cells.put(x, y + layout.image_height + row, text, style)
        return cells

    def _state(self, event: Images, shown: int) -> list[str]:
        place = self.index if self.index >= 0 else len(self._events) - 1
        words = [f"step {event.step:,}"]
        if event.predictions is not None:
            wrong = int((event.predictions != event.labels).sum())
            words.append(f"{wrong} of {len(event.labels)} wrong")
        if shown < min(len(event.images), MOST):
            words.append(f"{shown} shown")
        if len(self._events) > 1:
            words.append(f"{place + 1}/{len(self._events)}")
        return words

    def _captions(self, event: Images, place: int, width: int, rows: int) -> list[tuple[str, Style]]:
        """True class and prediction below an image: in two rows, or in one, in which a wrong one shows both."""
        wrong, arrow, more = ("x ", ">", "~") if self._glyphs.ascii else ("✗ ", "→", "…")
        true = event.class_names[int(event.labels[place])]
        if event.predictions is None:
            return [(cut(true, width, more), self._part("right"))]
        taken = event.class_names[int(event.predictions[place])]
        if taken == true:
            return [(cut(true, width, more), self._part("right"))]
        if rows == 2:
            return [(cut(true, width, more), self._part("right")), (cut(wrong + taken, width, more), self._part("bad"))]
        return [(wrong + _both(true, arrow, taken, width - len(wrong), more), self._part("bad"))]


def _both(true: str, arrow: str, taken: str, width: int, more: str) -> str:
    """`Shirt→Coat`, both names shortened equally if there is little room."""
    room = width - len(arrow)
    half = room // 2
    first = max(room - len(taken), half)
    second = max(room - len(true), room - half)
    return cut(true, first, more) + arrow + cut(taken, second, more)
