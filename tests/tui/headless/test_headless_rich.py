"""A run at a terminal: tables, plots, and the progress line."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from engine.events import Evaluated, Outcome, Phase, Remark, RunEnded
from tests.tui.headless_events import TABLE, curve, delivered, descent, metrics, said, started, surface, training
from tui.headless import plots as plots
from tui.headless.plots import Paper
from tui.headless.progress import LEAST_BAR, ProgressLine, ProgressState, moved, words
from tui.headless.rich_report import RichReport
from tui.text.clean import columns
from tui.text.glyphs import ASCII, glyphs_of

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def rows(text: str) -> list[str]:
    return ESCAPE.sub("", text).splitlines()


@pytest.fixture(autouse=True)
def colour_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLORTERM", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    report = RichReport(width)
    text = said(report, *descent(), TABLE, curve(), *training())
    assert max(columns(row) for row in rows(text)) <= width


def test_a_narrow_terminal_gets_no_plot_but_all_the_numbers() -> None:
    text = said(RichReport(plots.LEAST_WIDTH - 1), *descent())
    assert "┌" not in text
    assert "minimum" in text


def test_a_descent_ends_with_its_paths_on_the_surface_and_a_row_each() -> None:
    text = "\n".join(rows(said(RichReport(120), *descent())))
    assert "* from (1, 0)  + from (−4, 0)  X minima" in text
    assert "minimum (3, 2) in 21 steps" in text
    assert "diverged at step 41" in text


def test_a_descent_that_was_stopped_shows_how_far_it_came() -> None:
    events = descent()
    text = said(RichReport(100), *events[:7], RunEnded(Outcome.STOPPED, 40, "stopped after step 40"))
    assert "from (1, 0)" in text


def test_training_ends_with_loss_accuracy_and_confusion() -> None:
    text = "\n".join(rows(said(RichReport(100), *training())))
    assert "train loss by step" in text
    assert "accuracy by epoch" in text
    assert "Confusion matrix after step 938" in text
    assert text.count("epoch 2 test acc 0.8600") == 1


def test_a_second_run_begins_with_a_clean_sheet() -> None:
    report = RichReport(100)
    said(report, *training())
    assert "train loss" not in said(report, *descent())


def test_without_colours_there_are_none() -> None:
    text = said(RichReport(100, no_color=True), *descent(), TABLE, curve(), *training())
    assert not re.search(r"\x1b\[[0-9;]*(3[0-9]|4[0-9]|9[0-9])", text)


def test_ascii_is_ascii_and_still_a_plot() -> None:
    text = said(RichReport(100, no_color=True, glyphs=ASCII), *descent(), TABLE, curve(), *training())
    assert ESCAPE.sub("", text).isascii()
    assert "|" in text


def test_markup_and_controls_from_outside_are_shown_and_not_obeyed() -> None:
    text = said(RichReport(100, no_color=True), Remark("[red]loss[/foo] \x1b[2J"))
    assert "[red]loss[/foo] \ufffd[2J" in text


def test_every_series_has_a_mark_of_its_own() -> None:
    path = np.zeros((3, 2))
    text = plots.surface_plot(surface(), ["a", "b", "c"], [path, path + 1, path + 2], Paper(80, colours=False))
    legend = text.splitlines()[-1]
    assert legend == "  * a  + b  @ c  X minima"


@pytest.mark.parametrize("ascii_only", [False, True])
def test_what_is_not_finite_leaves_a_gap(ascii_only: bool) -> None:
    paper = Paper(60, colours=False, glyphs=glyphs_of(ascii_only))
    loss = np.array([1.0, np.nan, 0.5, np.inf], np.float32)
    assert "train loss" in plots.loss_plot(loss, 1, paper)
    lost = np.full((5, 2), np.nan)
    assert "a" in plots.surface_plot(surface(), ["a"], [lost], paper)


def test_level_lines_lie_where_the_level_changes() -> None:
    x, y = plots.level_points(surface(), 60, 60)
    heights = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
    assert 50 < len(x) < 60 * 60 / 2
    assert heights.std() > 0


# --- the line ---------------------------------------------------------------------------------------------------

HALF = ProgressState("Fashion-MNIST", "running", 469, 938, 2, 2, 0.41, 0.86, 1500.0, began_s=1.0, elapsed_s=3.0)


def test_with_room_everything_is_reported() -> None:
    assert words(HALF, 120) == (
        "Fashion-MNIST · step 469/938 · 50% · epoch 2/2 · loss 0.41 · acc 0.860 · 1,500 steps/s · 2.0 s left"
    )


def test_without_room_the_least_important_goes_first() -> None:
    assert words(HALF, 40) == "Fashion-MNIST · 50% · 2.0 s left"
    assert words(HALF, 13) == "Fashion-MNIST"
    assert words(HALF, 3) == "50%"
    assert words(HALF, 2) == ""


def test_before_the_first_step_it_says_what_is_being_done() -> None:
    assert words(ProgressState("Losses", "importing"), 80) == "Losses · loading TensorFlow"
    assert words(ProgressState("Losses", "compiling"), 80) == "Losses · compiling"


def test_the_standing_follows_the_events() -> None:
    standing = ProgressState()
    for number, event in enumerate(training()[:9]):
        standing = moved(standing, delivered(event, float(number)))
    assert (standing.step, standing.total_steps, standing.epoch) == (469, 938, 1)
    standing = moved(standing, delivered(training()[9], 9.0))
    assert standing.accuracy == 0.82
    assert standing.left_s == pytest.approx(8.0)  # 469 steps in the 8 s since it began to run


def test_a_resumed_run_counts_its_pace_from_where_it_began() -> None:
    standing = moved(ProgressState(), delivered(replace(started(), resumed_step=400)))
    standing = moved(standing, delivered(Phase("running"), 2.0))
    standing = moved(standing, delivered(metrics(1, 401, 69), 3.0))
    assert standing.left_s == pytest.approx((938 - 469) / 69)


def test_a_resumed_run_says_what_it_waits_for_beside_the_step_it_has_come_to() -> None:
    standing = moved(ProgressState(), delivered(replace(started(), resumed_step=400)))
    standing = moved(standing, delivered(Phase("importing")))
    assert words(standing, 80) == "Himmelblau · loading TensorFlow · step 400"
    standing = moved(standing, delivered(Phase("running"), 2.0))
    assert words(standing, 80) == "Himmelblau · step 400"


def test_a_resumed_run_s_loss_is_drawn_over_the_steps_it_took() -> None:
    report = RichReport(80, no_color=True, glyphs=ASCII)
    begun, ended = replace(started("fashion-mnist"), resumed_step=400), RunEnded(Outcome.DONE, 500, "")
    text = said(report, begun, metrics(1, 401, 100), ended)
    assert "resumed after step 400" in text
    axis = next(line for line in text.splitlines() if "401" in line)
    assert axis.split()[0] == "401"
    assert axis.split()[-1] == "500"


class Screen:
    def __init__(self, width: int = 100) -> None:
        self.written: list[str] = []
        self.time_s = 0.0
        self.line = ProgressLine(self.written.append, lambda: width, colours=False, clock=lambda: self.time_s)


def test_the_line_is_redrawn_in_place_ten_times_a_second_at_most() -> None:
    screen = Screen()
    for step in range(100):
        screen.time_s = step / 100
        screen.line.take(delivered(metrics(1, step + 1, 1), screen.time_s))
        screen.line.draw()
    assert 8 <= len(screen.written) <= 11
    assert all(text.startswith("\r\x1b[2K") and "\n" not in text for text in screen.written)


def test_an_unchanged_line_is_not_drawn_again() -> None:
    screen = Screen()
    screen.line.take(delivered(started()))
    for second in range(5):
        screen.time_s = float(second)
        screen.line.draw()
    assert len(screen.written) == 1


def test_a_cleared_line_leaves_nothing_behind() -> None:
    screen = Screen()
    screen.line.clear()
    assert screen.written == []
    screen.line.take(delivered(started()))
    screen.line.draw()
    screen.line.clear()
    assert screen.written[-1] == "\r\x1b[2K"


@pytest.mark.parametrize("width", [1, 2, 10, LEAST_BAR * 4, 79, 300])
def test_the_line_never_reaches_the_last_column(width: int) -> None:
    screen = Screen(width)
    for event in training()[:9]:
        screen.line.take(delivered(event, 1.0))
    screen.line.draw()
    shown = [ESCAPE.sub("", text.removeprefix("\r\x1b[2K")) for text in screen.written]
    assert all(columns(text) < max(width, 1) for text in shown)


def test_the_line_can_be_ascii() -> None:
    written: list[str] = []
    line = ProgressLine(written.append, lambda: 120, glyphs=ASCII)
    for event in training()[:9]:
        line.take(delivered(event, 1.0))
    line.draw()
    assert written[-1].isascii()
    assert "#" in written[-1]


def test_a_mid_epoch_test_prints_no_line_at_a_terminal() -> None:
    test = training()[9]
    assert isinstance(test, Evaluated)
    assert said(RichReport(80), replace(test, epoch=None)) == ""


def test_a_slow_speed_is_reported_as_it_is() -> None:
    standing = moved(moved(ProgressState(), delivered(started())), delivered(Phase("running"), 2.0))
    for number in range(1, 6):
        standing = moved(standing, delivered(metrics(1, number, 1), 2.0 + 2 * (number - 1)))
    assert "0.5 steps/s" in words(standing, 120)
