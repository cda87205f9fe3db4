"""A real TensorBoard server shows a real run, and leaves no process behind after any end of its parent."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from engine.events import Outcome
from engine.lessons import lesson
from engine.log.event_files import read_log
from engine.log.summaries import SummaryWriter
from engine.run.runner import Runner
from engine.run.tensorboard_server import ServerState, TensorBoardServer
from engine.settings import parse_settings

RUN = "himmelblau/20260101-000000"
LAST_S = 60


def until(server: TensorBoardServer, *names: str) -> ServerState:
    last = time.monotonic() + LAST_S
    while (state := server.poll()).name not in names:
        assert time.monotonic() < last, state
        time.sleep(0.05)
    return state


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logdir with the log of a short descent."""
    folder = tmp_path_factory.mktemp("logs")
    chosen = lesson("himmelblau")
    writer = SummaryWriter(folder / RUN)
    runner = Runner(chosen, parse_settings(chosen.settings, {"steps": "20"}), [writer], run=RUN)
    runner.start()
    assert runner.join(LAST_S) and runner.outcome is Outcome.DONE
    return folder


@pytest.fixture(scope="module")
def server(logdir: Path) -> Iterator[TensorBoardServer]:
    """A server that is ready and has read the log."""
    started = TensorBoardServer(logdir)
    started.start()
    assert until(started, "ready", "failed").name == "ready"
    last = time.monotonic() + LAST_S
    while RUN not in ask(started, "data/plugin/scalars/tags"):
        assert time.monotonic() < last
        time.sleep(0.05)
    yield started
    started.stop(wait_s=10)
    assert started.poll().name == "stopped"


def fetch(server: TensorBoardServer, path: str, **query: object) -> bytes:
    url = f"{server.address}{path}?{urllib.parse.urlencode(query)}"
    assert url.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: bytes = answer.read()
    return content


def ask(server: TensorBoardServer, path: str, **query: object) -> Any:
    return json.loads(fetch(server, path, **query))


def test_the_server_lists_the_tags_of_every_kind(server: TensorBoardServer) -> None:
    assert {"path-1/x", "path-3/f", "final-f"} <= set(ask(server, "data/plugin/scalars/tags")[RUN])
    assert "paths" in ask(server, "data/plugin/images/tags")[RUN]
    assert {"settings", "learned"} <= set(ask(server, "data/plugin/text/tags")[RUN])


def test_the_server_gives_every_step_of_a_scalar(server: TensorBoardServer) -> None:
    points = ask(server, "data/plugin/scalars/scalars", tag="path-1/f", run=RUN)
    assert [step for _, step, _ in points] == list(range(21))
    assert points[0][2] == pytest.approx((1 - 11) ** 2 + (1 - 7) ** 2)


def test_the_server_gives_the_picture_of_the_paths(server: TensorBoardServer, logdir: Path) -> None:
    (told,) = ask(server, "data/plugin/images/images", tag="paths", run=RUN, sample=0)
    content = fetch(server, "data/plugin/images/individualImage", **dict(urllib.parse.parse_qsl(told["query"])))
    (logged,) = read_log(logdir / RUN).images["paths"]
    assert content == logged.files[0]
    picture = np.asarray(Image.open(io.BytesIO(content)))
    assert picture.ndim == 3 and len(np.unique(picture.reshape(-1, 3), axis=0)) > 100


def test_the_hparams_tab_compares_runs_by_settings_and_by_where_they_ended(server: TensorBoardServer) -> None:
    body = json.dumps({"experimentName": "0", "includeMetrics": True}).encode()
    request = urllib.request.Request(
        f"{server.address}data/plugin/hparams/experiment", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        experiment = json.load(answer)
    assert {"learning_rate", "optimizer", "steps"} <= {info["name"] for info in experiment["hparamInfos"]}
    assert "final-f" in {info["name"]["tag"] for info in experiment["metricInfos"]}


@pytest.mark.slow
def test_a_port_that_is_taken_is_one_clear_line(logdir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        second = TensorBoardServer(logdir, port=port)
        second.start()
        state = until(second, "ready", "failed")
    assert state == ServerState("failed", f"port {port} is taken; choose another one, or 0 for any that is free")


PARENT = """
import sys, time
from pathlib import Path
from engine.run.tensorboard_server import TensorBoardServer
server = TensorBoardServer(Path(sys.argv[1]))
server.start()
while server.poll().name == "starting":
    time.sleep(0.05)
print(server.poll().name, flush=True)
time.sleep(600)
"""


def test_a_killed_parent_leaves_no_tensorboard_behind(logdir: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(logdir)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None and parent.stdout.readline().strip() == "ready"
    family = psutil.Process(parent.pid).children(recursive=True)
    assert len(family) == 2  # TensorBoard, and the server that reads its data
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(family, timeout=LAST_S)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
