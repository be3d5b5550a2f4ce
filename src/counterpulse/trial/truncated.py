"""Measured outcomes that death cuts short: survivors only (labelled), a composite in which death is worst, and bounds for those who always survive.

Bounds for the mean difference among participants who would survive in either arm (Zhang and Rubin 2003, J Educ Behav Stat 28:353; trimming as
Lee 2009, Rev Econ Stud 76:1071): with monotonicity only the arm with more survivors is trimmed; without it the least share of always-survivors
that the data allow is taken in both. Bounds are of the data; they carry no confidence interval. Values in the column's unit.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.stats import continuous
from counterpulse.trial.endpoints import first_times, measured
from counterpulse.trial.estimate import plain
from counterpulse.trial.question import Question

Floats = NDArray[np.float64]


class Truncated(NamedTuple):
    """How many died before the value, and three answers that do not pretend that nobody did."""

    endpoint: str
    died: dict[str, int]
    unmeasured: dict[str, int]
    survivors: tuple[float, float, float, float]
    composite_p: float
    composite_win: float
    bounds: tuple[float, float]
    bounds_monotone: tuple[float, float]
    sentences: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The answers as JSON holds them."""
        return {key: plain(value) for key, value in self._asdict().items()}


def truncated_by_death(question: Question) -> Truncated | None:
    """The three answers for a measured endpoint; None when nobody without a value died."""
    members = question.cohort.members(question.population)
    value = measured(members, question.estimand.endpoint)
    group = members["group"].to_numpy()
    dead = np.isfinite(first_times(question.cohort, members, ("death",))) & np.isnan(value)
    if not dead.any():
        return None
    known = np.isfinite(value)
    parts = [value[known & (group == arm)] for arm in (1, 0)]
    test = continuous.t_test(parts[0], parts[1], level=question.planned.level)
    worst = _worst(value, dead, higher=question.estimand.higher_is_better)
    kept = np.isfinite(worst)
    ranked = continuous.wilcoxon(worst[kept & (group == 1)], worst[kept & (group == 0)])
    died = {question.cohort.name(arm): int((dead & (group == arm)).sum()) for arm in (1, 0)}
    unmeasured = {question.cohort.name(arm): int((~known & ~dead & (group == arm)).sum()) for arm in (1, 0)}
    alive = [1 - float((dead & (group == arm)).sum()) / float((group == arm).sum()) for arm in (1, 0)]
    return Truncated(
        question.estimand.endpoint,
        died,
        unmeasured,
        (float(test.estimate), float(test.lower), float(test.upper), float(test.p)),
        float(ranked.p),
        float(ranked.pairs_won),
        bounds(parts, alive, monotone=False),
        bounds(parts, alive, monotone=True),
        _sentences(died, unmeasured),
    )


def _sentences(died: dict[str, int], unmeasured: dict[str, int]) -> tuple[str, ...]:
    gone = ", ".join(f"{n} in arm {arm}" for arm, n in died.items())
    lost = ", ".join(f"{n} in arm {arm}" for arm, n in unmeasured.items())
    return (
        f"Died before the value: {gone}; alive without a value: {lost}.",
        "The difference in survivors compares selected participants, not the arms as randomised.",
        "The composite ranks death below every value; it is a test of both together, over all with a value or a death.",
        "The bounds hold for participants who would survive in either arm; those alive without a value are taken to resemble those with one.",
    )


def _worst(value: Floats, dead: NDArray[np.bool_], *, higher: bool) -> Floats:
    known = value[np.isfinite(value)]
    floor = known.min() - 1 if higher else known.max() + 1
    return np.where(dead, floor, value)


def bounds(parts: list[Floats], alive: list[float], *, monotone: bool) -> tuple[float, float]:
    """Lowest and highest mean difference among always-survivors; NaN when the data allow that there are none."""
    always = min(alive) if monotone else max(0.0, sum(alive) - 1)
    shares = [min(1.0, always / share) if share > 0 else 0.0 for share in alive]
    if min(shares) <= 0:
        return math.nan, math.nan
    (low1, high1), (low0, high0) = (_trimmed(np.sort(part), share) for part, share in zip(parts, shares, strict=True))
    return low1 - high0, high1 - low0


def _trimmed(ordered: Floats, share: float) -> tuple[float, float]:
    """Mean of the lowest and of the highest share of the values, the value at the edge counted in part."""
    weight = share * len(ordered)
    whole = math.floor(weight + 1e-9)
    rest = weight - whole
    means = []
    for values in (ordered, ordered[::-1]):
        total = values[:whole].sum() + (rest * values[whole] if whole < len(values) else 0.0)
        means.append(float(total / weight))
    return means[0], means[1]
