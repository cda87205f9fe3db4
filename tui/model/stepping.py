"""The next value of a setting, as a key asks for it: up or down, another word, one word more or fewer."""

from __future__ import annotations

import math
from typing import Any

from engine.params import Choice, Choices, Integer, Number, Param, Switch

_LADDER = (1.0, 2.0, 5.0)
_LOWEST = 1e-8
"""Below this a rate is as good as nothing; the next step down is the lower bound."""


def next_text(param: Param, text: str, direction: int) -> str:
    """The text of the value after (1) or before (-1) `text`; the same where the setting has no order."""
    if isinstance(param, Number | Integer):
        return param.text(stepped(param, param.parse(text), direction))
    if isinstance(param, Choice):
        return param.options[(param.options.index(text) + direction) % len(param.options)]
    if isinstance(param, Switch):
        return "off" if text == "on" else "on"
    return text


def toggled(param: Choices, text: str, option: str) -> str:
    """The words chosen with `option` among them where it was not, else without; empty where it was the only one."""
    chosen = set(text.split(",")) ^ {option}
    return ",".join(each for each in param.options if each in chosen)


def stepped(param: Param, value: Any, direction: int) -> Any:
    """The value one step up (1) or down (-1) of `value`, within the bounds of the parameter.

    A number that declares a step moves by it; one that cannot be negative goes 1, 2, 5, 10, 20, ... and a signed one
    by a tenth of its size.
    """
    if isinstance(param, Integer):
        if param.step == 1 and (value > 20 or (value == 20 and direction > 0)):
            return int(min(max(_on_ladder(float(value), direction), param.low), param.high))
        return min(max(value + direction * param.step, param.low), param.high)
    if not isinstance(param, Number):
        return value
    if value is None:
        value = max(param.low, 0.0) if param.step is None else min(max(0.9, param.low), param.high)
        return param.check(round(value, 12))
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
