"""The random player: its actions are repeatable, it notices each kind of failure, and gdtui withstands ten seeds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end import player
from tests.end_to_end.player import Outcome, Playing, first_exception, play, shrink, shrunk
from tests.end_to_end.sessions import Action, Session, load, make_session, save
from tests.end_to_end.terminal import Terminal

SMALL_APP = str(Path(__file__).parent / "small_app.py")
SEEDS = range(10)


def small(tmp_path: Path, *keys: str, by_signal: bool = True, pause_ms: int = 300) -> Outcome:
    """A session of the small app with misbehaving keys."""
    (tmp_path / "a-small-app.log").touch()
    session = Session(
        seed=0, words=(), log="", environ={"SMALL_LOG": "a-small-app.log"}, size=(80, 24), answers=True, eager=False,
        by_signal=by_signal, actions=(Action(pause_ms=500), *(Action(key, pause_ms=pause_ms) for key in keys)),
    )  # fmt: skip
    return Playing(session, tmp_path, 30.0, (SMALL_APP,)).run()


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_seed_always_plays_the_same_and_another_one_something_else(tmp_path: Path) -> None:
    assert make_session(7) == make_session(7) != make_session(8)
    save(make_session(7), tmp_path / "session.json")
    assert load(tmp_path / "session.json") == make_session(7)


def test_sessions_play_every_lesson_and_log_with_and_without_colour() -> None:
    made = [make_session(seed) for seed in range(300)]
    assert {session.words[0] for session in made if session.words} >= {
        "gradients", "autograd", "activations", "losses", "himmelblau", "fashion-mnist", "tensorboard", "attach",
    }  # fmt: skip
    assert {"NO_COLOR", "COLORTERM", "TERM", "LC_ALL"} <= {name for session in made for name in session.environ}
    sizes = {action.size for session in made for action in session.actions}
    assert {(1, 1), (80, 24), (400, 150), None} <= sizes
    assert 490 <= max(action.pause_ms for session in made for action in session.actions) <= 500


# --- what the player notices ------------------------------------------------------------------------------------------


def test_a_session_in_which_nothing_happens_is_no_failure(tmp_path: Path) -> None:
    assert small(tmp_path, "a", by_signal=False) == Outcome("", "", 2, False)
    assert small(tmp_path, "a", by_signal=True) == Outcome("", "", 2, False)


def test_leaving_by_a_key_of_the_session_is_no_failure(tmp_path: Path) -> None:
    assert small(tmp_path, "q") == Outcome("", "", 2, True)


def test_an_exception_is_named_with_its_place(tmp_path: Path) -> None:
    outcome = small(tmp_path, "x", "a", "a")
    assert outcome.failure == "ValueError: went\x1b[31m wrong at textual/_callback.py:_invoke"
    assert "raise ValueError" in outcome.detail


def test_an_end_that_nobody_asked_for_is_a_failure(tmp_path: Path) -> None:
    assert small(tmp_path, "e").failure == "left unasked, exit code 7"
    assert small(tmp_path, "s").failure == "left unasked, exit code 139"


@pytest.mark.slow
def test_an_app_that_hangs_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "REDRAW_S", 2.0)
    assert small(tmp_path, "b", pause_ms=1000).failure == "nothing drawn for 2 s"


def test_an_app_that_no_key_ends_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "LEAVE_KEYS", ("a",))
    monkeypatch.setattr(player, "LEAVE_S", 2.0)
    assert small(tmp_path, by_signal=False).failure == "not left by keys after 2 s"


def test_the_first_exception_of_a_log_is_found() -> None:
    log = 'x\nTraceback (most recent call last):\n  File "/a/tui/app.py", line 3, in go\n    go()\nKeyError: 1\n'
    assert first_exception(f"{log}\nTraceback (most recent call last):\nOSError\n") == "KeyError: 1 at tui/app.py:go"
    assert first_exception("all is well") == ""


def test_shrinking_finds_the_actions_that_fail_together() -> None:
    actions = [Action(chr(32 + number)) for number in range(64)]
    culprits = {actions[3], actions[40]}
    found = shrink(actions, lambda fewer: culprits <= set(fewer), time.monotonic() + 60)
    assert found == [actions[3], actions[40]]


def test_a_session_that_failed_is_shrunk_by_playing_it() -> None:
    session = Session(
        seed=0, words=(), log="", environ={}, size=(80, 24), answers=True, eager=False, by_signal=True,
        actions=tuple(Action(key, pause_ms=300) for key in "aaea"),
    )  # fmt: skip
    command = (SMALL_APP,)
    outcome = play(session, command=command)
    assert (outcome.failure, outcome.played) == ("left unasked, exit code 7", 3)
    assert shrunk(session, outcome, 60, command).actions == (session.actions[2],)
    assert shrunk(session, replace(outcome, failure="another"), 60, command) == session


# --- gdtui ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[int, Future[Outcome]]]:
    with ThreadPoolExecutor(2) as pool:
        yield {seed: pool.submit(play, make_session(seed, length=60), 4.0) for seed in SEEDS}


@pytest.mark.parametrize("seed", SEEDS)
def test_gdtui_withstands_a_session_of_random_input(seed: int, outcomes: dict[int, Future[Outcome]]) -> None:
    outcome = outcomes[seed].result()
    assert not outcome.failure, f"python -m tests.end_to_end.player --seeds {seed}\n{outcome.detail}"


def test_what_an_app_that_has_ended_does_not_read_holds_nothing_up() -> None:
    with Terminal(["/bin/true"]) as terminal:
        terminal.process.wait()
        terminal.send(b"x" * 1_000_000)
