"""Values of plugins other than scalars, images, histograms and texts: precision-recall curves, audio, charts'
layouts."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.custom_scalar.layout_pb2 import Category, Layout, MarginChartContent
from tensorboard.plugins.custom_scalar.layout_pb2 import Chart as ChartProto

from engine.log.audio import Clip, clip_of
from engine.log.charts import Chart, Margin, charts_of, tags_of
from engine.log.event_values import Decoder, LoggedAudio, LoggedCharts, LoggedCurve
from tests.engine.log_files import audio, event, layout, precision_recall, wav

POINTS = [[2.0, 1.0], [2.0, 0.0], [0.0, 2.0], [0.0, 1.0], [0.5, 1.0], [1.0, 0.5]]


def test_a_precision_recall_curve_is_six_rows_of_numbers() -> None:
    (curve,) = Decoder().decode(precision_recall(3, POINTS))
    assert isinstance(curve, LoggedCurve)
    assert (curve.step, curve.points.tolist()) == (3, POINTS)


def test_a_curve_that_is_none_is_counted_and_passed_over() -> None:
    decoder = Decoder()
    assert decoder.decode(precision_recall(1, POINTS[:5])) == []
    assert decoder.passed_over == {"invalid precision-recall curves": 1}


def test_audio_clips_are_told_by_their_headers() -> None:
    (found,) = Decoder().decode(audio(1, wav(4000), b"no audio"))
    assert isinstance(found, LoggedAudio)
    assert found.clips == (Clip("wav", 8044, 8000, 1, 0.5), Clip("audio", 8))


def test_audio_as_pytorch_logs_it_says_itself_what_it_holds() -> None:
    value = Summary.Value(tag="sound")
    value.audio.sample_rate, value.audio.num_channels, value.audio.length_frames = 16_000, 2, 32_000
    value.audio.encoded_audio_string = b"x" * 10
    (found,) = Decoder().decode(event(1, value))
    assert isinstance(found, LoggedAudio)
    assert found.clips == (Clip("audio", 10, 16_000, 2, 2.0),)


@given(st.binary(max_size=80), st.integers(0, 2**32 - 1))
def test_no_header_is_too_damaged_to_be_looked_at(rest: bytes, size: int) -> None:
    clip_of(struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + rest)


def test_a_layout_names_charts_and_the_tags_in_them() -> None:
    (found,) = Decoder().decode(layout(all=["train/.*", "val/loss"]))
    assert isinstance(found, LoggedCharts)
    (chart,) = found.charts
    assert chart == Chart("losses / all", ("train/.*", "val/loss"))
    tags = ("other", "train/acc", "train/loss", "val/loss", "val/loss-2")
    assert tags_of(chart, tags) == ("train/acc", "train/loss", "val/loss", "val/loss-2")


def test_a_margin_is_a_value_between_two_others() -> None:
    series = MarginChartContent.Series(value="v", lower="low", upper="high")
    chart = ChartProto(title="band", margin=MarginChartContent(series=[series]))
    made = Layout(category=[Category(chart=[chart])]).SerializeToString()
    assert charts_of(made) == (Chart("band", (), (Margin("v", "low", "high"),)),)


def test_a_layout_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid layouts"):
        charts_of(b"\xff\xff\xff")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b(a|a)*c", ".*.*.*.*.*b", "[", "a{1,99}{1,99}b"])
def test_a_pattern_that_could_take_for_ever_or_is_none_is_taken_as_it_is_written(pattern: str) -> None:
    began = time.process_time()
    assert tags_of(Chart("c", (pattern,)), ("a" * 300, pattern + "!")) == (pattern + "!",)
    assert time.process_time() - began < 5.0
