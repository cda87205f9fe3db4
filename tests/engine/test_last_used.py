"""The values used last are kept, each made once, and found by the beginning of their keys."""

from __future__ import annotations

import threading

from engine.last_used import LastUsed


def test_a_value_is_made_once_and_those_used_last_are_kept() -> None:
    kept: LastUsed[str] = LastUsed(2)
    assert kept.get((1,), lambda: "one") == "one"
    assert kept.get((2,), lambda: "two") == "two"
    assert kept.get((1,), lambda: "another") == "one"
    assert kept.get((3,), lambda: "three") == "three"
    assert (1,) in kept and (2,) not in kept and (3,) in kept


def test_the_last_value_is_found_by_the_beginning_of_its_key() -> None:
    kept: LastUsed[str] = LastUsed(5)
    for version in (1, 2):
        kept.get(("a.py", version), lambda version=version: f"version {version}")  # type: ignore[misc]
    kept.get(("b.py", 1), lambda: "other")
    assert kept.last("a.py") == "version 2"
    assert kept.last() == "other"
    assert kept.last("c.py") is None


def test_it_is_searched_while_other_threads_keep_more() -> None:
    kept: LastUsed[int] = LastUsed(500)
    ended = threading.Event()

    def fill() -> None:
        for number in range(20_000):
            kept.get((number,), lambda: 0)
        ended.set()

    thread = threading.Thread(target=fill)
    thread.start()
    while not ended.is_set():
        kept.last("none")
    thread.join()
