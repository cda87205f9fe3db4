"""The standings of a race at a step, and its rows of text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.events import Minimum, PathEnded
from tests.tui.descents import bowl_descent, until
from tui.plot.race_rows import RaceLook, columns, draw_rows
from tui.text.glyphs import ASCII, Glyphs
from tui.views.descent_picture import DescentPicture
from tui.views.standings import Arrivals, RaceStanding, standings

ORIGIN = Minimum("(0, 0)", (0.0, 0.0), 0.0)


def arrivals(picture: DescentPicture) -> Arrivals:
    found = Arrivals((ORIGIN,), picture.paths)
    found.extend(picture.points, picture.values)
    return found


def first_within(x: float, y: float, rate: float = 0.1) -> int:
    """In closed form: the first step of plain descent on the bowl that is within 0.05 of its minimum."""
    return next(n for n in range(1000) if np.hypot(x * (1 - rate) ** n, y * (1 - 4 * rate) ** n) <= 0.05)


def test_a_path_arrives_at_the_step_since_which_it_stays_within_the_engines_tolerance() -> None:
    picture = bowl_descent(80, starts=((4.0, 2.0), (1.0, 0.0)))
    assert arrivals(picture).since[:, 0].tolist() == [first_within(4.0, 2.0), first_within(1.0, 0.0)]


def passing_by() -> DescentPicture:
    """A path that is near the origin at steps 2 and 3, leaves, and stays there from step 6 on."""
    along = np.array([1.0, 0.5, 0.04, -0.03, -0.4, 0.1, 0.045, 0.02, 0.01], np.float32)
    points = np.stack([along, np.zeros_like(along)], axis=1)[None]
    shown = bowl_descent(8, starts=((1.0, 0.0),))
    return DescentPicture(
        surface=shown.surface, opened=shown.opened, points=points, values=shown.values, gradients=shown.gradients
    )


def test_passing_by_a_minimum_is_not_arriving() -> None:
    picture = passing_by()
    found = arrivals(picture)
    assert found.since[:, 0].tolist() == [6]
    shown = [standings(picture, step, found)[0].arrived_step for step in range(9)]
    assert shown == [None] * 6 + [6] * 3


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_stay_is_followed_through_every_piece_of_a_path(size: int) -> None:
    picture = passing_by()
    pieces = Arrivals((ORIGIN,), 1)
    for first in range(0, 9, size):
        pieces.extend(picture.points[:, first : first + size], picture.values[:, first : first + size])
    assert pieces.since[:, 0].tolist() == [6]


def test_arrivals_found_in_pieces_are_those_found_at_once() -> None:
    picture = bowl_descent(80)
    pieces = Arrivals((ORIGIN,), 2)
    for first in range(0, 81, 9):
        pieces.extend(picture.points[:, first : first + 9], picture.values[:, first : first + 9])
    assert (pieces.since == arrivals(picture).since).all()
    assert pieces.steps == 81


def test_the_first_step_that_is_not_finite_is_where_a_path_was_lost() -> None:
    picture = bowl_descent(20)
    values, points = picture.values.copy(), picture.points.copy()
    values[1, 7:], points[1, 7:] = np.nan, np.nan
    found = Arrivals((ORIGIN,), 2)
    found.extend(points, values)
    assert found.lost.tolist() == [-1, 7]


def test_the_arrived_lead_then_the_lowest_and_the_diverged_are_last() -> None:
    picture = bowl_descent(80, starts=((5.0, 0.0), (1.0, 0.0), (3.0, 0.0), (-3.0, 0.0)))
    values, points = picture.values.copy(), picture.points.copy()
    values[0, 7:], points[0, 7:] = np.nan, np.nan
    race = DescentPicture(
        surface=picture.surface,
        opened=picture.opened,
        points=points,
        values=values,
        gradients=picture.gradients,
        total_steps=80,
    )
    rows = standings(race, 30, arrivals(race))
    assert [row.path for row in rows] == [1, 2, 3, 0]
    assert rows[0].minimum == ORIGIN
    assert rows[0].arrived_step == first_within(1.0, 0.0)
    assert rows[1].arrived_step is None
    assert rows[3].diverged_step == 7
    assert rows[3].value == pytest.approx(12.5 * 0.9**12, rel=1e-5)


def test_equal_paths_keep_their_order() -> None:
    picture = bowl_descent(20, starts=((3.0, 1.0), (-3.0, 1.0), (3.0, -1.0)))
    assert [row.path for row in standings(picture, 10, arrivals(picture))] == [0, 1, 2]


def test_scrubbed_back_the_race_is_as_it_was() -> None:
    picture = bowl_descent(80)
    found = arrivals(picture)
    then = standings(picture, 5, found)
    assert [row.arrived_step for row in then] == [None, None]
    assert then == standings(until(picture, 5), 5, found)
    assert then[0].gradient_norm == pytest.approx(np.hypot(4 * 0.9**5, 8 * 0.6**5), rel=1e-5)


def test_at_the_end_the_engines_word_is_taken() -> None:
    picture = bowl_descent(20, starts=((4.0, 2.0),))
    end = PathEnded(0, "from (4, 2)", (0.5, 0.0), 0.125, 0.5, ORIGIN, 17)
    ended = DescentPicture(
        surface=picture.surface,
        opened=picture.opened,
        points=picture.points,
        values=picture.values,
        gradients=picture.gradients,
        ended=(end,),
    )
    assert standings(ended, 20, arrivals(ended))[0] == RaceStanding(0, "from (4, 2)", 20, 0.125, 0.5, ORIGIN, 17)
    assert standings(ended, 10, arrivals(ended))[0].arrived_step is None


# --- rows of text ---------------------------------------------------------------------------------------------------

RACE = (
    RaceStanding(
        1, "adam from (−4, 0)", 200, 1.8e-12, 1.1e-5, Minimum("(−3.779, −3.283)", (-3.7793, -3.2832), 0.0), 23
    ),
    RaceStanding(0, "sgd from (1, 0)", 200, 2.664, 19.52),
    RaceStanding(2, "sgd from (4, 0)", 11, 4.2e30, 1e31, diverged_step=12),
)


def text(width: int, **look: Glyphs) -> list[str]:
    shades = RaceLook(swatches=[RaceLook([]).text] * 3, **look)
    cells = draw_rows(RACE, columns(width, RACE), width, 0, shades, 0, 3)
    return [row.rstrip() for row in cells.text()]


def test_with_room_everything_is_reported() -> None:
    assert text(80) == [
        "    path                 step         f      |∇f|  reached",
        "  ◆ adam from (−4, 0)     200   1.8e-12   1.1e-05  (−3.779, −3.283) at 23",
        "▸ ● sgd from (1, 0)       200     2.664     19.52",
        "  ■ sgd from (4, 0)        11 4.200e+30 1.000e+31  diverged at 12",
    ]


@pytest.mark.parametrize("width", [35, 80])
def test_a_long_number_touches_neither_its_path_nor_the_number_before(width: int) -> None:
    fallen = [RaceStanding(0, "from (2, 0.001)", 188, -3.199e38, 3.2e19, diverged_step=189)]
    cells = draw_rows(fallen, columns(width, fallen), width, 0, RaceLook(swatches=[RaceLook([]).text]), 0, 1)
    words = cells.text()[1].split()
    assert "0.001)" in words and "-3.199e+38" in words


def test_in_a_narrow_table_the_value_and_the_step_of_arrival_stay() -> None:
    assert text(35) == [
        "    path                 f  at",
        "  ◆ adam (−4, 0)   1.8e-12  23",
        "▸ ● sgd (1, 0)       2.664",
        "  ■ sgd (4, 0)   4.200e+30  lost 12",
    ]


def test_where_one_label_is_shortened_all_are_and_the_step_of_arrival_comes_close_before_it_goes() -> None:
    race = (replace(RACE[0], label="momentum from (−4, 0)"), RACE[1])
    shades = RaceLook(swatches=[RaceLook([]).text] * 2)
    assert [row.rstrip() for row in draw_rows(race, columns(33, race), 33, 0, shades, 0, 2).text()] == [
        "    path                     f at",
        "  ◆ momentum (−4, 0)   1.8e-12 23",
        "▸ ● sgd (1, 0)           2.664",
    ]


def test_before_any_path_arrived_the_head_is_whole() -> None:
    for width in (35, 50, 80):
        shades = RaceLook(swatches=[RaceLook([]).text] * 3)
        head = draw_rows(RACE[1:2], columns(width, RACE[1:2]), width, 0, shades, 0, 1).text()[0]
        assert head.split()[-1] == "at"


def test_between_a_minimum_is_named_by_two_digits() -> None:
    assert "(−3.8, −3.3) at 23" in text(50)[1]


@pytest.mark.parametrize("width", range(8, 90, 3))
def test_no_width_is_overrun_and_the_label_is_never_left_out(width: int) -> None:
    rows = text(width)
    assert all(len(row) <= width for row in rows)
    assert rows[2][4:7] == "sgd"[: width - 4] or rows[2][4:].startswith(("s", "sg"))


def test_ascii_draws_nothing_else() -> None:
    for width in (20, 35, 50, 80):
        assert all(row.isascii() for row in text(width, glyphs=ASCII))
