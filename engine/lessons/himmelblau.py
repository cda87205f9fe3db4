"""Lesson 5: descent on a surface from several starts."""

from __future__ import annotations

from dataclasses import dataclass

from engine import optimizers, surfaces
from engine.lesson import Point, choice, choices, integer, number, starts
from engine.optimizers import OptimizerSettings


@dataclass(frozen=True, kw_only=True)
class HimmelblauSettings(OptimizerSettings):
    """What a descent on a surface can be told. A path is followed for every optimizer from every start."""

    surface: str = choice("himmelblau", surfaces.NAMES, help="the function to descend")
    start: tuple[Point, ...] = starts(
        ((1.0, 0.0), (-4.0, 0.0), (4.0, 0.0)), help="where a path begins; give it again for another"
    )
    optimizer: tuple[str, ...] = choices(
        ("sgd",), optimizers.NAMES, help="the update rule; give it again to race several"
    )
    learning_rate: float = number(0.01, low=0.0, high=1e3, live=True, help="η, how far one step goes")
    steps: int = integer(200, low=1, high=100_000, unit="steps", help="how many steps each path takes")
    conditioning: float = number(
        10.0, low=1.0, high=1e4, help="κ, the bowl's largest curvature over its smallest (surface bowl)"
    )
