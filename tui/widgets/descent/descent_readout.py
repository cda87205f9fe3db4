"""The readout of one path: step, position, value, gradient, rate, stability, and a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from rich.style import Style

from tui.plot import path_styles
from tui.plot.cells import Cells
from tui.plot.stability_meter import StabilityMeter, bar, meter
from tui.text.fit import cut, fitting, fullest, shortened
from tui.text.words import number
from tui.views.descent_picture import DescentPicture
from tui.views.step_parts import PLAIN_DESCENT, memory_words, step_parts
from tui.widgets.cell_widget import CellWidget

PAUSE_S = 0.1
"""Numbers that change more often cannot be read."""
_WIDE = 9
"""The columns of a number that changes with every step: it keeps its place."""


class DescentReadout(CellWidget):
    """One row of numbers for the chosen path, one for its stability, one for its optimizer's slots (if it has some),
    and one for a note (if there is one).

    What does not fit is left out, the least important first.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "cell--text",
        "cell--name",
        "cell--scrubbed",
        "cell--stable",
        "cell--unstable",
        "cell--note",
    }
    DEFAULT_CSS = """
    DescentReadout {
        height: 1;
        & > .cell--text { color: $foreground; }
        & > .cell--name { color: $foreground; text-style: bold; }
        & > .cell--scrubbed { color: $text-accent; text-style: bold; }
        & > .cell--stable { color: $text-quiet; }
        & > .cell--unstable { color: $text-error; }
        & > .cell--note { color: $text-accent; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=PAUSE_S, id=id, classes=classes)
        self._picture = DescentPicture()
        self._step, self._path, self._scrubbed = 0, 0, False
        self._meter_shown = True

    def show(
        self, picture: DescentPicture, step: int, path: int = 0, *, scrubbed: bool = False, now: bool = False
    ) -> None:
        """Show `step` of `path`; `scrubbed` means that it is not the newest, `now` that it must be drawn at once."""
        if (step, path, scrubbed) == (self._step, self._path, self._scrubbed) and picture.alike(self._picture):
            return
        self._picture, self._step, self._path, self._scrubbed = picture, step, path, scrubbed
        self._fit()
        self._canvas.changed(now=now)

    def show_meter(self, shown: bool) -> None:
        """Set whether there is room for the row of stability."""
        if shown != self._meter_shown:
            self._meter_shown = shown
            self._fit()
            self._canvas.changed()

    def _fit(self) -> None:
        paths = self._picture.paths > 0
        rows = 1 + paths * (self._meter_shown + self._memory_shown + bool(self._picture.note))
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = rows

    @property
    def _memory_shown(self) -> bool:
        """Whether there is a row for the optimizers' slots."""
        return self._meter_shown and self._picture.memory is not None

    def _measured(self) -> StabilityMeter | None:
        """The stability at the path's position; None if it is not known."""
        picture = self._picture
        if picture.surface is None or not picture.paths or picture.points.shape[2] != 2:
            return None
        x, y = picture.points[self._path, self._step].tolist()
        return meter(picture.surface, (x, y), self._rate())

    def _rate(self) -> float:
        rates = self._picture.learning_rates
        return float(rates[min(self._step, len(rates) - 1)]) if len(rates) else float("nan")

    # --- drawing --------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        picture = self._picture
        note = cut(self._glyphs.spelled(picture.note), width, self._glyphs.more)
        if not picture.paths:
            cells.put(0, 0, note or "no path yet", self._part("note" if note else "stable"))
            return cells
        self._draw_numbers(cells, width)
        if self._meter_shown:
            self._draw_meter(cells, width)
        if self._memory_shown:
            self._draw_memory(cells, width)
        if note:
            cells.put(0, height - 1, note, self._part("note"))
        return cells

    def _draw_numbers(self, cells: Cells, width: int) -> None:
        path = self._path
        colour = path_styles.colour(path, dark=self.app.current_theme.dark)
        cells.put(0, 0, path_styles.head(path, self._glyphs), Style(color=colour, bold=True))
        label, parts = self._fitted(width - 2)
        cells.put(2, 0, label, self._part("name"))
        at = 4 + len(label)
        for place, text in enumerate(parts):
            style = self._part("scrubbed") if place == 0 and self._scrubbed else self._part("text")
            cells.put(at, 0, text, style)
            at += len(text) + 2

    def _fitted(self, room: int) -> tuple[str, Sequence[str]]:
        """The label and the numbers: in fixed places if there is room, else closer, else the first that fit."""
        opened = self._picture.opened
        label = opened.labels[self._path] if opened is not None else str(self._path)
        label = self._glyphs.spelled(label)
        short = label.replace(" from ", " ").removeprefix("from ")
        padded = self._parts()
        bare = [part.rstrip() for part in padded]
        forms: list[tuple[str, Sequence[str]]] = [(label, padded), (short, padded), (label, bare)]
        forms += [(short, parts) for parts in shortened(bare)]
        return fullest(forms, lambda form: len(form[0]) + sum(2 + len(part) for part in form[1]), room)

    def _parts(self) -> list[str]:
        """The numbers, the most important first."""
        picture, path, step = self._picture, self._path, self._step
        total = max(picture.total_steps, picture.last_step)
        of = picture.last_step if self._scrubbed else total
        gradient = np.asarray(picture.gradients[path, step], np.float64)
        names = ("x", "y") if picture.points.shape[2] == 2 else ("x",)
        slope, rate = ("|grad f|", "rate") if self._glyphs.ascii else ("|∇f|", "η")
        parts = [f"step {step:>{len(f'{total:,}')},}/{of:,}"]
        parts += [
            f"{name} {coordinate(float(value)):<7}"
            for name, value in zip(names, picture.points[path, step], strict=True)
        ]
        parts.append(f"f {number(float(picture.values[path, step])):<{_WIDE}}")
        parts.append(f"{slope} {number(float(np.sqrt(gradient @ gradient))):<{_WIDE}}")
        parts.append(f"{rate} {number(self._rate())}")
        return parts

    def _draw_meter(self, cells: Cells, width: int) -> None:
        found = self._measured()
        if found is None:
            return
        name, of = ("rate x curvature", "of 2") if self._glyphs.ascii else ("η·λ", "of 2")
        opened = self._picture.opened
        plainly = opened is None or opened.optimizers[self._path] == "sgd"
        style = self._part("unstable" if plainly and found.unstable else "stable")
        texts = (
            f"{name} {number(found.product):<6} {of} ",
            bar(found.product, self._glyphs),
            f" {found.verdict if plainly else found.verdict_of_others}",
        )
        places = fitting([len(text) for text in texts], width - 2)
        cells.put(2, 1, "".join(texts[place] for place in places), style)

    def _draw_memory(self, cells: Cells, width: int) -> None:
        """Draw the parts of the next step; what does not fit is left out, the last first."""
        parts = step_parts(self._picture, self._path, self._step)
        said = memory_words(parts) if parts is not None else [PLAIN_DESCENT]
        at = 2
        for text in map(self._glyphs.spelled, said):
            if at + len(text) <= width:
                cells.put(at, 2, text, self._part("stable"))
            at += len(text) + 2


def coordinate(value: float) -> str:
    """Format a coordinate with three decimals, to keep its place while it changes."""
    return f"{value:.3f}" if abs(value) < 1000 else number(value)
