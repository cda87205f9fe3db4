"""Data of one's own, in the forms that people have them in; what is wrong is one line that names the file."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import InputError
from engine.events import Evaluated, Event, Images, Remark, Snapshot
from engine.lesson import Turn
from engine.lessons import lesson
from engine.settings import parse_settings
from engine.training.dataset import Dataset, DatasetError
from engine.training.datasets import load
from tests.engine.idx import images_file, labels_file, separable
from tests.engine.lesson_runs import only, run
from tui.cli.main import main

CODES = {"u1": 8, "i4": 12, "f4": 13}


def idx_file(array: np.ndarray, kind: str = "u1") -> bytes:
    """An IDX file of an array of any shape, from the description of the format."""
    head = struct.pack(">HBB", 0, CODES[kind], array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(f">{kind}").tobytes()


def write_set(
    folder: Path, beginning: str, images: np.ndarray, labels: bytes, half: str = "t10k", kind: str = "idx1-ubyte"
) -> None:
    """The four files of a set, to train and to test on the same images."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in ("train", half):
        (folder / f"{beginning}{each}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images_file(images)))
        (folder / f"{beginning}{each}-labels-{kind}.gz").write_bytes(gzip.compress(labels))


def refused(data_dir: str = "", data: str = "") -> str:
    with pytest.raises(DatasetError) as error:
        load("fashion-mnist", data_dir, data)
    text = str(error.value)
    assert "\n" not in text
    return text


def of_file(path: Path | str) -> Dataset:
    return load("mnist", "", str(path))


# --- IDX ----------------------------------------------------------------------------------------------------------


def test_emnist_s_letters_from_1_are_26_classes_that_labels_txt_names(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (52, 28, 28)).astype(np.uint8)
    write_set(tmp_path, "emnist-letters-", images, labels_file(np.tile(np.arange(1, 27), 2)), half="test")
    (tmp_path / "labels.txt").write_text("\n".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    data = load("mnist", str(tmp_path))
    assert data.class_names == tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert (data.train_labels.min(), data.train_labels.max()) == (0, 25)


def test_emnist_s_images_are_turned_upright(tmp_path: Path) -> None:
    images, labels = separable(40)
    write_set(tmp_path, "emnist-digits-", images.swapaxes(1, 2).copy(), labels_file(labels), half="test")
    np.testing.assert_array_equal(load("mnist", str(tmp_path)).test_images, images)


def test_labels_from_1_without_names_are_called_by_their_numbers(tmp_path: Path) -> None:
    images, labels = separable(60)
    write_set(tmp_path, "emnist-letters-", images, labels_file(labels + 1), half="test")
    assert load("mnist", str(tmp_path)).class_names == tuple(str(each) for each in range(1, 11))


def test_qmnist_s_labels_are_the_first_of_eight_columns_of_int32(tmp_path: Path) -> None:
    images, labels = separable(40)
    columns = np.column_stack([labels, *[np.full(40, 1000 + each) for each in range(7)]])
    write_set(tmp_path, "qmnist-", images, idx_file(columns, "i4"), half="test", kind="idx2-int")
    data = load("mnist", str(tmp_path))
    np.testing.assert_array_equal(data.test_labels, labels)
    assert data.class_names == tuple("0123456789")


def test_images_of_floats_are_scaled_to_one(tmp_path: Path) -> None:
    images, labels = separable(40)
    for half in ("train", "t10k"):
        (tmp_path / f"{half}-images-idx3-float").write_bytes(idx_file(images * 3.0 - 100.0, "f4"))
        (tmp_path / f"{half}-labels-idx1-ubyte").write_bytes(labels_file(labels))
    data = load("mnist", str(tmp_path))
    np.testing.assert_allclose(data.train_images, images / 255.0, atol=1e-6)


def test_torchvision_s_root_holds_the_lesson_s_own_set_or_the_only_one(tmp_path: Path) -> None:
    (mine, labels), (other, _) = separable(40, 1), separable(40, 2)
    write_set(tmp_path / "FashionMNIST" / "raw", "", mine, labels_file(labels))
    write_set(tmp_path / "MNIST" / "raw", "", other, labels_file(labels))
    np.testing.assert_array_equal(load("fashion-mnist", str(tmp_path)).train_images, mine)
    write_set(tmp_path / "only" / "KMNIST" / "raw", "", other, labels_file(labels))
    np.testing.assert_array_equal(load("fashion-mnist", str(tmp_path / "only")).train_images, other)


def test_one_hot_labels_are_no_columns_of_qmnist(tmp_path: Path) -> None:
    images, labels = separable(40)
    write_set(tmp_path, "", images, idx_file(np.eye(10)[labels]), kind="idx2-ubyte")
    assert "expected labels [n], found uint8 [40, 10]" in refused(str(tmp_path))


def test_several_sets_in_a_folder_are_named_and_one_is_chosen_by_a_file(tmp_path: Path) -> None:
    (letters, labels), (digits, _) = separable(40, 1), separable(40, 2)
    write_set(tmp_path, "emnist-letters-", letters, labels_file(labels), half="test")
    write_set(tmp_path, "emnist-digits-", digits, labels_file(labels), half="test")
    assert "holds emnist-digits, emnist-letters; expected one set" in refused(str(tmp_path))
    chosen = of_file(tmp_path / "emnist-digits-test-labels-idx1-ubyte.gz")
    np.testing.assert_array_equal(chosen.train_images, digits.swapaxes(1, 2))


def test_a_file_of_a_set_that_lacks_others_says_which(tmp_path: Path) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(images_file(separable(40)[0]))
    assert "beside it there is no train-labels-idx1-ubyte, t10k" in refused(data=str(path))


# --- NumPy --------------------------------------------------------------------------------------------------------


def test_an_npz_of_colours_with_labels_in_a_column_is_read_in_either_order_of_channels(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (50, 8, 9, 3)).astype(np.uint8)
    labels = random.integers(0, 5, (50, 1))
    arrays = {"train_images": images[:40], "train_labels": labels[:40], "test_images": images[40:]}
    np.savez(tmp_path / "last.npz", **arrays, test_labels=labels[40:])
    first = {name: each.transpose(0, 3, 1, 2) if each.ndim == 4 else each for name, each in arrays.items()}
    np.savez_compressed(tmp_path / "first.npz", **first, test_labels=labels[40:])
    for name in ("last.npz", "first.npz"):
        data = of_file(tmp_path / name)
        assert data.image_shape == (8, 9, 3)
        np.testing.assert_array_equal(data.train_images, images[:40])
        np.testing.assert_array_equal(data.test_labels, labels[40:, 0])


def test_an_npz_without_a_test_set_keeps_a_fifth_apart_the_same_one_every_time(tmp_path: Path) -> None:
    images, labels = separable(100)
    np.savez(tmp_path / "all.npz", x=images, y=labels.astype(np.float64))
    data, again = of_file(tmp_path / "all.npz"), of_file(tmp_path / "all.npz")
    assert (len(data.train_labels), len(data.test_labels)) == (80, 20)
    np.testing.assert_array_equal(data.test_images, again.test_images)
    assert data.note == "20 examples drawn at random are kept apart to test on."
    everything = np.concatenate([data.train_images, data.test_images]).reshape(100, -1)
    assert sorted(map(bytes, everything)) == sorted(map(bytes, images.reshape(100, -1)))


@pytest.mark.parametrize("ending", ["npz", "npy"])
def test_labels_in_an_array_may_be_words(tmp_path: Path, ending: str) -> None:
    images, labels = separable(40)
    words = np.array(["zero", "one", "two"])[labels % 3]
    if ending == "npz":
        np.savez(tmp_path / "x.npz", x=images, y=words)
    else:
        np.save(tmp_path / "x.npy", images)
        np.save(tmp_path / "y.npy", words)
    (tmp_path / "labels.txt").write_text("a\nb\nc\n")
    data = of_file(tmp_path / f"x.{ending}")
    assert data.class_names == ("one", "two", "zero")
    assert data.note.endswith("labels.txt' are not used: the classes have names.")


def test_a_folder_in_place_of_a_file_is_told_which_setting_takes_it(tmp_path: Path) -> None:
    assert "is a folder; expected .npz" in (told := refused(data=str(tmp_path)))
    assert told.endswith("--data-dir takes a folder")


def test_an_npy_file_finds_its_labels_and_its_test_set(tmp_path: Path) -> None:
    images, labels = separable(60)
    for name, array in (("x_train", images[:40]), ("y_train", labels[:40]), ("x_test", images[40:])):
        np.save(tmp_path / f"{name}.npy", array)
    np.save(tmp_path / "y_test.npy", labels[40:].astype(np.int64))
    np.testing.assert_array_equal(of_file(tmp_path / "x_train.npy").test_images, images[40:])
    (tmp_path / "y_train.npy").unlink()
    assert "expected images with labels beside them, as x_train.npy with y_train.npy" in refused(
        data=str(tmp_path / "x_train.npy")
    )


def test_a_pickle_in_an_npy_file_is_not_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    np.save(tmp_path / "x.npy", np.array([Trap()], dtype=object))
    np.save(tmp_path / "y.npy", np.arange(1))
    assert "Python objects, which are not unpickled" in refused(data=str(tmp_path / "x.npy"))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"a": np.zeros(3)}, "expected arrays x_train, y_train, x_test, y_test or the like (found a)"),
        ({"x": np.zeros((4, 2, 2, 2, 2)), "y": np.arange(4)}, "found float64 [4, 2, 2, 2, 2]"),
        ({"x": np.zeros((4, 3)), "y": np.arange(5)}, "expected 4 labels, as there are images, found 5"),
        ({"x": np.zeros((4, 3)), "y": np.zeros((4, 2))}, "expected labels [n], found float64 [4, 2]"),
        ({"x": np.zeros((4, 3)), "y": np.arange(4) / 2}, "whole numbers or words, found 0.5"),
        ({"x": np.zeros((4, 3)), "y": np.full(4, np.nan)}, "whole numbers or words, found nan"),
        ({"x": np.zeros((4, 3)), "y": np.array(["", "a"] * 2)}, "class names of 1 to 40 characters, found ''"),
        ({"x": np.zeros((4, 3)), "y": np.full(4, 0.1, np.float32)}, "whole numbers or words, found 0.1"),
        (
            {"x_train": np.zeros((4, 3)), "y_train": np.arange(4) % 2}
            | {"x_test": np.zeros((2, 3)), "y_test": np.array(["a", "b"])},
            "y_test: expected whole numbers, as",
        ),
        ({"x": np.zeros((4, 3)), "y": np.array([b"a", b"b"] * 2)}, "y: expected numbers or words, found |S1 [4]"),
        ({"x": np.array(["a"]), "y": np.arange(1)}, "x: expected images"),
        (
            {"x": np.array([[1.0], [np.nan]]), "y": np.arange(2)},
            "numbers of float32, found nan in image 1",
        ),
        ({"x": np.array([[1.0], [1e300]]), "y": np.arange(2)}, "numbers of float32, found 1e+300 in image 1"),
        ({"x": np.array([[-3e38], [3e38]] * 4), "y": np.arange(8) % 2}, "differences are finite in float32"),
        (
            {"x_train": np.full((4, 3), 200, np.uint8), "y_train": np.arange(4) % 2}
            | {"x_test": np.full((2, 3), 0.5), "y_test": np.arange(2)},
            "x_test: expected numbers as those to train on have, found uint8 up to 200 and float32 up to 0.5",
        ),
        ({"x": np.zeros((4, 3)), "y": np.zeros(4, int)}, "expected 2 to 500 classes, found 1"),
        ({"x": np.zeros((600, 1)), "y": np.arange(600)}, "expected 2 to 500 classes, found 600"),
        ({"x": np.zeros((2, 500, 500)), "y": np.arange(2)}, "expected at most 200,000 numbers an image"),
    ],
)
def test_what_is_wrong_with_arrays_is_told(tmp_path: Path, arrays: dict[str, np.ndarray], told: str) -> None:
    np.savez(tmp_path / "mine.npz", **arrays)
    found = refused(data=str(tmp_path / "mine.npz"))
    assert told in found
    assert "mine.npz" in found


