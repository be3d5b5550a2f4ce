"""Running sums over the last samples and the thinning of a fast stream to about 250 Hz. Knows nothing of what the numbers mean.

Every filter costs the same per sample whatever its length. Values must be finite: `quality` stands at the door. Units: those of the input.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record

WORK_HZ = 250.0  # detectors work near this rate; enough for 4 ms steps, and interpolation does the rest
MASK = 63  # a boxcar holds up to 64 samples


class Thinner(Record):
    """Mean of every `every` samples: 1000 Hz becomes 250 Hz, 125 to 499 Hz stay as they are."""

    every: int = 1
    count: int = 0
    total: float = 0.0


class Boxcar(Record):
    """Mean of the last `length` samples (at most 64), kept as a running sum."""

    ring: Annotated[NDArray[np.float64], Many(MASK + 1)] = 0.0  # pyright: ignore[reportAssignmentType]
    length: int = 1
    at: int = 0
    total: float = 0.0


def thinning(fs_hz: float) -> int:
    """How many samples at `fs_hz` make one at the working rate."""
    return max(1, int(fs_hz / WORK_HZ + 1e-9))


def samples(seconds: float, fs_hz: float) -> int:
    """The nearest whole number of samples, at least one."""
    return max(1, int(seconds * fs_hz + 0.5))


def thinner(fs_hz: float) -> Thinner:
    """A thinner for input at `fs_hz`."""
    return Thinner(every=thinning(fs_hz))


def boxcar(length: int) -> Boxcar:
    """A boxcar over `length` samples, 1 to 64."""
    return Boxcar(length=min(max(length, 1), MASK + 1))


@inline
def thin(t: Thinner, x: float) -> bool:
    """Take one sample; True when `t.total` has become the mean of a full group."""
    if t.count == 0:
        t.total = 0.0
    t.total += x
    t.count += 1
    if t.count < t.every:
        return False
    t.count = 0
    t.total /= t.every
    return True


@inline
def slide(b: Boxcar, x: float) -> float:
    """Take one sample and return the mean of the last `length`."""
    b.total += x - b.ring[(b.at - b.length) & MASK]
    b.ring[b.at] = x
    b.at = (b.at + 1) & MASK
    return b.total / b.length


@inline
def refill(b: Boxcar, x: float) -> None:
    """Forget the past: as if `x` had always been there."""
    for i in range(MASK + 1):
        b.ring[i] = x
    b.total = x * b.length


@inline
def median(values: NDArray[np.float64], n: int) -> float:
    """Median of the first `n` values; the lower one of two."""
    best = values[0]
    for i in range(n):
        below = 0
        for j in range(n):
            if values[j] < values[i] or (values[j] == values[i] and j < i):
                below += 1
        if below == (n - 1) // 2:
            best = values[i]
    return best
