"""Lesson 1: what a gradient is, what it means, and how to search with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import race, surfaces
from engine.events import Curve, FloatArray, Learned, Minimum, Remark, Table
from engine.lazy import tf
from engine.lesson import Lesson, Run
from engine.params import Point
from engine.race import RaceSettings
from engine.race_words import in_words, rules
from engine.settings import choice, integer, number, starts

# The step of the central difference in float64: near the cube root of the machine epsilon, where the error of cutting
# the series off, h²·f‴/6, and the error of rounding, ε·|f|/h, are both about 1e-10.
# Source: W. H. Press et al., Numerical Recipes, 3rd ed., 2007, section 5.7.
CENTRAL_STEP = 1e-5


@dataclass(frozen=True)
class Function:
    """A function of one variable, written once over an array namespace `m` (NumPy or tensorflow.math), with its
    derivative in closed form, the part of it to draw, its minima, and a start and a rate that suit it."""

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
        for _ in range(20):  # Newton's method on the derivative; sin 3x is near −1, so that it converges at once
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
    """The function called `name`. Raises KeyError where there is none."""
    return {function.id: function for function in FUNCTIONS}[name]


@dataclass(frozen=True, kw_only=True)
class GradientsSettings(RaceSettings):
    """What lesson 1 can be told. Another function brings its own start and rate."""

    function: str = choice("parabola", NAMES, help="the curve to differentiate and descend")
    start: tuple[Point, ...] = starts(
        ((2.5,),), dimensions=1, help="x where the descent begins; give it again for more"
    )
    learning_rate: float = number(0.1, low=0.0, high=1e3, live=True, help="η, how far one step goes")
    steps: int = integer(50, low=1, high=100_000, unit="steps", help="how many steps of descent")

    @classmethod
    def suggested(cls, given: Mapping[str, str]) -> dict[str, str]:
        """The start and the rate that suit the function chosen, where they are not given."""
        name = given.get("function", "parabola").strip()
        if name not in NAMES:
            return {}
        chosen = function_called(name)
        texts = {"start": f"{chosen.start:g}", "learning_rate": f"{chosen.learning_rate:g}"}
        return {key: text for key, text in texts.items() if key not in given}


def autodiff(function: Function, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values and derivatives at `x` [n] by GradientTape, in the dtype of `x`."""
    points = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(points)
        y = function.f(points, tf.math)
    return y.numpy(), tape.gradient(y, points).numpy()


def central_difference(function: Function, x: FloatArray, h: float) -> FloatArray:
    """(f(x + h) − f(x − h)) / 2h at `x` float64 [n]; its error falls as h² until rounding takes over."""
    slope: FloatArray = (function.f(x + h, np) - function.f(x - h, np)) / (2 * h)
    return slope


def run(settings: GradientsSettings) -> Run[GradientsSettings]:
    """Slope, difference and tape side by side; the direction of steepest ascent; then the descent."""
    function = function_called(settings.function)
    yield Remark(f"The derivative of {function.formula} is its slope: {function.derivative_formula}.")
    x = np.linspace(*function.x_range, 401)
    y, slope = autodiff(function, x)
    yield Curve(function.id, function.id, function.formula, x, y, slope)
    compared, worst32, worst64 = _compared(function)
    yield compared
    by_step, best = _by_step(function)
    yield Remark(
        "A difference quotient is no derivative yet. Central, it errs by about h²·f‴/6, nothing on a parabola; "
        "one-sided, by h·f″/2. Too small an h drowns both in rounding, as f(x + h) − f(x − h) loses its digits."
    )
    yield by_step
    steepest, ratio = _steepest()
    yield Remark(
        "With two variables the gradient is an arrow. Walk a little in each direction and see how fast f rises:"
    )
    yield steepest
    field = race.Field(
        key=("curve", function.id),
        objective=lambda points: function.f(points[:, 0], tf.math),
        plain=lambda points: function.f(points[:, 0], np),
        minima=function.minima,
        dimensions=1,
        endless=function.endless,
    )
    yield Remark(
        f"Descent from {', '.join(race.place(start) for start in settings.start)}, against the slope g = f′(θ) at the "
        f"learning rate η. {rules(settings.optimizer)}"
    )
    ended = yield from race.follow(field, settings)
    yield Learned(
        f"Autodiff and the central difference of {function.formula} agree within {worst64:.1e} in float64 and "
        f"{worst32:.1e} in float32; of the steps h tried, {best:g} was best. No direction rose faster than the "
        f"gradient's: {ratio:.4f}·|∇f|. " + in_words(field, ended)
    )


