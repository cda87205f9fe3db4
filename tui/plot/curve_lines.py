"""Curves and their gradients as lines: one curve with both, or several with either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.style import Style

from engine.events import Curve
from tui.drawing.curve_axes import Shown
from tui.drawing.line_plot import DASHED, DOTTED, SOLID, Frame, Line
from tui.drawing.series_styles import dash, mark

MARKS = ("*", "+")
QUIET_MARKS = (".", ",")
"""The ASCII characters that draw one curve and its gradient; the quiet ones where paths, marked as well, lie on it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cursor reads off a curve; `names` are how the function and its gradient are called."""

    label: str
    x: float
    value: float
    slope: float
    names: tuple[str, str]


def names(curve: Curve) -> tuple[str, str]:
    """How the function and its gradient are called: f and f′, or one prime more for a curve that is itself one."""
    return ("f′", "f″") if curve.formula.startswith("f′") else ("f", "f′")


def one_curve(curve: Curve, shown: Shown, function: Style, slope: Style, marks: tuple[str, str] = MARKS) -> list[Line]:
    """The gradient dashed, and the function solid over it."""
    lines = []
    if shown != "function":
        lines.append(Line(curve.x, curve.gradient, slope, DASHED, marks[1]))
    if shown != "slope":
        lines.append(Line(curve.x, curve.y, function, SOLID, marks[0]))
    return lines


def several(curves: Sequence[Curve], shown: Shown, styles: Sequence[Style], chosen: int) -> list[Line]:
    """One line a curve, its gradient or the function, the chosen curve's on top."""
    lines = [
        Line(curve.x, curve.gradient if shown == "slope" else curve.y, style, dash(slot), mark(slot))
        for slot, (curve, style) in enumerate(zip(curves, styles, strict=True))
    ]
    return [*lines[:chosen], *lines[chosen + 1 :], *lines[chosen : chosen + 1]]


def zero_lines(plot: Frame, style: Style, cursor: float | None = None) -> list[Line]:
    """Dotted lines where x and where y are zero, if that is inside and not below the cursor's line."""
    lines = []
    if plot.y.low < 0 < plot.y.high:
        lines.append(Line(np.array([plot.x.low, plot.x.high]), np.zeros(2), style, DOTTED, "-"))
    covered = cursor is not None and plot.column(cursor) == plot.column(0.0)
    if plot.x.low < 0 < plot.x.high and not covered:
        lines.append(Line(np.zeros(2), np.array([plot.y.low, plot.y.high]), style, DOTTED, "|"))
    return lines
