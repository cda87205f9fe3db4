"""A learner's own models of several inputs: given as a dict, a tuple, a list or a Dataset, and packed for the loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from engine.events import Evaluated, Remark
from engine.lazy import keras
from engine.training import large_arrays
from engine.training.packed_inputs import packing_of
from tests.engine.lesson_runs import cut_and_resumed, losses
from tests.engine.training.test_own_models import LESSON, losses_of_keras, made, only, run, settings, written

# Sizes in float64, words as int64, and bytes of small images.
DATA = """
size, word = random.normal(size=(50, 3)), random.integers(0, 9, 50)
image = random.integers(0, 255, (50, 2, 2)).astype(np.uint8)
labels = (size[:, 0] > 0).astype(int)
"""

PARTS = """
def parts(size, word, image):
    flat = layers.Flatten()(layers.Rescaling(1 / 255)(image))
    return layers.Concatenate()([size, layers.Embedding(9, 4)(word), flat])
"""

FUNCTIONAL = """
def model():
    size, word = keras.Input((3,), name="size"), keras.Input((), dtype="int64", name="word")
    taken = size, word, keras.Input((2, 2), name="image")
    return keras.Model(STRUCTURE(taken), layers.Dense(2)(layers.Dense(8, "tanh")(parts(*taken))))
