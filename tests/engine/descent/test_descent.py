"""Compiled descent equals plain descent, in calls of any length, for any number of paths, over any distance."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from engine.descent import compiled_descent, optimizers, surfaces
from engine.descent.compiled_descent import STEPS_A_CALL, Program
from engine.descent.optimizers import OptimizerSettings
from tests.engine import update_rules

STARTS = np.float32([[1, 0], [-4, 0], [4, 0]])
HIMMELBLAU = surfaces.surface("himmelblau")
MINIMA = np.array([minimum.point for minimum in HIMMELBLAU.minima])


def himmelblau_gradient(theta: Any) -> Any:
    """∇f derived by hand, in the dtype of θ."""
    x, y = theta
    a, b = x * x + y - 11, x + y * y - 7
    return np.array([4 * x * a + 2 * b, 2 * a + 4 * y * b])


def lent(optimizer: str = "sgd", paths: int = 3, surface: surfaces.Surface = HIMMELBLAU) -> Any:
    return compiled_descent.program(
        surface.key, compiled_descent.surface_objective(surface), optimizer, OptimizerSettings(), paths
    )


def plain_program(paths: int = 3, surface: surfaces.Surface = HIMMELBLAU) -> Program:
    """A new program of the test."""
    return Program(compiled_descent.surface_objective(surface), "sgd", OptimizerSettings(), paths, 2)


def test_plain_descent_is_the_loop_anyone_would_write() -> None:
    with lent() as program:
        program.begin(STARTS, 0.01)
        found = program.advance(200)
    for path, start in enumerate(STARTS):
        expected = update_rules.path("sgd", himmelblau_gradient, start, 0.01, 200)
        np.testing.assert_allclose(found.points[path], expected, atol=1e-3)
        np.testing.assert_allclose(found.gradients[path], [himmelblau_gradient(each) for each in expected], atol=0.05)
        np.testing.assert_allclose(found.values[path], HIMMELBLAU(*expected.T), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_descent_on_a_surface_follows_the_optimizer(name: str) -> None:
    rate = 0.005 if name == "momentum" else 0.05
    with lent(name) as program:
        program.begin(STARTS, rate)
        found = program.advance(60).points
    for path, start in enumerate(STARTS):
        expected = update_rules.path(name, himmelblau_gradient, start, rate, 60)
        np.testing.assert_allclose(found[path], expected, atol=1e-3)


def test_the_start_is_seen_before_the_first_step() -> None:
    with lent() as program:
        here = program.begin(STARTS, 0.01)
    assert (here.points.shape, here.values.shape, here.gradients.shape) == ((3, 1, 2), (3, 1), (3, 1, 2))
    np.testing.assert_array_equal(here.points[:, 0], STARTS)
    np.testing.assert_allclose(here.values[:, 0], [136, 146, 34])
    np.testing.assert_allclose(here.gradients[:, 0], [himmelblau_gradient(start) for start in STARTS], rtol=1e-6)


def test_every_number_is_a_32_bit_float() -> None:
    with lent() as program:
        for stretch in (program.begin(STARTS, 0.01), program.advance(5)):
            assert {stretch.points.dtype, stretch.values.dtype, stretch.gradients.dtype} == {np.dtype(np.float32)}


@pytest.mark.parametrize("pieces", [[1] * 20, [7, 13], [19, 1]])
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_the_pieces_are_exactly_the_whole(name: str, pieces: list[int]) -> None:
    with lent(name) as program:
        program.begin(STARTS, 0.01)
        whole = program.advance(20)
        program.begin(STARTS, 0.01)
        parts = [program.advance(size) for size in pieces]
    for field in ("points", "values", "gradients"):
        np.testing.assert_array_equal(
            np.concatenate([getattr(part, field) for part in parts], axis=1), getattr(whole, field)
        )


def test_a_descent_longer_than_a_call_is_exactly_its_calls() -> None:
    count = 2 * STEPS_A_CALL + 3
    with lent() as program:
        program.begin(STARTS, 0.001)
        whole = program.advance(count).points
        program.begin(STARTS, 0.001)
        parts = [program.advance(size).points for size in (STEPS_A_CALL - 1, STEPS_A_CALL + 1, 3)]
    assert whole.shape == (3, count, 2)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("name", optimizers.NAMES)
def test_a_second_run_is_exactly_the_first(name: str) -> None:
    with lent(name) as program:
        program.begin(STARTS, 0.01)
        first = program.advance(50).points
        program.advance(20)
        program.begin(STARTS, 0.01)
        np.testing.assert_array_equal(program.advance(50).points, first)


def test_neither_another_start_nor_another_rate_traces_again() -> None:
    program = plain_program()
    program.begin(STARTS, 0.01)
    program.advance(3)
    traced = program.traces
    program.learning_rate = 0.02
    program.advance(300)
    program.begin(STARTS + 1, 0.5)
    program.advance(1)
    assert program.traces == traced == 2


def test_a_rate_changed_on_the_way_holds_from_the_next_step() -> None:
    with lent() as program:
        program.begin(STARTS, 0.01)
        before = program.advance(4)
        program.learning_rate = 0.002
        assert program.learning_rate == pytest.approx(0.002)
        after = program.advance(1)
    expected = before.points[:, -1] - np.float32(0.002) * before.gradients[:, -1]
    np.testing.assert_allclose(after.points[:, 0], expected, rtol=1e-6)


def test_a_rate_of_zero_goes_nowhere() -> None:
    with lent() as program:
        program.begin(STARTS, 0.0)
        points = program.advance(3).points
    np.testing.assert_array_equal(points, np.repeat(STARTS[:, None], 3, axis=1))


# --- paths that diverge -------------------------------------------------------------------------------------


def test_a_path_that_diverged_is_nan_from_there_and_holds_no_other_back() -> None:
    with lent() as program:
        program.begin(STARTS, 0.01)
        usual = program.advance(50)
        program.begin(np.float32([[1, 0], [40, 0], [4, 0]]), 0.01)
        found = program.advance(50)
    lost = int(np.isnan(found.values[1]).argmax())
    assert 0 < lost < 10 and np.isfinite(found.values[1, :lost]).all()
    for part in (found.points, found.values, found.gradients):
        assert np.isnan(part[1, lost:]).all()
    np.testing.assert_array_equal(found.points[[0, 2]], usual.points[[0, 2]])


def test_a_path_that_was_lost_stays_lost_when_its_numbers_come_back() -> None:
    # From 2e19 the bowl's value overflows while the point does not; a rate of 0.5 halves the distance each step.
    with lent(paths=2, surface=surfaces.bowl(1.0)) as program:
        program.begin(np.float32([[2e19, 0], [2, 0]]), 0.5)
        for _ in range(3):
            found = program.advance(2)
            assert np.isnan(found.points[0]).all() and np.isfinite(found.points[1]).all()


def test_the_step_at_which_a_path_is_lost_does_not_hang_on_the_pieces() -> None:
    start = np.float32([[40, 0]])
    with lent(paths=1) as program:
        program.begin(start, 0.01)
        whole = program.advance(12).points
        program.begin(start, 0.01)
        parts = np.concatenate([program.advance(1).points for _ in range(12)], axis=1)
    np.testing.assert_array_equal(parts, whole)


# --- thousands at once ----------------------------------------------------------------------------------------


def test_sixteen_thousand_starts_are_one_call() -> None:
    x, y, _ = HIMMELBLAU.grid(128, 128)
    starts = np.stack([part.ravel() for part in np.meshgrid(x, y)], axis=1).astype(np.float32)
    with lent(paths=len(starts)) as program:
        program.begin(starts, 0.01)
        ended = program.finish(200, MINIMA, 0.05)
    assert ended.points.shape == (16384, 2) and (ended.lost_step == -1).all()
    chosen = np.random.default_rng(0).choice(len(starts), 20, replace=False)
    for path in chosen:
        expected = update_rules.path("sgd", himmelblau_gradient, starts[path], 0.01, 200)[-1]
        np.testing.assert_allclose(ended.points[path], expected, atol=1e-3)


def test_a_finish_says_where_the_last_step_arrived_and_when_each_place_was_near() -> None:
    with lent() as program:
        program.begin(STARTS, 0.01)
        whole = program.advance(200)
        program.begin(STARTS, 0.01)
        ended = program.finish(200, MINIMA, 0.05)
    np.testing.assert_allclose(ended.points, whole.points[:, -1], atol=1e-5)
    np.testing.assert_allclose(ended.values, whole.values[:, -1], atol=1e-6)
    distances = np.linalg.norm(whole.points[:, :, None] - MINIMA, axis=3)
    near = distances <= 0.05
    since = 201 - np.where(near.all(axis=1), 200, near[:, ::-1].argmin(axis=1))
    np.testing.assert_array_equal(ended.near_since, np.where(near[:, -1], since, -1))


def test_a_finish_does_not_count_a_place_that_was_only_passed_by() -> None:
    with lent("adam", paths=1) as program:
        program.begin(np.float32([[1, 0]]), 1.0)
        near = np.linalg.norm(program.advance(200).points[0] - (3, 2), axis=1) <= 0.05
        program.begin(np.float32([[1, 0]]), 1.0)
        ended = program.finish(200, MINIMA, 0.05)
        program.begin(np.float32([[1, 0]]), 1.0)
        early = program.finish(10, MINIMA, 0.05)
    assert near[1] and ended.near_since[0].max() == int(np.flatnonzero(~near)[-1]) + 2
    assert early.near_since[0].max() == -1


def test_a_start_that_is_near_a_place_is_there_at_step_zero() -> None:
    with lent() as program:
        program.begin(np.float32([[3, 2], [1, 0], [3.04, 2]]), 0.0)
        ended = program.finish(2, np.array([[3.0, 2.0]]), 0.05)
    assert ended.near_since.tolist() == [[0], [-1], [0]]


def test_a_finish_counts_steps_from_where_it_began() -> None:
    with lent() as program:
        program.begin(STARTS, 0.01)
        program.advance(10)
        ended = program.finish(190, MINIMA, 0.05)
        program.begin(STARTS, 0.01)
        whole = program.finish(200, MINIMA, 0.05)
    np.testing.assert_array_equal(ended.near_since.max(axis=1), whole.near_since.max(axis=1) - 10)
    np.testing.assert_allclose(ended.points, whole.points, atol=1e-5)


def test_a_finish_says_when_a_path_was_lost() -> None:
    starts = np.float32([[1, 0], [40, 0], [4, 0]])
    with lent() as program:
        program.begin(starts, 0.01)
        lost = int(np.isnan(program.advance(20).values[1]).argmax()) + 1
        program.begin(starts, 0.01)
        ended = program.finish(20)
        again = program.finish(5)
    assert ended.lost_step.tolist() == [-1, lost, -1] and ended.near_since.shape == (3, 0)
    assert np.isnan(ended.points[1]).all() and np.isfinite(ended.points[[0, 2]]).all()
    assert again.lost_step.tolist() == [-1, 0, -1]


def test_a_start_with_no_finite_value_is_lost_at_step_zero() -> None:
    beale = surfaces.surface("beale")
    with lent(paths=2, surface=beale) as program:
        here = program.begin(np.float32([[1e6, 1e6], [1, 1]]), 0.01)
        ended = program.finish(5)
    assert np.isinf(here.values[0, 0]) and ended.lost_step.tolist() == [0, -1]


# --- programs that are kept -----------------------------------------------------------------------------------


def test_the_same_descent_is_lent_the_same_program_again() -> None:
    with lent() as first:
        pass
    with lent() as second:
        assert second is first
    with lent(paths=2) as third:
        assert third is not first


def test_a_program_that_is_in_use_is_lent_to_no_one_else() -> None:
    with lent() as first, lent() as second:
        assert second is not first
        first.begin(STARTS, 0.01)
        second.begin(STARTS + 1, 0.02)
        np.testing.assert_array_equal(first.advance(1).points[:, 0], _one_step(STARTS, 0.01))


def _one_step(starts: Any, rate: float) -> Any:
    with lent() as program:
        program.begin(starts, rate)
        return program.advance(1).points[:, 0]


def test_only_the_settings_that_a_rule_reads_make_another_program() -> None:
    objective = compiled_descent.surface_objective(HIMMELBLAU)

    def used(optimizer: str, **numbers: float) -> Program:
        with compiled_descent.program(HIMMELBLAU.key, objective, optimizer, OptimizerSettings(**numbers), 1) as program:
            return program

    assert used("sgd", momentum=0.5) is used("sgd", rho=0.5)
    assert used("momentum", momentum=0.5) is not used("momentum", momentum=0.6)


def test_no_more_programs_are_kept_than_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_descent, "KEPT", 2)
    monkeypatch.setattr(compiled_descent, "_idle", [])
    for paths in (1, 2, 3):
        with lent(paths=paths):
            pass
    assert [key[-2] for key, _ in compiled_descent._idle] == [2, 3]


def test_runs_in_two_threads_do_not_disturb_each_other() -> None:
    found: dict[float, Any] = {}

    def run(rate: float) -> None:
        with lent() as program:
            program.begin(STARTS, rate)
            found[rate] = np.concatenate([program.advance(5).points for _ in range(10)], axis=1)

    threads = [threading.Thread(target=run, args=(rate,)) for rate in (0.01, 0.005)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for rate, points in found.items():
        expected = update_rules.path("sgd", himmelblau_gradient, STARTS[0], rate, 50)
        np.testing.assert_allclose(points[0], expected, atol=1e-3)
    assert len(found) == 2


def test_no_tensorflow_object_leaves_a_program() -> None:
    with lent() as program:
        stretch = program.begin(STARTS, 0.01)
        ended = program.finish(3)
    for part in (*vars(stretch).values(), *vars(ended).values()):
        assert part is None or (type(part) is np.ndarray and not isinstance(part, tf.Tensor))
