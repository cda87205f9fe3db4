"""What a race showed, in sentences made from its own numbers."""

from __future__ import annotations

from collections.abc import Sequence

from engine import optimizers
from engine.events import PathEnded
from engine.race import ARRIVED, Ended, Field, fell, place
from engine.stability import resting_place

# A step that is shorter than this, in the domain's units, is lost in the rounding of coordinates near 1.
TINY = 1e-7


def rules(names: Sequence[str]) -> str:
    """The update rules of the optimizers in `names`, as sentences."""
    return " ".join(f"{name}: {optimizers.rule(name).update}." for name in names).replace("  ", " ")


def in_words(field: Field, ended: Ended) -> str:
    """What the paths of a race came to."""
    if ended.rates == (0.0,):
        values = ", ".join(_number(end.value) for end in ended.paths[:4])
        return f"At learning rate 0 no step goes anywhere: every path is where it began, at f = {values}."
    lost = [end for end in ended.paths if end.diverged_step is not None]
    kept = [end for end in ended.paths if end.diverged_step is None and end.minimum is None]
    rests = {end.path: resting_place(field.plain, end.point, ARRIVED) for end in kept}
    said = (
        _arrived(ended, [end for end in ended.paths if end.minimum]),
        _unable(ended, [end for end in lost if end.diverged_step == 0]),
        _fallen(ended, [end for end in lost if end.diverged_step and fell(field, ended.opened, end)]),
        _thrown(ended, [end for end in lost if end.diverged_step and not fell(field, ended.opened, end)]),
        _resting(field, ended, [end for end in kept if rests[end.path] == "minimum"]),
        _balanced(ended, [end for end in kept if rests[end.path] in ("saddle", "maximum")]),
        _stranded(ended, [end for end in kept if rests[end.path] is None and end.gradient_norm == 0.0]),
        _under_way(field, ended, [end for end in kept if rests[end.path] is None and end.gradient_norm > 0.0]),
    )
    return " ".join(sentence for sentence in said if sentence)


def _arrived(ended: Ended, arrived: Sequence[PathEnded]) -> str:
    if not arrived:
        return ""
    reached = tuple(dict.fromkeys(end.minimum.label for end in arrived if end.minimum))
    where = f"the minimum {reached[0]}" if len(reached) == 1 else f"{len(reached)} different minima"
    if len(ended.paths) == 1 and not arrived[0].arrived_step:
        return f"The path began in {where} and stayed there {_rates(ended)}."
    first, last = (pick(arrived, key=lambda end: end.arrived_step or 0) for pick in (min, max))
    said = f"{_count(arrived, ended)} reached {where} {_rates(ended)}"
    if len(arrived) == 1:
        said += f" in {_steps(first.arrived_step or 0)}." if first.arrived_step else ", where it began."
    else:
        said += f": {', '.join(reached)}." if len(reached) > 1 else "."
        said += f" The first was {first.label} in {_steps(first.arrived_step or 0)}, the last {last.label}"
        said += f" in {last.arrived_step}."
    if len(reached) == 1:
        return said
    of_one_optimizer = {
        name: {end.minimum for end in arrived if ended.opened.optimizers[end.path] == name}
        for name in ended.opened.optimizers
    }
    if any(len(minima) > 1 for minima in of_one_optimizer.values()):
        return said + " Where a descent ends depends on where it starts: each minimum has its own basin."
    return said + " Where a descent ends depends on the optimizer too: from one start they came to different minima."


def _unable(ended: Ended, unable: Sequence[PathEnded]) -> str:
    if not unable:
        return ""
    return (
        f"{_count(unable, ended)} could not begin: f is too large there for a number of 32 bits. "
        "Start nearer to the middle."
    )


def _fallen(ended: Ended, fallen: Sequence[PathEnded]) -> str:
    if not fallen:
        return ""
    deepest = min(fallen, key=lambda end: end.value)
    return (
        f"{_count(fallen, ended)} fell without end, to f = {_number(deepest.value)} by step "
        f"{(deepest.diverged_step or 1) - 1}: f has no lowest value there, and no learning rate gives it one."
    )


