"""Two-variable test functions: formula, domain, known minima, and the source of each.

A formula is written once, over an array namespace `m` that has `cos`, `exp` and `sqrt`: NumPy for drawing,
`tensorflow.math` inside compiled descent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.events import FloatArray, Minimum, SurfaceDrawn

Formula = Callable[[Any, Any, Any], Any]


@dataclass(frozen=True)
class Surface:
    """A function f(x, y) over a rectangular domain.

    `f(x, y, m)` works elementwise on arrays of any one shape and keeps their dtype. `starts` are three points worth
    descending from, `learning_rate` one at which plain descent from them converges. `source` names the publication of
    the function and its minima. `parameters` are numbers in the formula that select one function of a family; `endless`
    is true for a function that is unbounded below, `searched` for one whose domain, minima, starts and rate were found
    by a search, `level` if that found a line or an area on which it is equally low.
    """

    id: str
    label: str
    formula: str
    f: Formula
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    minima: tuple[Minimum, ...]
    starts: tuple[tuple[float, float], ...]
    learning_rate: float
    source: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    endless: bool = False
    searched: bool = False
    level: bool = False

    @property
    def key(self) -> Hashable:
        """A key that differs for every two different functions."""
        return (self.id, *sorted(self.parameters.items()))

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Values at NumPy arrays `x` and `y`, in their dtype."""
        with np.errstate(over="ignore", invalid="ignore"):
            values: FloatArray = self.f(x, y, np)
        return values

    def grid(
        self,
        width: int,
        height: int,
        x_range: tuple[float, float] | None = None,
        y_range: tuple[float, float] | None = None,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Evaluate the surface over its domain or the window given: x float64 [width], y [height], z [height,
        width]."""
        x = np.linspace(*(x_range or self.x_range), width)
        y = np.linspace(*(y_range or self.y_range), height)
        return x, y, self(*np.meshgrid(x, y))

    def drawn(self, width: int = 97, height: int = 97) -> SurfaceDrawn:
        """The event that shows the surface on its domain."""
        x, y, z = self.grid(width, height)
        return SurfaceDrawn(self.id, self.label, self.formula, x, y, z, self.minima, self.parameters)


def _himmelblau(x: Any, y: Any, m: Any) -> Any:
    return (x * x + y - 11.0) * (x * x + y - 11.0) + (x + y * y - 7.0) * (x + y * y - 7.0)


def _rosenbrock(x: Any, y: Any, m: Any) -> Any:
    return (1.0 - x) * (1.0 - x) + 100.0 * (y - x * x) * (y - x * x)


def _beale(x: Any, y: Any, m: Any) -> Any:
    a = 1.5 - x + x * y
    b = 2.25 - x + x * y * y
    c = 2.625 - x + x * y * y * y
    return a * a + b * b + c * c


def _rastrigin(x: Any, y: Any, m: Any) -> Any:
    tau = 2.0 * math.pi
    return 20.0 + x * x - 10.0 * m.cos(tau * x) + y * y - 10.0 * m.cos(tau * y)


def _ackley(x: Any, y: Any, m: Any) -> Any:
    # Without the 1e-12 the gradient at the minimum would be 0/0; with it the gradient is 0 and the value changes by
    # 4e-6.
    tau = 2.0 * math.pi
    radius = m.sqrt(0.5 * (x * x + y * y) + 1e-12)
    return -20.0 * m.exp(-0.2 * radius) - m.exp(0.5 * (m.cos(tau * x) + m.cos(tau * y))) + math.e + 20.0


def _styblinski_tang(x: Any, y: Any, m: Any) -> Any:
    return 0.5 * (x * x * x * x - 16.0 * x * x + 5.0 * x + y * y * y * y - 16.0 * y * y + 5.0 * y)


def _saddle(x: Any, y: Any, m: Any) -> Any:
    return x * x - y * y


def _bowl(conditioning: float) -> Formula:
    def f(x: Any, y: Any, m: Any) -> Any:
        return 0.5 * (x * x + conditioning * y * y)

    return f


def bowl(conditioning: float = 10.0) -> Surface:
    """The quadratic bowl (x² + κy²)/2, whose Hessian has the eigenvalues 1 and κ = `conditioning`.

    Plain descent is stable below the rate 2/κ and fastest at 2/(1 + κ).
    Source: Y. Nesterov, Introductory Lectures on Convex Optimization, 2004, theorem 2.1.15.
    """
    return Surface(
        id="bowl",
        label="quadratic bowl",
        formula=f"f(x, y) = (x² + {conditioning:g}·y²) / 2",
        f=_bowl(conditioning),
        x_range=(-6.0, 6.0),
        y_range=(-6.0, 6.0),
        minima=(Minimum("(0, 0)", (0.0, 0.0), 0.0),),
        starts=((-5.0, 2.0), (4.0, 4.0), (5.0, -1.0)),
        learning_rate=min(0.1, 1.0 / conditioning),
        source="Y. Nesterov, Introductory Lectures on Convex Optimization, 2004, section 2.1",
        parameters={"conditioning": conditioning},
    )


# The seven without a parameter; Himmelblau first because the course uses it.
_FIXED: tuple[Surface, ...] = (
    Surface(
        id="himmelblau",
        label="Himmelblau",
        formula="f(x, y) = (x² + y − 11)² + (x + y² − 7)²",
        f=_himmelblau,
        x_range=(-6.0, 6.0),
        y_range=(-6.0, 6.0),
        minima=(
            Minimum("(3, 2)", (3.0, 2.0), 0.0),
            Minimum("(−2.805, 3.131)", (-2.805118086952745, 3.131312518250573), 0.0),
            Minimum("(−3.779, −3.283)", (-3.779310253377747, -3.283185991286170), 0.0),
            Minimum("(3.584, −1.848)", (3.584428340330492, -1.848126526964404), 0.0),
        ),
        starts=((1.0, 0.0), (-4.0, 0.0), (4.0, 0.0)),
        learning_rate=0.01,
        source="D. M. Himmelblau, Applied Nonlinear Programming, 1972",
    ),
    Surface(
        id="rosenbrock",
        label="Rosenbrock",
        formula="f(x, y) = (1 − x)² + 100·(y − x²)²",
        f=_rosenbrock,
        x_range=(-2.0, 2.0),
        y_range=(-1.0, 3.0),
        minima=(Minimum("(1, 1)", (1.0, 1.0), 0.0),),
        starts=((-1.2, 1.0), (0.0, 2.0), (1.5, -0.5)),
        learning_rate=0.001,
        source="H. H. Rosenbrock, The Computer Journal 3(3), 1960, p. 175",
    ),
    Surface(
        id="beale",
        label="Beale",
        formula="f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
        f=_beale,
        x_range=(-4.5, 4.5),
        y_range=(-4.5, 4.5),
        minima=(Minimum("(3, 0.5)", (3.0, 0.5), 0.0),),
        starts=((1.0, 1.0), (0.0, -1.0), (2.0, -1.0)),
        learning_rate=0.01,
        source="J. J. Moré, B. S. Garbow, K. E. Hillstrom, ACM TOMS 7(1), 1981, function 5",
    ),
    Surface(
        id="rastrigin",
        label="Rastrigin",
        formula="f(x, y) = 20 + x² − 10·cos 2πx + y² − 10·cos 2πy",
        f=_rastrigin,
        x_range=(-5.12, 5.12),
        y_range=(-5.12, 5.12),
        minima=(Minimum("(0, 0)", (0.0, 0.0), 0.0),),
        starts=((0.4, 0.3), (2.2, -1.7), (-3.3, 3.6)),
        learning_rate=0.002,
        source="L. A. Rastrigin, Systems of Extremal Control, 1974; 2-D form of H. Mühlenbein et al., 1991",
    ),
    Surface(
        id="ackley",
        label="Ackley",
        formula="f(x, y) = −20·exp(−0.2·√((x² + y²)/2)) − exp((cos 2πx + cos 2πy)/2) + e + 20",
        f=_ackley,
        x_range=(-5.0, 5.0),
        y_range=(-5.0, 5.0),
        minima=(Minimum("(0, 0)", (0.0, 0.0), 0.0),),
        starts=((0.4, 0.3), (2.3, -1.6), (-3.4, 3.6)),
        learning_rate=0.01,
        source="D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing, 1987, p. 13",
    ),
    Surface(
        id="styblinski-tang",
        label="Styblinski–Tang",
        formula="f(x, y) = (x⁴ − 16x² + 5x + y⁴ − 16y² + 5y) / 2",
        f=_styblinski_tang,
        x_range=(-5.0, 5.0),
        y_range=(-5.0, 5.0),
        minima=(
            Minimum("(−2.904, −2.904)", (-2.9035340277711770, -2.9035340277711770), -78.33233140754282),
            Minimum("(2.747, −2.904)", (2.7468027709908370, -2.9035340277711770), -64.19561235905536),
            Minimum("(−2.904, 2.747)", (-2.9035340277711770, 2.7468027709908370), -64.19561235905536),
            Minimum("(2.747, 2.747)", (2.7468027709908370, 2.7468027709908370), -50.05889331056789),
        ),
        starts=((0.0, 0.0), (1.0, -0.5), (4.0, 4.0)),
        learning_rate=0.01,
        source="M. A. Styblinski, T.-S. Tang, Neural Networks 3(4), 1990, p. 467",
    ),
    Surface(
        id="saddle",
        label="saddle",
        formula="f(x, y) = x² − y²",
        f=_saddle,
        x_range=(-3.0, 3.0),
        y_range=(-3.0, 3.0),
        minima=(),
        starts=((-2.5, 0.0), (2.0, 0.001), (1.0, -0.1)),
        learning_rate=0.02,
        source="the quadratic form of index one; no minimum, a saddle point at (0, 0)",
        endless=True,
    ),
)

NAMES: tuple[str, ...] = (*(surface.id for surface in _FIXED), "bowl")


def surface(name: str, conditioning: float = 10.0) -> Surface:
    """Return the surface called `name`; only the bowl uses `conditioning`. Raises KeyError if there is none."""
    if name == "bowl":
        return bowl(conditioning)
    for each in _FIXED:
        if each.id == name:
            return each
    raise KeyError(name)
