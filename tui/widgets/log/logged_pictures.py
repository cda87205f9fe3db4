"""Images of a log in cells, with the keys to move through their steps; one of them alone, and a part of it enlarged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.log.event_values import LoggedImages, decoded
from tui.plot.cells import Cells
from tui.plot.pictures import Pixels, bounded, enlarged, fitted, picture, tiled
from tui.widgets.log.step_view import StepView

MOST = 25
"""The most images of one step that are shown."""
MOST_ZOOM = 6
"""Zoom level 1 is one image alone; each further level shows half as much of it in each direction."""
_AT_ONCE_BYTES = 100_000
"""Files up to this total size are decoded immediately; larger ones in a thread, without blocking the screen."""
_MOST_READY = 6


class LoggedPictures(StepView):
    """The images of one step, as large as they fit. Zoomed in, the arrow keys move over the image."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign,enter", "zoom(1)", "Zoom in", key_display="+"),
        Binding("minus", "zoom(-1)", "Zoom out", key_display="-", show=False),
        Binding("0", "zoom_out", "All images", show=False),
        Binding("up", "move(-1)", "Image before, or up", show=False),
        Binding("down", "move(1)", "Image", key_display="↑ ↓"),
    ]

    zoom = reactive(0)
    """The zoom level: 0 shows all images, 1 one of them, each further level half as much of it in each direction."""
    chosen = reactive(0)
    """The index of the image shown alone."""
    middle = reactive((0.5, 0.5))
    """The centre of the zoom, as fractions of the image's width and height."""

    def __init__(self, *, pause_s: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=pause_s, id=id, classes=classes)
        self._ready: dict[int, tuple[LoggedImages, tuple[Pixels | None, ...]]] = {}
        self._sharp: tuple[bytes, Pixels | None] = (b"", None)

    def tracks_changed(self, *, moved: bool) -> None:
        entry = self.shown
        if moved and isinstance(entry, LoggedImages) and id(entry) not in self._ready:
            if sum(map(len, entry.files)) <= _AT_ONCE_BYTES:
                self._keep(entry, _decoded(entry))
            else:
                self.run_worker(self._prepare(entry), group="decode", exclusive=True)
        self._sharpen()
        self._canvas.changed(now=moved and self.index != -1)

    async def _prepare(self, entry: LoggedImages) -> None:
        self._keep(entry, await asyncio.to_thread(_decoded, entry))
        self._canvas.changed()

    def _keep(self, entry: LoggedImages, images: tuple[Pixels | None, ...]) -> None:
        while len(self._ready) >= _MOST_READY:
            del self._ready[next(iter(self._ready))]
        self._ready[id(entry)] = (entry, images)

    # --- zoom ---------------------------------------------------------------------------------------------------------

    def action_zoom(self, by: int) -> None:
        """Zoom in (1), first to one image, or out (-1)."""
        self.zoom = min(max(self.zoom + by, 0), MOST_ZOOM)

    def action_zoom_out(self) -> None:
        """Show all images again."""
        self.zoom = 0

    def action_move(self, by: int) -> None:
        """Show the previous or the next image alone; zoomed in, move up or down."""
        if self.zoom > 1:
            self._pan(0, by)
        else:
            self.chosen += by

    def action_scrub(self, by: int) -> None:
        """Show an earlier or a later step; zoomed in, move left or right."""
        if self.zoom > 1:
            self._pan(by, 0)
        else:
            super().action_scrub(by)

    def _pan(self, across: int, down: int) -> None:
        """Move by a quarter of the visible part."""
        part = 0.25 * 0.5 ** (self.zoom - 1)
        self.middle = (self.middle[0] + across * part, self.middle[1] + down * part)

    def validate_chosen(self, number: int) -> int:
        entry = self.shown
        count = len(entry.files[:MOST]) if isinstance(entry, LoggedImages) else 1
        return min(max(number, 0), max(count - 1, 0))

    def validate_middle(self, middle: tuple[float, float]) -> tuple[float, float]:
        half = 0.5 * 0.5 ** max(self.zoom - 1, 0)
        return min(max(middle[0], half), 1 - half), min(max(middle[1], half), 1 - half)

    def watch_zoom(self) -> None:
        self.middle = self.middle if self.zoom > 1 else (0.5, 0.5)
        self._sharpen()
        self._canvas.changed()

    def watch_chosen(self) -> None:
        self._sharpen()
        self._canvas.changed()

    def watch_middle(self) -> None:
        self._canvas.changed()

    def _sharpen(self) -> None:
        """Decode every pixel of a large zoomed image: only an averaged version is kept otherwise."""
        file = self._file
        if self.zoom > 1 and file and file != self._sharp[0]:
            self.run_worker(self._decode(file), group="sharpen", exclusive=True)

    async def _decode(self, file: bytes) -> None:
        self._sharp = (file, await asyncio.to_thread(decoded, file))
        self._canvas.changed()

    @property
    def _file(self) -> bytes:
        """The file of the image shown alone; empty if there is none."""
        entry = self.shown
        return entry.files[self.chosen] if isinstance(entry, LoggedImages) and self.chosen < len(entry.files) else b""

    # --- drawing ------------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        entry = self.shown
        images = self._ready.get(id(entry), (entry, ()))[1]
        said = _words(entry, images)
        if self.zoom and self.chosen < len(images):
            said += self._draw_alone(cells, images[self.chosen], len(images))
        else:
            said += self._draw_all(cells, [image for image in images if image is not None])
        cells.paste(0, 0, self.header(width, said))
        return cells

    def _draw_all(self, cells: Cells, whole: Sequence[Pixels]) -> list[str]:
        if not whole:
            return []
        tiles = tiled(len(whole), whole[0].shape[1], whole[0].shape[0], cells.width, cells.height - 1)
        for number, image in enumerate(whole[: tiles.count]):
            x, y = tiles.place(number)
            cells.paste(x, y + 1, self._picture(image, tiles.columns, tiles.rows))
        return [f"{tiles.count} of {len(whole)} shown"] if tiles.count < len(whole) else []

    def _draw_alone(self, cells: Cells, image: Pixels | None, count: int) -> list[str]:
        said = [f"image {self.chosen + 1} of {count}"] if count > 1 else []
        if self.zoom > 1 and self._sharp[0] == self._file and self._sharp[1] is not None:
            image = self._sharp[1]
        if image is not None and cells.height > 1:
            said.append(f"{2 ** (self.zoom - 1)}x" if self.zoom > 1 else f"{image.shape[1]}x{image.shape[0]}")
            part = bounded(enlarged(image, self.middle, 2 ** (self.zoom - 1)))
            columns, rows = fitted(part.shape[1], part.shape[0], cells.width, cells.height - 1, most=64)
            cells.paste((cells.width - columns) // 2, 1, self._picture(part, columns, rows))
        return said

    def _picture(self, image: Pixels, columns: int, rows: int) -> Cells:
        return picture(image, columns, rows, plain=self.app.no_color, glyphs=self._glyphs)


def _decoded(entry: LoggedImages) -> tuple[Pixels | None, ...]:
    images = (decoded(file) for file in entry.files[:MOST])
    return tuple(None if image is None or not image.size else bounded(image) for image in images)


def _words(entry: object, images: Sequence[Pixels | None]) -> list[str]:
    """Remarks on the images, shown beside their step."""
    if not isinstance(entry, LoggedImages):
        return []
    if not images:
        return ["decoding"] if entry.files else ["no image"]
    words = []
    broken = sum(image is None for image in images)
    if broken:
        words.append(f"{broken} cannot be decoded")
    if len(entry.files) > MOST:
        words.append(f"the first {MOST} of {len(entry.files)}")
    return words
