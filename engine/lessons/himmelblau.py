"""Lesson 5: descent on a surface, Himmelblau's by default, from several starts and with several optimizers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine import descent, race, surfaces
from engine.events import Learned, Remark
from engine.lesson import Lesson, Point, Run, choice, number, starts
from engine.race import RaceSettings


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
            chosen = surfaces.surface(name, float(given.get("conditioning", "10")))
        except (ValueError, ZeroDivisionError):  # the conditioning's own check will say so
            return {}
        texts = {
            "start": ";".join(f"{x:g},{y:g}" for x, y in chosen.starts),
            "learning_rate": f"{chosen.learning_rate:g}",
        }
        return {name: text for name, text in texts.items() if name not in given}


def run(settings: HimmelblauSettings) -> Run[HimmelblauSettings]:
    """Descend the surface from every start with every optimizer."""
    surface = surfaces.surface(settings.surface, settings.conditioning)
    yield Remark(
        f"{surface.label}: {surface.formula}. A step goes downhill by η times the gradient, η = learning rate."
    )
    yield surface.drawn(parameters={"conditioning": settings.conditioning} if surface.id == "bowl" else {})
    field = race.Field((surface.id, surface.formula), descent.surface_objective(surface), surface.minima, 2)
    ended = yield from race.follow(field, settings)
    yield Learned(race.in_words(ended, settings, has_minimum=bool(surface.minima)))


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
        "engine.descent:Program",
        "engine.optimizers:build",
        "engine.race:follow",
    ),
)
