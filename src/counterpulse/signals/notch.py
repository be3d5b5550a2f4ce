"""Finds the dicrotic notch after it has passed: the first true minimum after the systolic peak.

Knows no pump: whoever asks decides whether the minimum can be the valve's or is the balloon's own.

The valve closes before the minimum: in the simulated root pressures of all presets the flow passed zero 8 to 38 ms before the minimum and
-2 to 13 ms before the steepest descent ahead of it, so the latter (`closed_ago`) is what a pump should time by.

Works on the smoothed pressure of `onset`, at its working rate. A pulse without a minimum (over-damped line, shoulder) gives no notch.
Units: mmHg; marks are "working samples before this one".
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record
from counterpulse.signals.filters import samples, thinning

IDLE, RISING, FALLING = 0, 1, 2
PAST = 31  # mask of the ring of samples: 60 ms at the highest working rate
DESCENT_S = 0.06  # the steepest descent is looked for so far ahead of the minimum (assumed)

EARLIEST_S = 0.12  # after the onset: a dip before this is ringing (assumed; shortest ejection at 200/min is about 120 ms)
LATEST_S = 0.6
PEAK_SHARE = 0.08  # of the pulse: so far below the peak the peak has passed
REBOUND_SHARE = 0.02  # of the pulse: so far above the minimum the minimum has passed
REBOUND_mmHg = 0.4  # or this much, so that quantisation is no notch (assumed)


class Notch(Record):
    """State of the finder."""

    past: Annotated[NDArray[np.float64], Many(PAST + 1)] = 0.0  # pyright: ignore[reportAssignmentType]
    descent_n: int = 15
    stage: int = IDLE
    age_n: int = 0  # since the onset
    earliest_n: int = 30
    latest_n: int = 150
    pulse_mmHg: float = 0.0
    peak_mmHg: float = 0.0
    lowest_mmHg: float = 0.0
    lowest_age_n: int = 0
    closed_ago: float = -1.0  # steepest descent ahead of the last notch, working samples before the one that told


def notch_finder(fs_hz: float) -> Notch:
    """A finder for a pressure sampled at `fs_hz`, fed at the onset detector's working rate."""
    rate = fs_hz / thinning(fs_hz)
    return Notch(descent_n=min(samples(DESCENT_S, rate), PAST - 12), earliest_n=samples(EARLIEST_S, rate), latest_n=samples(LATEST_S, rate))


@inline
def begin_pulse(n: Notch, age_n: int, pulse_mmHg: float) -> None:
    """A pulse of the usual height `pulse_mmHg` began `age_n` working samples ago."""
    n.stage = RISING
    n.age_n = age_n
    n.pulse_mmHg = pulse_mmHg
    n.peak_mmHg = -1e9


@inline
def find_notch(n: Notch, p: float) -> int:
    """Take one smoothed working sample. Return how many of them ago the notch was if it is known now, else -1."""
    if n.stage == IDLE:
        return -1
    n.age_n += 1
    n.past[n.age_n & PAST] = p
    if n.age_n > n.latest_n:
        n.stage = IDLE
    elif n.stage == RISING or p > n.peak_mmHg:
        n.stage = RISING
        n.peak_mmHg = max(n.peak_mmHg, p)
        if p < n.peak_mmHg - PEAK_SHARE * n.pulse_mmHg:
            n.stage = FALLING
            n.lowest_mmHg = p
            n.lowest_age_n = n.age_n
    elif p <= n.lowest_mmHg:
        n.lowest_mmHg = p
        n.lowest_age_n = n.age_n
    elif p > n.lowest_mmHg + max(REBOUND_SHARE * n.pulse_mmHg, REBOUND_mmHg):
        if n.lowest_age_n < n.earliest_n:
            n.stage = RISING
            return -1
        n.stage = IDLE
        n.closed_ago = steepest(n)
        return n.age_n - n.lowest_age_n
    return -1


@inline
def steepest(n: Notch) -> float:
    """How many working samples ago the descent to the minimum was steepest."""
    best = 0.0
    at = n.lowest_age_n
    first = max(n.lowest_age_n - n.descent_n, n.age_n - PAST + 1, 1)
    for age in range(first, n.lowest_age_n + 1):
        step = n.past[age & PAST] - n.past[(age - 1) & PAST]
        if step < best:
            best = step
            at = age
    return n.age_n - at + 0.5
