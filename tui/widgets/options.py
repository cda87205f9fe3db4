"""Lists of options: Textual's, whose pages can be turned even before they are laid out, and on which a click may come
late."""

from __future__ import annotations

from typing import Literal

from textual import events
from textual.command import CommandList
from textual.widgets import OptionList


class LateClicks(OptionList):
    """A list that ignores a click on an option that was removed since the frame in which it was painted; Textual's
    looks for it and fails."""

    def on_click(self, event: events.Click) -> None:
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()


class PaletteList(CommandList, LateClicks, can_focus=False):
    """The list of the palette."""


class Options(LateClicks):
    """A list whose lines are known at once: Textual's knows them only in the next frame after a change of the
    options."""

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if can_turn_pages(self):
            super()._move_page(direction)


def can_turn_pages(options: OptionList) -> bool:
    """Compute the lines of the options, if there is room for any; returns whether there is."""
    options._update_lines()
    return bool(options.scrollable_content_region)
