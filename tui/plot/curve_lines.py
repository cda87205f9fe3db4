"""Curves and their gradients as lines: one curve with both, or several with one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.style import Style

from engine.events import Curve
from tui.plot.braille import DASHED, DOTTED, SOLID
from tui.plot.curve_axes import Shown
from tui.plot.line_plot import Frame, PlotLine
from tui.plot.series_styles import dash, mark

MARKS = ("*", "+")
QUIET_MARKS = (".", ",")
"""The ASCII characters of one curve and its gradient; the faint ones are used where paths with their own marks lie on
it."""


@dataclass(frozen=True, slots=True)
class CurveReading:
    """The values of a curve at the cursor; `names` are the names of the function and its gradient."""

    label: str
    x: float
    value: float
    slope: float
    names: tuple[str, str]


def names(curve: Curve) -> tuple[str, str]:
    """The names of the function and its gradient: f and f′, with one prime more for a curve that is itself a
    derivative."""
    return ("f′", "f″") if curve.formula.startswith("f′") else ("f", "f′")


def one_curve(
    curve: Curve, shown: Shown, function: Style, slope: Style, marks: tuple[str, str] = MARKS
) -> list[PlotLine]:
    """The lines of one curve: the gradient dashed, and the function solid above it."""
    lines = []
    if shown != "function":
        lines.append(PlotLine(curve.x, curve.gradient, slope, DASHED, marks[1]))
    if shown != "slope":
        lines.append(PlotLine(curve.x, curve.y, function, SOLID, marks[0]))
    return lines


def several(curves: Sequence[Curve], shown: Shown, styles: Sequence[Style], chosen: int) -> list[PlotLine]:
    """One line per curve, its gradient or the function, the chosen curve's on top."""
    lines = [
        PlotLine(curve.x, curve.gradient if shown == "slope" else curve.y, style, dash(slot), mark(slot))
        for slot, (curve, style) in enumerate(zip(curves, styles, strict=True))
    ]
    return [*lines[:chosen], *lines[chosen + 1 :], *lines[chosen : chosen + 1]]


def zero_lines(plot: Frame, style: Style, cursor: float | None = None) -> list[PlotLine]:
    """Dotted lines where x and y are zero, if that is inside and not hidden by the cursor's line."""
    lines = []
    if plot.y.low < 0 < plot.y.high:
        lines.append(PlotLine(np.array([plot.x.low, plot.x.high]), np.zeros(2), style, DOTTED, "-"))
    covered = cursor is not None and plot.column(cursor) == plot.column(0.0)
    if plot.x.low < 0 < plot.x.high and not covered:
        lines.append(PlotLine(np.zeros(2), np.array([plot.y.low, plot.y.high]), style, DOTTED, "|"))
    return lines
