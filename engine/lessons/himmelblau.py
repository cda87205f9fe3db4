"""Lesson 5: descent on a surface, Himmelblau's by default, from several starts and with several optimizers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.contents import heading
from engine.descent import chosen, compiled_descent, race, surfaces
from engine.descent.race import RaceSettings
from engine.descent.race_words import in_words, rules
from engine.descent.stability import plain_surface
from engine.errors import SettingError
from engine.events import Learned, Remark
from engine.lesson import Lesson, Run
from engine.own.paths import is_file
from engine.params import Point, Range
from engine.settings import Preparation, choice, domain, number, param_of, starts


@dataclass(frozen=True, kw_only=True)
class HimmelblauSettings(RaceSettings):
    """Settings of lesson 5. Each surface has its own default starts and rate."""

    surface: str = choice(
        "himmelblau", surfaces.NAMES, variables=chosen.SURFACE_OF, files=True, help="the function to descend"
    )
    start: tuple[Point, ...] = starts(((1.0, 0.0), (-4.0, 0.0), (4.0, 0.0)), help="where the paths begin")
    conditioning: float = number(
        10.0, low=1.0, high=1e4, help="κ, the bowl's largest curvature over its smallest (surface bowl)"
    )
    domain: tuple[Range, ...] = domain(dimensions=2, help="the part of the surface to draw")

    @classmethod
    def suggested(cls, given: Mapping[str, str]) -> dict[str, str]:
        """The starts and the rate that suit the chosen surface, unless they are given."""
        asked = None if {"start", "learning_rate"} <= given.keys() else cls._surface_of(given)
        if asked is None:
            return {}
        surface = chosen.surface_called(*asked)
        texts = {
            "start": ";".join(f"{x:g},{y:g}" for x, y in surface.starts),
            "learning_rate": f"{surface.learning_rate:g}",
        }
        return {name: text for name, text in texts.items() if name not in given}

    @classmethod
    def preparation(cls, given: Mapping[str, str]) -> Preparation | None:
        """The search for the minima of a typed surface."""
        asked = cls._surface_of(given)
        return None if asked is None else chosen.surface_search(*asked)

    @classmethod
    def _surface_of(cls, given: Mapping[str, str]) -> tuple[str, float, tuple[Range, ...]] | None:
        """The arguments of `surface_called`; None for Himmelblau's and for one that cannot be had before a run."""
        name = given.get("surface", "himmelblau").strip()
        if name == "himmelblau":
            return None
        try:
            name = param_of(cls, "surface").parse(name)
            conditioning = param_of(cls, "conditioning").parse(given.get("conditioning", "10"))
            shown = param_of(cls, "domain").parse(given.get("domain", "auto"))
        except SettingError:  # the error will be reported for `surface` itself, not for what follows from it
            return None
        return None if is_file(name) else (name, conditioning, shown)  # only a run runs a file


def run(settings: HimmelblauSettings) -> Run[HimmelblauSettings]:
    """Descend the surface from every start with every optimizer."""
    surface = chosen.surface_called(settings.surface, settings.conditioning, settings.domain)
    plain = plain_surface(surface)
    chosen.check_finite("--surface", surface.formula, plain, (surface.x_range, surface.y_range))
    found = chosen.search_words(surface)
    yield Remark(
        f"{surface.label}: {surface.formula}.{found} Downhill is against the gradient g; the step is the learning rate "
        f"η times g. {rules(settings.optimizer)}"
    )
    yield surface.drawn()
    field = race.Field(
        key=surface.key,
        objective=compiled_descent.surface_objective(surface),
        plain=plain,
        minima=surface.minima,
        dimensions=2,
        endless=surface.endless,
    )
    ended = yield from race.follow(field, settings)
    yield Learned(in_words(field, ended))


LESSON = Lesson(
    **vars(heading("himmelblau")),
    settings=HimmelblauSettings,
    run=run,
    code=(
        "engine.descent.surfaces:_himmelblau",
        "engine.descent.compiled_descent:descend",
        "engine.descent.compiled_descent:value_and_gradient",
        "engine.descent.stability:derivatives",
        "engine.descent.optimizers:build",
        "engine.descent.compiled_descent:Program",
        "engine.descent.race:follow",
    ),
)
