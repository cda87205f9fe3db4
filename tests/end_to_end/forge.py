"""gdtui as real processes for tests, dozens of them: forked from one that has imported TensorFlow and gdtui and
computed nothing, with compiled loops kept on disk. A run then begins in a second instead of six; its signals, files,
limits and exit codes are as real as any."""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """The end of a process: its exit code as a shell sees it, and all its output."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on stderr."""
        return self.err.splitlines()


@dataclass
class Process:
    """A process that may still run. Its output comes through pipes; `events` follows stdout."""

    forge: Forge
    pid: int
    stdout: IO[str]
    stderr: IO[str]
    read: list[str] = field(default_factory=list)

    def events(self) -> Iterator[dict[str, Any]]:
        """The JSON objects that it prints from here on, as they come."""
        for line in self.stdout:
            self.read.append(line)
            yield json.loads(line)

    def until(self, name: str, /, **fields: Any) -> dict[str, Any]:
        """Wait for the next event of that name with these fields."""
        for event in self.events():
            if event["event"] == name and fields.items() <= event.items():
                return event
        raise AssertionError(f"no {name} {fields} came: {self.wait()}")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def wait(self) -> Ended:
        """Wait for its end, and for that of its crash message process. A stdout that was closed is not read."""
        if not self.stdout.closed:
            self.read += self.stdout.readlines()
        said = self.stderr.read()
        self.stdout.close()
        self.stderr.close()
        code = os.waitstatus_to_exitcode(self.forge.ask({"wait": self.pid})["status"])
        return Ended(code if code >= 0 else 128 - code, "".join(self.read), said)


class Forge:
    """Starts the processes. `folder` holds their pipes, their logs and the compiled loops."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self.environ = {
            **{
                name: value
                for name, value in os.environ.items()
                if name.startswith(("COV", "PATH", "LD_", "HOME", "PYTHONPATH"))
            },
            "XDG_STATE_HOME": str(folder / "state"),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_XLA_FLAGS": f"--tf_xla_persistent_cache_directory={folder / 'compiled'}",
        }
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=self.environ, cwd=REPOSITORY, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def start(
        self,
        *argv: str,
        cwd: Path,
        environ: Mapping[str, str] | None = None,
        limits: Mapping[int, int] | None = None,
        before: str = "",
    ) -> Process:
        """Start gdtui with `argv`; resource `limits` apply to it, and the Python code `before` runs before its main."""
        self._count += 1
        out, err = self._folder / f"{self._count}.out", self._folder / f"{self._count}.err"
        os.mkfifo(out)
        os.mkfifo(err)
        asked = {
            "argv": argv, "cwd": str(cwd), "out": str(out), "err": str(err), "before": before,
            "environ": {**self.environ, **(environ or {})}, "limits": list((limits or {}).items()),
        }  # fmt: skip
        pid = self.ask(asked)["pid"]
        return Process(self, pid, out.open(errors="replace"), err.open(errors="replace"))

    def run(self, *argv: str, **options: Any) -> Ended:
        """Start, and wait for the end."""
        return self.start(*argv, **options).wait()

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request to the forge."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the forge, and all processes that it has started."""
        self._process.kill()
        self._process.communicate()


def _serve() -> None:
    """The forge's own process."""
    import ctypes

    import keras  # noqa: F401
    import tensorflow  # noqa: F401

    from engine import lessons
    from engine.log import summaries  # noqa: F401
    from engine.run import resuming  # noqa: F401
    from engine.training import classifier  # noqa: F401
    from tui.cli import parser  # noqa: F401
    from tui.headless import (
        json_report,  # noqa: F401
        plain_report,  # noqa: F401
        rich_report,  # noqa: F401
        session,  # noqa: F401
    )

    lessons.course()

    # Imported objects outlive every child: none needs to search them for garbage, which would copy their pages.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    # A child whose parent has gone would run forever.
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            answer = {"status": os.waitpid(asked["wait"], 0)[1]}
        else:
            pid = os.fork()
            if pid == 0:
                if libc is not None:
                    libc.prctl(1, signal.SIGKILL)
                _be(asked)
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)


def _be(asked: dict[str, Any]) -> None:
    """Become gdtui."""
    code = 1
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(asked["environ"])
        os.chdir(asked["cwd"])
        for number, name, flags in (
            (0, os.devnull, os.O_RDONLY), (1, asked["out"], os.O_WRONLY), (2, asked["err"], os.O_WRONLY),
        ):  # fmt: skip
            os.dup2(os.open(name, flags), number)
        os.closerange(3, 64)
        sys.stdin, sys.stdout, sys.stderr = (open(number, mode, closefd=False) for number, mode in enumerate("rww"))  # noqa: SIM115
        for kind, most in asked["limits"]:
            resource.setrlimit(kind, (most, most))
        exec(asked["before"], {})
        from tui.cli.main import main

        code = main(asked["argv"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
