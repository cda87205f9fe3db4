"""Progress in one row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.stage import Stage
from tui.text.words import duration, number
from tui.widgets import canvas
from tui.widgets.training.run_progress import Progress, RunProgress, words

HALF = Progress(7_000, 14_000, 15, 30, 1_000.0, 7.0, "running")


def test_with_room_everything_is_reported() -> None:
    assert words(HALF, 80) == "50% · epoch 15/30 · 7,000/14,000 · 1,000 steps/s · 7.0 s left"


def test_without_room_the_least_important_goes_first() -> None:
    assert words(HALF, 52) == "50% · 7,000/14,000 · 1,000 steps/s · 7.0 s left"
    assert words(HALF, 20) == "50% · 7.0 s left"
    assert words(HALF, 3) == "50%"
    assert words(HALF, 2) == ""


def test_a_finished_run_says_how_long_it_took() -> None:
    done = Progress(14_000, 14_000, 30, 30, 1_000.0, 75.0, "done")
    assert words(done, 80).endswith("took 1:15")


def test_a_paused_run_says_so_instead_of_a_time() -> None:
    assert words(Progress(7_000, 14_000, 15, 30, 1_000.0, 7.0, "paused"), 80).endswith("paused")


def test_a_run_of_unknown_length_has_no_percentage() -> None:
    assert words(Progress(step=12), 80) == "12 steps"
    assert Progress(step=12, steps_per_s=3).left_s is None


async def test_half_a_run_is_half_a_bar() -> None:
    bar = RunProgress()
    async with Stage(bar).run_test(size=(100, 3)) as pilot:
        bar.show(HALF)
        await pilot.pause()
        row = bar.render_line(0).text
        assert row.count("━") == pytest.approx(row.count("─"), abs=1)
        assert row.rstrip().endswith("left")


async def test_ascii_draws_nothing_else() -> None:
    bar = RunProgress()
    async with Stage(bar, ascii_only=True).run_test(size=(100, 3)) as pilot:
        bar.show(HALF)
        await pilot.pause()
        assert bar.render_line(0).text.isascii()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (9.96, "0:10"), (59.6, "1:00"), (3_600, "1:00:00"), (float("nan"), "?"), (-1, "?")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.3125, "0.3125"), (1.2e-5, "1.2e-05"), (12_345.6, "12,346"), (float("nan"), "NaN"), (float("-inf"), "-inf")],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


async def test_steps_wait_until_the_last_ones_could_be_read_and_a_pause_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bar = RunProgress()
    async with Stage(bar).run_test(size=(80, 3)) as pilot:
        monkeypatch.setattr(canvas, "monotonic", lambda: 1.0)  # a pause that does not end
        for step in (7_001, 7_002, 7_003):
            bar.show(replace(HALF, step=step))
            await pilot.pause()
        assert "7,002" in bar.render_line(0).text
        bar.show(replace(HALF, step=7_003, phase="paused"))
        await pilot.pause()
        assert "7,003" in bar.render_line(0).text
