"""Data that are too large for memory or for the device: temporary files without a name, memory maps, pieces for each
call of the loop. A run on them takes the same steps as one on data in memory."""

from __future__ import annotations

import gc
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.events import Learned, Remark
from engine.lessons import lesson
from engine.training import devices, large_arrays
from engine.training.batches import Batches, spec
from engine.training.call_length import STEPS_A_CALL
from engine.training.device_data import DeviceData
from engine.training.devices import Place
from engine.training.large_arrays import ArrayWriter, NoRoom
from tests.engine.lesson_runs import cut_and_resumed, losses, only, remarks
from tests.engine.training.test_own_models import FIVE, settings, written
from tui.process import folders
from tui.process.options import AppOptions

LESSON = lesson("train")
BLOCKS = [np.arange(12, dtype=np.float32).reshape(4, 3), np.arange(12, 18, dtype=np.float32).reshape(2, 3)]
WHOLE = np.arange(18, dtype=np.float32).reshape(6, 3)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of temporary files; at first it does not exist."""
    large_arrays.use(tmp_path / "cache" / "data")
    yield tmp_path / "cache" / "data"
    large_arrays.use(None)


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """A machine on which no array is kept in memory."""
    monkeypatch.setattr(large_arrays, "MOST_BYTES", 0)
    monkeypatch.setattr(large_arrays, "BLOCK_BYTES", 200)
    return folder


def collected(rows: int | None = None) -> np.ndarray:
    writer = ArrayWriter(rows)
    for block in BLOCKS:
        writer.add(block)
    return writer.array()


def mapped_below(folder: Path) -> int:
    """How many files of a folder this process has mapped."""
    return sum(str(folder) in line for line in Path("/proc/self/maps").read_text().splitlines())


# --- arrays ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "rows", "mapped"), [(72, None, False), (71, None, True), (72, 7, True), (0, 6, True)])
def test_blocks_are_joined_in_memory_up_to_a_size_and_beyond_it_in_a_file(
    most: int, rows: int | None, mapped: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_arrays, "MOST_BYTES", most)
    found = collected(rows)
    np.testing.assert_array_equal(found, WHOLE)
    assert large_arrays.is_mapped(found) is large_arrays.is_mapped(found[1:].reshape(-1)) is mapped
    assert folder.exists() is mapped


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs the list of what a process has mapped")
def test_a_file_has_no_name_and_is_gone_with_its_last_array(small_memory: Path) -> None:
    found = collected()
    part = found[2:]
    assert mapped_below(small_memory) and not list(small_memory.iterdir())
    del found
    assert mapped_below(small_memory)
    del part
    assert not mapped_below(small_memory)


def test_rows_are_changed_and_taken_on_the_disk_as_in_memory(small_memory: Path) -> None:
    array = np.random.default_rng(0).normal(size=(100, 3))
    there = large_arrays.changed(array, lambda each: each.astype(np.float32))
    assert large_arrays.is_mapped(there) and there.dtype == np.float32
    np.testing.assert_array_equal(there, array.astype(np.float32))
    order = np.random.default_rng(0).permutation(100)[:70]
    taken = large_arrays.taken(there, order)
    assert large_arrays.is_mapped(taken) and not large_arrays.is_mapped(large_arrays.taken(array, order))
    np.testing.assert_array_equal(taken, there[order])


def test_what_has_no_room_is_one_line_before_the_disk_is_full(
    small_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    free = large_arrays.LEFT_FREE + 1_000
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free, 0, free))
    writer = ArrayWriter(83)
    writer.add(BLOCKS[0])  # 83 rows of 12 bytes
    with pytest.raises(
        NoRoom, match=r"^data of 1.01e-06 GB are too large for memory, where 0 GB may be, and for .*cach"
    ):
        ArrayWriter(84).add(BLOCKS[0])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 0, 1))
    with pytest.raises(NoRoom, match=r"where 4\.8e-08 GB may be$"):
        writer.add(BLOCKS[1])


def test_a_folder_that_cannot_be_written_is_one_line(small_memory: Path) -> None:
    small_memory.parent.write_text("a file in its place")
    with pytest.raises(NoRoom, match=r"cannot be written to .*data: (Not a directory|File exists)$"):
        collected()


def test_blocks_of_other_shapes_do_not_fit_together() -> None:
    writer = ArrayWriter()
    writer.add(BLOCKS[0])
    with pytest.raises(ValueError, match=r"of one shape and dtype, found float32 \[3\] and float32 \[2\]"):
        writer.add(BLOCKS[1][:, :2])


def test_large_data_are_put_beside_the_compiled_programs(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folders.use_cache(AppOptions(cache=False))
    assert large_arrays._folder == folders.large_data() == folders.program_cache().parent / "data"


# --- runs -----------------------------------------------------------------------------------------------------

MAPS = """
def model():
    return keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(3)])

