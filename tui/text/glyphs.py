"""Signs in the terminal's character set: Unicode with braille; the signs of every console font, if it has no braille;
or ASCII if the terminal has no more.

Everything is drawn with the first. `for_blocks` gives each sign that a console lacks the nearest that it has, as wide;
the app puts it between the picture and the terminal, and headless output between the text and the stream.

Source of what a console has: the Linux kernel's built-in font, code page 437.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tui.text.plain import plain

GlyphSet = Literal["braille", "blocks", "ascii"]

_RUN_SIGNS: dict[str, tuple[str, str]] = {
    "new": (" ", " "),
    "running": ("▶", ">"),
    "paused": ("‖", "="),
    "done": ("✓", "+"),
    "seen": ("○", "o"),
    "solved": ("✓", "+"),
    "stopped": ("■", "#"),
    "diverged": ("!", "!"),
    "failed": ("✗", "x"),
    "crashed": ("✗", "x"),
    "gone": ("?", "?"),
}
"""The states of a lesson or a run, each with its sign in Unicode and in ASCII. All panes and tables use these."""

BAD_STATES = ("diverged", "failed", "crashed", "gone")


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """The signs of a character set. There are two, UNICODE and ASCII; an app or a report uses one throughout.

    A sign is one cell wide unless noted otherwise.
    """

    ascii: bool
    dot: str
    """Separates the words of a row; three cells, or two."""
    more: str
    """Ends a text that was cut."""
    ellipsis: str
    """The same in running text; one cell, or three."""
    bullet: str
    rule: str
    """A line across."""
    quote: str
    """Marks quoted text, at its left."""
    stripe: str
    """Marks the result of a lesson, at its left."""
    chosen: str
    """Marks the chosen entry, before it."""
    opened: str
    """Marks the open lesson, before it."""
    on: str
    off: str
    """Ticked, and not; one cell, or three."""
    opens: str
    """After a word that is one of several."""
    bar: tuple[str, str]
    """The parts of a progress bar: done, and left."""
    push: tuple[str, str, str, str]
    """A bar with a direction: its length, its left and right end, and one too short to see."""
    axis: tuple[str, str, str, str, str]
    """The line and a tick of an axis of values; the corner; the line and a tick of the axis of steps."""
    cross: tuple[str, str, str]
    """A line across, a line down, and both."""
    corners: tuple[str, str, str, str]
    """Of a line that turns: right and down, left and down, right and up, left and up."""
    edges: tuple[str, str, str, str]
    """Arrows left, right, up, down: towards hidden parts, and for the direction in which a column is sorted."""
    arrows: str
    """Arrows in the eight directions, counterclockwise from the right."""
    heads: str
    """Marks a path's present position, by its form."""
    starts: str
    """Marks a path's start, by its form."""
    lines: tuple[str, ...]
    """Two cells of the line of a series, by its style."""
    ghost_line: str
    """Two cells of the line of an earlier run."""
    trail: str
    ghost_trail: str
    """Marks a path's earlier positions, and those of an earlier run."""
    ball: str
    """The point under the cursor."""
    ring: str
    """An empty place."""
    minimum: str
    broken: str
    """Marks a value that is not finite."""
    border: str
    """The dotted edge of an area."""

    def spelled(self, text: str) -> str:
        """Convert `text` to this character set. Clean untrusted text before."""
        return plain(text) if self.ascii else text

    def run_sign(self, state: str, unknown: str = " ") -> str:
        """The sign of a run's state; `unknown` if the state has none."""
        return _RUN_SIGNS[state][self.ascii] if state in _RUN_SIGNS else unknown


