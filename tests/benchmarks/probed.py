"""The app with a clock inside, as a contestant: its longest gaps, and how soon the engine obeys a key."""

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
    """One session per round: TensorFlow imported and the lesson compiled, a stretch of training, then keys."""

    name: str

    def start(self) -> None:
        """Do nothing: every round starts a new session."""

    def measure(self, turn: int) -> Sample:
        """Gaps between 60 Hz ticks, and the delays of each change, pause and stop after its key."""
        with tempfile.TemporaryDirectory(prefix="gdtui-bench-", ignore_cleanup_errors=True) as folder:
            file = Path(folder, "record.json")
            arguments = (str(file), "fashion-mnist", "--epochs", "10000", "--no-log")
            session = Session(*arguments, module=("tests.benchmarks.probe",))
            try:
                span, pressed = _drive(session)
                session.terminal.press("q")
                session.terminal.exit_code()
            finally:
                session.close()
            record = json.loads(file.read_text())
        ticks: list[Tick] = [(at, engine) for at, engine in record["ticks"]]
        said: list[Said] = [(at, name, detail) for at, name, detail in record["said"]]
        first_step = next(at for at, name, _ in said if name == "Metrics")
        started = [gap for gap in _gaps(ticks) if gap.at < span[0]]
        importing = [gap for gap in started if gap.engine in ("importing", "compiling")]
        starting = [gap for gap in _gaps(ticks) if span[0] - gap.s <= gap.at < first_step]
        training = [gap for gap in _gaps(ticks) if first_step <= gap.at < span[1]]
        return {
            "gap_importing_s": _longest(importing),
            "gap_training_s": _longest(training),
            "gap_opening_s": _longest([gap for gap in started if gap not in importing]),
            "gap_starting_s": _longest(starting),
            "longest_importing": _five_longest(importing, ticks[0][0]),
            "longest_training": _five_longest(training, first_step),
            "changed_s": _delays(pressed["rate"], [at for at, name, _ in said if name == "SettingChanged"]),
            "paused_s": _delays(
                pressed["pause"], [at for at, name, detail in said if (name, detail) == ("Phase", "paused")]
            ),
            "stopped_s": _delays(pressed["stop"], [at for at, name, _ in said if name == "RunEnded"]),
        }

    def stop(self) -> None:
        """Nothing is left."""


def _drive(session: Session) -> tuple[tuple[float, float], dict[str, list[float]]]:
    """Drive a round; returns the stretch of training, and when which keys were pressed."""
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


@dataclass(frozen=True)
class Gap:
    """A time without a tick: its length (s), its start (monotonic, s), and the engine's activity then."""

    s: float
    at: float
    engine: str


def _gaps(ticks: Sequence[Tick]) -> list[Gap]:
    return [Gap(after - before, before, engine) for (before, engine), (after, _) in pairwise(ticks)]


def _longest(gaps: Sequence[Gap]) -> float:
    return max(gap.s for gap in gaps)


def _five_longest(gaps: Sequence[Gap], origin: float) -> list[tuple[float, float, str]]:
    """The longest ones: length, start after `origin`, and the engine's activity."""
    by_length = sorted(gaps, key=lambda gap: gap.s, reverse=True)
    return [(gap.s, gap.at - origin, gap.engine) for gap in by_length[:5]]


def _delays(pressed: Sequence[float], done: Sequence[float]) -> list[float]:
    """The delay from each key to the first event of its kind."""
    return [next(at for at in done if at > key) - key for key in pressed]
