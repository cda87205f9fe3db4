"""Reading a million scalars, beside TensorBoard's own loader."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import scalar_logs
from tests.benchmarks.contest import Contestant, Sample
from tests.benchmarks.rows import Row, Target, every, ratio
from tests.benchmarks.workers import Worker

READER, LOADER = "gdtui's reader", "TensorBoard's loader"
READER_MIXED, LOADER_MIXED = "gdtui's reader, mixed log", "TensorBoard's loader, mixed log"

READING = (
    Row("log-read", "a million scalars of a usual loop are read within", Target("<=", 3, "s"), (READER,),
        every(READER, "seconds")),
    Row("log-read-loader", "the same against TensorBoard's own loader", Target("<=", 1.5), (READER, LOADER),
        ratio(READER, LOADER, "seconds")),
    Row("log-read-mixed", "a million of 2,000 tags, written in two ways, against TensorBoard's own loader",
        Target("<=", 1.5), (READER_MIXED, LOADER_MIXED), ratio(READER_MIXED, LOADER_MIXED, "seconds")),
)  # fmt: skip


@dataclass
class Log:
    """A log with several readers: written when the first of them starts."""

    kind: scalar_logs.Kind
    _home: tempfile.TemporaryDirectory[str] | None = field(default=None, init=False)

    @property
    def folder(self) -> str:
        """The path of its folder."""
        if self._home is None:
            self._home = tempfile.TemporaryDirectory(prefix="gdtui-bench-", ignore_cleanup_errors=True)
            scalar_logs.write(Path(self._home.name), self.kind)
        return self._home.name

    def remove(self) -> None:
        """Delete it."""
        if self._home is not None:
            self._home.cleanup()


@dataclass
class Loading:
    """A reader of a log."""

    name: str
    worker: Worker
    log: Log

    def start(self) -> None:
        """Write the log, and read it once."""
        self.worker.start()
        self.measure(0)

    def measure(self, turn: int) -> Sample:
        """Read it. Raises RuntimeError if a point is missing."""
        sample = self.worker.ask(folder=self.log.folder)
        if sample["points"] != scalar_logs.RECORDS:
            raise RuntimeError(f"read {sample['points']:,} points of {scalar_logs.RECORDS:,}")
        return sample

    def stop(self) -> None:
        """End the reader, and delete the log."""
        self.worker.stop()
        self.log.remove()


def readers() -> list[Contestant]:
    """Both readers on both logs."""
    loop, mixed = Log("loop"), Log("mixed")
    return [
        Loading(READER, Worker("ours.log_reader"), loop),
        Loading(LOADER, Worker("peers.tensorboard_loader"), loop),
        Loading(READER_MIXED, Worker("ours.log_reader"), mixed),
        Loading(LOADER_MIXED, Worker("peers.tensorboard_loader"), mixed),
    ]
