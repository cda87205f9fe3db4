"""Plays with the log viewer: every odd log folder, in every look and size. Each view is opened, and each of its keys
and each dialog is tried."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from textual.widget import Widget

from tests.end_to_end import odd_logs
from tests.tui.attached import Attached, attached
from tests.tui.matrix.checks import cut_numbers, problems
from tests.tui.matrix.combinations import LOOKS, SIZES, Play
from tests.tui.matrix.player import Failure, play_all, surroundings
from tui.model.log_names import KINDS
from tui.process.options import AppOptions

DIALOGS = (("question_mark",), ("w",), ("ctrl+p",), ("T",), ("y",), ("e",), ("slash", "o", "r", "1"))
"""Keys that open a dialog or the filter; escape closes each."""
LEAVE = ("q", "ctrl+q", "ctrl+z", "ctrl+c")
PREFIX = "log:"


@dataclass(frozen=True, slots=True)
class LogPlay:
    """One odd log folder, shown in a look at a size. `name` describes it in one line."""

    log: str
    look: str
    size: str

    @property
    def name(self) -> str:
        """The play as one text, which `named` parses."""
        return f"{PREFIX}{self.log} {self.look} {self.size}"


def named(name: str) -> LogPlay:
    """Parse the name of a play. Raises ValueError."""
    log, _, rest = name.removeprefix(PREFIX).partition(" ")
    play = LogPlay(log, *rest.split()) if len(rest.split()) == 2 else None
    if play is None or play not in every():
        raise ValueError(
            f"{name!r}: a play with logs is {PREFIX} and one of {', '.join(odd_logs.LOGS)}, a look, a size"
        )
    return play


def every() -> list[LogPlay]:
    """All plays, those of one log folder in a row."""
    return [LogPlay(*each) for each in product(odd_logs.LOGS, LOOKS, SIZES)]


def play_part(plays: Sequence[Play | LogPlay]) -> list[Failure]:
    """Play runs of lessons, and log folders; returns what went wrong."""
    return [
        *play_all(play for play in plays if isinstance(play, Play)),
        *play_logs(play for play in plays if isinstance(play, LogPlay)),
    ]


def play_logs(plays: Iterable[LogPlay]) -> list[Failure]:
    """Play these, each in an app of its own; returns what went wrong."""
    failures: list[Failure] = []
    for play in plays:
        player = LogPlayer(play)
        try:
            asyncio.run(player.play())
        except Exception as error:  # any error belongs to the play
            player.found += "".join(traceback.format_exception(error)).splitlines()[-30:]
        if player.found:
            failures.append(Failure(play, tuple(player.keys), tuple(player.found)))
    return failures


class LogPlayer:
    """One play with the log viewer."""

    def __init__(self, play: LogPlay) -> None:
        self.play_of = play
        self.keys: list[str] = []
        self.found: list[str] = []

    async def play(self) -> None:
        """Look at each kind of view, with each key of the focused widgets, and at each dialog; meanwhile the log
        grows."""
        play = self.play_of
        width, height = map(int, play.size.split("x"))
        options = AppOptions(glyphs="ascii" if play.look == "ascii" else None, no_color=play.look != "colour")
        with surroundings(play.look):
            logdir = Path("logs").absolute()
            odd_logs.LOGS[play.log](logdir)
            async with attached(logdir, size=(width, height), options=options) as viewer:
                viewer.app.animation_level = "none"
                if play.log not in ("absent", "empty"):
                    await viewer.until(lambda: viewer.screen.state.order, "the runs")
                await self.all_keys(viewer)
                for number in range(len(KINDS)):
                    odd_logs.grow(logdir, number)
                    await self.press(viewer, "v")
                    viewer.screen.focus_place("stage")
                    await self.all_keys(viewer)
                for _ in range(2):
                    await self.press(viewer, "tab")
                    await self.all_keys(viewer)
                for keys in DIALOGS:
                    await self.press(viewer, *keys, "escape")
                await self.press(viewer, "z", "z")

    async def all_keys(self, viewer: Attached) -> None:
        """Press each key of the focused widget and of what it is in; then close what they opened."""
        focused = viewer.screen.focused
        if focused is None:
            return
        around = [
            each for each in focused.ancestors_with_self if isinstance(each, Widget) and each is not viewer.screen
        ]
        keys = [key for each in around for key in each._bindings.key_to_bindings]
        for key in dict.fromkeys(keys):
            if key not in LEAVE:
                await self.press(viewer, key)
        while viewer.app.screen is not viewer.screen:
            await self.press(viewer, "escape")

    async def press(self, viewer: Attached, *keys: str) -> None:
        """Press keys, and check the screen after each."""
        for key in keys:
            self.keys.append(key)
            with cut_numbers() as cut:
                await viewer.pilot.press(key)
                viewer.screen.look_now()
                await viewer.pilot.pause()
            wrong = [*problems(viewer.app, "", self.play_of.look), *(f"drawn over the edge: {text!r}" for text in cut)]
            self.found += [problem for problem in wrong if problem not in self.found]
