"""The very functions that a lesson runs, taken from their source, with its syntax in colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.widgets import Static

from tui.source import source_of

_SIDEWAYS = 8


class CodeView(ScrollableContainer, can_focus=True):
    """Functions one below the other, each under its place. Read and coloured when first seen, not before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "sideways(-1)", "Sideways, back", show=False),
        Binding("right", "sideways(1)", "Sideways", key_display="← →"),
    ]

    DEFAULT_CSS = """
    CodeView {
        scrollbar-size: 1 1;
        padding: 0 1;
        & > .place { width: auto; color: $text-primary; text-style: bold; margin-bottom: 1; }
        & > .code { width: auto; text-wrap: nowrap; margin-bottom: 1; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._places: tuple[str, ...] = ()
        self._shown: tuple[str, ...] = ()

    def show(self, places: Sequence[str]) -> None:
        """Show these functions, written `module:function`."""
        self._places = tuple(places)
        if self.is_mounted and self.size:
            self.call_later(self._read)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "sideways" or self.max_scroll_x > 0

    def action_sideways(self, by: int) -> None:
        """Look at what stands further right or left."""
        self.scroll_relative(x=by * _SIDEWAYS, animate=False)

    def on_show(self) -> None:
        self.call_later(self._read)

    async def _read(self) -> None:
        if self._shown == self._places:
            return
        self._shown = self._places
        from textual.highlight import highlight

        await self.remove_children()
        made = []
        for place in self._places:
            module, _, name = place.partition(":")
            try:
                text, line = source_of(place)
            except (OSError, LookupError, SyntaxError) as error:
                text, line = f"# {error}", 0
            where = f"{module.replace('.', '/')}.py:{line}  {name}"
            made.append(Static(where, classes="place", markup=False))
            made.append(Static(highlight(text, language="python"), classes="code"))
        await self.mount_all(made)
        self.scroll_home(animate=False)
        self.call_after_refresh(self.refresh_bindings)  # how wide it is, is known then
