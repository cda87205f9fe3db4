"""A pane: a place on the screen for one view, which can fail and be made again independently."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message
from textual.widget import Widget

from tui.widgets.background import Box
from tui.widgets.closed_notice import ClosedNotice
from tui.widgets.steady import Steady


def pane_of(widget: Widget | None) -> Pane | None:
    """The pane that a widget is in."""
    return None if widget is None else next((each for each in widget.ancestors if isinstance(each, Pane)), None)


class Pane(Steady, Box):
    """Holds one widget, made when it is first needed; remembers which of its parts had the focus last."""

    DEFAULT_CSS = """
    Pane { display: none; height: 1fr; padding: 0 1; }
    """

    class Emptied(Message):
        """The content was removed, and has to be made again."""

        def __init__(self, pane: Pane) -> None:
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> Pane:
            return self.pane

    def __init__(self, make: Callable[[], Widget], name: str) -> None:
        super().__init__(id=f"pane-{name}", name=name)
        self._make = make
        self._filled = False
        self._last: Widget | None = None
        self._closed_by_failure = False

    async def fill(self) -> bool:
        """Make the content, unless it exists; returns whether it was made."""
        if self._filled:
            return False
        self._filled = True
        await self.mount(self._make())
        return True

    @property
    def content(self) -> Widget | None:
        """The content of the pane, if it exists."""
        there = self.children[0] if self.children else None
        return there if there is not None and there.is_mounted and there.is_running else None

    # --- failing ------------------------------------------------------------------------------------------------------

    def close_failed(self, words: str) -> bool:
        """Remove the failed content, and show `words` in its place. Returns at once; False if the pane is closed
        already."""
        if self._closed_by_failure:
            return False
        self._closed_by_failure = self._filled = True
        for child in self.children:
            child.display = False  # content that cannot be drawn is hidden until it is removed
        self.call_later(self._replace_failed, words)
        return True

    async def _replace_failed(self, words: str) -> None:
        had_focus = self.has_focus_within
        await self._clear()
        notice = ClosedNotice(words)
        await self.mount(notice)
        if had_focus:
            notice.focus(scroll_visible=False)

    async def on_closed_notice_remake(self, event: ClosedNotice.Remake) -> None:
        """Make the content again, only after a key or a click: content that always fails must not cause a loop."""
        event.stop()
        await self._clear()
        self._closed_by_failure = self._filled = False
        self.post_message(self.Emptied(self))

    async def _clear(self) -> None:
        self._last = None
        for child in list(self.children):
            await child.remove()
            if child in self._nodes:  # it failed before its message loop began, and did not answer
                await child.remove_children()
                self.app._unregister(child)

    # --- focus --------------------------------------------------------------------------------------------------------

    def remember(self, focused: Widget) -> None:
        """Note the part that has the focus."""
        self._last = focused

    def _is_visible(self, part: Widget) -> bool:
        """Whether nothing between the pane and a part of it is hidden."""
        return all(node.display for node in part.ancestors_with_self if self in node.ancestors)

    def focus_inside(self) -> bool:
        """Put the focus on the part that had it last, or the first that can take it; returns False if none can."""
        inside = [each for each in self.query("*") if each.focusable and self._is_visible(each)]
        there = self._last if self._last in inside else next(iter(inside), None)
        if there is not None:
            # At once, as Widget.focus waits, and the part may be hidden by then. Not scrolled to: asking for a widget's
            # position before it is laid out makes Textual assume that it was laid out already, and never tell it its
            # size.
            self.screen.set_focus(there, scroll_visible=False)
        return there is not None
