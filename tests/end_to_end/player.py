"""A random player: it presses keys, moves the mouse, pastes, resizes and sends nonsense to gdtui on a real terminal.

    python -m tests.end_to_end.player --minutes 10       play one seed after the other
    python -m tests.end_to_end.player --seeds 7 8        play these
    python -m tests.end_to_end.player --replay FILE      replay a session that has failed

The actions of a seed are always the same; their timing relative to the app is not. A session fails when the app ends
unexpectedly or with another exit code than expected, logs or shows a traceback, stops drawing, cannot be left, or does
not restore the terminal. A failing session is shrunk by delta debugging, and written into a file to be replayed.

Source: A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE Transactions on Software
Engineering 28(2), 2002, for the algorithm ddmin.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyte

from tests.end_to_end import odd_logs
from tests.end_to_end.sessions import Action, Session, load, make_session, save
from tests.end_to_end.terminal import ALTERNATE, Terminal, python

REPOSITORY = Path(__file__).parents[2]
BEGIN_S, REDRAW_S, LEAVE_S, SIGNAL_S = 60.0, 90.0, 90.0, 10.0
"""The longest times for the app to start, to draw after a change of size, to be left by keys, and to end by a signal.
On a busy machine nothing shorter distinguishes a hang from a wait."""


GDTUI = ("-m", "tui.cli.main")

LEAVE_KEYS = ("\x1b", "\x1b", "q", "y")
"""The keys that leave the app in any state: each closes something, and the last confirms."""


@dataclass(frozen=True)
class Outcome:
    """The result of a session: `failure` describes in one line what was wrong, and is empty if nothing was."""

    failure: str
    detail: str
    played: int
    left: bool
    """Whether the app was left by a key or a click of the session itself, before its end."""


# --- playing ----------------------------------------------------------------------------------------------------------

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\^_]|\][^\x07\x1b]*)")
_UNKNOWN = re.compile(r"\x1b\[[<>=?][\d;]*[$u][p]?|\x1b\[\?[\d;]*\$p")
_ASKS_TO_LEAVE = re.compile("[qy\r\x11\x03]|\x1b\\[<|\x1b\\[13u")
TRACEBACK = "Traceback (most recent call last)"


class QuickTerminal(Terminal):
    """A terminal whose screen is not interpreted: it keeps the output, and answers."""

    _drawn_before = 0

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; everything is drawn again after it."""
        super().resize(columns, lines)
        self._drawn_before = len(self.transcript)

    def picture(self) -> str:
        """The screen, from the output since the last change of size."""
        pyte.Stream(self.screen).feed(
            _UNKNOWN.sub("", bytes(self.transcript[self._drawn_before :]).decode(errors="replace"))
        )
        return "\n".join(line.rstrip() for line in self.screen.display)

    def _draw(self, text: str) -> None:
        if self._answers and (asked := text.count("\x1b[5n")):
            self._send(b"\x1b[0n" * asked)


