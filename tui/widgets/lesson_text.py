"""A lesson's text, rendered from assets/lessons/<id>.md."""

from __future__ import annotations

from importlib import resources

from textual.containers import VerticalScroll

from tui.text import clean


class LessonText(VerticalScroll, can_focus=True):
    """The text of one lesson, scrolled by the keyboard. Rendered when it is first seen, not before."""

    DEFAULT_CSS = """
    LessonText {
        scrollbar-size-vertical: 1;
        padding: 0 1;
        & > Markdown { padding: 0; margin: 0; background: transparent; }
    }
    """

    def __init__(self, lesson: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lesson = lesson
        self._rendered = ""

    def show(self, lesson: str) -> None:
        """Show the text of this lesson."""
        self._lesson = lesson
        if self.is_mounted and self.region.area:
            self.call_later(self._render_text)

    async def on_mount(self) -> None:
        if self._lesson:
            await self._render_text()

    def on_show(self) -> None:
        self.call_later(self._render_text)

    async def _render_text(self) -> None:
        if self._rendered == self._lesson:
            return
        self._rendered = self._lesson
        from textual.widgets import Markdown

        text = lesson_text(self._lesson)
        shown = self.query(Markdown)
        # At once: Markdown comes a few blocks at a time, and each is a picture of its own otherwise.
        with self.app.batch_update():
            if shown:
                await shown.first(Markdown).update(text)
            else:
                markdown = Markdown(open_links=False)
                await self.mount(markdown)
                await markdown.update(text)
            self.scroll_home(animate=False)


def lesson_text(lesson: str) -> str:
    """The Markdown of a lesson, or a line that says there is none."""
    try:
        text = (resources.files("assets") / "lessons" / f"{lesson}.md").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return f"*There is no text for the lesson {lesson}.*"
    return clean(text, keep_newlines=True)
