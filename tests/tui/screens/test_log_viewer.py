"""The attach screen under a pilot, on real event files: live, damaged, hostile, of every kind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.log import summary_values as values
from tests.engine.log_files import append, event, histogram, hparams, image, old_scalars, scalars, text
from tests.tui.attached import attached
from tui.app.commands import PaletteCommands
from tui.model.actions import actions_of
from tui.model.log_names import TagItem
from tui.process.options import AppOptions
from tui.screens.dialogs.help import everywhere
from tui.screens.log_viewer.screen import LogViewer
from tui.text.clean import clean
from tui.widgets.document_view import DocumentView
from tui.widgets.log.histogram_plot import HistogramPlot
from tui.widgets.log.logged_pictures import LoggedPictures
from tui.widgets.log.logged_texts import LoggedTexts
from tui.widgets.log.plot_grid import PlotGrid
from tui.widgets.log.run_list import RunList
from tui.widgets.log.scalar_plot import ScalarPlot
from tui.widgets.log.tag_list import TagList


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Two runs of another program, one of them with one entry of every kind."""
    append(tmp_path / "b", *scalars(0, 1, 2, scale=2.0), name="events.out.tfevents.1700000001.host")
    append(
        tmp_path / "a",
        hparams(rate=0.1),
        *scalars(0, 1, 2, 3),
        *old_scalars(1, 2, tag="val/loss"),
        image(1, 0, 255),
        image(2, 255, 0),
        histogram(1, [0.0, 1.0, 2.0], [3, 1]),
        histogram(2, [0.0, 1.0, 2.0], [1, 3]),
        text(1, "# First\n\nwords"),
        text(2, "# Second\n\nother words"),
        name="events.out.tfevents.1700000002.host",
    )
    return tmp_path


