"""The descent pane at the three sizes: one step everywhere, starts, branches, basins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from textual.app import ComposeResult
from textual.message import Message

from engine.descent.optimizers import OptimizerSettings
from engine.events import Minimum, PathEnded, PathsGrew, PathsOpened, SurfaceDrawn
from tests.tui.descents import HIMMELBLAU, basins_of, bowl_descent, until
from tui.app.base import ResilientApp
from tui.model.series import Series
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Ghost
from tui.views.step_parts import OptimizerMemory
from tui.widgets.ascii import ASCII_CLASS
from tui.widgets.descent.descent_readout import DescentReadout
from tui.widgets.descent.descent_view import PANELS, DescentView
from tui.widgets.descent.race_table import RaceTable
from tui.widgets.descent.side_view import SideView
from tui.widgets.descent.surface_map import SurfaceMap
from tui.widgets.pane_tabs import PaneTabs
from tui.widgets.run_sparkline import RunSparkline

DRAWN = (DescentReadout, SurfaceMap, RaceTable, SideView)


class Stage(ResilientApp):
    """An app with the pane, that keeps the pane's messages."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.set_class(ascii_only, ASCII_CLASS)
        self.view = DescentView()
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_path_view_starts_changed(self, event: DescentView.StartsChanged) -> None:
        self.said.append(event)

    def on_path_view_branch_requested(self, event: DescentView.BranchRequested) -> None:
        self.said.append(event)

    def on_descent_view_basins_requested(self, event: DescentView.BasinsRequested) -> None:
        self.said.append(event)

    def heard(self, kind: type[Message], part: str) -> list[Any]:
        return [getattr(event, part) for event in self.said if isinstance(event, kind)]


def visible(view: DescentView) -> list[str]:
    return [name for name in PANELS if view.query_one(f"#{name}").region.area]


def text(view: DescentView, *kinds: type) -> str:
    return "\n".join(
        widget.render_line(y).text
        for kind in kinds or DRAWN
        for widget in view.query(kind)
        if widget.region.area
        for y in range(widget.size.height)
    )


# --- layouts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60), (60, 30)])
async def test_with_room_everything_is_seen_at_once(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.view.show(bowl_descent(20))
        await pilot.pause()
        assert visible(app.view) == list(PANELS)
        assert not app.view.query_one(PaneTabs).region.area
        shown = text(app.view)
        for words in ("step 20/20", "race", "(4, 2)", "quadratic bowl", "f along the path", "of 2"):
            assert words in shown


async def test_where_there_is_little_room_panels_take_turns_and_a_key_goes_round() -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.show(bowl_descent(20))
        await pilot.pause()
        seen = [visible(app.view)]
        app.view.query_one(SurfaceMap).focus()
        for _ in PANELS:
            await pilot.press("v")
            await pilot.pause()
            seen.append(visible(app.view))
        assert seen == [[name] for name in (*PANELS, "map")]
        await pilot.press("V")
        await pilot.pause()
        assert visible(app.view) == ["side"]
        assert "f along the path" in text(app.view)


async def test_the_race_says_how_many_arrived_however_narrow_it_is() -> None:
    for size, words in (((79, 20), "3 of 3 arrived"), ((91, 31), "3/3 arrived"), ((124, 55), "3 of 3 arrived")):
        app = Stage()
        async with app.run_test(size=size) as pilot:
            app.view.show(bowl_descent(120, ((1.0, 0.0), (-4.0, 0.0), (4.0, 0.0))))
            await pilot.pause()
            assert f"step 120 · {words}" in text(app.view, RaceTable).split("\n")[0]


async def test_the_race_and_the_read_out_say_the_same_number_of_a_path() -> None:
    app = Stage()
    async with app.run_test(size=(91, 31)) as pilot:
        app.view.show(bowl_descent(400, ((1.0, 0.0), (0.0, 0.0), (0.0, 2.0)), rate=0.05))
        for step in (400, 200, 37, 0):
            app.view.scrub_to(step)
            for path in range(3):
                app.view.path = path
                await pilot.pause()
                (row,) = [row for row in text(app.view, RaceTable).split("\n") if row.startswith("▸")]
                value = row.split(")")[1].split()[0]
                assert f"  f {value} " in text(app.view, DescentReadout)


async def test_resizing_changes_the_layout_and_keeps_the_panel() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20))
        app.view.panel = "race"
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert visible(app.view) == ["race"]
        await pilot.resize_terminal(200, 60)
        await pilot.pause()
        assert visible(app.view) == list(PANELS)


