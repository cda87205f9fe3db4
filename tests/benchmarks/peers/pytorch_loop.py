"""A PyTorch eager loop with fused Adam, on tensors in memory."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from tests.benchmarks.fashion import BATCH, LEARNING_RATE, WIDTHS, pictures
from tests.benchmarks.serve import Round, serve


def prepare() -> Round:
    """A network that has seen an epoch."""
    data = pictures()
    x, y = torch.from_numpy(data.train_x), torch.from_numpy(data.train_y).long()
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(WIDTHS):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)

    def one_round(epochs: int) -> dict[str, Any]:
        """`epochs` epochs, each in a new order."""
        began = time.perf_counter()
        for _ in range(epochs):
            order = torch.randperm(len(y))
            for chosen in order.split(BATCH):
                loss = functional.cross_entropy(model(x[chosen]), y[chosen])
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
        seconds = time.perf_counter() - began
        steps = epochs * data.steps
        return {"steps": steps, "seconds": seconds, "steps_per_s": steps / seconds, "loss": float(loss)}

    one_round(1)
    return one_round


if __name__ == "__main__":
    serve(prepare)
