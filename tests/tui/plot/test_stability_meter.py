"""The stability meter: rate times curvature against 2."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.events import SurfaceDrawn
from engine.surfaces import surface
from tui.drawing.stability_meter import bar, meter

BOWL = surface("bowl", 25.0).drawn()


@pytest.mark.parametrize(
    ("rate", "product", "verdict"),
    [(0.02, 0.5, "straight down"), (0.06, 1.5, "comes back"), (0.1, 2.5, "unstable")],
)
def test_on_a_bowl_the_product_is_the_rate_times_its_conditioning(rate: float, product: float, verdict: str) -> None:
    found = meter(BOWL, (1.0, -2.0), rate)
    assert found is not None
    assert found.product == pytest.approx(product, rel=1e-6)
    assert verdict in found.verdict


def test_on_a_hilltop_nothing_holds_a_step_back() -> None:
    found = meter(surface("himmelblau").drawn(), (-0.270845, -0.923039), 0.01)
    assert found is not None
    assert found.curvature < 0
    assert "nothing holds" in found.verdict


def test_himmelblaus_minimum_is_unstable_above_the_rate_its_hessian_allows() -> None:
    # The Hessian at (3, 2), from the second derivatives 12x² + 4y − 42, 4x + 4y, 4x + 12y² − 26.
    sharpest = np.linalg.eigvalsh([[12 * 9 + 8 - 42, 20], [20, 12 + 48 - 26]])[-1]
    found = meter(surface("himmelblau").drawn(), (3.0, 2.0), 2.1 / sharpest)
    assert found is not None
    assert found.product == pytest.approx(2.1, rel=1e-6)


def test_beside_another_rules_path_it_says_what_plain_descent_would_do() -> None:
    found = meter(BOWL, (1.0, -2.0), 0.1)
    assert found is not None
    assert found.verdict_of_others == "plain descent would be unstable"


def test_an_unknown_surface_and_a_lost_path_have_no_meter() -> None:
    unknown = SurfaceDrawn("mine", "", "", BOWL.x, BOWL.y, BOWL.z, ())
    assert meter(unknown, (0.0, 0.0), 0.1) is None
    assert meter(BOWL, (math.nan, 0.0), 0.1) is None


@pytest.mark.parametrize(
    ("product", "drawn"),
    [
        (0.0, "----------|----------"),
        (1.0, "#####-----|----------"),
        (2.0, "##########|----------"),
        (9.0, "##########|##########"),
        (-1.0, "----------|----------"),
        (math.nan, "----------|----------"),
    ],
)
def test_the_bar_has_its_limit_in_the_middle(product: float, drawn: str) -> None:
    assert bar(product, ascii_only=True) == drawn
    assert len(bar(product)) == len(drawn)
