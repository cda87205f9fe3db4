"""Sentences about the outcome of a race, built from its own numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.descent import optimizers, schedules
from engine.descent.race import ARRIVED, Ended, Field, fell, place
from engine.descent.stability import derivatives, resting_place
from engine.events import PathEnded

# A path that came no further than this share of its coordinates has hardly moved.
HARDLY = 0.01

# Two points of a path count as the same within this share of the distance between its steps.
_SAME = 1e-3

# Up to this many arrived paths are reported one by one.
TOLD = 3


def rules(names: Sequence[str]) -> str:
    """The update rules of the optimizers in `names`, one sentence each."""
    return " ".join(f"{optimizers.label(name)}: {optimizers.rule(name).update}." for name in names).replace("  ", " ")


def in_words(field: Field, ended: Ended) -> str:
    """Report the outcome of a race: which paths arrived, which diverged, and where the others ended."""
    if ended.rates == (0.0,):
        values = ", ".join(_number(end.value) for end in ended.paths[:4])
        return f"At learning rate 0 no step goes anywhere: every path is where it began, at f = {values}."
    lost = [end for end in ended.paths if end.diverged_step is not None]
    fallen = [end for end in lost if end.diverged_step and fell(field, ended.opened, end)]
    outside = [end for end in lost if end.path in ended.outside and end not in fallen]
    thrown = [end for end in lost if end.diverged_step and end not in fallen and end not in outside]
    kept = [end for end in ended.paths if end.diverged_step is None and end.minimum is None]
    rests = {end.path: resting_place(field.plain, end.point, ARRIVED) for end in kept}
    hops = {end: other for end in kept if rests[end.path] is None and (other := _other_side(field, ended, end))}
    said = (
        _arrived(ended, [end for end in ended.paths if end.minimum]),
        _unable(ended, [end for end in lost if end.diverged_step == 0 and end not in outside]),
        _outside(ended, outside),
        _fallen(ended, fallen),
        _thrown(ended, thrown),
        _resting(field, ended, [end for end in kept if rests[end.path] == "minimum"]),
        _on_floor(ended, [end for end in kept if rests[end.path] == "floor"]),
        _balanced(ended, [end for end in kept if rests[end.path] in ("saddle", "maximum")]),
        _stranded(ended, [end for end in kept if rests[end.path] is None and end.gradient_norm == 0.0]),
        _hopping(ended, list(hops.items())),
        _under_way(
            field,
            ended,
            [end for end in kept if rests[end.path] is None and end.gradient_norm > 0.0 and end not in hops],
        ),
    )
    return " ".join(sentence for sentence in said if sentence)


def _arrived(ended: Ended, arrived: Sequence[PathEnded]) -> str:
    if not arrived:
        return ""
    began = [end for end in arrived if not end.arrived_step]
    if len(ended.paths) == 1 and began:
        return f"The path began at the minimum {_reached(arrived)[0]} and stayed there {_rates(ended)}."
    one_rule = len(set(ended.opened.optimizers)) == 1
    said = _each(ended, arrived) if len(arrived) <= TOLD and one_rule and not began else _together(ended, arrived)
    return said + _what_decided(ended, arrived)


def _each(ended: Ended, arrived: Sequence[PathEnded]) -> str:
    """Report each path: from which start it came to which minimum, in how many steps."""
    first, *others = ((end.label, end.minimum.label if end.minimum else "", end.arrived_step or 0) for end in arrived)
    said = f"{first[0].capitalize()} the path arrived at the minimum {first[1]} in {_steps(first[2])}"
    said += "".join(f", {label} at {where} in {steps}" for label, where, steps in others)
    return f"{said}, by {optimizers.label(ended.opened.optimizers[0])} {_rates(ended)}."


def _together(ended: Ended, arrived: Sequence[PathEnded]) -> str:
    """Report how many paths arrived where, and the first and the last to arrive."""
    reached = _reached(arrived)
    where = f"the minimum {reached[0]}" if len(reached) == 1 else f"{len(reached)} different minima"
    first, last = (pick(arrived, key=lambda end: end.arrived_step or 0) for pick in (min, max))
    which = f", {first.label}," if len(arrived) == 1 < len(ended.paths) else ""
    said = f"{_count(arrived, ended)} arrived{which} at {where} {_rates(ended)}"
    if len(arrived) == 1:
        return said + (f" in {_steps(first.arrived_step)}." if first.arrived_step else ", where it began.")
    said += f": {', '.join(reached)}." if len(reached) > 1 else "."
    return (
        f"{said} The first was {first.label} in {_steps(first.arrived_step or 0)}, the last {last.label} in "
        f"{last.arrived_step}."
    )


def _what_decided(ended: Ended, arrived: Sequence[PathEnded]) -> str:
    """Say whether the start or the optimizer decided at which minimum a path ended."""
    if len(_reached(arrived)) == 1:
        return ""
    of_one_optimizer = {
        name: {end.minimum for end in arrived if ended.opened.optimizers[end.path] == name}
        for name in ended.opened.optimizers
    }
    if any(len(minima) > 1 for minima in of_one_optimizer.values()):
        return " Where a descent ends depends on where it starts: each minimum has its own basin."
    return " Where a descent ends depends on the optimizer too: from one start they ended at different minima."


def _reached(arrived: Sequence[PathEnded]) -> tuple[str, ...]:
    """The labels of the minima at which paths ended, without duplicates."""
    return tuple(dict.fromkeys(end.minimum.label for end in arrived if end.minimum))


def _unable(ended: Ended, unable: Sequence[PathEnded]) -> str:
    if not unable:
        return ""
    return (
        f"{_count(unable, ended)} could not begin: f is too large there for 32-bit arithmetic. "
        "Start nearer to the middle."
    )


def _outside(ended: Ended, outside: Sequence[PathEnded]) -> str:
    if not outside:
        return ""
    first = min(outside, key=lambda end: end.diverged_step or 0)
    if not first.diverged_step:
        return f"{_count(outside, ended)} could not begin: f is not defined there. Start where it is."
    before, began = first.diverged_step - 1, _number(ended.opened.values[first.path])
    said = f"f went from {began} to {_number(first.value)} in {_steps(before)}" if before else "at the first step"
    helps = (
        "A smaller rate helps" if ended.suggested_rate is not None else "No smaller rate that was tried keeps it there"
    )
    return f"{_count(outside, ended)} left the points where f is defined, {_rates(ended)}: {said}. {helps}."


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
    helps = " A smaller rate helps." if ended.suggested_rate is not None else ""
    if first.value < ended.opened.values[first.path]:  # it did not overshoot
        return f"{_count(thrown, ended)} diverged {_rates(ended)}: {said}; the next step is not finite.{helps}"
    return (
        f"{_count(thrown, ended)} diverged {_rates(ended)}: a step that overshoots lands where the slope is steeper "
        f"still. {said}.{helps}"
    )


def _resting(field: Field, ended: Ended, resting: Sequence[PathEnded]) -> str:
    if not resting:
        return ""
    best = min(resting, key=lambda end: end.value)
    kind, least = ("a minimum", "") if len(resting) == 1 else ("minima", "the best with ")
    lowest, known = min((minimum.value for minimum in field.minima), default=None), ""
    # The search may have missed the minimum at which a path ended.
    if lowest is not None and lowest < best.value:
        kind += f" that {'is' if len(resting) == 1 else 'are'} not the lowest"
        known = f", and the lowest is {_number(lowest)}"
    return (
        f"{_count(resting, ended)} came to rest in {kind}{':' if not least else ','} {least}f = {_number(best.value)} "
        f"at {place(_rounded(best.point))}{known}. A descent ends in the first hollow on its way."
    )


def _on_floor(ended: Ended, resting: Sequence[PathEnded]) -> str:
    if not resting:
        return ""
    best = min(resting, key=lambda end: end.value)
    return (
        f"{_count(resting, ended)} came to rest at {_places(resting)}, where f = {_number(best.value)}: the floor is "
        "level there, and the points beside are as low."
    )


def _balanced(ended: Ended, balanced: Sequence[PathEnded]) -> str:
    if not balanced:
        return ""
    return (
        f"{_count(balanced, ended)} stopped near {_places(balanced)}, where the gradient is 0 although it is not a "
        "minimum: a saddle or a hilltop holds a path that meets it exactly, and the smallest push sets it free."
    )


def _stranded(ended: Ended, stranded: Sequence[PathEnded]) -> str:
    if not stranded:
        return ""
    values = sorted({_number(end.value) for end in stranded}, key=len)
    value = f", where f = {values[0]}" if len(values) == 1 else ""
    return (
        f"{_count(stranded, ended)} found no slope at {_places(stranded)}{value}: in 32-bit arithmetic it is exactly "
        "0, and a step is the learning rate times 0."
    )


def _other_side(field: Field, ended: Ended, end: PathEnded) -> tuple[float, ...] | None:
    """The other point of a path that hops between two, from which plain descent returns to its end; None if it does not
    hop."""
    if ended.opened.optimizers[end.path] != "sgd" or len(ended.rates) != 1:
        return None
    here = np.array(end.point, np.float64)
    there = here - ended.rates[0] * derivatives(field.plain, here)[0]
    back = there - ended.rates[0] * derivatives(field.plain, there)[0]
    apart = np.linalg.norm(there - here)
    if not (apart > ARRIVED and np.linalg.norm(back - here) <= _SAME * apart):
        return None
    return tuple(float(part) for part in there)


def _hopping(ended: Ended, hops: Sequence[tuple[PathEnded, tuple[float, ...]]]) -> str:
    if not hops:
        return ""
    end, other = hops[0]
    verb = "hops" if len(hops) == 1 else "hop"
    return (
        f"{_count([each for each, _ in hops], ended)} {verb} from side to side {_rates(ended)}, between "
        f"{place(_rounded(end.point))} and {place(_rounded(other))}: each step overshoots, and f does not fall any "
        "further. With a smaller rate it can settle."
    )


def _under_way(field: Field, ended: Ended, under_way: Sequence[PathEnded]) -> str:
    if not under_way:
        return ""
    best = min(under_way, key=lambda end: end.value)
    goal = "at no minimum yet" if field.minima else "and no minimum is known"
    goal = "with no minimum to stop at" if field.endless and not field.minima else goal
    there = "f is" if len(under_way) == 1 else "the lowest of them is at f ="
    said = (
        f"{_count(under_way, ended)} {'was' if len(under_way) == 1 else 'were'} still under way after "
        f"{_steps(ended.steps)} {_rates(ended)}, {goal}: {there} {_number(best.value)}, where the slope is "
        f"{_number(best.gradient_norm)}."
    )
    if all(end.value >= ended.opened.values[end.path] for end in under_way):
        said += f" That is no lower than at the start: {_why_no_lower(ended, under_way)}."
    return said


def _why_no_lower(ended: Ended, under_way: Sequence[PathEnded]) -> str:
    """Say why paths end no lower than they began, from how far they came."""
    starts = ended.opened.starts
    came = [float(np.linalg.norm(np.array(end.point) - starts[end.path])) for end in under_way]
    if max(came) == 0.0:
        return "the steps are too short for 32-bit arithmetic"
    if max(came) < HARDLY * (1.0 + float(np.abs(starts).max())):
        return "where the slope is so small a step is short, and hardly anything has moved"
    return "the steps leap across the valley"


def _rounded(point: tuple[float, ...]) -> tuple[float, ...]:
    """Round a point to three decimals, without −0."""
    return tuple(round(part, 3) + 0.0 for part in point)


def _places(ends: Sequence[PathEnded]) -> str:
    """The different places, rounded, where paths ended: the first TOLD of them."""
    places = list(dict.fromkeys(place(_rounded(end.point)) for end in ends))
    told = places[:TOLD] + (["other places"] if len(places) > TOLD else [])
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _number(value: float) -> str:
    """Format a value with four significant digits, with U+2212 as the points have it and without −0."""
    return f"{float(value) + 0.0:.4g}".replace("-", "−", 1 if value < 0 else 0)


def _rates(ended: Ended) -> str:
    rates = [f"{rate:g}" for rate in ended.rates]
    named = "" if ended.schedule == schedules.CONSTANT else f" with the schedule {optimizers.label(ended.schedule)}"
    if len(rates) == 1:
        return f"at learning rate {rates[0]}{named}"
    few = f"at learning rates {', '.join(rates)}" if len(rates) <= 4 else f"at {len(rates)} learning rates in turn"
    return few + named


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"


def _count(some: Sequence[PathEnded], ended: Ended) -> str:
    total = len(ended.paths)
    if total == 1:
        return "The path"
    if len(some) == total:
        return "Both paths" if total == 2 else f"The {total} paths"
    return f"{len(some)} of {total} paths"
