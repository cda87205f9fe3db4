"""The extent of an axis: which curves determine it."""

from __future__ import annotations

import numpy as np
import pytest

from tui.plot.extents import EXPLODED, Extent, determining

FALLING = np.array([10.0, 1.0, 0.1])
LOW = np.array([4.0, 0.5, 0.2])
EXPLODING = np.array([9.0, 1e9, 1e18])
LOST = np.array([9.0, 1e9, np.nan])


def extent(values: np.ndarray, *, ghost: bool = False) -> Extent:
    return Extent(values, float(values[0]), not np.isfinite(values[-1]), ghost)


def ends(*extents: Extent, log: bool = False) -> tuple[float, float]:
    values = np.concatenate(determining(extents, log=log))
    return float(np.nanmin(values)), float(np.nanmax(values))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "other", [extent(EXPLODING), extent(LOST), extent(EXPLODING, ghost=True), extent(LOST, ghost=True)]
)
def test_an_explosion_leaves_the_axis_to_the_others(other: Extent, log: bool) -> None:
    assert ends(extent(FALLING), other, extent(LOW), log=log) == (0.1, 10.0)


def test_a_fall_without_end_leaves_it_too() -> None:
    falling = extent(np.array([1.0, -1e9, -1e25]))
    assert ends(extent(FALLING), falling) == (0.1, 10.0)


def test_starts_of_other_sizes_are_all_shown() -> None:
    assert ends(extent(FALLING), extent(np.array([1e6, 1e3, 1.0]))) == (0.1, 1e6)


def test_a_ghost_that_reaches_as_far_is_shown_whole() -> None:
    assert ends(extent(FALLING), extent(np.array([30.0, 2.0, 0.01]), ghost=True)) == (0.01, 30.0)


def test_a_path_alone_that_is_still_finite_is_shown_whole() -> None:
    assert ends(extent(EXPLODING)) == (9.0, 1e18)


def test_where_all_are_lost_a_linear_axis_shows_what_came_before() -> None:
    assert ends(extent(LOST), extent(-LOST)) == (-9.0 * EXPLODED, 9.0 * EXPLODED)
    assert ends(extent(LOST), log=True) == (9.0, 1e9)


def test_nothing_finite_determines_nothing() -> None:
    assert determining([Extent(np.array([np.nan]), np.nan, lost=True), Extent(np.zeros(0), np.nan)]) == []