@pytest.mark.parametrize("kinds", [("int64", "int64"), ("uint8", "int16"), ("int64", "uint8")])
def test_pixels_are_bytes_in_both_halves_whatever_one_of_them_holds(tmp_path: Path, kinds: tuple[str, str]) -> None:
    images, labels = separable(40)
    dark = images // 3
    np.savez(
        tmp_path / "mine.npz",
        x_train=images.astype(kinds[0]), y_train=labels, x_test=dark.astype(kinds[1]), y_test=labels,
    )  # fmt: skip
    data = of_file(tmp_path / "mine.npz")
    assert data.train_images.dtype == data.test_images.dtype == np.uint8
    np.testing.assert_array_equal(data.test_images, dark)


# --- CSV ----------------------------------------------------------------------------------------------------------


def table(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_table_with_words_for_classes_is_scaled_column_by_column(tmp_path: Path) -> None:
    rows = "".join(f"{x},{100 + 10 * x},{'even' if x % 2 == 0 else 'odd'}\n" for x in range(10))
    data = of_file(table(tmp_path / "numbers.csv", "x,y,kind\n" + rows))
    assert data.class_names == ("even", "odd")
    assert data.image_shape == (1, 2)
    assert data.train_images.dtype == np.float32
    np.testing.assert_allclose(data.train_images[:, 0, 0], data.train_images[:, 0, 1], atol=1e-6)
    assert (data.train_images.min(), data.train_images.max()) == (0.0, 1.0)


def test_mnist_as_a_table_is_images_again_with_its_test_set_beside_it(tmp_path: Path) -> None:
    for name, seed in (("train", 1), ("test", 2)):
        images, labels = separable(30, seed)
        rows = (",".join(map(str, [label, *image.ravel()])) for label, image in zip(labels, images, strict=True))
        (tmp_path / f"mnist_{name}.csv").write_text("\n".join(rows))
    data = of_file(tmp_path / "mnist_train.csv")
    np.testing.assert_array_equal(data.test_images, separable(30, 2)[0])
    assert data.train_images.dtype == np.uint8
    assert data.note == ""


def test_the_column_of_labels_is_known_by_its_name_or_given(tmp_path: Path) -> None:
    text = "a;label;b\n" + "".join(f"{each};{each % 3};{each % 2}\n" for each in range(20))
    path = table(tmp_path / "mine.csv", text)
    assert of_file(path).class_names == ("0", "1", "2")
    assert of_file(f"{path}:b").class_names == ("0", "1")
    assert of_file(f"{path}:3").class_names == ("0", "1")
    assert "expected one of the columns a, label, b, found 'c'" in refused(data=f"{path}:c")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected rows of numbers with a column of labels"),
        ("x,label\n", "expected rows of 2 columns below its names, found none"),
        ("x,label\n1,0\n2,1,5\n", "line 3: expected 2 columns, found 3"),
        ("x,label\n1,0\nwide,1\n", "line 3: expected a finite number in column 'x', found 'wide'"),
        ("x,label\n1,0\n,1\n", "line 3: expected a finite number in column 'x', found ''"),
        ("x,label\n1,0\n1e50,1\n", "line 3: expected a finite number in column 'x', found '1e50'"),
        ("x,label\n1,0\n1,0.25\n", "expected classes, as words or whole numbers, in column 'label', found '0.25'"),
        ("0.5,0.5\n0.25,0.75\n", "which column holds the labels is not clear; expected FILE.csv:COLUMN"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    found = refused(data=str(table(tmp_path / "mine.csv", text)))
    assert told in found
    assert "mine.csv" in found


def test_a_table_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(b"1,2\n\xff\xfe,3\n")
    assert "expected CSV in UTF-8" in refused(data=str(tmp_path / "mine.csv"))


# --- images -------------------------------------------------------------------------------------------------------


def write_images(folder: Path, count: int = 5, mode: str = "L", size: tuple[int, int] = (9, 7)) -> Path:
    """A folder for each of two classes, one dark and one bright."""
    for name, level in (("cat", 20), ("dog", 220)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for place in range(count):
            Image.new(mode, size, level if mode == "L" else (level, 0, place)).save(folder / name / f"{place}.png")
    return folder


def test_a_folder_of_images_for_each_class_has_their_names(tmp_path: Path) -> None:
    data = load("mnist", str(write_images(tmp_path)))
    assert data.class_names == ("cat", "dog")
    assert data.image_shape == (7, 9)
    assert (len(data.train_labels), len(data.test_labels)) == (8, 2)
    for images, labels in ((data.train_images, data.train_labels), (data.test_images, data.test_labels)):
        np.testing.assert_array_equal(images[:, 0, 0], np.where(labels == 1, 220, 20))


def test_folders_whose_numbers_are_equal_are_classes_of_their_own(tmp_path: Path) -> None:
    write_images(tmp_path)
    for before, after in (("cat", "0"), ("dog", "00")):
        (tmp_path / before).rename(tmp_path / after)
    assert load("mnist", str(tmp_path)).class_names == ("0", "00")


def test_folders_are_numbers_if_those_to_test_on_are_numbers_too(tmp_path: Path) -> None:
    for half, names in (("train", ("01", "02")), ("test", ("01", "x"))):
        write_images(tmp_path / half)
        for before, after in zip(("cat", "dog"), names, strict=True):
            (tmp_path / half / before).rename(tmp_path / half / after)
    assert load("mnist", str(tmp_path)).class_names == ("01", "02", "x")


def test_folders_to_train_and_to_test_on_are_kept_apart_and_mixed(tmp_path: Path) -> None:
    write_images(tmp_path / "train", 20, "RGB")
    write_images(tmp_path / "test", 3, "RGB")
    data = load("mnist", str(tmp_path))
    assert (data.train_images.shape, data.test_images.shape) == ((40, 7, 9, 3), (6, 7, 9, 3))
    assert 0 < data.train_labels[:20].mean() < 1


def test_folders_to_train_and_to_test_on_may_be_written_in_capitals(tmp_path: Path) -> None:
    write_images(tmp_path / "Train", 20)
    write_images(tmp_path / "TEST", 3)
    assert len(load("mnist", str(tmp_path)).test_images) == 6


def test_a_folder_of_images_some_levels_below_is_named(tmp_path: Path) -> None:
    inner = write_images(tmp_path / "archive" / "pets" / "pets")
    assert refused(str(tmp_path)).endswith(f"has no folders of images; expected its folder {str(inner)!r}")


def test_one_image_with_colours_gives_all_of_them_channels(tmp_path: Path) -> None:
    write_images(tmp_path)
    Image.new("RGB", (9, 7), (1, 2, 3)).save(tmp_path / "dog" / "4.png")
    data = load("mnist", str(tmp_path))
    assert data.image_shape == (7, 9, 3)


def test_what_is_left_out_of_a_folder_is_told(tmp_path: Path) -> None:
    write_images(tmp_path / "pets")
    (tmp_path / "pets" / "fish" / "deeper").mkdir(parents=True)
    (tmp_path / "pets" / "cat" / "0.heic").touch()
    told = load("mnist", str(tmp_path / "pets")).note
    assert told.startswith("Left out of the folder pets: without an image: fish; files that are no images: 1. 2 ")


def test_classes_without_an_example_to_train_on_are_told(tmp_path: Path) -> None:
    write_images(tmp_path / "train")
    write_images(tmp_path / "test")
    (tmp_path / "test" / "dog").rename(tmp_path / "test" / "fish")
    data = load("mnist", str(tmp_path))
    assert (data.class_names, data.note) == (("cat", "dog", "fish"), "There is no example of fish to train on.")


def test_names_that_are_given_twice_are_refused(tmp_path: Path) -> None:
    images, labels = separable(40)
    write_set(tmp_path, "", images, labels_file(labels % 2))
    (tmp_path / "labels.txt").write_text("one\none\n")
    assert "expected a name of its own for each class, found 'one' twice" in refused(str(tmp_path))


@pytest.mark.parametrize(("dtype", "suffix"), [("uint16", "png"), ("uint16", "tif"), ("int32", "tif")])
def test_images_of_16_bits_are_scaled_to_one(tmp_path: Path, dtype: str, suffix: str) -> None:
    """Twelve bits of them are used here."""
    for name, level in (("cat", 0), ("dog", 4095)):
        (tmp_path / name).mkdir()
        for place in range(5):
            Image.fromarray(np.full((7, 9), level, dtype)).save(tmp_path / name / f"{place}.{suffix}")
    data = load("mnist", str(tmp_path))
    np.testing.assert_array_equal(data.train_images[:, 0, 0], data.train_labels.astype(np.float32))


def test_folders_called_by_numbers_are_in_their_order_and_may_be_named(tmp_path: Path) -> None:
    write_images(tmp_path / "a")
    for place, name in enumerate(("cat", "dog")):
        (tmp_path / "a" / name).rename(tmp_path / "a" / str(place))
    (tmp_path / "a" / "labels.txt").write_text("dark\nbright\n")
    assert load("mnist", str(tmp_path / "a")).class_names == ("dark", "bright")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda path: Image.new("L", (8, 8)).save(path),
            "expected an image of 9x7 pixels, as the first one",
        ),
        (
            lambda path: Image.fromarray(np.zeros((7, 9), np.uint16)).save(path),
            "expected an image of 8 bits, as the first one, found 16",
        ),
        (
            lambda path: Image.fromarray(np.full((7, 9), 70_000, np.int32)).save(path, "TIFF"),
            "its pixels go from 70000 to 70000; expected 0 to 65535",
        ),
        (
            lambda path: Image.fromarray(np.zeros((7, 9), np.float32)).save(path, "TIFF"),
            "its pixels are floats; expected whole numbers of 8 or 16 bits",
        ),
        (lambda path: path.write_bytes(b"no image"), "cannot be read as an image (it is no image)"),
        (lambda path: path.write_bytes(path.read_bytes()[:40]), "cannot be read as an image"),
        (lambda path: Image.new("L", (1000, 1000)).save(path), "it has 1000x1000 pixels, more than 200,000"),
    ],
)
def test_a_file_that_is_no_such_image_is_named(tmp_path: Path, make: object, told: str) -> None:
    path = write_images(tmp_path) / "dog" / "3.png"
    make(path)  # type: ignore[operator]
    found = refused(str(tmp_path))
    assert told in found
    assert "dog/3.png" in found


