"""The provider of the command palette: the commands of the present screen, by name."""

from __future__ import annotations

from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from tui.screens.base import BaseScreen

ASSIGNED = 1000.0
"""The score of a setting with its value: higher than any match of letters."""


class PaletteCommands(Provider):
    """The commands of the screen."""

    async def discover(self) -> Hits:
        if isinstance(self.screen, BaseScreen):
            for name, help_text, run in self.screen.commands():
                yield DiscoveryHit(Content(name), run, help=_literal(help_text))

    async def search(self, query: str) -> Hits:
        if not isinstance(self.screen, BaseScreen):
            return
        for name, help_text, run in self.screen.commands_given(query):
            yield Hit(ASSIGNED, Content(name), run, help=_literal(help_text))
        matcher = self.matcher(query)
        for name, help_text, run in self.screen.commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, _highlighted(matcher, name), run, help=_literal(help_text))


def _literal(text: str) -> str:
    """Text in which no bracket begins a style: Textual takes Content, too, where it declares markup, a str."""
    return cast("str", Content(text))


def _highlighted(matcher: Matcher, name: str) -> Content:
    """A name with the letters that match; Textual's own takes a name for markup."""
    content = Content(name)
    for place in matcher.fuzzy_search.match(matcher.query, name)[1]:
        if not name[place].isspace():
            content = content.stylize(matcher.match_style, place, place + 1)
    return content
