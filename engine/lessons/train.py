"""`gdtui train FILE.py`: trains a learner's own Keras model as lesson 6 trains its network. It is not a lesson of the
course, but runs like one.

The training modules are imported when a run begins: the list of lessons, for which the app waits, needs none of them.
"""

from __future__ import annotations

from engine.events import Snapshot
from engine.lesson import Lesson, Run
from engine.training.own_settings import OwnSettings


def run(settings: OwnSettings) -> Run[OwnSettings]:
    """Train the model of the named file."""
    from engine.training import own_training

    yield from own_training.train(settings)


def resume(settings: OwnSettings, snapshot: Snapshot) -> Run[OwnSettings]:
    """Continue from a snapshot."""
    from engine.training import own_training

    yield from own_training.train(settings, snapshot)


LESSON = Lesson(
    number=8,
    id="train",
    title="Your own model",
    summary="a Keras model of your own, from FILE.py, trained as lesson 6 trains its network",
    settings=OwnSettings,
    run=run,
    resume=resume,
    code=(
        "engine.training.own_training:train",
        "engine.own.model_files:load",
        "engine.training.own_data:examples",
        "engine.training.step:train_step",
        "engine.training.batches:epoch_order",
        "engine.training.loop_choice:step_times",
        "engine.training.loop:Trainer",
    ),
    classifier=True,
    in_course=False,
)
