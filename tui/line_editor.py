"""A line of text under a caret: what keys do to it, apart from any screen."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 4000


@dataclass(frozen=True, slots=True)
class Line:
    """A text and the caret's place in it, from 0 to its length."""

    text: str
    caret: int

    @classmethod
    def of(cls, text: str) -> Line:
        """A text with the caret behind it."""
        return cls(text, len(text))

    def pressed(self, key: str, character: str | None) -> Line | None:
        """The line after a key, by Textual's name of it; None for a key that is not the line's."""
        text, caret = self.text, self.caret
        match key:
            case "left":
                return Line(text, max(caret - 1, 0))
            case "right":
                return Line(text, min(caret + 1, len(text)))
            case "home":
                return Line(text, 0)
            case "end":
                return Line(text, len(text))
            case "backspace":
                return Line(text[: max(caret - 1, 0)] + text[caret:], max(caret - 1, 0))
            case "delete":
                return Line(text[:caret] + text[caret + 1 :], caret)
            case "ctrl+u":
                return Line(text[caret:], 0)
            case "ctrl+k":
                return Line(text[:caret], caret)
        if character is not None and character.isprintable():
            return self.typed(character)
        return None

    def typed(self, words: str) -> Line:
        """The line with words put in at the caret; what does not print is left out."""
        words = "".join(c for c in words if c.isprintable())[: max(MOST - len(self.text), 0)]
        return Line(self.text[: self.caret] + words + self.text[self.caret :], self.caret + len(words))
