"""Runs the streaming detectors along whole arrays, sample by sample, as the console does. For scores and benchmarks; knows no file.

Each returns an array of shape (marks, 2): where the event was and at which sample that was known, both in samples from the start of the array.
Units: mV, mmHg, Hz.
"""

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import kernel
from counterpulse.signals.notch import Notch, begin_pulse, find_notch, notch_finder
from counterpulse.signals.onset import Onset, find_onset, pressure_onset
from counterpulse.signals.quality import Signal, Watch, ecg_watch, look, pressure_watch
from counterpulse.signals.rwave import RWave, find_r, r_wave

Floats = NDArray[np.float64]
SHORTEST_N = 20  # no two marks of one kind lie nearer than this many samples: 160 ms at the lowest rate


def r_waves(lead_mV: Floats, fs_hz: float) -> Floats:
    """R waves of a lead."""
    return _run(_along_ecg, ecg_watch(fs_hz), r_wave(fs_hz), lead_mV)


def pulse_onsets(pressure_mmHg: Floats, fs_hz: float) -> Floats:
    """Starts of the pulses of an arterial pressure; a balloon's upstrokes are none."""
    return _run(_along_pressure, pressure_watch(fs_hz), pressure_onset(fs_hz), pressure_mmHg)


def notches(pressure_mmHg: Floats, fs_hz: float) -> Floats:
    """Minima of the dicrotic notches of an arterial pressure, found after they have passed."""
    found = np.zeros((len(pressure_mmHg) // SHORTEST_N + 2, 2))
    signal = np.ascontiguousarray(pressure_mmHg, np.float64)
    return found[: _along_notch(pressure_watch(fs_hz), pressure_onset(fs_hz), notch_finder(fs_hz), signal, found)]


def _run(work: object, watch: Watch, detector: object, signal: Floats) -> Floats:
    found = np.zeros((len(signal) // SHORTEST_N + 2, 2))
    return found[: work(watch, detector, np.ascontiguousarray(signal, np.float64), found)]  # pyright: ignore[reportCallIssue]


@kernel
def _along_ecg(watch: Watch, r: RWave, signal: Floats, found: Floats) -> int:
    n = 0
    for i in range(signal.shape[0]):
        if look(watch, signal[i], 0) != Signal.GOOD:
            r.fresh = 1
            continue
        lag = find_r(r, watch.good)
        if lag >= 0.0:
            found[n, 0] = i - lag
            found[n, 1] = i
            n += 1
    return n


@kernel
def _along_pressure(watch: Watch, o: Onset, signal: Floats, found: Floats) -> int:
    n = 0
    for i in range(signal.shape[0]):
        if look(watch, signal[i], 0) != Signal.GOOD:
            o.fresh = 1
            continue
        lag = find_onset(o, watch.good)
        if lag >= 0.0:
            found[n, 0] = i - lag
            found[n, 1] = i
            n += 1
    return n


@kernel
def _along_notch(watch: Watch, o: Onset, notch: Notch, signal: Floats, found: Floats) -> int:
    n = 0
    for i in range(signal.shape[0]):
        if look(watch, signal[i], 0) != Signal.GOOD:
            o.fresh = 1
            notch.stage = 0
            continue
        lag = find_onset(o, watch.good)
        if o.new == 0:
            continue
        ago = find_notch(notch, o.smoothed_mmHg)
        if ago >= 0:
            found[n, 0] = i - (ago * o.thin.every + o.delay)
            found[n, 1] = i
            n += 1
        if lag >= 0.0:
            begin_pulse(notch, int((lag - o.delay) / o.thin.every + 0.5), o.high_mmHg - o.low_mmHg)
    return n
