"""Invariants of the screen at every moment of every play."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.style import Style
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from engine.events import Table
from tui.model.run_state import RunState
from tui.plot.cells import Cells

SAYS_NONE = ("autograd",)
"""Lessons in which None is legitimate: it is what a tape returns."""
TOLD = "StatusLine, NewsLines, #pane-lessons, #pane-settings, #pane-live, #pane-notes, #pane-history, #dialog, Toast"
"""The widgets that describe a run, apart from the shipped texts and code."""
SENTENCES = "StatusLine, NewsLines, #dialog, Toast"
_NONE = re.compile(r"\bNone\b")
_NAN = re.compile(r"\bnan\b", re.IGNORECASE)
_CUT = re.compile(r"\d[.,]?(?:…|\.\.\.)")
_ASCII_CUT = re.compile(r"\d[.,]?~(?!\d)")
_OF_A_NUMBER = frozenset("0123456789")
SIXTEEN = Console(color_system="standard", force_terminal=True, legacy_windows=False)


def problems(app: App[Any], lesson: str, look: str) -> list[str]:
    """The problems on the screen, one line each."""
    screen = app.screen
    rows = list(screen._compositor.render_strips())
    found = [f"{place} shows None: {row}" for place, row in _told(screen, rows, TOLD) if _NONE.search(row)]
    if lesson in SAYS_NONE:
        found = []
    found += [f"{place} says nan: {row}" for place, row in _told(screen, rows, SENTENCES) if _NAN.search(row)]
    cut = _ASCII_CUT if look == "ascii" else _CUT
    found += [f"{place} cuts a number: {row}" for place, row in _told(screen, rows, TOLD) if cut.search(row)]
    if look == "ascii":
        found += [f"no ASCII: {row.text.rstrip()}" for row in rows if not row.text.isascii()]
    if look == "no-colour":
        found += [f"a colour: {style}" for style in _styles(rows) if _coloured(style)]
    for row in rows:
        row.render(SIXTEEN)  # as on a terminal of sixteen colours
    return found


def misspoken(state: RunState | None, lesson: str) -> list[str]:
    """The problems in the sentences of a run, of which the screen may show only a part."""
    if state is None:
        return []
    said = [item.text for item in state.page if not isinstance(item, Table)]
    said += [f"{state.ended.message} {state.ended.hint}"] if state.ended is not None else []
    return [
        f"the run says {found[0]}: {text}"
        for text in said
        if (found := _NAN.search(text) or (lesson not in SAYS_NONE and _NONE.search(text)))
    ]


def _told(screen: Screen[Any], rows: list[Strip], selector: str) -> Iterator[tuple[str, str]]:
    """The visible rows of these widgets, each with the widget's name."""
    for below in (screen, *(each for each in screen.app.screen_stack if each is not screen)):
        for widget in below.query(selector):
            if below is screen or not screen.is_modal:
                yield from ((_name(widget), text) for text in _rows_of(widget, rows))


def _rows_of(widget: Widget, rows: list[Strip]) -> Iterator[str]:
    region = widget.region.intersection(widget.screen.region)
    for y in range(region.y, min(region.bottom, len(rows))):
        text = rows[y].crop(region.x, region.right).text.rstrip()
        if text:
            yield text


def _name(widget: Widget) -> str:
    return f"#{widget.id}" if widget.id else type(widget).__name__


def _styles(rows: list[Strip]) -> set[Style]:
    return {segment.style for row in rows for segment in row if segment.style is not None}


def _coloured(style: Style) -> bool:
    triplets = [colour.triplet for colour in (style.color, style.bgcolor) if colour is not None]
    return any(triplet is not None and len({triplet.red, triplet.green, triplet.blue}) > 1 for triplet in triplets)


@contextmanager
def cut_numbers() -> Iterator[list[str]]:
    """Collect the texts that drawings cut off in the middle of a number during this context."""
    found: list[str] = []
    put, paste = Cells.put, Cells.paste

    def watched_put(self: Cells, x: int, y: int, text: str, style: Style = Style.null()) -> None:  # noqa: B008
        if 0 <= y < self.height and any(_splits(text, at) for at in (-x, self.width - x)):
            found.append(text)
        put(self, x, y, text, style)

    def watched_paste(self: Cells, x: int, y: int, cells: Cells) -> None:
        for at in (-x, self.width - x):
            if 0 < at < cells.width:
                found.extend(row for row in cells.text()[max(-y, 0) : self.height - y] if _splits(row, at))
        paste(self, x, y, cells)

    Cells.put, Cells.paste = watched_put, watched_paste  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Cells.put, Cells.paste = put, paste  # type: ignore[method-assign]


def _splits(text: str, at: int) -> bool:
    """Whether a cut before the character `at` separates two that belong to one number."""
    return 0 < at < len(text) and _number_goes_on(text[at - 1], text[at:])


def _number_goes_on(last: str, rest: str) -> bool:
    return (last in _OF_A_NUMBER and bool(re.match(r"[.,]?\d|e[-+]\d", rest))) or (last in ".,-" and rest[0].isdigit())
