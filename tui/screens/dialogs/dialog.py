"""The base of all dialogs: a box in the middle with a title, and a key that closes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, Self, TypeVar

from textual._context import visible_screen_stack
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.modal import SteadyScreen
from tui.text.plain import plain
from tui.widgets.ascii import ASCII_CLASS
from tui.widgets.dimmed import dimmed
from tui.widgets.line_filters import filtered

T = TypeVar("T")


class Dialog(ModalScreen[T], SteadyScreen[T], Generic[T]):
    """A box over the screen. `keys` lists the active keys at its foot; `escape` closes it without an answer."""

    CSS_PATH = "../../app/styles/dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]
    DIALOG_TITLE: ClassVar[str] = ""
    KEYS: ClassVar[str] = "esc close"

    _below: list[Strip] | None = None
    _below_size = Size(0, 0)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self.dialog_title, markup=False, classes="dialog-title")
            yield from self.compose_inside()
            yield Static(self._keys(), markup=False, classes="dialog-keys")

    def _keys(self) -> str:
        if not self.app.has_class(ASCII_CLASS):
            return self.KEYS
        return plain(self.KEYS.replace("← →", "left, right").replace("↑ ↓", "up, down"))

    @property
    def dialog_title(self) -> str:
        """The title at the top."""
        return self.DIALOG_TITLE

    def compose_inside(self) -> Iterable[Widget]:
        """The widgets between title and keys."""
        return ()

    @property
    def _covers(self) -> bool:
        """Whether the dialog covers the whole screen below."""
        return self.styles.background.a == 1

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        if regions:  # draws on the screen below, and reports where
            if self._covers:
                return self
            self._below = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        below = visible_screen_stack.get([])
        if self._covers or not below:
            return super().render_lines(crop)
        screen = below.pop()
        size = self.region.size
        if self._below is None or self._below_size != size:
            rows = dimmed(screen._compositor.render_strips(), self.styles.background)
            self._below, self._below_size = filtered(self, _fitted(rows, size)), size
        return [row.crop(*crop.column_span) for row in self._below[crop.y : crop.bottom]]

    def action_close(self) -> None:
        """Close the dialog without an answer."""
        self.dismiss(None)


def _fitted(rows: Sequence[Strip], size: Size) -> list[Strip]:
    """Fit rows to `size`: after a change of size the screen below is laid out after the dialog, and Textual raises if a
    part of the drawing is missing."""
    width, height = size
    filled = [row.adjust_cell_length(width) for row in rows[:height]]
    return filled + [Strip.blank(width)] * (height - len(filled))
