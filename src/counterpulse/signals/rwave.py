"""Streaming R-wave detector: one ECG lead, one sample at a time, causal. Knows no rhythm beyond the last few beats and nothing of the pump.

What a QRS is and other waves are not: bent. The wave at each point is compared with the straight line between its neighbours 24 ms away
(a band-pass around 20 Hz that leaves out baseline and T waves as the square of their frequency), and the mean bend of 80 ms must pass a threshold
between those of other waves and of beats (Hamilton and Tompkins 1986 IEEE TBME 33:1157), which falls with the time since the last beat (as the
console code of pump.md 2.2 [R42] does). The R wave is the extremum that is bent most. A wave that is not like the lead's usual beats (`shapes`)
must be the stronger the noisier the lead is, for noise comes in all shapes but ectopic beats come in quiet leads too; and it is looked at again for as
long as it grows, for it may be the beginning of a beat.

`organised` says whether there are beats at all (`order`).
A mark comes about 50 ms after the peak, the crossing of the threshold (`rising`) before it. Units: mV, s; marks are "samples before this one".
"""

import math
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline, rare
from counterpulse.record import Many, Record
from counterpulse.signals.filters import Boxcar, Thinner, boxcar, refill, samples, slide, thin, thinner, thinning
from counterpulse.signals.order import SWING_S, Order, begin_order, order, watch_order
from counterpulse.signals.shapes import BEFORE_S, STEP_S, Shapes, compare, forget_shapes, keep

PAST = 255  # mask of the ring of smoothed samples: 0.5 s at the highest working rate

SMOOTH_S = 0.02  # first zero at 50 Hz
BEND_S = 0.024  # with SMOOTH_S a band-pass around 20 Hz, where QRS energy lies (Thakor 1984 IEEE TBME 31:702: 10 to 25 Hz)
ENERGY_S = 0.08  # a narrow QRS
SEARCH_S = 0.12  # the peak lies at most this far before the crossing
READY_S = 0.044  # the peak must have stood this long: twice BEND_S less a sample
CONFIRM_S = 0.012  # and nothing been bent more for this long
TALLER = 2.5  # unless the wave is leaving it by more than its bend so many times: a Q wave before its R
LATEST_S = 0.09  # and is taken at the latest this long after the crossing
BLANK_S = 0.2  # pump.md 2.2: QRS blanking 180 to 200 ms
# Up to here a wave must be half as bent as the beat before (slope in Pan and Tompkins 1985 IEEE TBME 32:230); in a fast heart the T wave comes sooner, as the
# root of R-R in s (Bazett 1920 Heart 7:353), unless a noisy lead shows a wave that is like no beat
T_WAVE_S = 0.36
LEARN_S = 1.6  # holds a beat at 40 a minute or more
SETTLE_S = 0.25  # after a gap
FLOOR_mV = 0.05  # mean bend of the smallest wave taken for a QRS, about 0.1 mV high (assumed)
LIKE, UNLIKE = 0.9, 0.5  # likeness of a usual beat, and of none (assumed)
STRANGE, MOST_STRANGE = 4.0, 1.0  # a wave unlike all others must pass so many thresholds more: times the lead's noisiness, and at most (assumed)
NOISY, MOST_SHARE = 1.5, 0.8  # the threshold lies so many spreads of other waves above them, at most this share of the way to the beats (assumed)
SLOPE_S = 0.028
START_SHARE = 0.15  # of the largest bend: where a QRS starts (assumed)
RISE_MOST_S = 0.15
# Where a wide QRS leaves the baseline it is bent as well, but left on one side only: a mark there would jump. Of its two sides over BEND_S the smaller is under
# this share of the other; its bend counts half; leads with more noise than this are full of corners that begin nothing (assumed)
CORNER, CORNER_COUNTS, CORNER_NOISE = 0.1, 0.5, 0.1
KEPT = 8  # beats that the level remembers


