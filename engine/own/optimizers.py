"""A learner's own optimizer from a Python file: a Keras optimizer, or a function of one step.

`FILE.py[:NAME]` names a `keras.optimizers.Optimizer`: a class, an instance, or a function without arguments that
returns one; or a function

    def update(parameter, gradient, state, learning_rate, step):
        return parameter - learning_rate * gradient, state

of one variable at a time: tensors of one shape and dtype, the state, η, and the step counted from 1, as a scalar of the
same dtype. The state begins as zeros like the parameter, or as what the function NAME_state(parameter), here
update_state, returns: a tensor, or several in a tuple or dictionary.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.last_used import LastUsed
from engine.lazy import keras, tf
from engine.own import files
from engine.own.files import Source

OPTION = "--optimizer"
DEFAULTS = ("optimizer", "update")
_ARGUMENTS = 5

# A rule is tried for this many steps, on parameters of these shapes.
_STEPS = 3
_SHAPES = ((3, 2), (2,))
_RATE = 0.01

# The sizes of the gradients, in turn, by which an optimizer is tried for whether it uses all of a variable.
_SIZES = (1.0, *(10.0**power for power in range(12, -8, -1)))


@dataclass(frozen=True)
class Momentum:
    """The part of a function's state that is a direction of its parameter's shape: its name in the state, and its place
    among the parts. It is a step if it is proportional to the learning rate (`in_steps`), else an average of gradients.
    `sign` is 1 if it points downhill as a step and uphill as an average, as usual, else −1."""

    name: str
    place: int
    in_steps: bool
    sign: int


@dataclass(frozen=True)
class OwnOptimizer:
    """An optimizer from a file. `saved` identifies the version of the file; `make` returns a new Keras optimizer, or
    with True one that moves each row of a variable independently. One that is not `for_many_rows` is then as many
    optimizers as there are rows: too many for the starts of a map."""

    text: str
    saved: int
    make: Callable[[bool], Any]
    is_function: bool
    for_many_rows: bool = True
    momentum: Momentum | None = None


_optimizers: LastUsed[OwnOptimizer] = LastUsed(files.KEPT)


def load(text: str) -> OwnOptimizer:
    """Load the optimizer that `text` names, and try it.

    Raises:
        InputError: there is no such file or optimizer, or it cannot be used; the text gives the file's line.
    """
    source = files.read(OPTION, text)

    def make() -> OwnOptimizer:
        names = source.run()
        value = files.named(source, names, *DEFAULTS, kind="optimizer", usable=_usable)
        own = found(source, names, next(each for each, known in names.items() if known is value))
        if own.is_function:
            _try(source, own, rows=True)
        return own

    return _optimizers.get((text, source.saved), make)


def was_run(text: str) -> bool:
    """Whether a run has loaded the optimizer from the present version of the file. The file is not run."""
    return (text, files.saved(text)) in _optimizers


def found(source: Source, names: dict[str, Any], name: str) -> OwnOptimizer:
    """The optimizer called `name` among the `names` that a file defines, tried. Raises InputError if it cannot be
    used."""
    own = _made(source, names, name)
    _try(source, own, rows=False)
    return own


def refusal(optimizer: Any) -> str:
    """Why a Keras optimizer cannot be used; empty if it can."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    if optimizer.use_ema:
        return "the optimizer has use_ema, whose averages no test would use; expected use_ema=False"
    if not isinstance(optimizer._learning_rate, keras.Variable):
        return "its learning rate is a schedule; expected a number, and --schedule for a rate that changes"
    return ""


