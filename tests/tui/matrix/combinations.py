"""The plays: every lesson, function or surface, optimizer and learning rate that is tried on the screen, and the looks
and sizes of the screen."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from engine.descent import curves, optimizers, surfaces
from engine.lessons import activations, autograd, lesson
from engine.settings import param_of, parse_settings

LOOKS = ("colour", "no-colour", "ascii")
SIZES = ("80x24", "120x36", "200x60")
MANY = 100
"""The number of runs from which a lesson is not shown in every look and size: it would take an hour."""
SMALL = {"hidden": "32", "epochs": "2", "train_examples": "1000", "test_examples": "100"}
"""Settings that make a classifier compile fast and its run short; its numbers are as good as those of a long one."""


@dataclass(frozen=True, slots=True)
class Play:
    """One run of a lesson with settings `texts`, shown in a look at a size. `name` describes it in one line."""

    lesson: str
    texts: tuple[tuple[str, str], ...]
    look: str
    size: str

    @property
    def name(self) -> str:
        """The play as one text, which `named` parses."""
        return " ".join([self.lesson, *(f"{name}={text}" for name, text in self.texts), self.look, self.size])

    @property
    def stage(self) -> tuple[str, str, str]:
        """The part of a play that one app can show: plays of the same stage are played in one app."""
        return self.lesson, self.look, self.size


def named(name: str) -> Play:
    """Parse the name of a play. Raises ValueError."""
    lesson_id, *settings, look, size = name.split()
    if look not in LOOKS or size not in SIZES:
        raise ValueError(f"a play ends with one of {', '.join(LOOKS)} and one of {', '.join(SIZES)}")
    texts = tuple((part.partition("=")[0], part.partition("=")[2]) for part in settings)
    parse_settings(lesson(lesson_id).settings, dict(texts))
    return Play(lesson_id, texts, look, size)


def every() -> list[Play]:
    """All plays, those of one stage in a row.

    In a lesson of many runs each run is shown in three of the nine looks and sizes, in turn: the four rates of a
    function and an optimizer are then shown in all of them.
    """
    return [
        Play(lesson_id, tuple(texts.items()), look, size)
        for lesson_id, combinations in runs().items()
        for place, (look, size) in enumerate(product(LOOKS, SIZES))
        for number, texts in enumerate(combinations)
        if len(combinations) < MANY or (number + place) % 3 == 0
    ]


def sample(count: int, seed: int) -> list[Play]:
    """Draw `count` plays by a seed: from every lesson in turn, stages in a row."""
    rng = random.Random(seed)
    lessons = list(runs().items())
    drawn = []
    for number in range(count):
        lesson_id, combinations = lessons[number % len(lessons)]
        texts = rng.choice(combinations)
        drawn.append(Play(lesson_id, tuple(texts.items()), rng.choice(LOOKS), rng.choice(SIZES)))
    return sorted(drawn, key=lambda play: play.stage)


def runs() -> dict[str, list[dict[str, str]]]:
    """The settings of every run, by lesson."""
    classified = [
        {"optimizer": rule, **SMALL, **rate}
        for rule in optimizers.NAMES
        for rate in ({}, {"learning_rate": "0"}, {"learning_rate": "0.1"}, {"learning_rate": "1000"})
    ]
    return {
        "gradients": [
            *_descents("gradients", "function", curves.NAMES),
            {"function": "cubic", "start": "-1.1"},
            {"function": "double-well", "learning_rate": "0.1", "start": "0.5;1;4"},
            {"start": "-3;-2;0;1;2.5;3", "optimizer": "sgd,momentum,adam"},
        ],
        "autograd": [
            {"function": function, **more}
            for function in autograd.TWICE
            for more in ({}, {"w": "-10", "x": "-1000", "target": "1000"}, {"w": "0"}, {"target": "5"})
        ],
        "activations": [
            {},
            *({"activation": name, **more} for name in activations.NAMES for more in ({}, {"reach": "50"})),
            {"reach": "0.5", "points": "11"},
            {"alpha": "0"},
        ],
        "losses": [{"temperature": t, "scale": s} for t in ("0.01", "1", "100") for s in ("0.01", "1", "100")],
        "himmelblau": [
            *_descents("himmelblau", "surface", surfaces.NAMES),
            {"surface": "beale", "start": "1e6,1e6;1,1"},
            {"learning_rate": "0.02", "start": "1,0;-4,0;5.9,5.9"},
            {"optimizer": ",".join(optimizers.NAMES)},
        ],
        "fashion-mnist": classified,
        "tensorboard": classified,
    }


def _descents(lesson_id: str, ground: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Every function or surface with every optimizer at every rate."""
    return [
        {ground: name, "optimizer": rule, **rate}
        for name in names
        for rule in optimizers.NAMES
        for rate in _rates(lesson_id, {ground: name, "optimizer": rule})
    ]


def _rates(lesson_id: str, texts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """No rate, the usual one of the settings, ten times that, and the largest."""
    kind = lesson(lesson_id).settings
    usual = parse_settings(kind, texts).learning_rate  # type: ignore[attr-defined]
    largest = param_of(kind, "learning_rate").high  # type: ignore[attr-defined]
    for rate in dict.fromkeys((0.0, usual, min(10 * usual, largest), largest)):
        yield {"learning_rate": f"{rate:g}"}
