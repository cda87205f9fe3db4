"""What every dialog has: a box in the middle with a title, and a key that closes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.plain import plain

T = TypeVar("T")


class Dialog(ModalScreen[T], Generic[T]):
    """A box over the screen. `keys` says at its foot which keys act; `escape` closes it with nothing."""

    CSS_PATH = "../styles/dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]
    DIALOG_TITLE: ClassVar[str] = ""
    KEYS: ClassVar[str] = "esc close"

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self.dialog_title, markup=False, classes="dialog-title")
            yield from self.compose_inside()
            yield Static(self._keys(), markup=False, classes="dialog-keys")

    def _keys(self) -> str:
        if not self.app.has_class("-ascii"):
            return self.KEYS
        return plain(self.KEYS.replace("← →", "left, right").replace("↑ ↓", "up, down"))

    @property
    def dialog_title(self) -> str:
        """What stands at the top."""
        return self.DIALOG_TITLE

    def compose_inside(self) -> Iterable[Widget]:
        """What stands between title and keys."""
        return ()

    def action_close(self) -> None:
        """Close the dialog with no answer."""
        self.dismiss(None)
