"""The live pane of a classifier, at the three sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from textual.app import ComposeResult

from engine.events import Evaluated, Images, Metrics
from tui.app.base import ResilientApp
from tui.model.series import Series
from tui.views.training_picture import TrainingPicture
from tui.widgets.loss_plot import LossPlot
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.run_sparkline import RunSparkline
from tui.widgets.training.confusion_matrix import ConfusionMatrix
from tui.widgets.training.image_grid import ImageGrid
from tui.widgets.training.run_progress import RunProgress
from tui.widgets.training.training_view import PANELS, TrainingView

NAMES = tuple("abcdefghij")


class Stage(ResilientApp):
    def compose(self) -> ComposeResult:
        yield TrainingView()


def picture(steps: int = 938) -> TrainingPicture:
    loss = np.linspace(2.3, 0.4, steps).astype(np.float32)
    labels = np.arange(25) % 10
    return TrainingPicture(
        loss=Series("this run", np.arange(1, steps + 1), loss, np.arange(steps) / 1000),
        overlays=(Series("before", np.arange(1, 501), np.linspace(2.3, 0.9, 500), ghost=True),),
        gradient_norm=Series("gradient norm", np.arange(50, 901, 50), np.ones(18)),
        evaluations=(Evaluated(469, 1, 0.5, 0.8, np.eye(10, dtype=np.int64) * 800, NAMES, 0.78),),
        metrics=Metrics(2, steps - 49, loss[-50:].copy(), loss[-50:].copy(), 1.2, 1e-3, 1000.0, 14_070, 30),
        images=(Images("val", 469, np.zeros((25, 28, 28), np.uint8), labels, labels, NAMES, True),),
        phase="running",
        elapsed_s=0.9,
    )


def visible(app: Stage) -> list[str]:
    return [name for name in PANELS if app.query_one(f"#{name}").region.area]


def screen_text(app: Stage) -> str:
    return "\n".join(
        widget.render_line(y).text
        for kind in (RunProgress, RunSparkline, LossPlot, ImageGrid, ConfusionMatrix)
        for widget in app.query(kind)
        if widget.region.area
        for y in range(widget.size.height)
    )


@pytest.mark.parametrize("size", [(120, 36), (200, 60)])
async def test_with_room_everything_is_seen_at_once(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.query_one(TrainingView).show(picture())
        await pilot.pause()
        assert visible(app) == list(PANELS)
        assert not app.query_one(PaneTabs).region.area
        text = screen_text(app)
        for words in ("loss", "accuracy", "gradient norm", "images", "confusion", "epoch 2/30", "938/14,070"):
            assert words in text
        assert "needs" not in text


async def test_at_80_by_24_panels_are_tabs_and_a_key_goes_round() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(TrainingView)
        view.show(picture())
        await pilot.pause()
        seen = [visible(app)]
        app.query_one("#loss").focus()
        for _ in PANELS:
            await pilot.press("v")
            await pilot.pause()
            seen.append(visible(app))
        assert seen == [[name] for name in (*PANELS, "loss")]
        assert app.focused is app.query_one("#loss")


async def test_a_tab_shows_its_panel() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(TrainingView).show(picture())
        await pilot.pause()
        tabs = app.query_one(PaneTabs)
        row = tabs.render_line(0).text
        await pilot.click(tabs, offset=(row.index("confusion") + 1, 0))
        await pilot.pause()
        assert visible(app) == ["confusion"]
        assert "needs" not in screen_text(app)


async def test_resizing_changes_the_layout_and_keeps_the_panel() -> None:
    app = Stage()
    async with app.run_test(size=(200, 60)) as pilot:
        view = app.query_one(TrainingView)
        view.show(picture())
        view.panel = "images"
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert visible(app) == ["images"]
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert visible(app) == list(PANELS)


@pytest.mark.parametrize("size", [(20, 8), (40, 12), (60, 20), (80, 24), (120, 36), (200, 60)])
async def test_no_picture_reaches_outside_the_view(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        view = app.query_one(TrainingView)
        view.show(picture())
        await pilot.pause()
        drawn = [*view.query(".panel"), view.query_one(RunProgress), view.query_one("#sparkline")]
        seen = [widget for widget in drawn if widget.region.area]
        assert len(seen) >= 3
        assert all(view.region.contains_region(widget.region) for widget in seen)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_mean_squared_error_stands_beside_the_cross_entropy(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        shown = picture()
        metrics = replace(shown.metrics, mse=np.full(50, 0.0625, np.float32)) if shown.metrics else None
        app.query_one(TrainingView).show(replace(shown, metrics=metrics))
        await pilot.pause()
        plot = app.query_one("#loss", LossPlot)
        header = plot.render_line(0).text
        assert "loss  0.4 · MSE 0.0625" in header
        assert "MSE" not in app.query_one("#gradient", LossPlot).render_line(0).text


async def test_what_is_shown_before_mounting_is_drawn_after() -> None:
    class Early(ResilientApp):
        def compose(self) -> ComposeResult:
            view = TrainingView()
            view.show(picture())
            yield view

    app = Early()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "938/14,070" in app.query_one(RunProgress).render_line(0).text


async def test_an_empty_picture_says_that_there_is_nothing_yet() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for words in ("no loss yet", "no accuracy yet", "no gradient norm yet", "none yet"):
            assert words in text


async def test_the_same_picture_again_paints_nothing() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        view, shown = app.query_one(TrainingView), picture()
        view.show(shown)
        await pilot.pause()
        painted: list[str] = []
        for widget in view.query("*"):
            widget.refresh = lambda *a, name=str(widget), **k: painted.append(name)  # type: ignore[method-assign]
        view.show(shown)
        await pilot.pause()
        assert painted == []


async def test_one_line_stands_in_place_of_empty_plots_and_the_focus_follows() -> None:
    app = Stage()
    async with app.run_test(size=(91, 31)) as pilot:
        view = app.query_one(TrainingView)
        view.show(TrainingPicture(waiting="compiling the training steps …", phase="compiling"))
        await pilot.pause()
        await pilot.pause()
        shown = {app.screen.get_widget_at(x, y)[0].id for x in range(91) for y in range(31)}
        assert shown == {"waiting"}
        assert [each.id for each in app.screen.focus_chain] == ["waiting"]
        app.query_one("#waiting").focus()
        await pilot.pause()
        view.show(picture(30))
        await pilot.pause()
        assert not app.query_one("#waiting").region.area
        assert app.focused is app.query_one("#loss")
        assert app.screen.focus_chain[0].id == "loss"
        view.show(TrainingPicture(waiting="no run yet: space starts one"))
        await pilot.pause()
        assert app.focused is app.query_one("#waiting")


@pytest.mark.parametrize("size", [(91, 31), (125, 57), (170, 50)])
async def test_a_column_is_free_between_the_curves_and_the_pictures(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.query_one(TrainingView).show(picture(30))
        await pilot.pause()
        curves = [app.query_one(f"#{name}").region.right for name in ("loss", "accuracy", "gradient")]
        pictures = [app.query_one(f"#{name}").region.x for name in ("images", "confusion")]
        assert max(curves) < min(pictures)
        gradient, accuracy = app.query_one("#gradient").region, app.query_one("#accuracy").region
        assert gradient.x > accuracy.right or gradient.y >= accuracy.bottom


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_the_learning_rate_is_drawn_where_it_changes(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        view = app.query_one(TrainingView)
        view.show(picture())
        await pilot.pause()
        drawn = view.query_one("#rate", RunSparkline)
        assert not drawn.region.area
        rates = Series("learning rate", np.arange(1, 939), np.linspace(0.2, 0.1, 938))
        view.show(replace(picture(), rate=rates))
        await pilot.pause()
        assert view.region.contains_region(drawn.region)
        row = drawn.render_line(0).text
        assert row.startswith("█")
        assert row.rstrip().endswith("η 0.1")
