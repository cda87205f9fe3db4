"""The data: the shipped files are the originals, and damage is reported in one line."""

from __future__ import annotations

import gzip
import importlib.resources
import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lazy import tf
from engine.training.batches import tensor
from engine.training.dataset import MOST_IMAGES, DatasetError, aligned
from engine.training.datasets import load
from engine.training.idx import decode_images, decode_labels
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
def test_a_folder_of_the_learner_is_read_gzipped_or_not(tmp_path: Path, zipped: bool, place: str) -> None:
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
    assert "expected an IDX header, found 0 bytes" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", b"")


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
def test_a_git_lfs_pointer_in_place_of_a_file_is_named(tmp_path: Path, name: str) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9912422\n"
    assert "a Git LFS pointer" in _damaged(tmp_path, name, pointer)


def test_labels_where_images_belong_are_recognised_by_their_magic_number(tmp_path: Path) -> None:
    content = labels_file(np.zeros(400)) + bytes(100)
    assert "expected images, an array of 2 to 4 dimensions, found one of 1" in _damaged(
        tmp_path, "train-images-idx3-ubyte.gz", content
    )


def test_what_is_no_idx_file_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    assert "wrong magic number" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", b"\x89PNG" + bytes(100))


def test_images_to_test_on_of_another_size_are_refused(tmp_path: Path) -> None:
    content = images_file(np.zeros((200, 32, 32), np.uint8))
    told = _damaged(tmp_path, "t10k-images-idx3-ubyte.gz", content)
    assert "expected images of 28x28, as " in told
    assert told.endswith("found 32x32")


def test_fewer_labels_than_images_are_counted(tmp_path: Path) -> None:
    content = labels_file(np.zeros(399))
    assert "expected 400 labels, as there are images, found 399" in _damaged(
        tmp_path, "train-labels-idx1-ubyte.gz", content
    )


def test_a_label_past_the_names_is_refused(tmp_path: Path) -> None:
    (write_dataset(tmp_path) / "labels.txt").write_text("\n".join("ABCDEFGHIJ"))
    content = labels_file(np.full(400, 10))
    told = _damaged(tmp_path, "train-labels-idx1-ubyte.gz", content)
    assert told.endswith("has 10 lines, found 10")


@pytest.mark.parametrize("count", [0, 399, 401, 2**32 - 1])
def test_a_count_that_does_not_fit_the_file_is_refused(tmp_path: Path, count: int) -> None:
    content = struct.pack(">II", 2049, count) + bytes(400)
    assert "labels" in _damaged(tmp_path, "train-labels-idx1-ubyte.gz", content)


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    bomb = gzip.compress(struct.pack(">IIII", 2051, 2**31, 28, 28) + bytes(10**7))
    assert f"1 to {MOST_IMAGES}" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", bomb)


def test_a_file_of_terabytes_is_refused_by_its_header(tmp_path: Path) -> None:
    write_dataset(tmp_path, zipped=False)
    with (tmp_path / "train-images-idx3-ubyte").open("rb+") as file:
        file.truncate(5 * 10**12)
    with pytest.raises(DatasetError, match=r"expected 400 images, 313600 bytes after its header, found 4999999999984"):
        load("mnist", str(tmp_path))


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_file_of_gigabytes_takes_no_memory_before_it_is_refused(tmp_path: Path, ending: str) -> None:
    write_dataset(tmp_path, zipped=bool(ending))
    path = tmp_path / f"train-images-idx3-ubyte{ending}"
    content = struct.pack(">IIII", 2051, 700_000, 28, 28)
    path.write_bytes(gzip.compress(content) if ending else content)
    with path.open("rb+") as file:
        file.truncate(3 * 10**9)
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match="more than 700000 images" if ending else "found 2999999984 bytes"):
            load("mnist", str(tmp_path))
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


def test_a_small_gzip_that_claims_what_it_cannot_hold_takes_no_memory(tmp_path: Path) -> None:
    content = struct.pack(">IIII", 2051, 700_000, 28, 28) + bytes(10**7)
    assert "cannot hold as many" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", gzip.compress(content))


def test_a_gzip_with_more_behind_its_images_than_they_could_take_is_not_read_to_its_end(tmp_path: Path) -> None:
    content = gzip.compress(images_file(separable(400, 1)[0])) + gzip.compress(b"") * 20_000
    assert "found more" in _damaged(tmp_path, "train-images-idx3-ubyte.gz", content)


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", "class-names.txt"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    write_dataset(tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(DatasetError, match=f"{name}.*: cannot be read .it is a named pipe"):
        load("mnist", str(tmp_path))


