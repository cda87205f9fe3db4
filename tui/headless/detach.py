"""Daemons: a run that outlives its terminal. The command returns when the run has begun."""

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
from engine.files import open_regular
from engine.run.run_folder import RunError, reason, shown
from tui.process import console
from tui.process.exit_codes import Exit
from tui.process.jobs import Job
from tui.process.options import HeadlessOptions
from tui.text.clean import clean
from tui.text.plain import plain

OUTPUT, OUTPUT_JSON, MESSAGES = "output.txt", "output.jsonl", "messages.txt"


def detach(go: Callable[[Departure], int], options: HeadlessOptions) -> int:
    """Start a daemon that calls `go`; returns 0 when its run has begun.

    If the daemon ends before that, its exit code is returned; its messages go to this process's streams.
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
    """Close inherited descriptors except the standard streams: a process that waits for their end would wait for the
    run's."""
    os.closerange(3, pipe)
    os.closerange(pipe + 1, 65_536)


def _wait_for(child: int) -> int:
    """The exit code of a child at its end: 128 + n if signal n ended it, which it cannot have reported itself."""
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError):
            print(f"gdtui: the run was ended by signal {-code} before it had begun", file=sys.stderr)  # noqa: T201
    return code if code >= 0 else 128 - code


class Departure:
    """The daemon's side: where its output goes, and how it leaves the terminal. The starting process waits on the
    descriptor `pipe`."""

    def __init__(self, pipe: int, options: HeadlessOptions) -> None:
        self._pipe = pipe
        self._options = options
        self._output = OUTPUT_JSON if options.json else OUTPUT
        self._left = False
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def open_output(self, job: Job) -> TextIO:
        """Open the file in the run's folder to which results are appended. Raises RunError."""
        return _appended(_folder(job) / self._output)

    def messages(self, job: Job) -> Path:
        """The file in the run's folder for messages after the terminal is left."""
        return _folder(job) / MESSAGES

    def is_due(self, event: Event) -> bool:
        """Whether `event` shows that the run has begun, and the terminal has not been left yet."""
        if self._left or isinstance(event, RunStarted | Remark | CheckpointSaved | LogFailed | RunEnded):
            return False
        return not isinstance(event, Phase) or event.name in ("running", "paused")

    def leave(self, job: Job) -> TextIO:
        """Report that the run has begun, close everything that leads to the terminal, and return the file for
        messages."""
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
            messages = open(os.devnull, "w")  # noqa: PTH123, SIM115 - the run goes on and is reported in its log
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
    """Open a file for appending, in UTF-8; no link is followed. Raises RunError."""
    try:
        descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    except OSError as error:
        raise RunError(f"{shown(path)} cannot be written: {reason(error)}") from None
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")


def _tell(told: dict[str, str | int], options: HeadlessOptions) -> None:
    """Print the run's process on stdout, and how to watch, stop and resume the run."""
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
