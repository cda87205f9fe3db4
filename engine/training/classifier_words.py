"""What a classifier's run showed, in words, from the numbers it found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.classifier import Trained
from engine.classifier_settings import ClassifierSettings
from engine.events import Evaluated, FloatArray

# The test loss has risen, and not only wavered, where it is this much over its lowest.
RISEN = 1.1


def in_words(trained: Trained, settings: ClassifierSettings) -> str:
    """A few sentences: how often it is right, whether it overfits, what it confuses, and what went wrong."""
    if not trained.evaluations or trained.logits is None:
        return "The loss stopped being finite before the first test: each step landed where the loss was higher still."
    last = trained.evaluations[-1]
    parts = [_how_often_right(trained, settings)]
    if only := _only_answer(last):
        parts.append(f"It answers {only} to every image: it has learned nothing. Try a smaller learning rate.")
    else:
        parts += [_first_and_best(trained.evaluations), _overfitting(trained.evaluations), _most_confused(last)]
    if settings.output_activation == "relu":
        parts.append(_clipped(trained.logits, last.class_names))
    if trained.diverged:
        parts.append("Then a number stopped being finite: the learning rate is too high.")
    return " ".join(part for part in parts if part)


def _how_often_right(trained: Trained, settings: ClassifierSettings) -> str:
    tests, last = trained.evaluations, trained.evaluations[-1]
    rate = f"{settings.learning_rate:g}"
    if trained.last_rate not in (None, settings.learning_rate):
        rate += f", at the end {trained.last_rate:g},"
    text = (
        f"After {_count(len(tests), 'epoch')} of {settings.optimizer} at learning rate {rate} "
        f"the network is right on {last.accuracy:.2%} of the test images"
    )
    if last.train_accuracy is not None:
        text += f"; in the last epoch it was right on {last.train_accuracy:.2%} of the training images as they came by"
    return text + "."


def _first_and_best(tests: Sequence[Evaluated]) -> str:
    if len(tests) == 1:
        return ""
    best = max(tests, key=lambda each: each.accuracy)
    return f"One epoch took it to {tests[0].accuracy:.2%}; its best was {best.accuracy:.2%}, after epoch {best.epoch}."


def _overfitting(tests: Sequence[Evaluated]) -> str:
    last, lowest = tests[-1], min(tests, key=lambda each: each.loss)
    if last.loss <= RISEN * lowest.loss:
        return ""
    return (
        f"The test loss was lowest, {lowest.loss:.3f}, after epoch {lowest.epoch} and is now {last.loss:.3f}: "
        "the network grows surer of its mistakes, which is overfitting."
    )


def _only_answer(test: Evaluated) -> str:
    """The class that every test image is taken for, if it is one and the same."""
    taken = np.flatnonzero(test.confusion.sum(axis=0))
    return test.class_names[int(taken[0])] if taken.size == 1 else ""


def _most_confused(test: Evaluated) -> str:
    """The pair of classes that is taken for one another most often."""
    wrong = np.array(test.confusion)
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return "It confuses no two classes."
    true, taken = np.unravel_index(int(wrong.argmax()), wrong.shape)
    names, total = test.class_names, int(test.confusion[true].sum())
    return f"It takes {names[true]} for {names[taken]} most often, {wrong[true, taken]} times in {total}."


def _clipped(logits: FloatArray, class_names: Sequence[str]) -> str:
    """What a ReLU behind the logits [n, c] does. Where all of a row are 0, argmax answers the first class."""
    share = float(np.mean(logits <= 0))
    parts = [f"The ReLU on the output clips {share:.0%} of the logits to 0, and no gradient passes where it does."]
    dead = [class_names[int(place)] for place in np.flatnonzero((logits <= 0).all(axis=0))]
    if dead:
        parts.append(f"Not one test image gets a logit above 0 for {', '.join(dead)}.")
    silent = int((logits <= 0).all(axis=1).sum())
    if silent:
        parts.append(
            f"For {_count(silent, 'image')} all {logits.shape[1]} logits are 0, "
            f"and the answer is {class_names[0]} only because it comes first."
        )
    return " ".join(parts)


def _count(count: int, what: str) -> str:
    return f"one {what}" if count == 1 else f"{count:,} {what}s"
