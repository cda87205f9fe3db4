"""The confusion matrix, from wide to narrow."""

from __future__ import annotations

import numpy as np
import pytest

from engine.events import Evaluated
from tests.tui.stage import Stage
from tui.plot.matrix import MatrixLook, draw_matrix, layout, shares
from tui.text.glyphs import ASCII, Glyphs
from tui.widgets.training.confusion_matrix import ConfusionMatrix

NAMES = ("T-shirt/top", "Trouser", "Shirt")
COUNTS = np.array([[870, 3, 127], [2, 981, 17], [210, 0, 790]], dtype=np.int64)


def evaluated() -> Evaluated:
    return Evaluated(469, 1, 0.4, 0.88, COUNTS, NAMES)


def drawn(width: int, **look: bool | Glyphs) -> list[str]:
    cells = draw_matrix(COUNTS, NAMES, width, MatrixLook(**look))
    assert cells is not None
    return [row.rstrip() for row in cells.text()]


def test_with_room_names_and_counts_are_whole() -> None:
    assert drawn(80) == [
        "             T-shirt Trouser   Shirt",
        "T-shirt/top      870       3     127",
        "Trouser            2     981      17",
        "Shirt            210       ·     790",
    ]


def test_narrower_names_are_cut_before_counts_go() -> None:
    assert drawn(20) == [
        "         T-s Tro Shi",
        "T-shirt  870   3 127",
        "Trouser    2 981  17",
        "Shirt    210   · 790",
    ]


def test_where_no_letters_fit_classes_are_numbered_in_both_directions() -> None:
    assert drawn(14) == [
        "     0   1   2",
        "0  870   3 127",
        "1    2 981  17",
        "2  210   · 790",
    ]


def test_where_no_counts_fit_shares_are_shades() -> None:
    assert drawn(12, plain=True) == [
        "        012",
        "0 T-shi █░░",
        "1 Trous ░█░",
        "2 Shirt ░ █",
    ]


def test_where_nothing_fits_there_is_no_picture() -> None:
    assert draw_matrix(COUNTS, NAMES, 4, MatrixLook()) is None
    assert layout(4, NAMES, 981) is None


def test_without_colour_right_answers_stand_in_brackets() -> None:
    assert "[870]" in drawn(80, plain=True)[1]


def test_ascii_draws_nothing_else() -> None:
    for width in range(5, 60):
        assert all(row.isascii() for row in drawn(width, glyphs=ASCII))


def test_shares_are_of_the_row_and_an_empty_row_has_none() -> None:
    np.testing.assert_allclose(shares(np.array([[3, 1], [0, 0]])), [[0.75, 0.25], [0, 0]])


@pytest.mark.parametrize("width", range(5, 90, 5))
def test_no_width_is_overrun(width: int) -> None:
    cells = draw_matrix(np.full((10, 10), 1000), tuple("abcdefghij"), width, MatrixLook())
    assert cells is None or cells.width <= width


async def test_the_cursor_starts_at_the_worst_confusion_and_says_what_it_means() -> None:
    matrix = ConfusionMatrix()
    async with Stage(matrix).run_test(size=(80, 16)) as pilot:
        matrix.show(evaluated())
        matrix.focus()
        await pilot.press("down")
        assert matrix.cursor == (2, 0)
        assert "Shirt taken for T-shirt/top: 210 of 1,000 (21.0%)" in matrix.render_line(0).text
        await pilot.press("up", "right")
        assert "Trouser known as such: 981 of 1,000 (98.1%)" in matrix.render_line(0).text
        await pilot.press(*["left"] * 9)
        assert matrix.cursor == (1, 0)
        await pilot.press("escape")
        assert matrix.cursor is None


async def test_too_few_rows_are_reported_and_not_clipped() -> None:
    matrix = ConfusionMatrix()
    async with Stage(matrix).run_test(size=(80, 3)) as pilot:
        matrix.show(evaluated())
        await pilot.pause()
        assert "needs 4 rows; there are 3" in matrix.render_line(1).text


MANY = tuple(f"class{place:02}" for place in range(47))
COUNTS_OF_MANY = np.arange(47 * 47).reshape(47, 47) % 90 + np.diag(np.full(47, 100))


async def test_more_classes_than_fit_are_shown_in_pages_that_keys_turn_and_the_cursor_takes_along() -> None:
    matrix = ConfusionMatrix()
    async with Stage(matrix).run_test(size=(60, 12)) as pilot:
        matrix.show(Evaluated(469, 1, 0.4, 0.88, COUNTS_OF_MANY, MANY))
        await pilot.pause()
        assert "classes 1 to 10 of 47" in matrix.render_line(0).text
        assert matrix.render_line(11).text.startswith("9 c")
        matrix.focus()
        await pilot.press(*["pagedown"] * 9)
        assert "classes 38 to 47 of 47" in matrix.render_line(0).text
        await pilot.press("pageup")
        assert "classes 28 to 37 of 47" in matrix.render_line(0).text
        await pilot.press("down")
        assert matrix.cursor is not None
        row, column = matrix.cursor
        assert row != column
        true, taken = MANY[row], MANY[column]
        assert f"{true} taken for {taken}: {COUNTS_OF_MANY[row, column]}" in matrix.render_line(0).text
        shown = [matrix.render_line(y).text.split(" ")[0] for y in range(2, 12)]
        assert str(row) in shown
        await pilot.press(*["down"] * 46, *["right"] * 46)
        assert matrix.cursor == (46, 46)
        assert matrix.render_line(11).text.startswith("46 ")


async def test_a_rare_confusion_is_shaded_differently_from_none() -> None:
    matrix = ConfusionMatrix()
    async with Stage(matrix).run_test(size=(80, 16)) as pilot:
        matrix.show(evaluated())
        await pilot.pause()
        look = {share: matrix._shade(share, False).bgcolor for share in (0.0, 0.02, 0.13, 0.25)}
        assert len(set(look.values())) == 4


async def test_a_header_without_room_leaves_out_whole_words_and_a_cut_sentence_says_so() -> None:
    matrix = ConfusionMatrix()
    async with Stage(matrix).run_test(size=(40, 12)) as pilot:
        matrix.show(evaluated())
        await pilot.pause()
        assert matrix.render_line(0).text.rstrip() == " confusion  rows are true · step 469"
        matrix.focus()
        await pilot.press("down")
        assert matrix.render_line(0).text.rstrip() == " confusion  Shirt taken for T-shirt/top…"
