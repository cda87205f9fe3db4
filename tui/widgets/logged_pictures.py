"""Images of a log in cells, scrubbed over their steps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.event_values import LoggedImages, decoded
from tui.drawing.cells import Cells
from tui.drawing.pictures import Pixels, bounded, picture, tiled
from tui.widgets.step_view import StepView

MOST = 25
"""Images of one step that are shown."""
_AT_ONCE_BYTES = 100_000
"""Files up to this size in all are decoded on the spot; larger ones in a thread, which the screen does not wait for."""
_MOST_READY = 6


class LoggedPictures(StepView):
    """The images of one step, as large as they fit."""

    def __init__(
        self, *, pause_s: float = 0.0, ascii_only: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(pause_s=pause_s, ascii_only=ascii_only, id=id, classes=classes)
        self._ready: dict[int, tuple[LoggedImages, tuple[Pixels | None, ...]]] = {}

    def tracks_changed(self, *, moved: bool) -> None:
        entry = self.shown
        if moved and isinstance(entry, LoggedImages) and id(entry) not in self._ready:
            if sum(map(len, entry.files)) <= _AT_ONCE_BYTES:
                self._keep(entry, _decoded(entry))
            else:
                self.run_worker(self._prepare(entry), group="decode", exclusive=True)
        self._canvas.changed(now=moved and self.index != -1)

    async def _prepare(self, entry: LoggedImages) -> None:
        self._keep(entry, await asyncio.to_thread(_decoded, entry))
        self._canvas.changed()

    def _keep(self, entry: LoggedImages, images: tuple[Pixels | None, ...]) -> None:
        while len(self._ready) >= _MOST_READY:
            del self._ready[next(iter(self._ready))]
        self._ready[id(entry)] = (entry, images)

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        entry = self.shown
        images = self._ready.get(id(entry), (entry, ()))[1]
        whole = [image for image in images if image is not None]
        said = _words(entry, images)
        if whole:
            tiles = tiled(len(whole), whole[0].shape[1], whole[0].shape[0], width, height - 1)
            if tiles.count < len(whole):
                said.append(f"{tiles.count} of {len(whole)} shown")
            for number, image in enumerate(whole[: tiles.count]):
                x, y = tiles.place(number)
                drawn = picture(image, tiles.columns, tiles.rows, plain=self.app.no_color, ascii_only=self._ascii_only)
                cells.paste(x, y + 1, drawn)
        cells.paste(0, 0, self.header(width, said))
        return cells


def _decoded(entry: LoggedImages) -> tuple[Pixels | None, ...]:
    images = (decoded(file) for file in entry.files[:MOST])
    return tuple(None if image is None or not image.size else bounded(image) for image in images)


def _words(entry: object, images: Sequence[Pixels | None]) -> list[str]:
    """What is to be said of the images beside their step."""
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
