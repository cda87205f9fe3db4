"""The contents of one run's log: a pure fold over the updates of a reader, amortised O(new points)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.log.charts import Chart
from engine.log.event_values import (
    Logged,
    LoggedAudio,
    LoggedCharts,
    LoggedCurve,
    LoggedHistogram,
    LoggedHparams,
    LoggedImages,
    LoggedScalar,
    LoggedText,
    Reread,
)
from tui.model.log_points import Kept, Points

MOST_POINTS = 2**22
"""The most points, of all tags of a run, that are kept."""
MOST_BYTES = 128 * 2**20
"""The most memory for the images, histograms and texts of one run."""
MOST_TAGS = 10_000
LONGEST_TAG = 500
FURTHEST_STEP = 2**52
"""Beyond it a float cannot distinguish a step from the next, so no axis can."""

Kind = Literal["images", "histograms", "curves", "audio", "texts", "charts"]
KINDS: Mapping[type[Logged], Kind] = {
    LoggedImages: "images",
    LoggedHistogram: "histograms",
    LoggedCurve: "curves",
    LoggedAudio: "audio",
    LoggedText: "texts",
    LoggedCharts: "charts",
}


@dataclass(frozen=True, slots=True)
class RunLog:
    """The part of one run's log that has been read. `began` is the time of its first entry, in seconds since 1970;
    `step` the latest one that is kept; `status` the logged outcome (done, failed), if nothing was logged after it.
    `left_out` entries had tags that were too long or too many, or steps that were too large."""

    scalars: Mapping[str, Points] = field(default_factory=dict)
    kept: Mapping[Kind, Mapping[str, Kept[Any]]] = field(default_factory=dict)
    hparams: Mapping[str, bool | float | str] = field(default_factory=dict)
    began: float | None = None
    step: int = 0
    status: str = ""
    left_out: int = 0

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The charts of the newest layout."""
        layouts = [kept.entries[-1] for kept in self.kept.get("charts", {}).values() if kept.entries]
        return tuple(chart for layout in layouts for chart in layout.charts)

    def of(self, kind: Kind, tag: str) -> Kept[Any]:
        """The kept entries of a tag."""
        return self.kept.get(kind, {}).get(tag) or Kept()


def folded(log: RunLog, entries: Sequence[Logged]) -> RunLog:
    """The log after these entries."""
    again = [place for place, entry in enumerate(entries) if isinstance(entry, Reread)]
    if again:
        log, entries = RunLog(), entries[again[-1] + 1 :]
    return _bounded(_added(log, entries))


def _added(log: RunLog, entries: Sequence[Logged]) -> RunLog:
    if not entries:
        return log
    began = log.began
    if began is None:
        began = next((entry.wall_time for entry in entries if entry.wall_time), None)
    hparams, status = log.hparams, log.status
    for entry in entries:
        # Some programs log the end of a session when it begins: it counts only while nothing follows.
        status = ""
        if isinstance(entry, LoggedHparams):
            hparams, status = entry.values or hparams, entry.status
    groups, left_out = _grouped(log, entries)
    scalars = dict(log.scalars)
    kept = {kind: dict(tags) for kind, tags in log.kept.items()}
    for (kind, tag), group in groups.items():
        if kind == "scalars":
            scalars[tag] = (scalars.get(tag) or Points.none()).extended(group)
        else:
            tags = kept.setdefault(kind, {})
            tags[tag] = (tags.get(tag) or Kept()).extended(group)
    step = max((group[-1].step for group in groups.values()), default=log.step)
    if step < log.step:  # the latest may have been superseded
        step = _latest(scalars, kept)
    return RunLog(scalars, kept, hparams, began, step, status, log.left_out + left_out)


def _grouped(
    log: RunLog, entries: Iterable[Logged]
) -> tuple[dict[tuple[Kind | Literal["scalars"], str], list[Any]], int]:
    """Group the entries by kind and tag; returns also how many were left out because of their tags or steps."""
    groups: dict[tuple[Kind | Literal["scalars"], str], list[Any]] = {}
    left_out = 0
    tags = len(log.scalars) + sum(map(len, log.kept.values()))
    for entry in entries:
        kind: Kind | Literal["scalars"] | None = (
            "scalars" if isinstance(entry, LoggedScalar) else KINDS.get(type(entry))
        )
        if kind is None:
            continue
        if abs(entry.step) > FURTHEST_STEP:
            left_out += 1
            continue
        group = groups.get((kind, entry.tag))
        if group is None:
            known = log.scalars if kind == "scalars" else log.kept.get(kind, {})
            new = entry.tag not in known
            if len(entry.tag) > LONGEST_TAG or (new and tags >= MOST_TAGS):
                left_out += 1
                continue
            tags += new
            group = groups[kind, entry.tag] = []
        group.append(entry)
    return groups, left_out


def _bounded(log: RunLog) -> RunLog:
    """Apply the limits for a whole run: every second entry of the largest tag is dropped."""
    points = sum(map(len, log.scalars.values()))
    size = sum(kept.size for tags in log.kept.values() for kept in tags.values())
    if points <= MOST_POINTS and size <= MOST_BYTES:
        return log
    scalars = dict(log.scalars)
    while sum(map(len, scalars.values())) > MOST_POINTS:
        largest = max(scalars, key=lambda tag: len(scalars[tag]))
        scalars[largest] = scalars[largest].halved()
    kept = {kind: dict(tags) for kind, tags in log.kept.items()}
    while size > MOST_BYTES:
        several = [
            (each.size, kind, tag) for kind, tags in kept.items() for tag, each in tags.items() if len(each.entries) > 1
        ]
        if not several:
            break
        before, kind, tag = max(several)
        kept[kind][tag] = kept[kind][tag].halved()
        size += kept[kind][tag].size - before
    return replace(log, scalars=scalars, kept=kept)


def _latest(scalars: Mapping[str, Points], kept: Mapping[Kind, Mapping[str, Kept[Any]]]) -> int:
    """The latest step of all that is kept."""
    steps = [0 if points.by_order else int(points.steps.array[-1]) for points in scalars.values() if len(points)]
    steps += [each.entries[-1].step for tags in kept.values() for each in tags.values() if each.entries]
    return max(steps, default=0)