def test_a_pipe_in_place_of_a_keras_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mnist.npz")
    with pytest.raises(DatasetError, match=r"mnist\.npz.*: cannot be read .it is a named pipe"):
        load("mnist", str(tmp_path))


@pytest.mark.parametrize(
    "header", ["(", "{'descr': '|u1', 'fortran_order': False, 'shape': (10000000000000, 28, 28)}\n", "[" * 900]
)
def test_a_keras_file_with_a_header_that_is_none_or_claims_too_much_is_one_line(tmp_path: Path, header: str) -> None:
    (x, y), (u, v) = separable(120, 3), separable(110, 4)
    np.savez(tmp_path / "mnist.npz", y_train=y, x_test=u, y_test=v)
    with zipfile.ZipFile(tmp_path / "mnist.npz", "a") as archive:
        head = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
        archive.writestr("x_train.npy", head + x.tobytes())
    with pytest.raises(DatasetError, match=r"mnist\.npz.: expected arrays x_train, .* or the like") as caught:
        load("mnist", str(tmp_path))
    assert len(str(caught.value).splitlines()) == 1


def test_other_images_under_the_names_of_fashion_mnist_are_called_by_digits(tmp_path: Path) -> None:
    data = load("fashion-mnist", str(write_dataset(tmp_path)))
    assert not data.is_original
    assert data.class_names == tuple("0123456789")


def test_the_originals_are_known_in_a_folder_of_the_learner(tmp_path: Path) -> None:
    shipped = load("fashion-mnist")
    halves = {"train": (shipped.train_images, shipped.train_labels), "t10k": (shipped.test_images, shipped.test_labels)}
    for stem, (images, labels) in halves.items():
        (tmp_path / f"{stem}-images-idx3-ubyte").write_bytes(images_file(images))
        (tmp_path / f"{stem}-labels-idx1-ubyte").write_bytes(labels_file(labels))
    data = load("fashion-mnist", str(tmp_path))
    assert data.is_original
    assert data.class_names[9] == "Ankle boot"


def test_a_folder_may_name_its_classes(tmp_path: Path) -> None:
    (write_dataset(tmp_path) / "class-names.txt").write_text("\n".join("ABCDEFGHIÖ") + "\n", "utf-8")
    assert load("fashion-mnist", str(tmp_path)).class_names == tuple("ABCDEFGHIÖ")


@pytest.mark.parametrize("content", ["A\nB\n", "A" * 41 + "\nB" * 9, "\x1b[31m\nB" + "\nC" * 8])
def test_names_that_are_too_few_or_no_short_lines_are_refused(tmp_path: Path, content: str) -> None:
    (write_dataset(tmp_path) / "class-names.txt").write_text(content)
    with pytest.raises(DatasetError, match=r"expected a line for each class|expected labels from 0 to"):
        load("fashion-mnist", str(tmp_path))


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (write_dataset(tmp_path) / "class-names.txt").write_bytes(b"\xff\xfe" * 20)
    with pytest.raises(DatasetError, match=r"class-names\.txt.*: cannot be read"):
        load("fashion-mnist", str(tmp_path))


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_either_a_dataset_or_one_line(content: bytes, zipped: bool) -> None:
    given_bytes = gzip.compress(content) if zipped else content
    for decode in (decode_images, decode_labels):
        try:
            array = decode("some file", io.BytesIO(given_bytes))
        except DatasetError as error:
            assert str(error).startswith("some file: ")
            assert len(str(error).splitlines()) == 1
        else:
            assert array.dtype.kind in "uif"


@given(st.binary(max_size=60), st.integers(0, 40))
def test_any_damage_to_a_gzipped_file_is_one_line_or_changes_no_label(noise: bytes, place: int) -> None:
    whole = bytearray(gzip.compress(labels_file(np.arange(10)), mtime=0))
    whole[place : place + len(noise)] = noise
    try:
        labels = decode_labels("some file", io.BytesIO(bytes(whole)))
    except DatasetError as error:
        assert len(str(error).splitlines()) == 1
    else:
        np.testing.assert_array_equal(labels, np.arange(10))


def test_an_array_s_place_in_memory_does_not_change_the_names_of_later_functions() -> None:
    """XLA finds a program of an earlier process by the name of its function, in which TensorFlow counts tensors."""

    def number() -> int:
        return int(tf.function(lambda: 0).get_concrete_function().name.decode().rpartition("_")[2])

    lent = aligned(65)
    numbers = [number()]
    for array in (lent[:64], lent[1:]):
        assert tensor(array).shape == 64
        numbers.append(number())
    first, second, third = numbers
    assert second - first == third - second
