"""The dialogs of the attach screen: what each is told, and what its answer does."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui import attach_views
from tui.attach_actions import ACTIONS, GROUPS
from tui.export import Form, as_csv, write_new
from tui.screens.dialog import Dialog
from tui.screens.help import HelpScreen, Rows, own_keys
from tui.text import clean

if TYPE_CHECKING:
    from tui.screens.attach import AttachScreen


class AttachHelp(HelpScreen):
    """All keys of the attach screen in groups."""

    def __init__(self, own: Sequence[tuple[str, Rows]], *, ascii_only: bool) -> None:
        super().__init__(own, ascii_only=ascii_only)
        self._groups = [*own, *everywhere()]


def everywhere() -> list[tuple[str, Rows]]:
    """The table of actions as groups of (key, what it does)."""
    return [
        (group, [(each.shown, f"{each.command}: {each.tooltip}") for each in ACTIONS if each.group == group])
        for group in GROUPS
    ]


class ExportLog(Dialog[Form]):
    """Asks how what is looked at is to be written."""

    DIALOG_TITLE = "Export"
    KEYS = "enter write   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "close", "Close", show=False)]

    def __init__(self, tag: str, folder: Path) -> None:
        super().__init__()
        self._tag = tag
        self._folder = folder

    def compose_inside(self) -> Iterable[Widget]:
        options = [Option("the screen, as SVG", id="svg")]
        if self._tag:
            of_tag = (
                Option(f"{clean(self._tag)} of every run shown, as {form.upper()}", id=form) for form in ("csv", "json")
            )
            options = [*of_tag, *options]
        yield OptionList(*options, markup=False)
        yield Static(f"\nWritten to a new file in {clean(str(self._folder))}", markup=False, classes="dialog-text")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        form = event.option.id
        self.dismiss("csv" if form == "csv" else "json" if form == "json" else "svg")


def help_(screen: AttachScreen) -> None:
    """Every key, those of the widget that has the focus first."""
    screen.app.push_screen(AttachHelp(own_keys(screen), ascii_only=screen.options.ascii_only))


def log(screen: AttachScreen) -> None:
    """What was not for the screen."""
    from tui.screens.log import LogScreen

    screen.app.push_screen(LogScreen(getattr(screen.app, "log_path", None)))


def share(screen: AttachScreen) -> None:
    """The run under the cursor as one command line, where it is gdtui's."""
    from tui.screens.share import ShareScreen

    about = screen.state.about.get(screen.state.cursor)
    command = about.record.command if about is not None and about.record is not None else ""
    if command:
        screen.app.push_screen(ShareScreen(clean(command)))
    else:
        screen.say("no command line is known for this run")


def export(screen: AttachScreen) -> None:
    """Write the data of the plot, or the screen."""
    sheet = attach_views.plot_sheet(screen.state)
    # Taken before the dialog covers it.
    picture = screen.app.export_screenshot(title="gdtui attach")
    folder = Path.cwd()

    def answered(form: Form | None) -> None:
        if form is None:
            return
        stem, text = "attach-screen", picture
        if form != "svg" and sheet is not None:
            stem = re.sub(r"[^A-Za-z0-9.-]+", "-", sheet.name)[:64].strip("-.") or "tag"
            text = as_csv(sheet) if form == "csv" else as_json(sheet.name, sheet.columns, sheet.rows)
        try:
            path = write_new(folder, stem, form, text, datetime.now())
        except OSError as error:
            screen.say(f"not written: {error.strerror or error}")
        else:
            screen.say(f"written: {path.name}")

    screen.app.push_screen(ExportLog(sheet.name if sheet is not None else "", folder), answered)


def as_json(tag: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A tag's points as one JSON object; a number that is not finite is null."""
    finite = [[None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row] for row in rows]
    return json.dumps({"tag": tag, "columns": columns, "rows": finite}, ensure_ascii=False, allow_nan=False) + "\n"
