"""One lesson as the learner left it: the settings given, the run on show, and the runs to compare it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from engine import optimizers
from engine.errors import SettingError
from engine.events import Minimum, Outcome
from engine.lesson import Lesson
from engine.lessons import gradients
from engine.params import Choice, Choices, Param, Point
from engine.settings import Settings, param_of, params_of, parse_settings
from tui.comparison import compared
from tui.run_state import RunState
from tui.stepping import stepped

Kind = Literal["curves", "descent", "training"]


class Desk:
    """`given` are the texts the learner chose; what is not in it has its default or what suits the rest.

    `state` is the run on show, `ghost` the one before it, `parent` the one it branched from.
    """

    def __init__(self, lesson: Lesson[Any], given: Mapping[str, str] | None = None) -> None:
        self.lesson = lesson
        self.given: dict[str, str] = _accepted(lesson, given or {})
        self.state: RunState | None = None
        self._parsed: tuple[dict[str, str], Settings] | None = None
        self.ghost: RunState | None = None
        self.parent: RunState | None = None

    @property
    def kind(self) -> Kind:
        """Which live pane shows the lesson."""
        if self.lesson.classifier:
            return "training"
        return "descent" if any(param.name == "surface" for param in self.params) else "curves"

    @property
    def params(self) -> tuple[Param, ...]:
        """Every setting of the lesson."""
        return params_of(self.lesson.settings)

    @property
    def shown_params(self) -> tuple[Param, ...]:
        """The settings that matter now: an optimizer's own only where a chosen one reads them."""
        chosen = self.chosen_optimizers
        reads = {name for each in chosen for name in optimizers.rule(each).reads}
        own = {name for rule in optimizers.RULES for name in rule.reads}
        return tuple(param for param in self.params if not chosen or param.name not in own or param.name in reads)

    @property
    def chosen_optimizers(self) -> tuple[str, ...]:
        """The update rules chosen; none where the lesson has no such setting."""
        chosen = getattr(self.settings, "optimizer", ())
        return (chosen,) if isinstance(chosen, str) else tuple(chosen)

    @property
    def settings(self) -> Settings:
        """The settings of the next run."""
        if self._parsed is None or self._parsed[0] != self.given:  # asked for several times a frame
            self._parsed = (dict(self.given), parse_settings(self.lesson.settings, self.given))
        return self._parsed[1]

    @property
    def texts(self) -> dict[str, str]:
        """The settings of the next run, as texts."""
        return self.settings.texts()

    @property
    def starts(self) -> tuple[Point, ...]:
        """Where the next run's paths begin; none where the lesson has no paths."""
        return tuple(getattr(self.settings, "start", ()))

    def change(self, name: str, text: str) -> None:
        """Give a setting; what suits the choice follows it. Raises SettingError."""
        param = param_of(self.lesson.settings, name)
        text = param.text(param.parse(text))
        kind = self.lesson.settings
        if text == self.texts[name]:
            return
        before, after = kind.suggested({name: self.texts[name]}), kind.suggested({name: text})
        given = {**self.given, name: text}
        for other in {*before, *after} - {name}:
            if before.get(other) != after.get(other):
                given.pop(other, None)
        parse_settings(kind, given)
        self.given = given

    def forget(self, *names: str) -> None:
        """Take settings back to what they are by themselves: these, or all."""
        self.given = {name: text for name, text in self.given.items() if names and name not in names}

    def step_setting(self, name: str, direction: int) -> str | None:
        """The setting's next value up (1) or down (-1) as a text, taken; None where the lesson has no such setting."""
        try:
            param = param_of(self.lesson.settings, name)
        except SettingError:
            return None
        text = param.text(stepped(param, getattr(self.settings, name), direction))
        self.change(name, text)
        return text

    def next_optimizer(self) -> str | None:
        """The update rule after the (first) chosen one, taken; None where the lesson has none."""
        try:
            param = param_of(self.lesson.settings, "optimizer")
        except SettingError:
            return None
        if not isinstance(param, Choice | Choices):
            return None
        here = param.options.index(self.chosen_optimizers[0])
        text = param.options[(here + 1) % len(param.options)]
        self.change("optimizer", text)
        return text

    def begin(self, run: str, parent: RunState | None = None) -> None:
        """A run begins: the one on show becomes the ghost, if there is anything to compare with."""
        if self.state is not None and parent is None:
            self.ghost = self.state if self.state.step or self.state.page else self.ghost
        self.parent = parent
        self.state = RunState(run, lesson=self.lesson.id, title=self.lesson.title)

    def reset(self) -> None:
        """Show the lesson as before its run; the run stays as a ghost."""
        if self.state is not None and self.state.step:
            self.ghost = self.state
        self.state = self.parent = None

    def clear(self) -> None:
        """Forget ghosts, and the starts given."""
        self.ghost = self.parent = None
        self.forget("start") if "start" in self.given else None

    def comparison(self, *, ascii_only: bool = False) -> str:
        """What changed since the last run, or the parent, and what it did; empty where there is nothing to say."""
        before = self.parent or self.ghost
        if before is None or self.state is None:
            return ""
        return compared(before, self.state, **({"dot": ", ", "minus": "-"} if ascii_only else {}))

    def branch(self, path: int, step: int) -> tuple[Point, ...]:
        """Where the paths were at `step`: of every path where one rule was followed, else of `path` alone."""
        paths = self.state.paths if self.state is not None else None
        if paths is None:
            return ()
        step = min(max(step, 0), paths.steps)
        several = len(set(paths.opened.optimizers)) > 1
        numbers = [path] if several else range(len(paths.opened.labels))
        points = [tuple(float(part) for part in paths.points[number, step]) for number in numbers]
        return tuple(dict.fromkeys(point for point in points if all(abs(part) <= 1e6 for part in point)))

    def branch_settings(self, starts: tuple[Point, ...], changes: Mapping[str, str]) -> Settings:
        """The settings of a run that goes on from `starts`. Raises SettingError."""
        settings = replace(self.settings, start=starts)  # type: ignore[call-arg]
        for name, text in changes.items():
            settings = settings.changed(name, text)
        return settings

    @property
    def minima(self) -> tuple[Minimum, ...]:
        """The known minima of the curve that is descended; a surface brings its own."""
        going = self.state is not None and self.state.ended is None
        name = (self.state.settings if going and self.state is not None else self.texts).get("function", "")
        if self.lesson.id != gradients.LESSON.id or name not in gradients.NAMES:
            return ()
        return gradients.function_called(name).minima

    @property
    def mark(self) -> str:
        """The state of the lesson for its list: new, running, paused, done, diverged, stopped, failed."""
        if self.state is None:
            return "new"
        if self.state.ended is None:
            return "paused" if self.state.phase == "paused" else "running"
        return {
            Outcome.DONE: "done",
            Outcome.DIVERGED: "diverged",
            Outcome.STOPPED: "stopped",
            Outcome.FAILED: "failed",
        }[self.state.ended.outcome]


def _accepted(lesson: Lesson[Any], given: Mapping[str, str]) -> dict[str, str]:
    """The texts that the lesson still takes: what was remembered may be from another version."""
    kept: dict[str, str] = {}
    for name, text in given.items():
        try:
            parse_settings(lesson.settings, {**kept, name: text})
        except SettingError:
            continue
        kept[name] = text
    return kept
