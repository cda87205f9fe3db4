"""The page of a lesson: it grows, it scrolls, it hides nothing."""

from __future__ import annotations

from textual.widget import Widget

from engine.events import Learned, Remark, Table
from tests.tui.curves import PAGE
from tests.tui.stage import Stage
from tui.widgets.tables_view import TablesView


def rows(widget: Widget) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


WIDE = Table("wide", "Wide", tuple(f"column{n}" for n in range(12)), (tuple(float(n) + 0.125 for n in range(12)),))
LONG = tuple(Table(f"t{n}", f"Table {n}", ("a", "b"), ((1.0, 2.0),) * 4) for n in range(8))


async def test_the_page_fills_from_the_top_as_the_run_goes() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.show(PAGE[:1])
        await pilot.pause()
        assert view.text == ["The derivative of f(x) = x² is its slope.", ""]
        view.show(PAGE)
        await pilot.pause()
        assert rows(view)[0].startswith("The derivative")
        assert view.text[-3:] == ["▌ Learned", "▌ The path reached the minimum x = 0.", ""]


async def test_the_reader_stays_where_she_is_while_the_page_grows() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(60, 12)) as pilot:
        view.show(LONG)
        view.focus()
        await pilot.pause()
        await pilot.press("pagedown")
        await pilot.pause()
        top = view.scroll_offset.y
        assert top > 0
        view.show((*LONG, Learned("done")))
        await pilot.pause()
        assert view.scroll_offset.y == top


async def test_with_room_for_two_columns_the_page_is_laid_out_in_both_and_n_still_finds_its_tables() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(115, 12)) as pilot:
        view.show((*LONG, Learned("done")))
        view.focus()
        await pilot.pause()
        first = rows(view)[0]
        assert first.index("Table 4") - first.index("Table 0") > 54
        assert all(f"Table {n}" in "\n".join(view.text) for n in range(8))
        assert view.virtual_size.height < 6 * 9
        await pilot.press("n")
        await pilot.pause()
        assert "Table 1" in rows(view)[0]


async def test_another_run_starts_at_the_top() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(60, 12)) as pilot:
        view.show(LONG)
        view.focus()
        await pilot.press("end")
        view.show((Remark("again"), *LONG[1:]))
        await pilot.pause()
        assert view.scroll_offset.y == 0
        assert rows(view)[0].startswith("again")


async def test_n_brings_one_table_after_another_to_the_top() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(60, 12)) as pilot:
        view.show((Remark("first"), *LONG))
        view.focus()
        await pilot.pause()
        await pilot.press("n", "n")
        await pilot.pause()
        assert rows(view)[0].startswith("Table 1")
        await pilot.press("N")
        await pilot.pause()
        assert rows(view)[0].startswith("Table 0")


async def test_n_before_there_is_room_for_the_page_does_nothing() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(1, 12)) as pilot:
        view.show(LONG[:2])
        view.show(LONG)
        view.focus()
        await pilot.press("n", "N")
        assert view.scroll_offset.y == 0
        await pilot.resize_terminal(60, 12)
        await pilot.press("n", "n")
        await pilot.pause()
        assert rows(view)[0].startswith("Table 2")


async def test_what_is_too_wide_has_a_mark_at_the_edge_and_scrolls_there() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(40, 14)) as pilot:
        view.show((WIDE,))
        view.focus()
        await pilot.pause()
        assert sum(row.rstrip().endswith("›") for row in rows(view)) == 3
        await pilot.press(*["right"] * 9)
        await pilot.pause()
        assert any(row.startswith("‹") for row in rows(view))


async def test_the_same_page_again_paints_nothing() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.show(PAGE)
        await pilot.pause()
        painted: list[object] = []
        view.refresh = lambda *regions, **options: painted.append(regions) or view  # type: ignore[method-assign,assignment,func-returns-value]
        view.show(tuple(PAGE))
        await pilot.pause()
        assert painted == []


async def test_an_empty_page_says_so_and_ascii_is_ascii() -> None:
    view = TablesView()
    async with Stage(view, ascii_only=True).run_test(size=(40, 14)) as pilot:
        await pilot.pause()
        assert rows(view)[0].startswith("nothing said yet")
        view.show((*PAGE, WIDE))
        await pilot.pause()
        assert all(row.isascii() for row in (*rows(view), *view.text))


async def test_a_narrower_screen_lays_the_page_out_again() -> None:
    view = TablesView()
    async with Stage(view).run_test(size=(80, 20)) as pilot:
        view.show((Remark("word " * 12),))
        await pilot.pause()
        assert len(view.text) == 2
        await pilot.resize_terminal(40, 20)
        await pilot.pause()
        assert len(view.text) == 3