# --- what is given ------------------------------------------------------------------------------------------------


def test_a_file_of_another_kind_says_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("1,2")
    assert "is of a kind that is not read; expected .npz, .npy, .csv, or an IDX file" in refused(
        data=str(tmp_path / "mine.txt")
    )


@pytest.mark.parametrize("name", ["none.npz", "none.npy", "none.csv", "none-images-idx3-ubyte"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    assert name in refused(data=str(tmp_path / name))


def test_of_a_folder_and_a_file_only_one_may_be_given(tmp_path: Path) -> None:
    assert refused(str(tmp_path), str(tmp_path / "x.npz")) == (
        "--data and --data-dir are both given; expected one of them"
    )


def test_examples_that_lie_class_by_class_are_mixed(tmp_path: Path) -> None:
    images, labels = separable(100)
    order = np.argsort(labels, kind="stable")
    np.savez(tmp_path / "m.npz", x_train=images[order], y_train=labels[order], x_test=images[:9], y_test=labels[:9])
    data = of_file(tmp_path / "m.npz")
    assert len(set(data.train_labels[:20].tolist())) > 5
    np.testing.assert_array_equal(data.test_labels, labels[:9])


# --- trained on ---------------------------------------------------------------------------------------------------


def events_of(lesson_id: str, path: Path, **texts: str) -> list[Event]:
    given = {"data": str(path), "epochs": "2", "batch_size": "20", "log_every": "10", "test_every": "0", **texts}
    return run(lesson_id, **given)


@pytest.mark.slow
def test_a_table_with_an_odd_number_of_columns_is_learned_and_is_not_drawn(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = (",".join(map(str, [*x, "ab"[int(x[0] > 0)]])) for x in random.normal(size=(600, 3)).round(3))
    path = table(tmp_path / "mine.csv", "\n".join(rows))
    events = events_of("fashion-mnist", path, epochs="10", hidden="8", learning_rate="0.02")
    tests = only(Evaluated, events)
    assert tests[-1].class_names == ("a", "b")
    assert tests[-1].accuracy > 0.9
    assert tests[-1].confusion.sum() == 120
    assert not only(Images, events)
    first, note, *_ = only(Remark, events)
    assert first.text.startswith("480 rows of 3 numbers in 2 classes. A network 3-8-2 learns to tell them apart")
    assert note.text == "120 examples drawn at random are kept apart to test on."


def test_small_images_with_colours_and_many_classes_are_learned_and_drawn_in_colour(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 30, 900)
    images = (random.integers(0, 40, (900, 6, 10, 3)) + 0).astype(np.uint8)
    images.reshape(900, 180)[np.arange(900), labels * 6] = 255
    np.savez(tmp_path / "m.npz", x_train=images[:800], y_train=labels[:800], x_test=images[800:], y_test=labels[800:])
    events = events_of("tensorboard", tmp_path / "m.npz", hidden="64", learning_rate="0.01", epochs="20")
    tests = only(Evaluated, events)
    assert tests[-1].confusion.shape == (30, 30)
    assert tests[-1].accuracy > 0.8
    shown = only(Images, events)
    assert shown[-1].images.shape == (25, 6, 10, 3)
    assert shown[-1].images.dtype == np.uint8


def test_a_convolution_takes_other_sides_and_refuses_what_is_too_small(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name, shape in (("large", (200, 12, 16, 3)), ("small", (200, 9, 28))):
        np.savez(tmp_path / f"{name}.npz", x=random.integers(0, 256, shape).astype(np.uint8), y=np.arange(200) % 2)
    events = events_of("fashion-mnist", tmp_path / "large.npz", convolution="on", hidden="8", epochs="1")
    assert "16 filters and dense layers 32-8-2" in only(Remark, events)[0].text
    assert np.isfinite(only(Evaluated, events)[0].loss)
    for lesson_id in ("fashion-mnist", "tensorboard"):
        with pytest.raises(InputError, match="--convolution: images of 9x28 are too small; expected at least 10x10"):
            events_of(lesson_id, tmp_path / "small.npz", convolution="on")


@pytest.mark.slow
def test_a_run_does_not_go_on_with_data_of_another_shape(tmp_path: Path) -> None:
    for name, columns in (("one", 3), ("other", 4)):
        np.savez(tmp_path / f"{name}.npz", x=np.random.default_rng(0).normal(size=(200, columns)), y=np.arange(200) % 2)
    found = lesson("fashion-mnist")
    texts = {"epochs": "1", "hidden": "8", "data": str(tmp_path / "one.npz")}
    running = found.run(parse_settings(found.settings, texts))
    event: Event | None = next(running)
    while not isinstance(event, Snapshot):
        event = running.send(Turn(parse_settings(found.settings, texts), 1, snapshot=True))
    running.close()
    assert found.resume is not None
    other = parse_settings(found.settings, {**texts, "data": str(tmp_path / "other.npz")})
    with pytest.raises(InputError, match="--data, --data-dir: the examples are not those that the run was trained"):
        list(found.resume(other, event))


# --- as the README says -------------------------------------------------------------------------------------------


def test_every_example_of_the_readme_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = Path("README.md").read_text("utf-8").partition("## Your own data")[2].partition("\n## ")[0]
    commands = [line.partition("#")[0].split() for line in text.splitlines() if line.startswith("gdtui fashion-mnist")]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    images, labels = separable(100)
    write_set(Path("torchvision/FashionMNIST/raw"), "", images, labels_file(labels))
    write_set(Path("letters"), "emnist-letters-", images, labels_file(labels + 1), half="test")
    write_images(Path("pets"))
    np.savez("mine.npz", x_train=images, y_train=labels, x_test=images[:20], y_test=labels[:20])
    np.save("x_train.npy", images)
    np.save("y_train.npy", labels)
    table(Path("iris.csv"), "width,length,species\n" + "".join(f"{x},{-x},{'ab'[x % 2]}\n" for x in range(20)))
    found = []
    for _, _, option, value in commands:
        data = load("fashion-mnist", **{option[2:].replace("-", "_"): value})
        found.append((data.image_shape, len(data.class_names)))
    one, pets = ((28, 28), 10), ((7, 9), 2)
    assert found == [one, one, pets, one, one, ((1, 2), 2), one]


@pytest.mark.parametrize("option", ["--data", "--data-dir"])
def test_what_cannot_be_read_is_one_line_and_exit_code_2(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["fashion-mnist", "--no-ui", "--no-log", "-q", option, "none.npz"]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(f"gdtui: fashion-mnist: {option} 'none.npz'")
