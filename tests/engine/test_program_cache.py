"""The program cache: which of TensorFlow's compiled programs are kept, and which are given back to it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine import program_cache

NAME = "xla_compile_cache__1__2__XLA_CPU_JIT.pb"


class MemoryFiles:
    """A stand-in for TensorFlow that has only an in-memory file system."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.version = SimpleNamespace(VERSION="2.0", GIT_VERSION="v2.0")
        self.errors = SimpleNamespace(OpError=KeyError)
        self.io = SimpleNamespace(gfile=self)

    def makedirs(self, path: str) -> None:
        pass

    def exists(self, path: str) -> bool:
        return True

    def listdir(self, path: str) -> list[str]:
        return [name.removeprefix(f"{path}/") for name in self.files]

    def GFile(self, path: str, mode: str) -> io.BytesIO:  # noqa: N802 - TensorFlow's name
        if mode == "rb":
            return io.BytesIO(self.files[path])
        files = self.files

        class Written(io.BytesIO):
            def close(self) -> None:
                files[path] = self.getvalue()
                super().close()

        return Written()

    def compiled(self, name: str, program: bytes) -> None:
        self.files[f"{program_cache._IN_MEMORY}/{name}"] = program

    @property
    def programs(self) -> dict[str, bytes]:
        return {name.rpartition("/")[2]: program for name, program in self.files.items()}


@pytest.fixture
def new_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A function that simulates a new process: it returns TensorFlow, filled with the kept programs."""
    environ: dict[str, str] = {}

    def begin(folder: Path = tmp_path / "programs") -> MemoryFiles:
        monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
        program_cache.use(folder, environ)
        tf = MemoryFiles()
        monkeypatch.setitem(sys.modules, "tensorflow", tf)  # type: ignore[arg-type]
        program_cache.fill(tf)
        return tf

    monkeypatch.setattr(program_cache, "processor_features", lambda: "avx")
    yield begin
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # type: ignore[arg-type]
    program_cache.use(None, {})


def kept(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("programs/*/*"))


def test_a_program_is_kept_for_the_next_process(new_process: Any, tmp_path: Path) -> None:
    tf = new_process()
    tf.compiled(NAME, b"machine code")
    program_cache.keep()
    assert new_process().programs == {NAME: b"machine code"}
    (file,) = kept(tmp_path)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert file.parent.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 200], ids=["empty", "short", "zeros"])
def test_a_damaged_program_is_deleted_and_compiled_again(new_process: Any, tmp_path: Path, damage: bytes) -> None:
    tf = new_process()
    tf.compiled(NAME, b"machine code")
    tf.compiled("other.pb", b"code")
    program_cache.keep()
    next(path for path in kept(tmp_path) if NAME in path.name).write_bytes(damage)
    tf = new_process()
    assert tf.programs == {"other.pb": b"code"}
    tf.compiled(NAME, b"machine code")
    program_cache.keep()
    assert set(new_process().programs) == {NAME, "other.pb"}


def test_a_program_of_another_processor_is_not_used(
    new_process: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tf = new_process()
    tf.compiled(NAME, b"machine code")
    program_cache.keep()
    monkeypatch.setattr(program_cache, "processor_features", lambda: "avx avx512f")
    assert new_process().programs == {}
    monkeypatch.setattr(program_cache, "processor_features", lambda: "")
    unknown = new_process()
    unknown.compiled(NAME, b"machine code")
    program_cache.keep()
    assert len(kept(tmp_path)) == 1


def test_a_folder_that_others_can_write_to_is_not_used(new_process: Any, tmp_path: Path) -> None:
    tf = new_process()
    tf.compiled(NAME, b"machine code")
    program_cache.keep()
    (tmp_path / "programs").chmod(0o777)
    assert new_process().programs == {}


@pytest.mark.parametrize("kind", ["file", "missing parent", "no folder can be made"])
def test_a_folder_that_cannot_be_used_costs_nothing_but_time(new_process: Any, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "programs"
    if kind == "file":
        folder.write_text("")
    elif kind == "missing parent":
        folder = tmp_path / "a" / "b" / "programs"
    else:
        folder = Path(os.devnull) / "programs"
    tf = new_process(folder)
    assert tf.programs == {}
    tf.compiled(NAME, b"machine code")
    program_cache.keep()
    assert new_process(folder).programs == ({NAME: b"machine code"} if kind == "missing parent" else {})


def test_a_full_disk_keeps_nothing_and_leaves_nothing(
    new_process: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    tf = new_process()
    tf.compiled(NAME, b"machine code")
    monkeypatch.setattr(Path, "write_bytes", full)
    program_cache.keep()
    assert kept(tmp_path) == []


def test_the_oldest_programs_go_beyond_the_bound(
    new_process: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_cache, "MOST_BYTES", 1000)
    tf = new_process()
    for place, name in enumerate(("a.pb", "b.pb", "c.pb")):
        tf.compiled(name, bytes(400))
        program_cache.keep()
        for path in tmp_path.glob(f"programs/*/{name}*"):
            os.utime(path, (place, place))
    assert [path.name for path in kept(tmp_path)] == ["b.pb.program", "c.pb.program"]
    assert program_cache.size(tmp_path / "programs") == (2, 864)


def test_the_folders_of_other_versions_go_when_they_are_too_many(
    new_process: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age, features in enumerate(("a", "b", "c", "d", "e", "f")):
        monkeypatch.setattr(program_cache, "processor_features", lambda features=features: features)
        tf = new_process()
        tf.compiled(NAME, features.encode())
        program_cache.keep()
        os.utime(kept(tmp_path)[-1].parent, (age, age))
    assert len(list((tmp_path / "programs").iterdir())) == program_cache.MOST_FOLDERS


OURS = "--tf_xla_persistent_cache_directory=ram://gdtui-programs --tf_xla_persistent_cache_device_types=CPU"


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        ("", OURS),
        ("--tf_xla_auto_jit=2", f"--tf_xla_auto_jit=2 {OURS}"),
        ("--tf_xla_persistent_cache_directory=/tmp/mine", "--tf_xla_persistent_cache_directory=/tmp/mine"),
        ("flags.txt", "flags.txt"),
    ],
)
def test_the_flags_of_the_environment_are_extended_and_never_replaced(
    said: str, flags: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    environ = {program_cache.FLAGS: said}
    program_cache.use(tmp_path, environ)
    assert environ[program_cache.FLAGS] == flags
    environ = {program_cache.FLAGS: said}
    program_cache.use(None, environ)
    assert environ[program_cache.FLAGS] == said
