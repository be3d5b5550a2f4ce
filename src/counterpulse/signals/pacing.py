"""Pacing spikes: finds them in the lead itself, takes them out of it, and tells atrial from ventricular ones. Knows no pump.

A spike is a pulse of 0.5 to 2 ms (IEC 60601-2-27, from memory): at 500 Hz or more it stands out from a QRS by its bend over 2 ms, and the lead is
then handed on 4 ms late with the spike cut out. At lower rates a monitor has smeared it, so only its flag tells, and the lead goes through at once.

A spike that an R wave follows within 120 ms made it (ventricular); one 120 to 350 ms before is atrial (programmed AV delays: 100 to 250 ms).
What the last R waves had before them says what the next spike is, so that it can start a beat before any QRS is seen: ventricular, R comes
`v_to_r_s` later; atrial, `a_to_r_s` later. Units: mV, s; counts are samples since the start.
"""

from enum import IntEnum
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline, rare
from counterpulse.record import Many, Record
from counterpulse.signals.filters import samples

PAST = 15  # mask of the ring of samples: 4 ms and more at 1000 Hz
SPIKES = 3  # spikes remembered: atrial, two ventricular
LOWEST_HZ = 500.0
BEND_S = 0.002
HOLD_S = 0.012  # the lead is held this long from a spike on (assumed: its tail)
REST_S = 0.02  # no second spike sooner; both pulses of a biventricular pacer count as one (assumed)
LEAST_mV = 0.25  # a QRS of 2 mV that peaks within 20 ms bends by 0.2 mV over 2 ms
TIMES_NOISE = 10.0  # of the mean bend: beyond white noise in a day's samples (assumed)
BEYOND_mV = 100.0  # nothing is computed with a value that no converter gives

V_LONGEST_S = 0.12  # ventricular spike to R peak (assumed: wide QRS peaks 40 to 100 ms after it)
A_LONGEST_S = 0.35  # atrial spike to R peak
V_TO_R_S, A_TO_R_S = 0.06, 0.22  # until the patient's own are known (assumed)
GAIN = 0.125
SURE = 0.5  # share of R waves with such a spike from which on one is expected


class Spike(IntEnum):
    """What a spike is taken for."""

    NONE = 0
    UNKNOWN = 1
    ATRIAL = 2
    VENTRICULAR = 3


class Pacing(Record):
    """State. `spike` is set at the sample that tells; `v_share`, `a_share`: part of the recent R waves with such a spike before them."""

    past: Annotated[NDArray[np.float64], Many(PAST + 1)] = 0.0  # pyright: ignore[reportAssignmentType]
    spikes_at: Annotated[NDArray[np.int64], Many(SPIKES, int)] = -1000000  # pyright: ignore[reportAssignmentType]
    fs_hz: float = 250.0
    bend_n: int = 0  # 0: the lead is too slow, only flags count
    hold_n: int = 3
    rest_n: int = 5
    now: int = -1
    filled: int = 0
    held: int = 0  # samples for which the lead is still held
    good_mV: float = 0.0  # the value it is held at
    usual_mV: float = 0.1  # mean bend, spikes cut down; starts high, so that noise is none
    spike: int = Spike.NONE
    spike_at: int = -1000000
    v_to_r_s: float = V_TO_R_S
    a_to_r_s: float = A_TO_R_S
    unanswered: int = 0  # spikes since the last R wave
    v_seen: int = 0  # intervals learned from
    a_seen: int = 0
    r_seen: int = 0
    v_share: float = 0.0
    a_share: float = 0.0


def pacing(fs_hz: float) -> Pacing:
    """Spikes of a lead sampled at `fs_hz` (125 to 1000), knowing nothing yet."""
    bend_n = samples(BEND_S, fs_hz) if fs_hz >= LOWEST_HZ else 0
    return Pacing(fs_hz=fs_hz, bend_n=bend_n, hold_n=samples(HOLD_S, fs_hz), rest_n=samples(REST_S, fs_hz))


@inline
def delay_n(p: Pacing) -> int:
    """How many samples late `without_spikes` hands the lead on."""
    return 2 * p.bend_n


