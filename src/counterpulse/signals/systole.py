"""Streaming detector of the systolic peak of each arterial pulse: the first summit after its upstroke, causal. Knows no ECG and no pump.

After the onset the slope's zero crossing ends the systole (Li, Dong and Vai 2010 Biomed Signal Process Control 5:76; from memory). Here a fall by a small share
of the pulse confirms it, so that neither noise nor a shoulder on the way up is a peak. The first summit is the heart's: a balloon fills after the
valve has closed, and what it raises, however high, is the second. A pulse without a fall (an upstroke on which the balloon's stands) gives its later summit.
Works at the onset detector's rate on its smoothed pressure. Units: mmHg; marks are "samples before this one".
"""

from counterpulse.kernel import inline
from counterpulse.record import Record
from counterpulse.signals.filters import samples, thinning
from counterpulse.signals.onset import PAST, Onset

FALL_SHARE = 0.04  # of the pulse from its foot: so far below its summit the summit is over (assumed)
FALL_mmHg = 0.4  # or this much, so that quantisation is no summit (assumed)
LEAST_SHARE = 0.15  # of the usual pulse: a lower summit is noise on the upstroke (assumed)
LATEST_S = 0.5  # after the onset: no ejection lasts longer (Weissler 1968: 0.41 s at no rate at all)


class Systole(Record):
    """State of the detector. `peak_mmHg` is the height of the last peak marked, once `open` has fallen to 0."""

    open: int = 0  # 1 from an onset until its peak is marked
    age_n: int = 0  # working samples since the onset
    latest_n: int = 125
    foot_mmHg: float = 0.0
    usual_mmHg: float = 0.0  # height of the usual pulse
    top_mmHg: float = 0.0
    top_n: int = 0  # age of the highest so far
    peak_mmHg: float = 0.0


def systole_finder(fs_hz: float) -> Systole:
    """A detector for a pressure sampled at `fs_hz` (125 to 1000), fed after the onset detector."""
    return Systole(latest_n=samples(LATEST_S, fs_hz / thinning(fs_hz)))


@inline
def find_systole(s: Systole, o: Onset, lag: float) -> float:
    """Call after every `find_onset`, with what it returned. Return how many samples ago the systole peaked if it is known now, else -1."""
    if o.new == 0:
        return -1.0
    if lag >= 0.0:
        return begin_systole(s, o, int((lag - o.delay) / o.thin.every + 0.5))
    if s.open == 0:
        return -1.0
    s.age_n += 1
    ago = climb_on(s, o.smoothed_mmHg)
    return ago * o.thin.every + o.delay if ago >= 0 else -1.0


@inline
def begin_systole(s: Systole, o: Onset, age_n: int) -> float:
    """A pulse began `age_n` working samples ago: go through what has passed since; its peak may be among it."""
    s.open = 1
    s.foot_mmHg = o.last_foot_mmHg
    s.usual_mmHg = o.high_mmHg - o.low_mmHg
    s.top_mmHg = -1e9
    for age in range(min(age_n, PAST) + 1):
        s.age_n = age
        ago = climb_on(s, o.past[(o.now - age_n + age) & PAST])
        if ago >= 0:
            return (ago + age_n - age) * o.thin.every + o.delay
    return -1.0


@inline
def climb_on(s: Systole, p: float) -> int:
    """One smoothed pressure of the pulse. Return how many working samples ago the summit was if this tells, else -1."""
    if p >= s.top_mmHg:
        s.top_mmHg = p
        s.top_n = s.age_n
    height = s.top_mmHg - s.foot_mmHg
    if s.age_n > s.latest_n:
        s.open = 0
    elif height > LEAST_SHARE * s.usual_mmHg and p < s.top_mmHg - max(FALL_SHARE * height, FALL_mmHg):
        s.open = 0
        s.peak_mmHg = s.top_mmHg
        return s.age_n - s.top_n
    return -1


@inline
def forget_systole(s: Systole) -> None:
    """A gap: the pulse under way is lost."""
    s.open = 0
