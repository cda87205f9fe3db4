"""The news: the present activity, how a run ended, its result, and what changed since the last one."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.strip import Strip

from tui.plot.text_rows import TextRows
from tui.text.glyphs import UNICODE, Glyphs
from tui.views.small_panes import News
from tui.widgets.passing import PassingWords

WHOLE = "(Notes)"
"""The place where the whole text is, shown after its cut end."""
_WIDE = 40


class NewsLines(PassingWords):
    """A few rows; the text is wrapped and cut at the last row available, the line below it stays whole."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--text", "cell--bad", "cell--more"}
    DEFAULT_CSS = """
    NewsLines {
        height: 2;
        & > .cell--text { color: $foreground; }
        & > .cell--bad { color: $text-error; text-style: bold; }
        & > .cell--more { color: $text-accent; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._news = News()

    def show(self, news: News) -> None:
        """Show these news. What has not changed is not drawn again."""
        if news != self._news:
            self._news = news
            self._canvas.changed()

    def draw(self, width: int, height: int) -> list[Strip]:
        rows = TextRows(width, height)
        news = News(self._passing, passing=True) if self._passing else self._news
        for y, (text, is_more) in enumerate(lines(news, width - 2, height, self._glyphs)):
            name = "more" if is_more or news.passing else "bad" if news.bad else "text"
            rows.put(1, y, text, self._part(name))
        return rows.strips()


def lines(news: News, width: int, height: int, glyphs: Glyphs = UNICODE) -> list[tuple[str, bool]]:
    """The rows, each with whether it belongs to the line below."""
    text, more = glyphs.spelled(news.text), glyphs.spelled(news.more)
    # A run's texts are kept in a pane; errors and passing messages are not.
    where = "" if news.bad or news.passing or width < _WIDE else f" {WHOLE}"
    dots = glyphs.ellipsis
    room = height - (1 if more else 0)
    if width <= len(dots) or room < 0:
        return []
    wrapped = textwrap.wrap(text, width, max_lines=room, placeholder=f" {dots}{where}") if room else []
    below = textwrap.wrap(more, width, max_lines=1, placeholder=" " + dots) if more else []
    return [(row, False) for row in wrapped] + [(row, True) for row in below]