def _thrown(ended: Ended, thrown: Sequence[PathEnded]) -> str:
    if not thrown:
        return ""
    first = min(thrown, key=lambda end: end.diverged_step or 0)
    before = (first.diverged_step or 1) - 1
    said = f"f went from {_number(ended.opened.values[first.path])} "
    said += f"to {_number(first.value)} in {_steps(before)}" if before else "out of range in the first step"
    return (
        f"{_count(thrown, ended)} diverged {_rates(ended)}: a step that overshoots lands where the slope is steeper "
        f"still. {said}. A smaller rate mends that."
    )


def _resting(field: Field, ended: Ended, resting: Sequence[PathEnded]) -> str:
    if not resting:
        return ""
    best = min(resting, key=lambda end: end.value)
    kind, least = "a minimum that is not the lowest:", ""
    if len(resting) > 1:
        kind, least = "minima that are not the lowest,", "the best with "
    lowest = min((minimum.value for minimum in field.minima), default=None)
    known = "" if lowest is None else f", and the lowest is {_number(lowest)}"
    return (
        f"{_count(resting, ended)} came to rest in {kind} {least}f = {_number(best.value)} at "
        f"{place(_rounded(best.point))}{known}. Downhill ends in whatever hollow comes first."
    )


def _balanced(ended: Ended, balanced: Sequence[PathEnded]) -> str:
    if not balanced:
        return ""
    there = place(_rounded(balanced[0].point))
    return (
        f"{_count(balanced, ended)} came to where the gradient vanishes and yet no minimum is, near {there}: "
        "a saddle or a top holds whoever meets it exactly, and the least nudge frees it."
    )


def _stranded(ended: Ended, stranded: Sequence[PathEnded]) -> str:
    if not stranded:
        return ""
    end = stranded[0]
    return (
        f"{_count(stranded, ended)} found no slope at {place(_rounded(end.point))}, where f = {_number(end.value)}: "
        "it is 0 to 32 bits, and a step of any rate times 0 goes nowhere."
    )


def _under_way(field: Field, ended: Ended, under_way: Sequence[PathEnded]) -> str:
    if not under_way:
        return ""
    best = min(under_way, key=lambda end: end.value)
    goal = "with no minimum to stop at" if field.endless and not field.minima else "at no minimum yet"
    said = (
        f"{_count(under_way, ended)} {'was' if len(under_way) == 1 else 'were'} still under way after "
        f"{_steps(ended.steps)} {_rates(ended)}, {goal}; the lowest f was {_number(best.value)}, where the slope is "
        f"{_number(best.gradient_norm)}."
    )
    if all(end.value >= ended.opened.values[end.path] for end in under_way):
        longest = max(ended.rates) * max(1.0, *(end.gradient_norm for end in under_way))
        why = "are too short for 32 bits" if longest < TINY else "leap across the valley"
        said += f" That is no lower than at the start: the steps {why}."
    return said


def _rounded(point: tuple[float, ...]) -> tuple[float, ...]:
    """A point to three places, with no −0."""
    return tuple(round(part, 3) + 0.0 for part in point)


def _number(value: float) -> str:
    """Four digits, with a minus sign as the points have it and no −0."""
    return f"{float(value) + 0.0:.4g}".replace("-", "−", 1 if value < 0 else 0)


def _rates(ended: Ended) -> str:
    rates = [f"{rate:g}" for rate in ended.rates]
    if len(rates) == 1:
        return f"at learning rate {rates[0]}"
    return f"at learning rates {', '.join(rates)}" if len(rates) <= 4 else f"at {len(rates)} learning rates in turn"


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"


def _count(some: Sequence[PathEnded], ended: Ended) -> str:
    total = len(ended.paths)
    if total == 1:
        return "The path"
    if len(some) == total:
        return "Both paths" if total == 2 else f"The {total} paths"
    return f"{len(some)} of {total} paths"
