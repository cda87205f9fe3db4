"""The command palette of the attach screen: every action by its name."""

from __future__ import annotations

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.screens.attach import AttachScreen


class AttachCommands(Provider):
    """What can be done on the attach screen."""

    async def discover(self) -> Hits:
        if isinstance(self.screen, AttachScreen):
            for name, help_text, run in self.screen.commands():
                yield DiscoveryHit(name, run, help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        if isinstance(self.screen, AttachScreen):
            for name, help_text, run in self.screen.commands():
                score = matcher.match(name)
                if score > 0:
                    yield Hit(score, matcher.highlight(name), run, help=help_text)
