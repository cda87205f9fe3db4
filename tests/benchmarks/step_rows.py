"""Steps per second beside peers, logging, and descents on a surface: the measurements of workers."""

from __future__ import annotations

from tests.benchmarks import environment
from tests.benchmarks.contest import Contestant
from tests.benchmarks.rows import Aside, Row, Target, every, inverse, ratio
from tests.benchmarks.workers import Asked, Worker

GDTUI, LOGGED = "gdtui", "gdtui, logging"
COURSE, FIT, FIT_COMPILED = "the course's loop", "Keras fit", "Keras fit, compiled"
PYTORCH, JAX, PRODUCTS = "PyTorch, fused Adam", "JAX, lax.scan", "matrix products in XLA"
DESCENT, EAGER_DESCENT, SOLID = "gdtui's descent", "the eager descent", "the surface in three dimensions"


def _steps(name: str, what: str, target: Target, peer: str, note: str = "") -> Row:
    values = ratio(GDTUI, peer, "training_steps_per_s", "steps_per_s")
    return Row(name, f"Fashion-MNIST steps/s against {what}", target, (GDTUI, peer), values, note=note)


STEPS = (
    _steps("course", "the course's eager loop", Target(">=", 30), COURSE),
    _steps("keras-fit", "Keras fit with defaults", Target(">=", 4), FIT),
    _steps("keras-fit-compiled", "Keras fit, jit_compile and steps_per_execution=100", Target(">=", 2), FIT_COMPILED),
    _steps("pytorch", "a PyTorch eager loop with fused Adam, tensors in memory", Target(">", 1), PYTORCH),
    _steps("jax", "one JAX lax.scan", Target(">", 1), JAX),
    _steps("products", "the matrix products alone, in one XLA loop", Target(">=", 0.8), PRODUCTS),
)

LOGGING = (
    Row(
        "logging",
        "Fashion-MNIST with log and checkpoints against without",
        Target(">=", 0.97),
        (LOGGED, GDTUI),
        ratio(LOGGED, GDTUI, "steps_per_s"),
        note="runs of 12 epochs of the 30 with all their tests, from the first step to the closed log",
    ),
)

DESCENTS = (
    Row(
        "himmelblau",
        "Himmelblau, 200 steps, every point kept, warm, against the course's eager loop",
        Target(">=", 100),
        (DESCENT, EAGER_DESCENT),
        inverse(DESCENT, EAGER_DESCENT, "seconds"),
        asides=(
            Aside("the descent takes", "ms", every(DESCENT, "seconds", times=1e3)),
            Aside(
                "the whole lesson, its surface and its words included,",
                "ms",
                every(DESCENT, "lesson_seconds", times=1e3),
            ),
        ),
    ),
    Row(
        "descents",
        "16,384 descents of 200 steps at once, time of one against the eager loop",
        Target(">=", 50_000),
        (DESCENT, EAGER_DESCENT),
        inverse(DESCENT, EAGER_DESCENT, "seconds_a_descent", "seconds"),
        note="with the minimum that each reached, and when",
    ),
    Row(
        "turn-3d",
        "the surface in three dimensions turned and drawn again, in a terminal of 120x36",
        Target("<=", 30, "ms"),
        (SOLID,),
        every(SOLID, "redraw_s", times=1e3),
        asides=(Aside("in one of 200x60 it takes", "ms", every(SOLID, "large_redraw_s", times=1e3)),),
    ),
)


def steppers() -> list[Contestant]:
    """The contestants that train, each for a second or more per round."""
    return [
        Asked(GDTUI, Worker("ours.training"), {"epochs": 4}),
        Asked(COURSE, Worker("peers.course_loop"), {"steps": 200}),
        Asked(FIT, Worker("peers.keras_fit"), {"epochs": 1}),
        Asked(FIT_COMPILED, Worker("peers.keras_fit_compiled"), {"epochs": 2}),
        Asked(PYTORCH, Worker("peers.pytorch_loop", environment.python), {"epochs": 2}),
        Asked(JAX, Worker("peers.jax_scan", environment.python), {"epochs": 4}),
        Asked(PRODUCTS, Worker("peers.matrix_products"), {"steps": 2000}),
    ]


def loggers() -> list[Contestant]:
    """The same run with its log and without, in one process."""
    worker = Worker("ours.training")
    return [Asked(LOGGED, worker, {"epochs": 12, "log": True}), Asked(GDTUI, worker, {"epochs": 12})]


def descenders() -> list[Contestant]:
    """The contestants that descend Himmelblau's surface, and the one that draws it."""
    return [
        Asked(DESCENT, Worker("ours.himmelblau"), {"descents": 100, "maps": 5}),
        Asked(EAGER_DESCENT, Worker("peers.himmelblau_eager"), {"descents": 5}),
        Asked(SOLID, Worker("ours.solid"), {"turns": 40}),
    ]