@pytest.mark.parametrize("size", [(12, 5), (30, 10), (43, 30), (60, 20), (76, 14), (80, 24), (120, 36), (200, 60)])
async def test_no_panel_reaches_outside_the_view_at_any_size(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.view.show(bowl_descent(20, note="only learning rate: 0.1 to 0.2"))
        app.view.query_one(SurfaceMap).action_pick()
        await pilot.pause()
        drawn = [widget for kind in DRAWN for widget in app.view.query(kind) if widget.region.area]
        assert drawn
        assert all(app.view.region.contains_region(widget.region) for widget in drawn)


async def test_the_map_is_at_least_as_wide_as_high() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.show(bowl_descent(20))
        for size in ((80, 24), (120, 36), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            window = app.view.query_one(SurfaceMap).window
            assert window.columns >= 2 * window.rows


async def test_before_a_run_every_panel_says_that_there_is_nothing_yet() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        shown = text(app.view)
        for words in ("no path yet", "none yet", "no paths yet"):
            assert words in shown


async def test_what_is_shown_before_mounting_is_drawn_after() -> None:
    app = Stage()
    app.view.show(bowl_descent(20))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "step 20/20" in text(app.view)


# --- the readout ----------------------------------------------------------------------------------------------------


async def test_the_read_out_has_step_place_value_gradient_and_rate() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(until(bowl_descent(20), 2))
        await pilot.pause()
        row = text(app.view, DescentReadout).splitlines()[0]
        x, y = 4 * 0.9**2, 2 * 0.6**2
        for words in (
            "from (4, 2)",
            "step  2/20",
            f"x {x:.3f}",
            f"y {y:.3f}",
            f"f {(x * x + 4 * y * y) / 2:.4g}",
            f"|∇f| {np.hypot(x, 4 * y):.4g}",
            "η 0.1",
        ):
            assert words in row


async def test_the_stability_of_the_place_is_measured_at_the_rate_of_its_step() -> None:
    rates = np.concatenate([np.full(11, 0.1), np.full(10, 0.6)])
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20, learning_rates=rates))
        await pilot.pause()
        assert "η·λ 2.4" in text(app.view, DescentReadout)
        assert "unstable" in text(app.view, DescentReadout)
        app.view.scrub_to(5)
        await pilot.pause()
        assert "η·λ 0.4" in text(app.view, DescentReadout)
        assert "straight down" in text(app.view, DescentReadout)


async def test_a_note_has_a_row_of_its_own_while_there_is_one() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.show(bowl_descent(20))
        await pilot.pause()
        rows = app.view.query_one(DescentReadout).size.height
        app.view.show(bowl_descent(20, note="only learning rate: 0.1 to 0.2 · steps 112 to 61"))
        await pilot.pause()
        assert app.view.query_one(DescentReadout).size.height == rows + 1
        assert "only learning rate: 0.1 to 0.2 · steps 112 to 61" in text(app.view, DescentReadout)
        app.view.show(bowl_descent(20, note=f"start: {'1,0;' * 40}4,0 to 4,0"))
        await pilot.pause()
        assert text(app.view, DescentReadout).splitlines()[-1].rstrip().endswith("…")


async def test_n_goes_round_the_paths_and_the_race_chooses_too() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20, starts=((4.0, 2.0), (2.0, 1.0), (1.0, 0.5))))
        app.view.query_one(SurfaceMap).focus()
        read = []
        for key in ("n", "n", "n", "N"):
            await pilot.press(key)
            read.append(app.view.path)
        assert read == [1, 2, 0, 2]
        app.view.query_one(RaceTable).focus()
        await pilot.press("down")
        await pilot.pause()
        assert app.view.path == 1  # the race is led by path 2, then 1, then 0
        assert text(app.view, DescentReadout).splitlines()[0].startswith("◆ from (2, 1)")


# --- f along the paths ----------------------------------------------------------------------------------------------


def exploding(picture: DescentPicture) -> DescentPicture:
    """The picture with values of its last path that grow by a thousand with each step until it has diverged."""
    values = picture.values.copy()
    values[-1] = values[-1, 0] * 1e3 ** np.minimum(np.arange(values.shape[1]), 12)
    values[-1, 12:] = np.nan
    return replace(picture, values=values)


