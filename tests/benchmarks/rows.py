"""A row of the table: the quantity, its target, and how its figure follows from the rounds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.benchmarks.contest import Samples

Sign = Literal[">=", ">", "<=", "<"]
Values = Callable[[Samples], list[float]]
Summary = Callable[[list[float]], float]


@dataclass(frozen=True)
class Target:
    """The target of a figure. `unit` is `x` for a ratio."""

    sign: Sign
    value: float
    unit: str = "x"

    def met(self, figure: float) -> bool:
        """Whether a figure meets it."""
        match self.sign:
            case ">=":
                return figure >= self.value
            case ">":
                return figure > self.value
            case "<=":
                return figure <= self.value
            case "<":
                return figure < self.value

    def __str__(self) -> str:
        sign = {">=": "≥", "<=": "≤"}.get(self.sign, self.sign)
        return f"{sign} {written(self.value, self.unit)}"


@dataclass(frozen=True)
class Aside:
    """A median that helps to interpret a figure, and has no target."""

    what: str
    unit: str
    values: Values

    def said(self, samples: Samples) -> str:
        """The quantity and its value."""
        return f"{self.what} {written(statistics.median(self.values(samples)), self.unit)}"


@dataclass(frozen=True)
class Row:
    """A row. `needs` names the contestants whose samples `values` uses: one value per round, or all.

    The figure is `summary` of the values; `how` names it if it is not a median. `note` is what a reader must know to
    interpret the figure.
    """

    name: str
    what: str
    target: Target
    needs: tuple[str, ...]
    values: Values
    summary: Summary = statistics.median
    how: str = "median"
    note: str = ""
    asides: tuple[Aside, ...] = ()


@dataclass(frozen=True)
class Figure:
    """The result of a row. `figure` is None if it could not be measured, and `why` gives the reason.

    `spread` is half the distance between the quartiles of a median's values.
    """

    row: Row
    figure: float | None = None
    spread: float | None = None
    values: tuple[float, ...] = ()
    why: str = ""
    asides: tuple[str, ...] = ()

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None if nothing was measured."""
        return None if self.figure is None else self.row.target.met(self.figure)

    def __str__(self) -> str:
        if self.figure is None:
            return "not measured"
        unit = self.row.target.unit
        spread = "" if self.spread is None else f" ± {written(self.spread, '')}"
        return written(self.figure, unit, spread)


def figure(row: Row, samples: Samples, missing: dict[str, str]) -> Figure:
    """The figure of a row from the measurements."""
    for name in row.needs:
        if name in missing:
            return Figure(row, why=f"{name}: {missing[name].splitlines()[0]}")
        if not samples.get(name):
            return Figure(row, why=f"{name}: not measured")
    values = row.values(samples)
    if not values:
        return Figure(row, why="nothing was seen to measure")
    return Figure(
        row,
        row.summary(values),
        _spread(values) if row.summary is statistics.median else None,
        tuple(values),
        asides=tuple(each.said(samples) for each in row.asides),
    )


def ratio(ours: str, theirs: str, key: str, their_key: str = "", *, times: float = 1.0) -> Values:
    """Ours over theirs, round by round; `times` multiplies theirs."""

    def values(samples: Samples) -> list[float]:
        pairs = zip(samples[ours], samples[theirs], strict=False)
        return [mine[key] / (times * other[their_key or key]) for mine, other in pairs]

    return values


def inverse(ours: str, theirs: str, key: str, their_key: str = "", *, times: float = 1.0) -> Values:
    """Theirs over ours, round by round: how many times faster we are where `key` is a time."""

    def values(samples: Samples) -> list[float]:
        return [1.0 / each for each in ratio(ours, theirs, key, their_key, times=times)(samples)]

    return values


def difference(ours: str, theirs: str, key: str, *, times: float = 1.0) -> Values:
    """Ours less theirs, round by round, multiplied by `times`."""

    def values(samples: Samples) -> list[float]:
        return [times * (mine[key] - other[key]) for mine, other in zip(samples[ours], samples[theirs], strict=False)]

    return values


def every(name: str, key: str, *, times: float = 1.0) -> Values:
    """What a contestant measured, round by round or, where a round measured several, all of them."""

    def values(samples: Samples) -> list[float]:
        found: list[float] = []
        for sample in samples[name]:
            taken = sample[key]
            found.extend(taken if isinstance(taken, list) else [taken])
        return [times * each for each in found]

    return values


def percentile(share: float) -> Summary:
    """The smallest value that at least `share` of all values do not exceed."""

    def summary(values: list[float]) -> float:
        return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]

    return summary


def written(value: float, unit: str, between: str = "") -> str:
    """Format a number with three digits and its unit; `between` comes before the unit."""
    if value and abs(value) < 0.1:
        number = f"{value:.2g}"
    elif abs(value) >= 1000:
        number = f"{value:,.0f}"
    else:
        number = f"{value:.3g}"
    return f"{number}{between}{'' if unit in ('', 'x', '%') else ' '}{unit}"


def _spread(values: list[float]) -> float | None:
    """Half the distance between the quartiles; None if there are too few values."""
    if len(values) < 3:
        return None
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return (third - first) / 2
