"""Draw the README's pictures: `make screenshots`. Each shows the real app with a real run, saved as Textual's SVG."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.terminal_theme import DIMMED_MONOKAI
from textual.pilot import Pilot

from tests.moving_picture import Frame, animated, frame_of
from tui.app.app import GdtuiApp
from tui.process.options import AppOptions
from tui.screens.lab.screen import LabScreen

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "screenshots"
MOVING = "moving"
FRAME_S = 0.05
# The slowest pane pauses for a second between two pictures, also after the end of a run.
REST_S = 1.5


@dataclass(frozen=True)
class Picture:
    """A lesson with settings, run to its end, then some keys."""

    name: str
    lesson: str
    texts: dict[str, str]
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 36)
    theme: str = "textual-dark"


PICTURES = (
    Picture("himmelblau", "himmelblau", {"optimizer": "sgd,adam", "learning_rate": "0.02", "speed": "1000"}),
    Picture("himmelblau-3d", "himmelblau", {"optimizer": "momentum", "speed": "1000"}, keys=("m",)),
    Picture("fashion-mnist", "fashion-mnist", {"epochs": "8"}, size=(160, 46)),
    Picture("gradients", "gradients", {"function": "wave", "start": "5;-4", "speed": "1000"}, theme="textual-light"),
    Picture("activations", "activations", {}),
)


async def draw(picture: Picture) -> None:
    """Run the lesson in the app and save what the screen shows at its end."""
    app = GdtuiApp(AppOptions(), picture.lesson, picture.texts)
    async with app.run_test(size=picture.size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LabScreen) and app.screen.loaded)
        app.theme = picture.theme
        await pilot.pause(FRAME_S)
        app.screen_stack[-1].action_start_or_pause()  # type: ignore[attr-defined]
        await until(pilot, lambda: picture.lesson in app.app_state.done)
        await pilot.press(*picture.keys)
        await pilot.pause(REST_S)
        FOLDER.mkdir(parents=True, exist_ok=True)
        target = FOLDER / f"{picture.name}.svg"
        target.write_text(without_web_fonts(app.export_screenshot(title="gdtui")), "utf-8")
        print(target.relative_to(FOLDER.parent.parent))


def without_web_fonts(svg: str) -> str:
    """The picture in the reader's own monospaced font, without loading one from a server."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "monospace")


@dataclass(frozen=True)
class Scene:
    """A part of the moving picture: a run of a lesson with settings, a frame about each `every` steps; each is shown
    for `seconds`, the last longer."""

    lesson: str
    texts: dict[str, str]
    every: int
    seconds: float


SCENES = (
    Scene("himmelblau", {"optimizer": "sgd,momentum,adam", "learning_rate": "0.01", "speed": "40"}, 4, 0.12),
    Scene("fashion-mnist", {"epochs": "4"}, 60, 0.2),
)
MOVING_SIZE = (100, 30)
REST_OF_SCENE_S = 2.5


async def film(scene: Scene) -> list[Frame]:
    """Watch a run, from before its first step to its end."""
    app = GdtuiApp(AppOptions(log=False), scene.lesson, scene.texts)
    frames: list[Frame] = []
    async with app.run_test(size=MOVING_SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LabScreen) and app.screen.loaded)
        await until(pilot, lambda: app.session.engine == "ready")
        app.screen_stack[-1].action_start_or_pause()  # type: ignore[attr-defined]
        state = app.app_state.lesson_state
        await until(pilot, lambda: state.state is not None)

        def step() -> int:
            return state.state.step if state.state is not None else 0

        def shot(seconds: float) -> None:
            strips = app.screen._compositor.render_strips()
            frames.append(frame_of(strips, seconds, DIMMED_MONOKAI))

        due = 1
        while scene.lesson not in app.app_state.done:
            if step() >= due:
                shot(scene.seconds)
                due = step() + scene.every
            await pilot.pause(FRAME_S)
        await pilot.pause(REST_S)
        shot(REST_OF_SCENE_S)
    return frames


async def draw_moving() -> None:
    """A descent and a training run in one moving picture."""
    scenes = [await film(scene) for scene in SCENES]
    target = FOLDER / f"{MOVING}.svg"
    target.write_text(animated(scenes, "gdtui: a descent on Himmelblau's surface, then a network that learns"), "utf-8")
    print(target.relative_to(FOLDER.parent.parent))


async def until(pilot: Pilot[int], reached: object) -> None:
    """Let the app go on, frame by frame, until the condition holds; at most two minutes."""
    assert callable(reached)
    async with asyncio.timeout(120):
        while not reached():
            await pilot.pause(FRAME_S)


def main(names: list[str]) -> None:
    """Draw the pictures named, or all."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ["HOME"] = str(Path.cwd())  # so that the log's place is written ~/logs
        if not names or MOVING in names:
            asyncio.run(draw_moving())
        for picture in PICTURES:
            if not names or picture.name in names:
                asyncio.run(draw(picture))


if __name__ == "__main__":
    main(sys.argv[1:])
