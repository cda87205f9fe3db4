"""The app's engine session at a signal: another thread ends the runs while the app's own goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.events import Event, Outcome, Phase, Remark, RunEnded
from engine.lesson import Lesson, Run
from engine.lessons import lesson
from engine.run.run_folder import in_use
from engine.settings import Settings, parse_settings
from tui.model.session import EngineSession
from tui.process.options import AppOptions

# No wait takes that long unless the test fails.
LONG_S = 20.0


def endless(settings: Settings) -> Run[Settings]:
    while True:
        yield Remark("on")


LESSON = Lesson(number=99, id="endless", title="Endless", summary="", settings=Settings, run=endless)


@pytest.fixture
def imported() -> threading.Event:
    return threading.Event()


@pytest.fixture
def session(tmp_path: Path, imported: threading.Event) -> EngineSession:
    """A session whose engine is ready when `imported` is set."""
    return EngineSession(AppOptions(logdir=tmp_path), lambda: imported.wait() and None)


def until(found: Callable[[], bool]) -> None:
    """Poll as the screen does."""
    tick = threading.Event()
    for _ in range(2000):
        if found():
            return
        tick.wait(LONG_S / 2000)
    raise AssertionError("it did not come about")


def in_another_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(LONG_S)
    assert not thread.is_alive()


def test_end_in_another_thread_leaves_the_run_and_its_folder_to_the_apps_thread(
    session: EngineSession, imported: threading.Event, tmp_path: Path
) -> None:
    imported.set()
    session.start(LESSON, Settings())
    until(lambda: bool(session.take(100)))
    (folder,) = (tmp_path / "endless").iterdir()
    in_another_thread(lambda: session.end(LONG_S))
    assert session.alive
    assert in_use(folder)
    (ended,) = [each.event for each in session.take(10**9) if isinstance(each.event, RunEnded)]
    assert ended.outcome is Outcome.STOPPED
    session.close()
    assert not session.unfinished
    assert not in_use(folder)


def test_nothing_begins_after_the_end(session: EngineSession, imported: threading.Event, tmp_path: Path) -> None:
    session.start(LESSON, Settings())
    in_another_thread(lambda: session.end(LONG_S))
    imported.set()
    until(lambda: session.engine == "ready")
    assert session.take(100) == []
    session.close()
    assert not session.unfinished
    assert list(tmp_path.iterdir()) == []


def test_code_of_a_learner_s_own_is_run_by_a_run_alone_which_can_be_stopped(
    session: EngineSession, imported: threading.Event, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("while True:\n    pass\n")
    gradients = lesson("gradients")
    settings = parse_settings(gradients.settings, {"function": str(mine)})
    imported.set()
    session.begin()
    until(lambda: session.engine == "ready")
    session.warm(gradients, settings)
    assert session.engine == "ready"
    session.start(gradients, settings)
    events: list[Event] = []

    def has(wanted: Event) -> bool:
        events.extend(each.event for each in session.take(100))
        return wanted in events

    until(lambda: has(Phase("reading", str(mine))))
    session.stop()
    until(lambda: has(Phase("done")))
    (ended,) = [each for each in events if isinstance(each, RunEnded)]
    assert ended.outcome is Outcome.STOPPED
    session.close()
