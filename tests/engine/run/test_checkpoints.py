"""Checkpoints: complete or absent, and only numbers."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.events import Snapshot
from engine.run.checkpoints import Checkpoints, NoCheckpoint, exist, restore

TEXTS = {"learning_rate": "0.001", "seed": "0"}


def snapshot(step: int) -> Snapshot:
    random = np.random.default_rng(step)
    arrays = {"model/0": random.normal(size=(4, 3)).astype(np.float32), "run/correct": np.array(step, np.int64)}
    return Snapshot(step, 1 + step // 10, arrays)


def saved(folder: Path, *steps: int) -> Path:
    checkpoints = Checkpoints(folder, "fashion-mnist")
    for step in steps:
        checkpoints.save(snapshot(step), TEXTS)
    return folder / "checkpoints"


def vouch_for(arrays: Path, content: bytes) -> None:
    """Replace a checkpoint's arrays, and update its manifest to match."""
    manifest = arrays.with_suffix(".json")
    said = json.loads(manifest.read_text())
    said |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest.write_text(json.dumps(said))
    arrays.write_bytes(content)


def test_what_was_saved_comes_back_bit_for_bit(tmp_path: Path) -> None:
    saved(tmp_path, 17)
    found = restore(tmp_path)
    assert (found.lesson, found.settings, found.skipped) == ("fashion-mnist", TEXTS, ())
    assert (found.snapshot.step, found.snapshot.epoch) == (17, 2)
    for name, array in snapshot(17).arrays.items():
        assert found.snapshot.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.snapshot.arrays[name], array)


def test_the_two_newest_are_kept(tmp_path: Path) -> None:
    folder = saved(tmp_path, 1, 2, 30, 100)
    assert sorted(path.name for path in folder.iterdir()) == [
        "step-000000000030.json", "step-000000000030.npz", "step-000000000100.json", "step-000000000100.npz",
    ]  # fmt: skip


def test_a_run_without_checkpoints_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoCheckpoint, match="holds no checkpoint"):
        restore(tmp_path)


def test_a_damaged_newest_falls_back_to_the_one_before_and_says_why(tmp_path: Path) -> None:
    folder = saved(tmp_path, 5, 6)
    arrays = folder / "step-000000000006.npz"
    content = bytearray(arrays.read_bytes())
    content[len(content) // 2] ^= 1
    arrays.write_bytes(bytes(content))
    found = restore(tmp_path)
    assert found.snapshot.step == 5
    assert found.skipped == (
        "step-000000000006 cannot be used: its arrays are damaged: size or SHA-256 differs from the manifest's",
    )


def test_where_none_restores_it_is_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path, 5, 6)
    for arrays in folder.glob("*.npz"):
        arrays.unlink()
    with pytest.raises(NoCheckpoint, match="step-000000000006 cannot be used"):
        restore(tmp_path)


