"""The stability meter: rate times curvature against 2."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.descent.surfaces import surface
from engine.events import SurfaceDrawn
from tui.plot.stability_meter import StabilityMeter, bar, meter
from tui.text.glyphs import ASCII

BOWL = surface("bowl", 25.0).drawn()
HIMMELBLAU = surface("himmelblau").drawn()


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


@pytest.mark.parametrize(
    "point", [(-0.127961, -1.953715), (0.086678, 2.884255), (3.385154, 0.073852), (-3.073026, -0.081353)]
)
def test_a_saddle_is_never_called_stable(point: tuple[float, float]) -> None:
    found = meter(HIMMELBLAU, point, 0.001)
    assert found is not None
    assert found.least < 0 < found.curvature and 0 < found.product < 1
    assert "runs off" in found.verdict
    assert found.verdict_of_others == found.verdict
    assert not found.unstable


def test_on_a_slope_the_curvature_speaks_of_a_minimum_and_not_of_the_steps() -> None:
    # From (4, 4) the rate 0.01 arrives in four steps, although its product with the curvature is over 2.
    steep = meter(HIMMELBLAU, (4.0, 4.0), 0.01)
    assert steep is not None
    assert steep.product == pytest.approx(0.01 * np.linalg.eigvalsh([[166, 32], [32, 182]])[-1], rel=1e-6)
    assert steep.product > 2
    assert steep.verdict == steep.verdict_of_others == "a minimum this sharp would not hold it"
    gentle = meter(HIMMELBLAU, (4.0, 4.0), 0.005)
    assert gentle is not None and gentle.verdict == "a minimum this sharp would hold it"


def test_near_a_minimum_the_curvature_foretells_the_steps() -> None:
    near = [meter(HIMMELBLAU, (3.01, 1.99), rate) for rate in (0.01, 0.02, 0.03)]
    words = [found.verdict.split(":")[1] for found in near if found]
    assert words == [" straight down", " overshoots and comes back", " each step overshoots further"]


def test_where_one_direction_is_level_nothing_holds_a_step_back_along_it() -> None:
    assert "level one way" in StabilityMeter(0.01, 0.0, 4.0).verdict
    assert not StabilityMeter(1.0, 0.0, 4.0).unstable


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
    assert bar(product, ASCII) == drawn
    assert len(bar(product)) == len(drawn)
