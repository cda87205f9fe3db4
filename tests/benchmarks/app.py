"""The app on a pseudo-terminal of 120 by 36, driven by keys: bytes drawn, training speed, response times."""

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
"""The duration of one measurement of training."""

SETTLE_S = 1.0
READY_S = 120.0

_STEP = re.compile(r"running.* step ([\d,]+)/")
_LOSS = re.compile(r"loss +\S+ (?:· MSE +\S+ )?· smoothing (\S+)( · log)?")


class Session:
    """gdtui on a terminal, with its own home folder."""

    def __init__(self, *arguments: str, module: Sequence[str] = ("tui.cli.main",), recording: bool = False) -> None:
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
        """End it in any state."""
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
    """The app while it trains: one run per round, as long as the lesson's own, which is then stopped."""

    name: str
    options: tuple[str, ...] = ()
    keys: bool = False
    session: Session | None = field(default=None, init=False)

    def start(self) -> None:
        """Open the app and train briefly."""
        self.session = Session("fashion-mnist", "--epochs", "10000", "--no-log", *self.options)
        self.session.wait_for_state("ready")
        self._begin()
        self._end()

    def measure(self, turn: int) -> Sample:
        """Begin a run; press keys; measure a stretch of it, close in time to the contestants; stop it."""
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
        """Steps per second from the status line, bytes per second, and the share of a core spent on drawing."""
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
        """The delay of each key until its effect had arrived; a key is pressed when the last effect is seen.

        The output is recorded and read afterwards: reading a screen takes 20 to 30 ms of a processor, which a terminal
        on the learner's own machine does not take from the training process.
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
        """Start a run, without a ghost of the last, and let it reach its speed."""
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
    """A key, and a test whether a screen shows its effect."""

    name: str
    shown: Callable[[str], object]


def _when_shown(terminal: Recorder, key: Key) -> float:
    """The time of the first piece of output after which the screen shows the key's effect (monotonic, s)."""
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


# A learner's actions during training: change the plot, open the keys, zoom the pane and back. Escape is left out: it
# begins the codes of many keys, so any app waits a tenth of a second for more.
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
"""The output after a key is recorded for this long before it is read."""


@dataclass
class Idle:
    """The app with TensorFlow imported and no run."""

    name: str
    window_s: float = 4.0
    session: Session | None = field(default=None, init=False)

    def start(self) -> None:
        """Open it and wait until it is idle."""
        self.session = Session("--no-log")
        self.session.wait_for_state("ready")
        time.sleep(2 * SETTLE_S)

    def measure(self, turn: int) -> Sample:
        """Bytes drawn, and the share of a core used by all its processes."""
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


FIRST_LOSS = Key("space", lambda text: _LOSS.search(text) is not None)
"""A loss, with its smoothing, stands over the plot."""

USEFUL_TEXT = "derivative"
"""A word of the first lesson's text."""
USEFUL_KEY = Key("?", lambda text: "All keys" in text)
"""Pressed as soon as there is a text to read."""


@dataclass
class FirstPaint:
    """The app from the start of its process to its first paint, to a lesson's text, and to the effect of a key."""

    name: str

    def start(self) -> None:
        """Open it once: its files are then in memory for every round."""
        self.measure(0)

    def measure(self, turn: int) -> Sample:
        """Open it, wait for the lessons and a text, press a key, wait for its effect, end it."""
        session = Session(recording=True)
        try:
            first, pressed, sample = None, 0.0, Sample()
            until = time.monotonic() + READY_S
            while time.monotonic() < until:
                for at, shown in session.terminal.read_so_far():
                    if first is None and shown.strip():
                        first = at
                    if not pressed and "Lessons" in shown and USEFUL_TEXT in shown:
                        began = session.terminal.began
                        sample = {"first_paint_s": (first or at) - began, "useful_paint_s": at - began}
                        pressed = time.monotonic()
                        session.terminal.press(USEFUL_KEY.name)
                    elif pressed and USEFUL_KEY.shown(shown):
                        return {**sample, "first_key_s": at - pressed}
                time.sleep(0.005)
            raise RuntimeError("the app painted nothing")
        finally:
            session.close()

    def stop(self) -> None:
        """Nothing is left."""


@dataclass
class FirstLoss:
    """The app with lesson 6 open and read: from the key that starts a run to the first loss that is drawn."""

    name: str

    def start(self) -> None:
        """Do it once: what the disk holds is then in memory for every round."""
        self.measure(0)

    def measure(self, turn: int) -> Sample:
        """Open the lesson, wait until it is ready, start a run, wait for a loss."""
        session = Session("fashion-mnist", "--no-log")
        try:
            session.wait_for_state("ready")
            terminal = session.terminal
            with terminal.recording():
                pressed = time.monotonic()
                terminal.press("space")
                return {"first_loss_s": _when_shown(terminal, FIRST_LOSS) - pressed}
        finally:
            session.close()

    def stop(self) -> None:
        """Nothing is left."""


def _step_on(text: str) -> int:
    """The step on the status line; 0 if there is none."""
    found = _STEP.search(text.splitlines()[-2])
    return int(found[1].replace(",", "")) if found else 0


def _drawing_s(process: psutil.Process) -> float:
    """Processor seconds of the main thread, which draws."""
    return float(sum(each.user_time + each.system_time for each in process.threads() if each.id == process.pid))


def _busy_s(processes: Sequence[psutil.Process]) -> float:
    """Processor seconds used by the processes."""
    return sum(sum(process.cpu_times()[:2]) for process in processes if process.is_running())
