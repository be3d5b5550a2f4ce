"""Whether a channel can be believed at this sample: there, not on the rail, not frozen. Knows no shape and no rhythm.

Units: those of the channel; limits are set by `ecg_watch` (mV) and `pressure_watch` (mmHg).
"""

from enum import IntEnum

import numpy as np

from counterpulse.kernel import inline
from counterpulse.record import Record
from counterpulse.signals.filters import samples


class Signal(IntEnum):
    """What is wrong with a channel."""

    GOOD = 0
    MISSING = 1  # NaN, infinite, beyond what a body can give, or the monitor's lead-off flag
    RAIL = 2  # stands still near the end of the converter's range, or stays there longer than a beat
    FLAT = 3  # has not moved at all for longer than any living signal


class Watch(Record):
    """One channel's door keeper. `good` is the last believable value, to bridge short gaps with."""

    low: float = -30.0  # beyond these nothing is believed
    high: float = 30.0
    rail_low: float = -4.5  # beyond these a value that stands still is a rail
    rail_high: float = 4.5
    rail_samples: int = 8
    flat_samples: int = 500
    bridge_samples: int = 5
    good: float = 0.0
    last: float = np.nan
    same: int = 0
    beyond: int = 0  # samples for which it has not come back from beyond the rail
    missing: int = 0
    state: int = Signal.MISSING


RAIL_S = 0.03  # assumed: no wave of the heart or of a catheter stands still this long at the end of the range
BRIDGE_S = 0.02  # assumed: shorter gaps are bridged, longer ones are a loss
ECG_FLAT_S = 2.0  # assumed: longer than any iso-electric line of a beating heart, quantised
PRESSURE_FLAT_S = 1.0  # assumed


def ecg_watch(fs_hz: float) -> Watch:
    """Door keeper of an ECG lead, mV."""
    return Watch(rail_samples=samples(RAIL_S, fs_hz), flat_samples=samples(ECG_FLAT_S, fs_hz), bridge_samples=samples(BRIDGE_S, fs_hz))


def pressure_watch(fs_hz: float) -> Watch:
    """Door keeper of an arterial pressure, mmHg."""
    return Watch(
        low=-100.0, high=400.0, rail_low=-30.0, rail_high=280.0,
        rail_samples=samples(RAIL_S, fs_hz), flat_samples=samples(PRESSURE_FLAT_S, fs_hz), bridge_samples=samples(BRIDGE_S, fs_hz),
    )  # fmt: skip


@inline
def look(w: Watch, x: float, off: int) -> int:
    """Take one sample; return `Signal` for it. Gaps up to `bridge_samples` still count as good (then `w.good` holds the value before)."""
    if off != 0 or not (w.low <= x <= w.high):
        w.missing += 1
        if w.missing > w.bridge_samples:
            w.state = Signal.MISSING
        return w.state
    w.missing = 0
    w.beyond = w.beyond + 1 if x <= w.rail_low or x >= w.rail_high else 0
    if w.beyond >= w.flat_samples:  # noise keeps it moving, but no heart has its diastole there
        w.state = Signal.RAIL
        return w.state
    if x == w.last:
        w.same += 1
        if w.same >= w.rail_samples and (x <= w.rail_low or x >= w.rail_high):
            w.state = Signal.RAIL
            return w.state
        if w.same >= w.flat_samples:
            w.state = Signal.FLAT
            return w.state
    else:
        w.same = 0
    w.last = x
    w.good = x
    w.state = Signal.GOOD
    return w.state
