"""The audio clips of a log, listed by their headers: a terminal plays no sound."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from engine.log.audio import Clip
from engine.log.event_values import LoggedAudio
from tui.plot.cells import Cells
from tui.text.clean import clean
from tui.text.fit import cut
from tui.text.words import counted, duration, size
from tui.widgets.log.step_view import StepView

_TITLES = ("clip", "file", "length", "samples/s", "channels", "size", "label")
_LONGEST = 200


class AudioList(StepView):
    """One row per clip of one step."""

    def tracks_changed(self, *, moved: bool) -> None:
        self._canvas.changed(now=moved and self.index != -1)

    def draw(self, width: int, height: int) -> Cells:
        cells, tick = Cells(width, height), self._part("tick")
        entry = self.shown
        clips = entry.clips if isinstance(entry, LoggedAudio) else ()
        rows = [_TITLES, *(_row(number, clip) for number, clip in enumerate(clips, 1))]
        wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for y, row in enumerate(rows[: max(height - 4, 1)]):
            text = "  ".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True))
            text = self._glyphs.spelled(text)
            cells.put(1, y + 2, cut(text, width - 1, self._glyphs.more), tick if y == 0 else Style())
        words = "A terminal plays no sound; TensorBoard's Audio tab does."
        cells.put(1, min(len(rows) + 3, height - 1), words, tick)
        cells.paste(0, 0, self.header(width, [counted(len(clips), "clip")] if clips else []))
        return cells


def _row(number: int, clip: Clip) -> Sequence[str]:
    return (
        str(number),
        clip.kind,
        duration(clip.seconds) if clip.seconds else "?",
        f"{clip.rate_hz:,}" if clip.rate_hz else "?",
        {0: "?", 1: "mono", 2: "stereo"}.get(clip.channels, str(clip.channels)),
        size(clip.size),
        clean(clip.label[:_LONGEST]),
    )
