"""The canvas: drawn once a frame, and only cells that changed are painted."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.stage import Stage
from tui.drawing.cells import Cells
from tui.widgets.canvas import Canvas, Picture, changed_regions


class Board(Widget):
    def __init__(self, *, pause_s: float = 0.0) -> None:
        super().__init__()
        self.text = "first"
        self.drawings = 0
        self.canvas = Canvas(self, self.draw, pause_s=pause_s)

    def draw(self, width: int, height: int) -> Picture:
        self.drawings += 1
        return [Strip([Segment(self.text)])]

    def render_line(self, y: int) -> Strip:
        return self.canvas.line(y)


def strip(text: str, style: Style | None = None) -> Strip:
    return Strip([Segment(text, style)], len(text))


def test_only_rows_that_differ_are_painted_from_their_first_to_their_last_change() -> None:
    before = [strip("same"), strip("loss 0.31"), strip("tail")]
    after = [strip("same"), strip("loss 0.29"), strip("tail")]
    assert changed_regions(before, after) == [Region(7, 1, 2, 1)]


def test_a_change_of_style_alone_is_a_change() -> None:
    assert changed_regions([strip("ab")], [strip("ab", Style(bold=True))]) == [Region(0, 0, 2, 1)]


def test_changes_far_apart_are_painted_apart() -> None:
    assert changed_regions([strip("a" + " " * 80 + "b")], [strip("c" + " " * 80 + "d")]) == [
        Region(0, 0, 1, 1),
        Region(81, 0, 1, 1),
    ]


async def test_what_is_out_of_sight_is_drawn_when_it_comes_in_sight() -> None:
    board = Board()
    async with Stage(board).run_test(size=(20, 3)) as pilot:
        board.display = False
        await pilot.pause()
        drawn = board.drawings
        board.text = "unseen"
        board.canvas.changed()
        await pilot.pause()
        assert board.drawings == drawn
        board.display = True
        await pilot.pause()
        assert "unseen" in pilot.app.screen._compositor.render_strips()[0].text


async def test_cells_are_painted_where_they_differ() -> None:
    class CellBoard(Board):
        def draw(self, width: int, height: int) -> Cells:
            cells = Cells(width, height)
            cells.put(0, 1, self.text)
            return cells

    board = CellBoard()
    async with Stage(board).run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        painted: list[Region] = []
        board.refresh = lambda *regions, **_: painted.extend(regions)
        board.text = "fifth"
        board.canvas.changed()
        await pilot.pause()
        assert painted == [Region(2, 1, 3, 1)]


async def test_what_was_drawn_for_another_widgets_frame_is_painted_with_its_own() -> None:
    board = Board()
    async with Stage(board).run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        painted: list[Region] = []
        board.refresh = lambda *regions, **_: painted.extend(regions)
        board.text = "fifth"
        board.canvas.changed()
        assert board.render_line(0).text.rstrip() == "fifth"
        await pilot.pause()
        assert painted == [Region(2, 0, 3, 1)]


async def test_several_changes_before_a_frame_draw_once() -> None:
    board = Board()
    async with Stage(board).run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        before = board.drawings
        for text in ("second", "third", "fourth"):
            board.text = text
            board.canvas.changed()
        await pilot.pause()
        assert board.drawings == before + 1
        assert board.render_line(0).text.rstrip() == "fourth"


async def test_news_waits_for_the_pause_and_what_a_key_did_does_not() -> None:
    board = Board(pause_s=60.0)
    async with Stage(board).run_test(size=(20, 3)) as pilot:
        board.canvas.changed(now=False)
        await pilot.pause()
        drawn = board.drawings
        board.text = "news"
        board.canvas.changed(now=False)
        await pilot.pause()
        assert board.drawings == drawn
        board.canvas.changed()
        await pilot.pause()
        assert board.render_line(0).text.rstrip() == "news"


async def test_news_held_back_is_drawn_when_the_pause_ends() -> None:
    board = Board(pause_s=0.05)
    async with Stage(board).run_test(size=(20, 3)) as pilot:
        board.canvas.changed(now=False)
        await pilot.pause()
        drawn = board.drawings
        board.text = "news"
        board.canvas.changed(now=False)
        while board.drawings == drawn:
            await pilot.pause(0.01)
        assert board.render_line(0).text.rstrip() == "news"
