"""Variables by name, each kernel whole, as checkpoints and histograms show a model and its optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Whole:
    """A variable as it is shown: the path of its layer, its own name, and the indices of the variables it consists of:
    more than one if a layer keeps its kernel in parts, which are joined along the first axis."""

    layer: str
    name: str
    places: tuple[int, ...]


def wholes(variables: Sequence[Any]) -> list[Whole]:
    """The Keras variables as they are shown, in order. The names of an optimizer's contain those of the model's."""
    from engine.training.layers import PARTS

    found: dict[object, Whole] = {}
    for place, variable in enumerate(variables):
        path = variable.path
        part = next((name for name in PARTS if name in path), None)
        path = path.replace(part, "kernel") if part else path
        key: object = path if part else place
        layer, _, name = path.rpartition("/")
        earlier = found[key].places if key in found else ()
        found[key] = Whole(layer, name, (*earlier, place))
    return list(found.values())


def joined(variables: Sequence[Any], values: Sequence[Any]) -> list[Array]:
    """Join `values`, one for each variable (its value, or its gradient), to one for each whole variable."""
    arrays = [np.asarray(value) for value in values]
    return [
        arrays[whole.places[0]] if len(whole.places) == 1 else np.concatenate([arrays[place] for place in whole.places])
        for whole in wholes(variables)
    ]


def values_of(variables: Sequence[Any]) -> list[Array]:
    """The values of the whole variables."""
    return joined(variables, [variable.numpy() for variable in variables])


def assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    """Set the variables to values as returned by `values_of`."""
    for whole, value in zip(wholes(variables), values, strict=True):
        if len(whole.places) == 1:
            variables[whole.places[0]].assign(value)
            continue
        begin = 0
        for place in whole.places:
            end = begin + variables[place].shape[0]
            variables[place].assign(value[begin:end])
            begin = end
