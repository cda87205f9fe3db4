"""Views of the log viewer besides plots: charts, precision-recall curves, audio, ridge lines, an enlarged image; and
the choices saved for a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.log_files import append, audio, histogram, image, layout, precision_recall, scalars, wav
from tests.tui.attached import attached
from tui.model.log_names import TagItem
from tui.process.options import AppOptions
from tui.widgets.log.histogram_plot import HistogramPlot
from tui.widgets.log.logged_pictures import LoggedPictures
from tui.widgets.log.precision_recall import PrecisionRecallPlot, average_precision

GOOD = [[2.0, 2.0, 1.0], [2.0, 0.0, 0.0], [0.0, 2.0, 2.0], [0.0, 0.0, 1.0], [0.5, 1.0, 1.0], [1.0, 1.0, 0.5]]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    append(
        tmp_path / "a",
        layout(both=["train.*", "val/.*"]),
        *scalars(0, 1, 2),
        *scalars(0, 1, tag="val/loss", scale=2.0),
        image(1, 0, 100, 255, size=16),
        histogram(1, [0.0, 1.0, 2.0], [3, 1]),
        histogram(2, [0.0, 1.0, 2.0], [1, 3]),
        precision_recall(1, GOOD),
        audio(1, wav(4000)),
    )
    append(tmp_path / "b", *scalars(0, 1, scale=0.1), precision_recall(5, GOOD))
    return tmp_path


async def test_each_kind_is_listed_under_its_name(logs: Path) -> None:
    async with attached(logs, "a") as there:
        await there.read()
        rows = there.rows("#tags")
        for heading in ("charts", "scalars", "images", "histograms", "precision-recall curves", "audio"):
            assert heading in rows
        assert " losses / both" in rows


async def test_a_chart_draws_its_tags_in_one_plot(logs: Path) -> None:
    async with attached(logs, "a") as there:
        await there.read()
        await there.look_at("charts", "losses / both")
        header = there.rows("#pane-charts ScalarPlot")[0]
        assert "losses / both" in header and "train-loss" in header and "val/loss" in header


async def test_a_precision_recall_curve_is_read_off_by_its_thresholds(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.look_at("curves", "pr")
        assert "average precision 1.0000" in there.rows("PrecisionRecallPlot")[0]
        await there.press("up")
        assert "threshold 0.5: precision 1.0000, recall 1.0000" in there.rows("PrecisionRecallPlot")[0]
        await there.press("up")
        assert "precision 1.0000, recall 0.5000" in there.rows("PrecisionRecallPlot")[0]
        await there.press("0")
        assert there.screen.query_one(PrecisionRecallPlot).threshold == -1


def test_the_average_precision_is_the_sum_over_steps_of_the_recall() -> None:
    points = np.zeros((6, 4))
    points[4], points[5] = [0.25, 0.5, 1.0, 1.0], [1.0, 1.0, 0.5, 0.0]
    assert average_precision(points) == pytest.approx(0.5 * 0.5 + 0.5 * 1.0)


async def test_audio_is_named_as_what_it_is(logs: Path) -> None:
    async with attached(logs, "a") as there:
        await there.read()
        await there.look_at("audio", "sound")
        rows = [row.split() for row in there.rows("AudioList")]
        assert ["1", "wav", "0.5", "s", "8,000", "mono", "8.04", "kB"] in rows


async def test_histograms_are_drawn_as_heat_or_as_ridges(logs: Path) -> None:
    async with attached(logs, "a") as there:
        await there.read()
        await there.look_at("histograms", "weights")
        heat = there.rows("HistogramPlot")
        await there.press("h")
        ridges = there.rows("HistogramPlot")
        assert there.screen.query_one(HistogramPlot).as_ridges and ridges[0] == heat[0] and ridges[1:] != heat[1:]
        labels = [row.split()[0] for row in ridges[1:-2] if row[:1].isdigit()]
        assert labels == ["1", "2"]
        await there.press("h")
        assert there.rows("HistogramPlot") == heat


async def test_an_image_is_shown_alone_and_enlarged_where_the_arrow_keys_move(logs: Path) -> None:
    async with attached(logs, "a") as there:
        await there.read()
        await there.look_at("images", "digits")
        view = there.screen.query_one(LoggedPictures)
        await there.press("plus", "down")
        assert "image 2 of 3 · 16x16" in there.rows("LoggedPictures")[0]
        await there.press("plus", "right", "down")
        assert "2x" in there.rows("LoggedPictures")[0]
        assert view.middle == (0.625, 0.625)
        await there.press("0")
        assert view.zoom == 0 and "image" not in there.rows("LoggedPictures")[0]


async def test_filters_pins_and_order_are_there_again_at_the_next_start(logs: Path, tmp_path: Path) -> None:
    state_path = tmp_path / "own" / "state.json"
    async with attached(logs, state_path=state_path) as there:
        await there.read()
        await there.press("slash", *"loss", "enter")
        await there.press("end", "up", "up", "p")
        pinned = there.screen.state.pinned
        there.screen.focus_place("runs")
        await there.press("o", "slash", "N", "O", "T", "space", "b", "enter")
        assert pinned == (TagItem("scalars", "val/loss"),)
    async with attached(logs, state_path=state_path) as there:
        await there.read()
        state = there.screen.state
        assert (state.run_filter, state.tag_filter, state.order_by) == ("NOT b", "loss", "name")
        assert (state.pinned, state.order) == (pinned, ("a",))
        assert there.rows("#tags")[:3] == ["all scalars", "pinned", " val/loss"]


async def test_with_blocks_only_what_a_console_has_is_drawn(logs: Path) -> None:
    async with attached(logs, options=AppOptions(glyphs="blocks"), size=(80, 24)) as there:
        await there.read()
        drawn: set[str] = set()
        for kind, tag in (("scalars", "train-loss"), ("histograms", "weights"), ("curves", "pr"), ("hparams", "")):
            await there.look_at(kind, tag)
            await there.press("h")
            drawn |= {char for row in there.painted() for char in row}
        assert drawn & set("▀▄█▌▐")
        assert {char for char in drawn if not char.isascii() and _code_page_437(char) is None} == set()


def _code_page_437(char: str) -> bytes | None:
    try:
        return char.encode("cp437")
    except UnicodeEncodeError:
        return b"" if char in "•◘○◙►◄↕‼▬↨↑↓→←∟↔▲▼" else None