@pytest.mark.parametrize("log", [True, False])
async def test_the_axis_of_f_is_that_of_the_paths_that_are_finite(log: bool) -> None:
    calm = bowl_descent(20, starts=((4.0, 2.0), (2.0, 1.0)))
    wild = exploding(bowl_descent(20, starts=((4.0, 2.0), (2.0, 1.0), (1.0, 0.5))))
    ghost = Ghost("last run", wild.points[-1], wild.values[-1])
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        side = app.view.query_one(SideView)
        side.log_scale = log
        axes = []
        for picture in (calm, wild, replace(calm, ghosts=(ghost,))):
            app.view.show(picture)
            await pilot.pause()
            axes.append(
                [row[: row.index("┤")].split()[-1] for row in text(app.view, SideView).splitlines() if "┤" in row]
            )
            assert ("▲" in text(app.view, SideView)) is (picture is not calm)
        assert axes[0] == axes[1] == axes[2]


# --- scrubbing ------------------------------------------------------------------------------------------------------


async def test_scrubbing_shows_one_step_in_every_panel() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20))
        app.view.scrub_to(3)
        await pilot.pause()
        assert "step  3/20" in text(app.view, DescentReadout)
        assert "step 3" in text(app.view, RaceTable)
        assert "step 3" in text(app.view, SideView)
        assert "●" in text(app.view, SideView)
        assert f"{8 * 0.81**3 + 8 * 0.36**3:.4g}" in text(app.view, RaceTable)
        assert app.view.scrubbed == 3


async def test_while_scrubbed_back_a_growing_run_stays_where_it_is_and_end_follows_again() -> None:
    app, whole = Stage(), bowl_descent(20)
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(until(whole, 5))
        app.view.query_one(SurfaceMap).focus()
        app.view.scrub(-1)
        app.view.show(until(whole, 9))
        assert app.view.step == 4
        await pilot.press("end")
        assert app.view.step == 9
        app.view.show(until(whole, 12))
        assert app.view.step == 12
        await pilot.press("home")
        assert app.view.step == 0


async def test_stepping_on_past_the_newest_follows_again() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.show(bowl_descent(20))
        steps = []
        for by in (-2, 1, 1, 1):
            app.view.scrub(by)
            steps.append(app.view.scrubbed)
        await pilot.pause()
        assert steps == [18, 19, 20, None]
        app.view.scrub(1)
        await pilot.pause()
        assert app.view.scrubbed is None


async def test_scrubbing_stops_at_the_start() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)):
        app.view.show(bowl_descent(20))
        app.view.scrub(-999)
        assert app.view.step == 0


async def test_arrows_on_the_side_view_step_through_the_run() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20))
        app.view.query_one(SideView).focus()
        await pilot.press("left", "left", "shift+left", "right")
        await pilot.pause()
        assert app.view.step == 9


async def test_another_run_is_followed_from_its_start() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20, starts=((4.0, 2.0), (1.0, 1.0))))
        app.view.path = 1
        app.view.scrub_to(3)
        await pilot.pause()
        app.view.show(until(bowl_descent(20, starts=((3.0, 1.0),)), 7))
        await pilot.pause()
        assert (app.view.step, app.view.path) == (7, 0)
        assert "from (3, 1)" in text(app.view, DescentReadout)


# --- starts, branches, basins ---------------------------------------------------------------------------------------


async def test_a_start_is_added_where_the_cursor_is_and_only_once() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20, starts=((4.0, 2.0),)))
        app.view.query_one(SurfaceMap).focus()
        app.view.add_start()  # there is no cursor yet: this shows it
        await pilot.press("right", "enter")
        app.view.add_start((4.0, 2.0))
        await pilot.pause()
        (starts,) = app.heard(DescentView.StartsChanged, "starts")
        cursor = app.view.query_one(SurfaceMap).cursor
        assert starts == ((4.0, 2.0), cursor)


async def test_delete_removes_the_nearest_start() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20, starts=((4.0, 2.0), (0.5, 0.5), (-3.0, 1.0))))
        app.view.query_one(SurfaceMap).focus()
        await pilot.press("right", "delete")
        await pilot.pause()
        assert app.heard(DescentView.StartsChanged, "starts") == [((4.0, 2.0), (-3.0, 1.0))]


async def test_a_branch_is_asked_from_the_chosen_path_and_shown_step() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20))
        app.view.query_one(SurfaceMap).focus()
        await pilot.press("f", "n")
        app.view.scrub_to(7)
        await pilot.press("f")
        paths = app.heard(DescentView.BranchRequested, "path")
        assert list(zip(paths, app.heard(DescentView.BranchRequested, "step"), strict=True)) == [(0, 20), (1, 7)]


async def test_a_branch_is_offered_where_there_is_a_path() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)):
        app.view.show(DescentPicture(surface=HIMMELBLAU))
        app.view.query_one(SurfaceMap).focus()
        offered = [active.binding.action for active in app.screen.active_bindings.values()]
        assert "branch" not in offered
        app.view.show(bowl_descent(20))
        offered = [active.binding.action for active in app.screen.active_bindings.values()]
        assert "branch" in offered


