"""The command line: what it may say, and what it said. Nothing here imports TensorFlow."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from engine.lesson import Folder, InputError, Lesson, Settings, param_of, parse_settings
from engine.lessons import course
from tui import colour
from tui.cli_settings import SettingOption, options_of, texts_of
from tui.options import DEFAULT_LOGDIR, LOGDIR_VARIABLE, HeadlessOptions
from tui.text import clean

_LONGEST_MESSAGE = 300

# Click takes a list apart from its front, which for 100,000 arguments lasts seconds.
_MOST_ARGUMENTS = 10_000


@dataclass(frozen=True)
class Request:
    """What a command line asked for: a lesson or, with None, all of them; its settings as texts; and how to run."""

    lesson: str | None
    texts: Mapping[str, str]
    options: HeadlessOptions
    headless: bool
    lessons: tuple[Lesson[Any], ...] = field(default=())
    settings: tuple[Settings, ...] = field(default=())


class UsageError(Exception):
    """A command line that cannot be followed; the text is one line."""


def parse(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> Request | str:
    """What `argv` asks for, or the text to print where it asks for help, a version or the list of lessons.

    Raises:
        UsageError: it cannot be followed.
    """
    if len(argv) > _MOST_ARGUMENTS:
        raise UsageError(f"{len(argv):,} arguments are too many; expected {_MOST_ARGUMENTS:,} at most")
    try:
        with _Gdtui().make_context("gdtui", list(argv), obj=dict(environ)) as context:
            said: Request | str = context.command.invoke(context)
            return said
    except _Printed as printed:
        return printed.text
    except InputError as error:
        raise UsageError(_one_line(str(error))) from None
    except click.ClickException as error:
        raise UsageError(_one_line(_in_our_words(error))) from None


class _Printed(Exception):  # noqa: N818 - not an error: the text was what was asked for
    def __init__(self, text: str) -> None:
        self.text = text


def _common_options() -> list[click.Option]:
    """What may stand before or behind the lesson."""

    def flag(form: list[str], help: str) -> click.Option:
        return click.Option(form, is_flag=True, help=help)

    return [
        flag(["--no-ui", "no_ui"], "run without the app: text, or JSON"),
        flag(["--json", "json"], "one JSON object a line, an event each; implies --no-ui"),
        flag(["-q", "--quiet", "quiet"], "print what was learned and what went wrong, nothing else"),
        flag(["-v", "--verbose", "verbose"], "let TensorFlow's own messages through, to stderr"),
        click.Option(
            ["--logdir", "logdir"],
            metavar="FOLDER",
            help=f"where runs are logged for TensorBoard  [default {DEFAULT_LOGDIR}; or ${LOGDIR_VARIABLE}]",
        ),
        flag(["--no-log", "no_log"], "write no TensorBoard log"),
        flag(["--no-color", "no_color"], f"no colours; as does ${colour.VARIABLE} where it is not empty"),
        flag(["--ascii", "ascii_only"], "ASCII characters only"),
        flag(["--low-bandwidth", "low_bandwidth"], "send less to a slow terminal"),
    ]


def _help_option() -> click.Option:
    return click.Option(
        ["-h", "--help", "help"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help,
        help="show this and exit",
    )  # fmt: skip


def _show_help(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        raise _Printed(context.get_help())


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from importlib.metadata import version

        raise _Printed(f"gdtui {version('gdtui')}")


class _Gdtui(click.Group):
    """The command itself: common options, then a lesson with its settings, or `lessons`."""

    def __init__(self) -> None:
        version = click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
            help="show the version and exit",
        )  # fmt: skip
        seed = click.Option(
            ["--seed", "seed"],
            type=click.UNPROCESSED,
            metavar="N",
            help=f"{param_of(Settings, 'seed').help}, for every lesson",
        )
        super().__init__(
            "gdtui",
            params=[*_common_options(), seed, _help_option(), version],
            invoke_without_command=True,
            add_help_option=False,
            callback=_ask_for_all,
            help="A gradient-descent laboratory in a terminal. With a lesson, open or run that one; with none, the app "
            "opens where it was left, and --no-ui runs the whole course in order.",
            epilog="gdtui LESSON --help lists a lesson's settings.",
            subcommand_metavar="[LESSON [SETTINGS]...]",
            context_settings={"max_content_width": 100},
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*(lesson.id for lesson in course()), "lessons"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "lessons":
            return click.Command(
                "lessons", params=[_help_option()], callback=_list_of_lessons, help="List the lessons in course order.",
                add_help_option=False,
            )  # fmt: skip
        return next((_LessonCommand(lesson) for lesson in course() if lesson.id == cmd_name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Lessons"):
            formatter.write_dl([(lesson.id, lesson.summary) for lesson in course()])
        with formatter.section("Commands"):
            formatter.write_dl([("lessons", "list the lessons")])


class _LessonCommand(click.Command):
    """One lesson, with an option for each of its settings."""

    def __init__(self, lesson: Lesson[Any]) -> None:
        super().__init__(
            lesson.id,
            params=[*options_of(lesson.settings), *_common_options(), _help_option()],
            callback=lambda **values: _ask_for_one(lesson, values),
            help=f"Lesson {lesson.number}, {lesson.title}: {lesson.summary}.",
            short_help=lesson.summary,
            epilog="A live setting can be changed while the app runs the lesson.",
            add_help_option=False,
            options_metavar="[SETTINGS] [OPTIONS]",
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # so that what is said of it names the lesson
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {SettingOption.MAIN: []}
        for option in self.get_params(ctx):
            record = option.get_help_record(ctx)
            if record is not None:
                title = option.section if isinstance(option, SettingOption) else "Options"
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


@click.pass_context
def _ask_for_all(context: click.Context, /, **values: Any) -> Request | str | None:
    """The whole course; with a lesson behind, only keep what stood before it."""
    if context.invoked_subcommand is not None:
        return None
    seed = values["seed"]
    texts = {} if seed is None else {"seed": seed}
    return _request(None, course(), texts, [values], context.obj)


@click.pass_context
def _ask_for_one(context: click.Context, /, lesson: Lesson[Any], values: dict[str, Any]) -> Request:
    before = context.parent.params if context.parent is not None else {}
    texts = texts_of(lesson.settings, values)
    if before.get("seed") is not None:
        texts.setdefault("seed", before["seed"])
    return _request(lesson.id, (lesson,), texts, [before, values], context.obj)


def _request(
    lesson: str | None,
    lessons: tuple[Lesson[Any], ...],
    texts: Mapping[str, str],
    said: Sequence[Mapping[str, Any]],
    environ: Mapping[str, str],
) -> Request:
    """Put together what stood before and behind the lesson. Raises InputError."""

    def flag(name: str) -> bool:
        return any(bool(values[name]) for values in said)

    settings = tuple(parse_settings(each.settings, texts) for each in lessons)
    logdir = next((values["logdir"] for values in reversed(said) if values["logdir"] is not None), None)
    options = HeadlessOptions(
        logdir=_logdir(logdir, environ),
        log=not flag("no_log"),
        low_bandwidth=flag("low_bandwidth"),
        ascii_only=flag("ascii_only"),
        no_color=flag("no_color") or colour.refused(environ),
        seed=settings[0].seed if "seed" in texts else None,
        verbose=flag("verbose"),
        json=flag("json"),
        quiet=flag("quiet"),
    )
    return Request(lesson, texts, options, flag("no_ui") or options.json, lessons, settings)


def _logdir(given: str | None, environ: Mapping[str, str]) -> Path:
    """The flag over the environment over the default. Raises InputError."""
    where = Folder(name="logdir", default=DEFAULT_LOGDIR)
    text = given if given is not None else environ.get(LOGDIR_VARIABLE) or DEFAULT_LOGDIR
    if not text:
        raise where.refuse(text)
    path = Path(where.parse(text))
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return path
    except OSError as error:
        raise InputError(f"{where.option}: {_short(text)!r} is not accepted: {error.strerror}") from None
    if not stat.S_ISDIR(mode):
        raise InputError(f"{where.option}: {_short(text)!r} is a file; expected a folder's path")
    return path


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _list_of_lessons() -> str:
    lessons = course()
    wide = max(len(lesson.id) for lesson in lessons)
    rows = [f"{lesson.number}  {lesson.id:<{wide}}  {lesson.summary}" for lesson in lessons]
    return "\n".join(rows)


def _in_our_words(error: click.ClickException) -> str:
    """What is wrong with a command line, and what may have been meant."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "gdtui"
    if isinstance(error, click.NoSuchOption):
        return f"no option {error.option_name}" + _meant(error.option_name, command, context)
    if isinstance(error, click.exceptions.NoSuchCommand):
        names = [*(lesson.id for lesson in course()), "lessons"]
        near = get_close_matches(error.command_name, names, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"the lessons are {', '.join(names[:-1])}"
        return f"no lesson is called {error.command_name!r}; {hint}"
    return f"{error.format_message().rstrip('.')}; see {command} --help"


def _meant(option: str, command: str, context: click.Context | None) -> str:
    known = [form for each in (context.command.params if context else []) for form in each.opts + each.secondary_opts]
    near = get_close_matches(option, known, 1, 0.6)
    if near:
        return f"; did you mean {near[0]}?"
    if command == "gdtui" and any(option in setting.opts for each in course() for setting in options_of(each.settings)):
        return f"; it is a lesson's setting and stands behind the lesson: gdtui LESSON {option} …"
    return f"; see {command} --help"


def _one_line(text: str) -> str:
    line = clean(" ".join(text.split()))
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"
