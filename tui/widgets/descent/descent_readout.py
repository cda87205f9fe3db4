"""Where the path is that is read out: step, place, value, gradient, rate; how stable it is there; a note."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rich.style import Style

from tui.descent_picture import DescentPicture
from tui.drawing import path_styles
from tui.drawing.cells import Cells
from tui.drawing.stability_meter import Meter, bar, meter
from tui.plain import plain
from tui.widgets.drawn import Bare
from tui.words import number

PAUSE_S = 0.1
"""Numbers that change more often cannot be read."""
_WIDE = 9
"""Columns of a number that changes with every step: it keeps its place."""


class DescentReadout(Bare):
    """One row of numbers for the path that is read out, one for its stability, and one for a note where there is one.

    What does not fit is left out, the least important first.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "drawn--text",
        "drawn--name",
        "drawn--scrubbed",
        "drawn--stable",
        "drawn--unstable",
        "drawn--note",
    }
    DEFAULT_CSS = """
    DescentReadout {
        height: 1;
        & > .drawn--text { color: $foreground; }
        & > .drawn--name { color: $foreground; text-style: bold; }
        & > .drawn--scrubbed { color: $text-accent; text-style: bold; }
        & > .drawn--stable { color: $foreground 70%; }
        & > .drawn--unstable { color: $text-error; }
        & > .drawn--note { color: $text-accent; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=PAUSE_S, ascii_only=ascii_only, id=id, classes=classes)
        self._picture = DescentPicture()
        self._step, self._path, self._scrubbed = 0, 0, False
        self._meter_shown = True

    def show(
        self, picture: DescentPicture, step: int, path: int = 0, *, scrubbed: bool = False, now: bool = False
    ) -> None:
        """Read out `step` of `path`; `scrubbed` says that it is not the newest, `now` that it is to be seen at once."""
        if (step, path, scrubbed) == (self._step, self._path, self._scrubbed) and picture.alike(self._picture):
            return
        self._picture, self._step, self._path, self._scrubbed = picture, step, path, scrubbed
        self._fit()
        self._canvas.changed(now=now)

    def show_meter(self, shown: bool) -> None:
        """Whether there is room for the row of stability."""
        if shown != self._meter_shown:
            self._meter_shown = shown
            self._fit()
            self._canvas.changed()

    def _fit(self) -> None:
        rows = 1 + (self._meter_shown and self._picture.paths > 0) + bool(self._picture.note)
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = rows

    def _measured(self) -> Meter | None:
        """The stability where the path is; None where it is not known."""
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
        if not picture.paths:
            cells.put(0, 0, "no path yet", self._part("stable"))
        else:
            self._draw_numbers(cells, width)
            if self._meter_shown:
                self._draw_meter(cells, width)
        if picture.note:
            cells.put(0, height - 1, plain(picture.note) if self._ascii_only else picture.note, self._part("note"))
        return cells

    def _draw_numbers(self, cells: Cells, width: int) -> None:
        path = self._path
        colour = path_styles.colour(path, dark=self.app.current_theme.dark)
        cells.put(0, 0, path_styles.head(path, ascii_only=self._ascii_only), Style(color=colour, bold=True))
        label, parts = self._fitted(width - 2)
        cells.put(2, 0, label, self._part("name"))
        at = 4 + len(label)
        for place, text in enumerate(parts):
            style = self._part("scrubbed") if place == 0 and self._scrubbed else self._part("text")
            cells.put(at, 0, text, style)
            at += len(text) + 2

    def _fitted(self, room: int) -> tuple[str, list[str]]:
        """The label and the numbers: in fixed places if there is room, else closer, else the first that fit."""
        opened = self._picture.opened
        label = opened.labels[self._path] if opened is not None else str(self._path)
        label = plain(label) if self._ascii_only else label
        short = label.replace(" from ", " ").removeprefix("from ")
        padded = self._parts()
        bare = [part.rstrip() for part in padded]
        for name, parts in ((label, padded), (short, padded), (label, bare), (short, bare)):
            if len(name) + sum(2 + len(part) for part in parts) <= room:
                return name, parts
        while bare and len(short) + sum(2 + len(part) for part in bare) > room:
            bare.pop()
        return short, bare

    def _parts(self) -> list[str]:
        """The numbers, the most important first."""
        picture, path, step = self._picture, self._path, self._step
        total = max(picture.total_steps, picture.last_step)
        of = picture.last_step if self._scrubbed else total
        gradient = np.asarray(picture.gradients[path, step], np.float64)
        names = ("x", "y") if picture.points.shape[2] == 2 else ("x",)
        slope, rate = ("|grad f|", "rate") if self._ascii_only else ("|∇f|", "η")
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
        name, of = ("rate x curvature", "of 2") if self._ascii_only else ("η·λ", "of 2")
        opened = self._picture.opened
        plainly = opened is None or opened.optimizers[self._path] == "sgd"
        style = self._part("unstable" if plainly and found.unstable else "stable")
        at = 2
        for text in (
            f"{name} {number(found.product):<6} {of} ",
            bar(found.product, ascii_only=self._ascii_only),
            f" {found.verdict if plainly else found.verdict_of_others}",
        ):
            if at + len(text) > width:
                continue
            cells.put(at, 1, text, style)
            at += len(text)


def coordinate(value: float) -> str:
    """A coordinate to the thousandth, so that it keeps its place while it changes."""
    return f"{value:.3f}" if abs(value) < 1000 else number(value)
