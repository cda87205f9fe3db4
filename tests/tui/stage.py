"""An app with one widget, for tests of widgets."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widget import Widget


class Stage(App[None]):
    """Shows nothing but `widget`."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget
