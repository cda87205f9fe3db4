"""How near plain descent is to running away: rate times curvature against 2, as a bar and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine import surfaces
from engine.events import SurfaceDrawn
from engine.stability import stability

_BAR = 20
_TOP = 2.0
"""The bar ends at twice what is stable; its middle is the limit."""


@dataclass(frozen=True, slots=True)
class Meter:
    """The learning rate, and the Hessian's largest eigenvalue `curvature`: plain descent is stable while η·λ < 2."""

    learning_rate: float
    curvature: float

    @property
    def product(self) -> float:
        """η·λ, below 2 where plain descent is stable."""
        return self.learning_rate * self.curvature

    @property
    def unstable(self) -> bool:
        """Whether plain descent runs away here."""
        return self.product >= 2

    @property
    def verdict(self) -> str:
        """What plain descent with this rate does here, in a few words."""
        if not math.isfinite(self.product):
            return "no curvature here"
        if self.curvature <= 0:
            return "curves down every way: nothing holds a step back"
        if self.product < 1:
            return "stable: straight down"
        if not self.unstable:
            return "stable: overshoots and comes back"
        return "unstable: each step overshoots further"

    @property
    def verdict_of_others(self) -> str:
        """The same beside a path that another update rule took, whose steps it does not foretell."""
        if not (math.isfinite(self.product) and self.curvature > 0):
            return self.verdict
        return f"plain descent would be {'unstable' if self.unstable else 'stable'}"


def meter(surface: SurfaceDrawn, point: tuple[float, float], learning_rate: float) -> Meter | None:
    """The meter at a point of one of the engine's surfaces; None on any other, and where a path has diverged."""
    if not np.isfinite(point).all():
        return None
    try:
        known = surfaces.surface(surface.key, **surface.parameters)
    except (KeyError, TypeError):
        return None
    found = stability(known, point, learning_rate)
    return Meter(learning_rate, float(found.eigenvalues[-1]))


def bar(product: float, *, ascii_only: bool = False) -> str:
    """The product on a bar from 0 to 4, with the limit 2 marked in its middle."""
    full, empty, limit = ("#", "-", "|") if ascii_only else ("━", "─", "┼")
    share = product / 2 / _TOP if math.isfinite(product) else 0.0
    done = round(min(max(share, 0.0), 1.0) * _BAR)
    half = _BAR // 2
    cells = full * done + empty * (_BAR - done)
    return cells[:half] + limit + cells[half:]
