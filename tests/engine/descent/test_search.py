"""The search for a function's minima and for the domain to draw."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine.descent import curves, surfaces
from engine.descent.search import Found, Landscape, landscape, minima_in, search
from engine.descent.stability import derivatives, plain_surface
from engine.own.expressions import parse

FAR = {"rastrigin", "ackley", "saddle"}
"""Surfaces with more minima than are published, or none."""


def ground(text: str) -> Landscape:
    """The landscape of an expression of x, or of x and y."""
    names = ("x", "y") if "y" in text else ("x",)
    expression = parse(text, names)

    def plain(points: npt.NDArray[Any]) -> npt.NDArray[Any]:
        values: npt.NDArray[Any] = expression(*points.T, np)
        return values

    return landscape(plain, len(names))


def found(text: str, *ranges: tuple[float, float]) -> Found:
    return search(ground(text), ranges)


def places(result: Found) -> list[tuple[float, ...]]:
    return sorted(tuple(round(part, 6) for part in minimum.point) for minimum in result.minima)


@pytest.mark.parametrize("name", sorted(set(surfaces.NAMES) - FAR))
def test_the_known_minima_of_a_surface_are_found_again(name: str) -> None:
    surface = surfaces.surface(name)
    result = search(landscape(plain_surface(surface), 2))
    known = sorted(minimum.point for minimum in surface.minima)
    np.testing.assert_allclose(sorted(minimum.point for minimum in result.minima), known, atol=1e-6)
    values = sorted(minimum.value for minimum in result.minima)
    np.testing.assert_allclose(values, sorted(minimum.value for minimum in surface.minima), atol=1e-9)
    assert all(minimum.found for minimum in result.minima)


@pytest.mark.parametrize("name", ["rastrigin", "ackley"])
def test_the_lowest_of_many_minima_is_the_first_found(name: str) -> None:
    result = search(landscape(plain_surface(surfaces.surface(name)), 2))
    np.testing.assert_allclose(result.minima[0].point, (0.0, 0.0), atol=1e-6)
    assert len(result.minima) > 4


@pytest.mark.parametrize("function", curves.FUNCTIONS, ids=lambda function: function.id)
def test_the_known_minima_of_a_curve_are_found_again(function: curves.Function) -> None:
    result, _ = minima_in(landscape(lambda points: function.f(points[:, 0], np), 1), (function.x_range,))
    np.testing.assert_allclose(sorted(result[:, 0]), sorted(m.point[0] for m in function.minima), atol=1e-5)


@pytest.mark.parametrize(
    ("text", "minima"),
    [
        ("x^4 + y^4", [(0.0, 0.0)]), ("abs(x) + abs(y)", [(0.0, 0.0)]), ("(x-1000)^2 + (y-1000)^2", [(1000.0, 1000.0)]),
        ("x*log(x)", [(round(math.exp(-1), 6),)]), ("x^6", [(0.0,)]), ("x^4 - 3x^2 + x", [(-1.300840,), (1.130901,)]),
        ("x y", []), ("x + y", []), ("exp(x)", []), ("(x + y)^2", []), ("x^3", []), ("exp(-x^2)", []), ("1/x", []),
    ],
)  # fmt: skip
def test_minima_are_strict_ones(text: str, minima: list[tuple[float, ...]]) -> None:
    np.testing.assert_allclose(places(found(text)), minima, atol=2e-6)


@pytest.mark.parametrize(
    ("text", "minima"),
    [
        ("abs(x) + abs(y)", [(0.0, 0.0)]), ("max(x^2, abs(y))", [(0.0, 0.0)]), ("abs(x - 1/3)", [(1 / 3,)]),
        ("max(abs(x - 0.3), abs(y - 0.21))", [(0.3, 0.21)]), ("max((x - 0.37)^2, abs(y - 0.2))", [(0.37, 0.2)]),
        ("abs(x^2 - 1) + y^2", [(-1.0, 0.0), (1.0, 0.0)]), ("sqrt(abs(x - 0.7))", [(0.7,)]),
        ("abs(x - 1.7y) + 0.01abs(x + y - 1)", [(1.7 / 2.7, 1 / 2.7)]), ("max(x, 1 - 2x)", [(1 / 3,)]),
    ],
)  # fmt: skip
def test_lowest_points_at_kinks_are_found_and_named_so(text: str, minima: list[tuple[float, ...]]) -> None:
    result = found(text)
    np.testing.assert_allclose(places(result), sorted(minima), atol=2e-5)
    assert all(minimum.kink and minimum.found for minimum in result.minima)


def test_a_function_may_have_smooth_minima_and_kinks() -> None:
    (smooth, sharp) = sorted(found("min((x + 1)^2, abs(x - 1) + 0.1)", (-2.0, 2.0)).minima, key=lambda each: each.point)
    assert (smooth.kink, sharp.kink) == (False, True)
    assert (smooth.point[0], sharp.point[0]) == (pytest.approx(-1.0), pytest.approx(1.0))


@pytest.mark.parametrize("text", ["abs(x - y)", "max(x, y)", "relu(x)", "abs(x) + 2sign(x)", "abs(x - 1.7y)"])
def test_a_level_valley_or_a_jump_is_no_lowest_point(text: str) -> None:
    assert found(text).minima == ()


@pytest.mark.parametrize(
    "text",
    [
        "(x + y - 1)^2", "(2x - y)^2", "(x y)^2", "x^2 + 0y", "(y - x^2)^2", "(x^2 + y^2 - 1)^2", "max(x^2, 1) + y^2",
        "max(abs(x), 1) + abs(y)", "abs(x - 1) + abs(x + 1)", "max(x - 1, max(-x, 0))",
    ],
)  # fmt: skip
def test_a_floor_that_is_level_holds_no_minimum_and_is_shown(text: str) -> None:
    result = found(text)
    assert (result.minima, result.level, result.ranges[0]) == ((), True, (-3.0, 3.0))


def test_a_narrow_valley_that_falls_holds_one_minimum_or_none() -> None:
    assert places(found("(y - x^2)^2 + x^4/100")) == [(0.0, 0.0)]
    falls = found("(y - x^2)(y - 3x^2)")
    assert (falls.minima, falls.level) == ((), False)


def test_a_lower_minimum_just_outside_the_first_window_is_found() -> None:
    easom = found("-cos(x)cos(y)exp(-((x - pi)^2 + (y - pi)^2))")
    assert easom.minima[0].point == pytest.approx((math.pi, math.pi)) and easom.minima[0].value == pytest.approx(-1.0)
    assert len(found("x^3 - 3x + y^2").minima) == 1


def test_a_minimum_has_few_digits_where_more_make_it_no_lower() -> None:
    assert [minimum.label for minimum in found("1e9 + x^2 + y^2").minima] == ["(0, 0)"]
    assert [minimum.label for minimum in found("exp(x) + exp(-x) + y^8").minima] == ["(0, 0)"]


def test_what_is_found_has_no_slope_and_curves_up() -> None:
    text = "sin(3x)cos(2y) + 0.05(x^2 + y^2)"
    expression = parse(text, ("x", "y"))
    result = found(text)
    assert len(result.minima) > 5
    for minimum in result.minima:
        gradient, hessian = derivatives(lambda points: expression(*points.T, np), np.array(minimum.point))
        assert np.linalg.norm(gradient) < 1e-6
        assert np.linalg.eigvalsh(hessian)[0] > 0
        assert minimum.value == pytest.approx(float(expression(*minimum.point, np)))


@pytest.mark.parametrize(
    "text", ["x^4 - 3x^2 + x", "(x - 20)^2", "x log(x)", "(1-x)^2 + 100(y-x^2)^2", "x^2 + (y + 7)^2"]
)
def test_the_part_drawn_holds_the_minima_and_the_starts(text: str) -> None:
    result = found(text)
    low, high = np.array(result.ranges).T
    for point in (*(minimum.point for minimum in result.minima), *result.starts):
        assert (low < point).all() and (point < high).all()
    assert np.isfinite(ground(text).value(np.array(result.starts))).all()


def test_a_domain_that_is_given_is_kept() -> None:
    result = found("sin(x)", (0.0, 20.0))
    assert result.ranges == ((0.0, 20.0),)
    np.testing.assert_allclose(places(result), [(1.5 * math.pi,), (3.5 * math.pi,), (5.5 * math.pi,)], atol=1e-6)


@pytest.mark.parametrize(
    "text", ["x^2", "x^4 - 3x^2 + x", "100x^2 + y^2", "(1-x)^2 + 100(y-x^2)^2", "1000x^4", "x^2/1000"]
)
def test_plain_descent_at_the_rate_found_goes_down(text: str) -> None:
    result, here = found(text), ground(text)
    points = before = np.array(result.starts)
    for _ in range(100):
        points = points - result.learning_rate * here.gradient(points)
    assert (here.value(points) < here.value(before)).all()


@pytest.mark.parametrize(
    ("text", "endless"),
    [("x^3 - 3x", True), ("x + y", True), ("x^2 - y^2", True), ("x^2", False), ("sin(x)", False), ("exp(x)", False),
     ("-x^2", True)],
)  # fmt: skip
def test_a_function_that_falls_without_end_is_reported(text: str, endless: bool) -> None:
    assert found(text).endless is endless


@pytest.mark.parametrize("text", ["sqrt(-1 - x^2)", "log(x - 5)", "1/(x - x)", "x^200", "1e300x^2", "1e-300x"])
def test_a_function_that_can_hardly_be_drawn_is_searched_in_peace(text: str) -> None:
    result = found(text)
    assert len(result.starts) >= 1 and result.learning_rate > 0
    assert all(low < high for low, high in result.ranges)


@pytest.mark.parametrize(
    "text", ["x^1000", "sqrt(x - 100)", "log(x - 5)", "x^1000 + y^2", "sqrt(x - 100) + y", "log(x - 5) + y^2"]
)
def test_starts_are_where_a_descent_in_float32_can_begin(text: str) -> None:
    starts, here = np.array(found(text).starts, np.float32), ground(text)
    for numbers in (here.value(starts), here.gradient(starts)):
        assert (np.abs(numbers) < np.finfo(np.float32).max).all()
