"""The measurements of the app, all on a real pseudo-terminal of 120 by 36."""

from __future__ import annotations

import statistics
import sys

from tests.benchmarks.app import FirstLoss, FirstPaint, Idle, Training
from tests.benchmarks.contest import Contestant
from tests.benchmarks.probed import Probed
from tests.benchmarks.rows import Aside, Row, Summary, Target, every, percentile, ratio
from tests.benchmarks.workers import Asked, Program, Worker

APP_TRAINS, APP_TRAINS_LOW, APP_RESTS = "the app, training", "the app, --low-bandwidth", "the app, at rest"
FIRST_LOSS = "the app's first loss"
HEADLESS, PAINT, TEXTUAL, PROBED = "headless", "the app's start", "import textual.app", "the app, timed inside"

WORST = "the longest"


def _row(
    name: str,
    what: str,
    target: Target,
    of: str,
    key: str,
    *asides: Aside,
    times: float = 1.0,
    summary: Summary = statistics.median,
    how: str = "median",
) -> Row:
    """A row with the measurements of one contestant."""
    return Row(name, what, target, (of,), every(of, key, times=times), summary, how, asides=asides)


def _acts(name: str, what: str, key: str) -> Row:
    median = Aside("the median is", "ms", every(PROBED, key, times=1e3))
    target = Target("<=", 150, "ms")
    return _row(name, f"{what} acts within", target, PROBED, key, median, times=1e3, summary=max, how=WORST)


APP = (
    Row(
        "app",
        "Fashion-MNIST steps/s under the app, drawing at its full rate, against headless",
        Target(">=", 0.95),
        (APP_TRAINS, HEADLESS),
        ratio(APP_TRAINS, HEADLESS, "steps_per_s"),
        note="all the lesson's tests included in both",
        asides=(Aside("drawing takes of a core", "%", every(APP_TRAINS, "drawing_cpu", times=100)),),
    ),
    _row("bytes", "written to the terminal while training", Target("<=", 20, "kB/s"),
         APP_TRAINS, "bytes_per_s", times=1e-3),
    _row("bytes-low", "the same with --low-bandwidth", Target("<=", 3, "kB/s"),
         APP_TRAINS_LOW, "bytes_per_s", times=1e-3),
    _row("bytes-idle", "written to the terminal with nothing running", Target("<=", 0, "bytes"),
         APP_RESTS, "bytes", summary=max, how="the most"),
    _row("cpu-idle", "share of a core taken with nothing running", Target("<", 1, "%"),
         APP_RESTS, "cpu", times=100),
    _row("keys", "key to changed screen while training", Target("<=", 80, "ms"), APP_TRAINS, "latency_s",
         Aside("the median is", "ms", every(APP_TRAINS, "latency_s", times=1e3)),
         times=1e3, summary=percentile(0.99), how="the 99th percentile"),
)  # fmt: skip

START = (
    _row("paint", "first paint of the app, from process start", Target("<=", 0.35, "s"), PAINT, "first_paint_s"),
    _row("paint-useful", "lesson list and a lesson's text, from process start", Target("<=", 0.35, "s"),
         PAINT, "useful_paint_s"),
    _row("paint-key", "a key pressed at that moment acts within", Target("<=", 80, "ms"), PAINT, "first_key_s",
         times=1e3),
    Row(
        "paint-textual",
        "first paint against python -c 'import textual.app'",
        Target("<", 2),
        (PAINT, TEXTUAL),
        ratio(PAINT, TEXTUAL, "first_paint_s", "seconds"),
    ),
)  # fmt: skip

FIRST = (
    _row("first-loss", "key to the first drawn loss of lesson 6, with TensorFlow imported while one reads",
         Target("<=", 0.9, "s"), FIRST_LOSS, "first_loss_s"),
)  # fmt: skip

GAPS = (
    _row("gap-training", "longest gap between 60 Hz ticks of the app while training", Target("<=", 50, "ms"),
         PROBED, "gap_training_s",
         Aside("at the start, while the live pane opens,", "ms", every(PROBED, "gap_starting_s", times=1e3)),
         times=1e3),
    _row("gap-importing", "the same while TensorFlow is imported and functions compile", Target("<=", 250, "ms"),
         PROBED, "gap_importing_s",
         Aside("before, while the main screen is made,", "ms", every(PROBED, "gap_opening_s", times=1e3)),
         times=1e3),
    _acts("pause", "a pause", "paused_s"),
    _acts("stop", "a stop", "stopped_s"),
    _acts("live", "a live setting", "changed_s"),
)  # fmt: skip


def apps() -> list[Contestant]:
    """The app while training and while idle, and the same training without it."""
    return [
        Training(APP_TRAINS, keys=True),
        Asked(HEADLESS, Worker("ours.training"), {"epochs": 10}),
        Training(APP_TRAINS_LOW, ("--low-bandwidth",)),
        Idle(APP_RESTS),
    ]


def starters() -> list[Contestant]:
    """The app's start, and the import that every such app needs."""
    textual = Program(TEXTUAL, lambda turn, folder: (sys.executable, "-c", "import textual.app"))
    return [FirstPaint(PAINT), textual, FirstLoss(FIRST_LOSS)]


def probed() -> list[Contestant]:
    """The app with a clock inside."""
    return [Probed(PROBED)]
