"""The dialogs of only the lab: their inputs, and the effects of their answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tui.screens.modal import open_dialog
from tui.text.words import number

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.model.export import DataForm, Sheet, What
    from tui.model.run_state import RunState
    from tui.screens.dialogs.export import Exportable
    from tui.screens.lab.panes import LabPanes


def glossary(screen: LabPanes) -> None:
    """Show the terms of the course, each explained."""
    from tui.screens.dialogs.glossary import GlossaryScreen

    open_dialog(screen.app, GlossaryScreen(screen.options.language))


def quit_(screen: LabPanes) -> None:
    """Leave; ask first if a run would be lost."""
    from tui.screens.dialogs.quit import QuitScreen

    app_state = screen.app_state
    running = app_state.running
    if running is None or running.state is None:
        screen.app.exit(0)
        return
    words = f"The run of lesson {running.lesson.number}, {running.lesson.title}, is at step {running.state.step:,}"
    if running.state.total_steps:
        words += f" of {running.state.total_steps:,}"

    def answered(leave: bool | None) -> None:
        if leave:
            screen.app.exit(0)

    ends = "ends it with a checkpoint; R takes it up again" if app_state.session.leaves_checkpoint else "ends it"
    open_dialog(screen.app, QuitScreen(f"{words}. Leaving {ends}."), answered)


def nothing_to_lose(screen: LabPanes) -> None:
    """The run has ended: if the question whether to leave is open, it is obsolete, so leave."""
    from tui.screens.dialogs.quit import QuitScreen

    asking = screen.app.screen
    if isinstance(asking, QuitScreen):
        asking.action_leave()


def exports(screen: LabPanes) -> list[Exportable]:
    """The data of the lesson's last run that can be exported, those of the focused plot first."""
    from tui.model.export import NAMES, available, sheet_of
    from tui.screens.dialogs.export import Exportable

    state = screen.app_state.lesson_state.state
    if state is None:
        return []
    first = focused_plot(screen.focused)
    sheets = ((what, sheet_of(state, what)) for what in sorted(available(state), key=lambda what: what != first))
    return [
        Exportable(NAMES[what], f"{screen.app_state.opened}-{sheet.name}", partial(_text, sheet, state))
        for what, sheet in sheets
        if sheet is not None
    ]


def _text(sheet: Sheet, state: RunState, form: DataForm) -> str:
    from tui.model.export import as_csv, as_json

    return as_csv(sheet) if form == "csv" else as_json(sheet, state)


def focused_plot(focused: Widget | None) -> What | None:
    """The data that the focused plot shows."""
    ids: dict[str, What] = {"loss": "loss", "gradient": "gradient", "accuracy": "accuracy", "confusion": "confusion",
                            "map": "paths", "race": "paths", "side": "paths", "curve": "curves", "paths": "paths",
                            "steps": "paths", "page": "tables"}  # fmt: skip
    for node in focused.ancestors_with_self if focused is not None else ():
        if node.id in ids:
            return ids[node.id]
    return None


def branch(screen: LabPanes, path: int, step: int, go_on: Callable[[dict[str, str]], None]) -> None:
    """Ask for the rate and rule of a branch from a step, and start it."""
    from tui.screens.dialogs.branch import BranchScreen

    lesson_state = screen.app_state.lesson_state
    starts = lesson_state.branch(path, step)
    if not starts:
        screen.say("there is no step to branch from")
        return
    where = "; ".join(", ".join(number(part) for part in point) for point in starts[:3])
    where = f"step {step}: {where}" + (" ..." if len(starts) > 3 else "")

    def answered(changes: dict[str, str] | None) -> None:
        if changes is not None:
            go_on(changes)

    open_dialog(screen.app, BranchScreen(where, lesson_state.params, lesson_state.texts), answered)


def tensorboard(screen: LabPanes) -> None:
    """Show the TensorBoard server, which can be started and stopped."""
    from tui.screens.dialogs.tensorboard import TensorBoardScreen

    def answered(_: None) -> None:
        screen.wake()

    open_dialog(screen.app, TensorBoardScreen(screen.app_state.tensorboard), answered)
