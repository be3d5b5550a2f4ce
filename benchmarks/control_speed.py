"""Cost of the console, and of the detectors of one lead and one pressure alone, per sample and as a multiple of real time.

The measured cost of an empty loop over the same samples stands beside it.

    python benchmarks/control_speed.py
"""

import time

import numpy as np

from counterpulse.kernel import kernel
from counterpulse.pump.control import control, start_pump
from counterpulse.pump.settings import Settings
from counterpulse.pump.trigger import sense_ecg, sense_pressure, senses
from counterpulse.signals.sample import Sample

SECONDS = 600


@kernel
def console(settings, pump, samples):
    driven = 0
    for i in range(samples.shape[0]):
        driven += control(settings, pump, samples[i]).valve
    return driven


@kernel
def detectors(senses, samples):
    marks = 0
    for i in range(samples.shape[0]):
        sense_ecg(senses, i, samples[i].ecg_mV[0], samples[i].lead_off[0], samples[i].pacer_spike, 0)
        sense_pressure(senses, i, samples[i].arterial_mmHg[0])
        if senses.r_at >= 0 or senses.foot_at >= 0:
            marks += 1
    return marks


@kernel
def reading(samples):
    total = 0.0
    for i in range(samples.shape[0]):
        total += samples[i].ecg_mV[0] + samples[i].arterial_mmHg[0] + samples[i].balloon_mmHg
    return total


def waves(fs_hz):
    """A plain sinus rhythm at 80 a minute: a Gaussian QRS and T wave, a pulse with a notch. Enough to keep every branch busy."""
    t = np.arange(int(SECONDS * fs_hz)) / fs_hz
    phase = t % 0.75
    rows = Sample.many(len(t))
    rows.ecg_mV[:, 0] = np.exp(-(((phase - 0.2) / 0.012) ** 2)) + 0.25 * np.exp(-(((phase - 0.46) / 0.05) ** 2)) + 0.01 * np.sin(7 * t)
    rows.arterial_mmHg[:, 0] = 70 + 40 * np.exp(-(((phase - 0.42) / 0.09) ** 2)) + 12 * np.exp(-(((phase - 0.62) / 0.05) ** 2))
    rows.balloon_mmHg = 10.0
    return rows


def fastest(work, repeats=5):
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main():
    settings = Settings(gas_watched=0)  # no drive answers here
    for fs_hz in (125.0, 250.0, 500.0, 1000.0):
        rows = waves(fs_hz)
        pump = start_pump(settings, fs_hz)
        console(settings, pump, rows[:1000])
        reading(rows[:1000])
        detectors(senses(fs_hz), rows[:1000])
        cost = fastest(lambda rows=rows, fs_hz=fs_hz: console(settings, start_pump(settings, fs_hz), rows)) / len(rows)
        found = fastest(lambda rows=rows, fs_hz=fs_hz: detectors(senses(fs_hz), rows)) / len(rows)
        least = fastest(lambda rows=rows: reading(rows)) / len(rows)
        console(settings, pump, rows)
        print(f"{fs_hz:6.0f} Hz  detectors {1e9 * found:5.1f} ns a sample  {1 / (found * fs_hz):9,.0f} x real time")
        print(
            f"{fs_hz:6.0f} Hz  console  {1e9 * cost:6.1f} ns a sample (reading alone {1e9 * least:4.1f})  {1 / (cost * fs_hz):9,.0f} x real time  {pump.inflations} inflations in {SECONDS} s"
        )


if __name__ == "__main__":
    main()
