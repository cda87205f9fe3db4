"""The configuration file: what it accepts, its effects, and the one line for everything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.lessons import lesson
from tui.cli.config_file import Config, load
from tui.cli.main import main
from tui.cli.parser import UsageError, parse
from tui.cli.request import Request
from tui.process.exit_codes import Exit


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the configuration file of this test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "gdtui" / "config.toml"
    path.parent.mkdir()
    return path


def read(path: Path, text: str) -> Config:
    path.write_text(text)
    return load(path)


def refused(path: Path, text: str) -> str:
    with pytest.raises(InputError) as refusal:
        read(path, text)
    line = str(refusal.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    return line.removeprefix(f"{path}: ")


def asked(*argv: str, environ: dict[str, str] | None = None) -> Request:
    request = parse(argv, environ or {})
    assert isinstance(request, Request)
    return request


def test_without_a_file_there_are_no_defaults(config_file: Path) -> None:
    assert load(config_file) == Config(config_file)


def test_everything_that_it_may_say(config_file: Path) -> None:
    config = read(
        config_file,
        """
        theme = "nord"
        logdir = "kept"
        log = false
        checkpoint-every = 5
        cache = false
        language = "en"
        color = false
        ascii = true
        low_bandwidth = true
        [settings]
        seed = 7
        [settings.himmelblau]
        start = [[-4, 0], [4, 0.5]]
        optimizer = ["adam", "sgd"]
        learning-rate = 0.02
        [settings.gradients]
        start = [1.5, 2]
        [keys]
        rate_up = "u"
        stop = ["ctrl+s", "f5"]
        """,
    )
    assert (config.theme, config.found) == ("nord", True)
    assert config.options == {
        "logdir": "kept", "log": "off", "checkpoint_every": "5", "cache": "off", "language": "en", "color": "off",
        "ascii": "on", "low_bandwidth": "on",
    }  # fmt: skip
    expected = {"seed": "7", "start": "-4,0;4,0.5", "optimizer": "adam,sgd", "learning_rate": "0.02"}
    assert config.settings_of(lesson("himmelblau")) == expected
    assert config.settings_of(lesson("gradients")) == {"seed": "7", "start": "1.5;2"}
    assert config.settings_of(lesson("losses")) == {"seed": "7"}
    assert config.keys == {"rate_up": "u", "stop": "ctrl+s,f5"}


@pytest.mark.parametrize("start", ["[4, 2]", "[[4, 2]]", '"4,2"', '["4,2"]'])
def test_one_start_may_be_written_in_each_way(config_file: Path, start: str) -> None:
    config = read(config_file, f"[settings.himmelblau]\nstart = {start}")
    assert config.settings_of(lesson("himmelblau")) == {"start": "4,2"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('theem = "nord"', "no key is called 'theem'; expected one of logdir, log, "),
        ('theme = "pink"', "theme: 'pink' is not accepted; expected one of "),
        ("checkpoint-every = 0", "checkpoint-every: '0' is not accepted; expected a number from 0.1 to 86400 (s)"),
        ('cache = "maybe"', "cache: 'maybe' is not accepted; expected on or off"),
        ("ascii = 2024-01-01", "ascii: '2024-01-01' is not accepted; expected on or off"),
        ('language = "xx"', "language: 'xx' is not accepted; expected one of "),
        ("settings = 3", "settings: '3' is not accepted; expected a table, [settings]"),
        ("[settings]\nspead = 3", "settings: no lesson has a setting called 'spead'"),
        ("[settings]\nseed = -1", "settings.seed: '-1' is not accepted; expected a whole number from 0 to 2147483647"),
        ("[settings.himmelblua]\nseed = 1", "settings: no lesson is called 'himmelblua'; expected one of gradients, "),
        ("[settings.losses]\nstart = 1", "settings.losses: no setting is called 'start'; expected one of "),
        ("[settings.himmelblau]\nstart = [1]", "settings.himmelblau.start: '[1]' is not accepted; expected 1 to 64 "),
        ("[keys]\n'loss_plot.fly' = 'f'", "keys: no action is called 'loss_plot.fly'; expected one of loss_plot."),
        ("[keys]\n'wing.fly' = 'f'", "keys: no action is called 'wing.fly'; expected one of start_or_pause, "),
        ("[keys]\nfly = 'f'", "keys: no action is called 'fly'; expected one of start_or_pause, "),
        ("[keys]\nstop = 'abc'", "keys.stop: 'abc' is not accepted; expected a character, or a key's name such as f5"),
        ("[keys]\nstop = []", "keys.stop: an empty list is not accepted; expected at least one key"),
        ("[keys]\nstop = 3", "keys.stop: '3' is not accepted; expected a key, or a list of keys"),
        ("[keys]\nstop = 'u'\nreset = 'u'", "keys.stop: the key u is that of reset too; expected another key for one"),
        ("[keys]\nrate_up = 'q'", "keys.rate_up: the key q is that of quit too; expected another key for one"),
        ("[keys]\nrate_up = ['u', ';']", "keys.rate_up: the key semicolon is that of rate_down too; expected another"),
        ("[keys]\nquit = 'u'\nstop = 'u'", "keys.quit: the key u is that of stop too; expected another key for one"),
        ("theme = ", "Invalid value (at end of document)"),
    ],
)
def test_what_it_may_not_say_is_named_with_what_is_accepted(config_file: Path, text: str, line: str) -> None:
    assert refused(config_file, text).startswith(line)


def test_a_wrong_file_is_one_line_and_exit_status_2(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config_file.write_text("cache = 3")
    assert main(["losses", "--no-ui"]) == Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"gdtui: {config_file}: cache: '3' is not accepted; expected on or off\n"


def test_with_a_wrong_file_help_is_still_given(config_file: Path) -> None:
    config_file.write_text("cache = 3")
    assert "LESSON" in str(parse(["--help"], {}))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (1 << 20) + b"y"])
def test_what_is_no_text_or_too_large_is_refused(config_file: Path, content: bytes) -> None:
    config_file.write_bytes(content)
    with pytest.raises(InputError):
        load(config_file)


def test_two_actions_may_change_their_keys(config_file: Path) -> None:
    config = read(config_file, "[keys]\nquit = 'x'\nstop = 'q'\nfilter = 'f'\nfocus_lessons = 'f'")
    assert config.keys == {"quit": "x", "stop": "q", "filter": "f", "focus_lessons": "f"}


def test_a_file_that_begins_with_a_byte_order_mark_is_read(config_file: Path) -> None:
    config_file.write_bytes(b'\xef\xbb\xbftheme = "nord"\r\n')
    assert load(config_file).theme == "nord"


def test_a_flag_goes_over_the_environment_over_the_file_over_the_default(config_file: Path) -> None:
    config_file.write_text('logdir = "of-the-file"\ncolor = true\nascii = true\n')
    assert asked("losses").options.logdir == Path("of-the-file")
    assert asked("losses", environ={"GDTUI_LOGDIR": "said"}).options.logdir == Path("said")
    assert asked("losses", "--logdir", "given", environ={"GDTUI_LOGDIR": "said"}).options.logdir == Path("given")
    assert asked("losses", environ={"NO_COLOR": "1"}).options.no_color
    assert not asked("losses", "--color", environ={"NO_COLOR": "1"}).options.no_color
    assert asked("losses").options.ascii_only
    assert not asked("--no-ascii", "losses").options.ascii_only


@pytest.mark.parametrize(
    ("file", "words", "expected"),
    [
        ("", "", None), ("", "--glyphs blocks", "blocks"), ("", "--ascii", "ascii"), ("", "--glyphs auto", None),
        ("", "--ascii --glyphs ascii", "ascii"), ("", "--ascii --glyphs auto", "ascii"),
        ("ascii = true", "--glyphs blocks", "blocks"), ("ascii = true", "--glyphs auto", None),
        ('glyphs = "blocks"', "--ascii", "ascii"), ('glyphs = "ascii"', "--no-ascii", None),
        ('glyphs = "blocks"', "", "blocks"), ('glyphs = "blocks"\nascii = true', "", "ascii"),
    ],
)  # fmt: skip
def test_ascii_is_short_for_a_set_of_glyphs(config_file: Path, file: str, words: str, expected: str | None) -> None:
    config_file.write_text(file)
    assert asked(*words.split(), "losses").options.glyphs == expected


def test_two_flags_that_contradict_each_other_are_refused(config_file: Path) -> None:
    with pytest.raises(UsageError, match="--ascii and --glyphs blocks contradict each other"):
        parse(["--ascii", "--glyphs", "blocks", "losses"], {})
    with pytest.raises(
        UsageError, match="--glyphs: 'dots' is not accepted; expected one of auto, braille, blocks, ascii"
    ):
        parse(["--glyphs", "dots", "losses"], {})


def test_settings_of_the_file_are_defaults_of_a_run_and_of_the_app(config_file: Path) -> None:
    config_file.write_text("[settings.himmelblau]\nlearning-rate = 0.02\nsteps = 7\n")
    request = asked("himmelblau", "--steps", "9")
    assert (request.settings[0].learning_rate, request.settings[0].steps) == (0.02, 9)  # type: ignore[attr-defined]
    assert request.texts == {"steps": "9"}
    assert request.options.settings == {"himmelblau": {"learning_rate": "0.02", "steps": "7"}}


def test_a_missing_folder_of_runs_in_the_file_is_named_with_the_file(config_file: Path) -> None:
    config_file.write_text(f'logdir = "{config_file}"')
    with pytest.raises(UsageError, match=r"config\.toml: logdir: .* is a file; expected a folder's path"):
        parse(["losses"], {})


def test_config_shows_each_value_with_its_source(config_file: Path) -> None:
    config_file.write_text('cache = false\n[settings]\nseed = 3\n[keys]\nrate_up = "u"\n')
    environ = {"GDTUI_LOGDIR": "said"}
    shown = json.loads(str(parse(["config", "--json", "--ascii"], environ)))
    assert (shown["file"], shown["found"]) == (str(config_file), True)
    rows = {row["name"]: (row["value"], row["source"]) for row in shown["values"]}
    assert rows == {
        "logdir": ("said", "environment"), "log": ("on", "default"), "checkpoint-every": ("30", "default"),
        "cache": ("off", "file"), "language": ("en", "default"), "color": ("on", "default"),
        "glyphs": ("auto", "default"), "ascii": ("on", "flag"), "low-bandwidth": ("off", "default"),
        "notify": ("off", "default"), "theme": ("last used", "default"), "settings.seed": ("3", "file"),
        "keys.rate_up": ("u", "file"),
    }  # fmt: skip
    table = str(parse(["config"], environ)).splitlines()
    assert table[0] == f"file: {config_file}"
    assert ["cache", "off", "file"] in [line.split() for line in table]
