"""From the start of a process to the first training step of lesson 6, with the programs kept by an earlier run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

from tests.benchmarks.contest import Sample
from tests.benchmarks.workers import ROOT, environ

_ARGUMENTS = ("-m", "tui.cli.main", "fashion-mnist", "--no-log", "--json")
_SHORT = ("--epochs", "1")  # the number of examples is part of the program


@dataclass
class FirstStep:
    """gdtui fashion-mnist, headless: the first start of a home, which compiles, and then second starts."""

    name: str
    _home: tempfile.TemporaryDirectory[str] | None = field(default=None, init=False)

    def start(self) -> None:
        """Run the lesson to its end once, for one epoch, which fills the program cache."""
        self._home = tempfile.TemporaryDirectory(prefix="gdtui-bench-", ignore_cleanup_errors=True)
        command = (sys.executable, *_ARGUMENTS, *_SHORT)
        subprocess.run(command, cwd=ROOT, env=environ(self._home.name), check=True, capture_output=True)
        self.measure(0)

    def measure(self, turn: int) -> Sample:
        """Start it, wait for its first step, end it."""
        if self._home is None:
            raise RuntimeError("nothing was started")
        began = time.perf_counter()
        with subprocess.Popen(
            (sys.executable, *_ARGUMENTS),
            cwd=ROOT,
            env=environ(self._home.name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                for line in process.stdout or ():
                    if json.loads(line)["event"] == "metrics":
                        return {"first_step_s": time.perf_counter() - began}
            finally:
                process.kill()
        raise RuntimeError(f"it ended before its first step, with {process.returncode}")

    def stop(self) -> None:
        """Delete the home folder."""
        if self._home is not None:
            self._home.cleanup()
