"""Exceptions in the app: the pane or dialog that they come from is closed, and the app goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tui.app.base import ResilientApp
from tui.screens.dialogs.dialog import Dialog
from tui.screens.modal import SteadyScreen, open_dialog
from tui.widgets.closed_notice import ClosedNotice
from tui.widgets.pane import Pane
from tui.widgets.steady import Steady, contained

WAYS = ("key", "watcher", "timer", "next callback", "callback after a refresh", "worker", "draw", "mount", "compose",
        "constructor", "layout")  # fmt: skip
LATER = tuple(way for way in WAYS if way not in ("constructor", "compose", "mount"))


class Fragile(Widget, can_focus=True):
    """Fails in one way on request; in some ways, while it is created."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f", "fail")]
    DEFAULT_CSS = "Fragile { height: 1fr; }"
    fails_in: ClassVar[str] = ""
    watched = reactive(0, init=False)

    def __init__(self) -> None:
        super().__init__()
        self._fail("constructor")

    def _fail(self, way: str) -> None:
        if self.fails_in == way:
            raise ValueError(f"failed in {way}")

    def compose(self) -> ComposeResult:
        yield Static("above")
        self._fail("compose")
        yield Static("below")

    def on_mount(self) -> None:
        self._fail("mount")

    def render_line(self, y: int) -> Strip:
        self._fail("draw")
        return Strip.blank(self.size.width)

    def get_content_width(self, container: object, viewport: object) -> int:
        self._fail("layout")
        return 10

    def watch_watched(self) -> None:
        self._fail("watcher")

    async def _work(self) -> None:
        self._fail("worker")

    def fail_in(self, way: str) -> None:
        """Make this kind fail from now on, and trigger it."""
        type(self).fails_in = way
        self.watched += 1
        self.set_timer(0.001, lambda: self._fail("timer"))
        self.call_next(self._fail, "next callback")
        self.call_after_refresh(self._fail, "callback after a refresh")
        if way == "worker":
            self.run_worker(self._work())
        if way == "layout":
            self.styles.width = "auto"
        self.refresh(layout=way == "layout")
        self._fail("key")


