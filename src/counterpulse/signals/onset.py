"""Streaming detector of the start of each arterial pulse, causal. Knows no ECG and no pump, yet must not count a balloon's upstroke.

The rise over the last 128 ms (slope sum, Zong 2003 CinC 30:259) must pass a share of the usual rise (the second largest of the last five), and it must start
low: a systole starts from the end of a diastole, a balloon or a dicrotic wave from a pressure well above the foot before it, measured by the pulse
under way, so that breathing moves nothing. Waves that come after each upstroke are learned as well, how high they rise and how late: while they may
come, a pulse must rise well above them. Of two upstrokes soon after one another the systole starts lower and rises more: should the detector have
taken the other one, it is put right there. A weak systole on which the balloon's rise stands at once is dated by its own foot. The usual distance of
beats is that of strong pulses only. Low and high are the medians of the extremes of five stretches of 1.2 s, so that one flush or zeroing moves neither.
Units: mmHg, s; marks are "samples before this one".
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record
from counterpulse.signals.filters import Boxcar, Thinner, boxcar, median, refill, samples, slide, thin, thinner, thinning

PAST = 127  # mask of the ring of smoothed samples: 0.25 s at the highest working rate, 0.5 s at 250 Hz
STRETCHES = 5
KEPT = 5  # rises remembered

SMOOTH_S = 0.02
RISE_S = 0.128  # Zong 2003
STRETCH_S = 1.2  # holds a beat at 50 a minute or more
BLANK_S = 0.25  # pump.md 2.2: 300 ms in pressure mode; the trigger adds the rest
SETTLE_S = 0.15
ABOVE_WAVE, MOST_SHARE = 1.5, 0.85  # times the usual second wave, at most this share of the usual rise: needed while that wave may come (assumed)
WAVE_LATE, WAVE_OVER = 1.3, 1.6  # of the usual time of that wave: it may still come, it comes no more (assumed)
WAVE_SHARE = 0.15  # of the usual rise: a wave whose time is learned (assumed)
SHARE = 0.45  # of the usual rise: what a rise must pass (assumed)
SOON, DUE = 0.55, 0.9  # of the usual distance of beats
FORGET, LEAST_SHARE = 0.25, 0.3  # of what is needed: given up for each distance waited beyond that, and kept (assumed)
LEAST_GAP_S = 0.5  # beats are not due sooner (assumed: a dicrotic wave or balloon comes 0.2 to 0.35 s after the upstroke)
STRONG = 0.7  # of the usual rise: a pulse by which the distance of beats is learned
MORE, LOWER = 1.3, 0.05  # of the rise before, of the pulse above its foot: what puts right a wave that was taken for a systole (assumed)
FOOT_SOON, FOOT_DUE = 0.4, 0.8  # a systole starts in this lowest part of the pulse before it: soon after it, and when one is due (assumed)
STEP_S, STEPS_S = 0.06, 0.34  # a weak upstroke, and how long before the balloon's steepest rise it may have begun (assumed)
STEP_SHARE, DIP_mmHg = 0.2, 0.5  # of the balloon's slope; between the two the pressure may fall by half of the first and this (assumed)
APART = 0.05  # of the pulse's rise: a second wave has begun (assumed)
MISSING = 1.6  # of the usual distance: the pulse before is no measure any more (assumed)
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
    step_n: int = 15
    steps_n: int = 85
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
    last_peak_mmHg: float = 0.0  # highest since
    waves: Annotated[NDArray[np.float64], Many(KEPT)] = 0.0  # pyright: ignore[reportAssignmentType]
    usual_wave: float = 0.0  # rise of the usual second wave
    wave: float = 0.0  # the largest since the last pulse
    wave_at_n: int = 0  # and how long after that it rose
    wave_n: float = 0.0  # usually
    wave_peak: float = 0.0  # of the rise under way
    wave_peak_n: int = 0
    wave_low: float = 0.0  # least rise since the upstroke
    apart: int = 0  # 1: the upstroke is over, what rises now is a second wave
    over: int = 0  # this rise has been judged; wait until it is over
    fresh: int = 1
    own_n: int = -1  # whoever knows of a wave of his own says until which working sample: no pulse starts before
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
        settle_n=samples(SETTLE_S, rate), step_n=samples(STEP_S, rate), steps_n=min(samples(STEPS_S, rate), PAST - 4),
        gap_n=0.8 * rate, least_gap_n=LEAST_GAP_S * rate, delay=(every - 1) / 2 + every * (smooth.length - 1) / 2,
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
    o.last_peak_mmHg = max(o.last_peak_mmHg, value)
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
        between(o, rise)
        return
    o.rise_peak = max(o.rise_peak, rise)
    o.follow_n -= 1
    o.wave_low = rise
    if o.follow_n == 0:
        if o.pulses >= KEPT and o.rise_peak < STRONG * o.usual_rise and o.last_n - o.strong_n < o.least_gap_n:
            if o.rise_peak > o.wave:  # so soon and so weak it may have been a second wave: it teaches no height
                o.wave = o.rise_peak
                o.wave_at_n = o.last_n - o.strong_n + o.rise_n // 2
            return
        learn_wave(o)
        o.rises[o.pulses % KEPT] = o.rise_peak
        o.pulses += 1
        o.usual_rise = second(o.rises, min(o.pulses, KEPT))
        if o.rise_peak >= STRONG * o.usual_rise:
            gap = o.last_n - o.strong_n
            if gap < 2.5 * o.gap_n:
                o.gap_n += 0.2 * (gap - o.gap_n)
            o.strong_n = o.last_n


@inline
def learn_wave(o: Onset) -> None:
    """A sure pulse ends the stretch in which second waves came: the largest of them is kept."""
    o.waves[o.pulses % KEPT] = o.wave
    o.usual_wave = median(o.waves, min(o.pulses + 1, KEPT))
    if o.wave > WAVE_SHARE * o.usual_rise:
        o.wave_n += (o.wave_at_n - o.wave_n) / min(o.pulses + 1, KEPT)
    o.wave = 0.0


@inline
def between(o: Onset, rise: float) -> None:
    """The largest rise between two upstrokes that is over before the next begins: a balloon's, a dicrotic wave."""
    if o.apart == 0:
        o.wave_low = min(o.wave_low, rise)
        o.apart = 1 if rise > o.wave_low + APART * o.rise_peak else 0
        o.wave_peak = rise
    elif rise > o.wave_peak:
        o.wave_peak = rise
        o.wave_peak_n = o.now - o.rise_n // 2 - o.last_n
    elif rise < 0.5 * o.wave_peak:
        if o.wave_peak > o.wave and o.wave_peak_n < o.least_gap_n:
            o.wave = o.wave_peak
            o.wave_at_n = o.wave_peak_n
        o.wave_peak = rise


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
    waited = max(1.0 - FORGET * max(due(o) - MISSING, 0.0), LEAST_SHARE)
    return max(SHARE * usual * waited, min(ABOVE_WAVE * o.usual_wave, MOST_SHARE * usual) * wave_time(o))


