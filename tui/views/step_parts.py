"""The parts of an optimizer's step: the gradient, the optimizer's slots, the step that was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.descent.optimizer_state import IN_STEPS, effective_rate
from engine.descent.optimizers import OptimizerSettings
from engine.errors import SettingError
from engine.events import FloatArray, PathsOpened
from engine.own.optimizers import momentum_of
from engine.own.paths import is_file
from engine.settings import params_of, parse_settings

MOMENTUM = "momentum m"
PLAIN_DESCENT = "plain descent remembers nothing of the steps before"
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OptimizerMemory:
    """The slots of a run's optimizers after each step: `momenta` and `squares` float32 [p, k+1, d], NaN at the start
    and for paths whose rule keeps none, None if no rule does; and the settings that the rules read."""

    momenta: FloatArray | None
    squares: FloatArray | None
    settings: OptimizerSettings


class Descended(Protocol):
    """The paths of a picture; see DescentPicture."""

    @property
    def opened(self) -> PathsOpened | None: ...
    @property
    def points(self) -> FloatArray: ...
    @property
    def gradients(self) -> FloatArray: ...
    @property
    def learning_rates(self) -> FloatArray: ...
    @property
    def memory(self) -> OptimizerMemory | None: ...


@dataclass(frozen=True, slots=True, eq=False)
class StepParts:
    """The step that leaves a place, float64 [d] each: `gradient` there, `momentum` m before the step, `step` to the
    next place, and of the step before, v (`squares`) and the `effective_rate`. None for what is not known, and for what
    the rule does not keep. `in_steps` is true if m is a step, and false if it is an average of gradients. A learner's
    rule gives it its `momentum_name`; `sign` is −1 if that rule keeps it the other way round."""

    gradient: Vector
    momentum: Vector | None
    step: Vector | None
    squares: Vector | None
    effective_rate: Vector | None
    learning_rate: float
    in_steps: bool
    momentum_name: str = MOMENTUM
    sign: int = 1

    def pushes(self) -> dict[str, Vector]:
        """The direction of each part, g the gradient, m the momentum, s the step, in the units of a gradient: a step is
        divided by the learning rate, so a plain step and its gradient are equally long."""
        found = {"g": -self.gradient}
        if self.momentum is not None:
            kept = self.sign * self.momentum
            found["m"] = kept / max(self.learning_rate, 1e-30) if self.in_steps else -kept
        if self.step is not None:
            found["s"] = self.step / max(self.learning_rate, 1e-30)
        return {name: push for name, push in found.items() if np.isfinite(push).all()}


def step_parts(picture: Descended, path: int, step: int) -> StepParts | None:
    """The parts of the step that `path` takes from `step`; None for plain descent, whose step is the gradient's."""
    memory, opened = picture.memory, picture.opened
    if memory is None or opened is None or not 0 <= path < len(opened.optimizers):
        return None
    rule = opened.optimizers[path]
    if rule == "sgd":
        return None
    last, rates = picture.points.shape[1] - 1, picture.learning_rates
    here = np.asarray(picture.points[path, step], np.float64)
    there = np.asarray(picture.points[path, step + 1], np.float64) if step < last else None
    own = momentum_of(rule) if is_file(rule) else None
    momentum, squares = (_at(kept, path, step) for kept in (memory.momenta, memory.squares))
    return StepParts(
        gradient=np.asarray(picture.gradients[path, step], np.float64),
        momentum=momentum,
        step=None if there is None or not np.isfinite(there).all() else there - here,
        squares=squares,
        effective_rate=None
        if squares is None
        else effective_rate(rule, memory.settings, float(rates[min(step, len(rates) - 1)]), squares, step),
        learning_rate=float(rates[min(step + 1, len(rates) - 1)]),
        in_steps=rule in IN_STEPS if own is None else own.in_steps,
        momentum_name=MOMENTUM if own is None else own.name,
        sign=1 if own is None else own.sign,
    )


def _at(kept: FloatArray | None, path: int, step: int) -> Vector | None:
    found = None if kept is None or step >= kept.shape[1] else np.asarray(kept[path, step], np.float64)
    return found if found is not None and np.isfinite(found).all() else None


def memory_of(
    momenta: FloatArray | None, squares: FloatArray | None, texts: Mapping[str, str]
) -> OptimizerMemory | None:
    """The memory of a run with these settings; None if its rules keep nothing."""
    if momenta is None and squares is None:
        return None
    return OptimizerMemory(momenta, squares, _settings(tuple(sorted(texts.items()))))


@lru_cache(maxsize=8)
def _settings(texts: tuple[tuple[str, str], ...]) -> OptimizerSettings:
    names = {param.name for param in params_of(OptimizerSettings)}
    try:
        return parse_settings(OptimizerSettings, {name: text for name, text in texts if name in names})
    except SettingError:  # from a run that another version recorded
        return OptimizerSettings()


def memory_words(parts: StepParts) -> list[str]:
    """The parts of a step as numbers, the most important first."""
    named = [
        (parts.momentum_name, parts.momentum),
        ("v", parts.squares),
        ("effective rate", parts.effective_rate),
        ("step taken", parts.step),
    ]
    return [f"{name} {vector(value)}" for name, value in named if value is not None] or ["nothing remembered yet"]


def vector(value: FloatArray) -> str:
    """Format a vector with three digits each: (1.2, -0.03); of one variable only the number."""
    numbers = [f"{part:.3g}" for part in value.tolist()]
    return numbers[0] if len(numbers) == 1 else f"({', '.join(numbers)})"