async def test_basins_are_asked_for_when_wanted_and_shown_when_they_come() -> None:
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(DescentPicture(surface=HIMMELBLAU))
        app.view.query_one(SurfaceMap).focus()
        await pilot.pause()
        assert app.heard(DescentView.BasinsRequested, "width") == []
        await pilot.press("b")
        await pilot.pause()
        window = app.view.query_one(SurfaceMap).window
        assert app.heard(DescentView.BasinsRequested, "x_range") == [window.x_range]
        assert "descending from everywhere" in text(app.view, SurfaceMap)
        app.view.show_basins(basins_of([[2, 3], [1, 0]], window.x_range, window.y_range))
        await pilot.pause()
        assert "basins of sgd at 0.01" in text(app.view, SurfaceMap)
        assert all(number in text(app.view, SurfaceMap) for number in "1234")
        await pilot.press("plus")
        await pilot.pause()
        assert len(app.heard(DescentView.BasinsRequested, "x_range")) == 2
        await pilot.press("b")
        await pilot.pause()
        assert "basins" not in text(app.view, SurfaceMap)


# --- cost and plainness ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(60, 20), (118, 33)])
async def test_m_shows_the_surface_in_three_dimensions_and_brings_the_map(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.view.show(bowl_descent(20))
        await pilot.press("v", "m")
        surface_map = app.view.query_one(SurfaceMap)
        assert surface_map.solid
        assert surface_map.has_focus
        assert "map" in visible(app.view)
        assert "elevation" in text(app.view, SurfaceMap)
        app.view.scrub_to(3)
        await pilot.press("m")
        assert not surface_map.solid
        assert app.view.step == 3


def remembering(picture: DescentPicture, rule: str = "adam") -> DescentPicture:
    """The same run with an optimizer that has slots: m is (1, 2) and v (4, 9) after every step."""
    assert picture.opened is not None
    momenta, squares = (np.broadcast_to(np.float32(pair), picture.points.shape) for pair in ((1, 2), (4, 9)))
    optimizers = (rule, *picture.opened.optimizers[1:])
    memory = OptimizerMemory(momenta, squares, OptimizerSettings(beta_2=0.5))
    return replace(picture, opened=replace(picture.opened, optimizers=optimizers), memory=memory)


async def test_what_the_optimizer_remembers_is_read_out_for_every_step_of_the_past() -> None:
    app = Stage()
    async with app.run_test(size=(118, 33)) as pilot:
        app.view.show(remembering(bowl_descent(20)))
        app.view.scrub_to(1)
        await pilot.pause()
        said = text(app.view, DescentReadout)
        rate = 0.1 * 0.5**0.5  # of step 1: the root of 1 - beta_2, over the root of v
        assert f"momentum m (1, 2)  v (4, 9)  effective rate ({rate / 2:.3g}, {rate / 3:.3g})" in said
        before = text(app.view, SurfaceMap)
        assert "m momentum · s step taken" in before
        await pilot.press("i")
        assert "m momentum" not in text(app.view, SurfaceMap)
        await pilot.press("i")
        assert text(app.view, SurfaceMap) == before
        await pilot.press("n")
        assert "plain descent remembers nothing" in text(app.view, DescentReadout)


async def test_without_room_for_it_what_is_remembered_takes_no_row() -> None:
    app = Stage()
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show(remembering(bowl_descent(20)))
        await pilot.pause()
        assert app.view.query_one(DescentReadout).size.height == 1


async def test_the_same_picture_again_paints_nothing() -> None:
    app, whole = Stage(), bowl_descent(20)
    async with app.run_test(size=(120, 36)) as pilot:
        ghost = Ghost("last run", whole.points[0] * 0.5, whole.values[0])
        app.view.show(until(whole, 9))
        app.view.show(bowl_descent(20))
        await pilot.pause()
        shown = DescentPicture(
            surface=whole.surface,
            opened=whole.opened,
            points=whole.points,
            values=whole.values,
            gradients=whole.gradients,
            ghosts=(ghost,),
        )
        again = DescentPicture(
            surface=whole.surface,
            opened=whole.opened,
            points=whole.points[:],
            values=whole.values[:],
            gradients=whole.gradients[:],
            ghosts=(Ghost("last run", ghost.points[:], ghost.values[:]),),
        )
        app.view.show(shown)
        await pilot.pause(0.3)
        painted: list[str] = []
        for widget in app.view.query("*"):
            widget.refresh = lambda *a, name=str(widget), **k: painted.append(name)  # type: ignore[method-assign]
        app.view.show(again)
        await pilot.pause()
        assert painted == []


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_ascii_draws_nothing_else(size: tuple[int, int]) -> None:
    app = Stage(ascii_only=True)
    async with app.run_test(size=size) as pilot:
        end = PathEnded(0, "from (4, 2)", (0.0, 0.0), 0.0, 0.0, Minimum("(−0, 0)", (0.0, 0.0), 0.0), 20)
        app.view.show(bowl_descent(20, ended=(end,), note="only learning rate: 0.1 → 0.2 · same"))
        app.view.scrub_to(12)
        app.view.query_one(SurfaceMap).action_pick()
        await pilot.pause()
        for panel in PANELS:
            app.view.panel = panel
            await pilot.pause()
            assert text(app.view).isascii()


async def test_paths_of_many_starts_and_optimizers_are_listed_around_the_one_read_out() -> None:
    starts = tuple((4.0 + number / 100, 2.0) for number in range(576))
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(bowl_descent(20, starts=starts))
        app.view.path = 300
        await pilot.pause()
        shown = text(app.view, RaceTable)
        assert "of 576 shown" in shown
        assert "(7, 2)" in shown


# --- the real thing -------------------------------------------------------------------------------------------------


async def test_the_real_himmelblau_lesson_ends_in_its_minima() -> None:
    from engine.lessons import lesson

    course = lesson("himmelblau")
    events = list(course.run(course.settings(optimizer=("sgd", "adam"), steps=60)))  # type: ignore[call-arg]
    surface = next(event for event in events if isinstance(event, SurfaceDrawn))
    opened = next(event for event in events if isinstance(event, PathsOpened))
    grown = [event for event in events if isinstance(event, PathsGrew)]
    points, values, gradients = (
        np.concatenate([start[:, None], *(getattr(event, part) for event in grown)], axis=1)
        for part, start in (("points", opened.starts), ("values", opened.values), ("gradients", opened.gradients))
    )
    picture = DescentPicture(
        surface=surface,
        opened=opened,
        points=points,
        values=values,
        gradients=gradients,
        learning_rates=np.full(points.shape[1], 0.01),
        ended=tuple(event for event in events if isinstance(event, PathEnded)),
        phase="done",
        total_steps=60,
    )
    app = Stage()
    async with app.run_test(size=(120, 36)) as pilot:
        app.view.show(picture)
        await pilot.pause()
        race = text(app.view, RaceTable)
        assert "3 of 6 arrived" in race
        for words in ("(3, 2) at", "(−3.8, −3.3) at", "(3.6, −1.8) at", "adam (1, 0)"):
            assert words in race
        arrived_steps = {end.path: end.arrived_step for end in picture.ended if end.arrived_step is not None}
        live = app.view.query_one(RaceTable)._known_arrivals()
        for path, step in arrived_steps.items():
            assert step in live.since[path].tolist()


async def test_a_hidden_map_asks_for_no_basins_and_asks_when_it_comes_back() -> None:
    app = Stage()
    async with app.run_test(size=(40, 14)) as pilot:
        app.view.show(DescentPicture(surface=HIMMELBLAU))
        app.view.query_one(SurfaceMap).focus()
        await pilot.press("b")
        app.view.panel = "race"
        await pilot.pause()
        asked = len(app.heard(DescentView.BasinsRequested, "width"))
        await pilot.resize_terminal(42, 15)
        await pilot.pause()
        assert len(app.heard(DescentView.BasinsRequested, "width")) == asked
        app.view.panel = "map"
        await pilot.pause()
        await pilot.resize_terminal(44, 16)
        await pilot.pause()
        assert len(app.heard(DescentView.BasinsRequested, "width")) > asked


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60), (60, 30)])
async def test_the_learning_rate_is_drawn_where_it_changes(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        picture = bowl_descent()
        app.view.show(picture)
        await pilot.pause()
        rate = app.view.query_one("#rate", RunSparkline)
        assert not rate.region.area
        steps = np.arange(picture.last_step + 1)
        app.view.show(replace(picture, rate=Series("learning rate", steps, np.linspace(0.2, 0.1, len(steps)))))
        await pilot.pause()
        side = app.view.query_one("#side")
        assert rate.region.area or not side.region.area
        assert app.view.region.contains_region(rate.region)
        if rate.region.area:
            assert side.region.bottom <= rate.region.y or side.region.right <= rate.region.x
            assert "η 0.1" in rate.render_line(0).text or rate.size.width < 36