@inline
def without_spikes(p: Pacing, x: float, flag: int) -> float:
    """Take one sample (mV, may be NaN) and the monitor's spike flag; set `spike`; return the lead without spikes, `delay_n` samples late."""
    p.now += 1
    p.spike = Spike.NONE + 0
    found = flag != 0
    out = x
    if p.bend_n > 0:
        p.past[p.now & PAST] = x
        out = p.past[(p.now - 2 * p.bend_n) & PAST]
        middle = p.past[(p.now - p.bend_n) & PAST]
        bend = abs(middle - 0.5 * (x + out))
        if p.filled < 2 * p.bend_n:
            p.filled += 1
            out = x
        elif bend < BEYOND_mV:  # false for NaN too
            found = found or bend > max(LEAST_mV, TIMES_NOISE * p.usual_mV)
            p.usual_mV += 0.002 * (min(bend, 4.0 * p.usual_mV) - p.usual_mV)
    if found:
        p.held = p.hold_n + 2 * p.bend_n
        if p.now - p.spike_at > p.rest_n:
            take_spike(p, p.now if flag != 0 else p.now - p.bend_n)
    if p.held > 0 and out == out:  # noqa: PLR0124  NaN is a loss, not a spike
        p.held -= 1
        return p.good_mV
    p.good_mV = out if abs(out) < BEYOND_mV else p.good_mV
    return out


@inline
def take_spike(p: Pacing, at: int) -> None:
    """A spike at sample `at`: name it after what the R waves before had."""
    since_s = (at - p.spike_at) / p.fs_hz
    for i in range(SPIKES - 1, 0, -1):
        p.spikes_at[i] = p.spikes_at[i - 1]
    p.spikes_at[0] = at
    p.unanswered += 1
    p.spike_at = at
    if p.v_share < SURE and p.a_share < SURE:
        p.spike = Spike.UNKNOWN + 0
    elif p.a_share < SURE:
        p.spike = Spike.VENTRICULAR + 0
    elif p.v_share < SURE:
        p.spike = Spike.ATRIAL + 0
    else:  # both chambers: the second of a pair is the ventricle's
        second = abs(since_s - (p.a_to_r_s - p.v_to_r_s)) < 0.06
        p.spike = Spike.VENTRICULAR + 0 if second else Spike.ATRIAL + 0


@rare
def learn_spikes(p: Pacing, r_at: int) -> None:
    """An R wave peaked at sample `r_at`: learn which spikes came before it, and how long."""
    p.unanswered = 0
    atrial = 0.0
    ventricular = 0.0
    for i in range(SPIKES):
        before_s = (r_at - p.spikes_at[i]) / p.fs_hz
        if -0.02 <= before_s <= V_LONGEST_S:
            ventricular = 1.0
            p.v_seen += 1
            p.v_to_r_s += max(GAIN, 1.0 / p.v_seen) * (max(before_s, 0.0) - p.v_to_r_s)
        elif V_LONGEST_S < before_s <= A_LONGEST_S:
            atrial = 1.0
            p.a_seen += 1
            p.a_to_r_s += max(GAIN, 1.0 / p.a_seen) * (before_s - p.a_to_r_s)
    p.r_seen += 1
    gain = max(GAIN, 1.0 / p.r_seen)
    p.v_share += gain * (ventricular - p.v_share)
    p.a_share += gain * (atrial - p.a_share)


@inline
def captures(p: Pacing) -> bool:
    """Whether spikes make beats: the last ones, one for each chamber, had an R wave. A pacer goes on ticking over a heart that does not answer."""
    chambers = (1 if p.v_share >= SURE else 0) + (1 if p.a_share >= SURE else 0)
    return p.r_seen > 0 and p.unanswered <= max(chambers, 1)


@rare
def forget_spikes(p: Pacing) -> None:
    """Another lead: the ring holds nothing of it."""
    p.filled = 0
    p.r_seen = 0
    p.v_seen = 0
    p.a_seen = 0
    p.held = 0
