"""A sink that writes a run's TensorBoard log: scalars, images, texts, histograms, and what HPARAMS compares runs by."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine import summary_values as values
from engine.descent_log import DescentLog
from engine.event_files import read_log
from engine.event_log import EventLog
from engine.events import (
    CheckpointSaved,
    Curve,
    Delivery,
    Diverged,
    Evaluated,
    Event,
    Histograms,
    Images,
    Learned,
    Metrics,
    Outcome,
    PathEnded,
    PathsGrew,
    PathsOpened,
    Phase,
    Remark,
    RunEnded,
    RunStarted,
    SettingChanged,
    SurfaceDrawn,
    Table,
)
from engine.log_cut import cut_log
from engine.params import Integer, Number, Param, Switch
from engine.pictures import confusion_picture, image_grid
from engine.plots import curve_picture
from engine.raster import Paletted, Pixels, png
from engine.run_folder import shown
from engine.settings import params_of
from engine.summary_values import Value

LOG_EVERY = 100


class SummaryWriter:
    """Writes the events of one run into event files in `folder`; each step of a tag is written once.

    Scalars of training are written at step 1 and at each step that is a multiple of `log_every`: None is what the
    run's own setting of that name says, or 100. In a folder that already holds a log, only steps beyond each tag's
    last one are added: a resumed run repeats its numbers exactly, so that what was logged behind its checkpoint
    stands, and no reader of the log has to know of the interruption; only its end is cut off, if it had one. With
    `anew` it does not, as with another learning rate: what was logged behind the checkpoint is then cut off too.

    `report` is told in one line what of the log could not be written; see EventLog for what happens without it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        log_every: int | None = None,
        anew: bool = False,
        report: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._anew = anew
        self._log = EventLog(folder, report, clock)
        self._asked_every = log_every
        self._every = log_every or LOG_EVERY
        self._last: dict[str, int] = {}
        self._began = 0.0
        self._step = 0
        self._remarks: list[str] = []
        self._curve: Curve | None = None
        self._descent = DescentLog()

    @property
    def report(self) -> Callable[[str], None] | None:
        """Who is told, in one line, what of the log could not be written."""
        return self._log.report

    @report.setter
    def report(self, report: Callable[[str], None] | None) -> None:
        self._log.report = report

    def write(self, delivery: Delivery) -> None:
        """Write one event. Raises EventLogError where the log cannot be written and there is nobody to report to."""
        if not self._began:
            self._began = time.time() - delivery.elapsed_s
        self._take(delivery.event, self._began + delivery.elapsed_s)
        if isinstance(delivery.event, CheckpointSaved):
            self._log.sync()
        elif not isinstance(delivery.event, RunStarted | Phase | Remark):
            # Those come before a lesson has settled its threads and devices, and writing would have TensorFlow choose.
            self._log.flush()

    def close(self) -> None:
        """Write what is left and let the file go."""
        self._log.close()

    def _take(self, event: Event, at: float) -> None:
        match event:
            case RunStarted():
                self._start(event, at)
            case Metrics():
                self._step = event.last_step
                self._metrics(event, at)
            case Evaluated():
                self._evaluated(event, at)
            case Images():
                self._add(event.step, at, [_images(event)])
            case Histograms():
                tensors = [values.histogram(each.tag, each.edges, each.counts) for each in event.tensors]
                self._add(event.step, at, tensors)
            case Remark():
                self._remarks.append(event.text)
            case Table():
                markdown = f"{event.title}\n\n{values.table(event.columns, event.rows)}"
                self._add(self._step, at, [values.text(f"table/{event.key}", markdown)])
            case Curve():
                self._curve = event
                self._picture(f"curve/{event.key}", self._step, at, curve_picture(event))
            case SurfaceDrawn() | PathsOpened() | PathsGrew() | PathEnded():
                self._descend(event, at)
            case SettingChanged():
                text = f"{event.name}: {event.before} → {event.after}, behind step {event.step}"
                self._add(event.step, at, [values.text(f"setting-changed/{event.name}", text)])
            case Diverged():
                self._add(event.step, at, [values.text("diverged", _diverged(event))])
            case Learned():
                self._add(self._step, at, [values.text("learned", event.text)])
            case RunEnded():
                self._end(event, at)
            case _:
                pass

    def _add(self, step: int, at: float, added: Sequence[Value]) -> None:
        """Log values of one step, but for tags that have been logged as far as that already."""
        new = [value for value in added if step > self._last.get(value.tag, -1)]
        if new:
            self._last.update((value.tag, step) for value in new)
            self._log.add(values.event(step, at, new))

    def _picture(self, tag: str, step: int, at: float, picture: Pixels | Paletted) -> None:
        if step > self._last.get(tag, -1):
            height, width = (picture.pixels if isinstance(picture, Paletted) else picture).shape[:2]
            self._add(step, at, [values.images(tag, [png(picture)], width, height)])

    def _start(self, event: RunStarted, at: float) -> None:
        every = event.settings.get("log_every", "")
        if self._asked_every is None and every.isdecimal():
            self._every = max(int(every), 1)
        cut_log(self._folder, event.resumed_step if self._anew else None)
        before = read_log(self._folder, keep=1)
        self._last = before.contents.last_steps
        self._step = event.resumed_step
        if self._last:
            self._tell_gap(event.resumed_step, before.skipped)
            return
        rows = [(name.replace("_", " "), text) for name, text in event.settings.items()]
        markdown = f"{event.title}\n\n    {event.command}\n\n{values.table(('setting', 'value'), rows)}"
        hparams = _hparams(event.lesson, event.settings)
        self._add(0, at, [values.text("settings", markdown), values.hparams(hparams, at)])

    def _tell_gap(self, resumed_step: int, skipped: tuple[str, ...]) -> None:
        """Say so where the log ends before the checkpoint that the run goes on from."""
        last, due = self._last.get("train-loss"), resumed_step - resumed_step % self._every
        if last is not None and last < due and self.report is not None:
            why = f" ({skipped[0]})" if skipped else ""
            self.report(shown(f"the log ends at step {last}, the checkpoint is of step {resumed_step}{why}"))

    def _metrics(self, event: Metrics, at: float) -> None:
        steps = np.arange(event.first_step, event.last_step + 1)
        logged = steps[(steps % self._every == 0) | (steps == 1)]
        for step in logged.tolist():
            place = step - event.first_step
            added = [
                values.scalar("train-loss", float(event.loss[place])),
                values.scalar("train-mse", float(event.mse[place])),
                values.scalar("learning-rate", event.learning_rate),
            ]
            if step == event.last_step:
                added += self._at_the_last(event)
            self._add(step, at, added)
        # Both are known at the event's last step alone. A lesson ends its events at logged steps; where one does not,
        # they are logged where they were measured.
        if event.last_step not in logged and (logged > 1).any():
            self._add(event.last_step, at, self._at_the_last(event))

    def _at_the_last(self, event: Metrics) -> list[Value]:
        return [
            values.scalar("gradient-norm", event.gradient_norm),
            values.scalar("steps-per-second", event.steps_per_s),
        ]

    def _evaluated(self, event: Evaluated, at: float) -> None:
        added = [values.scalar("test-acc", event.accuracy), values.scalar("test-loss", event.loss)]
        if event.train_accuracy is not None:
            added.append(values.scalar("train-acc", event.train_accuracy))
        if event.epoch is not None:
            about = json.dumps({"classes": event.class_names}).encode()
            added.append(values.scalar("epoch", event.epoch))
            added.append(values.array("confusion-counts", event.confusion, about))
        self._add(event.step, at, added)
        if event.epoch is not None and event.step > self._last.get("confusion-matrix", -1):
            picture = confusion_picture(event.confusion, event.class_names)
            self._picture("confusion-matrix", event.step, at, picture)

    def _descend(self, event: SurfaceDrawn | PathsOpened | PathsGrew | PathEnded, at: float) -> None:
        if isinstance(event, SurfaceDrawn):
            text = f"{event.label}: {event.formula}"
            self._add(self._step, at, [values.text("surface", text)])
        for step, added in self._descent.take(event):
            self._add(step, at, added)
        self._step = self._descent.step
        if self._descent.all_ended:
            self._finish_descent(at)

    def _finish_descent(self, at: float) -> None:
        self._add(self._step, at, self._descent.ends())
        picture = self._descent.picture(self._curve)
        if picture is not None:
            self._picture("paths", self._step, at, picture)
        self._descent = DescentLog()
        self._descent.step = self._step

    def _end(self, event: RunEnded, at: float) -> None:
        if self._descent.begun:
            self._finish_descent(at)
        if self._remarks:
            self._add(event.step, at, [values.text("remarks", "\n\n".join(self._remarks))])
        added = [values.text("outcome", event.message)]
        if event.outcome is not Outcome.STOPPED:  # one that was stopped may yet go on
            added.append(values.hparams_end(event.outcome is Outcome.DONE))
        self._add(event.step, at, added)


