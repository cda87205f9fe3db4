"""Log folders as programs leave them, including odd ones, for plays with the log viewer. Each is filled by a function
of its name."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary

from engine.log import summary_values as values
from tests.engine import log_files as files

LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"


def usual(folder: Path) -> None:
    """Three runs with every kind of value, settings, and a text."""
    for number in range(3):
        run = folder / f"run-{number}"
        files.append(run, files.hparams(lr=0.1 / (1 + number), optimizer="adam", big=bool(number)))
        files.append(run, *files.scalars(*range(0, 200, 1 + number)), *files.old_scalars(*range(50)))
        for step in range(0, 40, 10):
            files.append(run, files.image(step, 0, 128, 255), files.histogram(step, [-1, 0, 1, 2], [step, 2, 3]))
            files.append(
                run, files.old_histogram(step, "old/weights"), files.text(step, "# A *text*\n\n| a | b |\n|--|--|")
            )


def many(folder: Path) -> None:
    """Sixty runs, each with settings and a metric."""
    for number in range(60):
        files.append(
            folder / f"k{number}", files.hparams(lr=0.1, k=float(number)), *files.scalars(*range(20), tag="val/loss")
        )


def empty(folder: Path) -> None:
    """A run that has written nothing yet."""
    files.append(folder / "run")


def damaged(folder: Path) -> None:
    """Files that are cut short, are not event files, have a flipped bit, text, or zeros in them; links; a loop."""
    whole = files.append(folder / "whole", *files.scalars(*range(100)))
    data = whole.read_bytes()
    flipped, half = bytearray(data), len(data) // 2
    flipped[half] ^= 64
    contents = {
        "cut": data[: half + 3], "flipped": bytes(flipped), "text": data[:half] + b"Killed\n" + data[half:],
        "none": b"", "zeros": data + bytes(4096), "pointer": LFS_POINTER, "noise": random.Random(0).randbytes(5000),
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).mkdir()
        (folder / name / files.NAME).write_bytes(content)
    (folder / "linked").symlink_to(folder / "whole", target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "link-to-a-file").mkdir()
    (folder / "link-to-a-file" / files.NAME).symlink_to(whole)
    os.mkfifo(folder / "whole" / "events.out.tfevents.1700000001.pipe")


def strange(folder: Path) -> None:
    """Unexpected values and names: no number, no step, steps that go back, hostile tags, nine folders deep."""
    numbers = [float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 5e-324, 0.0, -0.0]
    files.append(folder / "numbers", *(_old(step, "f", value) for step, value in enumerate(numbers)))
    files.append(folder / "numbers", *(_old(step, "nan", float("nan")) for step in range(5)), _old(0, "one", 1.0))
    files.append(folder / "no-steps", *(_old(0, "loss", 1 / (1 + order), wall=order) for order in range(50)))
    files.append(folder / "back", *files.scalars(*range(1000)), *files.scalars(*range(20)), _start(0))
    files.append(folder / "back", _old(-5, "before", 1.0), _old(2**62, "beyond", 1.0))
    for tag in ("loss[/foo]", "[red]", "\x1b]0;x\x07", "\u202eabc", "語" * 100, "a/" * 50, " ", "x" * 3000):
        files.append(folder / "tags", *(_old(step, tag, float(step)) for step in range(3)))
    histogram = HistogramProto(min=float("nan"), max=float("nan"), num=10, bucket_limit=[1.0, 2.0], bucket=[4, 6])
    files.append(
        folder / "kinds", _event(0, Summary.Value(tag="h", histo=histogram)), files.text(0, "[/b]\x1b[2J" * 50)
    )
    files.append(
        folder / "kinds", _event(0, Summary.Value(tag="i", image=Summary.Image(encoded_image_string=b"no picture")))
    )
    files.append(folder / "/".join("abcdefghi"), *files.scalars(*range(10)))
    files.append(folder / "hours", *(_old(step, "loss", 1.0 + step % 7) for step in range(2000, 372000, 500)))


def trainers(folder: Path) -> None:
    """The logs of Keras, Lightning and a launcher: metrics below the run that has the settings, a session that ends
    before it begins, a folder of links to runs, and a dangling link."""
    for number in range(4):
        run = folder / f"run-{number}"
        files.append(run, files.hparams(lr=0.1 * (1 + number), optimizer="sgd"))
        for half in ("train", "validation"):
            files.append(run / half, *files.scalars(*range(20), tag="epoch_loss", scale=1 + number))
    ended = values.hparams_end(succeeded=True)
    files.append(folder / "lightning", files.hparams(lr=0.1), files.event(0, ended))
    files.append(folder / "lightning", _old(0, "hp_metric", -1.0), *files.scalars(*range(100), tag="loss"))
    (folder / "best").mkdir()
    for number in range(2):
        (folder / "best" / f"link-{number}").symlink_to(folder / f"run-{number}", target_is_directory=True)
    (folder / "best" / "nowhere").symlink_to(folder / "gone", target_is_directory=True)


def absent(folder: Path) -> None:
    """No folder yet."""


LOGS: dict[str, Callable[[Path], None]] = {
    made.__name__: made for made in (usual, many, empty, damaged, strange, trainers, absent)
}


def grow(folder: Path, number: int) -> None:
    """Write like a running program: the `number`-th change of a log."""
    run = folder / f"grown-{number % 3}"
    steps = range(number * 10, number * 10 + 10)
    match number % 7:
        case 0 | 1:
            files.append(run, *files.scalars(*steps))
        case 2:
            files.append(run, files.image(number, number % 256), files.histogram(number, [0, 1, 2], [number, 1]))
        case 3:
            files.append(run, files.text(number, "more"), *files.old_scalars(*steps))
        case 4:
            path = files.append(run, *files.scalars(*steps))
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case 5:
            files.append(run).write_bytes(files.append(run).read_bytes() + bytes(4096))
        case 6:
            path = files.append(run)
            path.write_bytes(path.read_bytes().rstrip(b"\0") + b"Killed\n")


def _event(step: int, *added: Summary.Value, wall: float = 0.0) -> bytes:
    record: bytes = Event(wall_time=files.BEGAN + wall, step=step, summary=Summary(value=added)).SerializeToString()
    return record


def _start(step: int) -> bytes:
    """A record of a program's restart at a step."""
    start = SessionLog(status=SessionLog.START)
    record: bytes = Event(wall_time=files.BEGAN, step=step, session_log=start).SerializeToString()
    return record


def _old(step: int, tag: str, value: float, wall: float | None = None) -> bytes:
    return _event(
        step, Summary.Value(tag=tag, simple_value=_float32(value)), wall=step % 100_000 if wall is None else wall
    )


def _float32(value: float) -> float:
    return max(min(value, 3e38), -3e38) if abs(value) != float("inf") else value