"""

SUBCLASSED = """
class Mine(keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding, self.last = layers.Embedding(9, 4), layers.Dense(2)

    def call(self, taken):
        size, word, image = (taken[name] for name in NAMES)
        image = tf.reshape(tf.cast(image, tf.float32), (-1, 4)) / 255.0
        return self.last(tf.concat([size, self.embedding(word), image], 1))

def model():
    return Mine()
"""

NAMED = 'STRUCTURE = lambda taken: dict(zip(("size", "word", "image"), taken))\n'
ARRAYS = "(size, word, image)"

MODELS = {
    "a dict": NAMED + FUNCTIONAL + f"def data():\n    return STRUCTURE({ARRAYS}), labels\n",
    "a list": f"STRUCTURE = list\n{FUNCTIONAL}def data():\n    return [size, word, image], labels\n",
    "a tuple, with data to test on": f"STRUCTURE = tuple\n{FUNCTIONAL}"
    "def data():\n    return (tuple(each[:40] for each in " + ARRAYS + "), labels[:40]), "
    "(tuple(each[40:] for each in " + ARRAYS + "), labels[40:])\n",
    "a Dataset": NAMED
    + FUNCTIONAL
    + f"def data():\n    return tf.data.Dataset.from_tensor_slices((STRUCTURE({ARRAYS}), labels))\n",
    "a batched Dataset for a class": 'NAMES = ("size", "word", "image")\n'
    + SUBCLASSED
    + NAMED
    + f"def data():\n    return tf.data.Dataset.from_tensor_slices((STRUCTURE({ARRAYS}), labels)).batch(8)\n",
    "a Dataset of single examples for a class": 'NAMES = ("size", "word", "image")\n'
    + SUBCLASSED
    + NAMED
    + f"def data():\n    return tf.data.Dataset.from_tensor_slices((STRUCTURE({ARRAYS}), labels))\n",
    "other tests of whole numbers": NAMED
    + FUNCTIONAL
    + "def data():\n    x = {'size': size, 'word': word, 'image': image}\n"
    "    tests = {'size': size[:9], 'word': word[:9].astype(np.int32), 'image': image[:9] * 1.0}\n"
    "    return (x, labels), (tests, labels[:9])\n",
    "a tuple for a class": f"NAMES = (0, 1, 2)\n{SUBCLASSED}def data():\n    return {ARRAYS}, labels\n",
}


@pytest.mark.parametrize(
    ("name", "loop"),
    [
        ("a dict", "xla"),
        ("a batched Dataset for a class", "graph"),
        *(pytest.param(name, "graph", marks=pytest.mark.slow) for name in MODELS if "batched" not in name),
    ],
)
def test_models_of_several_inputs_compute_what_keras_computes_and_are_resumed(
    name: str, loop: str, tmp_path: Path
) -> None:
    code = DATA + PARTS + MODELS[name]
    chosen = settings(written(tmp_path, code), loop=loop)
    whole, rest, step = cut_and_resumed(LESSON, chosen, 4)
    np.testing.assert_array_equal(losses(rest), losses(whole)[step:])
    assert only(rest, Evaluated)[-1].loss == only(whole, Evaluated)[-1].loss

    own = made(chosen)
    own.own.model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    expected = losses_of_keras(own)
    np.testing.assert_allclose(losses(whole)[: len(expected)], expected, rtol=1e-4)


def test_truth_values_reach_the_model_as_they_are(tmp_path: Path) -> None:
    code = (
        "class Mine(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.last = layers.Dense(2)\n\n"
        "    def call(self, x):\n        return self.last(tf.where(x['there'], x['size'], 0.0))\n\n"
        "def model():\n    return Mine()\n\n"
        "def data():\n    return {'size': size, 'there': size > 0}, labels\n"
    )
    events = run(written(tmp_path, DATA + code), epochs="1")
    assert "x['there'] bool [3]" in only(events, Remark)[0].text
    assert np.isfinite(losses(events)).all()


def test_the_inputs_are_told_by_name(tmp_path: Path) -> None:
    begun, *_ = only(run(written(tmp_path, DATA + PARTS + MODELS["a dict"]), epochs="1"), Remark)
    assert "40 examples of x['image'] uint8 [2, 2], x['size'] float32 [3], x['word'] int64 []" in begun.text


def test_packed_inputs_are_unpacked_in_their_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    arrays = [
        random.normal(size=(9, 2, 3)).astype(np.float32),
        random.integers(-(2**62), 2**62, 9),
        random.integers(0, 255, (9, 5)).astype(np.uint8),
    ]
    given: dict[str, Any] = {"b": arrays[0], "c": (arrays[1], [arrays[2]])}
    packed = packing_of(given, arrays)
    assert packed.names == ("x['b']", "x['c'][0]", "x['c'][1][0]")
    for size in (2**26, 64):  # in one block, and in several
        monkeypatch.setattr(large_arrays, "BLOCK_BYTES", size)
        rows = packed.pack(arrays)
        assert rows.dtype == np.uint8 and rows.shape == (9, 24 + 8 + 5)
        found = packed.unpack(rows[2:5])
        assert isinstance(found["c"], tuple) and isinstance(found["c"][1], list)
        for mine, array in zip((found["b"], found["c"][0], found["c"][1][0]), arrays, strict=True):
            assert mine.dtype == array.dtype
            np.testing.assert_array_equal(mine, array[2:5])


MODEL = DATA + PARTS + NAMED + FUNCTIONAL

REFUSED = {
    "no data": (MODEL, r"model\(\) takes several inputs; expected a function data\(\) that gives them"),
    "one array": (
        MODEL + "def data():\n    return size, labels\n",
        r"inputs are \[3\] each, and the model takes 3 inputs; expected a dict, a tuple or a list of as many arrays",
    ),
    "too few": (
        MODEL + "def data():\n    return {'size': size, 'word': word}, labels\n",
        r"inputs are x\['size'\] float32 \[3\], x\['word'\] int64 \[\] each, and the model takes 3 inputs",
    ),
    "count": (
        MODEL + "def data():\n    return {'size': size, 'word': word[1:], 'image': image}, labels\n",
        r"49 inputs x\['word'\] and 50 labels; expected as many of each",
    ),
    "text": (
        MODEL + "def data():\n    return {'size': size, 'word': word.astype(str), 'image': image}, labels\n",
        r"inputs x\['word'\] are <U21 \[50\]; expected an array of numbers",
    ),
    "not finite": (
        MODEL + "def data():\n    return {'size': size * np.inf, 'word': word, 'image': image}, labels\n",
        r"inputs x\['size'\] of example 0 hold a number that is not finite",
    ),
    "other tests": (
        MODEL + "def data():\n    x = {'size': size, 'word': word, 'image': image}\n"
        "    return (x, labels), ({**x, 'word': word + 0.5}, labels)\n",
        r"inputs x\['word'\] to test on are float32, those to train on int64; expected one type",
    ),
    "other shapes": (
        MODEL + "def data():\n    x = {'size': size, 'word': word, 'image': image}\n"
        "    return (x, labels), ({**x, 'size': size[:, :2]}, labels)\n",
        r"examples to test on are .*x\['size'\] \[2\].*; those to train on .*x\['size'\] \[3\].*, labels \[\]",
    ),
    "none to test on": (
        MODEL + "def data():\n    x = {'size': size, 'word': word, 'image': image}\n"
        "    return (x, labels), ({name: each[:0] for name, each in x.items()}, labels[:0])\n",
        r"too few examples: 50 to train on, .* and 0 to test on",
    ),
    "empty": (
        MODEL + "def data():\n    return {}, labels\n",
        r"x is an empty dict; expected an array, or one for each",
    ),
    "lengths": (
        DATA + "NAMES = (0, 1, 2)\n" + SUBCLASSED + "def data():\n    return (size, word[:40], image), labels\n",
        r"inputs are a tuple of rows of different lengths; expected an array of numbers",
    ),
    "texts": (
        DATA
        + PARTS
        + NAMED
        + FUNCTIONAL
        + "def data():\n    x = {'size': size, 'word': [str(each) for each in word], 'image': image}\n"
        "    return tf.data.Dataset.from_tensor_slices((x, labels))\n",
        r"the Dataset holds tensors of string; expected numbers",
    ),
    "other names": (
        MODEL + "def data():\n    return {'sizes': size, 'word': word, 'image': image}, labels\n",
        r"ValueError: .*\"size\".*\['sizes', 'word', 'image'\]",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_inputs_that_do_not_fit_are_refused_with_one_line(what: str, tmp_path: Path) -> None:
    code, expected = REFUSED[what]
    with pytest.raises(InputError, match=expected) as found:
        run(written(tmp_path, code))
    assert "\n" not in str(found.value)
