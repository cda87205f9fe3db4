"""How a race stands at a step: where each path is, which minimum it has reached, who leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray, Minimum, PathEnded
from engine.race import ARRIVED
from tui.descent_picture import DescentPicture


@dataclass(frozen=True, slots=True)
class Standing:
    """One path at one step: f and |∇f| there; the minimum it is at and the first step that was; where it diverged."""

    path: int
    label: str
    step: int
    value: float
    gradient_norm: float
    minimum: Minimum | None = None
    arrived_step: int | None = None
    diverged_step: int | None = None


class Arrivals:
    """The first step of each path that was within the engine's tolerance of each minimum, found as paths grow."""

    def __init__(self, minima: Sequence[Minimum], paths: int) -> None:
        self.minima = tuple(minima)
        self.first = np.full((paths, len(self.minima)), -1, np.intp)
        """intp [p, m], -1 where it was never near."""
        self.lost = np.full(paths, -1, np.intp)
        """The first step of each path that is not finite, intp [p], -1 for none."""
        self.steps = 0

    def extend(self, points: FloatArray, values: FloatArray) -> None:
        """Take the next points [p, k, d] and values [p, k] of every path."""
        count = int(values.shape[1])
        if not count:
            return
        for number, minimum in enumerate(self.minima):
            away = points - np.asarray(minimum.point, points.dtype)
            self._found(self.first[:, number], np.einsum("pkd,pkd->pk", away, away) <= ARRIVED * ARRIVED)
        self._found(self.lost, ~np.isfinite(values))
        self.steps += count

    def _found(self, first: npt.NDArray[np.intp], where: npt.NDArray[np.bool_]) -> None:
        new = (first < 0) & where.any(axis=1)
        first[new] = self.steps + where[new].argmax(axis=1)


def standings(picture: DescentPicture, step: int, arrivals: Arrivals) -> list[Standing]:
    """Every path at `step`, in the order of the race: arrived first, then the lowest f, the diverged last.

    Equal ones keep the order of paths. At the last step the engine's own word on where a path ended is taken.
    """
    labels = picture.opened.labels if picture.opened is not None else tuple(map(str, range(picture.paths)))
    ended = {end.path: end for end in picture.ended} if step >= picture.last_step else {}
    rows = [
        _ended(ended[path], step) if path in ended else _running(picture, path, label, step, arrivals)
        for path, label in enumerate(labels[: picture.paths])
    ]
    return sorted(rows, key=_rank)


def _rank(row: Standing) -> tuple[int, float]:
    if row.diverged_step is not None:
        return 2, -row.diverged_step
    if row.arrived_step is not None:
        return 0, row.arrived_step
    return 1, row.value


def _ended(end: PathEnded, step: int) -> Standing:
    last = step if end.diverged_step is None else max(end.diverged_step - 1, 0)
    return Standing(
        end.path, end.label, last, end.value, end.gradient_norm, end.minimum, end.arrived_step, end.diverged_step
    )


def _running(picture: DescentPicture, path: int, label: str, step: int, arrivals: Arrivals) -> Standing:
    lost = int(arrivals.lost[path])
    diverged = lost if 0 <= lost <= step else None
    last = max((step if diverged is None else diverged - 1), 0)
    point = np.asarray(picture.points[path, last], np.float64)
    gradient = np.asarray(picture.gradients[path, last], np.float64)
    minimum, arrived = None, None
    if diverged is None:
        for number, each in enumerate(arrivals.minima):
            first = int(arrivals.first[path, number])
            if 0 <= first <= step and float(np.linalg.norm(point - each.point)) <= ARRIVED:
                minimum, arrived = each, first
                break
    value = float(picture.values[path, last])
    return Standing(path, label, last, value, float(np.sqrt(gradient @ gradient)), minimum, arrived, diverged)
