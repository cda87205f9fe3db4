"""Save, restore, retire: what a classifier's run needs to go on, kept in its run folder so that it survives anything.

A checkpoint is two files in `checkpoints/`: the arrays as an uncompressed .npz, and a manifest in JSON that names the
step, the settings and the SHA-256 of the arrays. Each is written under a temporary name, synced and renamed, the
manifest last, so that a manifest vouches for whole arrays; an older checkpoint goes only when the newer is whole.
Neither format can carry code: nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import Snapshot

FOLDER = "checkpoints"

# How the error begins that says that a whole checkpoint is another network's, or another version's.
DOES_NOT_FIT = "the checkpoint does not fit these settings"
_FORMAT = 1

# The largest of the course's networks with Adam takes 3 MB; more than this is damage or a trap.
_MOST_BYTES = 2**30
_MOST_MANIFEST_BYTES = 2**20


class NoCheckpoint(Exception):  # noqa: N818 - it is the answer to a question, and the name reads as one
    """No checkpoint of a run restores; the text is one line that says why the newest does not."""


@dataclass(frozen=True)
class Restored:
    """A checkpoint read back. `skipped` says of each newer one why it could not be used."""

    lesson: str
    settings: Mapping[str, str]
    snapshot: Snapshot
    skipped: tuple[str, ...]


class Checkpoints:
    """The checkpoints of one lesson's run in `folder`, the newest `keep` of them. One process writes at a time."""

    def __init__(self, folder: Path, lesson: str, *, keep: int = 2) -> None:
        self._folder = folder / FOLDER
        self._lesson = lesson
        self._keep = keep

    def save(self, snapshot: Snapshot, settings: Mapping[str, str]) -> None:
        """Write a checkpoint and return when it is on the disk. Raises OSError; older ones are then untouched."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for litter in _litter(self._folder):
            litter.unlink(missing_ok=True)
        arrays = io.BytesIO()
        np.savez(arrays, allow_pickle=False, **dict(snapshot.arrays))
        content = arrays.getvalue()
        manifest = {
            "format": _FORMAT,
            "lesson": self._lesson,
            "step": snapshot.step,
            "epoch": snapshot.epoch,
            "settings": dict(settings),
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        stem = _stem(snapshot.step)
        _write(self._folder / f"{stem}.npz", content)
        _write(self._folder / f"{stem}.json", json.dumps(manifest, indent=1).encode())
        _sync_folder(self._folder)
        # One of a later step could not be restored, or the run would have gone on from there: it is damaged.
        manifests = _manifests(self._folder)
        kept = [each for each in manifests if each.stem <= stem][: self._keep]
        for old in set(manifests).difference(kept):
            old.unlink(missing_ok=True)
            old.with_suffix(".npz").unlink(missing_ok=True)


def exist(folder: Path) -> bool:
    """Whether a run ever left a checkpoint in its folder, be it whole or not."""
    return bool(_manifests(folder / FOLDER))


def restore(folder: Path) -> Restored:
    """The newest checkpoint in a run folder that is whole.

    Raises:
        NoCheckpoint: there is none, or none of them can be used.
    """
    skipped: list[str] = []
    for manifest in _manifests(folder / FOLDER):
        try:
            return _read(manifest, tuple(skipped))
        except (OSError, ValueError, KeyError, TypeError, EOFError, NotImplementedError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        except (zipfile.BadZipFile, zlib.error, MemoryError, RecursionError) as error:
            reason = type(error).__name__
        skipped.append(f"{manifest.stem} cannot be used: {reason}")
    raise NoCheckpoint(skipped[0] if skipped else "it holds no checkpoint")


def _read(manifest: Path, skipped: tuple[str, ...]) -> Restored:
    """The checkpoint that a manifest vouches for. Raises ValueError and others where anything is amiss."""
    said: Any = json.loads(_bytes_of(manifest, _MOST_MANIFEST_BYTES))
    if not isinstance(said, dict) or said.get("format") != _FORMAT:
        raise ValueError(f"expected a manifest of format {_FORMAT}")
    step, epoch, lesson, settings = said["step"], said["epoch"], said["lesson"], said["settings"]
    for number in (step, epoch):
        if type(number) is not int or number < 0:
            raise ValueError("its step or epoch is not a whole number")
    if manifest.stem != _stem(step):
        raise ValueError("its manifest is another step's")
    if not isinstance(lesson, str) or not isinstance(settings, dict):
        raise ValueError("its lesson or settings are not text")
    if not all(isinstance(text, str) for pair in settings.items() for text in pair):
        raise ValueError("its settings are not text")
    content = _bytes_of(manifest.with_suffix(".npz"), _MOST_BYTES)
    if len(content) != said["bytes"] or hashlib.sha256(content).hexdigest() != said["sha256"]:
        raise ValueError("its arrays are damaged: size or SHA-256 differs from the manifest's")
    return Restored(lesson, settings, Snapshot(step, epoch, _arrays(content)), skipped)


def _arrays(content: bytes) -> dict[str, npt.NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MOST_BYTES:
        raise ValueError(f"its arrays unpack to {unpacked} bytes")
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def _stem(step: int) -> str:
    return f"step-{step:012d}"


def _manifests(folder: Path) -> list[Path]:
    """The manifests, the newest step first."""
    try:
        return sorted(folder.glob("step-*.json"), reverse=True)
    except OSError:
        return []


def _litter(folder: Path) -> list[Path]:
    """What a process that was killed while it wrote has left."""
    orphans = [each for each in folder.glob("step-*.npz") if not each.with_suffix(".json").exists()]
    return [*folder.glob("*.tmp"), *orphans]


def _bytes_of(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it is larger than {most} bytes")
    return content


def _write(path: Path, content: bytes) -> None:
    """Put `content` at `path` as a whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Make the renames themselves durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