def data():
    return np.load(FOLDER + "/x.npy", mmap_mode=MODE), np.load(FOLDER + "/y.npy", mmap_mode=MODE)
"""


def of_maps(tmp_path: Path, mode: str | None) -> str:
    x = np.random.default_rng(0).normal(size=(50, 6))  # float64, which a run converts
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", x[:, :3].argmax(axis=1))
    return written(tmp_path, f"FOLDER, MODE = {str(tmp_path)!r}, {mode!r}\n{MAPS}", f"{mode}.py")


@pytest.mark.parametrize("name", [*(pytest.param(each, marks=pytest.mark.slow) for each in ("cnn", "lstm")), "maps"])
def test_a_run_on_memory_maps_takes_the_steps_of_one_in_memory_and_is_resumed_bit_for_bit(
    name: str, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two Datasets of batches and of single examples, and maps of the learner's without a test set."""
    file = of_maps(tmp_path, None) if name == "maps" else written(tmp_path, FIVE[name])
    expected = list(LESSON.run(settings(file)))
    assert "memory maps" not in remarks(expected) and not folder.exists()

    monkeypatch.setattr(large_arrays, "MOST_BYTES", 0)
    monkeypatch.setattr(large_arrays, "BLOCK_BYTES", 200)
    chosen = settings(of_maps(tmp_path, "r") if name == "maps" else file)
    whole, rest, step = cut_and_resumed(LESSON, chosen, 5)
    assert "GB of the data are read from memory maps as they are used" in remarks(whole)
    np.testing.assert_array_equal(losses(whole), losses(expected))
    np.testing.assert_array_equal(losses(rest), losses(expected)[step:])
    assert only(Learned, whole)[0].text == only(Learned, rest)[0].text == only(Learned, expected)[0].text
    gc.collect()
    assert not list(folder.iterdir()) and not mapped_below(folder)


@pytest.mark.slow
def test_data_too_large_for_the_device_are_trained_on_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The budget is injected: half of a device of 2,000 bytes, for 40 examples of 28 bytes."""
    chosen = settings(of_maps(tmp_path, "r"), validation="4")
    expected = list(LESSON.run(chosen))
    monkeypatch.setattr(devices, "_memory", lambda kind: 2_000.0)
    whole, rest, step = cut_and_resumed(LESSON, chosen, 5)
    said = "The device has no room for all examples: each call gets those of its steps."
    assert said in only(Remark, whole)[0].text and said not in only(Remark, expected)[0].text
    np.testing.assert_array_equal(losses(whole), losses(expected))
    np.testing.assert_array_equal(losses(rest), losses(expected)[step:])
    assert only(Learned, whole)[0].text == only(Learned, expected)[0].text


@pytest.mark.parametrize(
    ("data_bytes", "whole", "steps"),
    [(float("inf"), True, STEPS_A_CALL), (7_000, True, STEPS_A_CALL), (6_999, False, 1), (1, False, 1)],
)
def test_data_are_whole_on_the_device_where_they_fit_its_budget(data_bytes: float, whole: bool, steps: int) -> None:
    inputs, labels = np.zeros((100, 15), np.float32), np.zeros((100, 10), np.uint8)
    made = DeviceData(spec(inputs), spec(labels), Batches(100, 32), Place(data_bytes=data_bytes))
    assert (made.whole, made.most_steps) == (whole, steps)


def test_a_piece_holds_as_many_steps_as_a_quarter_of_the_budget() -> None:
    inputs, labels = (np.arange(1_000, dtype=np.float32) for _ in range(2))
    made = DeviceData(spec(inputs), spec(labels), Batches(1_000, 10), Place(data_bytes=3_200))
    assert made.most_steps == 10
    made.begin(inputs, -labels)
    order = np.random.default_rng(0).permutation(1_000).astype(np.int32)
    made.shuffle(SimpleNamespace(numpy=lambda: order))
    found = made.at(95, 5)
    assert [tuple(each.shape) for each in found] == [tuple(each.shape) for each in made.signature]
    for step in (95, 99):
        got, minus, _ = Batches(1_000, 10).gather(*found[:3], step, start=found[3])
        np.testing.assert_array_equal(got, order[10 * step : 10 * step + 10])
        np.testing.assert_array_equal(minus, -np.asarray(got))


def test_the_memory_of_a_gpu_is_what_tensorflow_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorflow.python.client import device_lib

    there: list[Any] = [
        SimpleNamespace(device_type=kind, memory_limit=limit) for kind, limit in (("CPU", 5), ("GPU", 7))
    ]
    monkeypatch.setattr(device_lib, "list_local_devices", lambda: there)
    assert devices._memory.__wrapped__("GPU") == 7.0
    assert devices._memory.__wrapped__("CPU") == float("inf")
    monkeypatch.delattr(device_lib, "list_local_devices")
    assert devices._memory.__wrapped__("GPU") == float("inf")
