"""What a classifier run can be told."""

from __future__ import annotations

from dataclasses import dataclass

from engine import optimizers
from engine.devices import DEVICES, STRATEGIES
from engine.optimizers import OptimizerSettings
from engine.settings import choice, folder, integer, number, switch

ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid")


@dataclass(frozen=True, kw_only=True)
class ClassifierSettings(OptimizerSettings):
    """What a classifier run can be told."""

    epochs: int = integer(30, low=1, high=10_000, unit="epochs", help="passes over the training set")
    batch_size: int = integer(128, low=1, high=10_000, unit="examples", help="examples a step averages over")
    optimizer: str = choice("adam", optimizers.NAMES, help="the update rule")
    learning_rate: float = number(1e-3, low=0.0, high=1e3, live=True, help="η, how far one step goes")
    activation: str = choice("relu", ACTIVATIONS, help="what bends the hidden layers", group="model")
    output_activation: str = choice(
        "linear", ("linear", "relu"), help="relu clips the logits at 0: a slip worth watching fail", group="model"
    )
    train_examples: int = integer(60_000, low=100, high=60_000, help="how many training images to use", group="data")
    test_examples: int = integer(10_000, low=100, high=10_000, help="how many test images to use", group="data")
    data_dir: str = folder(help="IDX files or a Keras cache folder, instead of the data shipped", group="data")
    log_every: int = integer(100, low=1, high=100_000, unit="steps", help="steps between logged scalars", group="log")
    test_every: int = integer(
        500, low=0, high=1_000_000, unit="steps", help="steps between tests inside an epoch; 0 is never", group="log"
    )
    mixed_precision: bool = switch(
        False, help="hidden layers in 16 bits: bfloat16, or float16 on a GPU; weights and loss in 32", group="machine"
    )
    threads: int = integer(0, low=0, high=1024, help="threads for TensorFlow; 0 is its own choice", group="machine")
    device: str = choice("auto", DEVICES, help="what to compute on; auto is a GPU if there is one", group="machine")
    strategy: str = choice(
        "none",
        STRATEGIES,
        help="mirrored shares each batch among the GPUs here, multi-worker among the processes in TF_CONFIG",
        group="machine",
    )
