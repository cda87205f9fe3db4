"""Sentences about a run of a learner's own model."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.events import Evaluated
from engine.training.classifier_words import LOST, counted
from engine.training.loop import Trainer
from engine.training.loop_choice import Loop
from engine.training.own_run import OwnRun

_LOOPS: dict[Loop, str] = {
    "xla": "compiled by XLA",
    "graph": "a plain TensorFlow graph",
    "halves": "a TensorFlow graph in which XLA computes the two halves of each batch at the same time",
}


def begun(run: OwnRun) -> str:
    """Describe the model, the data and the training."""
    own, data, trainer = run.own, run.data, run.trainer
    parameters = sum(int(np.prod(each.shape)) for each in own.model.trainable_variables)
    answers = f"in {run.kind.classes} classes" if run.kind.classifies else "with numbers to answer"
    optimizer = getattr(own.optimizer, "label", type(own.optimizer).__name__)
    set_rate = run.settings.learning_rate
    rate = trainer.learning_rate if set_rate is None else set_rate
    mapped = data.mapped_bytes
    whole = "" if trainer.data.whole else " The device has no room for all examples: each call gets those of its steps."
    return (
        f"{own.source.path.name}: {counted(parameters, 'parameter')} learn from {counted(trainer.count, 'example')} "
        f"{'of ' if data.packing else ''}{data.form} {answers}, and are tested on {len(data.test_inputs):,} others. "
        f"The loss is {_name(run.trainer.task.loss)}, the optimizer {optimizer} at learning rate {rate:g}."
        + (f" {mapped / 1e9:.3g} GB of the data are read from memory maps as they are used." if mapped else "")
        + whole
        + "".join(f" The file's {name} is not read; {what}." for name, what in own.not_read)
    )


def loop(trainer: Trainer, *, resumed: bool) -> str:
    """Describe which loop is used, and why."""
    which = _LOOPS[trainer.loop or "graph"]
    if resumed:
        return f"The training loop is {which}, which the run used before."
    return f"The training loop is {which}{trainer.why_loop}."


def learned(run: OwnRun, diverged: bool) -> str:
    """Describe the result of the run."""
    tests = run.evaluations
    if not tests:
        return LOST
    last = tests[-1]
    which = "loss summed over" if getattr(run.trainer.task.loss, "reduction", "") == "sum" else "mean loss of"
    found = [f"After {counted(len(tests), 'epoch')} the {which} the test examples is {last.loss:.4g}"]
    if run.kind.classifies:
        found[0] += f", and the model is right on {last.accuracy:.2%} of them"
    found[0] += "."
    if len(tests) > 1 and not run.other_file:  # which may have another loss
        found.append(f"After the first epoch it was {tests[0].loss:.4g}.")
    if last.metrics:
        found.append("By the file's metrics: " + ", ".join(f"{k} {v:.4g}" for k, v in last.metrics.items()) + ".")
    if not run.other_file and (best := _best(tests)):
        found.append(best)
    if diverged:
        found.append("Then a number stopped being finite: the learning rate is too high.")
    return " ".join(found)


def _best(tests: list[Evaluated]) -> str:
    """Describe the epoch chosen by the validation examples."""
    chosen = [(each.validation_loss, each) for each in tests if each.validation_loss is not None]
    if not chosen or len(tests) == 1:
        return ""
    kept, best = min(chosen, key=lambda pair: pair[0])
    return f"By the examples kept apart, whose loss was {kept:.4g} then, epoch {best.epoch} was the best."


def _name(loss: Any) -> str:
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", type(loss).__name__)).replace("_", " ")
