"""What is measured of the app, all of it on a real pseudo-terminal of 120 by 36."""

from __future__ import annotations

import sys

from tests.benchmarks.app import FirstPaint, Idle, Training
from tests.benchmarks.contest import Contestant
from tests.benchmarks.probed import Probed
from tests.benchmarks.rows import Aside, Row, Target, every, percentile, ratio
from tests.benchmarks.workers import Asked, Program, Worker

APP_TRAINS, APP_TRAINS_LOW, APP_RESTS = "the app, training", "the app, --low-bandwidth", "the app, at rest"
HEADLESS, PAINT, TEXTUAL, PROBED = "headless", "the app's start", "import textual.app", "the app, timed inside"

WORST = "the longest"

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
    Row(
        "bytes",
        "written to the terminal while training",
        Target("<=", 20, "kB/s"),
        (APP_TRAINS,),
        every(APP_TRAINS, "bytes_per_s", times=1e-3),
    ),
    Row(
        "bytes-low",
        "the same with --low-bandwidth",
        Target("<=", 3, "kB/s"),
        (APP_TRAINS_LOW,),
        every(APP_TRAINS_LOW, "bytes_per_s", times=1e-3),
    ),
    Row(
        "bytes-idle",
        "written to the terminal with nothing running",
        Target("<=", 0, "bytes"),
        (APP_RESTS,),
        every(APP_RESTS, "bytes"),
        max,
        "the most",
    ),
    Row(
        "cpu-idle",
        "share of a core taken with nothing running",
        Target("<", 1, "%"),
        (APP_RESTS,),
        every(APP_RESTS, "cpu", times=100),
    ),
    Row(
        "keys",
        "key to changed screen while training",
        Target("<=", 80, "ms"),
        (APP_TRAINS,),
        every(APP_TRAINS, "latency_s", times=1e3),
        percentile(0.99),
        "the 99th percentile",
        asides=(Aside("the median is", "ms", every(APP_TRAINS, "latency_s", times=1e3)),),
    ),
)

START = (
    Row(
        "paint",
        "first paint of the app, from process start",
        Target("<=", 0.35, "s"),
        (PAINT,),
        every(PAINT, "first_paint_s"),
        asides=(Aside("the main screen after", "s", every(PAINT, "main_screen_s")),),
    ),
    Row(
        "paint-textual",
        "first paint against python -c 'import textual.app'",
        Target("<", 2),
        (PAINT, TEXTUAL),
        ratio(PAINT, TEXTUAL, "first_paint_s", "seconds"),
    ),
)


def _acts(name: str, what: str, key: str) -> Row:
    values = every(PROBED, key, times=1e3)
    return Row(
        name,
        f"{what} acts within",
        Target("<=", 150, "ms"),
        (PROBED,),
        values,
        max,
        WORST,
        asides=(Aside("the median is", "ms", values),),
    )


GAPS = (
    Row(
        "gap-training",
        "longest gap between 60 Hz ticks of the app while training",
        Target("<=", 50, "ms"),
        (PROBED,),
        every(PROBED, "gap_training_s", times=1e3),
        asides=(Aside("at the start, while the live pane opens,", "ms", every(PROBED, "gap_starting_s", times=1e3)),),
    ),
    Row(
        "gap-importing",
        "the same while TensorFlow is imported and functions compile",
        Target("<=", 250, "ms"),
        (PROBED,),
        every(PROBED, "gap_importing_s", times=1e3),
        asides=(Aside("before, while the main screen is made,", "ms", every(PROBED, "gap_opening_s", times=1e3)),),
    ),
    _acts("pause", "a pause", "paused_s"),
    _acts("stop", "a stop", "stopped_s"),
    _acts("live", "a live setting", "changed_s"),
)


def apps() -> list[Contestant]:
    """The app as it trains and as it rests, and the same training without it."""
    return [
        Training(APP_TRAINS, keys=True),
        Asked(HEADLESS, Worker("ours.training"), {"epochs": 10}),
        Training(APP_TRAINS_LOW, ("--low-bandwidth",)),
        Idle(APP_RESTS),
    ]


def starters() -> list[Contestant]:
    """The app's first moments, and the import that no app of its kind can do without."""
    return [FirstPaint(PAINT), Program(TEXTUAL, lambda turn, folder: (sys.executable, "-c", "import textual.app"))]


def probed() -> list[Contestant]:
    """The app with a clock inside."""
    return [Probed(PROBED)]
