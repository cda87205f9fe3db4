"""The optimizers that a learner may choose, as Keras implements them: names, update rules, their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors import SettingError
from engine.lazy import keras
from engine.settings import Settings, number


@dataclass(frozen=True)
class Rule:
    """An optimizer's name, its update (θ parameters, g gradient, η learning rate) and the settings it reads.

    Source of each rule: the docstring and code of the Keras 3 class, whose name is `keras_class`.
    """

    id: str
    keras_class: str
    update: str
    reads: tuple[str, ...] = ()


RULES: tuple[Rule, ...] = (
    Rule("sgd", "SGD", "θ ← θ − η·g"),
    Rule("momentum", "SGD", "v ← μ·v − η·g;  θ ← θ + v", ("momentum",)),
    Rule("nesterov", "SGD", "v ← μ·v − η·g;  θ ← θ + μ·v − η·g", ("momentum",)),
    Rule("rmsprop", "RMSprop", "s ← ρ·s + (1−ρ)·g²;  θ ← θ − η·g/√(s + ε)", ("rho", "epsilon")),
    Rule("adagrad", "Adagrad", "s ← s + g², from 0.1;  θ ← θ − η·g/√(s + ε)", ("epsilon",)),
    Rule("adam", "Adam", "m, s ← averages of g, g²;  θ ← θ − η·m̂/(√ŝ + ε)", ("beta_1", "beta_2", "epsilon")),
    Rule("adamw", "AdamW", "θ ← θ − η·λ·θ, and Adam", ("beta_1", "beta_2", "epsilon", "weight_decay")),
    Rule("nadam", "Nadam", "Adam with Nesterov's look-ahead in m̂", ("beta_1", "beta_2", "epsilon")),
    Rule("lion", "Lion", "θ ← θ − η·sign(β₁·m + (1−β₁)·g);  m ← β₂·m + (1−β₂)·g", ("beta_1", "beta_2")),
)

NAMES: tuple[str, ...] = tuple(rule.id for rule in RULES)


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings(Settings):
    """The numbers an optimizer takes beside its learning rate. None is Keras's own default for that optimizer.

    A lesson's own settings add `optimizer`: a name or several.
    """

    momentum: float = number(
        0.9,
        low=0.0,
        high=1.0,
        step=0.05,
        help="μ, how much of the last step is kept: momentum, nesterov",
        group="optimizer",
    )
    beta_1: float | None = number(
        None, low=0.0, high=0.9999999, step=0.05, optional=True,
        help="β₁, decay of the gradient's average: adam, adamw, nadam, lion", group="optimizer",
    )  # fmt: skip
    beta_2: float | None = number(
        None, low=0.0, high=0.9999999, step=0.01, optional=True,
        help="β₂, decay of the squared gradient's average: adam, adamw, nadam, lion", group="optimizer",
    )  # fmt: skip
    rho: float | None = number(
        None, low=0.0, high=0.9999999, step=0.05, optional=True,
        help="ρ, decay of the squared gradient's average: rmsprop", group="optimizer",
    )  # fmt: skip
    epsilon: float | None = number(
        None, low=1e-12, high=1.0, optional=True,
        help="ε, what keeps the division finite: rmsprop, adagrad, adam, adamw, nadam", group="optimizer",
    )  # fmt: skip
    weight_decay: float | None = number(
        None, low=0.0, high=1.0, step=0.001, optional=True,
        help="λ, how fast weights shrink toward zero: adamw", group="optimizer",
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        chosen = getattr(self, "optimizer", ())
        names = (chosen,) if isinstance(chosen, str) else chosen
        if "lion" in names and self.beta_1 == 0.0:
            raise SettingError("--beta-1: '0' is not accepted with lion; expected a number above 0, as Keras does")


def rule(name: str) -> Rule:
    """The rule called `name`. Raises KeyError where there is none."""
    for each in RULES:
        if each.id == name:
            return each
    raise KeyError(name)


def build(name: str, settings: OptimizerSettings) -> Any:
    """A new Keras optimizer (`keras.optimizers.Optimizer`) with the settings that its rule reads.

    Its learning rate is a variable that the caller assigns before the first step, so that another rate is no new trace.
    """
    chosen = rule(name)
    options = {key: getattr(settings, key) for key in chosen.reads if getattr(settings, key) is not None}
    if name == "nesterov":
        options["nesterov"] = True
    return getattr(keras.optimizers, chosen.keras_class)(**options)
