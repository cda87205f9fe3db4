"""Shared libraries that are loaded before the package they belong to is imported."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.lazy import tf
from engine.shared_libraries import load_shared_libraries


def test_tensorflows_own_libraries_load_what_others_need_first() -> None:
    names = [path.name for path in load_shared_libraries("tensorflow")]
    assert [name.split(".")[0] for name in names] == ["libtensorflow_framework", "libtensorflow_cc"]
    assert int(tf.constant(2) + 1) == 3


def test_a_library_that_does_not_load_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "with_libraries"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "libdamaged.so.2").write_bytes(b"\x7fELF and no more")
    whole = next(Path(np.__file__).parent.rglob("*.so"))
    shutil.copy(whole, package / "libwhole.so.2")
    monkeypatch.syspath_prepend(tmp_path)
    assert [path.name for path in load_shared_libraries("with_libraries")] == ["libwhole.so.2"]


@pytest.mark.parametrize("name", ["no_such_package", "json", "sys"])
def test_a_package_without_libraries_has_nothing_to_load(name: str) -> None:
    assert load_shared_libraries(name) == []
