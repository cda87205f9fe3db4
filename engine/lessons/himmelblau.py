"""Lesson 5: descent on a surface, Himmelblau's by default, from several starts and with several optimizers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine import descent, race, surfaces
from engine.errors import SettingError
from engine.events import Learned, Remark
from engine.lesson import Lesson, Run
from engine.params import Point
from engine.race import RaceSettings
from engine.race_words import in_words, rules
from engine.settings import choice, number, param_of, starts
from engine.stability import plain_surface


@dataclass(frozen=True, kw_only=True)
class HimmelblauSettings(RaceSettings):
    """What a descent on a surface can be told. Another surface brings its own starts and rate."""

    surface: str = choice("himmelblau", surfaces.NAMES, help="the function to descend")
    start: tuple[Point, ...] = starts(
        ((1.0, 0.0), (-4.0, 0.0), (4.0, 0.0)), help="where a path begins; give it again for another"
    )
    conditioning: float = number(
        10.0, low=1.0, high=1e4, help="κ, the bowl's largest curvature over its smallest (surface bowl)"
    )

    @classmethod
    def suggested(cls, given: Mapping[str, str]) -> dict[str, str]:
        """The starts and the rate that suit the surface chosen, where they are not given."""
        name = given.get("surface", "himmelblau").strip()
        if name == "himmelblau" or name not in surfaces.NAMES:
            return {}
        try:
            conditioning = param_of(cls, "conditioning").parse(given.get("conditioning", "10"))
        except SettingError:  # it will be said of the conditioning itself, and not of what follows from it
            return {}
        chosen = surfaces.surface(name, conditioning)
        texts = {
            "start": ";".join(f"{x:g},{y:g}" for x, y in chosen.starts),
            "learning_rate": f"{chosen.learning_rate:g}",
        }
        return {name: text for name, text in texts.items() if name not in given}


def run(settings: HimmelblauSettings) -> Run[HimmelblauSettings]:
    """Descend the surface from every start with every optimizer."""
    surface = surfaces.surface(settings.surface, settings.conditioning)
    yield Remark(
        f"{surface.label}: {surface.formula}. Downhill is against the gradient g, and the learning rate η says how "
        f"far. {rules(settings.optimizer)}"
    )
    yield surface.drawn()
    field = race.Field(
        key=surface.key,
        objective=descent.surface_objective(surface),
        plain=plain_surface(surface),
        minima=surface.minima,
        dimensions=2,
        endless=surface.endless,
    )
    ended = yield from race.follow(field, settings)
    yield Learned(in_words(field, ended))


LESSON = Lesson(
    number=5,
    id="himmelblau",
    title="Himmelblau",
    summary="descent on a surface with four minima, from several starts",
    settings=HimmelblauSettings,
    run=run,
    code=(
        "engine.surfaces:_himmelblau",
        "engine.descent:descend",
        "engine.descent:value_and_gradient",
        "engine.descent:Program",
        "engine.optimizers:build",
        "engine.race:follow",
    ),
)
