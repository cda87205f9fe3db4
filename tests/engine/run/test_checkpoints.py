"""Checkpoints: whole or not there, and never anything but numbers."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.checkpoints import Checkpoints, NoCheckpoint, restore
from engine.events import Snapshot

TEXTS = {"learning_rate": "0.001", "seed": "0"}


def snapshot(step: int) -> Snapshot:
    random = np.random.default_rng(step)
    arrays = {"model/0": random.normal(size=(4, 3)).astype(np.float32), "run/correct": np.array(step, np.int64)}
    return Snapshot(step, 1 + step // 10, arrays)


def saved(folder: Path, *steps: int) -> Path:
    keeper = Checkpoints(folder, "fashion-mnist")
    for step in steps:
        keeper.save(snapshot(step), TEXTS)
    return folder / "checkpoints"


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

    monkeypatch.setattr("engine.checkpoints.os.fsync", full)
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

    folder = saved(tmp_path, 5)
    arrays, manifest = folder / "step-000000000005.npz", folder / "step-000000000005.json"
    np.savez(arrays, trap=np.array([Trap()], dtype=object))
    import hashlib

    said = json.loads(manifest.read_text())
    said |= {"bytes": arrays.stat().st_size, "sha256": hashlib.sha256(arrays.read_bytes()).hexdigest()}
    manifest.write_text(json.dumps(said))
    with pytest.raises(NoCheckpoint, match="allow_pickle"):
        restore(tmp_path)
    assert not (tmp_path / "sprung").exists()


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
