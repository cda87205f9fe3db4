"""Contestants that are processes: workers that answer one round at a time, and programs run again each round."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.benchmarks.contest import Sample
from tests.benchmarks.serve import READY

ROOT = Path(__file__).resolve().parents[2]

START_S = 300.0
ROUND_S = 900.0


def environ(home: str | Path) -> dict[str, str]:
    """The environment of all measured processes: only the processor, no messages, and nothing from earlier sessions but
    compiled modules. Each installation keeps those; without them the app starts up to a third later."""
    home = str(home)
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "CUDA_VISIBLE_DEVICES": "-1",
        "JAX_PLATFORMS": "cpu",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": home,
        "XDG_CONFIG_HOME": home,
        "XDG_DATA_HOME": home,
        "XDG_CACHE_HOME": home,
    }


class Worker:
    """A module with a `prepare` function in its own process. `ask` requests a round."""

    def __init__(self, module: str, python: Callable[[], Path] = lambda: Path(sys.executable)) -> None:
        self._module = module
        self._python = python
        self._process: subprocess.Popen[str] | None = None
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._errors: IO[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is warm; does nothing if it was started before. Raises MissingError."""
        if self._process is not None:
            return
        python = self._python()
        self._home = tempfile.TemporaryDirectory(prefix="gdtui-bench-", ignore_cleanup_errors=True)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the worker runs
        self._process = subprocess.Popen(
            [str(python), "-m", f"tests.benchmarks.{self._module}"],
            cwd=ROOT,
            env=environ(self._home.name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        if self._answer(START_S) != READY:
            raise RuntimeError(f"{self._module} spoke out of turn")

    def ask(self, **arguments: Any) -> Sample:
        """Request one round."""
        if self._process is None or self._process.stdin is None:
            raise RuntimeError(f"{self._module} was not started")
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        return self._answer(ROUND_S)

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
        if self._errors is not None:
            self._errors.close()
        if self._home is not None:
            self._home.cleanup()

    def _answer(self, limit_s: float) -> Sample:
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError(f"{self._module} was not started")
        with _killed_after(process, limit_s):
            line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._module} ended: {_last_line(self._errors)}")
        answer: Sample = json.loads(line)
        return answer


@dataclass
class Asked:
    """A worker with rounds of one kind; `arguments` are those of each, `seeded` gives each turn its own seed."""

    name: str
    worker: Worker
    arguments: Mapping[str, Any]
    seeded: bool = False

    def start(self) -> None:
        """Start the worker unless another contestant has."""
        self.worker.start()

    def measure(self, turn: int) -> Sample:
        """One round."""
        return self.worker.ask(**self.arguments, **({"seed": turn} if self.seeded else {}))

    def stop(self) -> None:
        """End the worker."""
        self.worker.stop()


@dataclass
class Program:
    """A program run again each round, to its end: `seconds` of the whole process and `memory_mb`, its peak.

    `argv` gets the turn and a new folder. `read` extracts more numbers from its output.
    """

    name: str
    argv: Callable[[int, Path], Sequence[str]]
    read: Callable[[str], Sample] = lambda printed: {}
    warm: bool = True

    def start(self) -> None:
        """With `warm`, run it once: its files are then in memory for every round."""
        if self.warm:
            self.measure(0)

    def measure(self, turn: int) -> Sample:
        """Run it."""
        with (
            tempfile.TemporaryDirectory(prefix="gdtui-bench-", ignore_cleanup_errors=True) as folder,
            tempfile.TemporaryFile() as errors,
        ):
            argv = self.argv(turn, Path(folder))
            began = time.perf_counter()
            process = subprocess.Popen(
                argv,
                cwd=ROOT,
                env=environ(folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
            with process.stdout or contextlib.nullcontext() as output, _killed_after(process, ROUND_S):
                printed = output.read() if output is not None else ""
                _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                raise RuntimeError(f"{' '.join(argv[1:])} exited with {process.returncode}: {_last_line(errors)}")
        # Linux counts kilobytes, macOS bytes.
        bytes_held = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return {"seconds": seconds, "memory_mb": bytes_held / 1e6, **self.read(printed)}

    def stop(self) -> None:
        """Nothing is left."""


def _last_line(errors: IO[bytes] | None) -> str:
    """The last line of a process's messages."""
    lines: list[str] = []
    if errors is not None:
        errors.seek(0)
        lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "nothing was said"


class _killed_after(contextlib.AbstractContextManager[None]):  # noqa: N801 - reads as what it does
    """A context in which `process` is killed, which ends a wait for it, after `limit_s` seconds."""

    def __init__(self, process: subprocess.Popen[str], limit_s: float) -> None:
        self._timer = threading.Timer(limit_s, lambda: os.kill(process.pid, signal.SIGKILL))
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
