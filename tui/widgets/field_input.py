"""An input line whose caret does not blink."""

from __future__ import annotations

import re

from textual.widgets import Input

MOST = 4000


class FieldInput(Input):
    """An input line of at most MOST characters. Its caret does not blink: an idle screen sends nothing. Unprintable
    characters are removed from typed or pasted text. Words are numbers and names: -4.5 is one, and blank space, commas,
    semicolons and slashes separate words.

    Textual's `_WORD_START` is not public; a test fails when it changes.
    """

    _WORD_START = re.compile(r"(?<=[\s,;/])[^\s,;/]")

    def __init__(self, value: str = "") -> None:
        super().__init__(value, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def replace(self, text: str, start: int, end: int) -> None:
        first, last = sorted((max(start, 0), min(end, len(self.value))))
        room = max(MOST - len(self.value) + last - first, 0)
        super().replace("".join(c for c in text if c.isprintable())[:room], start, end)
