"""What every dialog has: a box in the middle with a title, and a key that closes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, Self, TypeVar

from textual._context import visible_screen_stack
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tui.plain import plain
from tui.widgets.dimmed import dimmed

T = TypeVar("T")


class Dialog(ModalScreen[T], Generic[T]):
    """A box over the screen. `keys` says at its foot which keys act; `escape` closes it with nothing."""

    CSS_PATH = "../styles/dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]
    DIALOG_TITLE: ClassVar[str] = ""
    KEYS: ClassVar[str] = "esc close"

    _below: list[Strip] | None = None

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

    @property
    def _covers(self) -> bool:
        """Whether nothing is seen of the screen below."""
        return self.styles.background.a == 1

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        if regions:  # the screen below is drawn on, and says where
            if self._covers:
                return self
            self._below = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        below = visible_screen_stack.get([])
        if self._covers or not below:
            return super().render_lines(crop)
        screen = below.pop()
        if self._below is None or len(self._below) != self.size.height:
            rows = dimmed(screen._compositor.render_strips(), self.styles.background)
            for each in self.get_line_filters():
                rows = [row.apply_filter(each, self.background_colors[1]) for row in rows]
            self._below = rows
        return [row.crop(*crop.column_span) for row in self._below[crop.y : crop.bottom]]

    def action_close(self) -> None:
        """Close the dialog with no answer."""
        self.dismiss(None)
