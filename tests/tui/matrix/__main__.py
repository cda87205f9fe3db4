"""Play every play, or those that are named: `python -m tests.tui.matrix ["PLAY" ...]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context

from tests.tui.matrix import log_plays
from tests.tui.matrix.combinations import Play, every, named, sample
from tests.tui.matrix.log_plays import LogPlay, play_part
from tests.tui.matrix.player import Failure

MOST_SHOWN = 40
"""The most failures that are reported one by one."""

PARTS_A_PROCESS = 4
"""A process keeps every program that it compiles. Not by ProcessPoolExecutor: in Python 3.11 it starts no process after
those that have done their share, and waits for ever."""

PART_S = 1800.0
"""The longest time between two parts; a process that crashes loses its part."""


def main(argv: list[str] | None = None) -> int:
    """Play and report; exit status 1 if a play fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.tui.matrix", description=__doc__)
    parser.add_argument("plays", nargs="*", metavar="PLAY", help="a play's name; without any, all are played")
    parser.add_argument("--sample", type=int, metavar="N", help="play N of them")
    parser.add_argument("--seed", type=int, default=0, help="what the sample is drawn by")
    parser.add_argument("--lesson", help="play this lesson's alone")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args(argv)
    try:
        plays: list[Play | LogPlay] = [
            (log_plays.named if name.startswith(log_plays.PREFIX) else named)(name) for name in given.plays
        ]
    except ValueError as error:
        parser.error(str(error))
    plays = plays or (sample(given.sample, given.seed) if given.sample else [*every(), *log_plays.every()])
    if given.lesson:
        plays = [play for play in plays if isinstance(play, Play) and play.lesson == given.lesson]
    began = time.monotonic()
    failures: list[Failure] = []
    for failed in _played(plays, given.processes):
        for failure in failed:
            if len(failures) < MOST_SHOWN:
                print(failure, flush=True)
            failures.append(failure)
    print(f"{len(plays):,} plays in {time.monotonic() - began:,.0f} s, {len(failures)} failed")
    return 1 if failures else 0


def _played(plays: list[Play | LogPlay], processes: int) -> Iterator[list[Failure]]:
    """Play in several processes, one run of the engine with all its looks in one, and one log folder in one."""
    parts: dict[tuple[str, ...], list[Play | LogPlay]] = {}
    for play in plays:
        if isinstance(play, LogPlay):
            parts.setdefault((log_plays.PREFIX, play.log), []).append(play)
        else:
            parts.setdefault((play.lesson, *(text for _, text in play.texts[:1])), []).append(play)
    if len(parts) == 1 or processes == 1:
        for number, part in enumerate(parts.values(), 1):
            yield play_part(part)
            print(f"{number} of {len(parts)} parts played", file=sys.stderr, flush=True)
        return
    with get_context("spawn").Pool(processes, maxtasksperchild=PARTS_A_PROCESS) as pool:
        results = pool.imap_unordered(play_part, parts.values())
        for number in range(1, len(parts) + 1):
            yield results.next(timeout=PART_S)
            print(f"{number} of {len(parts)} parts played", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
