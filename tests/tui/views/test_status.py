"""The news about a run."""

from __future__ import annotations

import pytest

from engine.events import Delivery, Diverged, Event, Metrics, Outcome, RunEnded, RunStarted
from engine.lesson import Lesson
from engine.lessons import course, lesson
from engine.settings import Settings, parse_settings
from tui.model.app_state import AppState, Opening
from tui.model.run_state import fold_all
from tui.model.session import EngineSession
from tui.process.options import AppOptions
from tui.views import status


def bench_with(name: str, events: list[Event]) -> AppState:
    """An app state with a lesson open, with the settings of its run, which has sent `events`."""
    options = AppOptions(log=False)
    texts = next(event.settings for event in events if isinstance(event, RunStarted))
    app_state = AppState(course(), EngineSession(options), options, opening=Opening(name, texts))
    app_state.lesson_state.begin("r")
    state = app_state.lesson_state.state
    assert state is not None
    app_state.lesson_state.state = fold_all(state, [Delivery("r", 0.1, event) for event in events])
    return app_state


def descended(name: str, **texts: str) -> list[Event]:
    """The events of a run of the lesson that diverges, from its start to its end."""
    chosen: Lesson[Settings] = lesson(name)
    settings = parse_settings(chosen.settings, texts)
    said = list(chosen.run(settings))
    lost = next(event for event in said if isinstance(event, Diverged))
    return [
        RunStarted(name, name, settings.texts(), ""), *said,
        RunEnded(Outcome.DIVERGED, lost.step, f"{lost.what} is not finite"),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "texts"), [
    ("gradients", {"function": "cubic", "start": "-1.1"}),
    ("himmelblau", {"surface": "saddle", "optimizer": "momentum", "learning_rate": "0.05"}),
])  # fmt: skip
def test_a_fall_without_end_leaves_nothing_to_go_back_to(name: str, texts: dict[str, str]) -> None:
    app_state = bench_with(name, descended(name, **texts))
    assert status.news(app_state).more == "f has no lowest value; nothing to go back to"
    assert not app_state.recoverable
    assert app_state.recover() == "nothing to go back to"


def test_a_start_that_has_no_finite_value_leaves_nothing_to_go_back_to() -> None:
    app_state = bench_with("himmelblau", descended("himmelblau", surface="beale", start="1e6,1e6", steps="3"))
    said = status.news(app_state).more
    assert said == "f is too large at the start for a number of 32 bits; nothing to go back to"
    assert not app_state.recoverable


def test_going_back_leads_to_where_no_path_was_higher_than_at_its_start() -> None:
    events = descended("gradients", function="double-well", learning_rate="0.1", start="0.5;1;4")
    app_state = bench_with("gradients", events)
    assert status.news(app_state).more == "g: back to step 0 and on at learning rate 0.0333"


def test_an_overshoot_is_offered_a_smaller_rate() -> None:
    app_state = bench_with("himmelblau", descended("himmelblau", learning_rate="0.05"))
    assert status.news(app_state).more.startswith("g: back to step ")
    assert app_state.recoverable


def test_while_a_classifier_trains_the_news_are_a_diagnosis() -> None:
    texts = {
        "hidden": "32",
        "train_examples": "1000",
        "test_examples": "100",
        "batch_size": "100",
        "epochs": "2",
    }
    chosen: Lesson[Settings] = lesson("fashion-mnist")
    settings = parse_settings(chosen.settings, texts)
    said = [RunStarted("fashion-mnist", "Fashion-MNIST", settings.texts(), ""), *chosen.run(settings)]
    first = next(place for place, event in enumerate(said) if isinstance(event, Metrics))
    begun, tested = bench_with("fashion-mnist", said[: first + 1]), bench_with("fashion-mnist", said[:-1])
    ended = bench_with("fashion-mnist", said)
    assert status.news(begun).text.endswith("guessing costs ln 10 = 2.303.")
    assert "epochs" in status.news(tested).text and status.news(tested).text.startswith("After 2 epochs")
    assert status.news(ended).text.startswith("The network is right on ")
    assert "after 2 epochs of adam at learning rate 0.001." in status.news(ended).text