class RWave(Record):
    """State of the detector. `rising` is 1 from the crossing of the threshold to the mark; `peak_mV` how far the last R stood out."""

    thin: Thinner
    smooth: Boxcar
    energy: Boxcar
    shapes: Shapes
    order: Order
    past: Annotated[NDArray[np.float64], Many(PAST + 1)] = 0.0  # pyright: ignore[reportAssignmentType]
    peaks: Annotated[NDArray[np.float64], Many(KEPT)] = 0.0  # pyright: ignore[reportAssignmentType]
    now: int = 0  # working samples so far
    bend_n: int = 6
    slope_n: int = 7
    swing_n: int = 25
    rise_most_n: int = 37
    work_s: float = 0.004
    search_n: int = 30
    ready_n: int = 11
    confirm_n: int = 3
    latest_n: int = 22
    blank_n: int = 50
    t_wave_n: int = 90  # at the present rate
    t_wave_most_n: int = 90
    learn_n: int = 400
    first_n: int = 400
    settle_n: int = 62
    level: float = 0.0  # energy of a typical QRS
    noise: float = 0.0  # energy of a typical wave that is none
    noise_spread: float = 0.0  # and how far such waves lie from it
    organised: int = 1  # 0: no beats to tell from the waves between them (`order`)
    rr_n: float = 200.0  # typical distance of beats
    bent: float = 0.0  # largest bend of the last QRS
    most_bent: float = 0.0  # and of the one under way
    strongest: float = 0.0  # energy of the one under way
    growing: int = 0  # 1: and still rising
    refused: float = 0.0  # energy of the last one that was no beat: what follows must exceed it, or come after a pause
    last_n: int = -100000  # last R
    crossed_n: int = -1
    best_n: int = 0
    best_mV: float = 0.0
    corner: int = 0  # 1: that is a corner, which is left on one side only
    higher_n: int = 0  # when something was last bent more than the best
    rising: int = 0
    in_qrs: int = 0  # working samples for which the energy peak is still followed
    energy_peak: float = 0.0
    noise_peak: float = 0.0
    peak_mV: float = 0.0
    width_s: float = 0.08  # of the last QRS
    beats: int = 0
    quiet_until: int = 0
    fresh: int = 1
    delay: float = 0.0  # of the smoothed signal behind the raw, input samples


def r_wave(fs_hz: float) -> RWave:
    """A detector for a lead sampled at `fs_hz` (125 to 1000)."""
    every = thinning(fs_hz)
    rate = fs_hz / every
    smooth = boxcar(samples(SMOOTH_S, rate))
    times: dict[str, float] = {
        "bend_n": BEND_S, "slope_n": SLOPE_S, "swing_n": SWING_S, "rise_most_n": RISE_MOST_S, "search_n": SEARCH_S, "ready_n": READY_S,
        "confirm_n": CONFIRM_S, "latest_n": LATEST_S, "blank_n": BLANK_S, "t_wave_n": T_WAVE_S, "t_wave_most_n": T_WAVE_S, "learn_n": LEARN_S,
        "first_n": LEARN_S, "settle_n": SETTLE_S, "rr_n": 0.8,
    }  # fmt: skip
    return RWave(
        thin=thinner(fs_hz), smooth=smooth, energy=boxcar(samples(ENERGY_S, rate)), work_s=1.0 / rate,
        order=order(rate), shapes=Shapes(before_n=samples(BEFORE_S, rate), stride=rate * STEP_S),
        delay=(every - 1) / 2 + every * (smooth.length - 1) / 2, **{name: samples(seconds, rate) for name, seconds in times.items()},  # pyright: ignore[reportArgumentType]
    )  # fmt: skip


@inline
def find_r(r: RWave, x: float) -> float:
    """Take one sample (mV, finite). Return how many samples ago the R wave peaked if it is marked now, else -1."""
    if not thin(r.thin, x):
        return -1.0
    value = slide(r.smooth, r.thin.total)
    r.now += 1
    if r.fresh != 0:
        start_afresh(r, r.thin.total)
        value = r.thin.total
    r.past[r.now & PAST] = value
    energy = slide(r.energy, bend_at(r, r.now - r.bend_n))
    if r.now < r.quiet_until:
        return -1.0
    watch_order(r.order, energy, abs(value - r.past[(r.now - r.swing_n) & PAST]))
    r.organised = r.order.organised
    if r.beats == 0 and r.now < r.learn_n:
        r.level = max(r.level, energy)
        r.noise += (energy - r.noise) * 0.01
        r.last_n = r.now - r.blank_n
        return -1.0
    follow_level(r, energy)
    if r.rising == 0:
        if energy < 0.5 * r.refused:
            r.refused = 0.0
        if energy <= max(threshold(r), r.refused) or r.now - r.last_n < r.blank_n:
            return -1.0
        cross(r)
    r.growing = 1 if energy > r.strongest else 0
    if r.corner == 0 or r.now - r.best_n < r.ready_n:  # what else comes while it is waited for makes it no stronger
        r.strongest = max(r.strongest, energy)
    weigh(r, r.now - r.bend_n)
    return mark(r) if decided(r, value) else -1.0


