"""The dialog with the first five minutes: offered once, skipped by a key, available in the palette."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget

from tui.screens.dialogs.dialog import Dialog
from tui.widgets.learn.walk_view import WalkView


class WalkScreen(Dialog[bool]):
    """The walk, full screen; answers True if the learner goes on to the first exercise."""

    DIALOG_TITLE = "The first five minutes"
    KEYS: ClassVar[str] = "esc skip"

    def __init__(self) -> None:
        super().__init__()

    def compose_inside(self) -> Iterable[Widget]:
        yield WalkView()

    def on_walk_view_finished(self, event: WalkView.Finished) -> None:
        event.stop()
        self.dismiss(True)
