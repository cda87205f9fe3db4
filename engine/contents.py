"""The table of contents of the course. It imports no lesson: the app lists the lessons before NumPy is imported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LessonHeading:
    """What a list shows of a lesson; `number` is its place in the course."""

    number: int
    id: str
    title: str
    summary: str


CONTENTS: tuple[LessonHeading, ...] = (
    LessonHeading(1, "gradients", "Gradients", "what a gradient is, what it means, how to search with it"),
    LessonHeading(2, "autograd", "Autograd", "GradientTape, the persistent tape, gradients of gradients"),
    LessonHeading(3, "activations", "Activations", "sigmoid, tanh, ReLU and five more, with their gradients"),
    LessonHeading(4, "losses", "Losses", "mean squared error, softmax with cross-entropy, and their gradients"),
    LessonHeading(5, "himmelblau", "Himmelblau", "descent on a surface with four minima, from several starts"),
    LessonHeading(6, "fashion-mnist", "Fashion-MNIST", "a network of five layers learns clothes, with Adam"),
    LessonHeading(7, "tensorboard", "TensorBoard", "the same network on MNIST, logged for TensorBoard"),
)


def heading(lesson_id: str) -> LessonHeading:
    """Return the heading of a lesson of the course. Raises KeyError if there is none."""
    for each in CONTENTS:
        if each.id == lesson_id:
            return each
    raise KeyError(lesson_id)
