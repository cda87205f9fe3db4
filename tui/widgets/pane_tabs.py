"""A row of tabs: the names of the panes at a place on the screen, the visible one highlighted; views with tabs."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.plot.text_rows import TextRows
from tui.widgets.cell_widget import CellWidget


class PaneTabs(CellWidget):
    """One row of tabs, which can be clicked; the caller sets which one is active.

    Textual's Tabs take two rows, the second for an underline that moves, and the focus."""

    COMPONENT_CLASSES = {"cell--tab", "cell--active"}  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    PaneTabs {
        height: 1;
        & > .cell--tab { color: $foreground; }
        & > .cell--active { color: $foreground; text-style: bold; }
        &.-focused > .cell--active {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
        }
    }
    """

    class Chosen(Message):
        """The learner clicked a tab."""

        def __init__(self, tabs: PaneTabs, name: str) -> None:
            super().__init__()
            self.tabs = tabs
            self.name = name

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._names: tuple[tuple[str, str], ...] = ()
        self._active = ""

    def show(self, names: Sequence[tuple[str, str]], active: str) -> None:
        """Show these tabs as (id, label), one of them active."""
        if (tuple(names), active) != (self._names, self._active):
            self._names, self._active = tuple(names), active
            self._canvas.changed()

    def mark(self, *, focused: bool) -> None:
        """Set whether the content of these tabs has the focus."""
        if focused != self.has_class("-focused"):
            self.set_class(focused, "-focused")

    def on_click(self, event: events.Click) -> None:
        for name, first, last in self._places():
            if first <= event.x < last:
                self.post_message(self.Chosen(self, name))

    def _places(self) -> list[tuple[str, int, int]]:
        """Each tab's id and its columns [first, last)."""
        places, x = [], 0
        taken = sum(len(label) + 2 for _, label in self._names)
        # With −1 neighbours share the cell between them.
        between = next((gap for gap in (1, 0) if taken + gap * (len(self._names) - 1) <= self.size.width), -1)
        for name, label in self._names:
            places.append((name, x, x + len(label) + 2))
            x += len(label) + 2 + between
        return places

    def draw(self, width: int, height: int) -> list[Strip]:
        rows = TextRows(width, height)
        labels = dict(self._names)
        for name, first, _ in sorted(self._places(), key=lambda place: place[0] == self._active):  # the active one last
            active = name == self._active
            edges = "[]" if active and (self._glyphs.ascii or self.app.no_color) else "  "
            style = self._part("active" if active else "tab")
            rows.put(first, 0, f"{edges[0]}{labels[name]}{edges[1]}", style)
        return rows.strips()


class TabbedView(Widget):
    """A view whose panels are shown together if there is room, else one per tab. A panel's name is its widget's id."""

    panel: reactive[str]
    """The panel shown while there is room for only one."""

    @property
    def panels(self) -> Sequence[str]:
        """The panels that have something to show, in order."""
        raise NotImplementedError

    @property
    def shown_panel(self) -> str:
        """The panel that is shown while there is room for only one."""
        return self.panel

    def action_next_panel(self, by: int) -> None:
        """Show the next panel (1) or the previous (-1) and put the focus there."""
        panels, focused = self.panels, self.screen.focused
        here = focused.id if focused is not None and focused.id in panels else self.shown_panel
        self.panel = panels[(panels.index(here) + by) % len(panels)]
        self.query_one(f"#{self.panel}").focus()

    def on_pane_tabs_chosen(self, event: PaneTabs.Chosen) -> None:
        event.stop()
        self.panel = event.name
