"""Failures of parts, and keys typed ahead of the screen, on a real pseudo-terminal: the app and its run go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.terminal import Terminal, python
from tests.engine.log_files import append, scalars

STATE = ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")


def gdtui(
    folder: Path, *argv: str, first: str = "", columns: int = 120, lines: int = 36, no_color: bool = False
) -> Terminal:
    """The app, with an empty home, after the statements `first`."""
    environ = dict.fromkeys(STATE, str(folder)) | ({"NO_COLOR": "1"} if no_color else {})
    script = f"{first}\nimport sys\nfrom tui.cli.main import entry\nsys.argv[1:] = {list(argv)}\nentry()"
    return Terminal(python("-c", script), columns=columns, lines=lines, cwd=folder, environ=environ)


def logged(folder: Path) -> str:
    """All that is in the app's logs."""
    return "\n".join(path.read_text(errors="replace") for path in folder.rglob("*.log"))


def leave(terminal: Terminal) -> None:
    """Leave by the key; the app ends as it should."""
    terminal.press("q")
    assert terminal.exit_code() == 0
    assert terminal.restored


BROKEN_DRAW = """
from tui.widgets.descent.race_table import RaceTable
def draw(self, width, height):
    raise ValueError("a table that cannot be drawn")
whole, RaceTable.draw = RaceTable.draw, draw
"""


@pytest.mark.parametrize("no_color", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_pane_that_cannot_be_drawn_is_closed_and_the_run_goes_on(tmp_path: Path, no_color: bool) -> None:
    with gdtui(tmp_path, "himmelblau", first=BROKEN_DRAW, no_color=no_color) as terminal:
        terminal.wait_for("Himmelblau")
        terminal.press("space")
        terminal.wait_for("This pane failed (ValueError)")
        terminal.wait_until(lambda: "done · 5 Himmelblau · step 200/200" in terminal.text, "its end", limit_s=120)
        terminal.press("enter")  # the pane that had the focus still has it; its content fails again
        terminal.press("w")
        terminal.wait_for("read again")
        terminal.press("escape")
        terminal.wait_until(lambda: "read again" not in terminal.text, "the log to be closed")
        leave(terminal)
    assert logged(tmp_path).count('raise ValueError("a table that cannot be drawn")') <= 2


BROKEN_MOUNT = """
from tui.screens.lab.panes import LabPanes
def compose(self):
    raise ValueError("no screen at all")
LabPanes.compose = compose
"""


BROKEN_STATE = """
from tui.app.app import GdtuiApp
def new_state(self):
    raise ValueError("no state at all")
GdtuiApp._new_state = new_state
"""


@pytest.mark.parametrize(
    ("first", "what"), [(BROKEN_MOUNT, "no screen at all"), (BROKEN_STATE, "no state at all")], ids=["screen", "state"]
)
def test_an_app_without_its_screen_or_state_ends_with_1_and_names_the_log(
    tmp_path: Path, first: str, what: str
) -> None:
    with gdtui(tmp_path, first=first) as terminal:
        assert terminal.exit_code() == 1
        assert f"gdtui: ValueError: {what}" in terminal.text
        assert "more is in" in terminal.text
        assert terminal.restored
    assert f"ValueError: {what}" in logged(tmp_path)


AHEAD = (
    b"\x10\r\r",  # the palette, and twice enter
    b"\x10\x1b[5~\x1b",  # the palette, a page up, closed
    b"\x10\x10\x1b\x1b",  # twice the palette, twice closed
    b"?q?q??qq",  # help, opened and closed
    b"e\x1be\x1b\x1b",  # export
    b"T\x1bT\x1b\x1b",  # themes
    b"w\x1bww\x1b",  # the log
    b"/5\r/\x1b",  # a filter
)


@pytest.mark.parametrize(
    "size", [(120, 36), pytest.param((59, 15), marks=pytest.mark.slow), (10, 3)], ids=["120x36", "59x15", "10x3"]
)
@pytest.mark.parametrize("first", [pytest.param(AHEAD[0], marks=pytest.mark.slow), AHEAD[1]], ids=["enter", "page up"])
def test_keys_in_one_write_do_not_end_the_app(tmp_path: Path, size: tuple[int, int], first: bytes) -> None:
    with gdtui(tmp_path, "himmelblau", columns=size[0], lines=size[1]) as terminal:
        terminal.send(first)  # ahead of the screen
        terminal.wait_until(lambda: any(words in terminal.text for words in ("Himmelblau", "needs")), "the screen")
        terminal.send(b"\x1b" + b"".join(AHEAD) + b"\x1b")
        terminal.wait_until(lambda: terminal.press("ctrl+q") or terminal.process.poll() is not None, "its end")
        assert terminal.exit_code() == 0
    assert "Traceback" not in logged(tmp_path)


BROKEN_VIEW = """
from tui.widgets.log.plot_grid import PlotGrid
def show(self, *told, **more):
    raise ValueError("a plot that cannot be told anything")
PlotGrid.show = show
"""


def test_a_view_of_the_log_viewer_that_fails_is_closed_and_the_log_is_followed(tmp_path: Path) -> None:
    append(tmp_path / "logs" / "run", *scalars(0, 1, 2))
    with gdtui(tmp_path, "attach", str(tmp_path / "logs"), first=BROKEN_VIEW) as terminal:
        terminal.wait_for("This pane failed (ValueError)")
        append(tmp_path / "logs" / "run", *scalars(3, 41))
        terminal.wait_for("step 41")
        leave(terminal)
    assert logged(tmp_path).count('raise ValueError("a plot that cannot be told anything")') <= 2


@pytest.mark.parametrize("size", [(120, 36), (10, 3)], ids=str)
def test_keys_in_one_write_do_not_end_the_log_viewer(tmp_path: Path, size: tuple[int, int]) -> None:
    append(tmp_path / "logs" / "run", *scalars(0, 1, 2))
    with gdtui(tmp_path, "attach", str(tmp_path / "logs"), columns=size[0], lines=size[1]) as terminal:
        terminal.send(AHEAD[0])  # ahead of the screen
        terminal.wait_until(lambda: any(words in terminal.text for words in ("step 2", "needs")), "the screen")
        terminal.send(b"\x1b" + b"".join(AHEAD) + b"\x1b")
        terminal.wait_until(lambda: terminal.press("ctrl+q") or terminal.process.poll() is not None, "its end")
        assert terminal.exit_code() == 0
    assert "Traceback" not in logged(tmp_path)
