"""Operations of typed expressions on dual numbers, represented by NumPy's complex arrays: f(a + ih) is f(a) + ih·f′(a).
So a directional derivative is computed together with the value."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.own import tree
from engine.own.derivatives import partials


def applied(operation: str, arguments: list[Any], m: Any) -> Any:
    """Apply an operation to NumPy arrays of one shape, real or complex, or to Python floats. `m` is NumPy."""
    if operation not in "+-*/" and any(np.iscomplexobj(argument) for argument in arguments):
        return _on_duals(operation, arguments)
    return tree.applied(operation, arguments, m)


def _on_duals(operation: str, arguments: list[Any]) -> Any:
    """The function itself gets only real arguments: some accept no others, and NumPy continues some beyond their real
    domain."""
    real = [np.real(argument) if np.iscomplexobj(argument) else argument for argument in arguments]
    value = np.asarray(tree.applied(operation, real, np))
    found = np.empty(np.broadcast_shapes(*(np.shape(argument) for argument in arguments)), np.complex128)
    found.real, found.imag = value, 0.0
    with np.errstate(all="ignore"):
        for number, argument in enumerate(arguments):
            if np.iscomplexobj(argument):
                slope = tree.evaluated(partials(operation)[number], dict(zip("uv", real, strict=False)), np)
                found.imag += slope * np.imag(argument)
    return found
