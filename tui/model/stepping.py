"""The next value of a setting for a key: up or down, another word, one word more or fewer."""

from __future__ import annotations

import math
from typing import Any

from engine.params import Choice, Choices, Integer, Number, Param, Switch

TYPED, NAMED = "own expression", "own file"
"""The last choice of a setting that also takes an expression, and of one that also takes a file."""

_LADDER = (1.0, 2.0, 5.0)
_LOWEST = 1e-8
"""A smaller rate has no effect; the next step down is the lower bound."""


def next_text(param: Param, text: str, direction: int) -> str:
    """The text of the value after (1) or before (-1) `text`; the same if the setting has no order."""
    if isinstance(param, Number | Integer):
        return param.text(stepped(param, param.parse(text), direction))
    if isinstance(param, Choice):
        if text not in param.options:  # a typed expression counts as before the first word
            return param.options[0 if direction > 0 else -1]
        return param.options[(param.options.index(text) + direction) % len(param.options)]
    if isinstance(param, Switch):
        return "off" if text == "on" else "on"
    return text


def toggled(param: Choices, text: str, option: str) -> str:
    """Add `option` to the chosen words, or remove it; empty if it was the only one."""
    before: tuple[str, ...] = param.parse(text)
    typed = [each for each in before if each not in param.options and each != option]
    chosen = set(before) ^ {option}
    return ",".join([*(each for each in param.options if each in chosen), *typed])


def words_of(param: Param, text: str) -> tuple[str, ...]:
    """The choices of a setting: its words, other entries that were typed into a list, and TYPED or NAMED if an
    expression or a file can be typed."""
    if not isinstance(param, Choice | Choices):
        return ()
    typed = tuple(each for each in param.parse(text) if each not in param.options) if isinstance(param, Choices) else ()
    return (*param.options, *typed, *own_word(param))


def own_word(param: Param | None) -> tuple[str, ...]:
    """The choice under which a setting accepts typed text; empty if it accepts only its words."""
    if not isinstance(param, Choice | Choices) or not param.also:
        return ()
    return (TYPED,) if param.variables else (NAMED,)


def typed_into(param: Param, text: str, typed: str) -> str:
    """The text of a setting after `typed` was entered: a list is extended, anything else replaced."""
    return param.text((*param.parse(text), *param.parse(typed))) if isinstance(param, Choices) else typed


def stepped(param: Param, value: Any, direction: int) -> Any:
    """The value one step up (1) or down (-1) from `value`, within the bounds of the parameter.

    A number that declares a step moves by it; otherwise one that cannot be negative goes 1, 2, 5, 10, 20, ... and a
    signed one changes by a tenth of its size. From the optimizer's default the first step writes it out.
    """
    if isinstance(param, Integer):
        if param.step == 1 and (value > 20 or (value == 20 and direction > 0)):
            return int(min(max(_on_ladder(float(value), direction), param.low), param.high))
        return min(max(value + direction * param.step, param.low), param.high)
    if not isinstance(param, Number):
        return value
    if value is None:
        return param.check(param.usual if param.usual is not None else max(param.low, 0.0))
    if param.step is not None:
        moved = round((value / param.step) + direction) * param.step
    elif param.low >= 0:
        moved = _on_ladder(value, direction)
        if value == 0 and direction > 0:
            moved = param.default if param.default else max(param.low, 1.0)
        elif moved < _LOWEST:
            moved = _LOWEST if direction > 0 else param.low
    else:
        grain = 10.0 ** math.floor(math.log10(max(abs(value), 1.0))) / 10
        moved = round(value / grain + direction) * grain
    return param.check(float(f"{min(max(moved, param.low), param.high):.12g}"))


def _on_ladder(value: float, direction: int) -> float:
    """The next of ..., 0.1, 0.2, 0.5, 1, 2, 5, 10, ... above or below `value`; 0 stays."""
    if value <= 0:
        return 0.0
    power = math.floor(math.log10(value))
    rungs = [rung * 10.0**p for p in range(power - 1, power + 3) for rung in _LADDER]
    near = value * 1e-9
    if direction > 0:
        return min(rung for rung in rungs if rung > value + near)
    return max((rung for rung in rungs if rung < value - near), default=0.0)