def _made(source: Source, names: dict[str, Any], name: str) -> OwnOptimizer:
    """Make a function that creates the optimizer called `name`. Raises InputError."""
    value = names[name]
    if isinstance(value, keras.optimizers.Optimizer):
        return _keras(source, lambda: source.run()[name])  # each program needs its own
    code = getattr(vars(value).get("__init__") if isinstance(value, type) else value, "__code__", None)
    if _takes(value, 0):
        return _keras(source, value)
    if isinstance(value, type) or not _takes(value, _ARGUMENTS):
        from engine.own.learner_optimizer import FORM

        raise source.refuse(f"{name} can neither be called with no argument nor as {FORM}", code)
    from engine.own.learner_optimizer import LearnerOptimizer

    first_state = names.get(f"{name}_state", tf.zeros_like)
    if not callable(first_state) or not _takes(first_state, 1):
        raise source.refuse(
            f"{name}_state is expected to be a function of the parameter", getattr(first_state, "__code__", None)
        )
    momentum = None
    with contextlib.suppress(InputError), source.told():  # what is wrong is reported by the trial of the whole
        momentum = _momentum(value, first_state)
    return OwnOptimizer(
        source.text,
        source.saved,
        lambda rows: LearnerOptimizer(source, value, first_state, rows),
        True,
        momentum=momentum,
    )


def _momentum(update: Callable[..., Any], first_state: Callable[[Any], Any]) -> Momentum | None:
    """Find the first part of the state that changes its sign with the gradient, from one step of each."""
    parameter, gradient = tf.constant([0.5, 0.5]), tf.constant([0.3, -0.7])

    def state_after(gradient: Any, rate: float) -> Any:
        state = first_state(tf.zeros_like(parameter))
        return update(parameter, gradient, state, tf.constant(rate), tf.constant(1.0))[1]

    with_name = _named_parts(state_after(gradient, _RATE))
    others = [_named_parts(state_after(way * gradient, rate)) for way, rate in ((-1.0, _RATE), (1.0, 2 * _RATE))]
    for place, ((name, part), (_, against), (_, faster)) in enumerate(zip(with_name, *others, strict=True)):
        if part.shape != gradient.shape or not np.any(part) or not np.allclose(against, -part):
            continue
        in_steps = bool(np.allclose(faster, 2 * part))
        if in_steps or np.allclose(faster, part):
            uphill = float(np.sum(part * gradient)) > 0
            return Momentum(name, place, in_steps, 1 if uphill != in_steps else -1)
    return None


def _named_parts(state: Any) -> list[tuple[str, Any]]:
    """The tensors of a state, in the order of `tf.nest.flatten`, each with its name: `m` of a dictionary, `state[0]` of
    a tuple, or `state`."""
    parts = [np.asarray(part) for part in tf.nest.flatten(state)]
    if isinstance(state, dict) and len(state) == len(parts):
        return list(zip(map(str, sorted(state)), parts, strict=True))
    return [("state" if len(parts) == 1 else f"state[{place}]", part) for place, part in enumerate(parts)]


def momentum_of(text: str) -> Momentum | None:
    """The momentum of the optimizer that a run last loaded from a file; None if it keeps none. The file is not read."""
    own = _optimizers.last(text)
    return None if own is None else own.momentum


