"""Scores the streaming pressure-onset detector: one pulse per R wave, a running balloon pump's upstrokes must not count.

    python benchmarks/onset_score.py [FOLDER]

Truth: silver R waves (machine vote, see the recordings' README): a pulse must start between R and R + 450 ms, before the next R's window.
"""

import os
import sys
from pathlib import Path

import numpy as np
import wfdb

from counterpulse.kernel import kernel
from counterpulse.signals.onset import find_onset, pressure_onset
from counterpulse.signals.quality import Signal, look, pressure_watch


@kernel
def marks(watch, detector, signal, found):
    n = 0
    for i in range(signal.shape[0]):
        state = look(watch, signal[i], 0)
        if state != Signal.GOOD:
            detector.fresh = 1
            continue
        lag = find_onset(detector, watch.good)
        if lag >= 0.0:
            found[n, 0] = i - lag
            found[n, 1] = i
            n += 1
    return n


def score(path):
    record = wfdb.rdrecord(str(path))
    fs = record.fs
    signal = np.ascontiguousarray(record.p_signal[:, record.sig_name.index("ABP")])
    found = np.zeros((len(signal) // 30, 2))
    found = found[: marks(pressure_watch(fs), pressure_onset(fs), signal, found)]
    r = wfdb.rdann(str(path), "qrsm").sample / fs
    there = np.array([np.isfinite(signal[int(t * fs) : int((t + 0.8) * fs)]).all() for t in r])
    r = r[there & (r > 10)]
    at = found[:, 0] / fs
    at = at[at > 10]
    latency = (found[:, 1] - found[:, 0]) / fs * 1000
    delays = np.array([at[at > t][0] - t if (at > t).any() else 9 for t in r])
    delay = np.median(delays[delays < 0.5]) if (delays < 0.5).any() else np.nan
    window = 0.15
    hits = [np.abs(at - t - delay).min() < window for t in r]
    own = [np.abs(r + delay - a).min() < window for a in at if np.isfinite(signal[max(int(a * fs), 0)])]
    spread = np.array([at[np.abs(at - t - delay).argmin()] - t - delay for t, h in zip(r, hits, strict=True) if h])
    return len(r), len(own), np.mean(hits), np.mean(own), delay * 1000, spread.std() * 1000, latency


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("COUNTERPULSE_RECORDINGS", "../shared/recordings")) / "challenge2015"
    print("record          R  found    Se%    PPV%  delay ms  SD ms  latency p50 p95")
    for path in sorted(folder.glob("*/*.qrsm")):
        n, m, se, ppv, delay, sd, latency = score(path.with_suffix(""))
        print(f"{path.parent.name[:4]}/{path.stem:<6} {n:5d} {m:5d} {100 * se:7.2f} {100 * ppv:7.2f} {delay:8.0f} {sd:6.1f} {np.percentile(latency, 50):8.0f} {np.percentile(latency, 95):4.0f}")


if __name__ == "__main__":
    main()
