"""Sentences about events that the plain and the Rich report share."""

from __future__ import annotations

import numpy as np

from engine.events import Cell, Evaluated, FloatArray, PathEnded, RunStarted
from tui.text.words import counted

ENDED_HEADS = ("path", "ended at", "f", "|gradient|", "outcome")


def command(event: RunStarted) -> str:
    """The command that starts the same run without the app."""
    return f"$ {event.command} --no-ui"


def resumed(event: RunStarted) -> str:
    """A line with the step after which a resumed run goes on."""
    return f"resumed after step {event.resumed_step}"


def place(point: FloatArray) -> str:
    """Format a point [d] as a list: `[-3.77931, -3.283186]`."""
    return "[" + ", ".join(f"{part:.7g}" for part in point) + "]"


def evaluated(event: Evaluated) -> str:
    """Format a test on the whole test set in one line."""
    when = f"step {event.step}" if event.epoch is None else f"epoch {event.epoch}"
    found = [("test acc", event.accuracy)] if event.class_names else []
    found.append(("test loss", event.loss))
    if event.train_accuracy is not None:
        found.append(("train acc", event.train_accuracy))
    if event.validation_accuracy is not None:
        found.append(("val acc", event.validation_accuracy))
    elif event.validation_loss is not None:
        found.append(("val loss", event.validation_loss))
    found += [(f"test {name}", value) for name, value in event.metrics.items()]
    return f"{when} " + ", ".join(f"{name} {value:.4f}" for name, value in found)


def ended(event: PathEnded) -> str:
    """Format the end of a path in one line."""
    here = f"x = {place(np.array(event.point))}, f(x) = {event.value:.7g}, |gradient| = {event.gradient_norm:.3g}"
    if event.diverged_step is not None:
        outcome = f"diverged at step {event.diverged_step}"
    elif event.minimum is None or event.arrived_step is None:
        outcome = "at no known minimum"
    else:
        outcome = f"reached the minimum {event.minimum.label} in {counted(event.arrived_step, 'step')}"
    return f"{event.label}: {here}, {outcome}"


def ended_row(event: PathEnded) -> tuple[Cell, ...]:
    """Format the end of a path as a row under ENDED_HEADS."""
    if event.diverged_step is not None:
        outcome = f"diverged at step {event.diverged_step}"
    elif event.minimum is None or event.arrived_step is None:
        outcome = "no known minimum"
    else:
        outcome = f"minimum {event.minimum.label} in {counted(event.arrived_step, 'step')}"
    return event.label, place(np.array(event.point)), event.value, float(f"{event.gradient_norm:.3g}"), outcome
