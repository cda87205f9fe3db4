"""A sample of the plays; `make test-all` plays all of them."""

from __future__ import annotations

import os
import random

import pytest

from tests.tui.matrix import combinations, log_plays
from tests.tui.matrix.checks import cut_numbers
from tests.tui.matrix.player import play_all
from tui.plot.cells import Cells

SEED = int(os.environ.get("PLAYS_SEED", "0"))
COUNT = 7  # one of each lesson


@pytest.mark.parametrize("play", combinations.sample(COUNT, SEED), ids=lambda play: play.name)
def test_a_play_ends_with_nothing_wrong_on_the_screen(play: combinations.Play) -> None:
    failures = play_all([play])
    assert not failures, "\n".join(map(str, failures))


@pytest.mark.parametrize("play", random.Random(SEED).sample(log_plays.every(), 1), ids=lambda play: play.name)
def test_a_play_with_the_log_viewer_ends_with_nothing_wrong_on_the_screen(play: log_plays.LogPlay) -> None:
    failures = log_plays.play_logs([play])
    assert not failures, "\n".join(map(str, failures))


def test_every_name_leads_back_to_its_play() -> None:
    plays = combinations.every()
    assert len({play.name for play in plays}) == len(plays)
    assert all(combinations.named(play.name) == play for play in plays[::97])
    assert all(log_plays.named(play.name) == play for play in log_plays.every())


@pytest.mark.parametrize(("text", "width", "cut"), [
    ("f 1.25", 5, True), ("f 1.25", 4, True), ("1.5e-05", 3, True), ("-3", 1, True), ("1,200", 1, True),
    ("f 1.25", 6, False), ("f 1.25 at", 7, False), ("12 of 3", 3, False),
])  # fmt: skip
def test_a_number_drawn_over_the_edge_is_noticed(text: str, width: int, cut: bool) -> None:
    with cut_numbers() as found:
        Cells(width, 1).put(0, 0, text)
    assert bool(found) is cut