class Base(SteadyScreen[None]):
    """Two panes above a line; counts a key."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "count"), Binding("b", "break_down")]

    def __init__(self) -> None:
        super().__init__()
        self.counted = 0

    def compose(self) -> ComposeResult:
        yield Pane(Fragile, "left")
        yield Pane(lambda: Static("sound"), "right")
        yield Line(id="line")

    async def on_mount(self) -> None:
        await self.make()

    async def make(self) -> None:
        for pane in self.query(Pane):
            pane.display = True
            with contained(pane):
                await pane.fill()

    async def on_pane_emptied(self) -> None:
        await self.make()

    def action_count(self) -> None:
        self.counted += 1

    def action_break_down(self) -> None:
        raise KeyError("a key of the screen")


class Line(Steady, Widget):
    """A line outside of the panes."""

    DEFAULT_CSS = "Line { height: 1; }"
    broken = False

    def render_line(self, y: int) -> Strip:
        if self.broken:
            raise ValueError("a line that cannot be drawn")
        return Strip.blank(self.size.width)


class FragileDialog(Dialog[None]):
    CSS_PATH = None

    def compose_inside(self) -> ComposeResult:
        yield Fragile()


class Trial(ResilientApp):
    """An app that survives errors as on a terminal, although it is under a pilot."""

    def __init__(self, *, outlives: bool | None = True) -> None:
        super().__init__()
        self.outlives_errors = outlives

    async def on_mount(self) -> None:
        self.base = Base()
        await self.push_screen(self.base)
        self.begin()


@asynccontextmanager
async def trial(*, outlives: bool | None = True) -> AsyncIterator[Trial]:
    app = Trial(outlives=outlives)
    Fragile.fails_in = ""
    try:
        async with app.run_test(notifications=True):
            await until(lambda: app.base.query(Fragile))
            yield app
    finally:
        Fragile.fails_in = ""


async def until(holds: Callable[[], object]) -> None:
    """Wait until a condition holds. A pilot would wait for the widgets that fail, too."""
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


def press(app: Trial, key: str) -> None:
    app.post_message(events.Key(key, key if len(key) == 1 else None))


async def goes_on(app: Trial) -> None:
    """Check that the other pane exists, keys act, and the message is one line."""
    before = app.base.counted
    press(app, "c")
    await until(lambda: app.base.counted == before + 1)
    (right,) = app.base.query("#pane-right Static")
    assert right.is_running
    assert len(app._notifications) == 1


@pytest.mark.parametrize("way", LATER)
async def test_a_pane_whose_content_fails_is_closed_and_can_be_made_again(
    way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with trial() as app:
        content = app.base.query_one(Fragile)
        content.focus()
        await until(lambda: app.focused is content)
        content.call_later(content.fail_in, way)
        await until(lambda: app.base.query(ClosedNotice))
        Fragile.fails_in = ""
        assert not app.base.query(Fragile)
        assert "failed (ValueError)" in str(app.base.query_one(ClosedNotice).render())
        await goes_on(app)
        await until(lambda: app.focused is app.base.query_one(ClosedNotice))
        press(app, "enter")
        await until(lambda: app.base.query(Fragile))
        assert not app.base.query(ClosedNotice)
    logged = capfd.readouterr().err
    assert logged.count("Traceback (most recent call last)") == 1
    assert f"ValueError: failed in {way}" in logged


@pytest.mark.parametrize("way", ["constructor", "compose", "mount", "draw"])
async def test_a_pane_whose_content_fails_each_time_it_is_made_stays_closed_and_is_logged_once(
    way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with trial() as app:
        Fragile.fails_in = way
        content = app.base.query_one(Fragile)
        content.call_later(content.fail_in, "key")
        await until(lambda: app.base.query(ClosedNotice))
        Fragile.fails_in = way
        for _ in range(3):
            notice = app.base.query_one(ClosedNotice)
            app.base.set_focus(notice)
            press(app, "enter")
            await until(lambda was=notice: any(each is not was for each in app.base.query(ClosedNotice)))
        before = app.base.counted
        press(app, "c")
        await until(lambda: app.base.counted == before + 1)
        assert not app.base.query(Fragile)
    assert capfd.readouterr().err.count(f"ValueError: failed in {way}") == 1


@pytest.mark.parametrize("way", WAYS)
async def test_a_dialog_that_fails_is_closed(way: str, capfd: pytest.CaptureFixture[str]) -> None:
    answers: list[None] = []
    async with trial() as app:
        if way in LATER:
            assert open_dialog(app, FragileDialog(), answers.append)
            await until(lambda: app.screen.query(Fragile) and app.screen.is_modal)
            content = app.screen.query_one(Fragile)
            content.call_later(content.fail_in, way)
        else:
            Fragile.fails_in = way
            assert open_dialog(app, FragileDialog(), answers.append)
        await until(lambda: app.screen is app.base)
        await until(lambda: answers == [None])
        await goes_on(app)
    assert f"ValueError: failed in {way}" in capfd.readouterr().err


async def test_a_widget_outside_of_the_panes_that_cannot_be_drawn_is_hidden() -> None:
    async with trial() as app:
        line = app.base.query_one(Line)
        line.broken = True
        line.refresh()
        await until(lambda: not line.display)
        await goes_on(app)


async def test_a_key_of_the_screen_that_fails_closes_nothing() -> None:
    async with trial() as app:
        press(app, "b")
        await until(lambda: app._notifications)
        await goes_on(app)
        assert app.base.query(Fragile) and not app.base.query(ClosedNotice)


async def test_a_part_that_an_exception_is_charged_to_is_closed_and_the_others_are_shown() -> None:
    async with trial() as app:
        shown = []
        for pane in app.base.query(Pane):
            with contained(pane):
                shown.append(pane.name)
                assert pane.name != "left"
        assert shown == ["left", "right"]
        await until(lambda: app.base.query(ClosedNotice))
        assert app.base.query_one(ClosedNotice).parent is app.base.query_one("#pane-left")
        await goes_on(app)


async def test_an_app_whose_base_screen_cannot_be_drawn_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(screen: Base, crop: object) -> list[Strip]:
        raise ValueError("the ground")

    app = Trial()
    async with app.run_test():
        await until(lambda: app.base.query(Fragile))
        monkeypatch.setattr(Base, "render_lines", broken)
        app.base.refresh()
        await until(lambda: app._exception)
        assert app.return_code == 1
        app._exception = None  # it is what the test is about


@pytest.mark.parametrize("way", ["key", "draw", "worker", "timer"])
async def test_without_a_terminal_an_exception_fails_the_test(way: str) -> None:
    with pytest.raises(Exception, match=f"failed in {way}"):
        async with trial(outlives=None) as app:
            content = app.base.query_one(Fragile)
            content.call_later(content.fail_in, way)
            await until(lambda: app._exception)


async def test_an_exception_before_the_base_screen_is_there_ends_the_app_with_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(screen: Base) -> ComposeResult:
        raise ValueError("no screen")

    monkeypatch.setattr(Base, "compose", broken)
    app = Trial()
    await app.run_async(headless=True)
    assert app.return_code == 1
    assert str(app._exception) == "no screen"
