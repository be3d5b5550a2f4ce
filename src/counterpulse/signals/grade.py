"""How good a channel is, 0 to 1, as a stream: one ECG lead or one arterial pressure. Knows no pump and no beat; `quality` says what can be believed at all.

Cheap enough for every lead and source at once: it looks at one sample in so many (about 125 a second), and channels that start at different
places do so at different samples. The last three seconds are kept as thirty blocks of 100 ms.

ECG: a QRS is short and steep, so the blocks between beats must be quiet against the blocks that hold one (the idea of the kurtosis index of
Li, Mark and Clifford 2008 Physiol Meas 29:15); and tall enough (pump.md 2.3: 0.3 mV). Pressure: a pulse, smooth, of steady height, in the
range of the living (after the abnormality index of Sun, Reisner and Mark 2006 CinC 33:13; its pulse of 20 mmHg is too strict in shock).
The product of the parts is the score; the worst part is the flaw. Units: mV or mmHg, s.
"""

from enum import IntEnum
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import apart, inline, kernel
from counterpulse.record import Many, Record
from counterpulse.signals.filters import samples
from counterpulse.signals.quality import Signal, Watch, ecg_watch, look, pressure_watch

LOOK_HZ = 125.0
BLOCK_S = 0.1
BLOCKS = 30
QUIET = 5  # place of the block that stands for the quiet ones, smallest first
SLOPE_S = 0.028  # as the R-wave detector's
PAST = 15  # mask of the ring of samples: SLOPE_S at the highest looking rate

LEAST_mV, ENOUGH_mV = 0.1, 0.3  # pump.md 2.3: 0.3; under the first nothing is found (assumed)
NOISIEST = 0.45  # quiet blocks so high against those with a QRS: fibrillation or noise alone (measured on simulated noise)
LEAST_mmHg, ENOUGH_mmHg = 3.0, 12.0  # assumed: a pulse of 12 is seen in shock
SMOOTH, ROUGH = 0.03, 0.2  # mean bend over pulse: a clean pulse's is under 0.01, white noise alone gives 0.33; twice the noise's SD over the pulse
DEAD_mmHg, HUGE_mmHg = 20.0, 200.0  # mean pressure, Sun 2006: 30 and 200; lower, for arrest and shock
STEEP_mmHg_s = 3000.0  # no artery rises so fast (assumed); a flush or a spike does
RISE_S = 2.0  # time constant of recovery; the score falls at once (assumed)


class Flaw(IntEnum):
    """What costs the channel most."""

    NONE = 0
    MISSING = 1
    RAIL = 2
    FLAT = 3
    NOISY = 4
    SMALL = 5
    UNSTEADY = 6
    IMPLAUSIBLE = 7


class Grade(Record):
    """One channel's marks. `score` 0 to 1, `flaw` the reason, `height` the typical QRS or pulse in the channel's unit, `noise` 0 to 1."""

    watch: Watch
    steps: Annotated[NDArray[np.float64], Many(BLOCKS)] = 0.0  # pyright: ignore[reportAssignmentType]
    lows: Annotated[NDArray[np.float64], Many(BLOCKS)] = 0.0  # pyright: ignore[reportAssignmentType]
    highs: Annotated[NDArray[np.float64], Many(BLOCKS)] = 0.0  # pyright: ignore[reportAssignmentType]
    past: Annotated[NDArray[np.float64], Many(PAST + 1)] = 0.0  # pyright: ignore[reportAssignmentType]
    ranked: Annotated[NDArray[np.float64], Many(BLOCKS)] = 0.0  # pyright: ignore[reportAssignmentType]  `steps` of a lead, smallest first
    pressure: int = 0  # 1 = arterial pressure
    every: int = 1
    count: int = 0
    now: int = 0
    slope_n: int = 4
    block_n: int = 12
    in_block: int = 0
    blocks: int = 0
    step: float = 0.0  # sums and extremes of the block under way
    low: float = 1e9
    high: float = -1e9
    bend_mean: float = 0.0
    steep: float = 0.0  # steep steps seen lately, forgotten with the time of the window
    steepest: float = 24.0  # a step larger than this is steep
    gain: float = 0.05
    height: float = 0.0
    noise: float = 1.0
    score: float = 0.0
    flaw: int = Flaw.MISSING


def ecg_grade(fs_hz: float, place: int = 0) -> Grade:
    """Marks for an ECG lead at `fs_hz`; channels with different `place` work at different samples."""
    return _grade(fs_hz, place, pressure=False)


def pressure_grade(fs_hz: float, place: int = 0) -> Grade:
    """Marks for an arterial pressure at `fs_hz`; channels with different `place` work at different samples."""
    return _grade(fs_hz, place, pressure=True)


def _grade(fs_hz: float, place: int, *, pressure: bool) -> Grade:
    every = max(1, int(fs_hz / LOOK_HZ + 1e-9))
    rate = fs_hz / every
    return Grade(
        watch=pressure_watch(rate) if pressure else ecg_watch(rate), pressure=int(pressure), every=every, count=place % every,
        slope_n=min(samples(SLOPE_S, rate), PAST), block_n=samples(BLOCK_S, rate), steepest=STEEP_mmHg_s / rate, gain=BLOCK_S / RISE_S,
    )  # fmt: skip