def _compared(function: Function) -> tuple[Table, float, float]:
    """Tape, closed form and central difference at nine places, and the greatest differences in float32 and float64."""
    x = np.linspace(*function.x_range, 9)
    y, tape = autodiff(function, x)
    tape32 = autodiff(function, x.astype(np.float32))[1]
    central = central_difference(function, x, CENTRAL_STEP)
    closed = function.derivative(x)
    rows = tuple(
        tuple(float(part) for part in row) for row in zip(x, y, tape, closed, central, tape - central, strict=True)
    )
    columns = ("x", "f(x)", "tape f′(x)", "closed form", "central difference", "tape − central")
    table = Table("derivative", f"The slope of {function.formula}, three ways", columns, rows)
    return table, float(np.abs(tape32 - central).max()), float(np.abs(tape - central).max())


def _by_step(function: Function) -> tuple[Table, float]:
    """The difference quotients' greatest errors against the closed form, for steps from 0.1 to 1e-11; and the step at
    which the central difference errs least."""
    x = np.linspace(*function.x_range, 9)
    exact = function.derivative(x)
    rows = []
    for power in range(1, 12, 2):
        h = 10.0**-power
        one_sided = (function.f(x + h, np) - function.f(x, np)) / h
        central = central_difference(function, x, h)
        rows.append((h, float(np.abs(one_sided - exact).max()), float(np.abs(central - exact).max())))
    columns = ("h", "one-sided, greatest error", "central, greatest error")
    table = Table("difference-step", "How wrong a difference quotient is", columns, tuple(rows))
    return table, min(rows, key=lambda row: row[2])[0]


def _steepest() -> tuple[Table, float]:
    """How fast Himmelblau's function rises from (1, 0) in directions turned away from its gradient's."""
    surface = surfaces.surface("himmelblau")
    point = tf.constant([1.0, 0.0], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(point)
        value = surface.f(point[0], point[1], tf.math)
    gradient = tape.gradient(value, point).numpy()
    length, heading = float(np.hypot(*gradient)), math.atan2(gradient[1], gradient[0])
    rows, h = [], CENTRAL_STEP
    for turned in range(0, 181, 30):
        angle = heading + math.radians(turned)
        dx, dy = h * math.cos(angle), h * math.sin(angle)
        ahead, behind = (surface(np.array(1.0 + s * dx), np.array(s * dy)) for s in (1, -1))
        rows.append((turned, float((ahead - behind) / (2 * h)), length * math.cos(math.radians(turned))))
    columns = ("turned from ∇f (degrees)", "measured rise per unit", "|∇f|·cos")
    title = f"Himmelblau at (1, 0), ∇f = ({gradient[0]:.0f}, {gradient[1]:.0f}), |∇f| = {length:.3f}".replace("-", "−")
    return Table("steepest", title, columns, tuple(rows)), rows[0][1] / length


LESSON = Lesson(
    number=1,
    id="gradients",
    title="Gradients",
    summary="what a gradient is, what it means, how to search with it",
    settings=GradientsSettings,
    run=run,
    code=(
        "engine.lessons.gradients:autodiff",
        "engine.lessons.gradients:central_difference",
        "engine.descent:descend",
        "engine.descent:value_and_gradient",
        "engine.lessons.gradients:run",
    ),
)
