"""The command line: what it may say, and what it said. Nothing here imports TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from engine.errors import InputError
from engine.lesson import Lesson
from engine.lessons import course
from engine.settings import Settings, param_of
from tui import colour
from tui.cli_request import (
    CHECKPOINT_EVERY,
    NEWEST,
    Attach,
    Request,
    given_anew,
    new_runs,
    old_run,
    options_of,
    resume_of,
)
from tui.cli_settings import SettingOption, described, texts_of
from tui.cli_settings import options_of as settings_options
from tui.cli_words import COMMANDS, in_our_words, one_line
from tui.options import DEFAULT_LOGDIR, LOGDIR_VARIABLE

__all__ = ["Attach", "Request", "UsageError", "parse"]

# Click takes a list apart from its front, which for 100,000 arguments lasts seconds.
_MOST_ARGUMENTS = 10_000


class UsageError(Exception):
    """A command line that cannot be followed; the text is one line."""


def parse(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> Request | Attach | str:
    """What `argv` asks for, or the text to print where it asks for help, a version or a list.

    Raises:
        UsageError: it cannot be followed.
    """
    if len(argv) > _MOST_ARGUMENTS:
        raise UsageError(f"{len(argv):,} arguments are too many; expected {_MOST_ARGUMENTS:,} at most")
    try:
        with _Gdtui().make_context("gdtui", list(argv), obj=dict(environ)) as context:
            said: Request | Attach | str = context.command.invoke(context)
            return said
    except _Printed as printed:
        return printed.text
    except InputError as error:
        raise UsageError(one_line(str(error))) from None
    except click.ClickException as error:
        raise UsageError(one_line(in_our_words(error))) from None


class _Printed(Exception):  # noqa: N818 - not an error: the text was what was asked for
    def __init__(self, text: str) -> None:
        self.text = text


def _flag(form: list[str], help: str) -> click.Option:
    return click.Option(form, is_flag=True, help=help)


def _logdir_option() -> click.Option:
    return click.Option(
        ["--logdir", "logdir"],
        metavar="FOLDER",
        help=f"where runs are logged for TensorBoard  [default {DEFAULT_LOGDIR}; or ${LOGDIR_VARIABLE}]",
    )


def _drawing_options() -> list[click.Option]:
    return [
        _flag(["--no-color", "no_color"], f"no colours; as does ${colour.VARIABLE} where it is not empty"),
        _flag(["--ascii", "ascii_only"], "ASCII characters only"),
        _flag(["--low-bandwidth", "low_bandwidth"], "send less to a slow terminal"),
    ]


def _common_options() -> list[click.Option]:
    """What may stand before or behind the lesson."""
    *names, last = [param.name.replace("_", " ") for param in given_anew()]
    return [
        _flag(["--no-ui", "no_ui"], "run without the app: text, or JSON"),
        _flag(["--json", "json"], "one JSON object a line, an event each; implies --no-ui"),
        _flag(["-q", "--quiet", "quiet"], "print what was learned and what went wrong, nothing else"),
        _flag(["-v", "--verbose", "verbose"], "let TensorFlow's own messages through, to stderr"),
        _logdir_option(),
        _flag(["--no-log", "no_log"], "write no TensorBoard log, and no checkpoint"),
        click.Option(
            ["--resume", "resume"],
            is_flag=False,
            flag_value=NEWEST,
            metavar="[RUN]",
            help="go on with a classifier's run from its last checkpoint, without the app: the newest that was cut "
            f"short, or the one of this name or path; {', '.join(names)} and {last} may be given anew",
        ),
        click.Option(
            [CHECKPOINT_EVERY.option, CHECKPOINT_EVERY.name], metavar="SECONDS", help=described(CHECKPOINT_EVERY)
        ),
        _flag(["--detach", "detach"], "run on without the terminal, and return when the run has begun"),
        *_drawing_options(),
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
    """The command itself: common options, then a lesson with its settings, or one of the other commands."""

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
            params=[*_common_options(), seed, *_settings_given_anew(), _help_option(), version],
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
        return [*(lesson.id for lesson in course()), *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            return _other_command(cmd_name)
        return next((_LessonCommand(lesson) for lesson in course() if lesson.id == cmd_name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Lessons"):
            formatter.write_dl([(lesson.id, lesson.summary) for lesson in course()])
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _other_command(name: str) -> click.Command:
    params: list[click.Parameter] = []
    match name:
        case "lessons":
            callback: Any = _list_of_lessons
        case "runs":
            as_json = _flag(["--json", "json"], "one JSON object a line, a run each, all of them")
            params = [_flag(["--all", "every"], "all of them, however many there are"), as_json, _logdir_option()]
            callback = _list_of_runs
        case _:
            target = click.Argument(["target"], required=False, metavar="[RUN|FOLDER]")
            params = [target, _logdir_option(), *_drawing_options()]
            callback = _ask_to_attach
    return click.Command(
        name, params=[*params, _help_option()], callback=callback, add_help_option=False,
        help=f"{COMMANDS[name].capitalize()}.",
    )  # fmt: skip


def _settings_given_anew() -> list[click.Option]:
    """The settings that may stand beside --resume where no lesson is named. The help of --resume names them."""
    options: list[click.Option] = [SettingOption(param) for param in given_anew()]
    for option in options:
        option.hidden = True
    return options


class _LessonCommand(click.Command):
    """One lesson, with an option for each of its settings."""

    def __init__(self, lesson: Lesson[Any]) -> None:
        super().__init__(
            lesson.id,
            params=[*settings_options(lesson.settings), *_common_options(), _help_option()],
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
    """The whole course, or a run to go on with; with a command behind, only keep what stood before it."""
    if context.invoked_subcommand is not None:
        return None
    texts = _texts_before(values)
    run = resume_of([values])
    if run is not None:
        return old_run(run, None, texts, [values], context.obj)
    _refuse_misplaced(texts)
    return new_runs(None, course(), texts, [values], context.obj)


@click.pass_context
def _ask_for_one(context: click.Context, /, lesson: Lesson[Any], values: dict[str, Any]) -> Request:
    before = context.parent.params if context.parent is not None else {}
    given, said = texts_of(lesson.settings, values), [before, values]
    run, above = resume_of(said), _texts_before(before)
    if run is not None:
        return old_run(run, lesson, {**above, **given}, said, context.obj)
    _refuse_misplaced(above)
    return new_runs(lesson.id, (lesson,), {**above, **given}, said, context.obj)


@click.pass_context
def _list_of_runs(context: click.Context, /, **values: Any) -> str:
    from tui.runs_list import listing

    before = context.parent.params if context.parent is not None else {}
    options = options_of([before, values], context.obj)
    return listing(options.logdir, every=values["every"], as_json=options.json)


@click.pass_context
def _ask_to_attach(context: click.Context, /, target: str | None, **values: Any) -> Attach:
    before = context.parent.params if context.parent is not None else {}
    return Attach(target, options_of([before, values], context.obj))


def _list_of_lessons() -> str:
    lessons = course()
    wide = max(len(lesson.id) for lesson in lessons)
    rows = [f"{lesson.number}  {lesson.id:<{wide}}  {lesson.summary}" for lesson in lessons]
    return "\n".join(rows)


def _texts_before(values: Mapping[str, Any]) -> dict[str, str]:
    """The settings that stood before the lesson, as texts: the seed of all, and what goes with --resume."""
    texts = {param.name: values[param.name][-1] for param in given_anew() if values.get(param.name)}
    return texts if values.get("seed") is None else {**texts, "seed": values["seed"]}


def _refuse_misplaced(texts: Mapping[str, str]) -> None:
    """Raise where a lesson's setting stands before the lesson."""
    for name in texts:
        if name != "seed":
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} is a lesson's setting and stands behind the lesson: gdtui LESSON {option} …")
