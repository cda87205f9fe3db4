"""The log's pictures, pixel by pixel where they are exactly determined."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.descent import surfaces
from engine.events import Curve, SurfaceDrawn
from engine.log import plots
from engine.log.pictures import RIGHT, WRONG, confusion_picture, image_grid
from engine.log.raster import INK, SERIES, WHITE, Paletted, Pixels, blank, disc, plain, png, polyline, stencil, write

NAMES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


def decoded(content: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def shows(picture: Pixels, colour: tuple[int, int, int]) -> bool:
    return bool((picture == np.array(colour)).all(axis=-1).any())


# --- files ----------------------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["grey", "rgb", "palette"]), st.integers(0, 2**32 - 1))
def test_a_png_holds_the_very_pixels(height: int, width: int, kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    if kind == "palette":
        palette = random.integers(0, 256, (200, 3), np.uint8)
        picture: Pixels | Paletted = Paletted(random.integers(0, 200, (height, width), np.uint8), palette)
        expected = palette[picture.pixels]  # type: ignore[union-attr]
    else:
        shape = (height, width) if kind == "grey" else (height, width, 3)
        picture = random.integers(0, 256, shape, np.uint8)
        expected = picture if kind == "rgb" else np.repeat(picture[..., None], 3, axis=2)
    np.testing.assert_array_equal(decoded(png(picture)), expected)


# --- text -----------------------------------------------------------------------------------------------------


def test_letters_that_the_font_lacks_are_spelled_out() -> None:
    assert plain("f(x) = x² − 3·σ(η)") == "f(x) = x^2 - 3·sigma(eta)"
    assert plain("café 日 \x1b[31m") == "cafe ? ?[31m"


@given(st.text(max_size=30))
def test_any_text_can_be_drawn_and_is_as_high_as_any_other(text: str) -> None:
    assert stencil(text).shape[0] == stencil("0").shape[0]


@given(st.floats(-60, 60), st.floats(-60, 60), st.floats(0, 1))
def test_text_that_lies_outside_is_cut_and_never_wraps_round(x: float, y: float, align: float) -> None:
    small, large = blank(40, 30), blank(240, 230)
    write(small, "Shirt", x, y, align=align)
    write(large, "Shirt", round(x - align * stencil("Shirt").shape[1]) + 100, round(y) + 100)
    np.testing.assert_array_equal(small, large[100:130, 100:140])


# --- lines and discs ------------------------------------------------------------------------------------------


def test_a_line_covers_what_it_crosses_and_leaves_the_rest() -> None:
    picture = blank(60, 40)
    polyline(picture, np.array([[10.0, 20.0], [50.0, 20.0]]), INK, width=2)
    inked = (picture != 255).any(axis=2)
    assert inked[19:22, 12:48].any(axis=0).all()
    assert not inked[:16].any() and not inked[25:].any() and not inked[:, :8].any()


def test_a_point_that_is_not_finite_breaks_a_line() -> None:
    picture = blank(90, 20)
    nothing = [np.nan, np.nan]
    polyline(picture, np.array([[5.0, 10.0], [30.0, 10.0], nothing, [60.0, 10.0], [85.0, 10.0]]), INK)
    inked = (picture != 255).any(axis=(0, 2))
    assert inked[10:28].all() and inked[62:80].all() and not inked[36:54].any()


def test_a_line_to_far_outside_still_leaves_the_picture_where_it_should() -> None:
    picture = blank(50, 50)
    polyline(picture, np.array([[25.0, 25.0], [1e9, 25.0]]), INK)
    assert (picture[25, 26:] != 255).any(axis=1).all()
    polyline(picture, np.full((3, 2), np.inf), INK)


def test_a_disc_at_the_edge_is_cut() -> None:
    picture = blank(20, 20)
    disc(picture, 0, 0, 3, INK)
    disc(picture, 100, -100, 3, INK)
    assert tuple(picture[0, 0]) == INK and tuple(picture[0, 4]) == WHITE


# --- the grid -------------------------------------------------------------------------------------------------


def test_the_grid_holds_every_image_at_its_place() -> None:
    images = np.random.default_rng(0).integers(0, 256, (25, 28, 28), np.uint8)
    labels = np.arange(25) % 10
    picture = image_grid(images, labels, labels, NAMES).rgb()
    height, width = picture.shape[0] // 5, picture.shape[1] // 5
    for number, image in enumerate(images):
        tile = picture[number // 5 * height :, number % 5 * width :][:height, :width, 0].astype(int)
        shown = tile[30:86:2, 14:70:2]
        assert np.abs(shown - image).max() <= 2  # 128 greys of 256


def test_images_in_colour_keep_their_colours() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 14, 10, 3), np.uint8)
    picture = image_grid(images, np.array([0, 1]), np.array([0, 2]), NAMES, columns=2)
    left, right = np.split(picture, 2, axis=1)
    assert shows(left, RIGHT) and shows(right, WRONG)
    for tile, image in ((left, images[0]), (right, images[1])):
        np.testing.assert_array_equal(tile[30:86:4, 22:62:4], image)


def test_a_wrong_prediction_is_framed_and_red_and_a_right_one_is_green() -> None:
    images = np.zeros((2, 28, 28), np.uint8)
    picture = image_grid(images, np.array([0, 1]), np.array([0, 7]), NAMES, columns=2).rgb()
    left, right = np.split(picture, 2, axis=1)
    assert shows(left, RIGHT) and not shows(left, WRONG)
    assert shows(right, WRONG) and not shows(right, RIGHT)
    assert tuple(right[28, 20]) == WRONG  # the frame, two pixels above the image


def test_without_predictions_only_the_true_class_is_written() -> None:
    picture = image_grid(np.zeros((3, 28, 28), np.uint8), np.array([0, 1, 2]), None, NAMES).rgb()
    assert not shows(picture, WRONG) and not shows(picture, RIGHT) and shows(picture, INK)


# --- the confusion matrix -------------------------------------------------------------------------------------


def test_cells_are_the_darker_the_greater_their_share_of_the_row() -> None:
    confusion = np.array([[90, 9, 1], [0, 100, 0], [30, 30, 40]])
    picture = confusion_picture(confusion, ("a", "b", "c")).rgb()
    corners = picture[78 + 3 :: 34, 78 + 3 :: 34].astype(int).sum(axis=2)[:3, :3]
    assert corners[1, 1] < corners[0, 0] < corners[2, 2] < corners[2, 0] < corners[0, 1] < corners[0, 2] < corners[1, 0]


def test_a_count_of_zero_is_left_blank_and_others_are_written() -> None:
    picture = confusion_picture(np.array([[0, 5], [7, 0]]), ("a", "b")).rgb()
    corners = [(78 + 34 * row, 78 + 34 * column) for row in (0, 1) for column in (0, 1)]
    cells = [picture[top + 2 : top + 33, left + 2 : left + 33] for top, left in corners]
    assert [len(np.unique(cell.reshape(-1, 3), axis=0)) == 1 for cell in cells] == [True, False, False, True]


def test_a_class_without_examples_divides_by_nothing() -> None:
    with np.errstate(all="raise"):
        confusion_picture(np.zeros((10, 10), np.int64), NAMES)


# --- surfaces and curves --------------------------------------------------------------------------------------


def test_a_surface_is_dark_where_it_is_low_and_the_upper_rows_are_the_greater_y() -> None:
    x = y = np.linspace(-1, 1, 41)
    drawn = SurfaceDrawn("s", "s", "y", x, y, np.repeat(y[:, None], 41, axis=1), ())
    picture = plots.surface_picture(drawn, (), ()).astype(int).sum(axis=2)
    inside = picture[28 : 28 + 480, 46 : 46 + 480]
    assert inside[:40].mean() > inside[220:260].mean() > inside[-40:].mean()


def test_paths_start_and_end_where_their_points_are() -> None:
    drawn = surfaces.surface("himmelblau").drawn()
    paths = [np.array([[1.0, 0.0], [3.0, 2.0]]), np.array([[-4.0, 0.0], [-4.0, -4.0], [np.nan, np.nan]])]
    picture = plots.surface_picture(drawn, ["one", "two"], paths)
    frame = plots.PictureFrame((-6, 6), (-6, 6), 46, 28, 480, 480)
    for number, points in enumerate(paths):
        for x, y in frame.place(points[:2]):
            assert tuple(picture[round(y), round(x)]) == SERIES[number]


def test_a_surface_that_is_not_finite_somewhere_or_flat_is_still_drawn() -> None:
    x = y = np.linspace(-1, 1, 9)
    z = np.zeros((9, 9))
    z[3, 3], z[4, 4] = np.inf, np.nan
    with np.errstate(all="raise"):
        plots.surface_picture(SurfaceDrawn("s", "s", "0", x, y, np.zeros((9, 9)), ()), (), ())
        plots.surface_picture(SurfaceDrawn("s", "s", "0", x, y, z, ()), (), ())
        plots.surface_picture(SurfaceDrawn("s", "s", "0", x, y, np.full((9, 9), np.nan), ()), (), ())


def test_many_paths_are_drawn_and_only_the_first_are_named() -> None:
    drawn = surfaces.surface("saddle").drawn()
    few = plots.surface_picture(drawn, ["p"] * 12, [np.zeros((2, 2))] * 12)
    many = plots.surface_picture(drawn, ["p"] * 200, [np.zeros((2, 2))] * 200)
    assert many.shape[0] == few.shape[0] + 15


def test_a_long_label_is_cut_to_the_picture() -> None:
    drawn = surfaces.surface("saddle").drawn()
    picture = plots.surface_picture(drawn, ["wide " * 100], [np.zeros((2, 2))])
    assert (picture[-15:, -4:] == 255).all()


def test_a_curve_is_drawn_through_its_values_and_its_gradients() -> None:
    x = np.linspace(-3, 3, 301)
    picture = plots.curve_picture(Curve("c", "c", "x²", x, x * x, 2 * x))
    low, high = -6 - 0.05 * 15, 9 + 0.05 * 15
    frame = plots.PictureFrame((-3, 3), (low, high), 64, 46, 560, 320)
    for number, y in enumerate([x * x, 2 * x]):
        for column, row in frame.place(np.stack([x, y], axis=1)[20:-20:20]):
            near = picture[round(row) - 1 : round(row) + 2, round(column) - 1 : round(column) + 2]
            assert shows(near, SERIES[number])


def test_a_path_that_left_for_the_end_of_all_numbers_is_drawn_as_far_as_it_is_inside() -> None:
    x = np.linspace(-3, 3, 301)
    curve = Curve("c", "c", "x²", x, x * x, 2 * x)
    far = np.array([[2.0, 4.0], [-1e37, 2e38], [3e38, -3e38]], np.float32)
    with_it, shorter = (plots.curve_picture(curve, ("one",), (path,)) for path in (far, far[:1]))
    assert shows(with_it, SERIES[2])
    np.testing.assert_array_equal(with_it, shorter)


def test_a_curve_that_is_constant_or_not_finite_is_drawn() -> None:
    x = np.linspace(0, 1, 5)
    with np.errstate(all="raise"):
        plots.curve_picture(Curve("c", "c", "0", x, np.zeros(5), np.zeros(5)))
        plots.curve_picture(Curve("c", "c", "?", x, np.full(5, np.nan), np.full(5, np.inf)))


def test_the_palette_has_256_colours_at_most() -> None:
    grid = image_grid(np.zeros((1, 28, 28), np.uint8), np.array([0]), None, NAMES)
    for picture in (grid, confusion_picture(np.eye(10, dtype=int), NAMES)):
        assert picture.palette.shape[0] <= 256
        assert int(picture.pixels.max()) < picture.palette.shape[0]


@pytest.mark.parametrize("classes", [2, 30, 47, 100, 500])
def test_a_matrix_of_many_classes_is_drawn_within_a_thousand_pixels(classes: int) -> None:
    picture = confusion_picture(np.eye(classes, dtype=np.int64) * 7, [f"class {place}" for place in range(classes)])
    assert max(picture.pixels.shape) <= 1000
    side = picture.pixels.shape[0] - 82
    dark = picture.rgb()[78 : 78 + side, 78 : 78 + side].sum(axis=2)
    near = dark[np.arange(side), np.arange(side)].mean()
    assert near < 0.7 * dark[np.arange(side), np.arange(side)[::-1]].mean()


def test_images_of_another_size_are_enlarged_or_left_as_they_are() -> None:
    for shape, scale in (((8, 8), 7), ((28, 20), 2), ((64, 64), 1)):
        images = np.full((1, *shape), 130, np.uint8)
        grey = image_grid(images, np.array([0]), None, NAMES).rgb() == 131
        assert int(grey.all(axis=2).sum()) >= shape[0] * shape[1] * scale**2 * 0.99
