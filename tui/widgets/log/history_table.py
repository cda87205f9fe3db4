"""Past runs in a table: sorted, filtered, marked to be drawn over the loss plot, looked into."""

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

from tui.history import PastRun, past_run
from tui.text import clean
from tui.widgets.run_details import RunDetails
from tui.widgets.run_rows import RunRows

__all__ = ["HistoryTable", "PastRun", "past_run"]

WIDE = 130
"""Cells from which on a run's details stand beside the rows; below they take their place when asked for."""


class HistoryTable(Widget):
    """Past runs; `space` or `enter` marks the one under the cursor for the loss plot, `d` tells all about it."""

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
        & > #caption { height: 1; color: $foreground 65%; }
        & > Input { padding: 0 1; display: none; }
        &.-filtering > Input { display: block; }
        RunDetails { display: none; width: 1fr; }
        &.-details RunDetails { display: block; }
        &.-details RunRows { display: none; }
        &.-wide RunRows { display: block; width: 3fr; }
        &.-wide RunDetails { display: block; width: 2fr; margin-left: 1; }
    }
    """

    details = reactive(False)
    """Whether a run's details are in sight where there is no room beside the rows."""

    class OverlayToggled(Message):
        """The learner marked a run to be drawn over the loss plot, or took the mark away."""

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
        """The learner asked for a run's command line; the app puts it on the clipboard."""

        def __init__(self, table: HistoryTable, run: str, command: str) -> None:
            super().__init__()
            self.table = table
            self.run = run
            self.command = command

        @property
        def control(self) -> HistoryTable:
            return self.table

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._shown: tuple[Sequence[PastRun], Mapping[str, int]] = ((), {})
        self._composed = False

    def compose(self) -> ComposeResult:
        with Container(id="runs"):
            yield RunRows(ascii_only=self._ascii_only, id="rows")
            yield RunDetails(ascii_only=self._ascii_only, id="details")
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
        """Tell all about the run under the cursor, or go back to the rows."""
        self.details = not self.details

    def action_filter(self) -> None:
        """Ask which runs to show."""
        self.details = False
        self.add_class("-filtering")
        self.query_one(Input).focus()

    def action_copy_command(self) -> None:
        """Ask for the run's command line."""
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

    def on_run_rows_highlighted(self, event: RunRows.Highlighted) -> None:
        event.stop()
        self.query_one(RunDetails).show(event.run)
        self.post_message(self.RunHighlighted(self, event.run.run if event.run else None))

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
        """How many runs are in sight, and of how many; how many are on the plot."""
        rows = self.query_one(RunRows)
        runs, overlaid = self._shown
        some, all_of = len(rows.rows), len(runs)
        said = [f"{some:,} of {all_of:,} runs" if some != all_of else f"{all_of:,} run{'' if all_of == 1 else 's'}"]
        if rows.filter_text.strip():
            said.append(f"filter: {clean(rows.filter_text.strip())}")
        if overlaid:
            said.append(f"{len(overlaid)} on the plot")
        self.query_one("#caption", Static).update((", " if self._ascii_only else " · ").join(said))
