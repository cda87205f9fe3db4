"""The table of past runs: keys, marks, details."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from textual.app import ComposeResult
from textual.events import MouseScrollDown
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.app.base import ResilientApp
from tui.model.history import PastRun
from tui.plot import series_styles
from tui.plot.cells import Cells
from tui.text.glyphs import UNICODE
from tui.widgets.ascii import ASCII_CLASS
from tui.widgets.log.history_table import HistoryTable
from tui.widgets.log.run_details import RunDetails
from tui.widgets.log.run_rows import RunRows

START = datetime(2026, 11, 24, 12, 0)


def runs(count: int) -> tuple[PastRun, ...]:
    return tuple(
        PastRun(
            run=f"himmelblau/{n}",
            lesson="himmelblau" if n % 2 else "fashion-mnist",
            outcome="done" if n % 3 else "diverged",
            started=START - timedelta(hours=n),
            steps=n,
            value=1.0 / (n + 1),
            value_name="loss",
            changed={"learning_rate": f"0.{n}"},
            settings={"learning_rate": f"0.{n}", "seed": "0"},
            command=f"gdtui himmelblau --learning-rate 0.{n}",
            learned=f"Run {n} reached the minimum.",
        )
        for n in range(count)
    )


class Stage(ResilientApp):
    """An app with a table, that keeps its messages and applies marks as the real one does."""

    def __init__(self, table: HistoryTable, past: tuple[PastRun, ...]) -> None:
        super().__init__()
        self.table, self.past = table, past
        self.overlaid: dict[str, int] = {}
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.show(self.past, self.overlaid)
        self.table.query_one(RunRows).focus()

    def on_history_table_overlay_toggled(self, message: HistoryTable.OverlayToggled) -> None:
        self.heard.append(message)
        if message.shown:
            self.overlaid = {**self.overlaid, message.run: len(self.overlaid) + 1}
        else:
            self.overlaid = {run: slot for run, slot in self.overlaid.items() if run != message.run}
        self.table.show(self.past, self.overlaid)

    def on_history_table_command_copied(self, message: HistoryTable.CommandCopied) -> None:
        self.heard.append(message)

    def on_history_table_run_highlighted(self, message: HistoryTable.RunHighlighted) -> None:
        self.heard.append(message)


def rows(widget: Widget) -> list[str]:
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


async def test_the_newest_run_comes_first_with_what_matters_of_it() -> None:
    table = HistoryTable()
    async with Stage(table, runs(3)).run_test(size=(118, 10)) as pilot:
        await pilot.pause()
        said = rows(table.query_one(RunRows))
        assert said[0].split() == [
            "when",
            "▼",
            "lesson",
            "outcome",
            "steps",
            "loss/f",
            "acc",
            "time",
            "changed",
            "settings",
        ]
        assert said[1].split() == [
            "2026-11-24", "12:00", "fashion-mnist", "!", "diverged", "0", "1", "learning", "rate", "0.0",
        ]  # fmt: skip


async def test_space_marks_a_run_with_the_line_it_has_on_the_plot_and_again_takes_the_mark_away() -> None:
    table = HistoryTable()
    stage = Stage(table, runs(3))
    async with stage.run_test(size=(80, 10)) as pilot:
        await pilot.press("down", "space")
        await pilot.pause()
        mark = next(iter(table.query_one(RunRows).render_line(2)))
        assert mark.text == series_styles.sample(1, UNICODE)
        assert mark.style is not None and mark.style.color is not None
        assert mark.style.color.name == series_styles.colour(1, dark=True).lower()
        await pilot.press("enter")
        toggled = [(m.run, m.shown) for m in stage.heard if isinstance(m, HistoryTable.OverlayToggled)]
        assert toggled == [("himmelblau/1", True), ("himmelblau/1", False)]


async def test_left_and_right_sort_by_columns_and_i_turns_the_order_round() -> None:
    table = HistoryTable()
    async with Stage(table, runs(5)).run_test(size=(118, 10)) as pilot:
        rows_of = table.query_one(RunRows)
        await pilot.press("right", "right", "right")
        assert rows_of.sorted_by == "steps"
        assert [run.steps for run in rows_of.rows] == [4, 3, 2, 1, 0]
        await pilot.press("i")
        assert [run.steps for run in rows_of.rows] == [0, 1, 2, 3, 4]
        await pilot.press("left", "left", "left", "left")
        assert rows_of.sorted_by == "settings"


async def test_a_click_on_a_title_sorts_and_one_on_a_row_goes_there() -> None:
    table = HistoryTable()
    async with Stage(table, runs(5)).run_test(size=(118, 10)) as pilot:
        await pilot.pause()
        at = rows(table.query_one(RunRows))[0].index("loss/f")
        await pilot.click(RunRows, offset=(at, 0))
        assert table.query_one(RunRows).sorted_by == "value"
        await pilot.click(RunRows, offset=(10, 3))
        assert table.query_one(RunRows).cursor == 2


async def test_the_filter_is_typed_and_enter_goes_back_to_the_rows() -> None:
    table = HistoryTable()
    async with Stage(table, runs(9)).run_test(size=(80, 14)) as pilot:
        await pilot.press("slash", *"fashion", "enter")
        await pilot.pause()
        assert [run.lesson for run in table.query_one(RunRows).rows] == ["fashion-mnist"] * 5
        assert "5 of 9 runs · filter: fashion" in str(table.query_one("#caption", Static).render())
        assert pilot.app.focused is table.query_one(RunRows)
        await pilot.press("escape")
        await pilot.pause()
        assert len(table.query_one(RunRows).rows) == 9
        assert table.query_one(Input).value == ""


async def test_the_cursor_stays_on_its_run_when_newer_runs_come() -> None:
    table = HistoryTable()
    stage = Stage(table, runs(4))
    async with stage.run_test(size=(80, 10)) as pilot:
        await pilot.press("down", "down")
        newer = PastRun("himmelblau/new", "himmelblau", "running", START + timedelta(1))
        table.show((newer, *stage.past), {})
        assert table.highlighted is not None and table.highlighted.run == "himmelblau/2"


async def test_the_cursor_goes_to_the_first_row_of_a_new_order() -> None:
    table = HistoryTable()
    async with Stage(table, runs(40)).run_test(size=(80, 10)) as pilot:
        await pilot.press("end", "right", "right", "right", "right")
        await pilot.pause()
        rows_of = table.query_one(RunRows)
        assert rows_of.cursor == 0 and rows_of.scroll_offset.y == 0


async def test_d_tells_all_about_a_run() -> None:
    table = HistoryTable()
    async with Stage(table, runs(4)).run_test(size=(80, 20)) as pilot:
        await pilot.press("down", "d")
        await pilot.pause()
        details = table.query_one(RunDetails)
        assert details.region.area and not table.query_one(RunRows).region.area
        for words in (
            "himmelblau/1",
            "done · 1 steps · loss 0.5",
            "Run 1 reached",
            "--learning-rate 0.1",
            "* learning rate  0.1",
        ):
            assert words in details.text
        await pilot.press("escape")
        await pilot.pause()
        assert table.query_one(RunRows).region.area


async def test_with_room_the_details_follow_the_cursor_beside_the_rows() -> None:
    table = HistoryTable()
    async with Stage(table, runs(4)).run_test(size=(160, 20)) as pilot:
        await pilot.press("down", "down")
        await pilot.pause()
        assert table.query_one(RunDetails).region.area and table.query_one(RunRows).region.area
        assert table.query_one(RunDetails).text.startswith("himmelblau/2")


async def test_y_asks_for_the_command_line() -> None:
    table = HistoryTable()
    stage = Stage(table, runs(2))
    async with stage.run_test(size=(80, 10)) as pilot:
        await pilot.press("y")
        await pilot.pause()
        asked = [m.command for m in stage.heard if isinstance(m, HistoryTable.CommandCopied)]
        assert asked == ["gdtui himmelblau --learning-rate 0.0"]


async def test_ten_thousand_rows_draw_only_the_visible_ones() -> None:
    table = HistoryTable()
    async with Stage(table, runs(10_000)).run_test(size=(80, 12)) as pilot:
        drawn: list[str] = []
        rows_of = table.query_one(RunRows)
        original = rows_of.draw_row

        def draw_row(cells: Cells, y: int, row: int) -> None:
            drawn.append(rows_of.rows[row].run)
            original(cells, y, row)

        rows_of.draw_row = draw_row  # type: ignore[method-assign]
        await pilot.press("pagedown", "end")
        await pilot.pause()
        assert table.highlighted is not None and table.highlighted.run == "himmelblau/9999"
        assert 10 <= len(set(drawn)) < 60


async def test_strangers_texts_neither_act_nor_crash() -> None:
    nasty = PastRun(
        "a\x1b]0;x\x07[/b]", "x[/", "\u202e", message="\x9b31m", command="\x1b[2J", settings={"[b]": "[/b]"}
    )
    table = HistoryTable()
    async with Stage(table, (nasty,)).run_test(size=(160, 20)) as pilot:
        await pilot.pause()
        said = "".join(rows(table.query_one(RunRows))) + table.query_one(RunDetails).text
        assert "[/b]" in said
        assert not any(bad in said for bad in ("\x1b", "\x07", "\x9b", "\u202e"))


async def test_no_run_is_reported_in_words() -> None:
    table = HistoryTable()
    async with Stage(table, ()).run_test(size=(80, 10)) as pilot:
        await pilot.press("space", "down", "end", "d", "escape", "y", "i", "right")
        await pilot.pause()
        assert any("no past run" in row for row in rows(table.query_one(RunRows)))


@pytest.mark.parametrize("size", [(1, 1), (20, 4), (200, 60)])
async def test_any_size_is_filled_exactly(size: tuple[int, int]) -> None:
    table = HistoryTable()
    async with Stage(table, runs(5)).run_test(size=size) as pilot:
        await pilot.pause()
        shown = table.query_one(RunRows)
        widths = {shown.render_line(y).cell_length for y in range(shown.size.height)}
        assert widths <= {shown.size.width}


async def test_ascii_draws_nothing_else() -> None:
    table = HistoryTable()
    stage = Stage(table, runs(5))
    stage.add_class(ASCII_CLASS)
    async with stage.run_test(size=(160, 20)) as pilot:
        await pilot.press("space")
        await pilot.pause()
        assert all(row.isascii() for row in rows(table.query_one(RunRows)))
        assert table.query_one(RunDetails).text.isascii()


async def test_the_wheel_scrolls_and_leaves_the_cursor_and_a_key_makes_it_visible_again() -> None:
    table = HistoryTable()
    async with Stage(table, runs(40)).run_test(size=(80, 10)) as pilot:
        rows_of = table.query_one(RunRows)
        for _ in range(3):
            await pilot._post_mouse_events([MouseScrollDown], RunRows, offset=(5, 4))
        await pilot.wait_for_scheduled_animations()
        assert rows_of.cursor == 0 and rows_of.top > 0
        assert "himmelblau" in rows(rows_of)[1] or "fashion-mnist" in rows(rows_of)[1]
        await pilot.press("down")
        await pilot.pause()
        assert rows_of.cursor == 1 and rows_of.top == 1
        await pilot.press("end")
        await pilot.pause()
        assert rows_of.top + rows_of.fits == 40
