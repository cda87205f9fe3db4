"""The canvas: drawn once per frame, and only changed rows are painted."""

from __future__ import annotations

import asyncio

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.stage import Stage
from tui.plot.cells import Cells
from tui.widgets.canvas import Canvas, Picture


class Board(Widget):
    bold = False

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


async def test_only_rows_that_differ_are_painted() -> None:
    class RowBoard(Board):
        def draw(self, width: int, height: int) -> Picture:
            return [strip("same"), strip(self.text, Style(bold=self.bold)), strip("tail")]

    board = RowBoard()
    async with Stage(board).run_test(size=(20, 3)) as pilot:
        await pilot.pause()
        painted: list[Region] = []
        board.refresh = lambda *regions, **_: painted.extend(regions)
        for board.text, board.bold in (("first", False), ("fifth", False), ("fifth", True)):
            board.canvas.changed()
            await pilot.pause()
        assert painted == [Region(0, 1, 20, 1)] * 2


async def test_what_is_hidden_is_drawn_when_it_becomes_visible() -> None:
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


async def test_of_cells_the_rows_that_differ_are_painted() -> None:
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
        assert painted == [Region(0, 1, 20, 1)]


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
        assert painted == [Region(0, 0, 20, 1)]


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


async def test_news_held_back_while_hidden_is_due_only_until_the_pause_ends() -> None:
    board = Board(pause_s=0.05)
    async with Stage(board).run_test(size=(20, 3)) as pilot:
        board.display = False
        await pilot.pause()
        board.canvas.changed(now=False)
        board.text = "news"
        board.canvas.changed(now=False)
        assert board.canvas._due
        async with asyncio.timeout(10):
            while board.canvas._due:
                await pilot.pause(0.01)
        board.display = True
        await pilot.pause()
        assert "news" in pilot.app.screen._compositor.render_strips()[0].text
