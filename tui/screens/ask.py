"""The dialogs of the main screen: what each is told, and what its answer does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.export import Form, What, as_csv, as_json, available, sheet_of, write_new
from tui.words import number

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.screens.main import MainScreen


def help_(screen: MainScreen) -> None:
    """Every key, those of the widget that has the focus first."""
    from tui.screens.help import HelpScreen, own_keys

    screen.app.push_screen(HelpScreen(own_keys(screen), ascii_only=screen.bench.options.ascii_only))


def log(screen: MainScreen) -> None:
    """What was not for the screen."""
    from tui.screens.log import LogScreen

    state = screen.bench.desk.state
    messages = [screen.bench.session.failure]
    if state is not None and state.ended is not None:
        messages.append(state.ended.traceback)
    screen.app.push_screen(LogScreen(getattr(screen.app, "log_path", None), "\n".join(filter(None, messages))))


def share(screen: MainScreen, command: str = "") -> None:
    """A run as one command line: this one, by default that of the run on show."""
    from tui.screens.share import ShareScreen

    state = screen.bench.desk.state
    changed = not command and state is not None and bool(state.changes)
    screen.app.push_screen(ShareScreen(command or screen.bench.command, changed=changed))


def quit_(screen: MainScreen) -> None:
    """Leave; ask first where a run would be lost."""
    from tui.screens.quit import QuitScreen

    bench = screen.bench
    running = bench.running
    if running is None or running.state is None:
        screen.app.exit(0)
        return
    words = f"The run of lesson {running.lesson.number}, {running.lesson.title}, is at step {running.state.step:,}"
    if running.state.total_steps:
        words += f" of {running.state.total_steps:,}"

    def answered(leave: bool | None) -> None:
        if leave:
            screen.app.exit(0)

    ends = "ends it with a checkpoint; R takes it up again" if bench.session.leaves_checkpoint else "ends it"
    screen.app.push_screen(QuitScreen(f"{words}. Leaving {ends}."), answered)


def nothing_to_lose(screen: MainScreen) -> None:
    """The run has ended: who was asked whether to leave it has nothing to decide any more, and leaves."""
    from tui.screens.quit import QuitScreen

    asking = screen.app.screen
    if isinstance(asking, QuitScreen):
        asking.action_leave()


def export(screen: MainScreen) -> None:
    """Write the data of a plot, or the screen."""
    from tui.screens.export import ExportScreen

    state = screen.bench.desk.state
    offered = available(state) if state is not None else ()
    # Taken before the dialog covers it.
    picture = screen.app.export_screenshot(title=f"gdtui · {screen.bench.desk.lesson.title}")
    folder = Path.cwd()

    def answered(answer: tuple[What | None, Form] | None) -> None:
        if answer is None:
            return
        what, form = answer
        stem, text = f"{screen.bench.opened}-screen", picture
        if what is not None and state is not None:
            sheet = sheet_of(state, what)
            if sheet is None:
                return
            stem = f"{screen.bench.opened}-{sheet.name}"
            text = as_csv(sheet) if form == "csv" else as_json(sheet, state)
        try:
            path = write_new(folder, stem, form, text, datetime.now())
        except OSError as error:
            screen.say(f"not written: {error.strerror or error}")
        else:
            screen.say(f"written: {path.name}")

    screen.app.push_screen(ExportScreen(offered, focused_plot(screen.focused), folder), answered)


def focused_plot(focused: Widget | None) -> What | None:
    """What the plot that has the focus shows."""
    ids: dict[str, What] = {"loss": "loss", "gradient": "gradient", "accuracy": "accuracy", "confusion": "confusion",
                            "map": "paths", "race": "paths", "side": "paths", "curve": "curves", "paths": "paths",
                            "steps": "paths", "page": "tables"}  # fmt: skip
    for node in focused.ancestors_with_self if focused is not None else ():
        if node.id in ids:
            return ids[node.id]
    return None


def branch(screen: MainScreen, path: int, step: int) -> None:
    """Ask with which rate and rule to go on from a step."""
    from tui.screens.branch import BranchScreen

    desk = screen.bench.desk
    starts = desk.branch(path, step)
    if not starts:
        screen.say("there is no step to branch from")
        return
    where = "; ".join(", ".join(number(part) for part in point) for point in starts[:3])
    where = f"step {step}: {where}" + (" ..." if len(starts) > 3 else "")

    def answered(changes: dict[str, str] | None) -> None:
        if changes is not None:
            screen.branch(path, step, changes)

    plain = screen.bench.options.ascii_only
    screen.app.push_screen(BranchScreen(where, desk.params, desk.texts, ascii_only=plain), answered)


def tensorboard(screen: MainScreen) -> None:
    """The TensorBoard server: start it, where it is, stop it."""
    from tui.screens.tensorboard import TensorBoardScreen

    def answered(_: None) -> None:
        screen.wake()

    screen.app.push_screen(TensorBoardScreen(screen.bench.tensorboard), answered)
