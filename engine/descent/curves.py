"""Functions of one variable to differentiate and descend: formula, derivative in closed form, domain and minima."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.events import Curve, Minimum


@dataclass(frozen=True)
class Function:
    """A function of one variable, written once over an array namespace `m` (NumPy or tensorflow.math), with its
    derivative in closed form, the domain to draw, its minima, and a start and a learning rate that suit it. For a
    function that is `searched`, a search found all these."""

    id: str
    formula: str
    derivative_formula: str
    f: Callable[[Any, Any], Any]
    derivative: Callable[[Any], Any]
    x_range: tuple[float, float]
    minima: tuple[Minimum, ...]
    start: float
    learning_rate: float
    endless: bool = False
    searched: bool = False
    level: bool = False
    version: int = 0

    def drawn(self) -> Curve:
        """The event that shows the curve on its domain, with its slope in closed form."""
        x = np.linspace(*self.x_range, 401)
        with np.errstate(all="ignore"):
            return Curve(self.id, self.id, self.formula, x, self.f(x, np), self.derivative(x))


def _minimum(x: float, value: float) -> Minimum:
    return Minimum(f"x = {x:.4g}".replace("-", "−"), (x,), value)


def _double_well_minima() -> tuple[Minimum, ...]:
    """Minima of x⁴ − 3x² + x: the outer two of the three roots of 4x³ − 6x + 1."""
    left, _, right = sorted(np.roots([4.0, 0.0, -6.0, 1.0]).real)
    return tuple(_minimum(float(x), float(x**4 - 3 * x**2 + x)) for x in (left, right))


def _wave_minima() -> tuple[Minimum, ...]:
    """Minima of x²/10 + sin 3x: roots of x/5 + 3·cos 3x where the second derivative 1/5 − 9·sin 3x is positive."""
    found = []
    for k in range(-4, 4):
        x = (-math.pi / 2 + 2 * math.pi * k) / 3
        for _ in range(20):  # Newton's method on the derivative; sin 3x is near −1, where it converges fast
            x -= (x / 5 + 3 * math.cos(3 * x)) / (0.2 - 9 * math.sin(3 * x))
        if abs(x) <= 6.0:
            found.append(_minimum(x, x * x / 10 + math.sin(3 * x)))
    return tuple(found)


FUNCTIONS = (
    Function(
        "parabola", "f(x) = x²", "f′(x) = 2x",
        lambda x, m: x * x, lambda x: 2 * x,
        (-3.0, 3.0), (_minimum(0.0, 0.0),), 2.5, 0.1,
    ),
    Function(
        "double-well", "f(x) = x⁴ − 3x² + x", "f′(x) = 4x³ − 6x + 1",
        lambda x, m: x * x * x * x - 3.0 * x * x + x, lambda x: 4 * x**3 - 6 * x + 1,
        (-2.2, 2.2), _double_well_minima(), 2.0, 0.02,
    ),
    Function(
        "wave", "f(x) = x²/10 + sin 3x", "f′(x) = x/5 + 3·cos 3x",
        lambda x, m: 0.1 * x * x + m.sin(3.0 * x), lambda x: x / 5 + 3 * np.cos(3 * x),
        (-6.0, 6.0), _wave_minima(), 5.0, 0.05,
    ),
    Function(
        "plateau", "f(x) = 1 − exp(−x²/2)", "f′(x) = x·exp(−x²/2)",
        lambda x, m: 1.0 - m.exp(-0.5 * x * x), lambda x: x * np.exp(-0.5 * x * x),
        (-5.0, 5.0), (_minimum(0.0, 0.0),), 3.0, 0.5,
    ),
    Function(
        "cubic", "f(x) = x³ − 3x", "f′(x) = 3x² − 3",
        lambda x, m: x * x * x - 3.0 * x, lambda x: 3 * x * x - 3,
        (-2.5, 2.5), (_minimum(1.0, -2.0),), 2.2, 0.05, True,
    ),
)  # fmt: skip

NAMES = tuple(function.id for function in FUNCTIONS)


def function_called(name: str) -> Function:
    """Return the function called `name`. Raises KeyError if there is none."""
    return {function.id: function for function in FUNCTIONS}[name]