@inline
def grade(q: Grade, value: float, off: int) -> None:
    """Take one sample (`off`: the monitor's lead-off flag, 0 for a pressure); `q.score` and `q.flaw` hold what is known now."""
    q.count += 1
    if q.count >= q.every:
        q.count = 0
        take(q, value, off)


@kernel
def take(q: Grade, value: float, off: int) -> None:
    """One sample that is looked at."""
    state = look(q.watch, value, off)
    if state != Signal.GOOD:
        q.blocks = 0
        q.in_block = 0
        q.step = 0.0
        q.score = 0.0
        q.flaw = state
        return
    x = q.watch.good
    if q.blocks == 0 and q.in_block == 0:
        for i in range(PAST + 1):
            q.past[i] = x
        q.low = x
        q.high = x
        q.steep = 0.0
    q.now += 1
    before = q.past[(q.now - 1) & PAST]
    one = x - before
    q.bend_mean += 0.01 * (abs(one - before + q.past[(q.now - 2) & PAST]) - q.bend_mean)
    q.steep += 1.0 if abs(one) > q.steepest else 0.0
    q.step += abs(x - q.past[(q.now - q.slope_n) & PAST])
    q.past[q.now & PAST] = x
    q.low = min(q.low, x)
    q.high = max(q.high, x)
    q.in_block += 1
    if q.in_block >= q.block_n:
        end_block(q, x)


@apart
def end_block(q: Grade, x: float) -> None:
    """A block is full: keep it, and once there are enough, mark the channel."""
    at = q.blocks % BLOCKS
    if q.pressure == 0:
        exchange(q, q.steps[at], q.step)
    q.steps[at] = q.step
    q.lows[at] = q.low
    q.highs[at] = q.high
    q.blocks += 1
    q.in_block = 0
    q.step = 0.0
    q.low = x
    q.high = x
    if q.blocks < BLOCKS:
        return
    worst = mark_pressure(q) if q.pressure != 0 else mark_ecg(q)
    q.steep -= q.steep / BLOCKS
    q.score = worst if worst < q.score else q.score + q.gain * (worst - q.score)


@inline
def exchange(q: Grade, old: float, new: float) -> None:
    """Let a new block take an old one's place among the ranked ones."""
    gone, before = 0, 0
    for i in range(BLOCKS):
        gone += 1 if q.ranked[i] < old else 0
        before += 1 if q.ranked[i] < new else 0
    if before > gone:
        for i in range(gone, before - 1):
            q.ranked[i] = q.ranked[i + 1]
        q.ranked[before - 1] = new
    else:
        for i in range(gone, before, -1):
            q.ranked[i] = q.ranked[i - 1]
        q.ranked[before] = new


@inline
def share(x: float, none: float, full: float) -> float:
    """0 at `none`, 1 at `full`, straight between."""
    return min(max((x - none) / (full - none), 0.0), 1.0)


@inline
def mark_ecg(q: Grade) -> float:
    """Noise and height of a lead."""
    wave = q.ranked[BLOCKS - 2]
    q.noise = q.ranked[QUIET] / max(wave, 1e-9)
    tallest = 0.0
    for i in range(BLOCKS):
        if q.steps[i] >= wave:
            tallest = q.highs[i] - q.lows[i]
    q.height += 0.1 * (tallest - q.height)
    outlier = q.ranked[BLOCKS - 1] / max(wave, 1e-9)  # a lone block far above the second: an artefact, not a beat
    return settle(q, share(q.noise, NOISIEST, 0.0), share(q.height, LEAST_mV, ENOUGH_mV), share(outlier, 6.0, 2.0), 1.0)


@inline
def mark_pressure(q: Grade) -> float:
    """Smoothness, pulse, steadiness and plausibility of a pressure."""
    low = q.lows[0]
    high = q.highs[0]
    mean = 0.0
    for i in range(BLOCKS):
        low = min(low, q.lows[i])
        high = max(high, q.highs[i])
        mean += 0.5 * (q.lows[i] + q.highs[i]) / BLOCKS
    pulse = high - low
    usual = q.height if q.height > 0.0 else pulse
    q.height = usual + 0.05 * (min(pulse, 2.0 * usual) - usual)
    q.noise = min(q.bend_mean / max(pulse, 1e-9), 1.0)
    steady = share(pulse / max(q.height, 1e-9), 3.0, 1.5) * share(q.steep, 10.0, 1.0)
    living = share(mean, DEAD_mmHg, 1.5 * DEAD_mmHg) * share(mean, 1.2 * HUGE_mmHg, HUGE_mmHg)
    return settle(q, share(q.noise, ROUGH, SMOOTH), share(pulse, LEAST_mmHg, ENOUGH_mmHg), steady, living)


@inline
def settle(q: Grade, clean: float, tall: float, steady: float, living: float) -> float:
    """The product of the parts; the smallest one names the flaw, if it costs anything worth naming."""
    q.flaw = Flaw.NONE + 0
    worst = 0.7
    if clean < worst:
        worst = clean
        q.flaw = Flaw.NOISY + 0
    if tall < worst:
        worst = tall
        q.flaw = Flaw.SMALL + 0
    if steady < worst:
        worst = steady
        q.flaw = Flaw.UNSTEADY + 0
    if living < worst:
        q.flaw = Flaw.IMPLAUSIBLE + 0
    return clean * tall * steady * living
