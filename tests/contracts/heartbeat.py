"""A plain heart for tests of detectors and console: Gaussian waves at given beat times, a pulse with a true notch, all known exactly.

`Beats` say when R waves peak; the valve opens OPEN_S after R and closes `close_s(rr)` after R. Nothing here is physiology.
"""

import numpy as np

from counterpulse.kernel import kernel
from counterpulse.pump.control import control
from counterpulse.pump.settings import Trigger
from counterpulse.signals.sample import Sample

OPEN_S = 0.08
QRS_SD_S = 0.011
SPIKE_S = {Trigger.V_PACED: 0.06, Trigger.A_PACED: 0.18}  # before the R peak


def close_s(rr_s):
    return 0.25 + 0.12 * rr_s


def beat_times(seconds, rr_s=0.8, spread=0.0, seed=1):
    """R-wave times; R-R normally spread by a share of its mean."""
    steps = rr_s * (1 + spread * np.random.default_rng(seed).standard_normal(int(seconds / rr_s * 1.5) + 4).clip(-2.5, 2.5))
    at = 0.5 + np.cumsum(steps) - steps[0]
    return at[at < seconds - 0.3]


def add(wave, fs, at, sd, height):
    """A Gaussian bump, where it is not negligible."""
    i = np.arange(max(int((at - 5 * sd) * fs), 0), min(int((at + 5 * sd) * fs) + 1, len(wave)))
    wave[i] += height * np.exp(-(((i / fs - at) / sd) ** 2) / 2)


def ecg(times, seconds, fs, noise=0.01, seed=2):
    wave = noise * np.random.default_rng(seed).standard_normal(int(seconds * fs))
    for r in times:
        add(wave, fs, r - 0.16, 0.02, 0.12)
        add(wave, fs, r, QRS_SD_S, 1.1)
        add(wave, fs, r + 0.03, 0.01, -0.25)
        add(wave, fs, r + 0.28, 0.04, 0.3)
    return wave


def pressure(times, seconds, fs, delay=0.0, noise=0.1, seed=3):
    """Windkessel-like: a half-sine of ejection on a decaying diastole, an incisura at closure."""
    flow = np.zeros(int(seconds * fs))
    mmHg = np.zeros(len(flow))
    for r, rr in zip(times, np.diff(times, prepend=2 * times[0] - times[1]), strict=True):
        opens, shuts = r + OPEN_S + delay, r + close_s(rr) + delay
        i = np.arange(int(opens * fs) + 1, min(int(shuts * fs) + 1, len(flow)))
        flow[i] = np.sin(np.pi * (i / fs - opens) / (shuts - opens)).clip(0) ** 0.7
        add(mmHg, fs, shuts + 0.012, 0.010, -7.0)
    stored, level = 75.0, np.zeros(len(flow))
    for i, q in enumerate(flow):
        stored += (170.0 * q - (stored - 10.0) / 1.6) / fs
        level[i] = stored
    return level + 14.0 * flow + mmHg + noise * np.random.default_rng(seed).standard_normal(len(flow))


def bedside(times, seconds, fs, source=0, delay=0.0, trigger=Trigger.ECG):
    """Samples of a whole stretch."""
    rows = Sample.many(int(seconds * fs))
    rows.ecg_mV[:, 0] = ecg(times, seconds, fs)
    rows.arterial_mmHg[:, source] = pressure(times, seconds, fs, delay)
    rows.balloon_mmHg = 10.0
    for r in times:  # a pacer's flag before every QRS, as a monitor gives it; only the paced triggers heed it
        rows.pacer_spike[int((r - SPIKE_S.get(trigger, 0.0)) * fs)] = int(trigger in SPIKE_S)
    return rows


@kernel
def helium(valve, since_s):
    """Balloon pressure of a drive in order: up against the drive, down to the artery; down to the vacuum, up to the baseline."""
    if valve > 0:
        return 200.0 if 0.01 < since_s < 0.15 else (10.0 if since_s <= 0.01 else 90.0)
    return -120.0 if 0.01 < since_s < 0.1 else 10.0


@kernel
def console(settings, pump, rows, valve, beats, left_out):
    """Run along rows; the valve of each sample, the number of the last beat and that of the last one left out as a lesson. A balloon pressure of 10 everywhere stands for a drive in order."""
    for i in range(rows.shape[0]):
        last = pump.inflate_at if pump.balloon == 1 else pump.deflate_at
        if rows[i].balloon_mmHg == 10.0 and last >= 0:
            rows[i].balloon_mmHg = helium(1 if pump.balloon == 1 else -1, (pump.count - last) / pump.fs_hz)
        valve[i] = control(settings, pump, rows[i]).valve
        beats[i] = pump.beat_number
        left_out[i] = pump.left_out_beat


@kernel
def coupled(settings, pump, rows, valve, left_out, augmentation):
    """As `console`, with a balloon that lifts the pressure of every source 40 ms after drive and drops it after vacuum."""
    volume = 0.0
    for i in range(rows.shape[0]):
        for k in range(4):
            rows[i].arterial_mmHg[k] += augmentation * volume
        last = pump.inflate_at if pump.balloon == 1 else pump.deflate_at
        rows[i].balloon_mmHg = helium(1 if pump.balloon == 1 else -1, (pump.count - last) / pump.fs_hz if last >= 0 else 9.0)
        valve[i] = control(settings, pump, rows[i]).valve
        left_out[i] = pump.left_out_beat
        target = 1.0 if valve[i] > 0 else 0.0
        volume += (target - volume) * 1000.0 / (30.0 * pump.fs_hz)


def along(settings, pump, rows):
    """Valve per sample and beat number per sample."""
    valve, beats, _ = along_with_lessons(settings, pump, rows)
    return valve, beats


def along_with_lessons(settings, pump, rows):
    """Valve per sample, beat number per sample, and the numbers of the beats left out to see their closure."""
    valve, beats, left_out = (np.zeros(len(rows), np.int64) for _ in range(3))
    console(settings, pump, rows, valve, beats, left_out)
    return valve, beats, set(np.unique(left_out[left_out > 0]).tolist())


def switches(valve):
    """Samples at which drive begins and ends."""
    step = np.diff((valve > 0).astype(int), prepend=0)
    return np.flatnonzero(step > 0), np.flatnonzero(step < 0)
