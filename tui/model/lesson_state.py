"""The state of one lesson: the settings given, the shown run, and the runs to compare it with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from engine.descent import optimizers, schedules
from engine.errors import SettingError
from engine.events import Minimum, Outcome
from engine.lesson import Lesson
from engine.lessons import gradients
from engine.params import Choice, Choices, Number, Param, Point, Starts
from engine.settings import Preparation, Settings, param_of, params_of, parse_settings
from tui.model.comparison import compared
from tui.model.file_trial import saved
from tui.model.preview import GROUND, Ground, function_of, ground_of, ground_words, is_drawn
from tui.model.run_state import RunState
from tui.model.stepping import stepped

Kind = Literal["curves", "descent", "training"]

Change = tuple[str, str | None]
"""A setting's name and its new text; None resets it to its default."""


class LessonState:
    """One lesson's settings and runs. `given` are the texts that the learner chose; other settings have the value in
    `defaults`, which are those of the configuration file, or their own default, or what suits the rest.

    `awaited` are the texts that take effect when they are prepared. `state` is the shown run, `ghost` the one before
    it, `parent` the one it branched from.
    """

    def __init__(
        self, lesson: Lesson[Any], given: Mapping[str, str] | None = None, defaults: Mapping[str, str] | None = None
    ) -> None:
        self.lesson = lesson
        self.defaults: dict[str, str] = dict(defaults or {})
        self.given: dict[str, str] = _accepted(lesson, given or {})
        self.awaited: dict[str, str] = {}
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
        """The settings that matter now: an optimizer's or a schedule's own only if a chosen one reads them."""
        chosen = self.chosen_optimizers
        reads = {name for each in chosen for name in optimizers.rule(each).reads}
        reads |= {*schedules.READS.get(getattr(self.settings, "schedule", ""), ())}
        own = {name for rule in optimizers.RULES for name in rule.reads}
        own |= {name for names in schedules.READS.values() for name in names}
        shown = (param for param in self.params if not chosen or param.name not in own or param.name in reads)
        return tuple(self._with_usual(param) for param in shown)

    def _with_usual(self, param: Param) -> Param:
        """The parameter with the default of the chosen optimizer, as far as it is known."""
        if not isinstance(param, Number) or not param.optional:
            return param
        chosen = self.chosen_optimizers
        usual = optimizers.rule(chosen[0]).usual.get(param.name) if len(chosen) == 1 else None
        usual = self._own_rate if param.name == "learning_rate" else usual
        return param if usual is None else replace(param, usual=usual)

    @property
    def _own_rate(self) -> float | None:
        """The learning rate of the shown run of a network; None if there is none."""
        training = self.state.training if self.state is not None else None
        metrics = training.metrics if training is not None else None
        return None if metrics is None else float(f"{metrics.learning_rate:.6g}")

    @property
    def chosen_optimizers(self) -> tuple[str, ...]:
        """The chosen update rules; empty if the lesson has no such setting."""
        chosen = getattr(self.settings, "optimizer", ())
        return (chosen,) if isinstance(chosen, str) else tuple(chosen)

    @property
    def settings(self) -> Settings:
        """The settings of the next run."""
        if self._parsed is None or self._parsed[0] != self.given:  # called several times a frame
            self._parsed = (dict(self.given), parse_settings(self.lesson.settings, self.defaults | self.given))
        return self._parsed[1]

    @property
    def texts(self) -> dict[str, str]:
        """The settings of the next run, as texts."""
        return self.settings.texts()

    def is_live(self, name: str) -> bool:
        """Whether a setting can be changed in a run. Raises SettingError where the lesson has no such setting."""
        return param_of(self.lesson.settings, name).live

    @property
    def starts(self) -> tuple[Point, ...]:
        """The starts of the next run's paths; empty if the lesson has no paths."""
        starts = any(isinstance(param, Starts) and param.name == "start" for param in self.params)
        return tuple(getattr(self.settings, "start", ())) if starts else ()

    def change(self, name: str, text: str) -> None:
        """Set a setting, and those that depend on it to what suits it. Raises SettingError."""
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
        parse_settings(kind, self.defaults | given)
        self.given = given

    def preparation(self, changes: Iterable[Change] = ()) -> tuple[Preparation, ...]:
        """The work of seconds that must be done before these changes can be made, and their effect shown, without
        delay; empty if none is."""
        kind, given = self.lesson.settings, {**self.given}
        asked = [self.defaults | given]
        for name, text in changes:
            before = (self.defaults | given).get(name)
            given.pop(name, None)
            if text is not None:
                given[name] = text
            asked += [
                {name: each} for each in (before, text) if each is not None
            ]  # `change` compares what they suggest
            asked.append(self.defaults | given)
        found = (kind.preparation(texts) for texts in asked)
        return tuple(each for each in found if each is not None)

    def forget(self, *names: str) -> None:
        """Reset settings to their defaults: these, or all."""
        self.given = {name: text for name, text in self.given.items() if names and name not in names}

    def step_setting(self, name: str, direction: int) -> str | None:
        """Set the setting's next value up (1) or down (-1) and return its text; None if the lesson has no such
        setting."""
        try:
            param = param_of(self.lesson.settings, name)
        except SettingError:
            return None
        value = getattr(self.settings, name)
        if value is None:
            value = self._own_rate
        text = param.text(stepped(param, value, direction))
        self.change(name, text)
        return text

    def next_optimizer(self) -> str | None:
        """Set the update rule after the (first) chosen one and return it; None if the lesson has none."""
        try:
            param = param_of(self.lesson.settings, "optimizer")
        except SettingError:
            return None
        if not isinstance(param, Choice | Choices):
            return None
        chosen = self.chosen_optimizers[0]
        here = param.options.index(chosen) if chosen in param.options else -1  # after a file comes the first
        text = param.options[(here + 1) % len(param.options)]
        self.change("optimizer", text)
        return text

    def begin(
        self,
        run: str,
        parent: RunState | None = None,
        settings: Settings | None = None,
        files: Mapping[str, int] | None = None,
    ) -> None:
        """Begin a run with `settings`, or those of the next run; the shown run becomes the ghost, if there is anything
        to compare with. `files` tells when its Python files were saved; by default it is looked up now."""
        if self.state is not None and parent is None:
            self.ghost = self.state if self.state.step or self.state.page else self.ghost
        self.parent = parent
        if files is None:
            files = saved(self.settings if settings is None else settings)
        self.state = RunState(run, lesson=self.lesson.id, title=self.lesson.title, files=files)

    def reset(self) -> None:
        """Show the lesson as before its run; the run stays as a ghost."""
        if self.state is not None and self.state.step:
            self.ghost = self.state
        self.state = self.parent = None

    def clear(self) -> None:
        """Remove ghosts, and the starts given."""
        self.ghost = self.parent = None
        self.forget("start") if "start" in self.given else None

    @property
    def comparison(self) -> str:
        """What changed since the last run, or the parent, and the effect; empty if there is nothing to report."""
        before = self.parent or self.ghost
        if before is None or self.state is None:
            return ""
        return compared(before, self.state)

    def branch(self, path: int, step: int) -> tuple[Point, ...]:
        """The positions of the paths at `step`: of every path if all follow one rule, else only of `path`."""
        paths = self.state.paths if self.state is not None else None
        if paths is None:
            return ()
        step = min(max(step, 0), paths.steps)
        several = len(set(paths.opened.optimizers)) > 1
        numbers = [path] if several else range(len(paths.opened.labels))
        points = [tuple(float(part) for part in paths.points[number, step]) for number in numbers]
        return tuple(dict.fromkeys(point for point in points if all(abs(part) <= 1e6 for part in point)))

    def branch_settings(self, starts: tuple[Point, ...], changes: Mapping[str, str]) -> Settings:
        """The settings of a run that continues from `starts` on the function of the shown run. Raises SettingError."""
        settings = replace(self.settings, start=starts)  # type: ignore[call-arg]
        descended = self.state.settings if self.state is not None else {}
        for name, text in {**{name: descended[name] for name in GROUND if name in descended}, **changes}.items():
            settings = settings.changed(name, text)
        return settings

    @property
    def next_ground(self) -> Ground:
        """The function that the next run descends."""
        return ground_of(self.texts)

    @property
    def on_show(self) -> RunState | None:
        """The run that the live pane shows: one that is running, or one that ended on the function that the next run
        descends. None if there is no run, or if a preview of another function is shown after its end."""
        state = self.state
        return state if state is not None and (state.ended is None or self._ground(state) == self.next_ground) else None

    @property
    def ground(self) -> Ground:
        """The function on which the live pane shows a descent."""
        return self.next_ground if self.on_show is None else self._ground(self.on_show)

    @property
    def starts_shown(self) -> tuple[Point, ...]:
        """The next run's starts, if the live pane shows the function that it descends."""
        return self.starts if self.ground == self.next_ground else ()

    @property
    def ground_note(self) -> str:
        """A note on which run the picture shows, if this run and the next descend different functions; else empty."""
        state = self.state
        if state is None or self._ground(state) == self.next_ground:
            return ""
        here, there = ground_words(self._ground(state)), ground_words(self.next_ground)
        if self.on_show is None:
            return f"preview of the next run, on {there}; the last one was on {here}"
        return f"this run is on {here}; the next one will be on {there}"

    def _ground(self, state: RunState) -> Ground:
        return ground_of(state.settings) if state.settings else self.next_ground

    @property
    def minima(self) -> tuple[Minimum, ...]:
        """The known minima of the curve; a surface has its own."""
        if self.lesson.id != gradients.LESSON.id or not is_drawn(self.ground):
            return ()
        return function_of(self.ground).minima

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
    """The texts that the lesson still accepts: the saved ones may be from another version."""
    kept: dict[str, str] = {}
    for name, text in given.items():
        try:
            parse_settings(lesson.settings, {**kept, name: text})
        except SettingError:
            continue
        kept[name] = text
    return kept
