"""R waves under added noise, and both halves of the records apart: what a score on a handful of clean records does not tell.

    python benchmarks/detector_noise.py [FOLDER]      MIT-BIH records, first channel, first 5 minutes not scored, gross F1 at 150 and 20 ms

Noise is made here and has the power of a QRS, (peak to peak)^2 / 8 as in Moody's noise stress test, less 15, 7 or 3 dB; all along the record.
white: all frequencies; muscle: 20 to 120 Hz, waxing and waning; wander: below 0.7 Hz; motion: 1 to 10 Hz, where the QRS's own lower half lies.
"""

import os
import sys
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfilt

from counterpulse.recordings.annotated import cases
from counterpulse.recordings.score import detection
from counterpulse.signals.along import r_waves

KINDS = ("white", "muscle", "wander", "motion")
BANDS_HZ = {"muscle": (20.0, 120.0), "motion": (1.0, 10.0)}


def noise(kind, lead, fs, db):
    z = np.random.default_rng(1).standard_normal(len(lead))
    if kind == "wander":
        z = sosfilt(butter(2, 0.7, "low", fs=fs, output="sos"), z)
    elif kind in BANDS_HZ:
        low, high = BANDS_HZ[kind]
        z = sosfilt(butter(2, [low, min(high, 0.45 * fs)], "bandpass", fs=fs, output="sos"), z)
    if kind == "muscle":
        z *= 1 + 0.8 * np.sin(2 * np.pi * np.arange(len(z)) / fs / 7)
    second = int(fs)
    height = np.median([np.ptp(lead[i : i + second]) for i in range(0, len(lead) - second, second)])
    return z / z.std() * np.sqrt(height**2 / 8 / 10 ** (db / 10))


def gross(records, kind=None, db=0.0):
    sums = {0.15: np.zeros(3), 0.02: np.zeros(3)}
    for case in records:
        lead, fs = case.lead
        signal = lead if kind is None else lead + noise(kind, lead, fs, db)
        found = r_waves(signal, fs)[:, 0] / fs
        for tolerance in sums:
            row = detection(found[found >= case.from_s], case.r.times_s[case.r.times_s >= case.from_s], tolerance)
            sums[tolerance] += (row["tp"], row["fp"], row["fn"])
    (tp, fp, fn), tight = sums[0.15], sums[0.02]
    return 100 * tp / (tp + fn), 100 * tp / (tp + fp), 2 * tp / (2 * tp + fp + fn), 2 * tight[0] / (2 * tight[0] + tight[1] + tight[2])


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("COUNTERPULSE_RECORDINGS", "../shared/recordings")) / "mitdb"
    records = [case for case in cases(folder)[1] if not isinstance(case, str)]
    print("| what | Se % | PPV % | F1 150 ms | F1 20 ms |\n|---|---|---|---|---|")
    rows = [("all records, as they are", records, None, 0.0)]
    for k in (0, 1):
        half = records[k::2]
        rows.append(("only " + " ".join(case.name for case in half), half, None, 0.0))
    rows += [(f"{kind}, {db} dB", records, kind, db) for kind in KINDS for db in (15, 7, 3)]
    for name, some, kind, db in rows:
        se, ppv, f1, tight = gross(some, kind, db)
        print(f"| {name} | {se:.2f} | {ppv:.2f} | {f1:.4f} | {tight:.4f} |")


if __name__ == "__main__":
    main()
