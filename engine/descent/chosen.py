"""The function that a setting names: one of the course's, or a learner's own, typed or from a file. A search finds the
domain, the minima, the starts and the rate of a learner's own function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.descent import curves, search, surfaces
from engine.descent.curves import Function
from engine.descent.search import Found, Ranges
from engine.descent.stability import Plain
from engine.descent.surfaces import Surface
from engine.errors import InputError
from engine.last_used import LastUsed
from engine.own import files
from engine.own.expressions import Expression, parse
from engine.own.paths import is_file
from engine.settings import Preparation

CURVE_OF = ("x",)
SURFACE_OF = ("x", "y")

# A derivative of more characters is not shown.
_LONGEST_SHOWN = 100

# What the last searches of typed functions found, by expression and the domain given: 0.1 s to several seconds each.
_found: LastUsed[Found] = LastUsed(256)


def function_called(name: str, domain: Ranges = ()) -> Function:
    """Return the function of one variable that `name` stands for: a name of the course, an expression, or a file, which
    is run and needs TensorFlow. It has its own domain, or `domain` if given.

    Raises:
        InputError: `name` is neither a name nor an expression, or the file cannot be used.
    """
    return _function_of_file(name, domain) if is_file(name) else _function_called(name, domain)


def function_search(name: str, domain: Ranges = ()) -> Preparation | None:
    """The search that `function_called` waits for; None if the function needs none, was searched, or is in a file."""
    return _search_ahead(name, curves.NAMES, CURVE_OF, domain, partial(function_called, name, domain))


def surface_search(name: str, conditioning: float = 10.0, domain: Ranges = ()) -> Preparation | None:
    """The search that `surface_called` waits for; None if the surface needs none, was searched, or is in a file."""
    ranges = _both(domain)
    return _search_ahead(name, surfaces.NAMES, SURFACE_OF, ranges, partial(surface_called, name, conditioning, domain))


def _search_ahead(
    name: str, known: Sequence[str], variables: tuple[str, ...], ranges: Ranges, call: Callable[[], object]
) -> Preparation | None:
    if name in known or is_file(name) or (parse(name, variables), ranges) in _found:
        return None
    return Preparation("searching for the minima of your function", call)


def _search(expression: Expression, plain: Plain, ranges: Ranges) -> Found:
    """Search a typed function, once for each domain."""

    def searched() -> Found:
        return search.search(search.landscape(plain, len(expression.variables)), ranges)

    return _found.get((expression, ranges), searched)


def _both(domain: Ranges) -> Ranges:
    """The ranges of both axes; a single one is for both."""
    return domain * 2 if len(domain) == 1 else domain


def _function_of_file(name: str, domain: Ranges) -> Function:
    own = files.load("--function", name, "function", 1)
    ground = search.landscape(lambda points: np.asarray(own(points[:, 0], np)), 1)
    found = search.search(ground, domain)
    return Function(
        id=name,
        formula=f"f(x) of {name}",
        derivative_formula="what the tape finds",
        f=own,
        derivative=lambda x: ground.gradient(np.asarray(x, np.float64).reshape(-1, 1)).reshape(np.shape(x)),
        x_range=found.ranges[0],
        minima=found.minima,
        start=found.starts[0][0],
        learning_rate=found.learning_rate,
        endless=found.endless,
        level=found.level,
        searched=True,
        version=own.saved,
    )


@lru_cache(32)
def _function_called(name: str, domain: Ranges) -> Function:
    if name in curves.NAMES:
        known = curves.function_called(name)
        return replace(known, x_range=domain[0]) if domain else known
    expression = parse(name, CURVE_OF)
    slope = expression.derivative("x")

    def plain(points: npt.NDArray[Any]) -> npt.NDArray[Any]:
        values: npt.NDArray[Any] = expression(points[:, 0], np)
        return values

    found = _search(expression, plain, domain)
    shown = slope.pretty if len(slope.pretty) <= _LONGEST_SHOWN else "by the chain rule"
    return Function(
        id=str(expression),
        formula=f"f(x) = {expression.pretty}",
        derivative_formula=f"f′(x) = {shown}",
        f=expression,
        derivative=lambda x: slope(x, np),
        x_range=found.ranges[0],
        minima=found.minima,
        start=found.starts[0][0],
        learning_rate=found.learning_rate,
        endless=found.endless,
        level=found.level,
        searched=True,
    )


def surface_shape(name: str, conditioning: float = 10.0) -> Surface:
    """Return the surface that `name` stands for, a name or an expression, for its values only: no search is run.

    Raises:
        KeyError: `name` is neither a name nor an expression.
    """
    if name in surfaces.NAMES:
        return surfaces.surface(name, conditioning)
    if is_file(name):
        raise KeyError(name)
    try:
        return _surface_typed(parse(name, SURFACE_OF), Found(((-3.0, 3.0),) * 2, (), ((0.0, 0.0),), 0.01, False))
    except ValueError:
        raise KeyError(name) from None


def surface_called(name: str, conditioning: float = 10.0, domain: Ranges = ()) -> Surface:
    """Return the surface that `name` stands for: a name of the course, an expression, or a file, which is run and needs
    TensorFlow. It has its own domain, or `domain` if given.

    Raises:
        InputError: `name` is neither a name nor an expression, or the file cannot be used.
    """
    if not is_file(name):
        return _surface_called(name, conditioning, _both(domain))
    return _surface_of_file(files.load("--surface", name, "surface", 2), _both(domain))


def surface_on_show(name: str, conditioning: float, domain: Ranges) -> Surface | None:
    """As `surface_called`, but runs no file: a file's surface is the one that a run has loaded, or None before any
    run."""
    if not is_file(name):
        return surface_called(name, conditioning, domain)
    own = files.last_run(name)
    return None if own is None else _surface_of_file(own, _both(domain))


def _surface_of_file(own: files.OwnFunction, ranges: Ranges) -> Surface:
    found = search.search(search.landscape(lambda points: np.asarray(own(points[:, 0], points[:, 1], np)), 2), ranges)
    surface = _surface(own.text, f"f(x, y) of {own.text}", own, found)
    return replace(surface, parameters={"saved": float(own.saved)})


@lru_cache(32)
def _surface_called(name: str, conditioning: float, ranges: Ranges) -> Surface:
    if name in surfaces.NAMES:
        known = surfaces.surface(name, conditioning)
        return replace(known, x_range=ranges[0], y_range=ranges[1]) if ranges else known
    expression = parse(name, SURFACE_OF)

    def plain(points: npt.NDArray[Any]) -> npt.NDArray[Any]:
        values: npt.NDArray[Any] = expression(points[:, 0], points[:, 1], np)
        return values

    return _surface_typed(expression, _search(expression, plain, ranges))


def _surface_typed(expression: Expression, found: Found) -> Surface:
    return _surface(str(expression), f"f(x, y) = {expression.pretty}", expression, found)


def _surface(id: str, formula: str, f: Callable[..., Any], found: Found) -> Surface:
    x_range, y_range = found.ranges
    return Surface(
        id=id,
        label="your function",
        formula=formula,
        f=f,
        x_range=x_range,
        y_range=y_range,
        minima=found.minima,
        starts=tuple((x, y) for x, y in found.starts),
        learning_rate=found.learning_rate,
        source="the learner; its minima are found by a search",
        endless=found.endless,
        level=found.level,
        searched=True,
    )


def check_finite(option: str, formula: str, plain: Plain, ranges: Ranges) -> None:
    """Check that a function is finite somewhere in the drawn `ranges`. Raises InputError."""
    if not search.is_somewhere_finite(plain, ranges):
        where = " and ".join(f"from {low:g} to {high:g}" for low, high in dict.fromkeys(ranges))
        raise InputError(f"{option}: {formula} has no finite value {where}; expected one there, or another --domain")


def search_words(searched: Function | Surface) -> str:
    """The sentence on the minima that a search found; empty for a function of the course, whose minima are
    published."""
    minima = searched.minima
    if not searched.searched:
        return ""
    if not minima and searched.level:
        place = "over an interval" if isinstance(searched, Function) else "along a line or over an area"
        return f" A search from many starts found no single lowest point here: {place} f is equally low."
    if not minima:
        return " A search from many starts found no minimum of it here."
    sharp = sum(each.kink for each in minima)
    found = [_count(len(minima) - sharp, "minimum", "minima")] if len(minima) > sharp else []
    found += [_count(sharp, "lowest point at a kink", "lowest points at kinks")] if sharp else []
    return f" A search from many starts found {' and '.join(found)} of it here; there may be others."


def _count(count: int, one: str, several: str) -> str:
    return f"1 {one}" if count == 1 else f"{count} {several}"
