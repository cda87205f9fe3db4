"""The TensorBoard child: starting and stopping do not wait, and each failure is one clear line."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.run.tensorboard_server import ServerState, TensorBoardServer, is_loopback

# Stands in for TensorBoard: prints an address and answers according to its script.
SERVE = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(STATUS if self.path == "/data/environment" else 404)
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
print(f"TensorBoard 2.0 at http://127.0.0.1:{server.server_port}/ (Press CTRL+C to quit)", file=sys.stderr, flush=True)
server.serve_forever()
"""
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


def until(server: TensorBoardServer, *names: str) -> ServerState:
    """The first state that is one of `names`."""
    last = time.monotonic() + 30
    while (state := server.poll()).name not in names:
        assert time.monotonic() < last, state
        time.sleep(0.01)
    return state


Fake = Callable[..., TensorBoardServer]


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Fake]:
    """Makes servers whose child runs the code given; all are stopped at the end."""
    made: list[TensorBoardServer] = []

    def make(code: str, **options: object) -> TensorBoardServer:
        made.append(TensorBoardServer(tmp_path, command=[sys.executable, "-c", code], **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for server in made:
        server.stop(wait_s=10)


def test_it_is_ready_when_it_answers_and_then_tells_how_to_reach_it(fake: Fake, tmp_path: Path) -> None:
    server = fake(SERVE.replace("STATUS", "200"))
    assert (server.poll().name, server.address, server.ssh_line) == ("idle", "", "")
    server.start()
    state = until(server, "ready", "failed")
    port = state.address.rsplit(":", 1)[1].rstrip("/")
    assert server.address == state.address == f"http://127.0.0.1:{port}/"
    assert server.ssh_line.startswith(f"ssh -L {port}:127.0.0.1:{port} ") and "@" in server.ssh_line
    assert server.logdir == tmp_path.absolute() and server.warning == ""


def test_it_is_not_ready_while_it_answers_with_an_error(fake: Fake) -> None:
    server = fake(SERVE.replace("STATUS", "503"), answer_within_s=0.5)
    server.start()
    assert until(server, "ready", "failed") == ServerState("failed", "TensorBoard did not answer within 0.5 seconds")


def test_one_that_never_says_a_word_is_given_up_and_killed(fake: Fake) -> None:
    server = fake(STUBBORN + "import time\ntime.sleep(60)", answer_within_s=0.3)
    server.start()
    assert until(server, "failed").message == "TensorBoard did not answer within 0.3 seconds"
    server.stop(wait_s=10)
    assert server._process is not None and server._process.returncode == -9


def test_one_that_ends_at_once_is_reported_with_its_last_line_cleaned(fake: Fake) -> None:
    server = fake("import sys\nprint('first')\nprint('bad \\x1b[31m luck')\nsys.exit(3)")
    server.start()
    assert until(server, "failed").message == "TensorBoard exited with code 3: bad \ufffd[31m luck"


def test_a_port_that_is_taken_is_reported_as_that(fake: Fake) -> None:
    said = "ERROR: TensorBoard could not bind to port 6006, it was already in use"
    server = fake(f"import sys\nprint({said!r})\nsys.exit(255)")
    server.start()
    assert until(server, "failed").message == "port 6006 is taken; choose another one, or 0 for any that is free"


def test_one_that_dies_later_is_reported(fake: Fake) -> None:
    server = fake(SERVE.replace("STATUS", "200"))
    server.start()
    until(server, "ready")
    assert server._process is not None
    os.kill(server._process.pid, 9)
    assert until(server, "failed").message.startswith("TensorBoard was ended by signal 9")


def test_a_command_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    server = TensorBoardServer(tmp_path, command=["/nowhere/python"])
    server.start()
    assert server.poll() == ServerState("failed", "TensorBoard cannot be started: No such file or directory")


def test_stopping_ends_it_and_it_can_be_started_again(fake: Fake) -> None:
    server = fake(SERVE.replace("STATUS", "200"))
    for _ in range(2):
        server.start()
        first = until(server, "ready").address
        server.stop()
        assert until(server, "stopped", "failed") == ServerState("stopped", "TensorBoard was stopped")
        assert first and server.address == ""


def test_stopping_while_it_starts_ends_it_too(fake: Fake) -> None:
    server = fake("import time\ntime.sleep(60)")
    server.start()
    server.stop()
    assert until(server, "stopped", "failed").name == "stopped"


def test_one_that_ignores_the_signal_is_killed_after_its_grace(fake: Fake) -> None:
    server = fake(STUBBORN + SERVE.replace("STATUS", "200"))
    server.start()
    until(server, "ready")
    server.stop()
    assert server.poll().name == "stopping"
    server.stop(wait_s=20)
    assert server.poll().name == "stopped"
    assert server._process is not None and server._process.returncode == -9


def test_starting_twice_starts_one(fake: Fake) -> None:
    server = fake(SERVE.replace("STATUS", "200"))
    server.start()
    process = server._process
    server.start()
    assert server._process is process


def test_stopping_what_was_never_started_is_nothing(tmp_path: Path) -> None:
    server = TensorBoardServer(tmp_path)
    server.stop(wait_s=1)
    assert server.poll() == ServerState("idle")


def test_it_listens_on_the_loopback_interface_by_default_and_says_what_anything_else_means(tmp_path: Path) -> None:
    assert TensorBoardServer(tmp_path).host == "127.0.0.1"
    assert "everybody who can reach this machine" in TensorBoardServer(tmp_path, host="0.0.0.0").warning
    assert all(is_loopback(host) for host in ("localhost", "127.8.8.8", "::1"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", ""))


def test_over_ssh_the_line_names_the_address_that_was_reached(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.7 50022 203.0.113.9 22")
    server = fake(SERVE.replace("STATUS", "200"))
    server.start()
    until(server, "ready")
    assert server.ssh_line.endswith("@203.0.113.9")
    monkeypatch.setenv("SSH_CONNECTION", "a b $(reboot) d")
    assert "reboot" not in server.ssh_line


def test_the_kernel_is_asked_to_watch_the_main_thread_alone(tmp_path: Path) -> None:
    server = TensorBoardServer(tmp_path)
    assert str(os.getpid()) in server._arguments()
    elsewhere: list[list[str]] = []
    thread = threading.Thread(target=lambda: elsewhere.append(server._arguments()))
    thread.start()
    thread.join()
    assert str(os.getpid()) not in elsewhere[0]
