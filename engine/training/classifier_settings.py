"""Settings of a classifier run."""

from __future__ import annotations

from dataclasses import dataclass

from engine.descent import optimizers
from engine.descent.optimizers import OptimizerSettings
from engine.errors import SettingError
from engine.own.paths import is_file
from engine.settings import choice, file, folder, integer, number, switch, widths
from engine.training.dataset import MOST_IMAGES
from engine.training.devices import DEVICES, STRATEGIES

ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid")
INITIALIZERS = (
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal",
    "zeros",
)  # fmt: skip
CROSS_ENTROPY, MSE = LOSSES = ("cross-entropy", "mse")
LOSS_WORDS = {CROSS_ENTROPY: "the mean cross-entropy", MSE: "the mean squared error"}

# The settings that define the network.
NETWORK = (
    "hidden", "convolution", "activation", "output_activation", "batch_norm", "dropout", "l2", "initializer",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ClassifierSettings(OptimizerSettings):
    """Settings of a classifier run."""

    epochs: int = integer(30, low=1, high=10_000, unit="epochs", help="passes over the training set")
    batch_size: int = integer(128, low=1, high=10_000, unit="examples", help="examples a step averages over")
    optimizer: str = choice("adam", optimizers.NAMES, files=True, help="the update rule")
    learning_rate: float = number(1e-3, low=0.0, high=1e3, live=True, help="η: a step is η times the slope")
    loss: str = choice(
        CROSS_ENTROPY,
        LOSSES,
        files=True,
        help="what is minimised; mse is that of the softmax against the one-hot label",
    )
    hidden: tuple[int, ...] = widths((256, 128, 64, 32), help="units of each hidden layer", group="model")
    convolution: bool = switch(
        False, help="before the hidden layers two convolutions, of 8 and 16 filters 3x3, each with 2x2 pooling",
        group="model",
    )  # fmt: skip
    activation: str = choice("relu", ACTIVATIONS, help="what bends the hidden layers", group="model")
    output_activation: str = choice(
        "linear", ("linear", "relu"), help="relu clips the logits at 0: a slip worth watching fail", group="model"
    )
    initializer: str = choice(
        "glorot_uniform", INITIALIZERS, help="how kernels are drawn; with zeros all units stay alike", group="model"
    )
    batch_norm: bool = switch(
        False, help="normalise over the batch what enters a hidden layer's activation", group="model"
    )
    dropout: float = number(
        0.0, low=0.0, high=0.95, step=0.05, help="share of a hidden layer's outputs dropped in each step", group="model"
    )
    l2: float = number(
        0.0, low=0.0, high=10.0, help="λ: λ times the sum of the squared kernels is added to the loss", group="model"
    )
    train_examples: int = integer(
        60_000, low=100, high=MOST_IMAGES, help="how many training images to use", group="data"
    )
    test_examples: int = integer(10_000, low=100, high=MOST_IMAGES, help="how many test images to use", group="data")
    validation: int = integer(
        0,
        low=0,
        high=MOST_IMAGES,
        help="training images, the last ones, kept apart to choose an epoch by",
        group="data",
    )
    data_dir: str = folder(
        help="IDX files, a folder of images for each class, or a cache of Keras or torchvision", group="data"
    )
    data: str = file(help="a file of one's own: .npz, .npy, FILE.csv[:COLUMN] or IDX", group="data")
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

    def __post_init__(self) -> None:
        super().__post_init__()
        state = [name for name, used in (("batch-norm", self.batch_norm), ("dropout", self.dropout)) if used]
        if state and self.strategy != "none":
            raise SettingError(
                f"--strategy: {self.strategy!r} is not accepted with --{state[0]}: replicas train networks without "
                "state; expected none"
            )
        if is_file(self.loss) and self.strategy != "none":
            raise SettingError(f"--strategy: {self.strategy!r} is not accepted with a loss of a file; expected none")


def loss_words(loss: str) -> str:
    """What a step goes downhill on: the mean of a loss, or the loss of a file."""
    return LOSS_WORDS.get(loss) or f"the loss {optimizers.label(loss)}"
