"""The app on a pseudo-terminal of 120 by 36, driven by keys: what it draws, how fast it trains, how soon it answers."""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil

from tests.benchmarks.contest import Sample
from tests.benchmarks.recorder import Recorder
from tests.benchmarks.workers import ROOT, environ
from tests.end_to_end.terminal import python

COLUMNS, LINES = 120, 36

WINDOW_S = 6.0
"""How long a stretch of training is looked at."""

SETTLE_S = 1.0
READY_S = 120.0

_STEP = re.compile(r"running.* step ([\d,]+)/")
_LOSS = re.compile(r"loss +\S+ · smoothing (\S+)( · log)?")


class Session:
    """gdtui in a terminal and a home of its own."""

    def __init__(self, *arguments: str, module: Sequence[str] = ("tui.cli",), recording: bool = False) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="gdtui-bench-", ignore_cleanup_errors=True)
        self.terminal = Recorder(
            python("-m", *module, *arguments),
            columns=COLUMNS,
            lines=LINES,
            environ=environ(self._home.name),
            cwd=ROOT,
            recording=recording,
        )

    def close(self) -> None:
        """End it, whatever it does."""
        self.terminal.__exit__(None, None, None)
        self._home.cleanup()

    def wait_for_state(self, word: str) -> None:
        """Wait until the status line, the last but one, begins with a state."""
        self.terminal.wait_until(lambda: self._status.startswith(word), f"the state {word}", READY_S)

    @property
    def _status(self) -> str:
        return self.terminal.text.splitlines()[-2].strip(" ●▶‖✓■!✗")


@dataclass
class Training:
    """The app while it trains: a run a round, as long as the lesson's own, which is then stopped."""

    name: str
    options: tuple[str, ...] = ()
    keys: bool = False
    session: Session | None = field(default=None, init=False)

    def start(self) -> None:
        """Open the app and train for a moment."""
        self.session = Session("fashion-mnist", "--epochs", "10000", "--no-log", *self.options)
        self.session.wait_for_state("ready")
        self._begin()
        self._end()

    def measure(self, turn: int) -> Sample:
        """Begin a run; press keys; look at a stretch of it, close to what it is compared with; stop it."""
        self._begin()
        pressed: Sample = {}
        if self.keys:
            pressed["latency_s"], pressed["latency_by_key_s"] = self._press_keys(turn)
        sample = {**self._look(), **pressed}
        self._end()
        return sample

    def stop(self) -> None:
        """End the app."""
        if self.session is not None:
            self.session.close()

    def _look(self) -> Sample:
        """Steps a second, as the status line tells them, bytes a second, and the share of a core that drawing takes."""
        terminal = self._session.terminal
        with terminal.recording():
            received, drawing, began = terminal.received_bytes, _drawing_s(terminal.app), time.monotonic()
            time.sleep(WINDOW_S)
            received, seconds = terminal.received_bytes - received, time.monotonic() - began
            drawing = _drawing_s(terminal.app) - drawing
        seen: list[tuple[float, int]] = []
        for at, shown in terminal.read():
            step = _step_on(shown)
            if step and (not seen or step != seen[-1][1]):
                seen.append((at, step))
        (first_at, first), (last_at, last) = seen[0], seen[-1]
        return {
            "steps_per_s": (last - first) / (last_at - first_at),
            "bytes_per_s": received / seconds,
            "drawing_cpu": drawing / seconds,
            "drawn": len(seen),
        }

    def _press_keys(self, turn: int) -> tuple[list[float], dict[str, list[float]]]:
        """How long after each key what it asks for had come; a key is pressed when the last one is seen.

        What comes is recorded and read behind it: to read a screen takes 20 to 30 ms of a processor, which a terminal
        on the learner's own machine does not take from the one that trains.
        """
        terminal, chance = self._session.terminal, random.Random(turn)
        latencies: list[float] = []
        by_key: dict[str, list[float]] = {}
        for key in KEYS * KEY_CYCLES:
            time.sleep(chance.uniform(*KEYS_APART_S))
            with terminal.recording():
                began = time.monotonic()
                terminal.press(key.name)
                latencies.append(_when_shown(terminal, key) - began)
                for _ in terminal.read():
                    pass
            by_key.setdefault(key.name, []).append(latencies[-1])
        return latencies, by_key

    def _begin(self) -> None:
        """Start a run, without the ghost of the last, and let it come to its speed."""
        terminal = self._session.terminal
        terminal.press("space")
        self._session.wait_for_state("running")
        terminal.press("c")
        terminal.wait_until(lambda: _step_on(terminal.text) > 500, "the first steps", READY_S)
        time.sleep(SETTLE_S)

    def _end(self) -> None:
        self._session.terminal.press("x")
        self._session.wait_for_state("stopped")
        time.sleep(SETTLE_S / 2)

    @property
    def _session(self) -> Session:
        if self.session is None:
            raise RuntimeError("the app was not started")
        return self.session


