"""What to write to a file: the data of a plot as CSV or JSON, or the screen as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.export import Form, What
from tui.screens.dialog import Dialog

NAMES: dict[What, str] = {
    "paths": "every step of every path",
    "loss": "the loss of every step",
    "gradient": "the gradient's norm",
    "accuracy": "the tests: loss and accuracy",
    "confusion": "the confusion matrix",
    "curves": "the curves and their gradients",
    "tables": "the tables, a cell a row",
}


class ExportScreen(Dialog[tuple[What | None, Form]]):
    """Asks what to write and how; answers (what, form), (None, "svg") for the screen."""

    DIALOG_TITLE = "Export"
    KEYS = "enter write   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "close", "Close", show=False)]

    def __init__(self, offered: Sequence[What], first: What | None, folder: Path) -> None:
        super().__init__()
        self._offered = sorted(offered, key=lambda what: what != first)
        self._folder = folder

    def compose_inside(self) -> Iterable[Widget]:
        options = []
        for what in self._offered:
            for form in ("csv", "json"):
                options.append(Option(f"{NAMES[what]}, as {form.upper()}", id=f"{what}.{form}"))
        options.append(Option("the screen, as SVG", id=".svg"))
        yield OptionList(*options, markup=False)
        yield Static(f"\nWritten to a new file in {self._folder}", markup=False, classes="dialog-text")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        what, _, form = (event.option.id or ".svg").rpartition(".")
        self.dismiss((what or None, form))  # type: ignore[arg-type]
