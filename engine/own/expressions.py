"""Typed expressions: their values over an array namespace, their text and their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from engine.own import derivatives, duals
from engine.own.parser import tree_of
from engine.own.tree import Node, applied, evaluated, names, written


@dataclass(frozen=True)
class Expression:
    """An expression of `variables`, in the order in which it is called with them."""

    tree: Node
    variables: tuple[str, ...]

    def __call__(self, *arguments: Any) -> Any:
        """Evaluate: `arguments` are the values of the variables, and last the array namespace (NumPy or
        tensorflow.math).

        Arrays must have one shape and dtype, which the result has too. NumPy's complex arrays stand for dual numbers.
        """
        *values, m = arguments
        if m is np:
            arrays = (np.asarray(value) for value in values)
            values = [array if array.dtype.kind in "fc" else array.astype(np.float64) for array in arrays]
            with np.errstate(all="ignore"):
                return self._evaluated(values, m)
        return self._evaluated(values, m)

    def _evaluated(self, values: list[Any], m: Any) -> Any:
        apply = duals.applied if m is np else applied
        found = evaluated(self.tree, dict(zip(self.variables, values, strict=True)), m, apply)
        for value in values:  # all are broadcast together, also a single number
            found = found + 0.0 * value if isinstance(found, float) else found
        return found

    def __str__(self) -> str:
        return written(self.tree)

    @cached_property
    def pretty(self) -> str:
        """The expression in the notation of the lessons: `3x² − 2·(x + 1)`."""
        return written(self.tree, pretty=True)

    def derivative(self, variable: str) -> Expression:
        """Differentiate with respect to a variable, by the rules of calculus."""
        return Expression(derivatives.derivative(self.tree, variable), self.variables)

    @property
    def used(self) -> frozenset[str]:
        """The variables that occur in the expression."""
        return names(self.tree)


@lru_cache(64)
def parse(text: str, variables: tuple[str, ...], *, constant: bool = False) -> Expression:
    """Parse an expression of these variables; one without any of them is accepted only with `constant`.

    Raises:
        ExpressionError: it is no expression, is longer than LONGEST characters or nested deeper than DEEPEST.
    """
    return Expression(tree_of(text, variables, constant=constant), variables)
