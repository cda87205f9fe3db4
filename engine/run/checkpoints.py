"""Checkpoints of a classifier's run: saved in its run folder, restored, and deleted when a newer one is complete.

A checkpoint is two files in `checkpoints/`: the arrays as an uncompressed .npz, and a manifest in JSON with the step,
the settings and the SHA-256 of the arrays. Each is written under a temporary name, synced and renamed, the manifest
last, so a manifest guarantees complete arrays; an older checkpoint is deleted only when the newer is complete. Neither
format can carry code: nothing is unpickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import read_arrays
from engine.events import Snapshot
from engine.files import NotRegularError, open_below, read_regular, write_whole
from engine.run.run_folder import CHECKPOINTS, reason

# The beginning of the error for a complete checkpoint of another network or another version.
DOES_NOT_FIT = "the checkpoint does not fit these settings"
# Format 1 held the first layer's kernel in two arrays.
_FORMAT = 2
_STEM = re.compile(r"step-\d{12,}", re.ASCII)

# The largest of the course's networks with Adam takes 3 MB; more than this is damage or a trap.
_MOST_BYTES = 2**30
_MOST_MANIFEST_BYTES = 2**20


class NoCheckpoint(Exception):  # noqa: N818 - it is the answer to a question, and the name reads as one
    """No checkpoint of a run can be restored; the text is one line with the reason for the newest."""


@dataclass(frozen=True)
class Restored:
    """A checkpoint that was read. `skipped` has one line for each newer one that could not be used, `files` the
    checksums of the Python files that the run runs."""

    lesson: str
    settings: Mapping[str, str]
    snapshot: Snapshot
    skipped: tuple[str, ...]
    files: Mapping[str, int] = field(default_factory=dict)


class Checkpoints:
    """The checkpoints of one lesson's run in `folder`, the newest `keep` of them. One process writes at a time. `files`
    are the checksums of the Python files that the run runs."""

    def __init__(self, folder: Path, lesson: str, *, keep: int = 2, files: Mapping[str, int] | None = None) -> None:
        self._folder = folder
        self._lesson = lesson
        self._files = dict(files or {})
        self._keep = keep

    def save(self, snapshot: Snapshot, settings: Mapping[str, str]) -> None:
        """Write a checkpoint; returns when it is on the disk. Raises OSError; older ones then stay unchanged."""
        arrays = io.BytesIO()
        np.savez(arrays, allow_pickle=False, **dict(snapshot.arrays))
        content = arrays.getvalue()
        manifest = {
            "format": _FORMAT,
            "lesson": self._lesson,
            "step": snapshot.step,
            "epoch": snapshot.epoch,
            "settings": dict(settings),
            "files": self._files,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        stem = _stem(snapshot.step)
        with _opened(self._folder, make=True) as inside:
            _remove(inside, _litter(inside))
            write_whole(f"{stem}.npz", content, inside)
            write_whole(f"{stem}.json", json.dumps(manifest, indent=1).encode(), inside)
            os.fsync(inside)  # makes the renames themselves durable
            # A later one could not be restored, or the run would have been resumed from there: it is damaged.
            stems = _stems(inside)
            kept = [each for each in stems if each <= stem][: self._keep]
            _remove(inside, [f"{old}{ending}" for old in stems if old not in kept for ending in (".json", ".npz")])


def exist(folder: Path) -> bool:
    """Whether a run has left a checkpoint in its folder, even a damaged one, or something else stands in its place."""
    try:
        with _opened(folder) as inside:
            return bool(_stems(inside))
    except NotRegularError:
        return True
    except OSError:
        return False


def restore(folder: Path) -> Restored:
    """Read the newest complete checkpoint in a run folder.

    Raises:
        NoCheckpoint: there is none, or none of them can be used.
    """
    try:
        with _opened(folder) as inside:
            return _newest_whole(inside)
    except FileNotFoundError:
        raise NoCheckpoint("it holds no checkpoint") from None
    except OSError as error:
        raise NoCheckpoint(f"{CHECKPOINTS} cannot be read: {reason(error)}") from None


def _newest_whole(inside: int) -> Restored:
    skipped: list[str] = []
    for stem in _stems(inside):
        try:
            return _read(inside, stem, tuple(skipped))
        except OSError as error:
            problem = reason(error)
        except (ValueError, KeyError, TypeError, MemoryError, RecursionError) as error:
            problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        skipped.append(f"{stem} cannot be used: {problem}")
    raise NoCheckpoint(skipped[0] if skipped else "it holds no checkpoint")


def _read(inside: int, stem: str, skipped: tuple[str, ...]) -> Restored:
    """Read the checkpoint of a manifest. Raises ValueError and other errors for any damage."""
    said: Any = json.loads(read_regular(f"{stem}.json", _MOST_MANIFEST_BYTES, folder=inside))
    written_as = said.get("format") if isinstance(said, dict) else None
    if written_as == 1:
        raise ValueError("an earlier version of gdtui wrote it; start its lesson again")
    if written_as != _FORMAT:
        raise ValueError(f"expected a manifest of format {_FORMAT}")
    step, epoch, lesson, settings = said["step"], said["epoch"], said["lesson"], said["settings"]
    for number in (step, epoch):
        if type(number) is not int or number < 0:
            raise ValueError("its step or epoch is not a whole number")
    if stem != _stem(step):
        raise ValueError("its manifest is another step's")
    if not isinstance(lesson, str) or not isinstance(settings, dict):
        raise ValueError("its lesson or settings are not text")
    if not all(isinstance(text, str) for pair in settings.items() for text in pair):
        raise ValueError("its settings are not text")
    files = said.get("files", {})  # earlier versions wrote none
    if not isinstance(files, dict) or not all(type(number) is int for number in files.values()):
        raise ValueError("its checksums are not whole numbers")
    content = read_regular(f"{stem}.npz", _MOST_BYTES, folder=inside)
    if len(content) != said["bytes"] or hashlib.sha256(content).hexdigest() != said["sha256"]:
        raise ValueError("its arrays are damaged: size or SHA-256 differs from the manifest's")
    return Restored(
        lesson, settings, Snapshot(step, epoch, read_arrays(io.BytesIO(content), _MOST_BYTES)), skipped, files
    )


def _stem(step: int) -> str:
    return f"step-{step:012d}"


@contextlib.contextmanager
def _opened(folder: Path, *, make: bool = False) -> Iterator[int]:
    """Open the folder of checkpoints in a run's `folder` and yield its descriptor; no link is followed below the
    logdir."""
    folder = folder.absolute()
    names = (folder.parent.name, folder.name, CHECKPOINTS)
    descriptor = open_below(folder.parent.parent, names, make=make)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _stems(inside: int) -> list[str]:
    """The names of the checkpoints that have a manifest, newest step first."""
    stems = [name.removesuffix(".json") for name in os.listdir(inside) if name.endswith(".json")]
    return sorted(filter(_STEM.fullmatch, stems), reverse=True)


def _litter(inside: int) -> list[str]:
    """The temporary files left by a process that was killed while writing."""
    names = set(os.listdir(inside))
    arrays = {name.removesuffix(".npz") for name in names if name.endswith(".npz")}
    orphans = [f"{stem}.npz" for stem in arrays if _STEM.fullmatch(stem) and f"{stem}.json" not in names]
    return [*(name for name in names if name.endswith(".tmp")), *orphans]


def _remove(inside: int, names: Iterable[str]) -> None:
    """Delete files; one that cannot be deleted now is tried again after the next checkpoint."""
    for name in names:
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=inside)
