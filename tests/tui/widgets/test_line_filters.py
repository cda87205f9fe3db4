"""Line filters on segments without a style or colours."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import DimFilter, LineFilter, Monochrome
from textual.strip import Strip

from tests.tui.stage import Stage
from tui.app.base import ResilientApp
from tui.views.small_panes import News
from tui.widgets.ascii import ASCII_CLASS
from tui.widgets.line_filters import ASCII, filtered, tolerant
from tui.widgets.news import NewsLines

GROUND = Color(30, 30, 30)
BARE = [Segment("no style"), Segment("no colours", Style(dim=True)), Segment("one colour", Style(color="#ff0000"))]


@pytest.mark.parametrize("line_filter", [Monochrome(), DimFilter()])
def test_a_filter_takes_segments_without_colours(line_filter: LineFilter) -> None:
    segments = tolerant(line_filter).apply(BARE, GROUND)
    assert [segment.text for segment in segments] == [segment.text for segment in BARE]
    assert all(segment.style is not None and segment.style.bgcolor == GROUND.rich_color for segment in segments)


def test_what_has_its_colours_is_filtered_as_by_textual() -> None:
    segments = [Segment("red on blue", Style(color="#ff0000", bgcolor="#0000ff"))]
    assert tolerant(Monochrome()).apply(segments, GROUND) == Monochrome().apply(segments, GROUND)


def test_names_in_other_scripts_become_ascii_of_the_same_width() -> None:
    style = Style(bold=True)
    (segment,) = ASCII.apply([Segment("é 語/\ufffd → x\u0301 ok", style)], GROUND)
    assert segment == Segment("e ??/? ? x ok", style)
    plain_already = [Segment("loss", style)]
    assert ASCII.apply(plain_already, GROUND) == plain_already


async def test_an_app_in_ascii_shows_foreign_names_in_ascii() -> None:
    app = ResilientApp()
    app.add_class(ASCII_CLASS)
    async with app.run_test():
        (row,) = filtered(app.screen, [Strip([Segment("語 μ")])])
        assert row.text == "?? ?"


async def test_an_app_without_colours_shows_what_has_no_style(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ResilientApp()
    async with app.run_test():
        (row,) = filtered(app.screen, [Strip(BARE)])
        assert row.text == "no styleno coloursone colour"
        triplets = [segment.style.color.triplet for segment in row if segment.style and segment.style.color]
        assert all(triplet is not None and triplet.red == triplet.green == triplet.blue for triplet in triplets)
        assert len(triplets) == 3
        assert app.get_line_filters() == app.get_line_filters()


async def test_the_blank_rows_of_a_picture_have_the_widgets_colours() -> None:
    widget = NewsLines()
    app = Stage(widget)
    async with app.run_test(size=(40, 10)) as pilot:
        widget.show(News("one row"))
        await pilot.pause()
        below = widget._canvas.line(widget.size.height + 1)
        assert [segment.style for segment in below] == [widget.rich_style]