@dataclass(frozen=True)
class Key:
    """A key, and whether a screen shows what it asks for."""

    name: str
    shown: Callable[[str], object]


def _when_shown(terminal: Recorder, key: Key) -> float:
    """When the first piece came behind which the screen shows what the key asks for (monotonic, s)."""
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        time.sleep(RECORDED_S)
        for at, shown in terminal.read_so_far():
            if key.shown(shown):
                return at
    raise RuntimeError(f"nothing came of the key {key.name}")


def _plot(smoothing: str, log: bool) -> Callable[[str], bool]:
    def shown(text: str) -> bool:
        found = _LOSS.search(text)
        return found is not None and found[1] == smoothing and (found[2] is not None) == log

    return shown


# What a learner does while it trains: change the plot, look at the keys, zoom the pane and back. Escape is left out:
# it begins what many keys send, so that any app waits a tenth of a second for more.
KEYS = (
    Key("l", _plot("0.6", log=True)),
    Key(">", _plot("0.8", log=True)),
    Key("<", _plot("0.6", log=True)),
    Key("?", lambda text: "All keys" in text),
    Key("?", lambda text: "All keys" not in text),
    Key("l", _plot("0.6", log=False)),
    Key("z", lambda text: "Settings" not in text),
    Key("z", lambda text: "Settings" in text),
)
KEY_CYCLES = 5
KEYS_APART_S = (0.05, 0.15)
RECORDED_S = 0.25
"""What comes after a key is recorded for so long before it is read."""


@dataclass
class Idle:
    """The app with TensorFlow imported and nothing that runs."""

    name: str
    window_s: float = 4.0
    session: Session | None = field(default=None, init=False)

    def start(self) -> None:
        """Open it and wait until it is at rest."""
        self.session = Session("--no-log")
        self.session.wait_for_state("ready")
        time.sleep(2 * SETTLE_S)

    def measure(self, turn: int) -> Sample:
        """Bytes drawn, and the share of a core that all its processes take."""
        if self.session is None:
            raise RuntimeError("the app was not started")
        terminal = self.session.terminal
        processes = [psutil.Process(terminal.process.pid)]
        processes += processes[0].children(recursive=True)
        received, busy, began = terminal.received_bytes, _busy_s(processes), time.monotonic()
        time.sleep(self.window_s)
        seconds = time.monotonic() - began
        return {
            "bytes": terminal.received_bytes - received,
            "cpu": (_busy_s(processes) - busy) / seconds,
        }

    def stop(self) -> None:
        """End the app."""
        if self.session is not None:
            self.session.close()


@dataclass
class FirstPaint:
    """The app from the start of its process to its first paint, and to its main screen."""

    name: str

    def start(self) -> None:
        """Open it once: what the disk holds is then in memory for every round."""
        self.measure(0)

    def measure(self, turn: int) -> Sample:
        """Open it, wait for the main screen, end it."""
        session = Session(recording=True)
        try:
            first = None
            until = time.monotonic() + READY_S
            while time.monotonic() < until:
                for at, shown in session.terminal.read_so_far():
                    if first is None and shown.strip():
                        first = at
                    if first is not None and "Lessons" in shown:
                        began = session.terminal.began
                        return {"first_paint_s": first - began, "main_screen_s": at - began}
                time.sleep(0.005)
            raise RuntimeError("the app painted nothing")
        finally:
            session.close()

    def stop(self) -> None:
        """Nothing is left."""


def _step_on(text: str) -> int:
    """The step on the status line; 0 where there is none."""
    found = _STEP.search(text.splitlines()[-2])
    return int(found[1].replace(",", "")) if found else 0


def _drawing_s(process: psutil.Process) -> float:
    """Processor seconds of the main thread, the one that draws."""
    return float(sum(each.user_time + each.system_time for each in process.threads() if each.id == process.pid))


def _busy_s(processes: Sequence[psutil.Process]) -> float:
    """Processor seconds that the processes have used."""
    return sum(sum(process.cpu_times()[:2]) for process in processes if process.is_running())
