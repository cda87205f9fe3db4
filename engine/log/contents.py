"""The contents of a log by tag: whole series of scalars, and the last entries of every other kind."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np

from engine.events import FloatArray, IntArray
from engine.log.event_values import (
    Logged,
    LoggedHistogram,
    LoggedImages,
    LoggedOwn,
    LoggedScalar,
    LoggedText,
    Reread,
)

# The memory for a log's images and texts: a foreign log may hold gigabytes of them.
_MOST_BYTES = 256 * 2**20

L = TypeVar("L", bound=Logged)


@dataclass(frozen=True)
class TagSeries:
    """One tag's scalars by ascending step: int64, seconds since 1970 float64, float64, each [n]."""

    steps: IntArray
    wall_times: FloatArray
    values: FloatArray


class _Points:
    """A growing series. A step that is not after the last one replaces all from that step on, as in TensorBoard."""

    def __init__(self) -> None:
        self.steps, self.wall_times, self.values = array("q"), array("d"), array("d")

    def add(self, point: LoggedScalar) -> None:
        self.forget(point.step)
        self.steps.append(point.step)
        self.wall_times.append(point.wall_time)
        self.values.append(point.value)

    def forget(self, step: int) -> None:
        while self.steps and self.steps[-1] >= step:
            for part in (self.steps, self.wall_times, self.values):
                part.pop()

    def series(self) -> TagSeries:
        return TagSeries(
            np.array(self.steps, np.int64), np.array(self.wall_times, np.float64), np.array(self.values, np.float64)
        )


class _Kept(Generic[L]):
    """The last few entries of a tag, by ascending step, and their size in bytes."""

    def __init__(self, most: int) -> None:
        self.last: deque[L] = deque()
        self.size = 0
        self._most = most

    def add(self, entry: L) -> None:
        self.forget(entry.step)
        self.last.append(entry)
        self.size += entry.payload
        if len(self.last) > self._most:
            self.drop_first()

    def forget(self, step: int) -> None:
        while self.last and self.last[-1].step >= step:
            self.size -= self.last.pop().payload

    def drop_first(self) -> None:
        self.size -= self.last.popleft().payload


@dataclass
class LogContents:
    """The contents of a log so far, by tag: all scalars, and of every other kind the last `keep` entries of each
    tag."""

    keep: int = 50
    _scalars: dict[str, _Points] = field(default_factory=dict)
    _images: dict[str, _Kept[LoggedImages]] = field(default_factory=dict)
    _texts: dict[str, _Kept[LoggedText]] = field(default_factory=dict)
    _histograms: dict[str, _Kept[LoggedHistogram]] = field(default_factory=dict)
    _own: dict[str, int] = field(default_factory=dict)
    """The last step of each tag that gdtui itself does not show."""

    def add(self, entries: Iterable[Logged]) -> None:
        """Add the entries that a reader has read."""
        for entry in entries:
            match entry:
                case LoggedScalar():
                    self._scalars.setdefault(entry.tag, _Points()).add(entry)
                case LoggedImages():
                    self._images.setdefault(entry.tag, _Kept(self.keep)).add(entry)
                case LoggedText():
                    self._texts.setdefault(entry.tag, _Kept(self.keep)).add(entry)
                case LoggedHistogram():
                    self._histograms.setdefault(entry.tag, _Kept(self.keep)).add(entry)
                case LoggedOwn():
                    self._own[entry.tag] = entry.step
                case Reread():
                    for kind in (self._scalars, self._images, self._texts, self._histograms, self._own):
                        kind.clear()
                case _:
                    pass
        kept_all = self._kept()
        while sum(kept.size for kept in kept_all) > _MOST_BYTES:
            max(kept_all, key=lambda kept: kept.size).drop_first()

    @property
    def scalars(self) -> dict[str, TagSeries]:
        """Every scalar tag's series."""
        return {tag: points.series() for tag, points in self._scalars.items()}

    @property
    def images(self) -> dict[str, tuple[LoggedImages, ...]]:
        """The last images of each tag."""
        return {tag: tuple(kept.last) for tag, kept in self._images.items()}

    @property
    def texts(self) -> dict[str, tuple[LoggedText, ...]]:
        """The last texts of each tag."""
        return {tag: tuple(kept.last) for tag, kept in self._texts.items()}

    @property
    def histograms(self) -> dict[str, tuple[LoggedHistogram, ...]]:
        """The last histograms of each tag."""
        return {tag: tuple(kept.last) for tag, kept in self._histograms.items()}

    @property
    def last_steps(self) -> dict[str, int]:
        """The last step of every tag."""
        found = self._own | {tag: points.steps[-1] for tag, points in self._scalars.items() if points.steps}
        for kind in (self._images, self._texts, self._histograms):
            for tag, kept in kind.items():
                if kept.last:
                    found[tag] = max(kept.last[-1].step, found.get(tag, kept.last[-1].step))
        return found

    def _kept(self) -> list[_Kept[Any]]:
        kinds = (self._images, self._texts, self._histograms)
        return [kept for kind in kinds for kept in kind.values()]
