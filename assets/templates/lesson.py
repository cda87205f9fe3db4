"""My lesson: a lesson of your own for gdtui.

    gdtui --lesson-file my-lesson.py             # in the app
    gdtui --lesson-file my-lesson.py --no-ui     # without it
    gdtui --lesson-file my-lesson.py check my-lesson

`run` yields what the lesson shows, as events: engine/events.py has all of them. Each setting is one line of the class
below, and becomes an option of the command line and a field of the app's form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.events import Curve, Learned, Remark, Table
from engine.exercises.exercise import Misconception, Question
from engine.lesson import Lesson, Run
from engine.settings import Settings, integer, number


@dataclass(frozen=True, kw_only=True)
class MySettings(Settings):
    """The settings of the lesson."""

    start: float = number(2.0, low=-10.0, high=10.0, help="x where the descent begins")
    learning_rate: float = number(0.1, low=0.0, high=10.0, help="η: a step is η times the slope")
    steps: int = integer(5, low=1, high=1000, unit="steps", help="how many steps of descent")


def step(x: float, learning_rate: float) -> float:
    """x after one step of descent on f(x) = x², whose slope is 2x."""
    return x - learning_rate * 2.0 * x


def run(settings: MySettings) -> Run[MySettings]:
    """Draw the parabola, descend, and say what was seen."""
    yield Remark("f(x) = x² has the slope 2x. Each step goes against it.")
    x = np.linspace(-3.0, 3.0, 121)
    yield Curve("parabola", "parabola", "f(x) = x²", x, x**2, 2.0 * x)
    rows = [(0, settings.start, settings.start**2)]
    for count in range(1, settings.steps + 1):
        here = step(rows[-1][1], settings.learning_rate)
        rows.append((count, here, here**2))
    yield Table("descent", "Every step of the descent", ("step", "x", "f(x)"), tuple(rows))
    yield Learned(f"After {settings.steps} steps x = {rows[-1][1]:.4g}: each multiplied x by 1 − 2η.")


LESSON = Lesson(
    number=8,
    id="my-lesson",
    title="My lesson",
    summary="descent on a parabola, step by step",
    settings=MySettings,
    run=run,
    code=(f"{__name__}:step", f"{__name__}:run"),
)

# The text beside the picture, in Markdown.
TEXT = """# My lesson

The slope of f(x) = x² is 2x. A step of *gradient descent* goes against it, by the *learning rate* η times the slope:

x ← x − η·2x

## Try it

1. Press **space**, and look at the table: by what is x multiplied at each step?
2. Set `learning_rate = 0.5`. How many steps does it take now?
"""

# A question whose numbers are drawn, and whose answer is computed. `wrong` are answers that a known mistake leads to.
NEXT_STEP = Question(
    id="my-lesson-next-step",
    lesson="my-lesson",
    kind="number",
    draw=lambda random: {"x": float(random.integers(2, 10)), "rate": float(random.choice([0.1, 0.2, 0.3]))},
    right=lambda n: step(n["x"], n["rate"]),
    wrong=(Misconception("uphill", lambda n: n["x"] + n["rate"] * 2.0 * n["x"]),),
    facts=lambda n: {"slope": 2.0 * n["x"]},
)

EXERCISES = (NEXT_STEP,)

# What the exercises say, in TOML: format strings over the numbers, the facts, and the `answer`.
WORDS = """
[my-lesson-next-step]
title = "One step"
question = "f(x) = x², f′(x) = 2x. The ball is at x = {x:g} and η = {rate:g}. Where is it after one step?"
hint = "First the slope at x = {x:g}. Then η times the slope. Then against it."
explanation = "x − η·2x = {x:g} − {rate:g}·{slope:g} = {answer:.4g}."
worked = ["The slope at x = {x:g} is {slope:g}.", "Against it by η times that: {answer:.4g}."]

[my-lesson-next-step.wrong]
uphill = "That is uphill: the slope points where f rises, so descent subtracts it."
"""
