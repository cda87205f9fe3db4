"""Sentences about a classifier's run, built from its own numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.descent import optimizers, schedules
from engine.events import Evaluated, FloatArray
from engine.own.paths import is_file
from engine.training.classifier import Trained
from engine.training.classifier_settings import ClassifierSettings
from engine.training.diagnosis import WORSE, guessing, risen_loss

# Fewer steps than this are too few to learn anything from.
FEW = 50

LOST = "A number stopped being finite before the first test: each step landed where the loss was higher still."


def in_words(trained: Trained, settings: ClassifierSettings) -> str:
    """Report a run in a few sentences: its accuracy, whether it overfits, what it confuses, and what went wrong.

    The best epoch is chosen by the validation examples, and named only if there are any: if it were chosen by the test
    examples, its accuracy on them would be too high.
    """
    if not trained.evaluations or trained.logits is None:
        return LOST
    last = trained.evaluations[-1]
    parts = [_how_often_right(trained, settings)]
    if only := _only_answer(last):
        parts.append(f"It answers {only} to every example: it has learned nothing. {_what_to_try(last, settings)}")
    else:
        parts += [_first_and_best(trained.evaluations), risen_loss(trained.evaluations), _most_confused(last)]
    if settings.output_activation == "relu":
        parts.append(_clipped(trained.logits, last.class_names))
    if trained.diverged:
        parts.append("Then a number stopped being finite: the learning rate is too high.")
    return " ".join(part for part in parts if part)


def _what_to_try(test: Evaluated, settings: ClassifierSettings) -> str:
    """Advice for a network that gives one answer only."""
    if settings.learning_rate == 0.0:
        return "At learning rate 0 no weight changes."
    if test.step < FEW:
        return f"It took only {counted(test.step, 'step')}: let it take more, in more epochs or smaller batches."
    guess, _ = guessing(len(test.class_names), settings.loss)
    if not is_file(settings.loss) and test.loss > guess * (1 + WORSE):
        return "Its loss is far above that of guessing: try a smaller learning rate."
    return (
        "The steps were too short to change that, or so long that they silenced its units: try another learning rate."
    )


def _how_often_right(trained: Trained, settings: ClassifierSettings) -> str:
    tests, last = trained.evaluations, trained.evaluations[-1]
    rate = f"{settings.learning_rate:g}"
    if trained.last_rate not in (None, settings.learning_rate):
        rate += f", at the end {trained.last_rate:g}"
    if settings.schedule != schedules.CONSTANT:
        rate += f" with the schedule {optimizers.label(settings.schedule)}"
    text = f"The network is right on {last.accuracy:.2%} of the test examples"
    if last.train_accuracy is not None:
        text += f", and was right on {last.train_accuracy:.2%} of the training examples in the last epoch"
    epochs, optimizer = counted(len(tests), "epoch"), optimizers.label(settings.optimizer)
    return f"{text}, after {epochs} of {optimizer} at learning rate {rate}."


def _first_and_best(tests: Sequence[Evaluated]) -> str:
    if len(tests) == 1:
        return ""
    said = f"After the first epoch {tests[0].accuracy:.2%} were right."
    chosen = [each for each in tests if each.validation_accuracy is not None]
    if not chosen:
        return said
    best = max(chosen, key=lambda each: each.validation_accuracy or 0.0)
    return (
        f"{said} By the examples kept apart, {best.validation_accuracy:.2%} of them right, epoch {best.epoch} was the "
        f"best; then {best.accuracy:.2%} of the test examples were right."
    )


def _only_answer(test: Evaluated) -> str:
    """The class that is predicted for every test image, if there is only one."""
    taken = np.flatnonzero(test.confusion.sum(axis=0))
    return test.class_names[int(taken[0])] if taken.size == 1 else ""


def _most_confused(test: Evaluated) -> str:
    """The pair of classes that is confused most often."""
    wrong = np.array(test.confusion)
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return "It confuses no two classes."
    true, taken = np.unravel_index(int(wrong.argmax()), wrong.shape)
    names, total = test.class_names, int(test.confusion[true].sum())
    return f"It takes {names[true]} for {names[taken]} most often, {wrong[true, taken]} times in {total}."


def _clipped(logits: FloatArray, class_names: Sequence[str]) -> str:
    """Explain the effect of a ReLU after the logits [n, c]. If all of a row are 0, argmax picks the first class."""
    share = float(np.mean(logits <= 0))
    parts = [f"The ReLU on the output clips {share:.0%} of the logits to 0, and no gradient passes where it does."]
    dead = [class_names[int(place)] for place in np.flatnonzero((logits <= 0).all(axis=0))]
    if dead:
        parts.append(f"Not one test image gets a logit above 0 for {', '.join(dead)}.")
    silent = int((logits <= 0).all(axis=1).sum())
    if silent:
        parts.append(
            f"For {counted(silent, 'example')} all {logits.shape[1]} logits are 0, "
            f"and the answer is {class_names[0]} only because it comes first."
        )
    return " ".join(parts)


def counted(count: int, what: str) -> str:
    """Name a number of things whose plural ends in s: one example, 60,000 examples."""
    return f"one {what}" if count == 1 else f"{count:,} {what}s"
