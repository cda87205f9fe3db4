"""The sentence on a classifier's run while it trains follows from its losses and tests."""

from __future__ import annotations

import numpy as np

from engine.events import Evaluated
from engine.training.diagnosis import WINDOW, diagnosis

NAMES = tuple("abcdefghij")


def evaluated(epoch: int, accuracy: float, loss: float = 0.5, train: float | None = None) -> Evaluated:
    return Evaluated(10 * epoch, epoch, loss, accuracy, np.eye(10, dtype=np.int64), NAMES, train)


def said(*losses: float, tests: tuple[Evaluated, ...] = (), first_step: int = 1) -> str:
    return diagnosis(np.array(losses, np.float32), first_step, tests, 10)


def test_the_first_loss_is_compared_with_guessing() -> None:
    assert said(2.337, 2.2) == "The first loss is 2.337; guessing costs ln 10 = 2.303."
    assert said() == said(2.3, 2.2, first_step=500) == ""


def test_a_loss_that_stands_where_guessing_is_says_so() -> None:
    guessing = [450.0] * 20 + [2.29, 2.32] * WINDOW
    assert said(*guessing) == "The loss stands at ln 10 = 2.303: the network is guessing."
    assert said(*guessing, tests=(evaluated(1, 0.1),)) == said(*guessing)


def test_a_loss_far_above_guessing_is_worse_than_it() -> None:
    assert "worse than guessing" in said(*[450.0] * WINDOW)


def test_a_loss_that_falls_is_reported_with_where_it_began() -> None:
    losses = np.linspace(2.3, 0.5, 400)
    assert said(*losses) == "The loss falls: 0.6 after 2.3 at first."
    assert said(*losses, first_step=900) == ""


def test_an_epoch_is_compared_with_the_one_before() -> None:
    low = [0.5] * WINDOW
    assert said(*low, tests=(evaluated(1, 0.83),)) == "After one epoch 83.0% of the test examples are right."
    text = said(*low, tests=(evaluated(1, 0.83), evaluated(2, 0.852)))
    assert text == "After 2 epochs 85.2% of the test examples are right, 2.2 points more than an epoch before."
    assert "1.0 points fewer" in said(*low, tests=(evaluated(1, 0.83), evaluated(2, 0.82)))


def test_overfitting_shows_in_the_test_loss_and_in_the_gap_to_the_training_images() -> None:
    low = [0.1] * WINDOW
    rising = said(*low, tests=(evaluated(1, 0.87, loss=0.30), evaluated(2, 0.88, loss=0.40)))
    assert "lowest, 0.300, after epoch 1 and is now 0.400" in rising and "overfitting" in rising
    apart = said(*low, tests=(evaluated(1, 0.79, train=0.961),))
    assert apart.startswith("Right on 96.1% of the training examples, but on 79.0% of the test examples")
    assert "overfitting" not in said(*low, tests=(evaluated(1, 0.79, train=0.80),))


def test_of_a_loss_that_is_not_finite_nothing_is_reported() -> None:
    assert said(*[2.0] * WINDOW, np.nan) == ""


def test_a_risen_test_loss_is_no_overfitting_where_the_training_examples_are_not_learned_better() -> None:
    low = [0.1] * WINDOW
    worse = said(*low, tests=(evaluated(1, 0.87, 0.30, train=0.88), evaluated(2, 0.80, 0.40, train=0.81)))
    assert "81.0% are right after 88.0% then: it gets worse on both, as with steps that are too long." in worse
    noise = said(*low, tests=(evaluated(1, 0.90, 0.30, train=0.80), evaluated(2, 0.93, 0.40, train=0.88)))
    assert noise == "The test loss was lowest, 0.300, after epoch 1 and is now 0.400."
    assert "overfitting" in said(
        *low, tests=(evaluated(1, 0.87, 0.30, train=0.88), evaluated(2, 0.86, 0.40, train=0.95))
    )
