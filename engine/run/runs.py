"""Runs of a logdir: the record of each in run.json, and the list of them."""

from __future__ import annotations

import json
import math
import os
import socket
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

from engine.events import (
    CheckpointSaved,
    Delivery,
    Evaluated,
    Event,
    Learned,
    Metrics,
    PathEnded,
    PathsGrew,
    RunEnded,
    RunStarted,
    SettingChanged,
)
from engine.files import write_whole
from engine.run.run_folder import (
    NAME,
    RECORD,
    STAMP,
    RunError,
    RunFolder,
    checked_name,
    reason,
    resolved,
    shown,
)
from engine.run.run_record import VERSION, RunRecord, read_record

# How often the record of a running run is written: often enough for a list of runs, too seldom to cost anything.
_EVERY_S = 5.0


class RunRecorder:
    """A sink that keeps a run's run.json up to date. Each version is written completely or not at all.

    If it cannot be written, the run goes on; only if the last one fails, OSError is raised.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._path = folder.path
        self._told: dict[str, Any] = {}
        self._metrics: dict[str, float] = {}
        self._before_s = 0.0
        self._written_s = -math.inf

    def write(self, delivery: Delivery) -> None:
        """Record an event; write the file if it is due or the event matters."""
        event = delivery.event
        if isinstance(event, RunStarted):
            self._begin(event)
        if not self._told:
            return
        self._note(event)
        self._told["elapsed_s"] = round(self._before_s + delivery.elapsed_s, 3)
        ended = isinstance(event, RunEnded)
        if ended or isinstance(event, RunStarted | CheckpointSaved) or delivery.elapsed_s - self._written_s >= _EVERY_S:
            self._written_s = delivery.elapsed_s
            try:
                self._save(durable=ended)
            except OSError as error:
                if ended:
                    raise OSError(f"{RECORD} could not be brought up to date: {reason(error)}") from None

    def close(self) -> None:
        """Do nothing: the last event was written when it came."""

    def _begin(self, event: RunStarted) -> None:
        before = read_record(self._path) if (self._path / RECORD).exists() else None  # a resumed run's
        started = before.started if before and before.started else datetime.now(UTC).astimezone()
        self._metrics = dict(before.metrics) if before else {}
        self._before_s = before.elapsed_s if before else 0.0
        self._told = {
            "version": VERSION,
            "lesson": event.lesson,
            "settings": dict(event.settings),
            "settings_at_start": dict(before.settings_at_start) if before else {},
            "command": event.command,
            "started": started.isoformat(timespec="seconds"),
            "elapsed_s": 0.0,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "gdtui": gdtui_version(),
            "outcome": None,
            "step": event.resumed_step,
            "checkpoint_step": event.resumed_step or None,
            "message": "",
            "learned": "",
        }

    def _note(self, event: Event) -> None:
        match event:
            case Metrics():
                self._told["step"] = event.last_step
                self._metrics |= {
                    "train-loss": float(event.loss[-1]),
                    "train-mse": float(event.mse[-1]),
                    "learning-rate": event.learning_rate,
                    "gradient-norm": event.gradient_norm,
                    "steps-per-second": event.steps_per_s,
                    "epoch": event.epoch,
                }
            case Evaluated():
                self._metrics |= {"test-loss": event.loss, "test-acc": event.accuracy}
                self._metrics |= {f"test-{name}": value for name, value in event.metrics.items()}
                if event.train_accuracy is not None:
                    self._metrics["train-acc"] = event.train_accuracy
            case PathsGrew():
                self._told["step"] = event.first_step + event.steps - 1
                self._metrics["learning-rate"] = event.learning_rate
            case PathEnded():
                self._metrics["final-f"] = min(event.value, self._metrics.get("final-f", math.inf))
                if event.arrived_step is not None:
                    fastest = self._metrics.get("steps-to-minimum", math.inf)
                    self._metrics["steps-to-minimum"] = min(event.arrived_step, fastest)
            case SettingChanged():
                self._told["settings"][event.name] = event.after
                self._told["settings_at_start"].setdefault(event.name, event.before)
            case CheckpointSaved():
                self._told["checkpoint_step"] = event.step
            case Learned():
                self._told["learned"] = event.text
            case RunEnded():
                self._told |= {"outcome": event.outcome.name.lower(), "step": event.step, "message": event.message}
            case _:
                pass

    def _save(self, durable: bool) -> None:
        # JSON has no NaN: values that are not finite are left out.
        metrics = {tag: value for tag, value in self._metrics.items() if math.isfinite(value)}
        content = json.dumps(self._told | {"metrics": metrics}, indent=1).encode()
        folder = self._folder.open()
        try:
            write_whole(RECORD, content, folder, durable=durable)
        finally:
            os.close(folder)


def gdtui_version() -> str:
    """The installed version; empty if gdtui runs from its sources."""
    try:
        return metadata.version("gdtui")
    except metadata.PackageNotFoundError:
        return ""


def past_runs(logdir: Path, most: int | None = None) -> tuple[RunRecord, ...]:
    """The newest runs below `logdir`, at most `most`, newest first. A damaged record is returned as far as it reads.

    The folders' names alone show which are the newest: of ten thousand runs only `most` are opened.
    """
    return tuple(islice(each_run(logdir), most))


def each_run(logdir: Path, lessons: Collection[str] | None = None) -> Iterator[RunRecord]:
    """The runs below `logdir`, of these lessons if any are named, newest first; each is read when the iterator reaches
    it."""
    for _, _, path in sorted(_run_folders(resolved(logdir)), reverse=True):
        if lessons is None or Path(path).parent.name in lessons:
            yield read_record(Path(path))


def find_run(logdir: Path, name: str | None = None) -> Path:
    """Find the folder of the run `name` (`himmelblau/20261124-211754`, or the time alone), or the newest without a
    name.

    Raises:
        RunError: there is none of that name, or it cannot be a run's name.
    """
    base = resolved(logdir)
    runs = _run_folders(base)
    if name is None:
        if not runs:
            raise RunError(f"{shown(base)} holds no run")
        return Path(max(runs)[2])
    parts = [checked_name(part) for part in name.split("/")]
    found = [path for _, _, path in sorted(runs) if Path(path).parts[-len(parts) :] == tuple(parts)]
    if not found or len(parts) > 2:
        raise RunError(f"{shown(base)} holds no run called {name!r}")
    return Path(found[-1])


def _run_folders(base: Path) -> list[tuple[str, int, str]]:
    """Time, number and path of every run's folder below `base`; links are not followed."""
    found = []
    for lesson in _folders(base):
        for run in _folders(lesson.path):
            if stamp := STAMP.fullmatch(run.name):
                found.append((stamp[1], int(stamp[2] or 1), run.path))
    return found


def _folders(path: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return [each for each in entries if NAME.fullmatch(each.name) and each.is_dir(follow_symlinks=False)]
    except OSError:
        return []
