"""Lesson 1: what a gradient is, what it means, and how to search with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.contents import heading
from engine.descent import chosen, curves, race, surfaces
from engine.descent.curves import Function
from engine.descent.race import RaceSettings
from engine.descent.race_words import in_words, rules
from engine.errors import SettingError
from engine.events import Curve, FloatArray, Learned, Remark, Table
from engine.lazy import tf
from engine.lesson import Lesson, Run
from engine.own.paths import is_file
from engine.params import Point, Range
from engine.settings import Preparation, choice, domain, integer, number, param_of, starts

# The step of the central difference in float64: near the cube root of the machine epsilon, where the truncation error,
# h²·f′′′/6, and the rounding error, ε·|f|/h, are both about 1e-10. Source: W. H. Press et al., Numerical Recipes, 3rd
# ed., 2007, section 5.7.
CENTRAL_STEP = 1e-5

# The largest difference at which tape and central difference agree. With the step above they differ by at most 1e-8 on
# the course's curves; more than 1e-6 means that the step is too long for the curve, not that rounding dominates.
AGREED = 1e-6


@dataclass(frozen=True, kw_only=True)
class GradientsSettings(RaceSettings):
    """Settings of lesson 1. Each function has its own default start and rate."""

    function: str = choice(
        "parabola", curves.NAMES, variables=chosen.CURVE_OF, files=True, help="the curve to differentiate and descend"
    )
    domain: tuple[Range, ...] = domain(dimensions=1, help="the part of the curve to draw")
    start: tuple[Point, ...] = starts(((2.5,),), dimensions=1, help="x where the paths begin")
    learning_rate: float = number(0.1, low=0.0, high=1e3, live=True, help="η: a step is η times the slope")
    steps: int = integer(50, low=1, high=100_000, unit="steps", help="how many steps of descent")

    @classmethod
    def suggested(cls, given: Mapping[str, str]) -> dict[str, str]:
        """The start and the rate that suit the chosen function, unless they are given."""
        asked = None if {"start", "learning_rate"} <= given.keys() else cls._function_of(given)
        if asked is None:
            return {}
        function = chosen.function_called(*asked)
        texts = {"start": f"{function.start:g}", "learning_rate": f"{function.learning_rate:g}"}
        return {key: text for key, text in texts.items() if key not in given}

    @classmethod
    def preparation(cls, given: Mapping[str, str]) -> Preparation | None:
        """The search for the minima of a typed function."""
        asked = cls._function_of(given)
        return None if asked is None else chosen.function_search(*asked)

    @classmethod
    def _function_of(cls, given: Mapping[str, str]) -> tuple[str, tuple[Range, ...]] | None:
        """The arguments of `function_called`; None for a function that cannot be had before a run."""
        try:
            name = param_of(cls, "function").parse(given.get("function", "parabola"))
            shown = param_of(cls, "domain").parse(given.get("domain", "auto"))
        except SettingError:  # the error will be reported for `function` itself, not for what follows from it
            return None
        return None if is_file(name) else (name, shown)  # only a run runs a file


def autodiff(function: Function, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Compute values and derivatives at `x` [n] by GradientTape, in the dtype of `x`."""
    points = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(points)
        y = function.f(points, tf.math)
    return y.numpy(), tape.gradient(y, points).numpy()


def central_difference(function: Function, x: FloatArray, h: float) -> FloatArray:
    """Compute (f(x + h) − f(x − h)) / 2h at `x` float64 [n]; its error falls as h² until rounding dominates."""
    slope: FloatArray = (function.f(x + h, np) - function.f(x - h, np)) / (2 * h)
    return slope


def run(settings: GradientsSettings) -> Run[GradientsSettings]:
    """Compare slope, difference and tape; show the direction of steepest ascent; then descend."""
    function = chosen.function_called(settings.function, settings.domain)

    def plain(points: FloatArray) -> FloatArray:
        values: FloatArray = function.f(points[:, 0], np)
        return values

    chosen.check_finite("--function", function.formula, plain, (function.x_range,))
    found = chosen.search_words(function)
    yield Remark(f"The derivative of {function.formula} is its slope: {function.derivative_formula}.{found}")
    x = np.linspace(*function.x_range, 401)
    y, slope = autodiff(function, x)
    yield Curve(function.id, function.id, function.formula, x, y, slope)
    compared, agrees = compared_slopes(function)
    yield compared
    by_step, best = compared_steps(function)
    yield Remark(
        "A difference quotient is not yet the derivative. The error of a central one is about h²·f′′′/6, nothing on a "
        "parabola; that of a one-sided one is h·f″/2. With a tiny h both values of f agree in nearly all digits, and "
        "rounding is all that their difference shows."
    )
    yield by_step
    steepest, ratio = _steepest()
    yield Remark(
        "With two variables the gradient is an arrow. Walk a little in each direction on Himmelblau's surface, that of "
        "lesson 5, and see how fast f rises:"
    )
    yield steepest
    field = race.Field(
        key=("curve", function.id, function.version),
        objective=lambda points: function.f(points[:, 0], tf.math),
        plain=plain,
        minima=function.minima,
        dimensions=1,
        endless=function.endless,
    )
    yield Remark(
        f"Descent from {', '.join(race.place(start) for start in settings.start)}, against the slope g = f′(θ) at the "
        f"place θ, with the learning rate η. {rules(settings.optimizer)}"
    )
    ended = yield from race.follow(field, settings)
    yield Learned(
        f"{in_words(field, ended)} The tape and the central difference of {function.formula} {agrees}; {best}. "
        f"Along the gradient f rose fastest: {ratio:.4f}·|∇f|."
    )


