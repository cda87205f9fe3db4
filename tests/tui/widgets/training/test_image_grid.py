"""Images in cells: averaging, layout, marks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import Images
from tests.tui import stage
from tests.tui.stage import Stage
from tui.plot.thumbnails import shrunk, thumbnail, tile
from tui.text.glyphs import ASCII
from tui.widgets.training.image_grid import ImageGrid

NAMES = ("T-shirt/top", "Trouser", "Pullover", "Ankle boot")


def images(step: int = 469, count: int = 25, wrong: tuple[int, ...] = (1,)) -> Images:
    pixels = np.random.default_rng(3).integers(0, 256, (count, 28, 28)).astype(np.uint8)
    labels = np.arange(count) % 4
    predictions = labels.copy()
    for place in wrong:
        predictions[place] = (labels[place] + 1) % 4
    return Images("val-images:", step, pixels, labels, predictions, NAMES, True)


def rows(widget: ImageGrid) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


def test_halving_averages_squares_of_four() -> None:
    image = np.array([[0, 4, 8, 8], [8, 4, 0, 0], [1, 1, 2, 2], [1, 1, 2, 2]], dtype=np.uint8)
    np.testing.assert_allclose(shrunk(image, 2, 2), [[4, 4], [1, 2]])


@given(st.integers(1, 40), st.integers(1, 40))
def test_shrinking_to_any_size_keeps_the_mean(width: int, height: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    assert shrunk(image, width, height).mean() == pytest.approx(image.mean())


def test_a_cell_shows_two_pixels_one_over_the_other() -> None:
    image = np.array([[255, 0], [0, 255]], dtype=np.uint8)
    strip = thumbnail(image, 2, 1).strips()[0]
    shown = [(s.text, s.style.color.name, s.style.bgcolor.name) for s in strip if s.style and s.style.color]
    assert shown == [("▀", "#ffffff", "#000000"), ("▀", "#000000", "#ffffff")]


def test_without_colour_an_image_is_shades_of_ink() -> None:
    image = np.array([[0, 128, 255]], dtype=np.uint8)
    assert thumbnail(image, 3, 1, plain=True).text() == [" ▒█"]
    assert thumbnail(image, 3, 1, glyphs=ASCII).text()[0].isascii()


@pytest.mark.parametrize(
    ("room", "across", "down", "image_width"),
    [((75, 40), 5, 5, 14), ((145, 75), 5, 5, 28), ((78, 18), 5, 2, 14), ((14, 8), 1, 1, 14), ((9, 6), 1, 1, 9)],
)
def test_the_finest_layout_that_fits(room: tuple[int, int], across: int, down: int, image_width: int) -> None:
    layout = tile(*room, 25)
    assert (layout.across, layout.down, layout.image_width) == (across, down, image_width)


@given(st.integers(0, 200), st.integers(0, 80), st.integers(1, 25), st.integers(1, 2))
def test_no_image_is_ever_clipped(width: int, height: int, count: int, captions: int) -> None:
    layout = tile(width, height, count, caption_rows=captions)
    assert layout.across * (layout.image_width + 1) - 1 <= max(width, 0)
    assert layout.down * (layout.image_height + captions) <= height


async def test_right_answers_are_named_and_wrong_ones_marked_with_both_classes() -> None:
    grid = ImageGrid()
    async with Stage(grid).run_test(size=(78, 18)) as pilot:
        grid.show([images()])
        await pilot.pause()
        text = "\n".join(rows(grid))
        assert "✗ Trou…→Pullo…" in text
        assert "T-shirt/top" in text
        assert text.count("✗") == 1
        assert "1 of 25 wrong" in text
        assert "10 shown" in text


async def test_a_header_without_room_leaves_out_whole_words() -> None:
    grid = ImageGrid()
    async with Stage(grid).run_test(size=(42, 18)) as pilot:
        grid.show([images(), images(938)])
        await pilot.pause()
        assert rows(grid)[0].rstrip() == " images  step 938 · 1 of 25 wrong"


async def test_the_title_tells_inputs_that_are_no_images_from_images_still_to_come() -> None:
    grid = ImageGrid()
    async with Stage(grid).run_test(size=(42, 18)) as pilot:
        for none_to_come, said in ((False, "none yet"), (True, "the inputs are no images")):
            grid.show([], none_to_come=none_to_come)
            await pilot.pause()
            assert rows(grid)[0].rstrip() == f" images  {said}"


async def test_with_room_all_twenty_five_are_shown_with_whole_names() -> None:
    grid = ImageGrid()
    async with Stage(grid).run_test(size=(80, 50)) as pilot:
        grid.show([images()])
        await pilot.pause()
        text = "\n".join(rows(grid))
        assert "✗ Pullover" in text
        assert "shown" not in text


async def test_scrubbing_goes_back_and_comes_back_to_the_newest() -> None:
    grid = ImageGrid()
    async with Stage(grid).run_test(size=(78, 18)) as pilot:
        grid.show([images(469), images(938), images(1407)])
        grid.focus()
        await pilot.pause()
        assert "step 1,407" in rows(grid)[0] and "3/3" in rows(grid)[0]
        await pilot.press("left")
        assert "step 938" in rows(grid)[0]
        await pilot.press("home")
        assert "step 469" in rows(grid)[0]
        await pilot.press("end")
        assert grid.index == -1


async def test_it_follows_the_newest_until_one_looks_back() -> None:
    first, second, third = images(469), images(938), images(1407)
    grid = ImageGrid()
    async with Stage(grid).run_test(size=(78, 18)) as pilot:
        grid.show([first])
        grid.show([first, second])
        grid.focus()
        await pilot.press("left")
        assert grid.shown is first
        grid.show([first, second, third])
        await pilot.pause()
        assert grid.shown is first
        await pilot.press("right", "right", "right")
        assert grid.shown is third


async def test_ascii_draws_nothing_else() -> None:
    grid = ImageGrid()
    async with Stage(grid, ascii_only=True).run_test(size=(78, 18)) as pilot:
        grid.show([images()])
        await pilot.pause()
        assert all(row.isascii() for row in rows(grid))


@pytest.mark.parametrize(("no_color", "ascii_only"), [(False, False), (True, False), (False, True)])
async def test_images_in_colour_are_shown_in_colour_where_there_is_colour(
    no_color: bool, ascii_only: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1") if no_color else monkeypatch.delenv("NO_COLOR", raising=False)
    red = np.zeros((1, 28, 28, 3), np.uint8)
    red[..., 0] = 255
    grid = ImageGrid()
    async with Stage(grid, ascii_only=ascii_only).run_test(size=(30, 18)) as pilot:
        grid.show([Images("val-images:", 469, red, np.array([0]), np.array([1]), NAMES)])
        await pilot.pause()
        (char, style), *_ = stage.picture(grid)[5]
        colours = {colour.name for colour in (style.color, style.bgcolor) if colour is not None} if style else set()
        coloured = not (no_color or ascii_only)
        assert ("#f80000" in colours) is (char == "▀") is coloured
        assert all(row.isascii() for row in rows(grid)) is ascii_only


async def test_images_without_predictions_show_what_they_are() -> None:
    seen = images(wrong=())
    grid = ImageGrid()
    async with Stage(grid).run_test(size=(78, 18)) as pilot:
        grid.show([Images(seen.tag, 0, seen.images, seen.labels, None, NAMES)])
        await pilot.pause()
        text = "\n".join(rows(grid))
        assert "Ankle boot" in text and "✗" not in text and "wrong" not in text


def test_an_index_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError, match="none at 3"):
        ImageGrid().show([images()], 3)
