"""Curves and a descent in closed form, for tests of drawing."""

from __future__ import annotations

import numpy as np

from engine.events import Curve, Learned, Minimum, PathEnded, PathsOpened, Remark, Table
from tui.views.curve_picture import CurvePicture


def parabola(n: int = 61, low: float = -3.0, high: float = 3.0) -> Curve:
    x = np.linspace(low, high, n)
    return Curve("parabola", "parabola", "f(x) = x²", x, x**2, 2 * x)


def sigmoid(n: int = 201) -> Curve:
    x = np.linspace(-10.0, 10.0, n)
    y = 1 / (1 + np.exp(-x))
    return Curve("sigmoid", "sigmoid", "σ(x) = 1/(1 + e⁻ˣ)", x, y, y * (1 - y))


def tanh(n: int = 201) -> Curve:
    x = np.linspace(-10.0, 10.0, n)
    return Curve("tanh", "tanh", "tanh x", x, np.tanh(x), 1 - np.tanh(x) ** 2)


def steep(n: int = 61) -> Curve:
    x = np.linspace(-1.0, 1.0, n)
    return Curve("steep", "steep", "sin 50x", x, np.sin(50 * x), 50 * np.cos(50 * x))


PAGE = (
    Remark("The derivative of f(x) = x² is its slope."),
    Table("slope", "The slope, two ways", ("x", "tape", "tape − closed"), ((1.0, 2.0, 1e-11), (2.0, 4.0, 0.0))),
    Learned("The path reached the minimum x = 0."),
)


def descent(steps: int = 10, starts: tuple[float, ...] = (2.5,), rate: float = 0.1) -> CurvePicture:
    """x ← x − η·2x from each start: x_k = x_0·(1 − 2η)^k, with the parabola it goes down."""
    k = np.arange(steps + 1)
    x = np.array(starts)[:, None] * (1 - 2 * rate) ** k
    opened = PathsOpened(
        labels=tuple(f"from x = {start:g}" for start in starts),
        optimizers=("sgd",) * len(starts),
        starts=x[:, :1].astype(np.float32),
        values=(x[:, 0] ** 2).astype(np.float32),
        gradients=(2 * x[:, :1]).astype(np.float32),
        total_steps=50,
    )
    minimum = Minimum("x = 0", (0.0,), 0.0)
    return CurvePicture(
        curves=(parabola(),),
        page=PAGE,
        opened=opened,
        points=x[:, :, None].astype(np.float32),
        values=(x**2).astype(np.float32),
        gradients=(2 * x[:, :, None]).astype(np.float32),
        learning_rates=np.full(steps + 1, rate),
        ended=tuple(PathEnded(path, label, (0.0,), 0.0, 0.0, minimum, 8) for path, label in enumerate(opened.labels)),
        minima=(minimum,),
        starts=tuple((start,) for start in starts),
        total_steps=50,
        phase="done",
    )
