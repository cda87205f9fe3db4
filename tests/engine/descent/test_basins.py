"""A basin map: for every start it has the end of a separate descent from there."""

from __future__ import annotations

import numpy as np
import pytest

from engine.descent import surfaces
from engine.descent.basins import DIVERGED, NOWHERE, basins
from engine.descent.optimizers import OptimizerSettings
from engine.events import PathEnded
from engine.lessons import lesson
from engine.settings import parse_settings

HIMMELBLAU = surfaces.surface("himmelblau")


def ends(starts: list[tuple[float, float]], **texts: str) -> list[PathEnded]:
    """The ends of the same descents in the lesson."""
    taught = lesson("himmelblau")
    given = {"start": ";".join(f"{x!r},{y!r}" for x, y in starts), **texts}
    return [each for each in taught.run(parse_settings(taught.settings, given)) if isinstance(each, PathEnded)]


@pytest.mark.parametrize(
    ("optimizer", "rate", "steps"), [("sgd", "0.01", 200), ("adam", "0.2", 60), ("sgd", "0.022", 60)]
)
def test_a_map_agrees_with_the_lesson(optimizer: str, rate: str, steps: int) -> None:
    found = basins(HIMMELBLAU, optimizer, float(rate), steps, width=6, height=5)
    starts = [(float(x), float(y)) for y in found.y for x in found.x]
    expected = ends(starts, optimizer=optimizer, learning_rate=rate, steps=str(steps))
    for end, reached, passed in zip(expected, found.reached.ravel(), found.steps.ravel(), strict=True):
        if end.diverged_step is not None:
            assert (reached, passed) == (DIVERGED, end.diverged_step)
        elif end.minimum is None:
            assert (reached, passed) == (NOWHERE, -1)
        else:
            assert (found.minima[reached], passed) == (end.minimum, end.arrived_step)


def test_every_kind_of_end_was_among_those_compared() -> None:
    assert (basins(HIMMELBLAU, "sgd", 0.022, 60, width=6, height=5).reached == DIVERGED).any()
    assert (basins(HIMMELBLAU, "adam", 0.2, 60, width=6, height=5).reached == NOWHERE).any()
    assert set(np.unique(basins(HIMMELBLAU, "sgd", 0.01, 200, width=6, height=5).reached)) == {0, 1, 2, 3}


def test_a_start_on_a_minimum_is_there_at_step_zero() -> None:
    found = basins(HIMMELBLAU, "sgd", 0.01, 3, width=3, height=3, x_range=(2.0, 4.0), y_range=(1.0, 3.0))
    assert (found.reached[1, 1], found.steps[1, 1]) == (0, 0)
    assert found.values[1, 1] == pytest.approx(0.0, abs=1e-9)


def test_a_map_lies_on_the_domain_row_by_row() -> None:
    found = basins(surfaces.bowl(3.0), "sgd", 0.0, 1, width=4, height=2)
    assert found.x[[0, -1]].tolist() == [-6, 6] and found.y.tolist() == [-6, 6]
    assert found.reached.shape == found.steps.shape == found.values.shape == (2, 4)
    x, y = np.meshgrid(found.x, found.y)
    np.testing.assert_allclose(found.values, surfaces.bowl(3.0)(x, y), rtol=1e-6)


def test_a_surface_with_no_minimum_has_no_basin() -> None:
    found = basins(surfaces.surface("saddle"), "sgd", 0.02, 50, width=3, height=3)
    assert (found.reached == NOWHERE).all() and (found.steps == -1).all()


def test_a_path_that_is_lost_has_no_value() -> None:
    found = basins(surfaces.surface("saddle"), "sgd", 10.0, 200, width=3, height=3)
    assert (found.reached[:, 0] == DIVERGED).all() and np.isnan(found.values[:, 0]).all()
    assert (found.steps[:, 0] > 0).all()


def test_the_optimizers_own_numbers_count() -> None:
    usual, slow = (
        basins(HIMMELBLAU, "momentum", 0.002, 40, width=5, height=5, settings=OptimizerSettings(momentum=mu))
        for mu in (0.9, 0.0)
    )
    assert (usual.values != slow.values).any()


def test_the_largest_map_is_one_call() -> None:
    found = basins(HIMMELBLAU, "sgd", 0.01, 200, width=128, height=128)
    counts = np.bincount(found.reached.ravel(), minlength=4)
    assert counts.sum() == 16384 and counts.min() > 3000
    # Each minimum's own basin holds it.
    for place, minimum in enumerate(found.minima):
        column, row = (
            np.abs(axis - part).argmin() for axis, part in zip((found.x, found.y), minimum.point, strict=True)
        )
        assert found.reached[row, column] == place


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 129), (-1, 1)])
def test_a_map_of_no_size_or_too_large_a_one_is_refused(width: int, height: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 128"):
        basins(HIMMELBLAU, "sgd", 0.01, 5, width=width, height=height)


def test_a_map_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        basins(surfaces.bowl(3.0), "sgd", 0.0, 1, width=4, height=2).reached[0, 0] = 7
