"""The command palette: every action, every lesson and every setting by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from engine.params import Choice, Choices, Switch
from tui import bulletin
from tui.actions import ACTIONS
from tui.screens.main import MainScreen


class Commands(Provider):
    """What can be done on the main screen now."""

    async def discover(self) -> Hits:
        for name, help_text, run in self._commands():
            yield DiscoveryHit(name, run, help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, help_text, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=help_text)

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """Each command's name, its help, and what it does."""
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return
        for action in ACTIONS:
            if action.id != "app.command_palette" and screen.check_action(action.id, ()):
                yield f"{action.command} ({action.shown})", action.tooltip, partial(screen.run_action, action.id)
        for row in bulletin.rows(screen.bench):
            yield (f"Lesson {row.number}: {row.title}", row.summary, partial(screen.open_lesson, row.id))
        for param in screen.bench.desk.shown_params:
            name = param.name.replace("_", " ")
            text = screen.bench.desk.texts[param.name]
            yield f"Set {name} (now {text})", param.help, partial(screen.look_at_setting, param.name)
            options = param.options if isinstance(param, Choice | Choices) else ()
            if isinstance(param, Switch):
                options = ("on", "off")
            for option in options:
                if option != text:
                    yield f"Set {name}: {option}", param.help, partial(screen.give, param.name, option)
