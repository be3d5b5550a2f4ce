"""Streaming detector of the start of each arterial pulse, causal. Knows no ECG and no pump, yet must not count a balloon's upstroke.

The rise over the last 128 ms (slope sum, Zong 2003 CinC 30:259) must pass a share: of the pulse soon after a beat, of the usual rise (the second
largest of the last five) once one is due; and it must start low: a systole starts from the end of a diastole, a balloon (or a dicrotic wave) from a
pressure well above it or with a smaller rise. Of two upstrokes soon after one another the systole starts lower and rises more: should the
detector have taken the other one, it is put right there. The usual distance of beats is that of strong pulses only, so that small waves between them
do not halve it. Low and high are the medians of the extremes of five stretches of 1.2 s, so that one flush or zeroing moves neither.
Units: mmHg, s; marks are "samples before this one".
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record
from counterpulse.signals.filters import Boxcar, Thinner, boxcar, median, refill, samples, slide, thin, thinner, thinning

PAST = 127  # mask of the ring of smoothed samples: 0.25 s at the highest working rate
STRETCHES = 5
KEPT = 5  # rises remembered

SMOOTH_S = 0.02
RISE_S = 0.128  # Zong 2003
STRETCH_S = 1.2  # holds a beat at 50 a minute or more
BLANK_S = 0.25  # pump.md 2.2: 300 ms in pressure mode; the trigger adds the rest
SETTLE_S = 0.15
SOON_SHARE, DUE_SHARE = 0.55, 0.45  # a rise must pass the one of the pulse soon after a beat, the other of the usual rise when one is due
SOON, DUE = 0.55, 0.9  # of the usual distance of beats
LEAST_GAP_S = 0.5  # beats are not due sooner (assumed: a dicrotic wave or balloon comes 0.2 to 0.35 s after the upstroke)
STRONG = 0.7  # of the usual rise: a pulse by which the distance of beats is learned
MORE, LOWER = 1.3, 0.05  # of the rise before, of the pulse above its foot: what puts right a wave that was taken for a systole (assumed)
FOOT_SHARE = 0.45  # a systole starts in the lowest part of the pulse
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
    least_gap_n: float = 125.0
    rises: Annotated[NDArray[np.float64], Many(KEPT)] = 0.0  # pyright: ignore[reportAssignmentType]
    pulses: int = 0
    usual_rise: float = 0.0
    rise_peak: float = 0.0  # how far the last pulse rose
    follow_n: int = 0  # working samples for which that is still followed
    strong_n: int = -100000  # onset of the last strong pulse
    last_foot_mmHg: float = 0.0
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
        settle_n=samples(SETTLE_S, rate), gap_n=0.8 * rate, least_gap_n=LEAST_GAP_S * rate, delay=(every - 1) / 2 + every * (smooth.length - 1) / 2,
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
    follow(o, rise)
    pulse = o.high_mmHg - o.low_mmHg
    need = max(needed(o, pulse), LEAST_mmHg)
    more = o.pulses > 0 and rise > MORE * o.rise_peak
    least = min(need, max(MORE * o.rise_peak, LEAST_mmHg)) if o.pulses > 0 else need
    if rise < 0.5 * least:
        o.over = 0
    if rise < least or o.over != 0 or o.stretches == 0 or o.now < o.quiet_until:
        return -1.0
    found = foot(o, pulse, more, rise >= need)
    o.over = 1 if found >= 0.0 else 0
    return found


@inline
def follow(o: Onset, rise: float) -> None:
    """How far this pulse rises; strong pulses tell the usual distance of beats."""
    if o.follow_n <= 0:
        return
    o.rise_peak = max(o.rise_peak, rise)
    o.follow_n -= 1
    if o.follow_n == 0:
        o.rises[o.pulses % KEPT] = o.rise_peak
        o.pulses += 1
        o.usual_rise = second(o.rises, min(o.pulses, KEPT))
        if o.rise_peak >= STRONG * o.usual_rise:
            gap = o.last_n - o.strong_n
            if gap < 2.5 * o.gap_n:
                o.gap_n += 0.2 * (gap - o.gap_n)
            o.strong_n = o.last_n


@inline
def second(values: NDArray[np.float64], n: int) -> float:
    """The second largest of the first `n` values: a lone artefact is not it, and small waves between large ones do not lower it."""
    most = values[0]
    next_most = 0.0
    for i in range(1, n):
        if values[i] > most:
            next_most = most
            most = values[i]
        elif values[i] > next_most:
            next_most = values[i]
    return next_most


@inline
def needed(o: Onset, pulse: float) -> float:
    """The rise that a pulse must pass now."""
    usual = min(o.usual_rise, pulse) if o.pulses >= KEPT else pulse
    age = (o.now - o.last_n) / max(o.gap_n, o.least_gap_n)
    late = min(max((age - SOON) / (DUE - SOON), 0.0), 1.0)
    return SOON_SHARE * pulse + late * (DUE_SHARE * usual - SOON_SHARE * pulse)


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
def foot(o: Onset, pulse: float, more: bool, enough: bool) -> float:
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
    better = more and lowest <= o.last_foot_mmHg + LOWER * pulse
    if lowest > o.low_mmHg + FOOT_SHARE * pulse or steepest <= 0.0 or not (enough or better):
        return -1.0
    above = (o.past[(o.now - at) & PAST] + 0.5 * steepest - lowest) / steepest
    age = min(at - 0.5 + above, 1.0 * o.rise_n)
    if o.now - age - o.last_n < (o.blank_n // 2 if better else o.blank_n):
        return -1.0
    o.last_n = int(o.now - age)
    o.last_foot_mmHg = lowest
    o.follow_n = o.rise_n
    o.rise_peak = 0.0
    return age * o.thin.every + o.delay
