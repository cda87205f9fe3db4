"""The kept part of a run's log: everything, in bounded memory, in any order of the steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.log.contents import LogContents
from engine.log.event_values import (
    Logged,
    LoggedHistogram,
    LoggedHparams,
    LoggedImages,
    LoggedScalar,
    LoggedText,
    Reread,
)
from tui.model import log_points, run_log
from tui.model.run_log import RunLog, folded


def scalar(step: int, value: float = 0.5, tag: str = "loss", at: float = 100.0) -> LoggedScalar:
    return LoggedScalar(tag, step, at + step, value)


def image(step: int, size: int = 3, tag: str = "digits") -> LoggedImages:
    return LoggedImages(tag, step, 100.0 + step, (b"x" * size,))


def steps(log: RunLog, tag: str = "loss") -> list[int]:
    return [int(step) for step in log.scalars[tag].steps.array]


entries = st.one_of(
    st.builds(scalar, st.integers(1, 12), st.floats(allow_nan=False, width=32), st.sampled_from(["loss", "acc"])),
    st.builds(image, st.integers(0, 12), st.just(2)),
    st.builds(lambda step: LoggedText("notes", step, 1.0, ("text",)), st.integers(0, 12)),
    st.just(Reread("", 0, 0.0)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(entries, max_size=8), max_size=6))
def test_portions_in_any_order_of_steps_hold_what_the_whole_log_read_at_once_holds(
    portions: list[list[Logged]],
) -> None:
    log, whole = RunLog(), LogContents()
    for portion in portions:
        log = folded(log, portion)
        whole.add(portion)
    for tag, series in whole.scalars.items():
        held = log.scalars[tag].series(tag)
        assert held.steps.tolist() == series.steps.tolist()
        assert held.values.tolist() == series.values.tolist()
    for tag, images in whole.images.items():
        assert log.of("images", tag).entries == images
    for tag, texts in whole.texts.items():
        assert log.of("texts", tag).entries == texts


def test_a_run_begins_with_its_first_entry_and_times_count_from_there() -> None:
    log = folded(RunLog(), [scalar(0), scalar(7)])
    log = folded(log, [scalar(9)])
    assert log.began == 100.0
    assert log.scalars["loss"].series("a").times_s.tolist() == [0.0, 7.0, 9.0]  # type: ignore[union-attr]
    assert log.step == 9


def test_an_unknown_time_is_not_a_number() -> None:
    log = folded(RunLog(), [scalar(0), LoggedScalar("loss", 1, 0.0, 1.0)])
    times = log.scalars["loss"].times_s.array
    assert times[0] == 0.0
    assert np.isnan(times[1])


def test_an_unchanged_tag_gives_an_equal_curve_at_no_cost() -> None:
    log = folded(RunLog(), [scalar(0), scalar(1, tag="acc")])
    later = folded(log, [scalar(2, tag="acc")])
    assert later.scalars["loss"].series("a") == log.scalars["loss"].series("a")
    assert later.scalars["acc"].series("a") != log.scalars["acc"].series("a")


def test_what_was_folded_before_never_changes() -> None:
    log = folded(RunLog(), [scalar(1), scalar(2)])
    folded(log, [scalar(3)])
    folded(log, [scalar(1, 9.0)])
    assert steps(log) == [1, 2]
    assert log.scalars["loss"].values.array.tolist() == [0.5, 0.5]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 40))
def test_a_tag_with_too_many_points_holds_every_second_evenly_and_the_newest(count: int, portion: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_points, "MOST_POINTS", 20)
        log = RunLog()
        for first in range(0, count, portion):
            log = folded(log, [scalar(step, step) for step in range(first, min(first + portion, count))])
            assert len(log.scalars["loss"]) <= 20 + portion
            assert steps(log)[-1] == min(first + portion, count) - 1
    points = log.scalars["loss"]
    assert points.seen == count
    body = steps(log)[:-1] if points.loose else steps(log)
    assert body == list(range(0, count, points.every))[: len(body)]
    assert log.scalars["loss"].values.array.tolist() == [float(step) for step in steps(log)]


def test_images_beyond_the_most_are_held_evenly_and_the_newest_always() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_points, "MOST_KEPT", 8)
        log = RunLog()
        for step in range(50):
            log = folded(log, [image(step)])
            kept = log.of("images", "digits")
            assert kept.entries[-1].step == step
            assert len(kept.entries) <= 9
            assert kept.size == 3 * len(kept.entries)
    assert [entry.step for entry in kept.entries] == [0, 8, 16, 24, 32, 40, 48, 49]


def test_a_run_takes_no_more_memory_than_its_share() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_log, "MOST_BYTES", 1000)
        patch.setattr(run_log, "MOST_POINTS", 50)
        log = folded(RunLog(), [image(step, 100) for step in range(40)])
        log = folded(log, [image(step, 1, "small") for step in range(5)])
        for tag in ("loss", "acc"):
            log = folded(log, [scalar(step, tag=tag) for step in range(40)])
    assert log.of("images", "digits").size <= 1000
    assert len(log.of("images", "small").entries) == 5
    assert sum(map(len, log.scalars.values())) <= 50
    assert steps(log)[-1] == 39


def test_one_image_too_large_for_its_share_is_still_held() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_log, "MOST_BYTES", 10)
        log = folded(RunLog(), [image(1, 100), image(2, 100)])
    assert [entry.step for entry in log.of("images", "digits").entries] == [2]


def test_tags_too_long_or_too_many_are_left_out_and_counted() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_log, "MOST_TAGS", 3)
        log = folded(RunLog(), [scalar(1, tag=f"tag-{number}") for number in range(5)])
        log = folded(log, [scalar(2, tag="tag-0"), scalar(2, tag="x" * 501)])
    assert sorted(log.scalars) == ["tag-0", "tag-1", "tag-2"]
    assert steps(log, "tag-0") == [1, 2]
    assert log.left_out == 3


def test_hyperparameters_stay_when_the_end_is_reported() -> None:
    log = folded(RunLog(), [LoggedHparams("start", 0, 1.0, {"rate": 0.1})])
    log = folded(log, [LoggedHparams("end", 9, 1.0, {}, "done")])
    assert (log.hparams, log.status) == ({"rate": 0.1}, "done")


def test_histograms_of_one_tag_stand_beside_scalars_of_the_same() -> None:
    bins = np.array([[0.0, 1.0, 3.0]])
    log = folded(RunLog(), [scalar(1, tag="w"), LoggedHistogram("w", 1, 1.0, bins)])
    assert steps(log, "w") == [1]
    assert log.of("histograms", "w").entries[0].bins is bins
    assert log.of("images", "w").entries == ()


# --- steps that go back, and none -------------------------------------------------------------------------------------


def test_points_that_a_later_file_logs_again_are_counted_and_the_step_is_that_of_what_is_held() -> None:
    log = folded(RunLog(), [scalar(step) for step in range(1000)])
    log = folded(log, [scalar(step, at=5000.0) for step in range(20)])
    points = log.scalars["loss"]
    assert (len(points), points.superseded, log.step) == (20, 1000, 19)
    assert points.series("a").times_s.tolist() == [float(step) for step in range(20)]  # type: ignore[union-attr]
    (earlier,) = points.earlier
    assert earlier.steps.array.tolist() == list(range(1000))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(1, 30))
def test_points_and_those_superseded_are_all_that_were_logged_however_they_come(found: list[int], portion: int) -> None:
    log = RunLog()
    for begin in range(0, len(found), portion):
        log = folded(log, [scalar(step) for step in found[begin : begin + portion]])
    points = log.scalars["loss"]
    assert len(points) + points.superseded == len(found)
    assert log.step == found[-1]
    assert len(points.earlier) <= log_points.MOST_EARLIER


def test_a_tag_that_starts_over_leaves_the_others_as_they_are() -> None:
    log = folded(RunLog(), [scalar(step, tag="loss") for step in (1, 2, 3)])
    log = folded(log, [*(scalar(step, tag="hp_metric") for step in range(1, 10)), scalar(0, tag="hp_metric")])
    assert steps(log, "loss") == [1, 2, 3]
    assert (steps(log, "hp_metric"), log.scalars["hp_metric"].superseded) == ([0], 9)


@pytest.mark.parametrize("portion", [1, 2, 7, 50])
def test_scalars_without_a_step_are_held_in_their_order(portion: int) -> None:
    log, without = RunLog(), [scalar(0, value=number / 2, at=100.0 + number) for number in range(50)]
    for begin in range(0, 50, portion):
        log = folded(log, without[begin : begin + portion])
    points = log.scalars["loss"]
    assert points.by_order and points.superseded == 0
    assert points.steps.array.tolist() == list(range(50))
    assert points.values.array.tolist() == [number / 2 for number in range(50)]
    log = folded(log, [scalar(3)])
    assert (steps(log), log.scalars["loss"].superseded, log.scalars["loss"].by_order) == ([0, 3], 49, False)


def test_an_end_counts_only_if_nothing_is_logged_after_it() -> None:
    start, end = LoggedHparams("", 0, 1.0, {"lr": 0.1}), LoggedHparams("", 0, 1.0, {}, "done")
    log = folded(RunLog(), [start, end])
    assert log.status == "done"
    log = folded(log, [scalar(0, -1.0, tag="hp_metric")])
    assert (log.status, dict(log.hparams)) == ("", {"lr": 0.1})
    assert folded(log, [scalar(1), end]).status == "done"


def test_a_log_that_is_read_again_is_held_as_if_it_were_read_for_the_first_time() -> None:
    log = folded(RunLog(), [scalar(step) for step in range(9)])
    log = folded(log, [scalar(9), Reread("", 0, 0.0), scalar(4)])
    assert (steps(log), log.scalars["loss"].superseded, log.began, log.step) == ([4], 0, 104.0, 4)
