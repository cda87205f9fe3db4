"""Logs are read as far as possible: growing, cut, damaged, hostile, and of other programs."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c as reference_crc

from engine.log import summary_values as values
from engine.log.contents import LogContents
from engine.log.event_files import LogReader, read_log
from engine.log.event_values import (
    Decoder,
    LoggedHistogram,
    LoggedImages,
    LoggedOwn,
    LoggedScalar,
    LoggedText,
    Reread,
    decoded,
)
from engine.log.raster import png
from engine.log.records import RecordFile, masked_crc32c

NAME = "events.out.tfevents.1700000000.host.1.0.v2"
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def framed(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", reference_crc(length)) + data + struct.pack("<I", reference_crc(data))


def event(step: int, *added: Summary.Value, wall_time: float = 1.7e9) -> bytes:
    return values.event(step, wall_time, added)


def scalars(*steps: int, tag: str = "train-loss") -> list[bytes]:
    return [event(step, values.scalar(tag, step / 2)) for step in steps]


def write(folder: Path, *records: bytes, name: str = NAME) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("ab") as file:
        for record in records:
            length = struct.pack("<Q", len(record))
            checksums = (struct.pack("<I", masked_crc32c(part)) for part in (length, record))
            file.write(length + next(checksums) + record + next(checksums))
    return path


def steps_of(folder: Path, tag: str = "train-loss") -> list[int]:
    series = read_log(folder).scalars.get(tag)
    return [] if series is None else series.steps.tolist()


# --- checksums ------------------------------------------------------------------------------------------------


@quick
@given(st.binary(max_size=300))
def test_the_checksum_of_any_bytes_equals_tensorboards(data: bytes) -> None:
    assert masked_crc32c(data) == reference_crc(data)


# --- records --------------------------------------------------------------------------------------------------


@quick
@given(st.lists(st.binary(max_size=100), max_size=8), st.integers(0, 900))
def test_a_cut_file_gives_every_record_that_is_whole_and_the_rest_once_it_is(
    tmp_path: Path, records: list[bytes], cut: int
) -> None:
    whole = b"".join(framed(record) for record in records)
    path = tmp_path / NAME
    path.write_bytes(whole[:cut])
    file = RecordFile(path)
    before = list(iter(file.next, None))
    assert before == records[: len(before)]
    assert sum(len(framed(record)) for record in before) + file.pending == min(cut, len(whole))
    with path.open("ab") as growing:
        growing.write(whole[cut:])
    assert before + list(iter(file.next, None)) == records
    assert (file.damaged, file.trouble, file.pending) == (0, "", 0)


@quick
@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=6, unique=True), st.data())
def test_a_flipped_bit_loses_its_record_alone_and_never_invents_one(
    tmp_path: Path, records: list[bytes], data: st.DataObject
) -> None:
    content = bytearray(b"".join(framed(record) for record in records))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    (tmp_path / NAME).write_bytes(content)
    file = RecordFile(tmp_path / NAME)
    found = list(iter(file.next, None))
    assert all(record in records for record in found)
    assert len(found) == len(records) - 1
    assert file.damaged == 1 or file.lost or file.pending


@quick
@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    log = read_log(tmp_path)
    assert log.scalars == {}
    assert bool(log.skipped) == bool(content)


@quick
@given(st.binary(max_size=200))
def test_any_record_decodes_without_an_error(content: bytes) -> None:
    decoder = Decoder()
    for entry in decoder.decode(content):
        assert entry.wall_time >= 0


def test_a_damaged_record_is_passed_over_and_reported(tmp_path: Path) -> None:
    path = write(tmp_path, *scalars(1, 2, 3))
    content = bytearray(path.read_bytes())
    content[len(framed(scalars(1)[0])) + 20] ^= 0xFF
    path.write_bytes(content)
    log = read_log(tmp_path)
    assert log.scalars["train-loss"].steps.tolist() == [1, 3]
    assert log.skipped == (f"{NAME}: 1 damaged record passed over",)


def test_a_length_of_two_to_the_forty_with_a_valid_checksum_is_skipped_and_reported(tmp_path: Path) -> None:
    path = write(tmp_path, *scalars(1, 2))
    length = struct.pack("<Q", 2**40)
    with path.open("ab") as file:
        file.write(length + struct.pack("<I", reference_crc(length)))
    write(tmp_path, *scalars(3))
    log = read_log(tmp_path)
    assert log.scalars["train-loss"].steps.tolist() == [1, 2, 3]
    assert len(log.skipped) == 1 and str(2**40) in log.skipped[0] and "12 bytes skipped" in log.skipped[0]


def test_a_half_written_record_at_the_end_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path, *scalars(1, 2))
    os.truncate(path, path.stat().st_size - 5)
    log = read_log(tmp_path)
    assert log.scalars["train-loss"].steps.tolist() == [1]
    assert log.skipped[0].endswith("are not a complete record")


@pytest.mark.parametrize("kind", ["link", "pipe", "device"])
def test_what_is_no_plain_file_is_neither_followed_nor_waited_for(tmp_path: Path, kind: str) -> None:
    folder, outside = tmp_path / "log", tmp_path / "outside"
    write(outside, *scalars(1))
    folder.mkdir()
    if kind == "link":
        (folder / NAME).symlink_to(outside / NAME)
    elif kind == "pipe":
        os.mkfifo(folder / NAME)
    else:
        (folder / NAME).symlink_to("/dev/zero")
    log = read_log(folder)
    assert log.scalars == {} and len(log.skipped) == 1


def test_a_file_that_vanishes_while_it_is_read_is_reported_and_read_on_when_it_is_back(tmp_path: Path) -> None:
    path = write(tmp_path, *scalars(1))
    reader = LogReader(tmp_path)
    assert len(reader.read()) == 1
    path.rename(tmp_path / "away")
    assert reader.read() == []
    assert "no such file" in reader.skipped[0]
    (tmp_path / "away").rename(path)
    write(tmp_path, *scalars(2))
    assert [entry.step for entry in reader.read()] == [2]
    assert reader.skipped == ()


@pytest.mark.parametrize("left", [0, 3, 70])
def test_a_file_that_becomes_shorter_and_grows_again_is_read_from_its_start_and_reported(
    tmp_path: Path, left: int
) -> None:
    path = write(tmp_path, *scalars(1, 2, 3))
    reader, contents = LogReader(tmp_path), LogContents()
    contents.add(reader.read(budget_s=60))
    os.truncate(path, left)
    contents.add(reader.read(budget_s=60))
    os.truncate(path, 0)
    write(tmp_path, *scalars(1, 5, tag="other"))
    while not reader.at_end or "other" not in contents.scalars:
        contents.add(reader.read(budget_s=60))
    assert {tag: series.steps.tolist() for tag, series in contents.scalars.items()} == {"other": [1, 5]}
    assert reader.skipped == (f"{NAME}: was shortened or rewritten, and read again from its start",)


def test_a_file_that_was_written_again_longer_than_before_is_read_from_its_start(tmp_path: Path) -> None:
    path = write(tmp_path, *scalars(1, 2))
    reader = LogReader(tmp_path)
    reader.read(budget_s=60)
    path.unlink()
    write(tmp_path, *scalars(*range(3, 30)))
    assert [type(entry) for entry in reader.read(budget_s=60)] == [Reread]
    assert [entry.step for entry in reader.read(budget_s=60)] == list(range(3, 30))


def test_zeros_at_the_end_are_not_written_yet_and_are_read_on_when_they_change(tmp_path: Path) -> None:
    whole = b"".join(framed(record) for record in scalars(1, 2, 3, 4))
    path = tmp_path / NAME
    for written in range(len(whole)):
        path.write_bytes(whole[:written] + bytes(5000 - written))
        reader = LogReader(tmp_path)
        before = [entry.step for entry in reader.read(budget_s=60)]
        assert reader.at_end and "are not a complete record" in reader.skipped[0]
        path.write_bytes(whole)
        assert before + [entry.step for entry in reader.read(budget_s=60)] == [1, 2, 3, 4], written
        assert reader.skipped == ()


def test_zeros_amid_a_file_are_skipped(tmp_path: Path) -> None:
    first, second = (b"".join(framed(record) for record in scalars(*steps)) for steps in ((1, 2), (3, 4)))
    (tmp_path / NAME).write_bytes(first + bytes(300_000) + second)
    log = read_log(tmp_path)
    assert log.scalars["train-loss"].steps.tolist() == [1, 2, 3, 4]
    assert log.skipped == (f"{NAME}: the length of a record is damaged (byte {len(first):,}); 300,000 bytes skipped",)


@pytest.mark.parametrize("size", [1, 7, 300, 6_000_000])
def test_text_amid_a_file_loses_at_most_the_record_that_it_is_in(tmp_path: Path, size: int) -> None:
    records = [framed(record) for record in scalars(*range(1, 41))]
    whole, text = b"".join(records), (b"Killed\n" * size)[:size]
    for at in (0, len(records[0]), len(whole) // 2, len(whole) // 2 + 5, len(whole) // 2 + 31):
        (tmp_path / NAME).write_bytes(whole[:at] + text + whole[at:])
        log = read_log(tmp_path)
        steps = log.scalars["train-loss"].steps.tolist()
        assert len(steps) >= 39 and steps == sorted(steps) and log.skipped, at


def test_bytes_that_are_missing_amid_a_file_lose_only_the_records_they_are_of(tmp_path: Path) -> None:
    records = [framed(record) for record in scalars(*range(1, 41))]
    whole, begin = b"".join(records), sum(map(len, records[:20]))
    (tmp_path / NAME).write_bytes(whole[: begin + 30] + whole[begin + 50 :])
    log = read_log(tmp_path)
    assert log.scalars["train-loss"].steps.tolist() == [step for step in range(1, 41) if step != 21]


def test_a_git_lfs_pointer_in_place_of_a_file_is_named_and_the_file_read_once_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n")
    reader = LogReader(tmp_path)
    assert reader.read() == []
    assert reader.skipped == (f"{NAME}: a Git LFS pointer stands in place of the file: git lfs pull fetches it",)
    path.unlink()
    write(tmp_path, *scalars(1))
    assert len(reader.read()) == 1 and reader.skipped == ()


def test_an_event_file_that_is_a_link_is_followed_where_it_may_be(tmp_path: Path) -> None:
    write(tmp_path / "outside", *scalars(1))
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / NAME).symlink_to(tmp_path / "outside" / NAME)
    assert len(LogReader(tmp_path / "log", follow=True).read()) == 1
    assert LogReader(tmp_path / "log").read() == []


def test_gigabytes_stream_through_little_memory(tmp_path: Path) -> None:
    file = Image.new("L", (8, 8))
    content = io.BytesIO()
    file.save(content, "PNG")
    blob = content.getvalue() + bytes(4_000_000)
    for step in range(16):
        write(tmp_path, event(step, values.images("large", [blob], 8, 8), values.scalar("train-loss", step)))
    tracemalloc.start()
    try:
        log = read_log(tmp_path, keep=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(log.scalars["train-loss"].steps) == 16
    assert [entry.step for entry in log.images["large"]] == [14, 15]
    assert peak < 48e6  # 64 MB were read


# --- readers --------------------------------------------------------------------------------------------------


def test_a_live_log_is_followed_through_new_records_and_new_files(tmp_path: Path) -> None:
    write(tmp_path, *scalars(1, 2))
    reader = LogReader(tmp_path)
    assert [entry.step for entry in reader.read()] == [1, 2]
    assert reader.read() == [] and reader.at_end
    write(tmp_path, *scalars(3))
    write(tmp_path, *scalars(4), name="events.out.tfevents.1700000009.host.1.1.v2")
    assert [entry.step for entry in reader.read()] == [3, 4]
    write(tmp_path, *scalars(5))
    assert [entry.step for entry in reader.read()] == [5]
    reader.close()


def test_a_reader_of_a_folder_that_is_not_there_yet_waits_for_it(tmp_path: Path) -> None:
    reader = LogReader(tmp_path / "later")
    assert reader.read() == [] and reader.at_end
    write(tmp_path / "later", *scalars(1))
    assert len(reader.read()) == 1


def test_a_read_takes_no_more_records_than_it_may(tmp_path: Path) -> None:
    write(tmp_path, *scalars(*range(10)))
    reader = LogReader(tmp_path)
    assert len(reader.read(most_records=4, budget_s=60)) == 4 and not reader.at_end
    assert len(reader.read(most_records=100, budget_s=60)) == 6 and reader.at_end


def test_a_read_ends_when_its_time_is_over(tmp_path: Path) -> None:
    write(tmp_path, *scalars(*range(10)))
    ticks = iter(range(1000))
    reader = LogReader(tmp_path, clock=lambda: next(ticks))
    assert len(reader.read(budget_s=3)) == 3 and not reader.at_end


def test_records_that_say_nothing_are_no_end(tmp_path: Path) -> None:
    silent = Event(file_version="brain.Event:2").SerializeToString()
    write(tmp_path, *[silent] * 5, *scalars(1))
    reader = LogReader(tmp_path)
    assert reader.read(most_records=3) == [] and not reader.at_end
    assert len(reader.read(most_records=3)) == 1


# --- what other programs write --------------------------------------------------------------------------------


def summary(step: int, **value: object) -> bytes:
    return Event(step=step, wall_time=1.7e9, summary=Summary(value=[Summary.Value(**value)])).SerializeToString()  # type: ignore[arg-type]


def test_scalars_of_tensorflow_1_and_pytorch_are_read(tmp_path: Path) -> None:
    losses = enumerate([0.5, float("nan")])
    write(tmp_path, *(summary(step, tag="Loss/train", simple_value=loss) for step, loss in losses))
    series = read_log(tmp_path).scalars["Loss/train"]
    np.testing.assert_array_equal(series.values, [0.5, np.nan])
    np.testing.assert_array_equal(series.wall_times, [1.7e9, 1.7e9])


def test_scalars_of_tensorflow_2_are_read_with_and_without_content_and_repeated_metadata(tmp_path: Path) -> None:
    first, second = values.scalar("a", 0.25), Summary.Value(tag="a")
    second.tensor.dtype = 2
    second.tensor.tensor_content = struct.pack("<d", 1e-9)
    write(tmp_path, event(1, first), event(2, second))
    np.testing.assert_array_equal(read_log(tmp_path).scalars["a"].values, [0.25, 1e-9])


def test_tf_summary_writes_what_is_read(tmp_path: Path) -> None:
    import tensorflow as tf

    pixels = np.random.default_rng(0).integers(0, 256, (2, 5, 4, 3), np.uint8)
    with tf.summary.create_file_writer(str(tmp_path)).as_default(step=7):
        tf.summary.scalar("s", 0.5)
        tf.summary.text("t", "**bold**")
        tf.summary.image("i", pixels, max_outputs=2)
        tf.summary.histogram("h", [0.0, 1.0, 1.0], buckets=2)
    log = read_log(tmp_path)
    assert log.skipped == ()
    assert log.scalars["s"].values.tolist() == [0.5]
    assert log.contents.texts["t"][0].texts == ("**bold**",)
    for file, image in zip(log.images["i"][0].files, pixels, strict=True):
        np.testing.assert_array_equal(decoded(file), image)
    np.testing.assert_array_equal(log.contents.histograms["h"][0].bins, [[0, 0.5, 1], [0.5, 1, 2]])


def test_an_image_of_tensorflow_1_and_pytorch_is_read(tmp_path: Path) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    write(tmp_path, summary(1, tag="i", image=Summary.Image(height=3, width=4, encoded_image_string=png(pixels))))
    np.testing.assert_array_equal(decoded(read_log(tmp_path).images["i"][0].files[0]), pixels)


def test_a_histogram_of_tensorflow_1_and_pytorch_is_read(tmp_path: Path) -> None:
    histogram = HistogramProto(min=0.5, max=2.5, num=3, bucket_limit=[1.0, 2.0, 1e308], bucket=[1.0, 0.0, 2.0])
    write(tmp_path, summary(1, tag="h", histo=histogram))
    bins = read_log(tmp_path).contents.histograms["h"][0].bins
    np.testing.assert_array_equal(bins, [[0.5, 1, 1], [1, 2, 0], [2, 2.5, 2]])


def test_values_of_an_unknown_plugin_are_counted_and_named(tmp_path: Path) -> None:
    value = Summary.Value(tag="m")
    value.metadata.plugin_data.plugin_name = "mesh"
    value.tensor.dtype = 1
    write(tmp_path, event(1, value), event(2, value), *scalars(3))
    log = read_log(tmp_path)
    assert log.skipped == ("values of the plugin 'mesh': 2 passed over",)
    assert steps_of(tmp_path) == [3]


def test_the_lines_about_what_was_passed_over_are_few(tmp_path: Path) -> None:
    for number in range(50):
        value = Summary.Value(tag=f"m{number}", metadata=SummaryMetadata())
        value.metadata.plugin_data.plugin_name = f"plugin-{number}"
        value.tensor.dtype = 1
        write(tmp_path, event(1, value))
    skipped = read_log(tmp_path).skipped
    assert len(skipped) == 21 and skipped[-1].startswith("30 other kinds")


def test_a_tensor_that_claims_a_huge_shape_takes_no_memory(tmp_path: Path) -> None:
    for plugin in ("scalars", "histograms", "gdtui"):
        value = Summary.Value(tag=plugin)
        value.metadata.plugin_data.plugin_name = plugin
        value.tensor.dtype = 2
        for _ in range(3):
            value.tensor.tensor_shape.dim.add(size=2**20)
        value.tensor.double_val.append(1.0)
        write(tmp_path, event(1, value))
    log = read_log(tmp_path)
    assert log.scalars["scalars"].values.tolist() == [1.0]
    assert len(log.skipped) == 1


def test_a_time_that_is_none_becomes_zero(tmp_path: Path) -> None:
    times = enumerate([float("nan"), -1.0, 1e300, 5.0])
    write(tmp_path, *(event(step, values.scalar("a", 1.0), wall_time=time) for step, time in times))
    assert read_log(tmp_path).scalars["a"].wall_times.tolist() == [0.0, 0.0, 0.0, 5.0]


# --- steps ----------------------------------------------------------------------------------------------------


def test_a_step_that_comes_again_takes_the_place_of_all_from_it_on(tmp_path: Path) -> None:
    write(tmp_path, *scalars(1, 2, 3, 4), *scalars(3, 5))
    assert steps_of(tmp_path) == [1, 2, 3, 5]


def test_the_last_steps_are_known_of_every_kind(tmp_path: Path) -> None:
    bins = values.histogram("h", np.array([0.0, 1.0]), np.array([5]))
    array = values.array("c", np.eye(2), b"about")
    write(
        tmp_path,
        *scalars(1, 9),
        event(3, values.text("t", "x"), bins, array),
        event(4, values.images("i", [b"x"], 1, 1)),
    )
    assert read_log(tmp_path).contents.last_steps == {"train-loss": 9, "t": 3, "h": 3, "c": 3, "i": 4}


def test_only_the_last_few_of_all_but_scalars_are_kept() -> None:
    contents = LogContents(keep=3)
    for step in range(10):
        contents.add([LoggedText("t", step, 0.0, ("x",)), LoggedScalar("s", step, 0.0, 1.0)])
    assert [entry.step for entry in contents.texts["t"]] == [7, 8, 9]
    assert len(contents.scalars["s"].steps) == 10


def test_images_beyond_what_memory_may_hold_are_dropped_the_oldest_first() -> None:
    contents, blob = LogContents(keep=50), bytes(2**20)  # one object: the test itself must not need memory
    for step in range(40):
        contents.add([LoggedImages("i", step, 0.0, (blob,) * 8)])
    assert [entry.step for entry in contents.images["i"]] == list(range(8, 40))


# --- untrusted images --------------------------------------------------------------------------------------


@quick
@given(st.binary(max_size=200))
def test_bytes_that_are_no_image_are_none(content: bytes) -> None:
    assert decoded(content) is None
    assert decoded(b"\x89PNG\r\n\x1a\n" + content) is None


def test_an_image_that_is_too_large_is_none_and_takes_no_memory() -> None:
    content = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(content, "PNG")
    tracemalloc.start()
    try:
        assert decoded(content.getvalue()) is None
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


# --- folders --------------------------------------------------------------------------------------------------


def test_a_log_that_takes_too_long_is_read_as_far_as_there_is_time(tmp_path: Path) -> None:
    write(tmp_path, *scalars(*range(3000)))
    log = read_log(tmp_path, budget_s=0.0)
    assert 0 < len(log.scalars["train-loss"].steps) < 3000
    assert log.skipped == ("reading stopped after 0 seconds",)


def test_reading_a_log_imports_no_tensorflow(tmp_path: Path) -> None:
    write(tmp_path, *scalars(1), event(2, values.images("i", [png(np.zeros((2, 2), np.uint8))], 2, 2)))
    code = f"""
import sys
from pathlib import Path
from engine.log.event_files import read_log
from engine.log.event_values import decoded
log = read_log(Path({str(tmp_path)!r}))
print(log.scalars["train-loss"].steps.tolist(), decoded(log.images["i"][0].files[0]).shape, "tensorflow" in sys.modules)
"""
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[1] (2, 2) False"


def test_each_kind_of_entry_knows_its_tag_step_and_time(tmp_path: Path) -> None:
    bins = values.histogram("h", np.array([0.0, 1.0]), np.array([5]))
    kinds = [
        values.scalar("s", 1.0),
        values.text("t", "x"),
        values.images("i", [b"x"], 1, 1),
        bins,
        values.array("c", np.eye(2), b""),
    ]
    write(tmp_path, event(3, *kinds))
    entries = LogReader(tmp_path).read()
    assert [type(entry) for entry in entries] == [LoggedScalar, LoggedText, LoggedImages, LoggedHistogram, LoggedOwn]
    assert {(entry.step, entry.wall_time) for entry in entries} == {(3, 1.7e9)}
