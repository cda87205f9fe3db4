"""A list of options: Textual's, whose pages can be turned even before it is laid out."""

from __future__ import annotations

from typing import Literal

from textual.widgets import OptionList


class Options(OptionList):
    """A list whose lines are known at once: Textual's knows them only in the next frame after a change of the
    options."""

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if can_turn_pages(self):
            super()._move_page(direction)


def can_turn_pages(options: OptionList) -> bool:
    """Compute the lines of the options, if there is room for any; returns whether there is."""
    options._update_lines()
    return bool(options.scrollable_content_region)
