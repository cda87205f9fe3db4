"""A diagnosis of a classifier's run while it trains: one sentence from its losses and tests so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.events import Evaluated, FloatArray
from engine.training.classifier_settings import CROSS_ENTROPY, MSE

# The loss of single batches is noisy: the mean of this many steps is judged.
WINDOW = 50

# A loss this near to that of guessing, relative to it, is guessing; one this far above it is worse than guessing.
GUESSING, WORSE = 0.02, 0.2

# The test loss has risen, beyond noise, if it is this much above its lowest.
RISEN = 1.1

# An accuracy on the training examples this much above that on the test images is overfitting.
GAP = 0.05


def diagnosis(
    losses: FloatArray, first_step: int, tests: Sequence[Evaluated], classes: int, loss: str = CROSS_ENTROPY
) -> str:
    """Interpret the losses [k] of the steps from `first_step` on and the tests at the ends of epochs; empty if they
    show nothing yet, or if a loss is not finite. `loss` is the minimised one, of LOSSES."""
    if not len(losses):
        return ""
    recent = float(losses[-WINDOW:].mean())
    if not math.isfinite(recent):
        return ""
    guess, price = guessing(classes, loss)
    digits = 1 if loss == CROSS_ENTROPY else 3
    if len(losses) < WINDOW and not tests:
        return f"The first loss is {losses[0]:.3f}; guessing costs {price}." if first_step == 1 else ""
    if recent > guess * (1 + WORSE):
        return (
            f"The loss, {recent:.{digits}f}, is far above {price}: this is worse than guessing. The steps are too long."
        )
    if abs(recent - guess) <= GUESSING * guess:
        return f"The loss stands at {price}: the network is guessing."
    if tests:
        return _of_tests(tests)
    return f"The loss falls: {recent:.{digits}f} after {losses[0]:.{digits}f} at first." if first_step == 1 else ""


def guessing(classes: int, loss: str) -> tuple[float, str]:
    """The loss of a prediction that gives every class the same probability, and its formula."""
    if loss == MSE:
        guess = (classes - 1) / classes**2
        return guess, f"{classes - 1}/{classes**2} = {guess:.3f}"
    guess = math.log(classes)
    return guess, f"ln {classes} = {guess:.3f}"


def risen_loss(tests: Sequence[Evaluated]) -> str:
    """Say that the test loss has risen since an earlier epoch, and why; empty if it has not. It is overfitting if the
    network gets better on the training examples meanwhile."""
    last, lowest = tests[-1], min(tests, key=lambda each: each.loss)
    if last.loss <= RISEN * lowest.loss:
        return ""
    said = f"The test loss was lowest, {lowest.loss:.3f}, after epoch {lowest.epoch} and is now {last.loss:.3f}"
    now, before = last.train_accuracy, lowest.train_accuracy
    if now is None or before is None or (now > before and now > last.accuracy):
        return f"{said}: the network gets surer of its mistakes, which is overfitting."
    if now <= before:
        return (
            f"{said}, and of the training examples {now:.1%} are right after {before:.1%} then: it gets worse on both, "
            "as with steps that are too long."
        )
    return f"{said}."


def _of_tests(tests: Sequence[Evaluated]) -> str:
    if risen := risen_loss(tests):
        return risen
    last = tests[-1]
    if last.train_accuracy is not None and last.train_accuracy - last.accuracy > GAP:
        return (
            f"Right on {last.train_accuracy:.1%} of the training examples, but on {last.accuracy:.1%} of the test "
            "examples: it learns the training examples by heart, which is overfitting."
        )
    if len(tests) == 1:
        return f"After one epoch {last.accuracy:.1%} of the test examples are right."
    gained = 100 * (last.accuracy - tests[-2].accuracy)
    moved = f"{abs(gained):.1f} points {'more' if gained >= 0 else 'fewer'} than an epoch before"
    return f"After {last.epoch} epochs {last.accuracy:.1%} of the test examples are right, {moved}."
