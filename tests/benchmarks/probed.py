"""The app with a clock inside, as a contestant: its longest gaps, and how soon the engine does what a key asks."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.benchmarks.app import SETTLE_S, WINDOW_S, Session
from tests.benchmarks.contest import Sample

Tick = tuple[float, str]
Said = tuple[float, str, str]

RATES = 4
PAUSES = 3
STOPS = 2


@dataclass
class Probed:
    """A session a round: TensorFlow imported and the lesson compiled, a stretch of training, then keys."""

    name: str

    def start(self) -> None:
        """Every round starts anew."""

    def measure(self, turn: int) -> Sample:
        """Gaps between 60 Hz ticks, and how long after its key each change, pause and stop was in effect."""
        with tempfile.TemporaryDirectory(prefix="gdtui-bench-", ignore_cleanup_errors=True) as folder:
            file = Path(folder, "record.json")
            arguments = (str(file), "fashion-mnist", "--epochs", "10000", "--no-log")
            session = Session(*arguments, module=("tests.benchmarks.probe",))
            try:
                spans, pressed = _drive(session)
                session.terminal.press("q")
                session.terminal.exit_code()
            finally:
                session.close()
            record = json.loads(file.read_text())
        ticks: list[Tick] = [(at, engine) for at, engine in record["ticks"]]
        said: list[Said] = [(at, name, detail) for at, name, detail in record["said"]]
        ready = next(at for at, engine in reversed(ticks) if at < spans[0] and engine != "ready")
        return {
            "gap_importing_s": _longest(ticks, ticks[0][0], ready),
            "gap_training_s": _longest(ticks, *spans),
            "changed_s": _delays(pressed["rate"], [at for at, name, _ in said if name == "SettingChanged"]),
            "paused_s": _delays(
                pressed["pause"], [at for at, name, detail in said if (name, detail) == ("Phase", "paused")]
            ),
            "stopped_s": _delays(pressed["stop"], [at for at, name, _ in said if name == "RunEnded"]),
        }

    def stop(self) -> None:
        """Nothing is left."""


def _drive(session: Session) -> tuple[tuple[float, float], dict[str, list[float]]]:
    """What is done in a round; returns the stretch of training, and when which keys were pressed."""
    terminal = session.terminal
    pressed: dict[str, list[float]] = {"rate": [], "pause": [], "stop": []}

    def press(kind: str, key: str) -> None:
        pressed[kind].append(time.monotonic())
        terminal.press(key)

    session.wait_for_state("ready")
    time.sleep(SETTLE_S)
    began = time.monotonic()
    terminal.press("space")
    session.wait_for_state("running")
    with terminal.recording():
        time.sleep(WINDOW_S)
    span = (began, time.monotonic())
    for _ in terminal.read():
        pass
    for turn in range(RATES):
        press("rate", "]" if turn % 2 == 0 else "[")
        time.sleep(SETTLE_S / 2)
    for _ in range(PAUSES):
        press("pause", "space")
        session.wait_for_state("paused")
        terminal.press("space")
        session.wait_for_state("running")
        time.sleep(SETTLE_S / 2)
    for turn in range(STOPS):
        if turn:
            terminal.press("space")
            session.wait_for_state("running")
            time.sleep(SETTLE_S)
        press("stop", "x")
        session.wait_for_state("stopped")
        time.sleep(SETTLE_S / 2)
    return span, pressed


def _longest(ticks: Sequence[Tick], begin: float, end: float) -> float:
    """The longest time between two ticks of which one at least is in the span."""
    return max(after - before for (before, _), (after, _) in pairwise(ticks) if after >= begin and before <= end)


def _delays(pressed: Sequence[float], done: Sequence[float]) -> list[float]:
    """How long after each key the first thing of its kind was done."""
    return [next(at for at in done if at > key) - key for key in pressed]
