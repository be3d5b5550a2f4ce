"""Runs the streaming detectors along whole arrays, sample by sample, as the console does. For scores and benchmarks; knows no file.

Each returns an array of shape (marks, 2): where the event was and at which sample that was known, both in samples from the start of the array.
Units: mV, mmHg, Hz.
"""

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline, kernel
from counterpulse.signals.notch import Notch, begin_pulse, find_notch, notch_finder
from counterpulse.signals.onset import Onset, find_onset, pressure_onset
from counterpulse.signals.quality import Signal, Watch, ecg_watch, look, pressure_watch
from counterpulse.signals.rwave import RWave, find_r, r_wave
from counterpulse.signals.systole import Systole, find_systole, forget_systole, systole_finder

Floats = NDArray[np.float64]


def r_waves(lead_mV: Floats, fs_hz: float) -> Floats:
    """R waves of a lead."""
    signal = np.ascontiguousarray(lead_mV, np.float64)
    return _marked(along_ecg(ecg_watch(fs_hz), r_wave(fs_hz), signal))


def pulse_onsets(pressure_mmHg: Floats, fs_hz: float) -> Floats:
    """Starts of the pulses of an arterial pressure; a balloon's upstrokes are none."""
    return _marked(_pulses(pressure_mmHg, fs_hz)[0])


def systoles(pressure_mmHg: Floats, fs_hz: float) -> Floats:
    """Systolic peaks of an arterial pressure; a balloon's augmentation is none."""
    return _marked(_pulses(pressure_mmHg, fs_hz)[1])


def notches(pressure_mmHg: Floats, fs_hz: float) -> Floats:
    """Minima of the dicrotic notches of an arterial pressure, found after they have passed."""
    return _marked(_pulses(pressure_mmHg, fs_hz)[2])


def _pulses(pressure_mmHg: Floats, fs_hz: float) -> Floats:
    signal = np.ascontiguousarray(pressure_mmHg, np.float64)
    return along_pressure(pressure_watch(fs_hz), pressure_onset(fs_hz), systole_finder(fs_hz), notch_finder(fs_hz), signal)


def _marked(lags: Floats) -> Floats:
    known = np.flatnonzero(lags >= 0.0)
    return np.stack([known - lags[known], known], axis=1).astype(np.float64)


@kernel
def along_ecg(watch: Watch, r: RWave, signal: Floats) -> Floats:
    """How many samples before each sample the R wave was that is told there; -1 where none is."""
    lags = np.full(signal.shape[0], -1.0)
    for i in range(signal.shape[0]):
        if look(watch, signal[i], 0) == Signal.GOOD:
            lags[i] = find_r(r, watch.good)
        else:
            r.fresh = 1
    return lags


@kernel
def along_pressure(watch: Watch, o: Onset, systole: Systole, notch: Notch, signal: Floats) -> Floats:
    """How many samples before each sample the onset, systolic peak and notch (rows) were that are told there; -1 where none is."""
    lags = np.full((3, signal.shape[0]), -1.0)
    for i in range(signal.shape[0]):
        if look(watch, signal[i], 0) != Signal.GOOD:
            o.fresh = 1
            notch.stage = 0
            forget_systole(systole)
            continue
        lag = find_onset(o, watch.good)
        lags[0, i] = lag
        lags[1, i] = find_systole(systole, o, lag)
        lags[2, i] = seek_notch(notch, o, lag)
    return lags


@inline
def seek_notch(notch: Notch, o: Onset, lag: float) -> float:
    """Feed the finder of notches after the onset detector; samples since the notch if it is known now, else -1."""
    if o.new == 0:
        return -1.0
    ago = find_notch(notch, o.smoothed_mmHg)
    if lag >= 0.0:
        begin_pulse(notch, int((lag - o.delay) / o.thin.every + 0.5), o.high_mmHg - o.low_mmHg)
    return ago * o.thin.every + o.delay if ago >= 0 else -1.0
