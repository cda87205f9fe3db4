"""Trails: the dots of paths, found once, in the order of steps."""

from __future__ import annotations

import numpy as np
import pytest

from tui.plot.map_window import MapWindow
from tui.plot.trails import Dots, Trails

# Ten by five cells of 20 by 20 dots, so that a dot is one unit wide and the origin lies at the lower left.
WINDOW = MapWindow(10.0, 10.0, 2.0, 10, 5)


def path(*points: tuple[float, float]) -> np.ndarray:
    return np.array([points], np.float32)


def places(dots: Dots, number: int = 0) -> list[tuple[int, int]]:
    """Column and row, counted from the lower left, of one path's dots."""
    return [
        (dot % 20, 19 - dot // 20)
        for dot, owner in zip(dots.dot.tolist(), dots.path.tolist(), strict=True)
        if owner == number
    ]


def pairs(dots: Dots) -> set[tuple[int, int]]:
    return set(zip(dots.path.tolist(), dots.dot.tolist(), strict=True))


def test_a_straight_path_sets_every_dot_it_crosses_once() -> None:
    dots = Trails(WINDOW, 1).extend(path((2.5, 3.5), (6.5, 3.5)))
    assert places(dots) == [(2, 3), (3, 3), (4, 3), (5, 3), (6, 3)]
    assert dots.step.tolist() == [0, 1, 1, 1, 1]


def test_a_diagonal_has_a_dot_in_every_column() -> None:
    assert places(Trails(WINDOW, 1).extend(path((1.5, 1.5), (5.5, 5.5)))) == [(n, n) for n in range(1, 6)]


def test_a_dot_is_counted_once_however_often_the_path_comes_back() -> None:
    trails = Trails(WINDOW, 1)
    trails.extend(path((2.5, 3.5), (4.5, 3.5), (2.5, 3.5), (4.5, 3.5)))
    assert places(trails.dots()) == [(2, 3), (3, 3), (4, 3)]
    assert places(trails.extend(path((3.5, 3.5)))) == []


def test_grown_in_pieces_it_is_what_it_is_at_once() -> None:
    points = np.cumsum(np.random.default_rng(1).normal(0, 1.5, (3, 200, 2)), axis=1).astype(np.float32) + 10
    whole, pieces = Trails(WINDOW, 3), Trails(WINDOW, 3)
    whole.extend(points)
    for first in range(0, 200, 7):
        pieces.extend(points[:, first : first + 7])
    assert pieces.steps == whole.steps == 200
    assert pairs(pieces.dots()) == pairs(whole.dots())
    for step in (0, 20, 60, 150):
        assert pairs(pieces.dots().until(step)) == pairs(whole.dots().until(step))


def test_dots_come_in_the_order_of_steps_so_that_a_prefix_is_the_past() -> None:
    points = np.cumsum(np.random.default_rng(2).normal(0, 1.0, (2, 100, 2)), axis=1).astype(np.float32) + 10
    trails = Trails(WINDOW, 2)
    trails.extend(points[:, :40])
    trails.extend(points[:, 40:])
    assert (np.diff(trails.dots().step) >= 0).all()
    short = Trails(WINDOW, 2)
    short.extend(points[:, :31])
    assert pairs(trails.dots().until(30)) == pairs(short.dots())


def test_each_path_has_dots_of_its_own() -> None:
    both = np.concatenate([path((1.5, 1.5), (3.5, 1.5)), path((3.5, 1.5), (3.5, 3.5))])
    dots = Trails(WINDOW, 2).extend(both)
    assert places(dots, 0) == [(1, 1), (2, 1), (3, 1)]
    assert places(dots, 1) == [(3, 1), (3, 2), (3, 3)]


def test_a_jump_far_outside_and_back_leaves_the_dots_inside() -> None:
    dots = Trails(WINDOW, 1).extend(path((10.5, 5.5), (1e9, 5.5), (10.5, 5.5)))
    assert set(places(dots)) == {(column, 5) for column in range(10, 20)}


def test_a_path_that_crosses_the_window_from_outside_to_outside_is_seen() -> None:
    dots = Trails(WINDOW, 1).extend(path((-1000.0, 5.5), (1000.0, 5.5)))
    assert {column for column, _ in places(dots)} >= set(range(1, 20))


def test_a_path_that_stays_outside_has_no_dots() -> None:
    assert not len(Trails(WINDOW, 1).extend(path((-5.0, 3.0), (-1.0, 40.0), (50.0, 50.0))).dot)


def test_after_a_divergence_nothing_is_drawn() -> None:
    nan = float("nan")
    dots = Trails(WINDOW, 1).extend(path((2.5, 3.5), (4.5, 3.5), (nan, nan), (nan, nan)))
    assert places(dots) == [(2, 3), (3, 3), (4, 3)]


def test_a_creeping_path_reaches_the_next_dot_when_it_gets_there() -> None:
    trails = Trails(WINDOW, 1)
    dots = trails.extend(path(*((2.05 + 0.1 * n, 3.5) for n in range(12))))
    assert places(dots) == [(2, 3), (3, 3)]
    assert dots.step.tolist() == [0, 10]


def test_dashes_leave_gaps_that_go_on_from_piece_to_piece() -> None:
    points = path(*((float(n) + 0.5, 3.5) for n in range(20)))
    whole, pieces = (Trails(WINDOW, 1, dashes=[(3, 2)]) for _ in range(2))
    columns = [column for column, _ in places(whole.extend(points))]
    assert columns == [n for n in range(20) if n % 5 < 3]
    for first in range(0, 20, 3):
        pieces.extend(points[:, first : first + 3])
    assert [column for column, _ in places(pieces.dots())] == columns


def test_each_path_keeps_its_own_dash() -> None:
    lines = np.concatenate([path((0.5, 1.5), (19.5, 1.5)), path((0.5, 3.5), (19.5, 3.5))])
    dots = Trails(WINDOW, 2, dashes=[None, (1, 1)]).extend(lines)
    assert len(places(dots, 0)) == 20
    assert len(places(dots, 1)) == 10


def test_a_hundred_thousand_steps_on_one_spot_are_a_handful_of_dots() -> None:
    turns = np.linspace(0, 1000, 100_000)
    points = np.stack([10 + 0.9 * np.cos(turns), 10 + 0.9 * np.sin(turns)], axis=1)[None].astype(np.float32)
    assert 4 <= len(Trails(WINDOW, 1).extend(points).dot) <= 9


@pytest.mark.parametrize("paths", [0, 1])
def test_nothing_to_draw_is_no_error(paths: int) -> None:
    trails = Trails(WINDOW, paths)
    assert not len(trails.dots().dot)
    assert not len(trails.extend(np.zeros((paths, 0, 2), np.float32)).dot)
