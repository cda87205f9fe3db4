"""The provider of the command palette: the commands of the present screen, by name."""

from __future__ import annotations

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.screens.base import BaseScreen

ASSIGNED = 1000.0
"""The score of a setting with its value: higher than any match of letters."""


class PaletteCommands(Provider):
    """The commands of the screen."""

    async def discover(self) -> Hits:
        if isinstance(self.screen, BaseScreen):
            for name, help_text, run in self.screen.commands():
                yield DiscoveryHit(name, run, help=help_text)

    async def search(self, query: str) -> Hits:
        if not isinstance(self.screen, BaseScreen):
            return
        for name, help_text, run in self.screen.commands_given(query):
            yield Hit(ASSIGNED, name, run, help=help_text)
        matcher = self.matcher(query)
        for name, help_text, run in self.screen.commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=help_text)
