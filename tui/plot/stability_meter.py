"""The stability meter: learning rate times largest curvature compared with 2, as a bar and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.descent import chosen
from engine.descent.stability import stability
from engine.events import SurfaceDrawn
from tui.text.glyphs import UNICODE, Glyphs

_BAR = 20
_TOP = 2.0
"""The bar ends at twice the limit of stability, which is its middle."""
_ALIKE = 0.2
"""Two Hessians count as equal if they differ by less than this share of the largest eigenvalue."""


@dataclass(frozen=True, slots=True)
class StabilityMeter:
    """The learning rate, the Hessian's eigenvalues `least` and `curvature` (the largest), and whether f is `quadratic`
    here: it has the same curvature at the minimum of the quadratic that fits f at this point.

    At a minimum plain descent is stable while η·λ < 2. At a saddle or a maximum, from which any rate moves away, this
    says nothing; elsewhere it says what would happen at a minimum with the same curvature.
    """

    learning_rate: float
    least: float
    curvature: float
    quadratic: bool = True

    @property
    def product(self) -> float:
        """η·λ, below 2 if plain descent is stable."""
        return self.learning_rate * self.curvature

    @property
    def bowl(self) -> bool:
        """Whether the surface curves up in every direction."""
        return self.least > 0

    @property
    def unstable(self) -> bool:
        """Whether plain descent would diverge from a minimum with this curvature."""
        return self.bowl and self.product >= 2

    @property
    def verdict(self) -> str:
        """Describe plain descent with this rate here, in a few words."""
        if not math.isfinite(self.product):
            return "no curvature here"
        if self.curvature < 0:
            return "curves down every way: nothing holds a step back"
        if self.least < 0:
            return "curves down one way: a step runs off along it"
        if not self.bowl:
            return "level one way: nothing holds a step back along it"
        if not self.quadratic:
            return f"a minimum this sharp would {'not ' if self.unstable else ''}hold it"
        if self.product < 1:
            return "stable: straight down"
        return "unstable: each step overshoots further" if self.unstable else "stable: overshoots and comes back"

    @property
    def verdict_of_others(self) -> str:
        """The same beside a path of another update rule, whose steps it does not predict."""
        if not (math.isfinite(self.product) and self.bowl and self.quadratic):
            return self.verdict
        return f"plain descent would be {'unstable' if self.unstable else 'stable'}"


def meter(surface: SurfaceDrawn, point: tuple[float, float], learning_rate: float) -> StabilityMeter | None:
    """The meter at a point of one of the engine's surfaces, or of a typed one; None on any other, and if a path has
    diverged."""
    if not np.isfinite(point).all():
        return None
    try:
        known = chosen.surface_shape(surface.key, **surface.parameters)
    except (KeyError, TypeError):
        return None
    found = stability(known, point, learning_rate)
    least, largest = found.eigenvalues.tolist()
    quadratic = False
    if least > 0:
        lowest = found.point - np.linalg.solve(found.hessian, found.gradient)
        there = stability(known, lowest.tolist(), learning_rate).hessian
        quadratic = bool(np.linalg.norm(there - found.hessian) <= _ALIKE * largest)
    return StabilityMeter(learning_rate, least, largest, quadratic)


def bar(product: float, glyphs: Glyphs = UNICODE) -> str:
    """Draw the product as a bar from 0 to 4, with the limit 2 marked in its middle."""
    full, empty = glyphs.bar
    limit = "|" if glyphs.ascii else "┼"
    share = product / 2 / _TOP if math.isfinite(product) else 0.0
    done = round(min(max(share, 0.0), 1.0) * _BAR)
    half = _BAR // 2
    cells = full * done + empty * (_BAR - done)
    return cells[:half] + limit + cells[half:]
