"""A place on the screen for one thing to look at."""

from __future__ import annotations

from textual.containers import Container
from textual.widget import Widget


class Pane(Container):
    """Holds one widget, in sight or not; keeps which of its parts had the focus last."""

    DEFAULT_CSS = """
    Pane { display: none; height: 1fr; padding: 0 1; }
    Pane.-shown { display: block; }
    """

    def __init__(self, content: Widget, name: str) -> None:
        super().__init__(content, id=f"pane-{name}", name=name)
        self.content = content
        self._last: Widget | None = None

    def remember(self, focused: Widget) -> None:
        """The part that has the focus."""
        self._last = focused

    def focus_inside(self) -> bool:
        """Put the focus on the part that had it last, or the first that takes it; False where none does."""
        inside = [each for each in self.query("*") if each.focusable and each.region.area]
        there = self._last if self._last in inside else next(iter(inside), None)
        if there is None:
            there = next((each for each in self.query("*") if each.focusable), None)
        if there is None:
            return False
        there.focus()
        return True
