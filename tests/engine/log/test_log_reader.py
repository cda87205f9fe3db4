"""Runs are read on request, a portion at a time, and followed as they grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.log.event_values import LoggedHparams, LoggedScalar
from engine.log.reader import LogdirReader, LogUpdate
from tests.engine.log_files import append, event, hparams, old_scalars, scalars


def read_all(reader: LogdirReader, *wanted: str) -> list[LogUpdate]:
    news = [reader.read(wanted, 60.0)]
    while not news[-1].at_end:
        news.append(reader.read(wanted, 60.0))
    return news


def steps(news: list[LogUpdate], run: str) -> list[int]:
    return [e.step for each in news for part in each.portions if part.run == run for e in part.entries]


def ticking(logdir: Path) -> LogdirReader:
    """A reader that knows every run, and for which each look at the clock takes a hundredth of a second."""
    ticks = iter(range(1_000_000))
    reader = LogdirReader(logdir, clock=lambda: next(ticks) / 100)
    while reader.read([], 1.0).searching:
        pass
    return reader


def test_only_the_runs_that_are_wanted_are_read(tmp_path: Path) -> None:
    append(tmp_path / "a", *scalars(1, 2))
    append(tmp_path / "b", *scalars(3))
    reader = LogdirReader(tmp_path)
    news = read_all(reader, "a")
    assert {run.name for run in news[0].runs or ()} == {"a", "b"}
    assert steps(news, "a") == [1, 2]
    assert steps(news, "b") == []
    assert steps(read_all(reader, "a", "b"), "b") == [3]


def test_a_run_is_followed_as_it_grows_and_as_files_are_added(tmp_path: Path) -> None:
    append(tmp_path / "a", *scalars(1))
    reader = LogdirReader(tmp_path)
    assert steps(read_all(reader, "a"), "a") == [1]
    assert reader.read(["a"]).portions == ()
    append(tmp_path / "a", *scalars(2))
    assert steps(read_all(reader, "a"), "a") == [2]
    append(tmp_path / "a", *old_scalars(3), name="events.out.tfevents.1800000000.other")
    assert steps(read_all(reader, "a"), "a") == [3]


def test_a_long_log_comes_in_portions_that_tell_how_much_is_left(tmp_path: Path) -> None:
    path = append(tmp_path / "a", *scalars(*range(1200)))
    reader = ticking(tmp_path)
    first = reader.read(["a"], 1.0)
    assert not first.at_end
    assert 0 < first.portions[-1].behind < path.stat().st_size
    rest = read_all(reader, "a")
    assert rest[-1].portions[-1].behind == 0
    assert steps([first, *rest], "a") == list(range(1200))


def test_the_first_wanted_is_read_first_and_the_others_in_their_turn(tmp_path: Path) -> None:
    append(tmp_path / "a", *scalars(*range(700)))
    append(tmp_path / "b", *scalars(1))
    reader = ticking(tmp_path)
    first = reader.read(["a", "b"], 1.0)
    assert {portion.run for portion in first.portions} == {"a"}
    assert not first.at_end
    assert steps(read_all(reader, "a", "b"), "b") == [1]


def test_a_run_that_was_forgotten_is_read_from_its_start(tmp_path: Path) -> None:
    append(tmp_path / "a", *scalars(1, 2))
    reader = LogdirReader(tmp_path)
    read_all(reader, "a")
    reader.forget("a")
    assert steps(read_all(reader, "a"), "a") == [1, 2]


def test_what_cannot_be_read_is_reported_with_the_rest(tmp_path: Path) -> None:
    path = append(tmp_path / "a", *scalars(1, 2, 3))
    content = bytearray(path.read_bytes())
    content[len(content) // 3 + 20] ^= 0xFF
    path.write_bytes(content)
    news = read_all(LogdirReader(tmp_path), "a")
    assert steps(news, "a") == [1, 3]
    assert any("damaged" in line for line in news[-1].portions[-1].skipped)


def test_a_folder_tells_its_size_and_when_it_last_grew(tmp_path: Path) -> None:
    path = append(tmp_path / "a", *scalars(1))
    reader = LogdirReader(tmp_path)
    reader.read([])
    about = reader.about(["a", "no such run"])
    assert list(about) == ["a"]
    assert about["a"].size == path.stat().st_size
    assert about["a"].written == path.stat().st_mtime
    assert about["a"].record is None


def test_hyperparameters_are_read_with_their_types(tmp_path: Path) -> None:
    append(tmp_path / "a", hparams(rate=0.01, optimizer="adam", shuffle=True))
    (portion,) = read_all(LogdirReader(tmp_path), "a")[0].portions
    (entry,) = portion.entries
    assert isinstance(entry, LoggedHparams)
    assert entry.values == {"rate": 0.01, "optimizer": "adam", "shuffle": True}


def test_a_run_that_vanished_is_no_error(tmp_path: Path) -> None:
    path = append(tmp_path / "a", *scalars(1))
    reader = LogdirReader(tmp_path)
    read_all(reader, "a")
    path.unlink()
    path.parent.rmdir()
    assert steps(read_all(reader, "a"), "a") == []
    assert reader.about(["a"])["a"].size == 0


def test_following_imports_no_tensorflow(tmp_path: Path) -> None:
    append(tmp_path / "a", *scalars(1), hparams(rate=1.0), event(2))
    program = (
        "import sys; from pathlib import Path; from engine.log.reader import LogdirReader\n"
        f"reader = LogdirReader(Path({str(tmp_path)!r})); news = reader.read(['a'], 60.0)\n"
        "assert len(news.portions[0].entries) == 2\n"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_scalars_of_every_program_are_numbers(tmp_path: Path) -> None:
    append(tmp_path / "a", *scalars(1), *old_scalars(1))
    entries = [
        entry for news in read_all(LogdirReader(tmp_path), "a") for part in news.portions for entry in part.entries
    ]
    assert [(type(entry), entry.tag) for entry in entries] == [(LoggedScalar, "train-loss"), (LoggedScalar, "loss")]
