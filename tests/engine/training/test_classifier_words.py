"""The sentences about a classifier's run follow from its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.events import Evaluated
from engine.settings import parse_settings
from engine.training.classifier import Trained
from engine.training.classifier_settings import ClassifierSettings
from engine.training.classifier_words import in_words

NAMES = ("cat", "dog", "owl")
LOGITS = np.eye(3, dtype=np.float32)


def result(epoch: int, confusion: list[list[int]], loss: float = 0.5) -> Evaluated:
    counts = np.array(confusion)
    accuracy = float(np.trace(counts) / counts.sum())
    return Evaluated(10 * epoch, epoch, loss, accuracy, counts, NAMES, 0.75)


GOOD = [[9, 1, 0], [0, 10, 0], [3, 0, 7]]
BETTER = [[10, 0, 0], [0, 10, 0], [2, 0, 8]]


def words(*tests: Evaluated, logits: np.ndarray = LOGITS, diverged: bool = False, **texts: str) -> str:
    settings = parse_settings(ClassifierSettings, texts)
    return in_words(Trained(NAMES, tests, logits if tests else None, 0.1, diverged), settings)


def test_the_accuracy_and_the_pair_most_confused_are_named() -> None:
    text = words(result(1, GOOD))
    assert "right on 86.67% of the test examples" in text
    assert "75.00% of the training examples" in text
    assert "takes owl for cat most often, 3 times in 10" in text


def test_a_rate_that_was_changed_on_the_way_is_reported_with_the_one_it_began_with() -> None:
    trained = Trained(NAMES, (result(1, GOOD),), LOGITS, 0.1, False, 0.01)
    text = in_words(trained, parse_settings(ClassifierSettings, {"learning_rate": "0.5"}))
    assert text.startswith(
        "The network is right on 86.67% of the test examples, and was right on 75.00% of the training"
    )
    assert "after one epoch of adam at learning rate 0.5, at the end 0.01." in text
    assert "at learning rate 0.01." in in_words(trained, parse_settings(ClassifierSettings, {"learning_rate": "0.01"}))


def test_the_first_epoch_is_named_and_no_epoch_is_chosen_by_the_test_images() -> None:
    text = words(result(1, GOOD), result(2, BETTER), result(3, GOOD))
    assert "After the first epoch 86.67% were right." in text
    assert "best" not in text and "93.33%" not in text


def test_a_test_loss_that_has_risen_is_called_overfitting_if_training_goes_on() -> None:
    rising = words(result(1, GOOD, 0.3), replace(result(2, GOOD, 0.5), train_accuracy=0.95))
    assert "overfitting" in rising
    worse = words(result(1, GOOD, 0.3), result(2, GOOD, 0.5))
    assert "overfitting" not in worse and "it gets worse on both" in worse
    assert "lowest, 0.300, after epoch 1 and is now 0.500" in rising
    assert "overfitting" not in words(result(1, GOOD, 0.3), result(2, GOOD, 0.31))


def test_one_answer_to_everything_is_no_learning() -> None:
    text = words(result(1, [[0, 10, 0]] * 3), result(2, [[0, 10, 0]] * 3))
    assert "answers dog to every example" in text and "let it take more, in more epochs or smaller batches" in text
    assert "first epoch" not in text
    late = [replace(result(1, [[0, 10, 0]] * 3, loss), step=500) for loss in (1.1, 40.0)]
    assert "silenced its units: try another learning rate" in words(late[0])
    assert "far above that of guessing: try a smaller learning rate" in words(late[1])
    assert "At learning rate 0 no weight changes" in words(late[0], learning_rate="0")


def test_no_confusion_is_reported() -> None:
    assert "confuses no two classes" in words(result(1, [[5, 0, 0], [0, 5, 0], [0, 0, 5]]))


def test_a_relu_on_the_output_is_reported_by_what_it_clips() -> None:
    logits = np.array([[0, 0, 0], [0, 2, 0], [0, 1, 0], [0, 3, 0]], np.float32)
    text = words(result(1, GOOD), logits=logits, output_activation="relu")
    assert "clips 75% of the logits" in text
    assert "above 0 for cat, owl." in text
    assert "For one example all 3 logits are 0, and the answer is cat only because it comes first." in text


def test_a_run_that_broke_says_why() -> None:
    assert "not finite" not in words(result(1, GOOD))
    assert "learning rate is too high" in words(result(1, GOOD), diverged=True)
    assert "before the first test" in words(diverged=True)


def test_the_best_epoch_is_chosen_by_the_images_kept_apart() -> None:
    tests = [
        replace(result(epoch, confusion), validation_accuracy=accuracy, validation_loss=0.5)
        for epoch, confusion, accuracy in ((1, GOOD, 0.8), (2, BETTER, 0.82), (3, GOOD, 0.9))
    ]
    said = words(*tests)
    assert "By the examples kept apart, 90.00% of them right, epoch 3 was the best; then 86.67% of the test" in said
