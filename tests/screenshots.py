"""Draw the README's pictures: `make screenshots`. Each is the real app behind a real run, saved as Textual's SVG."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from tui.app import GdtuiApp
from tui.options import AppOptions
from tui.screens.main import MainScreen

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "screenshots"
FRAME_S = 0.05
# The slowest pane to catch up with a run that has ended rests a second between two pictures.
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
    Picture("fashion-mnist", "fashion-mnist", {"epochs": "8"}, size=(160, 46)),
    Picture("gradients", "gradients", {"function": "wave", "start": "5;-4", "speed": "1000"}, theme="textual-light"),
    Picture("activations", "activations", {}),
)


async def draw(picture: Picture) -> None:
    """Run the lesson in the app and save what the screen shows at its end."""
    app = GdtuiApp(AppOptions(), picture.lesson, picture.texts)
    async with app.run_test(size=picture.size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        app.theme = picture.theme
        await pilot.pause(FRAME_S)
        app.screen_stack[-1].action_start_or_pause()  # type: ignore[attr-defined]
        await until(pilot, lambda: picture.lesson in app.bench.done)
        await pilot.press(*picture.keys)
        await pilot.pause(REST_S)
        FOLDER.mkdir(parents=True, exist_ok=True)
        target = FOLDER / f"{picture.name}.svg"
        target.write_text(without_web_fonts(app.export_screenshot(title="gdtui")), "utf-8")
        print(target.relative_to(FOLDER.parent.parent))


def without_web_fonts(svg: str) -> str:
    """The picture in the reader's own monospaced font: it then asks no server for one."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "monospace")


async def until(pilot: Pilot[int], reached: object) -> None:
    """Let the app go on, frame by frame, until it is where it should be; two minutes at most."""
    assert callable(reached)
    async with asyncio.timeout(120):
        while not reached():
            await pilot.pause(FRAME_S)


def main(names: list[str]) -> None:
    """Draw the pictures named, or all."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ["HOME"] = str(Path.cwd())  # so that the log's place is written ~/logs
        for picture in PICTURES:
            if not names or picture.name in names:
                asyncio.run(draw(picture))


if __name__ == "__main__":
    main(sys.argv[1:])
