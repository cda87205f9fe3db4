"""The command doctor: what it shows, and what it reports as a problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import program_cache
from tui.cli import doctor
from tui.cli.parser import parse
from tui.cli.request import CommandResult
from tui.process import folders
from tui.process.exit_codes import Exit


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)


def examined(*argv: str, environ: dict[str, str] | None = None) -> tuple[dict[str, Any], Exit]:
    output = parse(["doctor", "--json", *argv], environ or {})
    assert isinstance(output, CommandResult)
    return json.loads(output.text), output.code


def test_a_sound_installation_has_no_problem() -> None:
    found, code = examined()
    assert (found["problems"], code) == ([], Exit.DONE)
    assert set(found["versions"]) >= {"gdtui", "python", "tensorflow", "textual"}
    assert found["data"] == {"fashion-mnist": "there", "mnist": "there"}
    assert set(found["folders"]) >= {"configuration", "state", "own logs", "runs", "programs"}


def test_the_terminal_is_described_by_its_environment() -> None:
    found, _ = examined(environ={"TERM": "xterm-kitty", "COLORTERM": "truecolor", "LANG": "de_DE.UTF-8"})
    terminal = found["terminal"]
    assert (terminal["TERM"], terminal["colours"], terminal["kitty keys"]) == ("xterm-kitty", "16 million", "yes")
    assert terminal["drawn with"] == "braille"
    found, _ = examined(environ={"TERM": "linux", "NO_COLOR": "1", "LC_ALL": "C"})
    assert found["terminal"]["colours"] == "none, as asked"
    assert found["terminal"]["drawn with"] == "ascii"


def test_an_unsupported_python_is_named_with_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PYTHONS", ((3, 5), (3, 6)))
    found, code = examined()
    assert found["problems"] == ["python: not supported; expected 3.5 to 3.6"]
    assert code is Exit.FAILED


def test_a_missing_package_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    assert examined()[0]["problems"] == ["no-such-package: it is not installed"]


def test_a_processor_without_avx_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(program_cache, "processor_features", lambda: "flags: sse sse2")
    assert examined()[0]["problems"] == ["processor: without AVX, which TensorFlow needs"]


def test_a_wrong_configuration_is_reported_and_the_rest_still_shown() -> None:
    folders.config_file().parent.mkdir(parents=True)
    folders.config_file().write_text("cache = 3")
    found, code = examined()
    (problem,) = found["problems"]
    assert problem.endswith("config.toml: cache: '3' is not accepted; expected on or off")
    assert code is Exit.FAILED
    assert found["data"]


def test_a_folder_that_cannot_be_used_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    found, _ = examined()
    assert found["problems"] == [f"programs: {tmp_path / 'cache'} is not a folder"]
    assert examined("--logdir", str(tmp_path / "cache"))[1] is Exit.FAILED


def test_a_cache_that_others_can_write_to_is_wrong() -> None:
    folder = folders.program_cache()
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    (problem,) = examined()[0]["problems"]
    assert problem == "programs: others can write to it, so it is not used; chmod 700"


@pytest.mark.parametrize(("count", "words"), [(0, "0 programs"), (1, "1 program"), (2, "2 programs")])
def test_the_cache_is_told_by_its_programs(monkeypatch: pytest.MonkeyPatch, count: int, words: str) -> None:
    folders.program_cache().mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(program_cache, "size", lambda folder: (count, 10**6))
    assert examined()[0]["folders"]["programs"] == f"{folders.program_cache()}, {words}, 1 MB"


def test_as_text_each_problem_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = parse(["doctor"], {})
    assert isinstance(sound, CommandResult)
    assert sound.text.endswith("\nnothing is wrong")
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    wrong = parse(["doctor"], {})
    assert isinstance(wrong, CommandResult)
    assert wrong.text.endswith("\nwrong: no-such-package: it is not installed")
