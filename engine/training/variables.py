"""Variables by name, each kernel whole, as checkpoints and histograms show a model and its optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import Histogram
from engine.training.scores import histogram

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
        path = getattr(variable, "path", "")  # a tf.Variable has none
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


def histograms(variables: Sequence[Any], gradients: Sequence[Any], scale: float) -> tuple[Histogram, ...]:
    """Bin the present weights, and the `gradients`, one for each variable, which are divided by `scale`."""
    layers: list[str] = []
    found = []
    shown = zip(wholes(variables), values_of(variables), joined(variables, gradients), strict=True)
    for whole, value, gradient in shown:
        if whole.layer not in layers:
            layers.append(whole.layer)
        name = f"layer-{layers.index(whole.layer) + 1}/{whole.name}"
        found.append(histogram(f"weights/{name}", value))
        found.append(histogram(f"gradients/{name}", gradient / scale))
    return tuple(found)


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


def state_of(groups: Mapping[str, Sequence[Any]]) -> dict[str, Array]:
    """The values of the whole variables of some groups, by the group's name and a number."""
    return dict(zip(_names(groups), values_of(_all(groups)), strict=True))


def restore(groups: Mapping[str, Sequence[Any]], state: Mapping[str, Array]) -> None:
    """Set every variable to its value in `state`, which may hold other things under other names. Raises ValueError if a
    name, a shape or a dtype differs."""
    names = _names(groups)
    other = [name for name in state if name.partition("/")[0] in groups and name not in names]
    if other:
        raise ValueError(f"it holds {len(other)} more variables than there are")
    for name, expected in zip(names, values_of(_all(groups)), strict=True):
        if name not in state:
            raise ValueError(f"{name} is missing")
        found = state[name]
        if (found.shape, found.dtype) != (expected.shape, expected.dtype):
            raise ValueError(
                f"{name}: expected {expected.dtype} {list(expected.shape)}, found {found.dtype} {list(found.shape)}"
            )
    assign(_all(groups), [state[name] for name in names])


def captured(graph: Any, known: Sequence[Any]) -> list[Any]:
    """The variables that a traced graph uses besides the Keras variables `known`, as `tf.Variable`."""
    values = {id(variable.value) for variable in known}
    return [variable for variable in graph.variables if id(variable) not in values]


def disturbed(state: Mapping[str, Array]) -> dict[str, Array]:
    """A state with noise added to the model's variables, a tenth of their standard deviation, or of 1 where all values
    are equal."""
    random, near = np.random.default_rng(0), dict(state)
    for name, value in state.items():
        if name.startswith("model/") and value.dtype.kind == "f":
            noise = 0.1 * (float(value.std()) or 1.0) * random.normal(size=value.shape)
            near[name] = value + noise.astype(value.dtype)
    return near


def _all(groups: Mapping[str, Sequence[Any]]) -> list[Any]:
    return [variable for variables in groups.values() for variable in variables]


def _names(groups: Mapping[str, Sequence[Any]]) -> list[str]:
    return [f"{group}/{place}" for group, each in groups.items() for place in range(len(wholes(each)))]


def seeds(model: Any) -> list[Any]:
    """The states of the model's random number generators, uint32 [2] each, a seed and a count. Some layers have one and
    draw nothing."""
    return [each for each in model.non_trainable_variables if is_seed(each)]


def is_seed(variable: Any) -> bool:
    """Whether a variable is the state of a random number generator, by the name that Keras gives it."""
    return "seed_generator_state" in variable.path
