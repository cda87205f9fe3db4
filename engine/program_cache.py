"""The program cache: what XLA compiled, kept in a folder for the next process.

TensorFlow has a cache of its own, but a damaged entry or a full disk makes every call of the compiled function fail. So
TensorFlow's cache is put into its in-memory file system; this module copies the undamaged entries of the folder there,
and the new ones back after a run. Nothing here raises: without a cache, programs are just compiled.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import stat
import sys
import threading
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from engine.files import read_regular

FLAGS = "TF_XLA_FLAGS"

_IN_MEMORY = "ram://gdtui-programs"
_DIRECTORY = "--tf_xla_persistent_cache_directory"
_OURS = f"{_DIRECTORY}={_IN_MEMORY} --tf_xla_persistent_cache_device_types=CPU"

# A program of the classifier's loop takes 0.7 MB. All of them are read at each start, 16 MB in 20 ms.
MOST_BYTES = 16 * 2**20
MOST_FOLDERS = 4
"""How many folders are kept, one per version of TensorFlow and processor; the least recently used are deleted."""

# No process takes longer to write a program.
_WRITTEN_S = 60.0

_SUFFIX = ".program"
_DIGEST = hashlib.sha256().digest_size

_lock = threading.Lock()
_folder: Path | None = None
_known: set[str] = set()


def use(folder: Path | None, environ: MutableMapping[str, str] = os.environ) -> None:
    """Keep programs below `folder` from now on; None: keep none. Call it before TensorFlow is imported.

    A cache that the environment names is left to TensorFlow.
    """
    global _folder
    flags = environ.get(FLAGS, "").replace(_OURS, "").strip()  # ours may be inherited from a parent process
    _folder = None
    if folder is None or _DIRECTORY in flags or (flags and not flags.startswith("-")):  # else it names a file of flags
        return
    if "tensorflow" not in sys.modules:
        environ[FLAGS] = f"{flags} {_OURS}".strip()
        _folder = folder


def fill(tf: Any) -> None:
    """Give the kept programs to TensorFlow, which was just imported."""
    with contextlib.suppress(OSError, tf.errors.OpError), _lock:
        _known.clear()
        place = _place(tf)
        if place is None:
            return
        os.utime(place)
        tf.io.gfile.makedirs(_IN_MEMORY)
        for path in _by_age(place)[::-1]:
            program = _read(path)
            if program is None:
                path.unlink(missing_ok=True)
                continue
            name = path.name.removesuffix(_SUFFIX)
            with tf.io.gfile.GFile(f"{_IN_MEMORY}/{name}", "wb") as file:
                file.write(program)
            _known.add(name)


def keep() -> None:
    """Write the newly compiled programs, each completely or not at all, and delete the oldest beyond the limit."""
    tf = sys.modules.get("tensorflow")
    if tf is None or _folder is None:
        return
    with contextlib.suppress(OSError, tf.errors.OpError), _lock:
        if not tf.io.gfile.exists(_IN_MEMORY):
            return
        new = [name for name in tf.io.gfile.listdir(_IN_MEMORY) if name.endswith(".pb") and name not in _known]
        place = _place(tf) if new else None
        if place is None:
            return
        for name in new:
            _known.add(name)
            with tf.io.gfile.GFile(f"{_IN_MEMORY}/{name}", "rb") as file:
                _write(place / f"{name}{_SUFFIX}", file.read())
        _clean(place)


def size(folder: Path) -> tuple[int, int]:
    """Count the programs kept below `folder`, and their bytes. Raises OSError."""
    sizes = [path.stat().st_size for path in folder.glob(f"*/*{_SUFFIX}")]
    return len(sizes), sum(sizes)


def is_private(folder: Path) -> bool:
    """Whether only this user can write to the folder: a program is machine code that will be run. Raises OSError."""
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _place(tf: Any) -> Path | None:
    """The folder for this TensorFlow on this processor; None if there can be none. Raises OSError."""
    processor = processor_features()
    if _folder is None or not processor:
        return None
    _folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = _folder / _key(tf.version.VERSION, tf.version.GIT_VERSION, processor, os.environ)
    place.mkdir(mode=0o700, exist_ok=True)
    return place if is_private(_folder) and is_private(place) else None


def _key(version: str, build: str, processor: str, environ: Mapping[str, str]) -> str:
    """The name of a folder, from everything that a program depends on besides its source."""
    facts = (version, build, processor, str(_cores()), environ.get(FLAGS, ""), environ.get("XLA_FLAGS", ""))
    digest = hashlib.sha256("\0".join(facts).encode()).hexdigest()
    return f"{version}-{digest[:16]}"


def _cores() -> int:
    """The number of cores that the process may use: XLA splits a program among them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor_features() -> str:
    """The processor's name and features; empty if the system does not report them."""
    with contextlib.suppress(OSError):
        if sys.platform == "darwin":
            with os.popen("/usr/sbin/sysctl -n machdep.cpu.brand_string") as answer:
                return f"{platform.machine()} {answer.read().strip()}"
        first = Path("/proc/cpuinfo").read_text(errors="replace").partition("\n\n")[0]
        wanted = ("vendor_id", "cpu family", "model", "flags", "Features", "CPU ")
        facts = [line for line in first.splitlines() if line.startswith(wanted)]
        return "\n".join([platform.machine(), *facts]) if facts else ""
    return ""


def _by_age(place: Path) -> list[Path]:
    """The programs of a folder, oldest first."""
    return sorted(place.glob(f"*{_SUFFIX}"), key=lambda path: path.lstat().st_mtime)


def _read(path: Path) -> bytes | None:
    """Read a program; None if the file is damaged."""
    try:
        content = read_regular(path, MOST_BYTES)
    except (OSError, ValueError):
        return None
    digest, program = content[:_DIGEST], content[_DIGEST:]
    return program if hashlib.sha256(program).digest() == digest else None


def _write(path: Path, program: bytes) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(hashlib.sha256(program).digest() + program)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _clean(place: Path) -> None:
    """Delete the oldest programs of `place` beyond the limit, incomplete files, and old folders beside it."""
    for left in place.glob("*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.lstat().st_mtime > _WRITTEN_S:  # else another process may be writing it
                left.unlink()
    programs = _by_age(place)
    held = sum(path.lstat().st_size for path in programs)
    while held > MOST_BYTES and programs:
        oldest = programs.pop(0)
        held -= oldest.lstat().st_size
        oldest.unlink(missing_ok=True)
    beside = sorted((each for each in place.parent.iterdir() if each != place), key=lambda each: each.lstat().st_mtime)
    for old in beside[: max(len(beside) - (MOST_FOLDERS - 1), 0)]:
        shutil.rmtree(old, ignore_errors=True)
