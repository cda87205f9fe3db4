"""The TensorBoard dialog: starts and stops the server, and shows its addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from engine.run.tensorboard_server import ServerState, TensorBoardServer
from tui.screens.dialogs.dialog import Dialog
from tui.text.clean import clean

LOOK_EVERY_S = 0.2


class TensorBoardScreen(Dialog[None]):
    """Starts the server if it is not running, and shows its state until closed; the server goes on. Its state is polled
    only while it may change."""

    DIALOG_TITLE = "TensorBoard"
    KEYS = "t stop, start   y copy the ssh line   esc close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,x", "toggle_server", "Stop or start"),
        Binding("y", "copy", "Copy the ssh line"),
        Binding("q,enter", "close", "Close", show=False),
    ]

    def __init__(self, server: TensorBoardServer) -> None:
        super().__init__()
        self._server = server
        self._looking: Timer | None = None
        self._shown: ServerState | None = None
        self._copied = False

    def compose_inside(self) -> Iterable[Widget]:
        yield Static("", markup=False, classes="dialog-text", id="server")

    def on_mount(self) -> None:
        self._looking = self.set_interval(LOOK_EVERY_S, self._look)
        if self._server.poll().name not in ("ready", "starting"):
            self._server.start()
        self._look()

    def _look(self) -> None:
        state = self._server.poll()
        if state != self._shown:
            self._shown = state
            self._tell()
        if self._looking is not None and state.name not in ("starting", "stopping", "ready"):
            self._looking.pause()

    def _tell(self) -> None:
        said = words(self._server, self._shown or self._server.poll())
        said += "\n\nThe ssh line is on the clipboard." if self._copied else ""
        self.query_one("#server", Static).update(clean(said, keep_newlines=True))

    def action_toggle_server(self) -> None:
        """Stop the server, or start it again."""
        if self._server.poll().name in ("ready", "starting"):
            self._server.stop()
        else:
            self._server.start()
        if self._looking is not None:
            self._looking.resume()
        self._look()

    def action_copy(self) -> None:
        """Copy the ssh command to the clipboard."""
        if self._server.ssh_line:
            self.app.copy_to_clipboard(self._server.ssh_line)
            self._copied = True
            self._tell()


def words(server: TensorBoardServer, state: ServerState) -> str:
    """Describe the server in this state."""
    log = f"Log folder  {server.logdir}"
    match state.name:
        case "ready":
            lines = [
                f"Here        {state.address}",
                f"Elsewhere   {server.ssh_line}",
                "            then open the same address there",
                log,
                "It goes on when this is closed.",
            ]
            return "\n".join([*lines, *([f"\nNote: {server.warning}"] if server.warning else [])])
        case "failed":
            return f"{state.message}\n{log}"
        case "starting":
            return f"Starting; this takes a few seconds …\n{log}"
        case "stopping":
            return f"Stopping …\n{log}"
        case _:
            return f"{state.message or 'Stopped'}.\n{log}"
