"""The base of widgets that draw only ASCII if the app does."""

from __future__ import annotations

from tui.text.glyphs import Glyphs, glyphs_of
from tui.widgets.keyed import Keyed

ASCII_CLASS = "-ascii"
"""The app's CSS class, used in style sheets too, when the terminal shows no more than ASCII."""


class DrawsAscii(Keyed):
    """A widget whose signs depend on the terminal's character set."""

    @property
    def _glyphs(self) -> Glyphs:
        """The signs to draw with; needs an app."""
        return glyphs_of(self.app.has_class(ASCII_CLASS))
