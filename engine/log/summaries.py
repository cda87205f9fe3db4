"""The sink that writes a run's TensorBoard log: scalars, images, texts, histograms, and values for the HPARAMS tab."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.events import (
    LOG_EVERY,
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
from engine.log import summary_values as values
from engine.log.descent_log import DescentLog
from engine.log.event_files import read_log
from engine.log.event_writer import EventLog
from engine.log.pictures import confusion_picture, image_grid
from engine.log.plots import curve_picture
from engine.log.raster import Paletted, Pixels, png
from engine.log.summary_values import Value
from engine.log.truncation import cut_log
from engine.params import Integer, Number, Param, Switch
from engine.run.run_folder import shown
from engine.settings import params_of

# For more classes a confusion matrix is too large for a picture; its counts are logged anyway.
MOST_DRAWN = 40


class SummaryWriter:
    """The summary writer: feeds the events of one run to event files in `folder`; each step of a tag is written once.

    Scalars of training are written at step 1 and at each multiple of `log_every`: None stands for the run's own setting
    of that name, or 100. In a folder that already holds a log, only steps after each tag's last one are added: a
    resumed run repeats its numbers exactly, so what was logged after its checkpoint stays, and readers of the log see
    no interruption; only the record of the run's end is cut off. With `numbers_change` the run does not repeat them,
    because it has another learning rate for example: then everything logged after the checkpoint is cut off too.

    `report` is called with one line if something could not be written; see EventLog for what happens without it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        log_every: int | None = None,
        numbers_change: bool = False,
        report: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._numbers_change = numbers_change
        self._log = EventLog(folder, report, clock)
        self._asked_every = log_every
        self._every = log_every or LOG_EVERY
        self._last: dict[str, int] = {}
        self._clock = clock
        self._began = time.time() - clock()
        self._step = 0
        self._remarks: list[str] = []
        self._curve: Curve | None = None
        self._descent = DescentLog()

    @property
    def report(self) -> Callable[[str], None] | None:
        """The function that is called with one line if something could not be written."""
        return self._log.report

    @report.setter
    def report(self, report: Callable[[str], None] | None) -> None:
        self._log.report = report

    def write(self, delivery: Delivery) -> None:
        """Log one event.

        Raises:
            EventLogError: the log cannot be written and `report` is None.
        """
        # The time of day, because the run's own time stands still in a pause; but time.time() may go back.
        self._take(delivery.event, self._began + self._clock())
        if isinstance(delivery.event, CheckpointSaved):
            self._log.sync()
        elif not isinstance(delivery.event, RunStarted | Phase | Remark):
            # These come before a lesson has chosen threads and devices; writing now would make TensorFlow choose.
            self._log.flush()

    def close(self) -> None:
        """Write what is left and close the file."""
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
                text = f"{event.name}: {event.before} → {event.after}, after step {event.step}"
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
        """Log values of one step, except for tags that already have entries as late as that."""
        new = [value for value in added if step > self._last.get(value.tag, -1)]
        if new:
            self._last.update((value.tag, step) for value in new)
            self._log.add(values.event(step, at, new))

    def _picture(self, tag: str, step: int, at: float, picture: Pixels | Paletted) -> None:
        if step > self._last.get(tag, -1):
            height, width = (picture.pixels if isinstance(picture, Paletted) else picture).shape[:2]
            self._add(step, at, [values.images(tag, [png(picture)], width, height)])

    def _start(self, event: RunStarted, at: float) -> None:
        if self._asked_every is None:
            self._every = event.log_every
        cut_log(self._folder, event.resumed_step if self._numbers_change else None)
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
        """Report a log that ends before the checkpoint from which the run is resumed."""
        last, due = self._last.get("train-loss"), resumed_step - resumed_step % self._every
        if last is not None and last < due and self.report is not None:
            why = f" ({skipped[0]})" if skipped else ""
            self.report(shown(f"the log ends at step {last}, the checkpoint is of step {resumed_step}{why}"))

    def _metrics(self, event: Metrics, at: float) -> None:
        steps = np.arange(event.first_step, event.last_step + 1)
        logged = steps[(steps % self._every == 0) | (steps == 1)]
        rates = event.learning_rates
        for step in logged.tolist():
            place = step - event.first_step
            added = [
                values.scalar("train-loss", float(event.loss[place])),
                values.scalar("train-mse", float(event.mse[place])),
                values.scalar("learning-rate", float(rates[place])),
            ]
            if step == event.last_step:
                added += self._at_the_last(event)
            self._add(step, at, added)
        # Both are known only at the event's last step. A lesson ends its events at logged steps; if one does not, the
        # values are logged at the step where they were measured.
        if event.last_step not in logged and (logged > 1).any():
            self._add(event.last_step, at, self._at_the_last(event))

    def _at_the_last(self, event: Metrics) -> list[Value]:
        return [
            values.scalar("gradient-norm", event.gradient_norm),
            values.scalar("steps-per-second", event.steps_per_s),
        ]

    def _evaluated(self, event: Evaluated, at: float) -> None:
        added = [values.scalar("test-acc", event.accuracy)] if event.class_names else []
        added.append(values.scalar("test-loss", event.loss))
        added += [values.scalar(f"test-{name}", value) for name, value in event.metrics.items()]
        if event.train_accuracy is not None:
            added.append(values.scalar("train-acc", event.train_accuracy))
        if event.validation_accuracy is not None:
            added.append(values.scalar("val-acc", event.validation_accuracy))
        if event.validation_loss is not None:
            added.append(values.scalar("val-loss", event.validation_loss))
        if event.epoch is not None:
            added.append(values.scalar("epoch", event.epoch))
        if event.epoch is not None and event.class_names:
            about = json.dumps({"classes": event.class_names}).encode()
            added.append(values.array("confusion-counts", event.confusion, about))
        self._add(event.step, at, added)
        drawn = event.epoch is not None and 0 < len(event.class_names) <= MOST_DRAWN
        if drawn and event.step > self._last.get("confusion-matrix", -1):
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
        for tag, picture in (("paths", self._descent.picture(self._curve)), ("paths-3d", self._descent.solid())):
            if picture is not None:
                self._picture(tag, self._step, at, picture)
        self._descent = DescentLog()
        self._descent.step = self._step

    def _end(self, event: RunEnded, at: float) -> None:
        if self._descent.begun:
            self._finish_descent(at)
        if self._remarks:
            self._add(event.step, at, [values.text("remarks", "\n\n".join(self._remarks))])
        added = [values.text("outcome", event.message)]
        if event.outcome is not Outcome.STOPPED:  # a stopped run may still be resumed
            added.append(values.hparams_end(event.outcome is Outcome.DONE))
        self._add(event.step, at, added)