UNICODE = Glyphs(
    ascii=False,
    dot=" · ",
    more="…",
    ellipsis="…",
    bullet="•",
    rule="─",
    quote="▎",
    stripe="▌",
    chosen="▸",
    opened="▌",
    on="■",
    off="□",
    opens="▾",
    bar=("━", "─"),
    push=("━", "◀", "▶", "·"),
    axis=("│", "┤", "└", "─", "┬"),
    cross=("─", "│", "┼"),
    corners=("╮", "╭", "╯", "╰"),
    edges=("◀", "▶", "▲", "▼"),
    arrows="→↗↑↖←↙↓↘",
    heads="●◆■▲▼▶",
    starts="○◇□△▽▷",
    lines=("━━", "╍╍", "┅┅", "━╍"),
    ghost_line="┈┈",
    trail="•",
    ghost_trail="∘",
    ball="●",
    ring="○",
    minimum="×",
    broken="×",
    border="┊",
)
ASCII = Glyphs(
    ascii=True,
    dot=", ",
    more="~",
    ellipsis="...",
    bullet="*",
    rule="-",
    quote="|",
    stripe="|",
    chosen=">",
    opened=">",
    on="[x]",
    off="[ ]",
    opens="v",
    bar=("#", "-"),
    push=("-", "<", ">", "."),
    axis=("|", "+", "+", "-", "+"),
    cross=("-", "|", "+"),
    corners=("+", "+", "+", "+"),
    edges=("<", ">", "^", "v"),
    arrows=">/^\\</v\\",
    heads="*+@x#%",
    starts="oooooo",
    lines=("**", "++", "@@", "xx", "##", "%%"),
    ghost_line="..",
    trail=":",
    ghost_trail="'",
    ball="O",
    ring="o",
    minimum="X",
    broken="x",
    border=":",
)


def glyphs_of(ascii_only: bool) -> Glyphs:
    """The character set of a terminal that shows ASCII alone, or any character."""
    return ASCII if ascii_only else UNICODE


_NEAREST = {
    "━": "─", "╍": "-", "┅": "∙", "┈": "·", "┊": "│", "╭": "┌", "╮": "┐", "╰": "└", "╯": "┘", "‖": "║",
    "▁": "_", "▂": "▄", "▃": "▄", "▅": "▄", "▆": "█", "▇": "█", "▏": "▌", "▎": "▌", "▍": "▌", "▋": "█", "▊": "█",
    "▉": "█", "▶": "►", "▷": ">", "▸": "►", "◀": "◄", "◁": "<", "▾": "▼", "△": "^", "▽": "v", "●": "•", "○": "o",
    "∘": "°", "◆": "♦", "◇": "+", "□": "_", "✓": "√", "✗": "x", "×": "x", "−": "-", "…": "~", "–": "-", "—": "-",
    "′": "'", "″": '"', "‘": "'", "’": "'", "“": '"', "”": '"', "‹": "<", "›": ">", "↖": "\\", "↘": "\\",
    "↗": "/", "↙": "/", "∇": "▼", "∂": "δ", "λ": "l", "η": "ñ", "θ": "Θ", "ρ": "p", "κ": "k", "β": "ß", "γ": "y",
    "μ": "µ", **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)), "⏎": "<", "⌫": "<",
}  # fmt: skip
"""Signs that the console lacks, each with the most similar one that it has."""

_BRAILLE = 0x2800
_UPPER, _LOWER, _LEFT, _RIGHT = 0x1B, 0xE4, 0x47, 0xB8
"""The dots of each half of a braille cell. Source: The Unicode Standard, block U+2800, Braille Patterns."""


@cache
def for_blocks() -> Mapping[int, str]:
    """A table for str.translate from all drawn signs to those of a console font; each sign keeps its width."""
    table = {ord(sign): nearest for sign, nearest in _NEAREST.items()}
    return table | {_BRAILLE + dots: _block(dots) for dots in range(256)}


def _block(dots: int) -> str:
    """The half or full block that is most similar to a cell of braille dots."""
    if not dots:
        return " "
    upper, lower, left, right = (bool(dots & half) for half in (_UPPER, _LOWER, _LEFT, _RIGHT))
    if upper != lower:
        return "▀" if upper else "▄"
    return "█" if left and right else "▌" if left else "▐"
