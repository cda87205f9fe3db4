"""The three-dimensional picture of a run without a screen."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.tui.descents import bowl_descent
from tui.headless.solid_plot import solid_plot
from tui.text.glyphs import glyphs_of


def shown(system: str, *, ascii_only: bool = False, width: int = 90) -> str:
    picture = bowl_descent(20)
    assert picture.surface is not None
    assert picture.opened is not None
    text = solid_plot(picture.surface, picture.opened, picture.points, width, system, glyphs_of(ascii_only))
    console = Console(
        file=io.StringIO(), force_terminal=bool(system), color_system="truecolor" if system else None, width=width
    )
    with console.capture() as captured:
        console.print(text, highlight=False)
    return captured.get()


def test_it_has_the_paths_with_their_marks_and_names() -> None:
    text = shown("")
    assert "\x1b" not in text
    assert text.count("●") == 2  # on the surface and beside its name
    assert "● from (4, 2)" in text
    assert "◆ from (-4, -2)" in text
    assert " x " in text


def test_in_ascii_it_is_ascii() -> None:
    text = shown("", ascii_only=True)
    assert text.isascii()
    assert "* from (4, 2)" in text


def test_in_colour_nothing_is_painted_beside_the_surface() -> None:
    lines = shown("truecolor").splitlines()
    assert any("48;2;" in line for line in lines)
    assert not any(line.startswith("\x1b[48;2;") or "48;2;18;18;18" in line for line in lines)


@pytest.mark.parametrize("width", [40, 60, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(len(line) for line in shown("", width=width).splitlines()) <= min(width, 72)
