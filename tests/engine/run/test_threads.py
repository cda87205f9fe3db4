"""Threads with lower priority than the one that draws."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

import pytest

from engine.run.threads import NICENESS, give_way


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priorities of their own here")
def test_a_thread_gives_way_with_those_it_begins_and_no_other_does() -> None:
    seen: dict[str, int] = {}

    def look(name: str) -> None:
        seen[name] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def work() -> None:
        begun(lambda: look("begun before"))
        give_way()
        look("itself")
        begun(lambda: look("begun after"))

    def begun(target: Callable[[], object]) -> None:
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()

    look("before")
    begun(work)
    look("afterwards")
    here = seen["before"]
    assert seen == {
        "before": here,
        "begun before": here,
        "itself": min(here + NICENESS, 19),
        "begun after": min(here + NICENESS, 19),
        "afterwards": here,
    }