@rare
def start_afresh(r: RWave, x: float) -> None:
    """Fill the filters with `x`, so that a gap leaves no step behind; stay quiet until they have settled."""
    refill(r.smooth, x)
    refill(r.energy, 0.0)
    begin_order(r.order)
    for i in range(PAST + 1):
        r.past[i] = x
    r.quiet_until = r.now + r.settle_n
    r.learn_n = max(r.learn_n, r.quiet_until)
    r.rising = 0
    r.refused = 0.0
    r.in_qrs = 0
    r.fresh = 0


@inline
def threshold(r: RWave) -> float:
    """Energy that a QRS must exceed now: high just after a beat, low when one is due, lower still when it is missing."""
    age = (r.now - r.last_n) / r.rr_n
    if age < 0.6:
        share = 0.6 - 0.5 * age
    elif age < 1.4:
        share = 0.3
    else:
        share = max(0.3 - 0.1 * (age - 1.4), 0.1)
    above = max(r.level - r.noise, 0.0)
    return max(r.noise + max(share * above, min(NOISY * r.noise_spread * min(share / 0.3, 1.0), MOST_SHARE * above)), FLOOR_mV)


@inline
def noisiness(r: RWave) -> float:
    """Energy of the waves that are no beats, of that of the beats."""
    return min(r.noise / max(r.level, FLOOR_mV), 1.0)


@inline
def bend_at(r: RWave, at: int) -> float:
    """How far the wave at working sample `at` stands out from the straight line between its neighbours."""
    return abs(r.past[at & PAST] - 0.5 * (r.past[(at - r.bend_n) & PAST] + r.past[(at + r.bend_n) & PAST]))


@inline
def weigh(r: RWave, at: int) -> None:
    """The R wave is the extremum that is bent most; the flanks beside it are bent as well, but are none."""
    bend = bend_at(r, at)
    r.most_bent = max(r.most_bent, bend)
    if bend >= r.best_mV:
        r.higher_n = r.now
    here = r.past[at & PAST]
    before = r.past[(at - 1) & PAST]
    extremum = here != before and (here - before) * (here - r.past[(at + 1) & PAST]) >= 0.0
    corner = at_corner(r, at)
    if corner:
        bend *= CORNER_COUNTS
    if bend > r.best_mV and (extremum or r.best_mV < 0.0):
        r.best_mV = bend
        r.best_n = at
        r.corner = 1 if corner else 0


@inline
def at_corner(r: RWave, at: int) -> bool:
    """Whether the wave at working sample `at` stands out on one side only: where a wide QRS begins."""
    before = r.past[at & PAST] - r.past[(at - r.bend_n) & PAST]
    after = r.past[at & PAST] - r.past[(at + r.bend_n) & PAST]
    return noisiness(r) < CORNER_NOISE and before * after < CORNER * max(before * before, after * after)


@inline
def decided(r: RWave, value: float) -> bool:
    """Whether the R wave of the QRS under way is known now."""
    if r.now - r.crossed_n >= r.latest_n:
        return True
    if r.now - r.best_n < r.ready_n or r.now - r.higher_n < r.confirm_n:
        return False
    leaving = abs(value - r.past[r.best_n & PAST]) > TALLER * r.best_mV
    return not leaving or (r.corner == 0 and r.now - r.best_n >= r.ready_n + r.bend_n)


@rare
def cross(r: RWave) -> None:
    """The threshold is crossed: look back for the R wave and how much it is bent."""
    r.rising = 1
    r.crossed_n = r.now
    r.most_bent = 0.0
    r.strongest = 0.0
    r.best_mV = -1.0
    r.best_n = r.now - r.bend_n
    for at in range(max(r.now - r.search_n, r.last_n + r.blank_n), r.now - r.bend_n):
        weigh(r, at)


