"""The pane of a lesson of curves: layouts, scrubbing, starts, and its messages to the app."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from engine.descent.optimizers import OptimizerSettings
from tests.tui.curves import PAGE, descent, parabola, sigmoid, tanh
from tui.app.base import ResilientApp
from tui.model.series import Series
from tui.views.curve_picture import CurvePicture
from tui.views.paths_picture import Ghost
from tui.views.step_parts import OptimizerMemory
from tui.widgets.ascii import ASCII_CLASS
from tui.widgets.curve.curve_plot import CurvePlot
from tui.widgets.curve.curve_view import CurveView
from tui.widgets.curve.path_list import PathList
from tui.widgets.curve.steps_plot import StepsPlot
from tui.widgets.loss_plot import LossPlot
from tui.widgets.run_sparkline import RunSparkline
from tui.widgets.tables_view import TablesView


class Stage(ResilientApp):
    """An app with one view, that keeps the view's messages."""

    def __init__(self, view: CurveView, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.set_class(ascii_only, ASCII_CLASS)
        self.view = view
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def _keep(self, message: Message) -> None:
        self.heard.append(message)

    on_path_view_starts_changed = on_path_view_branch_requested = _keep


def rows(widget: Widget) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


def visible_panels(view: CurveView) -> set[str]:
    return {
        widget.id or ""
        for widget in view.query("#curve, #paths, #steps, #page")
        if widget.region.area and all(parent.display for parent in widget.ancestors if isinstance(parent, Widget))
    }


@pytest.mark.parametrize(
    ("size", "page", "expected"),
    [
        ((80, 20), True, {"curve", "paths"}),
        ((120, 24), True, {"curve", "paths", "page"}),
        ((120, 34), True, {"curve", "paths", "steps", "page"}),
        ((200, 56), True, {"curve", "paths", "steps", "page"}),
        ((80, 20), False, {"curve", "paths"}),
        ((80, 30), False, {"curve", "paths", "steps"}),
    ],
)
async def test_what_is_visible_grows_with_the_room(size: tuple[int, int], page: bool, expected: set[str]) -> None:
    view = CurveView(page=page)
    async with Stage(view).run_test(size=size) as pilot:
        view.show(descent())
        await pilot.pause()
        assert visible_panels(view) == expected


async def test_a_high_view_gives_the_curve_its_width_and_the_page_what_is_below() -> None:
    view = CurveView()
    async with Stage(view).run_test(size=(122, 55)) as pilot:
        view.show(descent())
        await pilot.pause()
        curve, steps, page = (view.query_one(f"#{name}").region for name in ("curve", "steps", "page"))
        assert curve.width > 2 * curve.height
        assert steps.x >= curve.right
        assert page.y >= max(curve.bottom, steps.bottom)
        assert page.width == 122


async def test_a_run_shown_before_the_view_was_there_is_shown_whole() -> None:
    view = CurveView()
    view.show(descent())
    async with Stage(view).run_test(size=(120, 34)) as pilot:
        await pilot.pause()
        assert visible_panels(view) == {"curve", "paths", "steps", "page"}
        assert "from x = 2.5" in rows(view.query_one(PathList))[1]
        assert view.query_one("#steps", LossPlot).slots


async def test_v_goes_through_the_panels_that_have_something_to_show() -> None:
    view = CurveView()
    async with Stage(view).run_test(size=(80, 20)) as pilot:
        view.show(descent())
        view.query_one(CurvePlot).focus()
        seen = []
        for _ in range(3):
            await pilot.press("v")
            await pilot.pause()
            seen.append((view.panel, pilot.app.focused.id if pilot.app.focused else None))
        assert seen == [("steps", "steps"), ("page", "page"), ("curve", "curve")]
        view.show(CurvePicture(curves=(sigmoid(),), page=PAGE))
        await pilot.press("v")
        assert view.panel == "page"


async def test_a_path_that_explodes_is_not_what_the_axis_of_f_shows() -> None:
    view, calm = CurveView(), descent(10, starts=(2.5, 1.0))
    assert calm.opened is not None
    values = calm.values.copy()
    values[1] = 1e3 ** np.arange(11)
    async with Stage(view).run_test(size=(120, 34)) as pilot:
        axes = []
        for picture in (calm, replace(calm, values=values, opened=replace(calm.opened, total_steps=50))):
            view.show(picture)
            await pilot.pause()
            shown = rows(view.query_one("#steps"))
            axes.append([row[: row.index("┤")].split()[-1] for row in shown if "┤" in row])
        assert axes[0] == axes[1]
        assert "▲" in "".join(shown)


async def test_scrubbing_looks_back_and_past_the_newest_it_follows_again() -> None:
    view = CurveView()
    stage = Stage(view)
    async with stage.run_test(size=(80, 20)) as pilot:
        view.show(descent(10))
        view.scrub(-1)
        assert view.step == 9
        view.scrub(-100)
        assert view.step == 0
        view.scrub_to(4)
        await pilot.pause()
        assert "step 4/50" in rows(view.query_one(PathList))[0]
        view.scrub(100)
        assert view.scrubbed is None and view.step == 10
        await pilot.pause()
        assert "step 10/50" in rows(view.query_one(PathList))[0]


async def test_the_list_reads_step_x_value_and_gradient_of_the_shown_step() -> None:
    view, picture = CurveView(), descent(10)
    async with Stage(view).run_test(size=(90, 20)) as pilot:
        view.show(picture)
        view.scrub_to(3)
        await pilot.pause()
        numbers = rows(view.query_one(PathList))[1].split("from x = 2.5")[1].split()[:3]
        x = 2.5 * 0.8**3
        assert [float(number) for number in numbers] == pytest.approx([x, x * x, 2 * x], rel=1e-3)


async def test_a_growing_run_is_followed_unless_the_learner_looks_back() -> None:
    view, whole = CurveView(), descent(10)
    async with Stage(view).run_test(size=(80, 20)):
        view.show(replace(whole, points=whole.points[:, :5], values=whole.values[:, :5]))
        assert view.step == 4
        view.scrub_to(2)
        view.show(whole)
        assert view.step == 2


async def test_another_run_is_followed_from_its_beginning() -> None:
    view = CurveView()
    async with Stage(view).run_test(size=(80, 20)):
        view.show(descent(10))
        view.scrub_to(2)
        view.show(descent(4))
        assert view.scrubbed is None and view.step == 4


async def test_n_reads_the_next_path_or_where_there_is_one_the_next_curve() -> None:
    view = CurveView()
    stage = Stage(view)
    async with stage.run_test(size=(80, 20)) as pilot:
        view.show(descent(starts=(2.5, -2.0)))
        view.query_one(CurvePlot).focus()
        await pilot.press("n")
        assert view.path == 1
        view.show(CurvePicture(curves=(sigmoid(), tanh())))
        await pilot.press("N")
        assert view.query_one(CurvePlot).chosen == 1


async def test_a_start_is_added_at_the_cursor_and_the_nearest_removed() -> None:
    view = CurveView()
    stage = Stage(view)
    async with stage.run_test(size=(80, 20)) as pilot:
        picture = descent()
        view.show(picture)
        view.query_one(CurvePlot).focus()
        await pilot.press("home")
        view.add_start()
        await pilot.pause()
        added = stage.heard[-1]
        assert isinstance(added, CurveView.StartsChanged) and added.starts == ((2.5,), (-3.0,))
        view.show(replace(picture, starts=added.starts))
        await pilot.press("delete")
        await pilot.pause()
        removed = stage.heard[-1]
        assert isinstance(removed, CurveView.StartsChanged) and removed.starts == ((2.5,),)
        view.add_start((1.0,))
        await pilot.pause()
        assert isinstance(stage.heard[-1], CurveView.StartsChanged)
        assert stage.heard[-1].starts == ((2.5,), (-3.0,), (1.0,))


async def test_nothing_near_the_cursor_means_nothing_is_removed() -> None:
    view = CurveView()
    stage = Stage(view)
    async with stage.run_test(size=(80, 20)) as pilot:
        view.show(descent())
        view.query_one(CurvePlot).focus()
        await pilot.press("home")
        await pilot.press("delete")
        await pilot.pause()
        assert not [m for m in stage.heard if isinstance(m, CurveView.StartsChanged)]


async def test_f_asks_for_a_branch_from_the_shown_step() -> None:
    view = CurveView()
    stage = Stage(view)
    async with stage.run_test(size=(80, 20)) as pilot:
        view.show(descent(10, starts=(2.5, -2.0)))
        view.query_one(CurvePlot).focus()
        await pilot.press("n")
        view.scrub_to(6)
        await pilot.press("f")
        await pilot.pause()
        asked = [m for m in stage.heard if isinstance(m, CurveView.BranchRequested)]
        assert [(m.path, m.step) for m in asked] == [(1, 6)]


async def test_a_lesson_without_descent_offers_no_branch() -> None:
    view = CurveView()
    stage = Stage(view)
    async with stage.run_test(size=(80, 20)) as pilot:
        view.show(CurvePicture(curves=(sigmoid(),), page=PAGE))
        view.query_one(CurvePlot).focus()
        await pilot.press("f", "n")
        assert not [m for m in stage.heard if isinstance(m, CurveView.BranchRequested)]
        assert view.query_one(PathList).size.height == 0


async def test_the_values_over_the_steps_are_those_of_the_paths() -> None:
    view, picture = CurveView(), descent(10, starts=(2.5, -2.0))
    async with Stage(view).run_test(size=(120, 34)) as pilot:
        view.show(picture)
        await pilot.pause()
        plot = view.query_one("#steps", LossPlot)
        plot.focus()
        await pilot.press("home")
        assert plot.reading is not None
        assert (plot.reading.step, plot.reading.value) == (0, 6.25)


async def test_the_run_before_lies_dim_under_the_values_over_the_steps() -> None:
    view, before = CurveView(page=False), descent(8, rate=0.3)
    ghost = Ghost("last run from x = 2.5", before.points[0], before.values[0])
    async with Stage(view).run_test(size=(80, 30)) as pilot:
        view.show(descent(10))
        await pilot.pause()
        alone = rows(view.query_one(StepsPlot))
        view.show(replace(descent(10), ghosts=(ghost,)))
        await pilot.pause()
        assert "last run" in rows(view.query_one(StepsPlot))[0]
        assert rows(view.query_one(StepsPlot))[1:] != alone[1:]


async def test_the_shown_step_is_marked_over_the_steps_and_arrows_there_move_it() -> None:
    view = CurveView(page=False)
    async with Stage(view).run_test(size=(80, 30)) as pilot:
        view.show(descent(10, starts=(2.5, -2.0)))
        view.path = 1
        view.scrub_to(3)
        await pilot.pause()
        assert "step 3 · f 1.049 · from x = -2" in rows(view.query_one(StepsPlot))[0]  # (2·0.8³)²
        view.query_one(StepsPlot).focus()
        await pilot.press("left")
        await pilot.pause()
        assert view.scrubbed == 2
        await pilot.press("n")
        await pilot.pause()
        assert view.path == 0
        assert "step 2 · f 2.56 · from x = 2.5" in rows(view.query_one(StepsPlot))[0]
        await pilot.press("escape")
        await pilot.pause()
        assert view.scrubbed is None
        assert "step" not in rows(view.query_one(StepsPlot))[0]


async def test_the_end_of_a_path_is_reported_in_words() -> None:
    view, picture = CurveView(), descent(10, starts=(2.5, -2.0))
    lost = replace(picture.ended[1], minimum=None, arrived_step=None, diverged_step=7)
    async with Stage(view).run_test(size=(90, 20)) as pilot:
        view.show(replace(picture, ended=(picture.ended[0], lost)))
        await pilot.pause()
        said = rows(view.query_one(PathList))
        assert "at x = 0 by step 8" in said[1]
        assert "diverged at step 7" in said[2]


async def test_the_end_of_a_path_is_shorter_where_there_is_little_room() -> None:
    view, picture = CurveView(), descent(10, starts=(2.5, -2.0))
    lost = replace(picture.ended[1], minimum=None, arrived_step=None, diverged_step=7)
    async with Stage(view).run_test(size=(62, 20)) as pilot:
        view.show(replace(picture, ended=(picture.ended[0], lost)))
        await pilot.pause()
        said = rows(view.query_one(PathList))
        assert said[1].rstrip().endswith("  x = 0 at 8")
        assert said[2].rstrip().endswith("  lost 7")
        await pilot.resize_terminal(58, 20)
        await pilot.pause()
        assert rows(view.query_one(PathList))[1].rstrip().endswith("  at 8")


async def test_what_changed_since_the_last_run_is_noted_below() -> None:
    view = CurveView()
    async with Stage(view).run_test(size=(80, 20)) as pilot:
        view.show(replace(descent(), note="only learning rate: 0.1 to 0.2 · steps 18 to 8 · same minimum"))
        await pilot.pause()
        assert "only learning rate: 0.1 to 0.2" in rows(view.query_one(PathList))[-1]


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_what_an_optimizer_remembers_stands_below_the_paths_as_bars_and_numbers(ascii_only: bool) -> None:
    run = descent()
    assert run.opened is not None
    momenta = np.full_like(run.points, 0.25)
    memory = OptimizerMemory(momenta, np.full_like(run.points, 4.0), OptimizerSettings())
    run = replace(run, opened=replace(run.opened, optimizers=("nadam",)), memory=memory)
    app = Stage(CurveView(), ascii_only=ascii_only)
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.show(run)
        app.view.scrub_to(3)
        await pilot.pause()
        listed = rows(app.view.query_one(PathList))
        assert len(listed) == 4
        bars = [words.rpartition(" ")[2] for words in listed[2].split("  ") if words.strip()]
        left = "<" if ascii_only else "◀"
        assert [bar[0] for bar in bars] == [left] * 3
        assert listed[3].strip().startswith("momentum m 0.25  v 4  effective rate ")
        app.view.show(descent())
        await pilot.pause()
        assert len(rows(app.view.query_one(PathList))) == 2


async def test_many_paths_are_shown_around_the_one_read_out() -> None:
    view = CurveView()
    starts = tuple(np.linspace(-2.5, 2.5, 20).round(2).tolist())
    async with Stage(view).run_test(size=(80, 24)) as pilot:
        view.show(descent(starts=starts))
        view.path = 12
        await pilot.pause()
        said = rows(view.query_one(PathList))
        assert len(said) == 7
        assert any(f"x = {starts[12]:g}" in row for row in said)


async def test_a_click_on_a_path_reads_it_out() -> None:
    view = CurveView()
    async with Stage(view).run_test(size=(80, 20)) as pilot:
        view.show(descent(starts=(2.5, -2.0)))
        await pilot.pause()
        await pilot.click(PathList, offset=(5, 2))
        assert view.path == 1


async def test_the_page_keeps_the_order_in_which_things_were_said() -> None:
    view = CurveView()
    async with Stage(view).run_test(size=(120, 34)) as pilot:
        view.show(descent())
        await pilot.pause()
        page = view.query_one(TablesView).text
        places = [
            next(i for i, row in enumerate(page) if words in row) for words in ("derivative", "two ways", "Learned")
        ]
        assert places == sorted(places)


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (200, 60)])
async def test_any_size_is_taken_while_running(size: tuple[int, int]) -> None:
    view = CurveView()
    async with Stage(view).run_test(size=size) as pilot:
        view.show(descent(3))
        await pilot.resize_terminal(100, 30)
        view.show(descent(6))
        await pilot.resize_terminal(*size)
        await pilot.pause()
        assert view.size == size


