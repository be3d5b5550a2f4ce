"""Cost of one ECG lead and one pressure at 1 kHz on one core, as a multiple of real time, beside sleepecg (batch, C) on the same lead in the same run.

python benchmarks/detector_speed.py
"""

import time
from importlib.util import find_spec

import numpy as np

from counterpulse.kernel import kernel
from counterpulse.recordings.peers import PEERS, ask
from counterpulse.signals.along import pulse_onsets, r_waves
from counterpulse.signals.grade import ecg_grade, grade, pressure_grade

SECONDS, FS = 600, 1000.0


@kernel
def graded(leads, pressures, ecg, mmHg):
    for i in range(ecg.shape[0]):
        for k in range(leads.shape[0]):
            grade(leads[k], ecg[i], 0)
        for k in range(pressures.shape[0]):
            grade(pressures[k], mmHg[i], 0)


def waves():
    """A plain sinus rhythm at 80 a minute: a Gaussian QRS and T wave, a pulse with a notch."""
    t = np.arange(int(SECONDS * FS)) / FS
    phase = t % 0.75
    ecg = np.exp(-(((phase - 0.2) / 0.012) ** 2)) + 0.25 * np.exp(-(((phase - 0.46) / 0.05) ** 2)) + 0.01 * np.sin(7 * t)
    return ecg, 70 + 40 * np.exp(-(((phase - 0.42) / 0.09) ** 2)) + 12 * np.exp(-(((phase - 0.62) / 0.05) ** 2))


def fastest(work, repeats=5):
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def seven():
    leads, pressures = np.stack([ecg_grade(FS, k) for k in range(3)]), np.stack([pressure_grade(FS, 3 + k) for k in range(4)])
    return leads.view(np.recarray), pressures.view(np.recarray)


def main():
    ecg, mmHg = waves()
    short = slice(0, 20000)
    r_waves(ecg[short], FS), pulse_onsets(mmHg[short], FS)
    both = fastest(lambda: (r_waves(ecg, FS), pulse_onsets(mmHg, FS)))
    one = fastest(lambda: r_waves(ecg, FS))
    print(f"R waves alone                    {1e9 * one / len(ecg):7.1f} ns a sample {SECONDS / one:12,.0f} x real time")
    print(f"R waves and pulse onsets         {1e9 * both / len(ecg):7.1f} ns a sample {SECONDS / both:12,.0f} x real time (goal 50,000)")
    graded(*seven(), ecg[short], mmHg[short])
    marks = fastest(lambda: graded(*seven(), ecg, mmHg))
    print(f"marks of 3 leads and 4 pressures {1e9 * marks / len(ecg):7.1f} ns a sample {SECONDS / marks:12,.0f} x real time")
    peer = next(one for one in PEERS if one.name == "sleepecg")
    if find_spec(peer.module) is None:
        print("sleepecg is not here: pip install 'counterpulse[peers]'")
        return
    ask(peer, ecg[short], FS)
    theirs = fastest(lambda: ask(peer, ecg, FS), 3)
    print(f"sleepecg, R waves, whole record  {1e9 * theirs / len(ecg):7.1f} ns a sample {SECONDS / theirs:12,.0f} x real time")


if __name__ == "__main__":
    main()
