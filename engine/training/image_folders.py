"""A folder of images for each class, read with Pillow: `FOLDER/CLASS/*.png`, or `FOLDER/train/CLASS/…` and `test`."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.files import read_regular
from engine.training import prepared
from engine.training.dataset import MOST_BYTES, MOST_IMAGES, Array, Dataset, DatasetError, aligned
from engine.training.prepared import MOST_FEATURES, Names, Part

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"})
_TRAIN, _TEST = ("train", "training"), ("test", "testing", "val", "valid", "validation")

_MOST_FILE_BYTES = 2**26
_MOST_LOOKED_INTO = 500
_GREY_MODES = ("1", "L", "LA")
_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L")
_DEEPEST = 2**16 - 1


def holds_images(folder: Path) -> bool:
    """Whether a folder has folders of images, or of such folders to train on."""
    return bool(_classes(folder)) or _half(folder, _TRAIN) is not None


def dataset(name: str, folder: Path, names: Names | None) -> Dataset:
    """The dataset of a folder's images. `names` are of classes whose folders are called by numbers.

    Raises:
        DatasetError: a file is no image, or not as large as the others.
        OSError: a folder cannot be read.
    """
    train, test = _half(folder, _TRAIN), _half(folder, _TEST)
    given = [folder] if train is None else [train] if test is None else [train, test]
    halves = [(each, _classes(each)) for each in given]
    numbered = _are_numbers({name for _, classes in halves for name, _ in classes})
    parts = [_part(*half, numbered) for half in halves]
    note = " ".join(filter(None, (_left_out(*half) for half in halves)))
    return prepared.dataset(name, parts[0], parts[1] if len(parts) > 1 else None, names, note)


def _left_out(folder: Path, classes: list[tuple[str, list[Path]]]) -> str:
    """A sentence about the folders in `folder` without an image, and the files that are no images; empty if there are
    none."""
    empty = sorted({each.name for each in _folders(folder)} - {name for name, _ in classes})
    files = [file for name, _ in classes for file in (folder / name).iterdir() if file.is_file()]
    others = sum(file.suffix.lower() not in SUFFIXES and file.name[0] != "." for file in files)
    parts = [f"without an image: {prepared.listed(empty)}"] if empty else []
    parts += [f"files that are no images: {others:,}"] if others else []
    return f"Left out of the folder {folder.name}: {'; '.join(parts)}." if parts else ""


def _half(folder: Path, called: Sequence[str]) -> Path | None:
    """The folder of these names, in capitals or not, that has folders of images."""
    there = {each.name.lower(): each for each in _folders(folder)}
    return next((there[each] for each in called if each in there and _classes(there[each])), None)


def below(folder: Path) -> Path | None:
    """A folder some levels below that has folders of images, if a look into a few hundred folders finds one."""
    for place, (path, *_) in enumerate(os.walk(folder)):
        if place > _MOST_LOOKED_INTO:
            break
        with suppress(OSError):  # a folder that may not be read
            if holds_images(Path(path)):
                return Path(path)
    return None


def _classes(folder: Path) -> list[tuple[str, list[Path]]]:
    """The folder's folders with images, in order of their names, or of the numbers that these are."""
    found = [(each.name, files) for each in _folders(folder) if (files := _images_of(each))]
    return sorted(found, key=lambda each: int(each[0])) if _are_numbers({name for name, _ in found}) else sorted(found)


def _are_numbers(names: Collection[str]) -> bool:
    """Whether the names of folders stand for the labels 0, 1, …, each for another: `0` and `00` are names."""
    numbers = {int(each) for each in names if each.isascii() and each.isdigit() and len(each) < 10}
    return len(numbers) == len(names)


def _folders(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")]


def _images_of(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES and each.name[0] != ".")


def _part(folder: Path, classes: list[tuple[str, list[Path]]], numbered: bool) -> Part:
    """All images of the classes, with the names of their folders, or these as numbers if `numbered`, as labels."""
    files = [file for _, those in classes for file in those]
    if len(files) > MOST_IMAGES:
        raise DatasetError(f"{str(folder)!r}: expected at most {MOST_IMAGES:,} images, found {len(files):,}")
    labels = np.array([each for each, those in classes for _ in those])
    if numbered:
        labels = labels.astype(np.int64)
    return Part(_read(files), labels, repr(str(folder)), repr(str(folder)))


def _read(files: list[Path]) -> Array:
    """The images uint8 [n, h, w], or [n, h, w, 3] where any has colours; uint16 where the first has 16 bits."""
    first = _image(files[0])
    images: Array | None = None
    for place, file in enumerate(files):
        image = _image(file)
        if image.shape[:2] != first.shape[:2]:
            expected, found = (prepared.size(each.shape[1::-1]) for each in (first, image))
            raise DatasetError(
                f"{str(file)!r}: expected an image of {expected} pixels, as the first one, found {found}"
            )
        if image.dtype != first.dtype:
            bits, these = (8 * each.itemsize for each in (first, image))
            raise DatasetError(f"{str(file)!r}: expected an image of {bits} bits, as the first one, found {these}")
        if images is None or image.ndim > images.ndim - 1:
            images = _room(len(files), image, images)
        images[place] = image if image.ndim == images.ndim - 1 else image[..., None]
    assert images is not None
    return images


def _room(count: int, like: Array, before: Array | None) -> Array:
    """Memory for so many images like this one, with the grey ones that there are already."""
    wanted = count * like.nbytes
    if wanted > MOST_BYTES:
        shape = prepared.size(like.shape)
        raise DatasetError(f"{count:,} images of {shape} are {wanted:,} bytes; expected {MOST_BYTES:,}")
    images: Array = aligned(wanted).view(like.dtype).reshape(count, *like.shape)
    if before is not None:
        images[...] = before[..., None]
    return images


def _deep(pixels: Array) -> Array:
    """Pixels of more than 8 bits as uint16. Raises ValueError."""
    if pixels.min() < 0 or pixels.max() > _DEEPEST:
        raise ValueError(f"its pixels go from {pixels.min()} to {pixels.max()}; expected 0 to {_DEEPEST}")
    return pixels.astype(np.uint16)


def _image(file: Path) -> Array:
    """An image uint8 [h, w], uint16 where its greys have 16 bits, or [h, w, 3] where it has colours. Raises
    DatasetError."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(read_regular(file, _MOST_FILE_BYTES, follow=True))) as image:
            if image.width * image.height > MOST_FEATURES:
                raise ValueError(f"it has {image.width}x{image.height} pixels, more than {MOST_FEATURES:,}")
            upright = ImageOps.exif_transpose(image)
            if upright.mode in _DEEP_MODES:
                return _deep(np.asarray(upright))
            if upright.mode == "F":
                raise ValueError("its pixels are floats; expected whole numbers of 8 or 16 bits")
            return np.asarray(upright.convert("L" if upright.mode in _GREY_MODES else "RGB"))
    except Exception as error:  # Pillow: UnidentifiedImageError, SyntaxError, struct.error, DecompressionBombError, …
        told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        if type(error).__name__ == "UnidentifiedImageError":
            told = "it is no image"
        told = " ".join(told.split())[:200]
        raise DatasetError(f"{str(file)!r}: cannot be read as an image ({told})") from None
