"""Scalars read by their layout equal those of the parser, for any content; other records are left to the parser."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from engine.log import scalar_layouts
from engine.log import summary_values as values
from engine.log.event_values import Decoder, LoggedScalar
from engine.log.records import RecordFile
from engine.log.scalar_layouts import ScalarLayouts
from tests.engine.log_files import NAME, event, framed, histogram, old_scalars, scalars


def parsed(record: bytes, *before: bytes) -> list[tuple[str, int, float, float]]:
    """The result of the parser alone for a record; records in `before` name the plugins of its tags."""
    decoder = Decoder()
    for each in (*before, record):
        decoder._layouts = ScalarLayouts()
        found = decoder.decode(each)
    return [(e.tag, e.step, e.wall_time, e.value) for e in found if isinstance(e, LoggedScalar)]


def old(tag: str, value: float) -> Summary.Value:
    return Summary.Value(tag=tag, simple_value=value)


def content(tag: str, value: float) -> Summary.Value:
    """A scalar as TensorFlow writes it: as bytes, not as a number."""
    made = values.scalar(tag, value)
    made.tensor.ClearField("float_val")
    made.tensor.tensor_content = struct.pack("<f", value)
    return made


kinds = st.sampled_from([old, values.scalar, content])
tags = st.sampled_from(["loss", "acc", "", "a/b", "Verlust \u00fc", "x" * 200])
numbers = st.floats(width=32)
steps = st.one_of(st.integers(0, 300), st.integers(-(2**63), 2**63 - 1))
times = st.one_of(st.just(0.0), st.floats(0, 2e9), st.floats())
events = st.builds(
    lambda step, at, made: values.event(step, at, [kind(tag, number) for kind, tag, number in made]),
    steps,
    times,
    st.lists(st.tuples(kinds, tags, numbers), max_size=3),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(events, max_size=12))
def test_any_scalars_read_in_a_row_are_what_the_parser_makes_of_each(records: list[bytes]) -> None:
    decoder = Decoder()
    for place, record in enumerate(records):
        found = [(e.tag, e.step, e.wall_time, e.value) for e in decoder.decode(record) if isinstance(e, LoggedScalar)]
        assert str(found) == str(parsed(record, *records[:place]))


def test_a_layout_is_learnt_once_and_serves_every_step_and_value() -> None:
    layouts, event_read = ScalarLayouts(), Event()
    first = event(1, values.scalar("loss", 0.5), values.scalar("acc", 0.25), after_s=0.0)
    assert layouts.read(first) is None
    event_read.ParseFromString(first)
    layouts.learn(first, event_read)
    for step in (0, 1, 127, 128, 2**31, 2**62):
        later = event(step, values.scalar("loss", math.inf), values.scalar("acc", -1.5), after_s=7.0)
        assert layouts.read(later) == (1.7e9 + 7.0, step, [("loss", math.inf), ("acc", -1.5)])
    assert layouts.read(event(1, values.scalar("loss", 0.5), values.scalar("abc", 0.5))) is None
    assert layouts.read(event(-1, values.scalar("loss", 0.5), values.scalar("acc", 0.5))) is None


def test_what_is_no_scalar_or_says_something_else_is_left_to_the_parser() -> None:
    decoder = Decoder()
    decoder.decode(scalars(1)[0])
    decoder.decode(histogram(1, [0.0, 1.0], [1]))
    decoder.decode(event(1, Summary.Value(tag="t", simple_value=1.0), values.text("notes", "words")))
    assert decoder.layouts._count == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_have_no_layout_or_are_an_event(record: bytes) -> None:
    layouts, event_read = ScalarLayouts(), Event()
    for known in (*scalars(1, 200), *old_scalars(1)):
        event_read.ParseFromString(known)
        layouts.learn(known, event_read)
    assert layouts.read(record) is None


def test_layouts_take_no_more_memory_than_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalar_layouts, "_MOST_LAYOUTS", 1000)
    decoder = Decoder()
    for number in range(1200):
        decoder.decode(event(1, old(f"tag-{number:04d}", 1.0)))
    assert decoder.layouts._count == 1000


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([b"", b"a", b"bb" * 20, b"c" * 41, b"d" * 5000]), max_size=60),
    st.lists(st.integers(0, 59), max_size=3),
    st.integers(1, 50),
)
def test_records_read_ahead_are_those_read_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, data: list[bytes], damaged: list[int], most: int
) -> None:
    path = tmp_path_factory.mktemp("records") / NAME
    framed_data = [bytearray(framed(each)) for each in data]
    for place in damaged:
        if place < len(data) and data[place]:
            framed_data[place][12] ^= 0xFF
    path.write_bytes(b"".join(framed_data))
    one_by_one, ahead = RecordFile(path), RecordFile(path)
    expected = list(iter(one_by_one.next, None))
    found = []
    while several := ahead.several(most):
        assert len(several) <= most
        found += several
    assert (found, ahead.damaged, ahead.trouble) == (expected, one_by_one.damaged, one_by_one.trouble)


def test_a_damaged_length_ends_reading_ahead_and_the_next_valid_record_is_found(tmp_path: Path) -> None:
    path = tmp_path / NAME
    content_of = [bytearray(framed(b"x" * 30)) for _ in range(20)]
    content_of[15][3] ^= 1
    path.write_bytes(b"".join(content_of))
    file = RecordFile(path)
    assert len(file.several(100)) == 15
    assert len(file.several(100)) == 4
    assert "length of a record is damaged" in file.lost and "46 bytes skipped" in file.lost
