"""A line of text under a caret: what keys do to it, apart from any screen.

The exercise pane draws it among the rows of its question, where Textual's Input would be another widget.
Settings are typed into an Input."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[^\s,;/]+")

MOST = 4000


@dataclass(frozen=True, slots=True)
class EditedLine:
    """A text and the caret's place in it, from 0 to its length."""

    text: str
    caret: int

    @classmethod
    def of(cls, text: str) -> EditedLine:
        """A text with the caret after it."""
        return cls(text, len(text))

    def pressed(self, key: str, character: str | None) -> EditedLine | None:
        """The line after a key, by Textual's name of it; None for a key that is not the line's."""
        text, caret = self.text, self.caret
        match key:
            case "left":
                return EditedLine(text, max(caret - 1, 0))
            case "right":
                return EditedLine(text, min(caret + 1, len(text)))
            case "home":
                return EditedLine(text, 0)
            case "end":
                return EditedLine(text, len(text))
            case "ctrl+left":
                return EditedLine(text, self._word_before)
            case "ctrl+right":
                return EditedLine(text, self._word_after)
            case "ctrl+w":
                return EditedLine(text[: self._word_before] + text[caret:], self._word_before)
            case "backspace":
                return EditedLine(text[: max(caret - 1, 0)] + text[caret:], max(caret - 1, 0))
            case "delete":
                return EditedLine(text[:caret] + text[caret + 1 :], caret)
            case "ctrl+u":
                return EditedLine(text[caret:], 0)
            case "ctrl+k":
                return EditedLine(text[:caret], caret)
        if character is not None and character.isprintable():
            return self.typed(character)
        return None

    @property
    def _word_before(self) -> int:
        """Where the word before the caret begins. Words are numbers and names; what stands between them is apart."""
        return max((found.start() for found in _WORD.finditer(self.text) if found.start() < self.caret), default=0)

    @property
    def _word_after(self) -> int:
        """Where the word after the caret ends."""
        ends = (found.end() for found in _WORD.finditer(self.text) if found.end() > self.caret)
        return min(ends, default=len(self.text))

    def typed(self, words: str) -> EditedLine:
        """The line with words put in at the caret; what does not print is left out."""
        words = "".join(c for c in words if c.isprintable())[: max(MOST - len(self.text), 0)]
        return EditedLine(self.text[: self.caret] + words + self.text[self.caret :], self.caret + len(words))
