"""Streaming detector of the start of each arterial pulse, causal. Knows no ECG and no pump, yet must not count a balloon's upstroke.

The rise over the last 128 ms (slope sum, Zong 2003 CinC 30:259) must pass a share of the pulse, larger soon after a beat; and it must start
low: a systole starts from the end of a diastole, a balloon (or a dicrotic wave) from a pressure well above it or with a smaller rise. Low and
high are the medians of the extremes of five stretches of 1.2 s, so that one flush or zeroing moves neither. Units: mmHg, s; marks are
"samples before this one".
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record
from counterpulse.signals.filters import Boxcar, Thinner, boxcar, median, refill, samples, slide, thin, thinner, thinning

PAST = 127  # mask of the ring of smoothed samples: 0.25 s at the highest working rate
STRETCHES = 5

SMOOTH_S = 0.02
RISE_S = 0.128  # Zong 2003
STRETCH_S = 1.2  # holds a beat at 50 a minute or more
BLANK_S = 0.25  # pump.md 2.2: 300 ms in pressure mode; the trigger adds the rest
SETTLE_S = 0.15
SOON_SHARE, DUE_SHARE = 0.55, 0.4  # of the pulse: a rise must pass the one soon after a beat, the other when a beat is due (a dicrotic wave is small and soon)
SOON, DUE = 0.55, 0.8  # of the usual distance of beats
FOOT_SHARE = 0.4  # a systole starts in the lowest 40 % of the pulse
LEAST_mmHg = 4.0  # a smaller pulse is none (assumed; pump.md 2.1: threshold 7 to 30 mmHg)


class Onset(Record):
    """State of the detector. `smoothed_mmHg` is new whenever `new` is 1; `low_mmHg`, `high_mmHg` bound the pulse."""

    thin: Thinner
    smooth: Boxcar
    rise: Boxcar
    past: Annotated[NDArray[np.float64], Many(PAST + 1)] = 0.0  # pyright: ignore[reportAssignmentType]
    lows: Annotated[NDArray[np.float64], Many(STRETCHES)] = 0.0  # pyright: ignore[reportAssignmentType]
    highs: Annotated[NDArray[np.float64], Many(STRETCHES)] = 0.0  # pyright: ignore[reportAssignmentType]
    now: int = 0
    rise_n: int = 32
    stretch_n: int = 300
    blank_n: int = 62
    settle_n: int = 38
    stretches: int = 0
    low_now: float = 1e9
    high_now: float = -1e9
    low_mmHg: float = 0.0
    high_mmHg: float = 0.0
    last_n: int = -100000
    gap_n: float = 200.0  # usual distance of beats, working samples
    over: int = 0  # this rise has been judged; wait until it is over
    fresh: int = 1
    quiet_until: int = 0
    new: int = 0
    smoothed_mmHg: float = 0.0
    delay: float = 0.0


def pressure_onset(fs_hz: float) -> Onset:
    """A detector for a pressure sampled at `fs_hz` (125 to 1000)."""
    every = thinning(fs_hz)
    rate = fs_hz / every
    smooth = boxcar(samples(SMOOTH_S, rate))
    rise = boxcar(samples(RISE_S, rate))
    return Onset(
        thin=thinner(fs_hz), smooth=smooth, rise=rise, rise_n=rise.length, stretch_n=samples(STRETCH_S, rate), blank_n=samples(BLANK_S, rate),
        settle_n=samples(SETTLE_S, rate), gap_n=0.8 * rate, delay=(every - 1) / 2 + every * (smooth.length - 1) / 2,
    )  # fmt: skip


@inline
def find_onset(o: Onset, x: float) -> float:
    """Take one sample (mmHg, finite). Return how many samples ago the pulse started if it is known now, else -1."""
    o.new = 0
    if not thin(o.thin, x):
        return -1.0
    if o.fresh != 0:
        begin_again(o, o.thin.total)
    value = slide(o.smooth, o.thin.total)
    step = value - o.past[o.now & PAST]
    o.now += 1
    o.past[o.now & PAST] = value
    o.smoothed_mmHg = value
    o.new = 1
    rise = slide(o.rise, step if step > 0.0 else 0.0) * o.rise_n
    bound(o, value)
    pulse = o.high_mmHg - o.low_mmHg
    least = max(share(o) * pulse, LEAST_mmHg)
    if rise < 0.5 * least:
        o.over = 0
    if rise < least or o.over != 0 or o.stretches == 0 or o.now < o.quiet_until:
        return -1.0
    o.over = 1
    return foot(o, pulse)


@inline
def share(o: Onset) -> float:
    """Share of the pulse that a rise must pass now."""
    age = (o.now - o.last_n) / o.gap_n
    if age <= SOON:
        return SOON_SHARE
    if age >= DUE:
        return DUE_SHARE
    return SOON_SHARE + (DUE_SHARE - SOON_SHARE) * (age - SOON) / (DUE - SOON)


@inline
def begin_again(o: Onset, x: float) -> None:
    """After a gap: no step, no rise, a moment of silence."""
    refill(o.smooth, x)
    refill(o.rise, 0.0)
    for i in range(PAST + 1):
        o.past[i] = x
    o.quiet_until = o.now + o.settle_n
    o.fresh = 0


@inline
def bound(o: Onset, value: float) -> None:
    """Follow the lowest and highest pressure of each stretch; at its end take the medians of the last five."""
    o.low_now = min(o.low_now, value)
    o.high_now = max(o.high_now, value)
    if o.now % o.stretch_n != 0:
        return
    o.lows[o.stretches % STRETCHES] = o.low_now
    o.highs[o.stretches % STRETCHES] = o.high_now
    o.stretches += 1
    n = min(o.stretches, STRETCHES)
    o.low_mmHg = median(o.lows, n)
    o.high_mmHg = median(o.highs, n)
    o.low_now = value
    o.high_now = value


@inline
def foot(o: Onset, pulse: float) -> float:
    """Where the steepest slope, carried on downwards, meets the lowest pressure before it; -1 if this is no systole."""
    lowest = o.past[o.now & PAST]
    steepest = 0.0
    at = 0
    for back in range(1, o.rise_n + 8):
        here = o.past[(o.now - back) & PAST]
        slope = o.past[(o.now - back + 1) & PAST] - here
        if slope > steepest:
            steepest = slope
            at = back
        if here < lowest:
            lowest = here
    if lowest > o.low_mmHg + FOOT_SHARE * pulse or steepest <= 0.0:
        return -1.0
    above = (o.past[(o.now - at) & PAST] + 0.5 * steepest - lowest) / steepest
    age = min(at - 0.5 + above, 1.0 * o.rise_n)
    if o.now - age - o.last_n < o.blank_n:
        return -1.0
    gap = o.now - age - o.last_n
    if gap < 2.5 * o.gap_n:
        o.gap_n += 0.2 * (gap - o.gap_n)
    o.last_n = int(o.now - age)
    return age * o.thin.every + o.delay