async def test_ascii_draws_nothing_else() -> None:
    view = CurveView()
    async with Stage(view, ascii_only=True).run_test(size=(140, 40)) as pilot:
        view.show(replace(descent(), note="steps 18 to 8 · same minimum"))
        await pilot.pause()
        for widget in (CurvePlot, PathList, TablesView):
            assert all(row.isascii() for row in rows(view.query_one(widget)))


async def test_a_picture_shown_before_the_view_is_mounted_is_shown_then() -> None:
    view = CurveView()
    view.show(CurvePicture(curves=(parabola(),), page=PAGE))
    async with Stage(view).run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        assert "parabola" in rows(view.query_one(CurvePlot))[0]


async def test_what_is_hidden_does_not_take_the_focus() -> None:
    view = CurveView()
    async with Stage(view).run_test(size=(80, 20)) as pilot:
        view.show(descent())
        await pilot.pause()
        assert [widget.id for widget in view.query("*") if widget.focusable] == ["curve"]
        await pilot.resize_terminal(120, 34)
        await pilot.pause()
        assert {widget.id for widget in view.query("*") if widget.focusable} == {"curve", "steps", "page"}


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_the_learning_rate_is_drawn_where_it_changes(size: tuple[int, int]) -> None:
    view = CurveView()
    async with Stage(view).run_test(size=size) as pilot:
        picture = descent()
        view.show(picture)
        await pilot.pause()
        rate = view.query_one("#rate", RunSparkline)
        assert not rate.region.area
        steps = np.arange(picture.last_step + 1)
        # A run's picture grows: the views look again where there are more steps.
        view.show(CurvePicture())
        view.show(replace(picture, rate=Series("learning rate", steps, np.linspace(0.2, 0.1, len(steps)))))
        await pilot.pause()
        assert rate.region.area
        assert view.region.contains_region(rate.region)
        assert rows(rate)[0].rstrip().endswith("η 0.1")
