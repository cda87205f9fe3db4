"""The operations of typed expressions besides arithmetic: constants, and functions with their derivatives.

A function is written over an array namespace `m`, NumPy or `tensorflow.math`, of real numbers. Its `slopes` are its
partial derivatives as expressions of its arguments u and v. Source of the derivatives: M. Abramowitz, I. Stegun,
Handbook of Mathematical Functions, 1964, chapters 4 and 7.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}

# Powers up to this one are computed as products: exact for a negative base, and cheaper than a logarithm.
MOST_PRODUCT = 16


@dataclass(frozen=True)
class ElementaryFunction:
    """A function of one or two arguments, and its derivative with respect to each."""

    f: Callable[..., Any]
    slopes: tuple[str, ...]


def _called(name: str, numpy_name: str = "") -> Callable[..., Any]:
    """Return the function of this name in either namespace."""

    def f(m: Any, *arguments: Any) -> Any:
        return getattr(m, (numpy_name or name) if m is np else name)(*arguments)

    return f


def _softplus(m: Any, u: Any) -> Any:
    return 0.5 * (u + m.abs(u)) + m.log1p(m.exp(-m.abs(u)))


def _erf(m: Any, u: Any) -> Any:
    if m is not np:
        return m.erf(u)
    found = np.array([math.erf(part) for part in np.ravel(u)], np.asarray(u).dtype)
    return found.reshape(np.shape(u))


def _two(name: str) -> Callable[..., Any]:
    """Return a function of two arguments, one of which may be a Python float, which becomes an array of the other's
    dtype."""

    def f(m: Any, u: Any, v: Any) -> Any:
        u = u + 0.0 * m.sign(v) if isinstance(u, float) else u  # 0·v is not a number where v is infinite
        return getattr(m, name)(u, v)

    return f


FUNCTIONS = {
    "sin": ElementaryFunction(_called("sin"), ("cos(u)",)),
    "cos": ElementaryFunction(_called("cos"), ("-sin(u)",)),
    "tan": ElementaryFunction(_called("tan"), ("1 + tan(u)^2",)),
    "asin": ElementaryFunction(_called("asin", "arcsin"), ("1/sqrt(1 - u^2)",)),
    "acos": ElementaryFunction(_called("acos", "arccos"), ("-1/sqrt(1 - u^2)",)),
    "atan": ElementaryFunction(_called("atan", "arctan"), ("1/(1 + u^2)",)),
    "sinh": ElementaryFunction(_called("sinh"), ("cosh(u)",)),
    "cosh": ElementaryFunction(_called("cosh"), ("sinh(u)",)),
    "tanh": ElementaryFunction(_called("tanh"), ("1 - tanh(u)^2",)),
    "exp": ElementaryFunction(_called("exp"), ("exp(u)",)),
    "log": ElementaryFunction(_called("log"), ("1/u",)),
    "ln": ElementaryFunction(_called("log"), ("1/u",)),
    "log2": ElementaryFunction(lambda m, u: m.log(u) / math.log(2.0), ("1/(log(2)*u)",)),
    "log10": ElementaryFunction(lambda m, u: m.log(u) / math.log(10.0), ("1/(log(10)*u)",)),
    "sqrt": ElementaryFunction(_called("sqrt"), ("1/(2*sqrt(u))",)),
    "abs": ElementaryFunction(_called("abs"), ("sign(u)",)),
    "sign": ElementaryFunction(_called("sign"), ("0",)),
    "min": ElementaryFunction(_two("minimum"), ("(1 - sign(u - v))/2", "(1 + sign(u - v))/2")),
    "max": ElementaryFunction(_two("maximum"), ("(1 + sign(u - v))/2", "(1 - sign(u - v))/2")),
    "erf": ElementaryFunction(_erf, ("2/sqrt(pi)*exp(-u^2)",)),
    "sigmoid": ElementaryFunction(lambda m, u: 0.5 * (1.0 + m.tanh(0.5 * u)), ("sigmoid(u)*(1 - sigmoid(u))",)),
    "relu": ElementaryFunction(lambda m, u: 0.5 * (u + m.abs(u)), ("(1 + sign(u))/2",)),
    "softplus": ElementaryFunction(_softplus, ("sigmoid(u)",)),
}


def power(u: Any, v: Any, m: Any) -> Any:
    """Compute u to the power v. A whole power up to MOST_PRODUCT is computed as a product."""
    if isinstance(v, float):
        if v.is_integer() and abs(v) <= MOST_PRODUCT:
            return _product(u, int(v))
        if m is np:
            return np.power(u, v)
        return m.pow(u, v)
    if isinstance(u, float):
        # TensorFlow would make the base a float32 tensor even where the exponent has another dtype.
        return m.exp(v * math.log(u)) if u > 0 else (np.power if m is np else m.pow)(u + 0.0 * v, v)
    return (np.power if m is np else m.pow)(u, v)


def _product(u: Any, exponent: int) -> Any:
    """Compute u to a whole power, by squaring."""
    if exponent < 0:
        return 1.0 / _product(u, -exponent)
    if exponent == 0:
        return 1.0 + 0.0 * u
    half = _product(u, exponent // 2) if exponent > 1 else None
    if half is None:
        return u
    return half * half * u if exponent % 2 else half * half
