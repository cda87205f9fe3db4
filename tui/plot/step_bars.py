"""The parts of a step of one variable as bars: arrows on a line."""

from __future__ import annotations

from tui.text.glyphs import UNICODE, Glyphs
from tui.views.step_parts import StepParts

_MOST_CELLS = 14
_NAMES = {"g": "against the gradient", "s": "step taken"}


def step_bars(parts: StepParts, width: int, glyphs: Glyphs = UNICODE) -> str:
    """Draw the direction and strength of each part, all on one scale, the longest as long as there is room for.

    A part too short for a cell is a dot; one that does not fit into `width` cells is left out.
    """
    pushes = {name: float(push[0]) for name, push in parts.pushes().items()}
    if not pushes:
        return ""
    names = {**_NAMES, "m": parts.momentum_name}
    longest = max(abs(push) for push in pushes.values())
    taken = sum(len(names[name]) + 3 for name in pushes)
    cells = min(max((width - taken) // len(pushes), 1), _MOST_CELLS)
    text = ""
    for name, push in pushes.items():
        size = round(abs(push) / longest * cells) if longest > 0 else 0
        word = f"{names[name]} {_bar(push, size, glyphs)}"
        text = f"{text}  {word}" if text and len(text) + len(word) + 2 <= width else text or word[:width]
    return text


def _bar(push: float, size: int, glyphs: Glyphs) -> str:
    line, left, right, dot = glyphs.push
    if not size:
        return dot
    return left + line * (size - 1) if push < 0 else line * (size - 1) + right