async def test_runs_and_tags_are_listed_and_every_scalar_is_drawn(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        assert [row.split() for row in there.rows("#runs")] == [["━━", "▶", "a", "3"], ["╍╍", "▶", "b", "2"]]
        assert there.rows("#tags")[:5] == ["all scalars", "scalars", " train-loss", " val/loss", "images"]
        grid = there.screen.query_one(PlotGrid)
        assert list(grid.visible_tags) == ["train-loss", "val/loss"]


async def test_new_points_new_tags_and_new_runs_appear_while_they_are_written(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.look_at("scalars", "train-loss")
        plot = there.screen.query_one(ScalarPlot)
        append(logs / "a", *scalars(4, 9), name="events.out.tfevents.1700000002.host")
        await there.until(lambda: there.screen.state.log("a").step == 9, "step 9")
        assert len(plot._series[0]) == 6
        append(logs / "a", *scalars(10, tag="new"), name="events.out.tfevents.1700000002.host")
        await there.until(lambda: TagItem("scalars", "new") in there.screen.state.items, "the tag")
        assert " new" in there.rows("#tags")


async def test_a_half_written_record_is_the_end_for_now(logs: Path) -> None:
    path = logs / "b" / "events.out.tfevents.1700000001.host"
    whole = append(logs / "spare", *scalars(7)).read_bytes()
    async with attached(logs, "b") as there:
        await there.read()
        with path.open("ab") as file:
            file.write(whole[:20])
            file.flush()
            await there.until(lambda: there.screen.state.skipped["b"], "the half record")
            assert there.screen.state.log("b").step == 2
            file.write(whole[20:])
        await there.until(lambda: there.screen.state.log("b").step == 7, "the whole record")
        assert there.screen.state.skipped["b"] == ()


async def test_marks_choose_what_is_drawn_and_list_and_plot_agree_on_the_style(logs: Path) -> None:
    async with attached(logs, "a") as there:
        await there.read()
        await there.look_at("scalars", "train-loss")
        plot = there.screen.query_one(ScalarPlot)
        assert [one.label for one in plot._series] == ["a"]
        there.screen.focus_place("runs")
        await there.pilot.pause(0)
        await there.press("down", "space")
        await there.read()
        assert [one.label for one in plot._series] == ["a", "b"]
        assert dict(plot.slots) == {"a": 0, "b": 1}
        assert there.rows("#runs")[1].startswith("╍╍")
        await there.press("enter")
        assert [one.label for one in plot._series] == ["b"]
        assert plot.slots["b"] == 1
        await there.press("a")
        assert there.screen.state.marked == ("a", "b")


async def test_the_cursor_reads_value_smoothed_value_step_and_time(logs: Path) -> None:
    async with attached(logs, "a") as there:
        await there.read()
        await there.look_at("scalars", "train-loss")
        await there.press("home", "right", "right")
        header = there.rows("ScalarPlot")[0]
        # Smoothed: (0.4·0.6²·1 + 0.4·0.6·1/2 + 0.4·1/3) / (1 − 0.6³), as TensorBoard has it.
        assert "step 2 · train-loss 0.3333 · smoothed 0.5068 · 2.0 s" in header


async def test_a_plot_is_drawn_over_the_time_as_well(tmp_path: Path) -> None:
    append(tmp_path / "a", *(event(step, values.scalar("loss", 1.0), after_s=10.0 * step) for step in range(4)))
    async with attached(tmp_path) as there:
        await there.read()
        await there.look_at("scalars", "loss")
        await there.press("x", "end")
        assert "seconds 30 · loss 1 · smoothed 1 · 0:30" in there.rows("ScalarPlot")[0]
        await there.press("x", "end")
        assert "step 3 · loss 1 · smoothed 1 · 0:30" in there.rows("ScalarPlot")[0]


async def test_v_goes_through_the_views_and_tab_through_the_panes(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        kinds = [there.screen.state.item.kind]
        for _ in range(7):
            await there.press("v")
            kinds.append(there.screen.state.item.kind)
        assert kinds == ["all", "scalars", "images", "histograms", "texts", "hparams", "about", "all"]
        assert there.screen.focused_place == "tags"
        await there.press("tab")
        await there.until(lambda: there.screen.focused_place == "stage")
        await there.press("tab")
        assert there.screen.focused_place == "runs"
        await there.press("shift+tab")
        await there.until(lambda: there.screen.focused_place == "stage")


async def test_moving_over_the_tags_shows_them_and_enter_goes_there(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.press("down")
        assert there.screen.state.item == TagItem("scalars", "train-loss")
        await there.press("up")
        assert there.screen.state.item.kind == "all"
        await there.press("enter")
        await there.until(lambda: isinstance(there.screen.focused, PlotGrid), "the grid")
        await there.press("right", "enter")
        await there.until(lambda: isinstance(there.screen.focused, ScalarPlot), "the plot")
        assert there.screen.state.item == TagItem("scalars", "val/loss")
        assert there.screen.query_one(TagList).highlighted == there.screen.state.item


async def test_z_gives_the_pane_the_whole_screen_and_back(logs: Path) -> None:
    async with attached(logs, size=(80, 24)) as there:
        await there.read()
        await there.press("tab")
        await there.until(lambda: there.screen.focused_place == "stage")
        narrow = there.screen.query_one(PlotGrid).size.width
        await there.press("z")
        assert there.screen.query_one(PlotGrid).size.width > narrow + 20
        assert not there.screen.query_one("#lists").region.area
        await there.press("escape")
        assert there.screen.query_one(PlotGrid).size.width == narrow


async def test_a_filter_narrows_runs_or_tags_and_escape_drops_it(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.press("slash", *"val")
        assert [item.tag for item in there.screen.state.items if item.kind == "scalars"] == ["val/loss"]
        assert list(there.screen.query_one(PlotGrid).visible_tags) == ["val/loss"]
        await there.press("enter")
        assert there.screen.focused_place == "tags"
        await there.press("slash", "escape")
        assert TagItem("scalars", "train-loss") in there.screen.state.items
        there.screen.focus_place("runs")
        await there.press("slash", "b", "enter")
        assert there.screen.state.order == ("b",)
        assert there.screen.query_one(RunList).highlighted == "b"


async def test_images_are_drawn_and_scrubbed_over_their_steps(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.look_at("images", "digits")
        view = there.screen.query_one(LoggedPictures)
        assert "step 2 · 2/2" in there.rows("LoggedPictures")[0]
        await there.press("left")
        assert view.shown is not None
        assert view.shown.step == 1
        assert "1/2" in there.rows("LoggedPictures")[0]
        segments = [segment for y in range(view.size.height) for segment in view.render_line(y)]
        shades = [each.style.color.name for each in segments if "▀" in each.text and each.style and each.style.color]
        assert (shades[0], shades[-1]) == ("#000000", "#ffffff")


async def test_histograms_tell_the_step_at_the_cursor_in_full(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.look_at("histograms", "weights")
        assert "step 2 · 2/2 · 0 to 2 · 4 values" in there.rows("HistogramPlot")[0]
        assert "median 1.333" in "\n".join(there.rows("HistogramPlot"))
        await there.press("left")
        assert there.screen.query_one(HistogramPlot).place == 0
        assert "median 0.6667" in "\n".join(there.rows("HistogramPlot"))


async def test_texts_are_rendered_and_shown_as_written_on_demand(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.look_at("texts", "notes")
        document = there.screen.query_one(LoggedTexts).query_one(DocumentView)
        await there.until(lambda: any("Second" in row for row in document.text), "the text")
        await there.press("left")
        await there.until(lambda: document.text[:1] == ["First"], "the earlier text, rendered")
        await there.press("m")
        await there.until(lambda: any("# First" in row for row in there.painted()), "the source")
        assert not document.display


async def test_hyperparameters_stand_in_a_table_with_the_last_values(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.look_at("hparams")
        await there.until(lambda: len(there.rows("HparamsTable")[2].split()) == 5)
        assert there.rows("HparamsTable")[1].split() == ["run", "train-loss", "val/loss", "rate"]
        assert there.rows("HparamsTable")[2].split() == ["━━", "a", "0.25", "0.3333", "0.1"]


async def test_what_was_skipped_is_counted_below_and_listed_about_the_run(tmp_path: Path) -> None:
    path = append(tmp_path / "a", *scalars(1, 2, 3))
    content = bytearray(path.read_bytes())
    content[90] ^= 0xFF
    path.write_bytes(bytes(content) + b"torn")
    async with attached(tmp_path, "a") as there:
        await there.read()
        assert "skipped" in there.rows("StatusLine")[0]
        await there.look_at("about")
        await there.until(lambda: any("damaged record" in row for row in there.painted()), "the damage")
        assert any("the last 4 bytes are" in row for row in there.painted())


async def test_nothing_from_a_log_reaches_the_terminal_raw_and_no_markup_acts(tmp_path: Path) -> None:
    evil = "\x1b]0;own\x07[/x]\u202e"
    append(
        tmp_path / "run\x1b[31m[red]",
        event(1, values.scalar(evil, 1.0)),
        event(1, values.text(evil, f"{evil} &#x202e; <http://b/%1b> http://a/%E2%80%AE [l](http://c)")),
        event(1, values.images(evil, [b"no image"], 1, 1)),
        hparams(**{evil: evil}),
    )
    async with attached(tmp_path) as there:
        await there.read()
        for item in there.screen.state.items:
            await there.look_at(item.kind, item.tag)
            for row in there.painted():
                assert clean(row) == row
        await there.look_at("scalars", evil)
        assert "[/x]" in there.rows("ScalarPlot")[0]


async def test_values_and_steps_that_no_axis_holds_crash_nothing(tmp_path: Path) -> None:
    doubles = []
    for tag, points in {
        "wide": [(0, 1.7e308), (1, -1.7e308), (2, 1e-320)],
        "gaps": [(0, float("nan")), (1, float("inf")), (2, 3.0)],
        "steps": [(-(2**63), 1.0), (-5, 2.0), (2**62, 3.0)],
    }.items():
        for step, value in points:
            one = values.scalar(tag, 0.0)
            one.tensor.dtype = 2
            one.tensor.ClearField("float_val")
            one.tensor.double_val.append(value)
            doubles.append(event(step, one, after_s=1.0))
    bins = [
        histogram(3, edges, [1], f"h{n}") for n, edges in enumerate(([-1.7e308, 1.7e308], [1.0, 1.0], [0.0, 1e-310]))
    ]
    append(tmp_path / "a", *doubles, *bins, image(1), event(1, values.images("bad", [b"", b"\x89PNG"], 1, 1)))
    async with attached(tmp_path, size=(80, 24)) as there:
        await there.read()
        for item in there.screen.state.items:
            await there.look_at(item.kind, item.tag)
            if item.kind == "scalars":
                await there.press("l", "L", "home", "plus", "l", "L")


async def test_a_plot_is_exported_with_every_point_of_every_run(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = logs.parent / "exports"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with attached(logs) as there:
        await there.read()
        await there.look_at("scalars", "train-loss")
        await there.press("e", "enter")
        await there.until(lambda: list(folder.glob("*.csv")), "the file")
        await there.press("e", "down", "enter")
        await there.until(lambda: list(folder.glob("*.json")), "the file")
    (written,) = folder.glob("gdtui-train-loss-*.csv")
    lines = written.read_text().splitlines()
    assert lines[:2] == ["run,step,time_s,value", "a,0,0.0,1.0"]
    assert len(lines) == 1 + 4 + 3
    (written,) = folder.glob("gdtui-train-loss-*.json")
    assert len(json.loads(written.read_text())["rows"]) == 7


async def test_the_command_line_of_a_run_of_gdtui_is_copied(tmp_path: Path) -> None:
    append(tmp_path / "l" / "20261124-211754", *scalars(1))
    (tmp_path / "l" / "20261124-211754" / "run.json").write_text(
        json.dumps({"version": 1, "lesson": "l", "outcome": "done", "step": 9, "command": "gdtui l --steps 9"})
    )
    async with attached(tmp_path) as there:
        await there.read()
        await there.until(lambda: there.rows("#runs")[0].split()[1] == "✓", "the record")
        assert "done" in there.rows("StatusLine")[0]
        await there.press("y")
        assert there.app.clipboard == "gdtui l --steps 9"


async def test_every_view_fits_beside_the_lists_at_80_by_24(logs: Path) -> None:
    async with attached(logs, size=(80, 24)) as there:
        await there.read()
        for item in there.screen.state.items:
            await there.look_at(item.kind, item.tag)
            content = there.screen.stage_pane.content
            assert content is not None
            assert content.region.right <= 80
            assert content.size.width >= 50
            assert content.size.height >= 20


async def test_a_screen_too_small_says_what_is_needed(logs: Path) -> None:
    async with attached(logs, size=(50, 12)) as there:
        assert any("gdtui needs 60 by 20 characters" in row for row in there.painted())
        await there.pilot.resize_terminal(80, 24)
        await there.read()
        assert there.rows("#runs")[0]


async def test_ascii_alone_is_drawn_where_it_was_asked_for(logs: Path) -> None:
    async with attached(logs, options=AppOptions(glyphs="ascii")) as there:
        await there.read()
        for item in there.screen.state.items:
            await there.look_at(item.kind, item.tag)
            assert all(row.isascii() for row in there.painted()), item


async def test_nothing_is_drawn_while_nothing_is_written(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.pilot.pause(0)
        looks, shows = [], []
        look = there.screen._source.look
        there.screen._source.look = lambda *asked: (looks.append(1), look(*asked))[1]  # type: ignore[assignment,func-returns-value,return-value]
        there.screen.show_now = lambda **asked: shows.append(1)  # type: ignore[method-assign]
        await there.until(lambda: len(looks) > 20, "looks")
        assert shows == []


async def test_all_keys_are_listed_and_bound(logs: Path) -> None:
    bound = {binding.action for binding in LogViewer.BINDINGS}  # type: ignore[union-attr]
    assert bound == {action.id for action in actions_of("log")}
    assert sum(len(rows) for _, rows in everywhere("log")) == len(actions_of("log"))
    async with attached(logs) as there:
        await there.press("question_mark")
        assert any("All keys" in row for row in there.painted())
        await there.press("escape", "ctrl+p")
        await there.until(lambda: any("Zoom the pane" in row for row in there.painted()), "the palette")


async def test_the_palette_finds_panes_views_and_the_keys_of_the_visible_widgets(logs: Path) -> None:
    async with attached(logs) as there:
        await there.read()
        await there.look_at("scalars", "loss")
        names = [str(hit.display) async for hit in PaletteCommands(there.screen).discover()]
        assert {"Runs pane", "Tags pane", "Plot view", "Zoom the pane (z)"} <= set(names)
        assert {"Log scale (l)", "Mark (space)"} <= set(names)
        (command,) = [hit.command async for hit in PaletteCommands(there.screen).search("tags pane")][:1]
        command()
        await there.until(lambda: there.screen.focused_place == "tags")


async def test_the_key_bar_ranks_the_log_viewers_own_actions(logs: Path) -> None:
    async with attached(logs, size=(200, 60)) as there:
        await there.read()
        row = there.rows("KeyBar")[0]
        keys = ("v View", "z Zoom", "/ Filter", "y Copy", "e Export", "q Quit")
        places = [row.index(each) for each in keys]
        assert places == sorted(places)


async def test_dialogs_are_drawn_in_ascii_alone_where_it_was_asked_for(logs: Path) -> None:
    async with attached(logs, options=AppOptions(glyphs="ascii")) as there:
        await there.read()
        for key in ("question_mark", "e", "w", "ctrl+p"):
            await there.press(key)
            await there.until(lambda: there.app.screen.is_modal, "a dialog")
            await there.pilot.pause()
            assert all(row.isascii() for row in there.painted()), key
            await there.press("escape")
            await there.until(lambda: not there.app.screen.is_modal)


def test_no_tensorflow_is_imported(logs: Path) -> None:
    program = f"""
import asyncio, sys
from pathlib import Path
from tui.app.app import GdtuiApp
from tui.app.attach_target import find_target

async def main():
    app = GdtuiApp(target=find_target({str(logs)!r}, Path("logs")), poll_s=0.5)
    async with app.run_test(size=(120, 36)) as pilot:
        while not getattr(app.screen, "state", None) or not app.screen.state.logs:
            await asyncio.sleep(0.01)
        for _ in range(7):
            await pilot.press("v")

asyncio.run(main())
print([name for name in ("tensorflow", "keras", "plotext") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr[-2000:]


async def test_the_focus_goes_back_to_the_place_where_it_was(logs: Path) -> None:
    async with attached(logs) as there:
        there.screen.focus_place("runs")
        await there.until(lambda: there.screen.focused_place == "runs", "the runs")
        there.screen.set_focus(None)
        await there.until(lambda: there.screen.focused_place == "runs", "the focus")