@inline
def wave_time(o: Onset) -> float:
    """1 while the usual second wave may come, 0 once its time is over."""
    over = (o.now - o.rise_n // 2 - o.last_n) / max(o.wave_n, 1.0)
    return min(max((WAVE_OVER - over) / (WAVE_OVER - WAVE_LATE), 0.0), 1.0) if o.pulses >= KEPT else 0.0


@inline
def due(o: Onset) -> float:
    """From the start of the last pulse to that of what rises now, about half a window ago, of the usual distance."""
    return (o.now - o.rise_n // 2 - o.last_n) / max(o.gap_n, o.least_gap_n)


@inline
def lateness(o: Onset) -> float:
    """0 soon after a pulse, 1 when the next is due."""
    return min(max((due(o) - SOON) / (DUE - SOON), 0.0), 1.0)


@inline
def starts_low(o: Onset, lowest: float) -> bool:
    """Whether a rise from `lowest` starts as low as a systole may, against the foot and the height of the pulse before."""
    share = FOOT_SOON + lateness(o) * (FOOT_DUE - FOOT_SOON)
    return o.pulses == 0 or due(o) > MISSING or lowest <= o.last_foot_mmHg + share * (o.last_peak_mmHg - o.last_foot_mmHg)


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
    lowest, at, steepest = climb(o, 0, o.rise_n + 8)
    if steepest <= 0.0:
        return -1.0
    age = min(tangent(o, lowest, at, steepest), 1.0 * o.rise_n)
    low, first_at, first = first_step(o, at, steepest)
    if first > 0.0 and o.now - tangent(o, low, first_at, first) > o.own_n:
        lowest = low
        age = tangent(o, low, first_at, first)
    better = more and lowest <= o.last_foot_mmHg + LOWER * pulse
    if o.now - age <= o.own_n:
        return -1.0
    if not starts_low(o, lowest) or not (enough or better) or o.now - age - o.last_n < (o.blank_n // 2 if better else o.blank_n):
        return -1.0
    o.last_n = int(o.now - age)
    o.last_foot_mmHg = lowest
    o.last_peak_mmHg = o.past[o.now & PAST]
    o.follow_n = o.rise_n
    o.rise_peak = 0.0
    o.apart = 0
    return age * o.thin.every + o.delay


@inline
def climb(o: Onset, since: int, until: int) -> tuple[float, int, float]:
    """Lowest pressure, steepest step upwards and the age of its beginning among the working samples `since` to `until` ago."""
    lowest = o.past[(o.now - since) & PAST]
    steepest = 0.0
    at = since
    for back in range(since + 1, until):
        here = o.past[(o.now - back) & PAST]
        slope = o.past[(o.now - back + 1) & PAST] - here
        if slope > steepest:
            steepest = slope
            at = back
        lowest = min(lowest, here)
    return lowest, at, steepest


@inline
def tangent(o: Onset, lowest: float, at: int, slope: float) -> float:
    """Age at which the step that began `at` working samples ago, carried on downwards, meets `lowest`."""
    return at - 0.5 + (o.past[(o.now - at) & PAST] + 0.5 * slope - lowest) / slope


@inline
def first_step(o: Onset, main_at: int, steepest: float) -> tuple[float, int, float]:
    """A weak systole on which the balloon's rise stands: lowest pressure, age and slope of its own upstroke; slope 0 where there is none."""
    here = o.past[o.now & PAST]
    low = here
    low_at = 0
    back = 1
    while back < o.steps_n and o.past[(o.now - back) & PAST] <= here:
        if o.past[(o.now - back) & PAST] < low:
            low = o.past[(o.now - back) & PAST]
            low_at = back
        back += 1
    if low_at - main_at < o.step_n:
        return low, 0, 0.0
    top = low
    for ago in range(low_at - main_at):
        value = o.past[(o.now - low_at + ago) & PAST]
        top = max(top, value)
        if top - value > 0.5 * (top - low) + DIP_mmHg:
            return low, 0, 0.0  # a wave of its own
    lowest, at, slope = climb(o, low_at - o.step_n, low_at + 1)
    flattest = slope
    for ago in range(main_at, at):
        flattest = min(flattest, o.past[(o.now - ago) & PAST] - o.past[(o.now - ago - 1) & PAST])
    return lowest, at, slope if slope >= STEP_SHARE * steepest and flattest < 0.5 * slope else 0.0
