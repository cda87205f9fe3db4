"""A learner's update function as a Keras optimizer. To import this imports Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import InputError
from engine.lazy import keras, tf
from engine.own.files import Source
from engine.training.variables import wholes

FORM = "update(parameter, gradient, state, learning_rate, step)"


class LearnerOptimizer(keras.optimizers.Optimizer):  # type: ignore[misc]
    """An optimizer that moves each parameter by `update`, a function of the form FORM that returns the new parameter
    and the new state. `first_state` returns the state that a parameter begins with.

    The state is a tensor, or tensors in tuples, lists and dictionaries; each is a variable of the optimizer, and so is
    part of a checkpoint. With `rows`, each row of a variable [p, d] is a parameter [d] with a state of its own.
    """

    def __init__(
        self, source: Source, update: Callable[..., Any], first_state: Callable[[Any], Any], rows: bool = False
    ) -> None:
        super().__init__(learning_rate=0.001, name="own")
        self.label = getattr(update, "__name__", "update")
        self._called = _Called(source, update, first_state)
        self._rows = rows

    def build(self, variables: Sequence[Any]) -> None:
        """Create the state of each parameter. A kernel that a layer keeps in parts is one parameter."""
        if self.built:
            return
        super().build(variables)
        self._called.parameters = [
            _Parameter(whole.places, self._state_of([variables[place] for place in whole.places]))
            for whole in wholes(variables)
        ]

    def part_of_state(self, place: int) -> Any:
        """The variable of one part of the state of the first parameter, after `build`."""
        return self._called.parameters[0].state[place]

    def _state_of(self, parts: list[Any]) -> list[Any]:
        joined = tf.concat([tf.zeros(part.shape, part.dtype) for part in parts], 0) if parts[0].shape else tf.zeros(())
        first = self._called.begin(joined[0] if self._rows else joined)
        if self._rows:
            first = [tf.broadcast_to(part, (joined.shape[0], *part.shape)) for part in first]
        path = parts[0].path.replace("/", "_")
        return [
            self.add_variable(part.shape, _constant(part), part.dtype.name, name=f"{path}_state_{place}")
            for place, part in enumerate(first)
        ]

    def _backend_update_step(
        self, grads: Sequence[Any], trainable_variables: Sequence[Any], learning_rate: Any
    ) -> None:
        """Move the variables, whole kernels at once: Keras's own calls `update_step` for each variable."""
        known = {self._get_variable_index(each): place for place, each in enumerate(trainable_variables)}
        for parameter in self._called.parameters:
            places = [known[place] for place in parameter.places if place in known]
            if len(places) == len(parameter.places):
                variables = [trainable_variables[place] for place in places]
                self._move(variables, [grads[place] for place in places], parameter.state, learning_rate)

    def _move(self, variables: list[Any], gradients: list[Any], state: list[Any], learning_rate: Any) -> None:
        rate = tf.cast(learning_rate, variables[0].dtype)
        step = tf.cast(self.iterations + 1, variables[0].dtype)

        def moved(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
            parameter, gradient, *before = arguments
            return self._called(parameter, gradient, before, rate, step)

        given = (_joined(variables), _joined(gradients), *map(tf.convert_to_tensor, state))
        after, *states = tf.vectorized_map(moved, given) if self._rows else moved(given)
        parts = [after] if len(variables) == 1 else tf.split(after, [each.shape[0] for each in variables])
        for each, value in zip((*variables, *state), (*parts, *states), strict=True):
            self.assign(each, value)


@dataclass(frozen=True)
class _Parameter:
    """The indices of the variables of one parameter, in order, and the variables of its state."""

    places: tuple[int, ...]
    state: list[Any]


def _joined(parts: list[Any]) -> Any:
    """Join the parts of a kernel to one tensor."""
    return tf.convert_to_tensor(parts[0]) if len(parts) == 1 else tf.concat(parts, 0)


class _Called:
    """The learner's functions, and the structure of a state."""

    def __init__(self, source: Source, update: Callable[..., Any], first_state: Callable[[Any], Any]) -> None:
        self._source, self._update, self._first_state = source, update, first_state
        self._form: Any = None
        self.parameters: list[_Parameter] = []

    def begin(self, zeros: Any) -> list[Any]:
        """The tensors of the state of a parameter of this shape. Raises InputError."""
        with self._source.told():
            state = self._first_state(zeros)
            parts = [tf.convert_to_tensor(part) for part in tf.nest.flatten(state)]
        self._form = state
        return parts

    def __call__(self, parameter: Any, gradient: Any, state: list[Any], rate: Any, step: Any) -> tuple[Any, ...]:
        """The new parameter and the tensors of its new state. Raises InputError."""
        given = tf.nest.pack_sequence_as(self._form, state)
        with self._source.told():
            found = self._update(parameter, gradient, given, rate, step)
            if not isinstance(found, tuple | list) or len(found) != 2:
                raise self._refuse(f"it returned {_a(found)}; expected (parameter, state)")
            moved, after = found
            self._check("the parameter", moved, parameter)
            try:
                tf.nest.assert_same_structure(self._form, after)
            except (ValueError, TypeError):
                raise self._refuse(f"the state became {_a(after)}; expected the form that it begins with") from None
            flat = tf.nest.flatten(after)
            for place, (new, old) in enumerate(zip(flat, state, strict=True)):
                self._check("the state" if len(flat) == 1 else f"part {place + 1} of the state", new, old)
        return (moved, *flat)

    def _check(self, what: str, found: Any, expected: Any) -> None:
        if not tf.is_tensor(found):
            raise self._refuse(f"{what} that it returned is {_a(found)}; expected a tensor")
        if found.shape != expected.shape or found.dtype != expected.dtype:
            raise self._refuse(
                f"{what} that it returned is {found.dtype.name} {found.shape.as_list()}; "
                f"expected {expected.dtype.name} {expected.shape.as_list()}, as it was given"
            )

    def _refuse(self, why: str) -> InputError:
        return self._source.refuse(why, getattr(self._update, "__code__", None))


def _constant(value: Any) -> Callable[..., Any]:
    """A Keras initializer that returns `value`."""
    return lambda shape, dtype=None: tf.cast(value, dtype or value.dtype)


def _a(value: Any) -> str:
    """What a value is, for a message."""
    if tf.is_tensor(value):
        return "a tensor"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}" if value is not None else "None"
