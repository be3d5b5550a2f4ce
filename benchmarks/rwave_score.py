"""Scores the streaming R-wave detector on annotated recordings: Se, PPV, F1 at 150 and 20 ms, offset and latency of the marks.

    python benchmarks/rwave_score.py [FOLDER]      first 5 minutes not scored (AAMI EC57), every beat label counts, channel 0
"""

import os
import sys
from pathlib import Path

import numpy as np
import wfdb

from counterpulse.kernel import kernel
from counterpulse.signals.quality import Signal, ecg_watch, look
from counterpulse.signals.rwave import find_r, r_wave

BEATS = set("NLRBAaJSVrFejnE/fQ?")


@kernel
def marks(watch, detector, signal, found):
    n = 0
    for i in range(signal.shape[0]):
        state = look(watch, signal[i], 0)
        if state != Signal.GOOD:
            detector.fresh = 1
            continue
        lag = find_r(detector, watch.good)
        if lag >= 0.0:
            found[n, 0] = i - lag
            found[n, 1] = i
            n += 1
    return n


def matched(reference, found, window):
    """One-to-one, nearest first in time order."""
    pairs, j = [], 0
    for i, r in enumerate(reference):
        while j < len(found) and found[j] < r - window:
            j += 1
        if j < len(found) and found[j] <= r + window:
            better = j + 1 < len(found) and abs(found[j + 1] - r) < abs(found[j] - r) and found[j + 1] <= r + window
            j += int(better)
            pairs.append((i, j))
            j += 1
    return pairs


def score(path, channel=0, skip_s=300.0, annotator="atr"):
    header = wfdb.rdheader(str(path))
    record = wfdb.rdrecord(str(path), channels=[channel])
    notes = wfdb.rdann(str(path), annotator)
    fs, signal = record.fs, np.ascontiguousarray(record.p_signal[:, 0])
    found = np.zeros((len(signal) // 50, 2))
    n = marks(ecg_watch(fs), r_wave(fs), signal, found)
    found = found[:n]
    reference = np.array([s for s, c in zip(notes.sample, notes.symbol, strict=True) if c in BEATS and s >= skip_s * fs])
    keep = found[:, 0] >= skip_s * fs
    found = found[keep]
    del header
    rows = {}
    for ms in (150, 20):
        pairs = matched(reference, found[:, 0], ms * fs / 1000)
        tp = len(pairs)
        se, ppv = tp / max(len(reference), 1), tp / max(len(found), 1)
        rows[ms] = (se, ppv, 2 * tp / max(len(reference) + len(found), 1), pairs)
    offset = np.array([found[j, 0] - reference[i] for i, j in rows[150][3]]) * 1000 / fs
    latency = np.array([found[j, 1] - reference[i] for i, j in rows[150][3]]) * 1000 / fs
    return len(reference), len(found), rows, offset, latency


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("COUNTERPULSE_RECORDINGS", "../shared/recordings")) / "mitdb"
    totals = np.zeros(4)
    lat = []
    print("record  beats found    Se%    PPV%  F1_150  F1_20   offset ms      latency ms p50 p95")
    for path in sorted(folder.glob("*.atr")):
        n, m, rows, offset, latency = score(path.with_suffix(""))
        totals += (n, m, len(rows[150][3]), len(rows[20][3]))
        lat.append(latency)
        print(f"{path.stem:>6} {n:6d} {m:5d} {100 * rows[150][0]:7.2f} {100 * rows[150][1]:7.2f} {rows[150][2]:7.4f} {rows[20][2]:7.4f}"
              f"  {offset.mean():6.1f} +- {offset.std():4.1f}  {np.percentile(latency, 50):6.0f} {np.percentile(latency, 95):4.0f}")  # fmt: skip
    n, m, a, b = totals
    lat = np.concatenate(lat)
    print(f"all    {n:6.0f} {m:5.0f} {100 * a / n:7.2f} {100 * a / m:7.2f} {2 * a / (n + m):7.4f} {2 * b / (n + m):7.4f}"
          f"                  {np.percentile(lat, 50):6.0f} {np.percentile(lat, 95):4.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
