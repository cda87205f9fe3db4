"""The TensorBoard server as a child process that ends with gdtui, and the addresses at which it is reached."""

from __future__ import annotations

import contextlib
import getpass
import http.client
import ipaddress
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal
from urllib.parse import urlsplit

from engine.run.run_folder import shown

StateName = Literal["idle", "starting", "ready", "stopping", "stopped", "failed"]

_CHILD = Path(__file__).with_name("tensorboard_child.py")
_SAID = re.compile(rb"at (http://\S+) \(Press CTRL")
_TAKEN = re.compile(rb"could not bind to port (\d+), it was already in use")
_LOOK_EVERY_S = 0.05
_GRACE_S = 3.0
_ANSWER_WITHIN_S = 60.0
_MOST_OUTPUT_BYTES = 2**16

# TensorBoard shows ten images and a thousand scalars of a tag by default.
_SAMPLES = "scalars=10000,images=200,histograms=200,text=200"


@dataclass(frozen=True)
class ServerState:
    """The present state of the server. `message` is one line for the user if it failed or ended; `address` is set when
    it is ready."""

    name: StateName
    message: str = ""
    address: str = ""


class TensorBoardServer:
    """A TensorBoard server for `logdir`, by default on a free port of the loopback interface.

    Nothing here waits: `start` and `stop` only begin, `poll` returns the state. If possible, start it from the main
    thread: then the kernel, too, ends it when gdtui is killed. `command` replaces TensorBoard in tests.
    """

    def __init__(
        self,
        logdir: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        command: Sequence[str] | None = None,
        answer_within_s: float = _ANSWER_WITHIN_S,
    ) -> None:
        self.logdir = logdir.expanduser().absolute()
        self.host = host
        self._port = port
        self._command = command
        self._answer_within_s = answer_within_s
        self._state = ServerState("idle")
        self._changing = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: threading.Thread | None = None

    @property
    def address(self) -> str:
        """The address for a browser on this machine, `http://127.0.0.1:6006/`; empty until it is ready."""
        return self._state.address

    @property
    def ssh_line(self) -> str:
        """The ssh command to run on the user's own machine to reach it there at the same address; empty until it is
        ready."""
        port = urlsplit(self.address).port if self.address else None
        if port is None:
            return ""
        inner = "127.0.0.1" if _is_wildcard(self.host) else self.host
        inner = f"[{inner}]" if ":" in inner else inner
        return f"ssh -L {port}:{inner}:{port} {shlex.quote(f'{_user()}@{_this_machine()}')}"

    @property
    def warning(self) -> str:
        """A warning if it listens to more than this machine; empty otherwise."""
        if is_loopback(self.host):
            return ""
        return (
            f"it listens on {shown(self.host)}: everybody who can reach this machine can read the whole log, "
            "for TensorBoard asks for no password"
        )

    def poll(self) -> ServerState:
        """The present state."""
        return self._state

    def start(self) -> None:
        """Start the listener, TensorBoard's server, unless it is starting, ready or stopping."""
        if self._state.name in ("starting", "ready", "stopping"):
            return
        output = tempfile.TemporaryFile()  # noqa: SIM115 - the watcher closes it
        try:
            # Its own process group: ctrl+c in the terminal must not reach it. The pipe breaks when gdtui ends.
            process = subprocess.Popen(
                self._arguments(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        except OSError as error:
            output.close()
            self._state = ServerState("failed", f"TensorBoard cannot be started: {error.strerror or error}")
            return
        with self._changing:
            self._process = process
            self._state = ServerState("starting")
        self._watcher = threading.Thread(target=self._watch, args=(process, output), name="TensorBoard", daemon=True)
        self._watcher.start()

    def stop(self, wait_s: float = 0.0) -> None:
        """Ask it to end, and kill it after three seconds; wait at most `wait_s` seconds for that."""
        process = self._process
        if process is not None and self._move(process, ("starting", "ready"), ServerState("stopping")):
            _signal_group(process, signal.SIGTERM)
            killer = threading.Timer(_GRACE_S, _signal_group, (process, signal.SIGKILL))
            killer.daemon = True
            killer.start()
        if self._watcher is not None and wait_s:
            self._watcher.join(wait_s)

    def _arguments(self) -> list[str]:
        if self._command is not None:
            return list(self._command)
        # The kernel watches the thread that starts a process: that thread must not end soon.
        parent = os.getpid() if threading.current_thread() is threading.main_thread() else 0
        flags = ["--logdir", str(self.logdir), "--host", self.host, "--port", str(self._port)]
        flags += ["--samples_per_plugin", _SAMPLES]
        # -P: files in the current folder must not be run.
        return [sys.executable, "-P", str(_CHILD), str(parent), *flags]

    def _watch(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        """Follow the child from its start to its end, in a thread."""
        with output:
            until = time.monotonic() + self._answer_within_s
            while process.poll() is None and self._state.name == "starting":
                address = _announced(output)
                if address and self._answers(address):
                    self._move(process, ("starting",), ServerState("ready", address=address))
                elif time.monotonic() > until:
                    message = f"TensorBoard did not answer within {self._answer_within_s:g} seconds"
                    if self._move(process, ("starting",), ServerState("failed", message)):
                        _signal_group(process, signal.SIGKILL)
                else:
                    time.sleep(_LOOK_EVERY_S)
            code = process.wait()
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
            self._move(process, ("stopping",), ServerState("stopped", "TensorBoard was stopped"))
            self._move(process, ("starting", "ready"), ServerState("failed", _why(code, _said(output))))

    def _move(self, process: subprocess.Popen[bytes], before: tuple[StateName, ...], after: ServerState) -> bool:
        """Change to the state `after`, if this is still the current child and the state is one of `before`."""
        with self._changing:
            if self._process is not process or self._state.name not in before:
                return False
            self._state = after
            return True

    def _answers(self, address: str) -> bool:
        """Whether the server answers yet."""
        port = urlsplit(address).port or 80
        connection = http.client.HTTPConnection("127.0.0.1" if _is_wildcard(self.host) else self.host, port, timeout=2)
        try:
            connection.request("GET", "/data/environment")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def is_loopback(host: str) -> bool:
    """Whether a server that listens on `host` can be reached only from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the child and its own child, unless it has ended: its number might be another process's by now."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


def _said(output: IO[bytes]) -> bytes:
    try:
        return os.pread(output.fileno(), _MOST_OUTPUT_BYTES, 0)
    except OSError:
        return b""


def _why(code: int, said: bytes) -> str:
    """Why a child ended that gdtui did not stop."""
    if taken := _TAKEN.search(said):
        return f"port {taken[1].decode()} is taken; choose another one, or 0 for any that is free"
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    last = f": {shown(lines[-1].strip())[:200]}" if lines else ""
    return f"TensorBoard {f'was ended by signal {-code}' if code < 0 else f'exited with code {code}'}{last}"


def _announced(output: IO[bytes]) -> str:
    """The address that TensorBoard has printed; empty if it has not yet."""
    found = _SAID.search(_said(output))
    return shown(found[1].decode("ascii", "replace")) if found else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "user"


def _this_machine() -> str:
    """The name or address by which this machine is reached from the other end of an ssh connection."""
    connection = os.environ.get("SSH_CONNECTION", "").split()
    if len(connection) == 4:
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_address(connection[2].split("%")[0]))
    return socket.gethostname()
