"""A series: one number over the steps of a run, as plots show it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.events import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A curve: `values` float [n] at ascending `steps` [n]; `times_s` [n] are seconds since the run began, or None.

    A value that is not finite is a gap. A `ghost` is a run shown dim, for comparison; `label` must be clean text. Two
    series are equal if they hold the same array objects: an unchanged picture is recognised in O(1).

    Raises:
        ValueError: the arrays are not one-dimensional and of one length.
    """

    label: str
    steps: IntArray | FloatArray
    values: FloatArray
    times_s: FloatArray | None = None
    ghost: bool = False

    def __post_init__(self) -> None:
        shapes = {self.steps.shape, self.values.shape} | ({self.times_s.shape} if self.times_s is not None else set())
        if len(shapes) != 1 or self.values.ndim != 1:
            raise ValueError(f"series {self.label!r}: expected arrays of one length, got shapes {sorted(shapes)}")

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Series):
            return NotImplemented
        return (
            self.label == other.label
            and self.ghost == other.ghost
            and _same(self.steps, other.steps)
            and _same(self.values, other.values)
            and _same(self.times_s, other.times_s)
        )

    def __hash__(self) -> int:
        return hash((self.label, self.ghost, len(self)))


def _same(a: FloatArray | IntArray | None, b: FloatArray | IntArray | None) -> bool:
    """Whether two arrays are the same memory of the same length, without comparing numbers."""
    if a is None or b is None:
        return a is b
    return a is b or (
        a.shape == b.shape
        and a.dtype == b.dtype
        and a.__array_interface__["data"] == b.__array_interface__["data"]
        and a.strides == b.strides
    )