def compared_slopes(function: Function) -> tuple[Table, str]:
    """Tabulate tape, closed form and central difference at nine points; returns the table, and in words how well the
    tape and the central difference agree."""
    x = np.linspace(*function.x_range, 9)
    y, tape = autodiff(function, x)
    with np.errstate(all="ignore"):
        central = central_difference(function, x, CENTRAL_STEP)
        closed = function.derivative(x)
        apart = tape - central
        rounding = 4.0 * np.finfo(np.float64).eps * np.abs(y) / CENTRAL_STEP
        jumps = np.abs(tape - central_difference(function, x, CENTRAL_STEP / 10.0)) > 2.0 * np.abs(apart)
    rows = tuple(tuple(float(part) for part in row) for row in zip(x, y, tape, closed, central, apart, strict=True))
    columns = ("x", "f(x)", "tape f′(x)", "closed form", "central difference", "tape − central")
    table = Table("derivative", f"The slope of {function.formula}, three ways", columns, rows)
    known = "f is so large that its rounding error counts, divided by", "f jumps within"
    reasons = np.select([np.abs(apart) <= rounding, jumps], known, "f bends too sharply for")
    return table, agreement(x, tape, np.abs(apart), reasons)


def agreement(x: FloatArray, tape: FloatArray, apart: FloatArray, reasons: NDArray[np.str_]) -> str:
    """Say how well the slopes `tape` [n] at `x` [n] agree with central differences that are `apart` [n] from them, in
    absolute value: by the largest of these; else as a share of the slope, where that is large; else where they differ
    most, and why, by the `reasons` [n]. A place where one of the two is not finite, such as a pole, is left out."""
    finite = np.isfinite(apart)
    if not finite.any():
        return "have no finite slope in common at the places of the table"
    where = "" if finite.all() else f" at the {finite.sum()} of {len(x)} places where both are finite"
    x, tape, apart, reasons = x[finite], tape[finite], apart[finite], reasons[finite]
    share = apart / np.maximum(1.0, np.abs(tape))
    if apart.max() <= AGREED:
        return f"agree within {apart.max():.1e}{where}"
    if share.max() <= AGREED:
        return f"agree within {share.max():.1e} of the slope{where}"
    worst = int(share.argmax())
    place = f"{x[worst]:g}".replace("-", "−")
    of_slope = f", {share[worst]:.1e} of the slope there" if abs(tape[worst]) >= 1.0 else ""
    return f"are {apart[worst]:.1e} apart at x = {place}{of_slope}: {reasons[worst]} h = {CENTRAL_STEP:g}"


def error_by_step(function: Function) -> list[tuple[float, float, float]]:
    """For steps h from 0.1 to 1e-11: h, and the greatest errors of the one-sided and the central difference quotient
    against the closed form, over those of nine places at which every quotient is finite; NaN where there is none."""
    x = np.linspace(*function.x_range, 9)
    steps = [10.0**-power for power in range(1, 12, 2)]
    with np.errstate(all="ignore"):
        exact = function.derivative(x)
        one_sided = np.array([(function.f(x + h, np) - function.f(x, np)) / h for h in steps])
        central = np.array([central_difference(function, x, h) for h in steps])
        errors = np.abs(np.stack([one_sided, central]) - exact)
    errors = errors[:, :, np.isfinite(errors).all(axis=(0, 1))]
    worst = errors.max(axis=2) if errors.size else np.full(errors.shape[:2], np.nan)
    return [(h, float(first), float(second)) for h, first, second in zip(steps, *worst, strict=True)]


def compared_steps(function: Function) -> tuple[Table, str]:
    """Tabulate the errors of difference quotients; returns the table, and in words the step with the smallest central
    error."""
    rows = error_by_step(function)
    columns = ("h", "one-sided, greatest error", "central, greatest error")
    table = Table("difference-step", "How wrong a difference quotient is", columns, tuple(rows))
    if math.isnan(rows[0][2]):
        return table, "no place has a finite difference for every step h"
    return table, f"of the steps h tried, {min(rows, key=lambda row: row[2])[0]:g} was best"


def _steepest() -> tuple[Table, float]:
    """Tabulate how fast Himmelblau's function rises from (1, 0) in directions at several angles to its gradient."""
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
    **vars(heading("gradients")),
    settings=GradientsSettings,
    run=run,
    code=(
        "engine.descent.compiled_descent:descend",
        "engine.descent.compiled_descent:value_and_gradient",
        "engine.lessons.gradients:central_difference",
        "engine.lessons.gradients:autodiff",
        "engine.lessons.gradients:run",
    ),
)