def _images(event: Images) -> Value:
    if event.as_grid:
        picture = image_grid(event.images, event.labels, event.predictions, event.class_names)
        height, width = picture.pixels.shape
        return values.images(event.tag, [png(picture)], width, height)
    height, width = event.images.shape[1:]
    return values.images(event.tag, [_file(image.tobytes(), height, width) for image in event.images], width, height)


@lru_cache(maxsize=256)
def _file(pixels: bytes, height: int, width: int) -> bytes:
    """A grey image's file: the same 25 test images are logged after every epoch."""
    return png(np.frombuffer(pixels, np.uint8).reshape(height, width))


def _diverged(event: Diverged) -> str:
    text = (
        f"{event.what} is not finite at step {event.step}, learning rate {event.learning_rate:g}; "
        f"the last finite value was {event.last_finite:g}"
    )
    if event.suggested_learning_rate is not None:
        text += f"; a rate worth trying is {event.suggested_learning_rate:.2g}"
    return text


def _hparams(lesson_id: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """The settings as the HPARAMS tab wants them, numbers as numbers; one at an optimizer's own default is left out."""
    from engine.lessons import course

    params = {param.name: param for each in course() if each.id == lesson_id for param in params_of(each.settings)}
    found: dict[str, Any] = {"lesson": lesson_id}
    for name, text in settings.items():
        value = _hparam(params.get(name), text)
        if value is not None:
            found[name] = value
    return found


def _hparam(param: Param | None, text: str) -> bool | float | str | None:
    if isinstance(param, Switch):
        return text == "on"
    if param is not None and text == "default":
        return None
    if isinstance(param, Number | Integer):
        try:
            number = float(text)
        except ValueError:
            return text
        return number if math.isfinite(number) else text
    return text
