"""A place on the screen for one thing to look at."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from tui.widgets.ground import Box


class Pane(Box):
    """Holds one widget, in sight or not, made when it is first needed; keeps which of its parts had the focus last."""

    DEFAULT_CSS = """
    Pane { display: none; height: 1fr; padding: 0 1; }
    """

    def __init__(self, make: Callable[[], Widget], name: str) -> None:
        super().__init__(id=f"pane-{name}", name=name)
        self._make: Callable[[], Widget] | None = make
        self._last: Widget | None = None

    async def fill(self) -> bool:
        """Make what the pane holds, if that is still to do; whether it was."""
        make, self._make = self._make, None
        if make is None:
            return False
        await self.mount(make())
        return True

    @property
    def content(self) -> Widget | None:
        """What the pane holds, once it is there."""
        return self.children[0] if self.children and self.children[0].is_mounted else None

    def remember(self, focused: Widget) -> None:
        """The part that has the focus."""
        self._last = focused

    def _in_sight(self, part: Widget) -> bool:
        """Whether nothing between the pane and a part of it is hidden."""
        return all(node.display for node in part.ancestors_with_self if self in node.ancestors)

    def focus_inside(self) -> bool:
        """Put the focus on the part that had it last, or the first that takes it; False where none does."""
        inside = [each for each in self.query("*") if each.focusable and self._in_sight(each)]
        there = self._last if self._last in inside else next(iter(inside), None)
        if there is not None:
            # Not scrolled to: where a widget lies is asked for before it is laid out, and Textual then takes it for one
            # that was laid out before, and never tells it its size.
            there.focus(scroll_visible=False)
        return there is not None
