"""All scalars of a log as columns equal those of TensorBoard's own EventAccumulator, to the last bit."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.util import tensor_util

from engine.log import summary_values as values
from engine.log.event_files import LogReader
from engine.log.event_values import LoggedScalar
from engine.log.scalar_table import TagPoints, read_scalars
from tests.end_to_end import odd_logs
from tests.engine.log_files import BEGAN, NAME, append, event, hparams, image, old_scalars, scalars, text, with_plugin

Rows = dict[str, list[tuple[int, bytes, bytes]]]


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def ours(folder: Path) -> Rows:
    return {
        tag: [
            (step, bits(at), bits(value))
            for step, at, value in zip(
                points.steps.tolist(), points.wall_times.tolist(), points.values.tolist(), strict=True
            )
        ]
        for tag, points in read_scalars(folder).scalars.items()
    }


def tensorboards(folder: Path) -> Rows:
    accumulator = EventAccumulator(str(folder), {"scalars": 0, "tensors": 0})
    accumulator.Reload()
    found = {
        tag: [(each.step, bits(each.wall_time), bits(each.value)) for each in accumulator.Scalars(tag)]
        for tag in accumulator.Tags()["scalars"]
    }
    for tag in accumulator.PluginTagToContent("scalars") if accumulator.Tags()["tensors"] else ():
        found[tag] = [
            (each.step, bits(each.wall_time), bits(float(tensor_util.make_ndarray(each.tensor_proto).item())))
            for each in accumulator.Tensors(tag)
        ]
    return found


def version() -> bytes:
    return values.version(BEGAN)


def several(step: int) -> bytes:
    return event(step, *(values.scalar(tag, step / 7) for tag in ("a", "b/long name", "c")), after_s=step * 0.123)


@pytest.mark.parametrize(
    "records",
    [
        [version(), *scalars(*range(500))],
        [version(), *old_scalars(*range(0, 90_000, 300))],
        [version(), *(several(step) for step in range(300))],
        [version(), *scalars(*range(200)), *scalars(*range(50, 120)), *scalars(*range(3))],
        [version(), *(event(0, values.scalar("no-step", number / 3), after_s=number) for number in range(100))],
        [version(), *(each for step in range(200) for each in (*scalars(step), *old_scalars(step), image(step, 1)))],
        [version(), *(event(step, values.scalar(f"layer-{step % 60}", step)) for step in range(3000))],
        [version(), *(event(step, values.scalar("x", number)) for step, number in enumerate([np.nan, np.inf, -0.0]))],
    ],
    ids=["tf2", "tf1", "several-tags", "steps-go-back", "no-steps", "mixed", "many-tags", "odd-numbers"],
)
def test_points_are_those_of_tensorboards_event_accumulator_to_the_last_bit(
    tmp_path: Path, records: list[bytes]
) -> None:
    half = len(records) // 2
    append(tmp_path, *records[:half])
    append(tmp_path, version(), *records[half:], name=NAME.replace("17", "18"))
    assert ours(tmp_path) == tensorboards(tmp_path)


def without_metadata(record: bytes) -> bytes:
    """The record as TensorFlow 1's FileWriter writes it: it names a tag's plugin only the first time."""
    changed = Event.FromString(record)
    for value in changed.summary.value:
        value.ClearField("metadata")
    return bytes(changed.SerializeToString())


@pytest.mark.parametrize("tags", [["loss"], ["a", "a much longer name"]])
def test_a_plugin_that_is_named_once_is_that_of_all_values_of_its_tag(tmp_path: Path, tags: list[str]) -> None:
    records = [record for step in range(100) for tag in tags for record in scalars(step, tag=tag)]
    first = len(tags)
    append(tmp_path, version(), *records[:first], *map(without_metadata, records[first:]))
    assert ours(tmp_path) == tensorboards(tmp_path)
    table = read_scalars(tmp_path)
    assert {tag: len(points.steps) for tag, points in table.scalars.items()} == dict.fromkeys(tags, 100)
    assert table.skipped == ()


def test_tensors_of_no_plugin_are_counted_once_each(tmp_path: Path) -> None:
    append(tmp_path, *map(without_metadata, scalars(*range(50))), *scalars(*range(50), tag="x"))
    table = read_scalars(tmp_path)
    assert list(table.scalars) == ["x"] and table.skipped == ("values without a plugin: 50 passed over",)


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "?"])
@pytest.mark.parametrize("packed", [True, False])
def test_numbers_of_every_type_are_read(tmp_path: Path, kind: str, packed: bool) -> None:
    numbers = (np.arange(40) * 1.37).astype(kind)
    append(tmp_path, *(with_plugin(step, "x", "scalars", tensor_of(each, packed)) for step, each in enumerate(numbers)))
    assert ours(tmp_path) == tensorboards(tmp_path)
    assert read_scalars(tmp_path).scalars["x"].values.tolist() == numbers.astype(float).tolist()


def tensor_of(number: np.generic, packed: bool) -> TensorProto:
    """A scalar tensor: its bytes as they are in memory, or in the field of its type."""
    made = tensor_util.make_tensor_proto(number)
    if packed:
        return TensorProto(dtype=made.dtype, tensor_content=number.tobytes())
    return TensorProto.FromString(made.SerializeToString())


@pytest.mark.parametrize(
    ("kind", "fields", "number"),
    [(14, {"half_val": [0x3FC0]}, 1.5), (17, {"int_val": [65535]}, 65535), (22, {"uint32_val": [2**32 - 1]}, 2**32 - 1),
     (23, {"uint64_val": [2**63]}, 2.0**63)],
    ids=["bfloat16", "uint16", "uint32", "uint64"],
)  # fmt: skip
def test_numbers_of_types_that_tensorboard_does_not_read_are_read(
    tmp_path: Path, kind: int, fields: dict[str, list[int]], number: float
) -> None:
    append(tmp_path, with_plugin(1, "x", "scalars", TensorProto(dtype=kind, **fields)))
    assert read_scalars(tmp_path).scalars["x"].values.tolist() == [number]


def test_times_come_back_as_they_were_logged(tmp_path: Path) -> None:
    times = (1.7e12, -1.0, float("nan"), 0.0)  # milliseconds, and numbers that are no time
    for at in times:
        append(tmp_path, *(event(step, values.scalar(str(at), 1.0), after_s=at - BEGAN) for step in range(40)))
        append(tmp_path, event(40, values.scalar(str(at), 1.0), values.scalar("alone", 1.0), after_s=at - BEGAN))
    assert ours(tmp_path) == tensorboards(tmp_path)
    assert read_scalars(tmp_path).scalars["1700000000000.0"].wall_times.tolist() == [1.7e12] * 41


def test_what_tensorflow_writes_is_read_to_the_last_bit(tmp_path: Path) -> None:
    import tensorflow as tf

    random = np.random.default_rng(0)
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        for step in range(100):
            tf.summary.scalar("loss", random.normal(), step=step)
            tf.summary.scalar("double", tf.constant(random.normal(), tf.float64), step=step * 1000)
            tf.summary.histogram("weights", random.normal(size=10), step=step)
    found = ours(tmp_path)
    assert found == tensorboards(tmp_path)
    assert {tag: len(rows) for tag, rows in found.items()} == {"loss": 100, "double": 100}


logged = st.builds(
    lambda step, tag, value, old, at: (
        Event(
            step=step, wall_time=BEGAN + at, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        ).SerializeToString()
        if old
        else event(step, values.scalar(tag, value), after_s=at)
    ),
    st.integers(-3, 2**40),
    st.sampled_from(["a", "b", "loss", "bb"]),
    st.floats(width=32, allow_nan=False),
    st.booleans(),
    st.floats(0, 1e6),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(logged, st.integers(1, 60)), max_size=12))
def test_records_decoded_together_say_what_each_says_alone(
    tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[bytes, int]]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    append(folder, *(record for record, count in runs for _ in range(count)))
    reader, expected = LogReader(folder), dict[str, list[tuple[int, bytes, bytes]]]()
    while not reader.at_end:
        for entry in reader.read(budget_s=60):
            assert isinstance(entry, LoggedScalar)
            row = (entry.step, bits(entry.wall_time), bits(entry.value))
            expected.setdefault(entry.tag, []).append(row)
    assert ours(folder) == expected


def test_odd_logs_are_read_as_by_the_reader_that_decodes_one_by_one(tmp_path: Path) -> None:
    for make in odd_logs.LOGS.values():
        make(tmp_path)
    for folder in sorted(path.parent for path in tmp_path.rglob("events*") if path.is_file()):
        reader, counts = LogReader(folder, follow=True), dict[str, int]()
        while not reader.at_end:
            for entry in reader.read(budget_s=60):
                if isinstance(entry, LoggedScalar):
                    counts[entry.tag] = counts.get(entry.tag, 0) + 1
        table = read_scalars(folder)
        assert {tag: len(points.steps) for tag, points in table.scalars.items()} == counts
        assert table.skipped == reader.skipped


def points(*steps: int) -> TagPoints:
    return TagPoints(np.array(steps, np.int64), np.zeros(len(steps)), np.array(steps, float))


def test_points_after_which_the_steps_go_back_are_superseded() -> None:
    assert points(0, 1, 2, 3, 1, 2).valid.tolist() == [True, False, False, False, True, True]
    assert points(*range(1, 10), 0).valid.tolist() == [False] * 9 + [True]
    assert points(5).valid.tolist() == [True]


def test_points_without_steps_are_all_valid() -> None:
    assert points(0, 0, 0).valid.all()
    assert points(0, 0, 1).valid.tolist() == [False, True, True]


def test_an_end_counts_only_if_nothing_is_logged_after_it(tmp_path: Path) -> None:
    end = event(0, values.hparams_end(succeeded=True))
    append(tmp_path, hparams(lr=0.1), end)
    assert read_scalars(tmp_path).status == "done"
    append(tmp_path, *scalars(*range(100)))
    assert read_scalars(tmp_path).status == ""
    append(tmp_path, text(3, "the end"), event(9, values.hparams_end(succeeded=False)))
    table = read_scalars(tmp_path)
    assert (table.status, table.hparams) == ("failed", {"lr": 0.1})


def test_reading_imports_no_tensorflow(tmp_path: Path) -> None:
    append(tmp_path, *scalars(*range(100)))
    program = (
        "import sys; from pathlib import Path; from engine.log.scalar_table import read_scalars\n"
        f"table = read_scalars(Path({str(tmp_path)!r})); assert len(table.scalars['train-loss'].steps) == 100\n"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
