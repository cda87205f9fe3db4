"""gdtui with a clock inside: `python -m tests.benchmarks.probe FILE ARGUMENTS`.

It is the unchanged app, with an additional timer of 60 Hz and an additional sink. When the app ends, FILE has the times
of the timer's ticks with the engine's activity, and the engine's events with their times (monotonic, s).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TICKS_PER_S = 60.0


class Record:
    """A sink, and the timer's callback."""

    def __init__(self) -> None:
        self.ticks: list[tuple[float, str]] = []
        self.said: list[tuple[float, str, str]] = []

    def write(self, delivery: Any) -> None:
        """Keep the name of an event, and its time."""
        event = delivery.event
        self.said.append((time.monotonic(), type(event).__name__, getattr(event, "name", "")))

    def close(self) -> None:
        """Nothing is held."""


def main(path: Path, arguments: Sequence[str]) -> int:
    """Run gdtui with these; returns its exit code."""
    import tui.app.app
    from engine.run.runner import Runner
    from tui.cli.main import main as gdtui

    record = Record()
    run_as_it_is = Runner.__init__

    def run_recorded(self: Any, lesson: Any, settings: Any, sinks: Any, **rest: Any) -> None:
        run_as_it_is(self, lesson, settings, [*sinks, record], **rest)

    app = tui.app.app.GdtuiApp
    mount_as_it_is, unmount_as_it_is = app.on_mount, app.on_unmount

    def mount(self: Any) -> None:
        mount_as_it_is(self)
        self.set_interval(1 / TICKS_PER_S, lambda: look(self))

    def look(self: Any) -> None:
        engine = self.session.engine if hasattr(self, "app_state") else "waiting"
        record.ticks.append((time.monotonic(), engine))

    def unmount(self: Any) -> None:
        unmount_as_it_is(self)
        path.write_text(json.dumps({"ticks": record.ticks, "said": record.said}))

    # Not a subclass: Textual looks for a style sheet beside the file that defines the class.
    Runner.__init__ = run_recorded  # type: ignore[method-assign]
    app.on_mount, app.on_unmount = mount, unmount  # type: ignore[method-assign]
    return gdtui(arguments)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
