"""The standings of a race at a step: the position of each path, the minimum it has reached, and the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.descent.race import ARRIVED, near_since
from engine.events import FloatArray, Minimum, PathEnded
from tui.views.descent_picture import DescentPicture


@dataclass(frozen=True, slots=True)
class RaceStanding:
    """One path at one step: f and |∇f| there; the minimum it has arrived at, and the step since which it stays there;
    the step at which it diverged."""

    path: int
    label: str
    step: int
    value: float
    gradient_norm: float
    minimum: Minimum | None = None
    arrived_step: int | None = None
    diverged_step: int | None = None


class Arrivals:
    """The step since which each path stays within the engine's tolerance of each minimum, found as paths grow."""

    def __init__(self, minima: Sequence[Minimum], paths: int) -> None:
        self.minima = tuple(minima)
        self.since = np.full((paths, len(self.minima)), -1, np.intp)
        """intp [p, m], -1 if it is not near at the newest step."""
        self.lost = np.full(paths, -1, np.intp)
        """The first step of each path that is not finite, intp [p], -1 for none."""
        self.steps = 0

    def extend(self, points: FloatArray, values: FloatArray) -> None:
        """Add the next points [p, k, d] and values [p, k] of every path."""
        count = int(values.shape[1])
        if not count:
            return
        near = np.zeros((*values.shape, len(self.minima)), np.bool_)
        for number, minimum in enumerate(self.minima):
            away = points - np.asarray(minimum.point, points.dtype)
            near[..., number] = np.einsum("pkd,pkd->pk", away, away) <= ARRIVED * ARRIVED
        self.since = near_since(self.since, near, self.steps)
        lost = ~np.isfinite(values)
        new = (self.lost < 0) & lost.any(axis=1)
        self.lost[new] = self.steps + lost[new].argmax(axis=1)
        self.steps += count


def standings(picture: DescentPicture, step: int, arrivals: Arrivals) -> list[RaceStanding]:
    """All paths at `step`, in the order of the race: arrived first, then the lowest f, the diverged last.

    Equal ones keep the order of paths. At the last step the engine's own result for the end of a path is used.
    """
    labels = picture.opened.labels if picture.opened is not None else tuple(map(str, range(picture.paths)))
    ended = {end.path: end for end in picture.ended} if step >= picture.last_step else {}
    rows = [
        _ended(ended[path], step) if path in ended else _running(picture, path, label, step, arrivals)
        for path, label in enumerate(labels[: picture.paths])
    ]
    return sorted(rows, key=_rank)


def _rank(row: RaceStanding) -> tuple[int, float]:
    if row.diverged_step is not None:
        return 2, -row.diverged_step
    if row.arrived_step is not None:
        return 0, row.arrived_step
    return 1, row.value


def _ended(end: PathEnded, step: int) -> RaceStanding:
    last = step if end.diverged_step is None else max(end.diverged_step - 1, 0)
    return RaceStanding(
        end.path, end.label, last, end.value, end.gradient_norm, end.minimum, end.arrived_step, end.diverged_step
    )


def _running(picture: DescentPicture, path: int, label: str, step: int, arrivals: Arrivals) -> RaceStanding:
    lost = int(arrivals.lost[path])
    diverged = lost if 0 <= lost <= step else None
    last = max((step if diverged is None else diverged - 1), 0)
    gradient = np.asarray(picture.gradients[path, last], np.float64)
    minimum, arrived = None, None
    if diverged is None:
        for number, each in enumerate(arrivals.minima):
            since = int(arrivals.since[path, number])
            if 0 <= since <= step:
                minimum, arrived = each, since
                break
    value = float(picture.values[path, last])
    return RaceStanding(path, label, last, value, float(np.sqrt(gradient @ gradient)), minimum, arrived, diverged)
