"""The latest word: what is going on, how a run ended, what it showed, and what changed since the last one."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import ClassVar

from tui.drawing.cells import Cells
from tui.plain import plain
from tui.widgets.drawn import Bare

WHOLE = "(Notes)"
"""Where the whole of a text is, said behind its cut end."""
_WIDE = 40


@dataclass(frozen=True, slots=True)
class News:
    """`text` is the word itself, `more` one line below it; both clean. `bad`: something went wrong."""

    text: str = ""
    more: str = ""
    bad: bool = False


class NewsLines(Bare):
    """A few rows; the text is wrapped and cut at the last row it may have, the line below it stays whole."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"drawn--text", "drawn--bad", "drawn--more"}
    DEFAULT_CSS = """
    NewsLines {
        height: 2;
        & > .drawn--text { color: $foreground; }
        & > .drawn--bad { color: $text-error; text-style: bold; }
        & > .drawn--more { color: $text-accent; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._news = News()

    def show(self, news: News) -> None:
        """Show this. What did not change is not drawn again."""
        if news != self._news:
            self._news = news
            self._canvas.changed()

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        rows = lines(self._news, width - 2, height, ascii_only=self._ascii_only)
        for y, (text, is_more) in enumerate(rows):
            name = "more" if is_more else "bad" if self._news.bad else "text"
            cells.put(1, y, text, self._part(name))
        return cells


def lines(news: News, width: int, height: int, *, ascii_only: bool = False) -> list[tuple[str, bool]]:
    """The rows, each with whether it is the line below."""
    text, more = (plain(news.text), plain(news.more)) if ascii_only else (news.text, news.more)
    # What a run says is kept in a pane; what went wrong is not.
    where = "" if news.bad or width < _WIDE else f" {WHOLE}"
    dots = "..." if ascii_only else "…"
    room = height - (1 if more else 0)
    if width <= len(dots) or room < 0:
        return []
    wrapped = textwrap.wrap(text, width, max_lines=room, placeholder=f" {dots}{where}") if room else []
    below = textwrap.wrap(more, width, max_lines=1, placeholder=" " + dots) if more else []
    return [(row, False) for row in wrapped] + [(row, True) for row in below]