def _usable(value: Any) -> bool:
    return isinstance(value, keras.optimizers.Optimizer) or (
        callable(value) and (not isinstance(value, type) or issubclass(value, keras.optimizers.Optimizer))
    )


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Whether a function can be called with `count` arguments."""
    try:
        inspect.signature(function).bind(*[None] * count)
    except (TypeError, ValueError):
        return False
    return True


def _keras(source: Source, make: Callable[[], Any]) -> OwnOptimizer:
    code = getattr(make, "__code__", None)

    def one() -> Any:
        with source.told():
            optimizer = make()
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            raise source.refuse(f"it made a {type(optimizer).__name__}; expected a keras.optimizers.Optimizer", code)
        if why := refusal(optimizer):
            raise source.refuse(why, code)
        return _reporting(source, optimizer)

    with source.told():
        alone = _moves_elements_alone(one)

    def made(rows: bool) -> Any:
        return RowByRow(one) if rows and not alone else one()

    return OwnOptimizer(source.text, source.saved, made, False, alone)


def _moves_elements_alone(one: Callable[[], Any]) -> bool:
    """Whether a Keras optimizer moves each element of a variable by that element's gradients only, as Adam does, and
    none that clips by the norm: then it takes the same steps as one optimizer for each row.

    Gradients of very different sizes are tried, as a norm may be clipped only if it is large.
    """
    whole, by_rows = (np.array(_at_sizes(made)) for made in (one(), RowByRow(one)))
    return bool(np.allclose(whole, by_rows, rtol=1e-4, atol=0.0, equal_nan=True))


def _at_sizes(optimizer: Any) -> list[Any]:
    """Where a new optimizer moves a variable, step by step, by gradients of the sizes _SIZES."""
    slopes = np.linspace(-1.0, 2.0, 6).reshape(_SHAPES[0])
    variable = keras.Variable(np.full(_SHAPES[0], 0.5), dtype="float32")
    optimizer.build([variable])
    optimizer.learning_rate.assign(1.0)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(gradient: Any) -> Any:
        optimizer.apply([gradient], [variable])
        return tf.convert_to_tensor(variable)

    return [step(tf.constant(size * slopes, tf.float32)).numpy() for size in _SIZES]


def _reporting(source: Source, optimizer: Any) -> Any:
    """The optimizer; its errors while it is built and traced are reported with the file's own line."""

    def reporting(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            with source.told():
                return method(*arguments, **options)

        return call

    for name in ("build", "apply"):
        object.__setattr__(optimizer, name, reporting(getattr(optimizer, name)))
    return optimizer


class RowByRow:
    """A learner's Keras optimizer for each row of one variable [p, d], so paths do not affect each other: an optimizer
    may use all of a variable, as one that clips by the norm does."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._optimizers: list[Any] = []
        self._rows: list[Any] = []
        self.learning_rate = keras.Variable(0.001, dtype="float32", trainable=False, name="learning_rate")

    def build(self, variables: Sequence[Any]) -> None:
        """Make an optimizer for each row."""
        (variable,) = variables
        count, dimensions = variable.shape
        self._rows = [keras.Variable(np.zeros(dimensions), dtype=variable.dtype) for _ in range(count)]
        self._optimizers = [self._make() for _ in range(count)]
        for optimizer, row in zip(self._optimizers, self._rows, strict=True):
            optimizer.build([row])

    @property
    def variables(self) -> list[Any]:
        """The variables of all the optimizers."""
        return [variable for optimizer in self._optimizers for variable in optimizer.variables]

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Move each row by its own gradient."""
        (gradient,), (variable,) = gradients, variables
        points = tf.unstack(tf.convert_to_tensor(variable))
        for optimizer, row, point, slope in zip(
            self._optimizers, self._rows, points, tf.unstack(gradient), strict=True
        ):
            optimizer.learning_rate.assign(self.learning_rate)
            row.assign(point)
            optimizer.apply([slope], [row])
        variable.assign(tf.stack([tf.convert_to_tensor(row) for row in self._rows]))


def _try(source: Source, own: OwnOptimizer, rows: bool) -> None:
    """Take a few steps, twice. Raises InputError if they fail, are not finite, or differ."""
    first, second = (_tried(source, own, rows, compiled) for compiled in (True, False))
    for values in first:
        if not np.isfinite(values).all():
            raise source.refuse(f"a number is not finite after {_STEPS} steps whose gradients are")
    if not all(np.allclose(*pair, rtol=1e-3, atol=1e-6) for pair in zip(first, second, strict=True)):
        raise source.refuse(
            "it does not take the same steps twice: what it remembers belongs in the state, and random numbers come "
            "from tf.random.stateless_normal and its like"
        )


def _tried(source: Source, own: OwnOptimizer, rows: bool, compiled: bool) -> list[Any]:
    """The numbers of a new optimizer after a few steps: parameters, and all its variables."""
    optimizer = own.make(rows)
    shapes = _SHAPES[:1] if rows else _SHAPES
    variables = [keras.Variable(np.full(shape, 0.5), dtype="float32") for shape in shapes]
    gradients = [tf.reshape(tf.linspace(-1.0, 2.0, int(np.prod(shape))), shape) for shape in shapes]
    optimizer.build(variables)
    optimizer.learning_rate.assign(_RATE)

    @tf.function(autograph=False, jit_compile=compiled)  # type: ignore[untyped-decorator]
    def step() -> None:
        optimizer.apply(gradients, variables)

    with source.told():
        for _ in range(_STEPS):
            step()
    return [np.asarray(variable.numpy()) for variable in (*variables, *optimizer.variables)]