@rare
def mark(r: RWave) -> float:
    """Decide whether the wave is a QRS; if so remember it and return its age in input samples, else -1."""
    since = r.best_n - r.last_n
    compare(r.shapes, r.past, PAST, r.best_n)
    strange = min(max((LIKE - r.shapes.likeness) / (LIKE - UNLIKE), 0.0), 1.0)
    doubt = min(STRANGE * noisiness(r), MOST_STRANGE) * strange
    weak = r.strongest < threshold(r) * (1.0 + doubt)
    t_wave = since < r.t_wave_n + doubt * (r.t_wave_most_n - r.t_wave_n) and r.most_bent < 0.5 * r.bent
    if strange > 0.0 and r.growing != 0 and r.now - r.crossed_n < r.latest_n:
        return -1.0  # what is unlike the beats may be the beginning of one
    r.rising = 0
    if since < r.blank_n or t_wave or weak:
        r.refused = r.strongest
        return -1.0
    keep(r.shapes)
    r.refused = 0.0
    if 0.3 * r.rr_n < since < 2.5 * r.rr_n:
        r.rr_n += 0.2 * (since - r.rr_n)
    r.t_wave_n = int(T_WAVE_S * math.sqrt(min(r.rr_n * r.work_s, 1.0)) / r.work_s)
    r.last_n = r.best_n
    r.bent = r.most_bent
    r.peak_mV = r.best_mV
    r.width_s = 2.0 * rise_n(r) * r.work_s
    r.beats += 1
    r.in_qrs = r.blank_n  # so long that a P wave taken for a beat still learns the height of its QRS
    r.energy_peak = 0.0
    r.noise_peak = 0.0
    return (r.now - r.best_n - summit(r)) * r.thin.every + r.delay


@inline
def rise_n(r: RWave) -> int:
    """Working samples from the start of the QRS to its largest deflection: back until the slope has fallen below a share of the largest bend."""
    back = r.now - r.best_n + r.slope_n // 2
    while back < r.now - r.best_n + r.rise_most_n:
        here = r.past[(r.now - back) & PAST]
        if abs(here - r.past[(r.now - back - r.slope_n) & PAST]) < START_SHARE * r.bent:
            break
        back += 1
    return back - (r.now - r.best_n)


@inline
def forget_r(r: RWave) -> None:
    """Another lead: learn it from the start."""
    forget_shapes(r.shapes)
    r.fresh = 1
    r.beats = 0
    r.order.organised = 1
    r.organised = 1
    r.learn_n = r.now + r.first_n


@inline
def qrs_under_way(r: RWave) -> bool:
    """Whether a QRS, and no T wave, is rising now: known before its peak."""
    return r.rising != 0 and (r.now - r.last_n >= r.t_wave_n or r.most_bent >= 0.5 * r.bent)


@inline
def summit(r: RWave) -> float:
    """Where between the samples the peak lies: vertex of the parabola through the best sample and its neighbours."""
    if r.best_n >= r.now:
        return 0.0
    a = r.past[(r.best_n - 1) & PAST]
    b = r.past[r.best_n & PAST]
    c = r.past[(r.best_n + 1) & PAST]
    bend = a - 2.0 * b + c
    if abs(bend) < 1e-12:
        return 0.0
    return min(max(0.5 * (a - c) / bend, -0.5), 0.5)


@inline
def follow_level(r: RWave, energy: float) -> None:
    """Learn how high QRS and other waves are; forget slowly when no beat comes, so that a lost gain is found again."""
    if r.in_qrs > 0:
        r.energy_peak = max(r.energy_peak, energy)
        r.in_qrs -= 1
        if r.in_qrs == 0:
            remember(r)
    elif r.rising == 0 and r.now - r.last_n > r.blank_n:
        if energy > r.noise_peak:
            r.noise_peak = energy
        elif energy < 0.6 * r.noise_peak:
            r.noise_spread += 0.125 * (abs(r.noise_peak - r.noise) - r.noise_spread)
            r.noise += 0.125 * (r.noise_peak - r.noise)
            r.noise_peak = energy
        if r.now - r.last_n > 2.5 * r.rr_n and r.now - r.last_n > r.learn_n:
            r.level -= 0.004 * (r.level - FLOOR_mV)
            r.noise -= 0.002 * r.noise


@inline
def remember(r: RWave) -> None:
    """Put the last energy peak among the kept ones; the level is their mean without the largest and the smallest."""
    if r.beats <= 1:
        for i in range(KEPT):
            r.peaks[i] = r.energy_peak
    r.peaks[r.beats % KEPT] = r.energy_peak
    total = 0.0
    low = r.peaks[0]
    high = r.peaks[0]
    for i in range(KEPT):
        peak = r.peaks[i]
        total += peak
        low = min(low, peak)
        high = max(high, peak)
    r.level = (total - low - high) / (KEPT - 2)
