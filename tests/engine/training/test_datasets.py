"""The data: what ships is the originals, and what is damaged is said in one line."""

from __future__ import annotations

import gzip
import importlib.resources
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import datasets
from engine.datasets import DatasetError, decode_images, decode_labels, load
from tests.engine.idx import images_file, labels_file, separable, write_dataset


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_what_ships_is_the_whole_original(name: str) -> None:
    data = load(name)
    assert data.train_images.shape == (60_000, 28, 28)
    assert data.test_images.shape == (10_000, 28, 28)
    assert data.train_images.dtype == data.train_labels.dtype == np.uint8
    assert set(data.train_labels) == set(data.test_labels) == set(range(10))
    assert len(data.class_names) == 10


def test_fashion_mnist_has_six_thousand_of_each_class_and_begins_with_an_ankle_boot() -> None:
    data = load("fashion-mnist")
    assert np.bincount(data.train_labels).tolist() == [6000] * 10
    assert data.class_names[data.train_labels[0]] == "Ankle boot"


def test_mnist_tests_begin_with_seven_two_one_zero_four() -> None:
    assert load("mnist").test_labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_no_run_can_change_the_data() -> None:
    with pytest.raises(ValueError, match="read-only"):
        load("mnist").train_images[0, 0, 0] = 1


def test_the_notices_ship_beside_the_data() -> None:
    notice = (importlib.resources.files("assets") / "datasets" / "NOTICE.md").read_text("utf-8")
    assert "Zalando" in notice
    assert "Yann LeCun and Corinna Cortes" in notice


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("place", [".", "mnist", "datasets/mnist"])
def test_a_folder_of_ones_own_is_read_gzipped_or_not(tmp_path: Path, zipped: bool, place: str) -> None:
    write_dataset(tmp_path / place, zipped=zipped)
    images, labels = separable(400, 1)
    data = load("mnist", str(tmp_path))
    np.testing.assert_array_equal(data.train_images, images)
    np.testing.assert_array_equal(data.train_labels, labels)
    assert len(data.test_images) == 200


def test_the_file_that_keras_keeps_is_read(tmp_path: Path) -> None:
    (x, y), (u, v) = separable(120, 3), separable(110, 4)
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=u, y_test=v)
    data = load("mnist", str(tmp_path))
    np.testing.assert_array_equal(data.test_images, u)
    np.testing.assert_array_equal(data.train_labels, y)


def test_a_pickle_in_a_keras_file_is_not_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    trap = np.array([Trap()], dtype=object)
    np.savez(tmp_path / "mnist.npz", x_train=trap, y_train=trap, x_test=trap, y_test=trap)
    with pytest.raises(DatasetError, match=r"mnist\.npz"):
        load("mnist", str(tmp_path))
    assert not (tmp_path / "sprung").exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"nowhere.*not a folder"):
        load("mnist", str(tmp_path / "nowhere"))


def test_an_empty_folder_says_which_files_are_expected(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="train-images-idx3-ubyte, train-labels"):
        load("mnist", str(tmp_path))


def test_a_folder_that_lacks_one_file_says_which(tmp_path: Path) -> None:
    write_dataset(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DatasetError, match="lacks t10k-labels-idx1-ubyte"):
        load("mnist", str(tmp_path))


def _damaged(folder: Path, name: str, content: bytes) -> str:
    write_dataset(folder)
    (folder / name).write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        load("mnist", str(folder))
    text = str(caught.value)
    assert name in text
    assert "\n" not in text
    return text


def test_a_truncated_gzip_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(images_file(separable(400, 1)[0]))
    assert "damaged gzip" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", whole[: len(whole) // 2])


def test_a_flipped_byte_in_a_gzip_is_found(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(labels_file(separable(400, 1)[1]), 0))
    whole[100] ^= 1
    assert "damaged gzip" in _damaged(tmp_path, "train-labels-idx1-ubyte.gz", bytes(whole))


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    assert "expected an IDX header of 16 bytes, found 0" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", b"")


def test_labels_where_images_belong_are_told_by_their_magic_number(tmp_path: Path) -> None:
    content = labels_file(np.zeros(400)) + bytes(100)
    assert "expected 2051 (images), found 2049" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", content)


def test_images_of_another_size_are_refused(tmp_path: Path) -> None:
    content = images_file(np.zeros((400, 32, 32), np.uint8))
    assert "expected images of 28x28, found 32x32" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", content)


def test_fewer_labels_than_images_are_counted(tmp_path: Path) -> None:
    content = labels_file(np.zeros(399))
    assert "expected 400 labels, as there are images, found 399" in _damaged(
        tmp_path, "train-labels-idx1-ubyte.gz", content
    )


def test_a_label_past_nine_is_refused(tmp_path: Path) -> None:
    content = labels_file(np.full(400, 10))
    assert "labels from 0 to 9, found 10" in _damaged(tmp_path, "train-labels-idx1-ubyte.gz", content)


@pytest.mark.parametrize("count", [0, 399, 401, 2**32 - 1])
def test_a_count_that_does_not_fit_the_file_is_refused(tmp_path: Path, count: int) -> None:
    content = struct.pack(">II", 2049, count) + bytes(400)
    assert "labels" in _damaged(tmp_path, "train-labels-idx1-ubyte.gz", content)


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    bomb = gzip.compress(struct.pack(">IIII", 2051, 2**31, 28, 28) + bytes(10**7))
    assert f"1 to {datasets.MOST_IMAGES}" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", bomb)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_either_a_dataset_or_one_line(content: bytes, zipped: bool) -> None:
    given_bytes = gzip.compress(content) if zipped else content
    for decode in (decode_images, decode_labels):
        try:
            array = decode("some file", given_bytes)
        except DatasetError as error:
            assert str(error).startswith("some file: ")
            assert len(str(error).splitlines()) == 1
        else:
            assert array.dtype == np.uint8


@given(st.binary(max_size=60), st.integers(0, 40))
def test_any_damage_to_a_gzipped_file_is_one_line_or_changes_no_label(noise: bytes, place: int) -> None:
    whole = bytearray(gzip.compress(labels_file(np.arange(10)), mtime=0))
    whole[place : place + len(noise)] = noise
    try:
        labels = decode_labels("some file", bytes(whole))
    except DatasetError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert labels.max() <= 9
