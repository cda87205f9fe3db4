"""The picture of a curve plot, character by character."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rich.style import Style

from engine.events import Curve
from tests.tui.curves import descent, parabola, sigmoid, steep, tanh
from tui.plot.braille import DASHED, SOLID
from tui.plot.curve_axes import Shown
from tui.plot.curve_lines import CurveReading, one_curve
from tui.plot.curve_scene import CurveScene, CurveStyles, draw_scene
from tui.text import glyphs
from tui.views.curve_picture import CurvePicture
from tui.views.paths_picture import Ghost

ASCII = CurveStyles(glyphs=glyphs.ASCII)


def drawn(scene: CurveScene, width: int, height: int, styles: CurveStyles = ASCII) -> list[str]:
    return [row.rstrip() for row in draw_scene(scene, width, height, styles).text()]


def test_function_and_gradient_on_one_axis_with_zero_lines() -> None:
    assert drawn(CurveScene(CurvePicture(curves=(parabola(),))), 44, 14) == [
        " parabola  f(x) = x^2  ** f  ++ f'",
        "10+",
        "  |**                  |                  **",
        "  |  **                                 **",
        " 5+    ***                           ***+++",
        "  |       ***          |         +***",
        "  |         *****           ++*****",
        " 0+-  -  -  -  -***************  -  -  -  -",
        "  |              ++  + |",
        "  |        ++  ++",
        "-5+      ++",
        "  |++++                |",
        "  +-------+------------+------------+-------",
        " x       -2            0            2",
    ]


def test_the_cursor_reads_both_off_and_draws_the_tangent() -> None:
    reading = CurveReading("parabola", 1.0, 1.0, 2.0, ("f", "f′"))
    assert drawn(CurveScene(CurvePicture(curves=(parabola(),)), reading=reading), 44, 14) == [
        " parabola  x 1, f(x) 1, f'(x) 2",
        "10+                           |",
        "  |**                  |      |           **",
        "  |  **                       |         **",
        " 5+    ***                    |      ***+++",
        "  |       ***          |      |  +***",
        "  |         *****           ++o*----",
        " 0+-  -  -  -  -*********---**O  -  -  -  -",
        "  |              ++  + --     |",
        "  |        ++  ++             |",
        "-5+      ++                   |",
        "  |++++                |      |",
        "  +-------+------------+------------+-------",
        " x       -2            0            2",
    ]


def test_the_ball_stands_where_the_step_arrived_with_a_stair_from_the_step_before() -> None:
    assert drawn(CurveScene(descent(steps=2), step=2, shown="function"), 44, 14) == [
        " parabola  f(x) = x^2  .. f",
        " |.                                        .",
        " | .                  |                   .",
        " |  ..                                  ..",
        " |   .                                  :",
        "5+    ..              |               ..",
        " |     ..                            -.",
        " |       ..                      +--o",
        " |         ..         |          *.",
        " |          ...                .--",
        " |             ....        ...--",
        "0+                .......... -",
        " +-------+------------^-------------+-------",
        "x       -2            0             2",
    ]


def test_dead_slopes_are_named_and_their_edges_drawn_for_eyes_without_colour() -> None:
    rows = drawn(CurveScene(CurvePicture(curves=(sigmoid(),))), 60, 12)
    assert sum(row.count("f' ~ 0") for row in rows) == 2
    assert any(row.count(":") == 2 for row in rows)


def test_their_ground_is_tinted_where_there_is_colour() -> None:
    tint = Style(bgcolor="#202020")
    cells = draw_scene(CurveScene(CurvePicture(curves=(sigmoid(),))), 60, 12, CurveStyles(flat=tint))
    grounds = [
        segment.style is not None and segment.style.bgcolor is not None
        for segment in cells.strips()[3]
        for _ in segment.text
    ]
    assert grounds[6] and grounds[-1] and not grounds[32]


def test_one_of_several_curves_is_shown_with_all_names_below() -> None:
    scene = CurveScene(CurvePicture(curves=(sigmoid(), tanh(), steep())), chosen=1)
    rows = drawn(scene, 50, 14)
    assert rows[0].startswith(" tanh  tanh x")
    assert rows[-1] == "  sigmoid > tanh   steep"


def test_all_curves_at_once_have_a_mark_each() -> None:
    scene = CurveScene(CurvePicture(curves=(sigmoid(), tanh())), overlay=True)
    rows = drawn(scene, 50, 14)
    assert rows[0].endswith("all 2 curves")
    assert rows[-1] == "> ** sigmoid   ++ tanh"
    assert any("*" in row for row in rows[1:-3]) and any("+" in row[4:] for row in rows[1:-3])


def test_all_gradients_at_once() -> None:
    rows = drawn(CurveScene(CurvePicture(curves=(sigmoid(), tanh())), overlay=True, shown="slope"), 60, 14)
    assert rows[0].endswith("slopes of all 2 curves")
    assert rows[1].startswith("1.0+")


def test_a_curve_that_is_itself_a_derivative_is_called_by_what_is_drawn_of_it() -> None:
    derived = replace(parabola(), label="f′ and f″", formula="f′ of x²")
    scene = CurveScene(CurvePicture(curves=(parabola(), derived)), overlay=True)
    assert drawn(scene, 60, 14)[-1] == "> ** parabola   ++ f'"
    assert drawn(replace(scene, shown="slope"), 60, 14)[-1] == "> ** parabola   ++ f''"
    alone = drawn(replace(scene, overlay=False, chosen=1), 60, 14)
    assert alone[0].endswith("** f'  ++ f''")
    assert alone[-1] == "  parabola > f' and f''"


def test_a_gradient_that_leaves_the_picture_is_said_to() -> None:
    assert drawn(CurveScene(CurvePicture(curves=(steep(),))), 60, 14)[0].endswith("f' cut off")


def test_before_the_first_step_there_is_a_ball_and_no_stair() -> None:
    rows = drawn(CurveScene(descent(), step=0, shown="function"), 62, 20)
    assert not any("o" in row for row in rows[1:17])


def test_a_ball_that_left_the_picture_points_to_where_it_went() -> None:
    away = descent(steps=4, rate=1.2)  # 2.5, −3.5, 4.9, ...
    assert any(row.startswith(" |<") for row in drawn(CurveScene(away, step=1, shown="function"), 44, 14))
    assert any(row.endswith(">") for row in drawn(CurveScene(away, step=2, shown="function"), 44, 14))


def test_a_path_that_diverged_stays_at_its_last_finite_step() -> None:
    picture = descent(steps=4)
    values, points = picture.values.copy(), picture.points.copy()
    values[:, 3:], points[:, 3:] = np.nan, np.nan
    ball = CurveScene(replace(picture, values=values, points=points), step=4).ball(0)
    assert ball is not None
    assert ball.x == pytest.approx(2.5 * 0.8**2, rel=1e-5)


def test_known_minima_are_marked_on_the_axis() -> None:
    rows = drawn(CurveScene(descent()), 62, 20)
    axis = next(row for row in rows if row.lstrip().startswith("+--"))
    assert axis.index("^") == rows[-1].index(" 0 ") + 1


def test_a_ghost_lies_under_the_new_path() -> None:
    x = np.linspace(-2.9, -2.0, 8)
    picture = replace(descent(), ghosts=(Ghost("last run", x[:, None], x**2),))
    assert sum(row.count("'") for row in drawn(CurveScene(picture, shown="function"), 62, 20)[1:]) >= 4


def test_starts_of_the_next_run_stand_on_the_curve() -> None:
    picture = replace(descent(), starts=((2.5,), (-2.0,)))
    plain = drawn(CurveScene(descent(), step=0), 62, 20)
    marked = drawn(CurveScene(picture, step=0), 62, 20)
    assert sum(row.count("o") for row in marked[1:]) == sum(row.count("o") for row in plain[1:]) + 1


def test_braille_where_there_is_utf8() -> None:
    rows = drawn(CurveScene(descent(), step=3), 62, 20, CurveStyles())
    assert any("\u2801" <= char <= "\u28ff" for row in rows for char in row)
    assert "●" in "".join(rows) and "○" in "".join(rows) and "▲" in "".join(rows)
    assert "━━ f" in rows[0] and "╍╍ f′" in rows[0]


def test_markup_and_controls_in_a_label_are_text() -> None:
    curve = replace(parabola(), label="a[/b]\x1b", formula="x\u202e")
    row = drawn(CurveScene(CurvePicture(curves=(curve,))), 60, 14, CurveStyles())[0]
    assert row.startswith(" a[/b]\ufffd  x\ufffd")


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (3, 2), (12, 4), (20, 5), (40, 9), (300, 100)])
def test_any_size_is_drawn_whole(size: tuple[int, int]) -> None:
    several = CurvePicture(curves=(sigmoid(), tanh()))
    for scene in (CurveScene(CurvePicture()), CurveScene(descent()), CurveScene(several)):
        strips = draw_scene(scene, *size, CurveStyles()).strips()
        assert [strip.cell_length for strip in strips] == [size[0]] * size[1]


def test_function_and_gradient_differ_in_dash_and_mark_and_not_in_colour_alone() -> None:
    slope, function = one_curve(parabola(), "both", Style(), Style())
    assert (function.dash, slope.dash) == (SOLID, DASHED)
    assert function.mark != slope.mark


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shown", ["both", "function", "slope"])
def test_values_near_the_greatest_float_are_drawn_as_any_others(shown: Shown) -> None:
    x = np.linspace(-1.0, 1.0, 41)
    curve = Curve("huge", "huge", "1e308·x", x, 1e308 * x, np.full(41, 1e308))
    reading = CurveReading("huge", 0.5, 5e307, 1e308, ("f", "f′"))
    rows = drawn(CurveScene(CurvePicture(curves=(curve,)), shown=shown, reading=reading), 60, 16)
    assert any("e+308" in row for row in rows)
    assert any("O" in row for row in rows)
