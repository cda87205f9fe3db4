"""What is held of a run's log: all that was said, in bounded memory, whatever the order of the steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.event_values import (
    Logged,
    LoggedHistogram,
    LoggedHparams,
    LoggedImages,
    LoggedScalar,
    LoggedText,
    Restarted,
)
from engine.log_contents import LogContents
from tui import log_points, run_log
from tui.run_log import RunLog, folded


def scalar(step: int, value: float = 0.5, tag: str = "loss", at: float = 100.0) -> LoggedScalar:
    return LoggedScalar(tag, step, at + step, value)


def image(step: int, size: int = 3, tag: str = "digits") -> LoggedImages:
    return LoggedImages(tag, step, 100.0 + step, (b"x" * size,))


def steps(log: RunLog, tag: str = "loss") -> list[int]:
    return [int(step) for step in log.scalars[tag].steps.array]


entries = st.one_of(
    st.builds(scalar, st.integers(0, 12), st.floats(allow_nan=False, width=32), st.sampled_from(["loss", "acc"])),
    st.builds(image, st.integers(0, 12), st.just(2)),
    st.builds(lambda step: LoggedText("notes", step, 1.0, ("text",)), st.integers(0, 12)),
    st.builds(lambda step: Restarted("", step, 1.0), st.integers(0, 12)),
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


def test_hyperparameters_stay_when_the_end_is_told() -> None:
    log = folded(RunLog(), [LoggedHparams("start", 0, 1.0, {"rate": 0.1})])
    log = folded(log, [LoggedHparams("end", 9, 1.0, {}, "done")])
    assert (log.hparams, log.status) == ({"rate": 0.1}, "done")


def test_histograms_of_one_tag_stand_beside_scalars_of_the_same() -> None:
    bins = np.array([[0.0, 1.0, 3.0]])
    log = folded(RunLog(), [scalar(1, tag="w"), LoggedHistogram("w", 1, 1.0, bins)])
    assert steps(log, "w") == [1]
    assert log.of("histograms", "w").entries[0].bins is bins
    assert log.of("images", "w").entries == ()
