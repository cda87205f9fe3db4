"""Drawing on a terminal without braille: each sign has a replacement that every console font has, of the same width."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

import tui
from tui.plot.braille import braille
from tui.text.glyphs import for_blocks
from tui.widgets.line_filters import BLOCKS

CONSOLE = {bytes([code]).decode("cp437") for code in range(0x20, 0x100) if code != 0x7F} | set(
    "☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼⌂"
)
DRAWING = ["plot", "widgets", "text/glyphs.py"]


@pytest.mark.parametrize(
    ("rows", "block"),
    [
        (["..", "..", "..", ".."], " "), (["x.", "..", "..", ".."], "▀"), (["..", "..", "..", ".x"], "▄"),
        (["x.", "x.", "x.", "x."], "▌"), ([".x", ".x", ".x", ".x"], "▐"), (["x.", "..", "..", ".x"], "█"),
    ],
)  # fmt: skip
def test_braille_dots_become_the_nearest_block(rows: list[str], block: str) -> None:
    dots = np.array([[char == "x" for char in row] for row in rows])
    (cell,) = braille(dots)[0]
    assert str(cell).translate(for_blocks()) == block


def test_every_sign_in_the_table_is_one_of_the_console_and_keeps_its_width() -> None:
    for code, nearest in for_blocks().items():
        assert nearest in CONSOLE, f"{chr(code)!r} {nearest!r}"
        assert cell_len(nearest) == cell_len(chr(code)) == 1


def test_every_shape_that_is_drawn_is_on_a_console() -> None:
    sources = [file for part in DRAWING for file in _files(Path(tui.__file__).parent / part)]
    drawn = {
        char for file in sources for char in re.findall(r"[\u2190-\u21ff\u2500-\u25ff\u2700-\u28ff]", file.read_text())
    }
    assert len(drawn) > 50
    assert {char for char in drawn if char.translate(for_blocks()) not in CONSOLE} == set()


def test_a_line_is_drawn_with_what_a_console_has() -> None:
    (segment,) = BLOCKS.apply([Segment("⣿ ✓ f′")], Color(0, 0, 0))
    assert segment.text == "█ √ f'"


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))