def _images(event: Images) -> Value:
    """One image, many images one by one, or many as one grid."""
    if event.as_grid:
        picture = image_grid(event.images, event.labels, event.predictions, event.class_names)
        height, width = (picture.pixels if isinstance(picture, Paletted) else picture).shape[:2]
        return values.images(event.tag, [png(picture)], width, height)
    _, height, width, *_ = event.images.shape
    return values.images(event.tag, [_file(image.tobytes(), image.shape) for image in event.images], width, height)


@lru_cache(maxsize=256)
def _file(pixels: bytes, shape: tuple[int, ...]) -> bytes:
    """Encode an image of this shape; cached, because the same 25 test images are logged after every epoch."""
    return png(np.frombuffer(pixels, np.uint8).reshape(shape))


def _diverged(event: Diverged) -> str:
    text = f"{event.what} is not finite at step {event.step}, learning rate {event.learning_rate:g}"
    if math.isfinite(event.last_finite):
        text += f"; the last finite value was {event.last_finite:g}"
    if event.suggested_learning_rate is not None:
        text += f"; a rate worth trying is {event.suggested_learning_rate:.2g}"
    elif event.reason:
        text += f"; {event.reason}"
    return text


def _hparams(lesson_id: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """Convert the settings for the HPARAMS tab, numbers as numbers; those at the optimizer's default are left out."""
    from engine.lessons import every_lesson

    params = {
        param.name: param for each in every_lesson() if each.id == lesson_id for param in params_of(each.settings)
    }
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
