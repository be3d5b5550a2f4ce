"""Landmarks of each arterial pulse, with the whole stretch in view: upstroke, systole, notch, second wave, the fall before the next beat.

Knows a pressure and when the R waves were; nothing of pumps. Not causal: a reader's tool, not a trigger. Times in s from the start of the stretch, mmHg.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from counterpulse.pump.timing import LVET_PER_RATE_S, LVET_S

Floats = NDArray[np.float64]

BAND_HZ = 20.0  # what a bedside pressure carries; monitors cut at 12 to 40 Hz
STEEP_SHARE = 0.25  # an upstroke is at least this share of the steepest 2 % of all samples (assumed)
LATEST_S = 0.45  # R wave to upstroke: pre-ejection period, travel and line together (recordings: 104 to 372 ms)
BEFORE_S = 0.13  # looked back from an upstroke (assumed)
# An upstroke belongs to a beat if it comes so close to the usual delay, and later too: what rises first out of a balloon's dip may be the usual one (assumed).
NEAR_S, NEAR_LATER_S = 0.08, 0.13
FOOT_SHARE = 0.1  # the foot is where the slope before the upstroke has fallen to this share of its peak
SYSTOLE_SHARE = 0.4  # the systolic peak is the first summit above this share of the pulse
EARLIEST_NOTCH_S = 0.12
LEAST_PULSE_mmHg = 2.0
SHORTEST_S, LONGEST_S = 0.25, 2.5
AROUND_NOTCH_S = 0.12  # a notch without a minimum is looked for this far either side of the expected end of ejection
LATEST_NOTCH_S = 0.2  # after that: a rise which begins later is what swings back when a balloon has emptied, or the breath (assumed)
AFTER_EJECTION_S = 0.05  # diastole is looked at from this long after the expected end of ejection (assumed)
FALL_S = 0.08  # about the time in which a balloon empties (pump.md 1.2: 80 to 150 ms)
WIDEST_GAP_S = 0.1  # a gap in the pressure longer than this makes the beats in it unreadable


@dataclass(frozen=True)
class Pulse:
    """One beat from foot to foot; NaN = not there."""

    start_s: float  # foot
    stop_s: float  # next foot
    systolic_mmHg: float
    pulse_mmHg: float  # systolic peak over foot
    notch_s: float  # minimum between systole and second wave, or where the pressure turns most
    notch_mmHg: float
    second_mmHg: float  # peak of the second wave
    fall_share: float  # largest share of its own height that the pressure loses within FALL_S of diastole
    fall_s: float  # the last steep fall before the next foot: the balloon emptying, not its wave running off
    start_mmHg: float
    stop_mmHg: float
    dip_mmHg: float  # lowest pressure in the last part
    dip_s: float
    wave: Floats  # the smoothed pressure from foot to foot


def pulses(pressure: Floats, r_s: Floats, fs_hz: float) -> list[Pulse]:
    """Every pulse whose beginning and end are both seen. `pressure` (samples,) may hold NaN; `r_s` (beats,) are times of R waves in s."""
    there = np.isfinite(pressure)
    if there.sum() < fs_hz or len(r_s) < 3:
        return []
    index = np.arange(len(pressure))
    smooth = sosfiltfilt(butter(2, min(BAND_HZ, 0.4 * fs_hz), fs=fs_hz, output="sos"), np.interp(index, index[there], pressure[there]))
    slope = np.gradient(smooth) * fs_hz
    ups = upstrokes(slope)
    delay = usual_delay(r_s, ups, smooth, fs_hz)
    if delay is None:
        return []
    starts = feet(r_s + delay, ups, slope, fs_hz)
    pairs = pairwise(starts)
    lost = np.concatenate([[0], np.cumsum(~there)])
    whole = [(a, b) for a, b in pairs if a >= 0 and b >= 0 and SHORTEST_S < (b - a) / fs_hz < LONGEST_S and lost[b] - lost[a] <= WIDEST_GAP_S * fs_hz]
    found = [pulse(smooth[a : b + 1], slope[a : b + 1], a, fs_hz) for a, b in whole]
    return [one for one in found if one is not None]


def upstrokes(slope: Floats) -> NDArray[np.int64]:
    """Samples at which the pressure rises fastest, one for each steep rise."""
    top = STEEP_SHARE * np.percentile(slope, 98)
    inner = slope[1:-1]
    return np.flatnonzero((inner >= slope[:-2]) & (inner > slope[2:]) & (inner > top)) + 1


def usual_delay(r_s: Floats, ups: NDArray[np.int64], smooth: Floats, fs_hz: float) -> float | None:
    """R wave to systolic upstroke, s: of the delays that most beats share, the one whose upstroke starts from the lowest pressure. None: no such delay.

    Lowest is meant over BEFORE_S: a notch may be as deep as end-diastole, but comes out of systole.
    """
    delays, lows = [], []
    back = int(BEFORE_S * fs_hz)
    for r in r_s:
        for up in ups[np.searchsorted(ups, r * fs_hz) : np.searchsorted(ups, (r + LATEST_S) * fs_hz)]:
            delays.append(up / fs_hz - r)
            lows.append(smooth[max(up - back, 0) : up + 1].mean())
    if len(delays) < 3:
        return None
    delay, low = np.array(delays), np.array(lows)
    grid = np.arange(0.0, LATEST_S, 0.01)
    near = np.abs(delay - grid[:, None]) < 0.03
    support = near.sum(1)
    shared = np.flatnonzero(support >= 0.5 * support.max())
    lowest = shared[int(np.argmin([np.median(low[near[k]]) for k in shared]))]
    beside = shared[np.abs(grid[shared] - grid[lowest]) < 0.05]
    return float(np.median(delay[near[beside[int(np.argmax(support[beside]))]]]))


def feet(expected_s: Floats, ups: NDArray[np.int64], slope: Floats, fs_hz: float) -> list[int]:
    """The foot of each expected upstroke as a sample number, -1 where there is none."""
    found = []
    for at in expected_s:
        near = ups[(ups / fs_hz - at > -NEAR_S) & (ups / fs_hz - at < NEAR_LATER_S)]
        if not len(near):
            found.append(-1)
            continue
        up = int(near[np.argmax(slope[near])])
        before = slope[max(up - int(0.2 * fs_hz), 0) : up]
        flat = np.flatnonzero(before <= FOOT_SHARE * slope[up])
        found.append(up - len(before) + int(flat[-1]) if len(flat) else max(up - len(before), 0))
    return found


def pulse(p: Floats, slope: Floats, first: int, fs_hz: float) -> Pulse | None:
    """Landmarks of one beat, `p` from foot to foot; None for what is no pulse."""
    n, start = len(p) - 1, first / fs_hz
    ejection = ejection_s(n / fs_hz)
    early = p[: min(int(0.35 * fs_hz), int(0.6 * n)) + 1]
    height = float(early.max() - p[0])
    if height < LEAST_PULSE_mmHg or slope[: len(early)].max() <= 0.0:
        return None
    summits = np.flatnonzero((p[1:-1] >= p[:-2]) & (p[1:-1] > p[2:])) + 1
    summits = summits[p[summits] - p[0] > SYSTOLE_SHARE * height]
    peak = int(summits[0]) if len(summits) else int(np.argmax(early))
    low, top = second_wave(p, max(peak, int(EARLIEST_NOTCH_S * fs_hz)))
    late_rise = low > (ejection + LATEST_NOTCH_S) * fs_hz
    notch = low if low >= 0 and not late_rise else turn(slope, ejection, fs_hz)
    top = notch + int(np.argmax(p[notch:-1])) if late_rise else top
    reach = int(FALL_S * fs_hz)
    late = max(min(int((ejection + AFTER_EJECTION_S) * fs_hz), n - reach - 2), 0)
    dip = late + int(np.argmin(p[late:]))
    return Pulse(
        start_s=start,
        stop_s=start + n / fs_hz,
        systolic_mmHg=float(p[peak]),
        pulse_mmHg=height,
        notch_s=start + notch / fs_hz,
        notch_mmHg=float(p[notch]),
        second_mmHg=float(p[top]) if low >= 0 else np.nan,
        fall_share=float((1.0 - p[late + reach :] / np.maximum(p[late : len(p) - reach], 1.0)).max()),
        fall_s=start + (late + last_fall(slope[late:])) / fs_hz,
        start_mmHg=float(p[0]),
        stop_mmHg=float(p[-1]),
        dip_mmHg=float(p[dip]),
        dip_s=start + dip / fs_hz,
        wave=p,
    )


def last_fall(slope: Floats) -> int:
    """Index of the last of the falls that are at least half as steep as the steepest."""
    inner = slope[1:-1]
    falls = np.flatnonzero((inner <= slope[:-2]) & (inner < slope[2:]) & (inner <= 0.5 * slope.min())) + 1
    return int(falls[-1]) if len(falls) else int(np.argmin(slope))


def ejection_s(length_s: float) -> float:
    """Weissler's ejection time at the rate of a beat this long; at least 0.15 s."""
    return max(LVET_S - LVET_PER_RATE_S * 60.0 / length_s, 0.15)


def second_wave(p: Floats, after: int) -> tuple[int, int]:
    """Minimum and peak of the largest rise after systole, as indices; (-1, -1) where the pressure only falls."""
    lows = np.flatnonzero((p[1:-1] <= p[:-2]) & (p[1:-1] < p[2:])) + 1
    lows = lows[lows >= after]
    if not len(lows):
        return -1, -1
    tops = [low + int(np.argmax(p[low:-1])) for low in lows]
    best = int(np.argmax([p[top] - p[low] for low, top in zip(lows, tops, strict=True)]))
    return int(lows[best]), tops[best]


def turn(slope: Floats, ejection_s: float, fs_hz: float) -> int:
    """Where the fall turns most towards a rise around the expected end of ejection: a notch that is only a shoulder."""
    low = max(int((ejection_s - AROUND_NOTCH_S) * fs_hz), 1)
    high = min(int((ejection_s + AROUND_NOTCH_S) * fs_hz), len(slope) - 1)
    return low + int(np.argmax(np.diff(slope[low : high + 1]))) if high - low > 2 else len(slope) // 2
