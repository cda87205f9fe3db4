"""The README's moving picture: each frame draws the cells that differ from the one before."""

from __future__ import annotations

from xml.etree import ElementTree

from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from textual.strip import Strip

from tests.moving_picture import animated, frame_of

SVG = "{http://www.w3.org/2000/svg}"


def strip(text: str, colour: str = "#ffffff") -> Strip:
    return Strip([Segment(text, Style.parse(f"{colour} on #000000"))])


def test_a_frame_draws_the_cells_that_differ_over_those_before() -> None:
    frames = [frame_of([strip("abc"), strip("def")], 0.5, DIMMED_MONOKAI)]
    frames.append(frame_of([strip("aXc"), strip("def")], 1.5, DIMMED_MONOKAI))
    root = ElementTree.fromstring(animated([frames], "a < b"))
    groups = {group.get("class"): group for group in root.iter(f"{SVG}g") if group.get("class")}
    texts = {name: [text.text for text in group.iter(f"{SVG}text")] for name, group in groups.items()}
    assert texts == {"f0": ["abc", "def"], "f1": ["X"]}
    (changed,) = groups["f1"].iter(f"{SVG}text")
    assert (changed.get("x"), changed.get("fill")) == ("12", "#ffffff")
    style = root.findtext(f"{SVG}style") or ""
    assert "animation-duration:2.00s" in style and "25.000%{visibility:visible}" in style
    assert "prefers-reduced-motion" in style


def test_braille_is_drawn_as_dots_which_need_no_font() -> None:
    root = ElementTree.fromstring(animated([[frame_of([strip("a\u2881")], 1.0, DIMMED_MONOKAI)]], "dots"))
    (path,) = root.iter(f"{SVG}path")
    assert path.get("d") == "M13.5 1.5h3v3h-3zM19.5 19.5h3v3h-3z"
    assert [text.text for text in root.iter(f"{SVG}text")] == ["a"]