@dataclass
class Playing:
    """A session in progress, in its own folder."""

    session: Session
    folder: Path
    limit_s: float
    command: Sequence[str] = GDTUI
    sent: list[str] = field(default_factory=list)
    played: int = 0

    def run(self) -> Outcome:
        """Play it to its end."""
        if self.session.log:
            odd_logs.LOGS[self.session.log](self.folder / "log")
        environ = {
            name: str(self.folder) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
        }
        environ |= {"PYTHONPATH": str(REPOSITORY), "BROWSER": "true", "PYTHONFAULTHANDLER": "1", **self.session.environ}
        columns, lines = self.session.size
        with QuickTerminal(
            python(*self.command, *self.session.words), columns=columns, lines=lines, environ=environ,
            cwd=self.folder, answers=self.session.answers,
        ) as terminal:  # fmt: skip
            try:
                failure, left = self._play(terminal)
            except AssertionError as failed:
                failure, left = str(failed).splitlines()[0], False
            if failure and terminal.process.poll() is None:
                terminal.app.send_signal(signal.SIGABRT)  # faulthandler writes the stack of each thread into the log
                self._is_over(terminal.process, 5000)
            picture = terminal.picture() if failure else ""
            seen = _ESCAPES.sub(b"", bytes(terminal.transcript)[-200_000:]).decode(errors="replace")
        log = "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.rglob("*-*-*.log")))
        raised = first_exception(log) or first_exception(seen)
        detail = "\n".join([*log.splitlines()[-60:], picture])
        failure = raised or failure
        return Outcome(failure, detail if failure else "", self.played, left and not failure)

    def _play(self, terminal: Terminal) -> tuple[str, bool]:
        """What failed, and whether the app was left by a played action."""
        process = terminal.process
        if not self.session.eager:
            terminal.wait_until(lambda: ALTERNATE in terminal.modes or process.poll() is not None, "the app", BEGIN_S)
        until = time.monotonic() + self.limit_s
        for action in self.session.actions:
            self._do(terminal, action)
            self.played += 1
            if time.monotonic() > until or self._is_over(process, action.pause_ms):
                break
        if process.poll() is None:
            self._see_that_it_draws(terminal)
        if process.poll() is not None:
            asked = _ASKS_TO_LEAVE.search("".join(self.sent)) is not None
            return self._judge(terminal, 0 if asked else None), True
        if self.session.by_signal:
            terminal.signal(signal.SIGTERM)
            terminal.exit_code(SIGNAL_S)
            return self._judge(terminal, 128 + signal.SIGTERM), False
        until = time.monotonic() + LEAVE_S
        for number, key in enumerate(itertools.cycle(LEAVE_KEYS)):
            if self._is_over(process, min(150 + 10 * number, 1000)):
                return self._judge(terminal, 0), False
            if time.monotonic() > until:
                return f"not left by keys after {LEAVE_S:g} s", False
            terminal.send(key.encode())
        raise AssertionError("unreachable")

    def _do(self, terminal: Terminal, action: Action) -> None:
        if action.size is not None:
            terminal.resize(*action.size)
        if action.grow is not None:
            odd_logs.grow(self.folder / "log", action.grow)
        if action.send:
            self.sent.append(action.send)
            terminal.send((action.send * action.times).encode("latin-1"))

    def _see_that_it_draws(self, terminal: Terminal) -> None:
        """Check that a change of the size is answered by a new frame, after everything that is queued before it."""
        drawn, until = terminal.received_bytes, time.monotonic() + REDRAW_S
        for size in itertools.cycle(((100, 30), (90, 28))):
            terminal.resize(*size)
            for _ in range(20):
                if self._is_over(terminal.process, 100) or terminal.received_bytes > drawn + 500:
                    return
            assert time.monotonic() < until, f"nothing drawn for {REDRAW_S:g} s"

    def _judge(self, terminal: Terminal, expected: int | None) -> str:
        code = terminal.exit_code()
        if code != expected:
            return f"exit code {code}" if expected is not None else f"left unasked, exit code {code}"
        return "" if terminal.restored else "terminal not restored"

    @staticmethod
    def _is_over(process: subprocess.Popen[bytes], wait_ms: int) -> bool:
        """Wait, but not longer than the process lives."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait_ms / 1000)
        return process.poll() is not None


def first_exception(text: str) -> str:
    """The first exception whose traceback is in `text`, and the innermost place of our code in it; empty if there is
    none."""
    if TRACEBACK not in text:
        return ""
    _, plain, after = f"\n{text}".partition(f"\n{TRACEBACK}")  # Rich draws a box around its own
    traceback = (after if plain else text.partition(TRACEBACK)[2]).partition(TRACEBACK)[0]
    places = re.findall(r'File "[^"]*/((?:tui|engine|textual)/[^"]*)", line \d+, in (\S+)', traceback)
    ours = [place for place in places if not place[0].startswith("textual/")] or places
    raised = re.search(r"\n([^\s│╭╰].*)", traceback)
    where = f" at {ours[-1][0]}:{ours[-1][1]}" if ours else ""
    return f"{raised[1][:150].strip() if raised else 'an exception'}{where}"


def play(session: Session, limit_s: float = 60.0, command: Sequence[str] = GDTUI) -> Outcome:
    """Play a session for at most `limit_s` seconds, not counting its end."""
    folder = Path(tempfile.mkdtemp(prefix="player-"))
    try:
        return Playing(session, folder, limit_s, command).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- shrinking --------------------------------------------------------------------------------------------------------


def shrink(actions: Sequence[Action], fails: Callable[[Sequence[Action]], bool], until: float) -> list[Action]:
    """Search with ddmin, until a time, for the fewest actions that still fail."""
    kept, parts = list(actions), 2
    while len(kept) > 1 and time.monotonic() < until:
        size = -(-len(kept) // parts)
        for start in range(0, len(kept), size):
            fewer = kept[:start] + kept[start + size :]
            if time.monotonic() < until and fails(fewer):
                kept, parts = fewer, max(parts - 1, 2)
                break
        else:
            if parts >= len(kept):
                break
            parts = min(2 * parts, len(kept))
    return kept


def shrunk(session: Session, outcome: Outcome, limit_s: float, command: Sequence[str] = GDTUI) -> Session:
    """Shrink a failing session to fewer actions that fail in the same way, for at most `limit_s` seconds. One that does
    not fail again is returned unchanged."""

    def fails(actions: Sequence[Action]) -> bool:
        again = replace(session, actions=tuple(actions))
        return any(play(again, command=command).failure == outcome.failure for _ in range(2))

    played = session.actions[: outcome.played]
    if not fails(played):
        return session
    return replace(session, actions=tuple(shrink(played, fails, time.monotonic() + limit_s)))


# --- playing many -----------------------------------------------------------------------------------------------------


def report(session: Session, outcome: Outcome, folder: Path, shrink_s: float) -> Path:
    """Print the facts about a failing session, shrink it, and write it into a file."""
    path = folder / f"seed-{session.seed}.json"
    print(f"\nseed {session.seed} failed: {outcome.failure}\n  gdtui {' '.join(session.words)}  {session.log}")
    print(f"  {outcome.detail}".replace("\n", "\n  "), flush=True)
    small = shrunk(session, outcome, shrink_s) if shrink_s else session
    save(small, path)
    print(f"  {len(small.actions)} actions of {outcome.played}; python -m tests.end_to_end.player --replay {path}")
    for action in small.actions if len(small.actions) <= 20 else ():
        print(f"    {action}"[:200])
    sys.stdout.flush()
    return path


def play_many(seeds: Iterator[int], until: float, jobs: int, seconds: float, folder: Path, shrink_s: float) -> int:
    """Play seeds, `jobs` at a time, and print counts at the end; returns how many failed."""
    counts, failures = Counter[str](), Counter[str]()
    with ThreadPoolExecutor(jobs) as pool:
        going: dict[Future[Outcome], Session] = {}
        while True:
            while len(going) < jobs and time.monotonic() < until and (seed := next(seeds, None)) is not None:
                session = make_session(seed)
                going[pool.submit(play, session, seconds)] = session
            if not going:
                break
            done = next((future for future in going if future.done()), None)
            if done is None:
                time.sleep(0.05)
                continue
            session, outcome = going.pop(done), done.result()
            counts.update(sessions=1, actions=outcome.played, left=outcome.left, failed=bool(outcome.failure))
            if outcome.failure:
                known = failures[outcome.failure] > 0
                failures[outcome.failure] += 1
                report(session, outcome, folder, 0 if known else shrink_s)
            if counts["sessions"] % 20 == 0:
                print(dict(counts), flush=True)
    print("{sessions} sessions, {actions} actions, {left} left before the end, {failed} failed".format_map(counts))
    for failure, times in failures.most_common():
        print(f"  {times} × {failure}")
    return counts["failed"]


def main() -> int:
    """Play as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.player", description="Play gdtui at random.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to play")
    parser.add_argument("--first", type=int, default=None, help="the first seed; by default one that the clock gives")
    parser.add_argument("--seeds", type=int, nargs="+", help="play these seeds")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long a session plays at the most")
    parser.add_argument("--jobs", type=int, default=2, help="sessions at a time")
    parser.add_argument("--shrink", type=float, default=180.0, help="seconds for the shrinking of a failure; 0 is none")
    parser.add_argument(
        "--failures", type=Path, default=Path("build/player"), help="where failing sessions are written"
    )
    parser.add_argument("--replay", type=Path, help="play the session in this file again")
    given = parser.parse_args()
    if given.replay is not None:
        outcome = play(load(given.replay))
        print(f"{outcome.failure or 'no failure'}\n{outcome.detail}")
        return bool(outcome.failure)
    first = int(time.time()) if given.first is None else given.first
    seeds = iter(given.seeds) if given.seeds else itertools.count(first)
    until = time.monotonic() + (1e9 if given.seeds else given.minutes * 60)
    return bool(play_many(seeds, until, given.jobs, given.seconds, given.failures, given.shrink))


if __name__ == "__main__":
    os.nice(5)
    sys.exit(main())
