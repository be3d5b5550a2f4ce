"""Takes the chance of an irregular rhythm out of a patient's means: control variates.

In fibrillation every R-R interval is made from a counted draw of mean 0 and SD 1, independent of all others (`noise.normal`). So the draws around a beat,
their squares less 1 and the products of neighbours have a mean that is known to be 0, whatever the reflex makes of the rate. How a number hangs on them is
found by regression over the contractions seen, and its mean is moved to where theirs would be 0. What is left varies several times less.

A contraction that ejects nothing counts as one: means over beats that eject are ratios, moved in numerator and denominator. Standard errors hold for
numbers that remember each other (Newey and West 1987 Econometrica 55:703). Knows arrays only.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.body.intervals import interval_draws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LAGS = 5  # draws that a contraction is told by: that of the interval after it, and four before
SQUARED = (1, 2, 3)  # of these also the square
PAIRED = ((1, 2), (2, 3))  # and of these the product
TERMS = LAGS + len(SQUARED) + len(PAIRED)
LEAST = 6 * TERMS  # contractions from which on a regression is believed
MEMORY = 8  # contractions that remember each other
LEAST_SHARE = 0.25  # of the variance that contractions without memory would have: memory may halve the standard error, no more


class Seen(NamedTuple):
    """Contractions by number, and for each number of `run` what the contraction showed; NaN where it ejected nothing."""

    number: Ints
    columns: dict[str, Floats]


def gathered(windows: list[tuple[Ints, int, dict[str, Floats]]]) -> Seen:
    """Contractions of several stretches: numbers of those that ejected, the number after the last, and their columns."""
    numbers = [np.arange(own[0], end) for own, end, _ in windows]
    columns: dict[str, Floats] = {}
    for key in windows[0][2]:
        parts = [np.full(len(number), np.nan) for number in numbers]
        for part, (own, _, table) in zip(parts, windows, strict=True):
            part[own - own[0]] = table[key]
        columns[key] = np.concatenate(parts)
    return Seen(np.concatenate(numbers), columns)


def terms(seed: int, number: Ints) -> Floats:
    """What is known to have mean 0: a column of ones, then one column a term; contractions x (1 + TERMS)."""
    first, last = int(number.min()) - LAGS, int(number.max())
    drawn = np.empty(last - first + 1)
    interval_draws(seed, first, drawn)
    z = [drawn[number - 1 - lag - first] for lag in range(LAGS)]
    return np.column_stack([np.ones(len(number)), *z, *(z[k] * z[k] - 1.0 for k in SQUARED), *(z[j] * z[k] for j, k in PAIRED)])


def enough(seen: Seen) -> bool:
    """Whether so many contractions can tell how they hang on the draws."""
    return len(seen.number) >= LEAST


def moved(seen: Seen, known: Floats, keys: list[str]) -> tuple[dict[str, float], Floats]:
    """Means over beats that eject, moved to where the terms' means are 0; and what is left of the first number, contraction by contraction, over its mean."""
    values = np.column_stack([seen.columns[key] for key in keys])
    there = np.isfinite(values)
    share = there.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        plain = np.where(there, values, 0.0).sum(axis=0) / there.sum(axis=0)
        away = np.where(there, values - plain, 0.0)
        slopes = np.linalg.solve(known.T @ known, known.T @ away)
        means = plain + slopes[0] / share
    left = (away[:, 0] - known @ slopes[:, 0]) / (share[0] * max(abs(float(means[0])), 1e-9))
    return dict(zip(keys, means.tolist(), strict=True)), left


def standard_error(left: Floats, used: int) -> float:
    """Standard error of the mean of residuals that remember each other, `used` coefficients fitted."""
    count = len(left)
    plain = float(left @ left) / count
    variance = plain + sum(2.0 * (1.0 - lag / MEMORY) * float(left[lag:] @ left[:-lag]) / count for lag in range(1, MEMORY))
    return float(np.sqrt(max(variance, LEAST_SHARE * plain) / (count - used)))
