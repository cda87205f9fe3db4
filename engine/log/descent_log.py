"""The log of a descent: each path's scalars step by step, the end of each path, and a picture of all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.events import Cell, Curve, FloatArray, PathEnded, PathsGrew, PathsOpened, SurfaceDrawn
from engine.log import summary_values as values
from engine.log.plots import curve_picture, surface_picture
from engine.log.raster import Pixels
from engine.log.solid_picture import solid_picture
from engine.log.summary_values import Value

# Descents up to this length are logged at every step, longer ones at every n-th, and only this many paths: TensorBoard
# shows a thousand points of a tag, and time spent on logging is not spent on descent.
_MOST_STEPS = 5_000
_MOST_PATHS = 16
_MOST_DRAWN = 64


class DescentLog:
    """Gathers the events of one descent. `step` is the last step taken."""

    def __init__(self) -> None:
        self.step = 0
        self._surface: SurfaceDrawn | None = None
        self._opened: PathsOpened | None = None
        self._stride = 1
        self._points: list[FloatArray] = []
        self._ended: list[PathEnded] = []

    @property
    def begun(self) -> bool:
        """Whether the paths have started."""
        return self._opened is not None

    @property
    def all_ended(self) -> bool:
        """Whether every path has ended."""
        return self._opened is not None and len(self._ended) == len(self._opened.labels)

    def take(self, event: SurfaceDrawn | PathsOpened | PathsGrew | PathEnded) -> Iterator[tuple[int, list[Value]]]:
        """Add an event; yields the values to log, by step."""
        match event:
            case SurfaceDrawn():
                self._surface = event
            case PathsOpened():
                self.step = 0
                self._opened = event
                self._stride = max(1, -(-event.total_steps // _MOST_STEPS))
                yield 0, [values.text("starts", self._named(event))]
                yield from self._steps(0, event.starts[:, None], event.values[:, None], event.gradients[:, None], None)
            case PathsGrew():
                yield from self._steps(
                    event.first_step, event.points, event.values, event.gradients, event.learning_rates
                )
                self.step = event.first_step + event.steps - 1
            case PathEnded():
                self._ended.append(event)

    def ends(self) -> list[Value]:
        """The ends of the paths: a table, the lowest value, and the fewest steps to a minimum."""
        if not self._ended:
            return []
        columns = ("path", "ended at", "f", "gradient norm", "minimum", "steps to it", "diverged at step")
        rows: list[tuple[Cell, ...]] = [
            (
                end.label,
                ", ".join(f"{part:.6g}" for part in end.point),
                end.value,
                end.gradient_norm,
                end.minimum.label if end.minimum else None,
                end.arrived_step,
                end.diverged_step,
            )
            for end in self._ended
        ]
        found = [
            values.text("ends", values.table(columns, rows)),
            values.scalar("final-f", min(end.value for end in self._ended)),
        ]
        arrived = [end.arrived_step for end in self._ended if end.arrived_step is not None]
        if arrived:
            found.append(values.scalar("steps-to-minimum", min(arrived)))
        return found

    def picture(self, curve: Curve | None) -> Pixels | None:
        """The paths over their surface, or over the curve that was drawn before them; None if there is neither."""
        if self._opened is None or not self._points:
            return None
        points = np.concatenate(self._points, axis=1)
        labels = self._opened.labels
        if points.shape[2] == 3 and self._surface is not None:
            return surface_picture(self._surface, labels, list(points[..., :2]))
        if points.shape[2] == 2 and curve is not None:
            return curve_picture(curve, labels, list(points))
        return None

    def solid(self) -> Pixels | None:
        """The paths over their surface in three dimensions; None if there is no surface."""
        if self._opened is None or not self._points or self._surface is None:
            return None
        points = np.concatenate(self._points, axis=1)
        return solid_picture(self._surface, self._opened.labels, list(points[..., :2]))

    def _named(self, event: PathsOpened) -> str:
        rows: list[tuple[Cell, ...]] = [
            (f"path-{number + 1}", label, optimizer, ", ".join(f"{part:g}" for part in start.tolist()))
            for number, (label, optimizer, start) in enumerate(
                zip(event.labels, event.optimizers, event.starts, strict=True)
            )
        ]
        text = values.table(("tag", "path", "optimizer", "start"), rows)
        if self._stride > 1:
            ordinal = {2: "2nd", 3: "3rd"}.get(self._stride, f"{self._stride}th")
            text += f"\n\nEvery {ordinal} step is logged."
        if len(event.labels) > _MOST_PATHS:
            text += f"\n\nScalars are logged of the first {_MOST_PATHS} paths."
        return text

    def _steps(
        self, first: int, points: FloatArray, f: FloatArray, gradients: FloatArray, rates: FloatArray | None
    ) -> Iterator[tuple[int, list[Value]]]:
        """Yield the values to log of k steps: `points` and `gradients` [p, k, d], `f` [p, k], `rates` [k]."""
        last = first + f.shape[1] - 1
        total = self._opened.total_steps if self._opened else last
        steps = [step for step in range(first, last + 1) if step % self._stride == 0 or step == total]
        places = [step - first for step in steps]
        # Points with their value as the last coordinate, for the picture.
        self._points.append(
            np.concatenate([points[:_MOST_DRAWN, places], f[:_MOST_DRAWN, places, None]], axis=2).astype(np.float32)
        )
        norms = np.linalg.norm(gradients[:_MOST_PATHS].astype(np.float64), axis=2)
        names = "xy"[: points.shape[2]]
        for step, place in zip(steps, places, strict=True):
            added = [] if rates is None else [values.scalar("learning-rate", float(rates[place]))]
            for path in range(len(norms)):
                tag = f"path-{path + 1}"
                for axis, name in enumerate(names):
                    added.append(values.scalar(f"{tag}/{name}", float(points[path, place, axis])))
                added.append(values.scalar(f"{tag}/f", float(f[path, place])))
                added.append(values.scalar(f"{tag}/gradient-norm", float(norms[path, place])))
            yield step, added
