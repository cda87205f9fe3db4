"""A run that outlives its terminal: a process of its own session, which is told apart once it has really begun."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from engine.events import CheckpointSaved, Event, LogFailed, Phase, Remark, RunEnded, RunStarted
from engine.run_folder import RunError, reason, shown
from tui import console
from tui.exit_codes import Exit
from tui.headless_jobs import Job
from tui.options import HeadlessOptions
from tui.plain import plain
from tui.text import clean

OUTPUT, OUTPUT_JSON, MESSAGES = "output.txt", "output.jsonl", "messages.txt"


def detach(go: Callable[[Departure], int], options: HeadlessOptions) -> int:
    """Have `go` done in a process of its own session, and return when the run in it has begun: then with 0.

    Where it ends before, its exit code is returned; what it has to say of that it says on our own streams.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _let_go_of_all_but(theirs)
        os.setsid()
        return go(Departure(theirs, options))
    os.close(theirs)
    try:
        with os.fdopen(ours, "rb") as pipe:
            told = pipe.readline()
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            os.kill(child, signal.SIGTERM)
        _wait_for(child)
        return 128 + signal.SIGINT
    if not told.endswith(b"\n"):
        return _wait_for(child)
    _tell(json.loads(told), options)
    return Exit.DONE


def _let_go_of_all_but(pipe: int) -> None:
    """Close what was inherited beside the standard streams: whoever waits for its end would wait for the run's."""
    os.closerange(3, pipe)
    os.closerange(pipe + 1, 65_536)


def _wait_for(child: int) -> int:
    """The exit code of a child that ends: 128 + n where signal n ended it, which it cannot have said itself."""
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError):
            print(f"gdtui: the run was ended by signal {-code} before it had begun", file=sys.stderr)  # noqa: T201
    return code if code >= 0 else 128 - code


class Departure:
    """The detached process's side: where its output goes, and how it lets go of the terminal. `pipe` is a descriptor
    on which whoever started it waits."""

    def __init__(self, pipe: int, options: HeadlessOptions) -> None:
        self._pipe = pipe
        self._options = options
        self._output = OUTPUT_JSON if options.json else OUTPUT
        self._left = False
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def open_output(self, job: Job) -> TextIO:
        """The file in the run's folder that results are appended to. Raises RunError."""
        return _appended(_folder(job) / self._output)

    def messages(self, job: Job) -> Path:
        """The file in the run's folder for messages, once the terminal is left."""
        return _folder(job) / MESSAGES

    def is_due(self, event: Event) -> bool:
        """Whether `event` shows that the run has really begun, and the terminal has not been left yet."""
        if self._left or isinstance(event, RunStarted | Remark | CheckpointSaved | LogFailed | RunEnded):
            return False
        return not isinstance(event, Phase) or event.name in ("running", "paused")

    def leave(self, job: Job) -> TextIO:
        """Say that the run has begun, close all that leads to the terminal, and return the file for messages."""
        self._left = True
        told = {
            "run": job.name,
            "pid": os.getpid(),
            "output": str(_folder(job) / self._output),
            "messages": str(self.messages(job)),
            "logdir": str(self._options.logdir),
        }
        try:
            messages = _appended(self.messages(job))
        except RunError:
            messages = open(os.devnull, "w")  # noqa: PTH123, SIM115 - the run goes on, and its log tells of it
        console.release(messages)
        with contextlib.suppress(OSError):
            os.write(self._pipe, json.dumps({"event": "detached", **told}).encode() + b"\n")
        os.close(self._pipe)
        return messages


def _folder(job: Job) -> Path:
    if job.path is None:
        raise RunError("a detached run needs a folder of its own")
    return job.path


def _appended(path: Path) -> TextIO:
    """A file to append to, in UTF-8; no link is followed. Raises RunError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise RunError(f"{shown(path)} cannot be written: {reason(error)}") from None
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")


def _tell(told: dict[str, str | int], options: HeadlessOptions) -> None:
    """Say on stdout which process does the run, and how to look at it, end it and go on with it."""
    if options.json:
        text = json.dumps(told)
    else:
        run, logdir = shlex.quote(str(told["run"])), str(told["logdir"])
        at = "" if options.logdir == HeadlessOptions().logdir else f" --logdir {shlex.quote(logdir)}"
        rows = [
            ("output", f"{told['output']}, {MESSAGES}"),
            ("look", f"gdtui attach {run}{at}"),
            ("", f"tensorboard --logdir {shlex.quote(logdir)}"),
            ("stop", f"kill {told['pid']}"),
        ]
        lines = [f"{told['run']} goes on as process {told['pid']}"]
        lines += [] if options.quiet else [f"{head:<8}{what}" for head, what in rows]
        text = clean("\n".join(lines), keep_newlines=True)
        text = text if console.speaks_unicode(sys.stdout) and not options.ascii_only else plain(text)
    with contextlib.suppress(OSError):
        print(text, flush=True)  # noqa: T201
