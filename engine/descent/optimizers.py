"""The optimizers that a learner may choose: names, update rules and settings of those that Keras implements, and those
from a learner's own file, which `engine.own.optimizers` loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.descent.schedules import ScheduleSettings
from engine.errors import SettingError
from engine.lazy import keras
from engine.own.paths import FORM, is_file
from engine.settings import number


@dataclass(frozen=True)
class UpdateRule:
    """An optimizer's name, its update (θ parameters, g gradient, η learning rate) and the settings it reads. `usual`
    are its defaults of these where they differ from other optimizers'.

    Source of each rule: the docstring and code of the Keras 3 class, whose name is `keras_class`.
    """

    id: str
    keras_class: str
    update: str
    reads: tuple[str, ...] = ()
    usual: Mapping[str, float] = field(default_factory=dict)


RULES: tuple[UpdateRule, ...] = (
    UpdateRule("sgd", "SGD", "θ ← θ − η·g"),
    UpdateRule("momentum", "SGD", "v ← μ·v − η·g;  θ ← θ + v", ("momentum",)),
    UpdateRule("nesterov", "SGD", "v ← μ·v − η·g;  θ ← θ + μ·v − η·g", ("momentum",)),
    UpdateRule("rmsprop", "RMSprop", "s ← ρ·s + (1−ρ)·g²;  θ ← θ − η·g/√(s + ε)", ("rho", "epsilon")),
    UpdateRule("adagrad", "Adagrad", "s ← s + g², from 0.1;  θ ← θ − η·g/√(s + ε)", ("epsilon",)),
    UpdateRule("adam", "Adam", "m, s ← averages of g, g²;  θ ← θ − η·m̂/(√ŝ + ε)", ("beta_1", "beta_2", "epsilon")),
    UpdateRule("adamw", "AdamW", "θ ← θ − η·λ·θ, and Adam", ("beta_1", "beta_2", "epsilon", "weight_decay")),
    UpdateRule("nadam", "Nadam", "Adam with Nesterov's look-ahead in m̂", ("beta_1", "beta_2", "epsilon")),
    UpdateRule(
        "lion", "Lion", "θ ← θ − η·sign(β₁·m + (1−β₁)·g);  m ← β₂·m + (1−β₂)·g", ("beta_1", "beta_2"), {"beta_2": 0.99}
    ),
)  # fmt: skip

NAMES: tuple[str, ...] = tuple(rule.id for rule in RULES)


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings(ScheduleSettings):
    """The numbers an optimizer takes beside its learning rate. None stands for Keras's default for that optimizer.

    A lesson's own settings add `optimizer`: one name or several.
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
        None, low=0.0, high=0.9999999, step=0.05, usual=0.9,
        help="β₁, decay of the gradient's average: adam, adamw, nadam, lion", group="optimizer",
    )  # fmt: skip
    beta_2: float | None = number(
        None, low=0.0, high=0.9999999, step=0.01, usual=0.999,
        help="β₂, decay of the squared gradient's average: adam, adamw, nadam, lion", group="optimizer",
    )  # fmt: skip
    rho: float | None = number(
        None, low=0.0, high=0.9999999, step=0.05, usual=0.9,
        help="ρ, decay of the squared gradient's average: rmsprop", group="optimizer",
    )  # fmt: skip
    epsilon: float | None = number(
        None, low=1e-12, high=1.0, usual=1e-7,
        help="ε, which keeps divisors above 0: rmsprop, adagrad, adam, adamw, nadam", group="optimizer",
    )  # fmt: skip
    weight_decay: float | None = number(
        None, low=0.0, high=1.0, step=0.001, usual=0.004,
        help="λ, how fast weights shrink toward zero: adamw", group="optimizer",
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        chosen = getattr(self, "optimizer", ())
        names = (chosen,) if isinstance(chosen, str) else chosen
        if "lion" in names and self.beta_1 == 0.0:
            raise SettingError("--beta-1: '0' is not accepted with lion; expected a number above 0, as Keras does")
        strategy = getattr(self, "strategy", "none")
        if strategy != "none" and any(is_file(name) for name in names):
            raise SettingError(f"--strategy: {strategy!r} is not accepted with an optimizer of a file; expected none")


def rule(name: str) -> UpdateRule:
    """Return the rule called `name`, or that of the file of this name. Raises KeyError if there is none."""
    for each in RULES:
        if each.id == name:
            return each
    if is_file(name):
        return UpdateRule(name, "", f"θ ← {label(name)}(θ, g, η)")
    raise KeyError(name)


def label(name: str) -> str:
    """A rule's name for the screen: a file's without its folder."""
    form = FORM.fullmatch(name)
    return name if form is None else Path(form["path"]).name + (f":{form['name']}" if form["name"] else "")


def version(name: str) -> int:
    """The version of a rule: a new number after each change of its file, 0 for Keras's rules. A changed file is run,
    which needs TensorFlow. Raises InputError if it cannot be used."""
    if not is_file(name):
        return 0
    from engine.own import optimizers as own

    return own.load(name).saved


def build(name: str, settings: OptimizerSettings, *, rows: bool = False) -> Any:
    """Create a Keras optimizer (`keras.optimizers.Optimizer`) with the settings that its rule reads. With `rows`, it
    moves each row of a variable independently of the others.

    Its learning rate is a variable that the caller assigns before the first step, so another rate needs no new trace.
    A changed file is run.

    Raises:
        InputError: the file cannot be used.
    """
    if is_file(name):
        from engine.own import optimizers as own

        return own.load(name).make(rows)
    chosen = rule(name)
    options = {key: getattr(settings, key) for key in chosen.reads if getattr(settings, key) is not None}
    if name == "nesterov":
        options["nesterov"] = True
    return getattr(keras.optimizers, chosen.keras_class)(**options)
