"""The table of past runs: sorted, filtered, marked for the loss plot, with details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.model.history import PastRun
from tui.text.clean import clean
from tui.text.words import counted
from tui.widgets.ascii import DrawsAscii
from tui.widgets.log.run_details import RunDetails
from tui.widgets.log.run_rows import RunRows

WIDE = 130
"""The width in cells from which a run's details are beside the rows; in less they replace the rows on request."""


class HistoryTable(DrawsAscii, Widget):
    """Past runs; `space` or `enter` marks the one under the cursor for the loss plot, `d` shows all its details."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "toggle_details", "Details"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("y", "copy_command", "Copy command"),
        Binding("escape", "leave", "Back", show=False),
    ]
    DEFAULT_CSS = """
    HistoryTable {
        layout: vertical;
        height: 1fr;
        & > #runs { height: 1fr; layout: horizontal; }
        & > #caption { height: 1; color: $text-quiet; }
        & > Input { padding: 0 1; display: none; }
        &.-filtering > Input { display: block; }
        RunDetails { display: none; width: 1fr; }
        &.-details RunDetails { display: block; }
        &.-details RunRows { display: none; }
        &.-wide RunRows { display: block; width: 3fr; }
        &.-wide RunDetails { display: block; width: 2fr; margin-left: 1; }
    }
    """

    details = reactive(False, init=False)
    """Whether a run's details are visible while there is no room beside the rows."""

    class OverlayToggled(Message):
        """The learner marked a run for the loss plot, or removed the mark."""

        def __init__(self, table: HistoryTable, run: str, shown: bool) -> None:
            super().__init__()
            self.table = table
            self.run = run
            self.shown = shown

        @property
        def control(self) -> HistoryTable:
            return self.table

    class RunHighlighted(Message):
        """The cursor is on another run; None when the table is empty."""

        def __init__(self, table: HistoryTable, run: str | None) -> None:
            super().__init__()
            self.table = table
            self.run = run

        @property
        def control(self) -> HistoryTable:
            return self.table

    class CommandCopied(Message):
        """The learner requested a run's command line; the app copies it to the clipboard."""

        def __init__(self, table: HistoryTable, run: str, command: str) -> None:
            super().__init__()
            self.table = table
            self.run = run
            self.command = command

        @property
        def control(self) -> HistoryTable:
            return self.table

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: tuple[Sequence[PastRun], Mapping[str, int]] = ((), {})
        self._composed = False

    def compose(self) -> ComposeResult:
        with Container(id="runs"):
            yield RunRows(id="rows")
            yield RunDetails(id="details")
        yield Input(placeholder="words, or acc>0.9 loss<0.3 f<1e-6 steps>100 time<60", compact=True, id="filter")
        yield Static("", markup=False, id="caption")

    def on_mount(self) -> None:
        self._composed = True
        self.show(*self._shown)
        self._caption()

    def show(self, runs: Sequence[PastRun], overlaid: Mapping[str, int] | None = None) -> None:
        """Show these runs. `overlaid` maps the marked ones to their slot in the loss plot, which gives their style."""
        self._shown = (runs, overlaid or {})
        if self._composed:
            self.query_one(RunRows).show(*self._shown)
            self._caption()

    @property
    def highlighted(self) -> PastRun | None:
        """The run under the cursor."""
        return self.query_one(RunRows).highlighted

    # --- keys -----------------------------------------------------------------------------------------------------

    def action_toggle_details(self) -> None:
        """Show all details of the run under the cursor, or go back to the rows."""
        self.details = not self.details

    def action_filter(self) -> None:
        """Open the filter's input line."""
        self.details = False
        self.add_class("-filtering")
        self.query_one(Input).focus()

    def action_copy_command(self) -> None:
        """Request the run's command line."""
        run = self.highlighted
        if run is not None and run.command:
            self.post_message(self.CommandCopied(self, run.run, run.command))

    def action_leave(self) -> None:
        """Leave the details, or drop the filter."""
        if self.details:
            self.details = False
            return
        self.query_one(Input).value = ""
        self.remove_class("-filtering")
        self.query_one(RunRows).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(RunRows).filter_text = event.value

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_class(bool(event.value.strip()), "-filtering")
        self.query_one(RunRows).focus()

    def on_run_rows_marked(self, event: RunRows.Marked) -> None:
        event.stop()
        self.post_message(self.OverlayToggled(self, event.run.run, event.run.run not in self._shown[1]))

    def on_run_rows_run_highlighted(self, event: RunRows.RunHighlighted) -> None:
        event.stop()
        self.query_one(RunDetails).show(event.run)
        self.post_message(self.RunHighlighted(self, event.run.run if event.run else None))

    def on_row_list_highlighted(self, event: RunRows.Highlighted) -> None:
        event.stop()

    def on_run_rows_rearranged(self, event: RunRows.Rearranged) -> None:
        event.stop()
        self._caption()

    # --- layout ---------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")

    def watch_details(self) -> None:
        if not self._composed:
            return
        self.set_class(self.details, "-details")
        self.query_one(RunDetails if self.details and not self.has_class("-wide") else RunRows).focus()

    def _caption(self) -> None:
        """Show how many of all runs are listed, and how many are on the plot."""
        rows = self.query_one(RunRows)
        runs, overlaid = self._shown
        some, all_of = len(rows.rows), len(runs)
        said = [f"{some:,} of {all_of:,} runs" if some != all_of else counted(all_of, "run")]
        if rows.filter_text.strip():
            said.append(f"filter: {clean(rows.filter_text.strip())}")
        if overlaid:
            said.append(f"{len(overlaid)} on the plot")
        self.query_one("#caption", Static).update(self._glyphs.dot.join(said))
