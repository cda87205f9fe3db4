"""The export dialog: writes the data of a plot as CSV or JSON, or the screen as SVG, to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, cast

from textual.app import App
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.model.export import DataForm, Form, write_new
from tui.screens.dialogs.dialog import Dialog
from tui.screens.modal import open_dialog
from tui.text.clean import clean
from tui.widgets.options import Options


@dataclass(frozen=True, slots=True)
class Exportable:
    """Data that can be exported: `words` name it in the dialog, `stem` begins the file's name, `text` formats its
    content."""

    words: str
    stem: str
    text: Callable[[DataForm], str]


class ExportScreen(Dialog[tuple[int | None, Form]]):
    """Asks what to write and in which form; answers (index in `offered`, form), or (None, "svg") for the screen."""

    DIALOG_TITLE = "Export"
    KEYS = "enter write   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "close", "Close", show=False)]

    def __init__(self, offered: Sequence[str], folder: Path) -> None:
        super().__init__()
        self._offered = offered
        self._folder = folder

    def compose_inside(self) -> Iterable[Widget]:
        options = [
            Option(f"{words}, as {form.upper()}", id=f"{place}.{form}")
            for place, words in enumerate(self._offered)
            for form in ("csv", "json")
        ]
        yield Options(*options, Option("the screen, as SVG", id=".svg"), markup=False)
        yield Static(f"\nWritten to a new file in {clean(str(self._folder))}", markup=False, classes="dialog-text")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        place, _, form = (event.option.id or ".svg").partition(".")
        self.dismiss((int(place) if place else None, cast("Form", form)))


def ask_what_to_export(
    app: App[Any], offered: Sequence[Exportable], picture: tuple[str, str], folder: Path, say: Callable[[str], None]
) -> None:
    """Open the dialog, write a new file into `folder` and show its name. `picture` is the title of a picture of the
    screen and the stem of its file name."""
    title, picture_stem = picture
    svg = app.export_screenshot(title=title)  # taken before the dialog covers the screen

    def answered(answer: tuple[int | None, Form] | None) -> None:
        if answer is None:
            return
        place, form = answer
        stem, text = picture_stem, svg
        if place is not None and form != "svg":
            stem, text = offered[place].stem, offered[place].text(form)
        try:
            path = write_new(folder, stem, form, text, datetime.now())
        except OSError as error:
            say(f"not written: {error.strerror or error}")
        else:
            say(f"written: {path.name}")

    open_dialog(app, ExportScreen([each.words for each in offered], folder), answered)