def test_a_write_that_fails_leaves_the_older_checkpoint_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = saved(tmp_path, 5)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("engine.run.checkpoints.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Checkpoints(tmp_path, "fashion-mnist").save(snapshot(6), TEXTS)
    monkeypatch.undo()
    assert restore(tmp_path).snapshot.step == 5
    assert not list(folder.glob("*.tmp"))


def test_arrays_without_a_manifest_do_not_count(tmp_path: Path) -> None:
    folder = saved(tmp_path, 5, 6)
    (folder / "step-000000000006.json").unlink()
    assert restore(tmp_path).snapshot.step == 5


def test_litter_of_a_killed_write_is_cleared(tmp_path: Path) -> None:
    folder = saved(tmp_path, 5)
    (folder / "step-000000000009.npz.tmp").write_bytes(b"half")
    saved(tmp_path, 6)
    assert not list(folder.glob("*.tmp"))


def test_arrays_that_a_killed_write_left_without_a_manifest_are_cleared(tmp_path: Path) -> None:
    folder = saved(tmp_path, 5, 6)
    (folder / "step-000000000006.json").unlink()
    saved(tmp_path, 7)
    assert sorted(path.stem for path in folder.glob("*.npz")) == ["step-000000000005", "step-000000000007"]


def test_a_damaged_one_that_was_passed_over_goes_when_the_run_that_went_on_saves(tmp_path: Path) -> None:
    folder = saved(tmp_path, 5, 9)
    (folder / "step-000000000009.npz").write_bytes(b"")
    saved(tmp_path, 7)
    found = restore(tmp_path)
    assert (found.snapshot.step, found.skipped) == (7, ())
    assert sorted(path.stem for path in folder.glob("*.json")) == ["step-000000000005", "step-000000000007"]


def test_a_manifest_leads_to_no_other_file(tmp_path: Path) -> None:
    folder = saved(tmp_path, 5)
    manifest = folder / "step-000000000005.json"
    said = json.loads(manifest.read_text())
    assert not {"file", "path", "name"} & said.keys()
    said["step"] = 4
    manifest.write_text(json.dumps(said))
    with pytest.raises(NoCheckpoint, match="another step's"):
        restore(tmp_path)


def test_a_pickle_in_the_arrays_is_not_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    folder, file = saved(tmp_path, 5), io.BytesIO()
    np.savez(file, trap=np.array([Trap()], dtype=object))
    vouch_for(folder / "step-000000000005.npz", file.getvalue())
    with pytest.raises(NoCheckpoint, match="not unpickled"):
        restore(tmp_path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "header", ["(", "{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000,)}", "\x00", "[" * 500]
)
def test_arrays_that_claim_what_they_are_not_fall_back_to_the_one_before(tmp_path: Path, header: str) -> None:
    folder, file = saved(tmp_path, 5, 6), io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/0.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
    vouch_for(folder / "step-000000000006.npz", file.getvalue())
    found = restore(tmp_path)
    assert found.snapshot.step == 5
    assert found.skipped[0].startswith("step-000000000006 cannot be used: ")


@pytest.mark.parametrize("part", ["json", "npz"])
@pytest.mark.parametrize("kind", ["a named pipe", "a symbolic link"])
def test_what_is_no_regular_file_is_passed_over_without_waiting(tmp_path: Path, kind: str, part: str) -> None:
    folder = saved(tmp_path, 5, 6)
    odd = folder / f"step-000000000006.{part}"
    if kind == "a named pipe":
        odd.unlink()
        os.mkfifo(odd)
    else:
        odd.rename(tmp_path / "elsewhere")
        odd.symlink_to(tmp_path / "elsewhere")
    found = restore(tmp_path)
    assert found.snapshot.step == 5
    assert found.skipped == (f"step-000000000006 cannot be used: it is {kind}, not a regular file",)
    saved(tmp_path, 7)
    assert restore(tmp_path).snapshot.step == 7


def test_a_folder_of_checkpoints_that_is_a_link_is_neither_read_nor_written(tmp_path: Path) -> None:
    elsewhere = saved(tmp_path / "other", 5, 6)
    run = tmp_path / "run"
    run.mkdir()
    (run / "checkpoints").symlink_to(elsewhere)
    before = sorted(elsewhere.iterdir())
    assert exist(run)
    with pytest.raises(NoCheckpoint, match="checkpoints cannot be read: it is a symbolic link"):
        restore(run)
    with pytest.raises(OSError, match="symbolic link"):
        saved(run, 7)
    assert sorted(elsewhere.iterdir()) == before


def test_a_temporary_file_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    folder = saved(tmp_path, 5)
    (tmp_path / "outside").write_bytes(b"theirs")
    for ending in ("npz", "json"):
        (folder / f"step-000000000006.{ending}.tmp").symlink_to(tmp_path / "outside")
    saved(tmp_path, 6)
    assert (tmp_path / "outside").read_bytes() == b"theirs"
    assert restore(tmp_path).snapshot.step == 6


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MANIFEST = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("format", "lesson", "step", "epoch", "settings", "bytes", "sha256"), JSON)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.binary(max_size=100)
    | JSON.map(lambda value: json.dumps(value).encode())
    | MANIFEST.map(json.dumps).map(str.encode)
)
def test_any_manifest_restores_or_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    folder = saved(tmp_path, 5)
    (folder / "step-000000000005.json").write_bytes(content)
    with pytest.raises(NoCheckpoint) as caught:
        restore(tmp_path)
    assert len(str(caught.value).splitlines()) == 1
