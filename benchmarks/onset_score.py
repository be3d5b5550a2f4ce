"""Scores the streaming pressure-onset detector: one pulse per R wave, a running balloon pump's upstrokes must not count.

    python benchmarks/onset_score.py [FOLDER]

Truth: silver R waves (machine vote, see the recordings' README): one to one, a pulse must start within 150 ms of R plus the record's usual delay.
The last columns look at the truth, not at the detector: R marks that at least 8 of the 10 voters saw and that a rise of 4 mmHg follows in that window (the others
are noise taken for a beat, beats that move no blood, a flushed line); marks that fall where the R list has a hole (a pause of 1.5 of its own neighbours).
"""

import os
import sys
from pathlib import Path

import numpy as np
import wfdb
from scipy.signal import butter, sosfiltfilt

from counterpulse.recordings.annotated import Case, cases
from counterpulse.recordings.score import match
from counterpulse.signals.along import pulse_onsets

WINDOW_S, WHOLE_S, LONGEST_S = 0.15, 0.8, 0.5
RISE_mmHg, RISE_S = 4.0, 0.2  # the detector's own least pulse
HOLE, NEIGHBOURS = 1.5, 11
AGREED = 0.75  # of the vote


def rises(pressure, fs, at):
    """The largest rise within 0.2 s that begins in the window about each time, mmHg; zero-phase below 20 Hz."""
    there = np.isfinite(pressure)
    index = np.arange(len(pressure))
    smooth = sosfiltfilt(butter(2, 20.0, fs=fs, output="sos"), np.interp(index, index[there], pressure[there]))
    reach, window = int(RISE_S * fs), int(WINDOW_S * fs)
    later = np.lib.stride_tricks.sliding_window_view(np.pad(smooth, (0, reach), mode="edge"), reach + 1).max(axis=1) - smooth
    return np.array([later[max(int(t * fs) - window, 0) : int(t * fs) + window].max(initial=0.0) for t in at])


def in_hole(r, at):
    """Whether each time lies in a pause of the R list, 1.5 of the median of the intervals about it."""
    rr = np.diff(r)
    usual = np.array([np.median(rr[max(k - NEIGHBOURS // 2, 0) : k + NEIGHBOURS // 2 + 1]) for k in range(len(rr))])
    k = np.clip(np.searchsorted(r, at) - 1, 0, len(rr) - 1)
    return rr[k] > HOLE * usual[k]


def votes(file, times):
    """The share of the voters behind each R mark."""
    notes = wfdb.rdann(str(file), "qrsm")
    share = np.array([float(text.strip("\0 ")) for text in notes.aux_note])
    return share[np.searchsorted(notes.sample / notes.fs, times - 1e-6)]


def score(case, file):
    pressure, fs = case.pressure
    found = pulse_onsets(pressure, fs) / fs
    found = found[found[:, 0] > case.from_s]
    at = found[:, 0]
    r = case.r.times_s
    whole = np.array([np.isfinite(pressure[int(t * fs) : int((t + WHOLE_S) * fs)]).all() for t in r])
    r = r[whole & (r > case.from_s)]
    after = np.searchsorted(at, r)
    delays = np.array([at[k] - t if k < len(at) else np.inf for k, t in zip(after, r, strict=True)])
    delay = np.median(delays[delays < LONGEST_S])
    pairs = match(at, r + delay, WINDOW_S)
    missed, false = np.ones(len(r), bool), np.ones(len(at), bool)
    missed[pairs.reference], false[pairs.mark] = False, False
    errors = at[pairs.mark] - r[pairs.reference] - delay
    sure = (votes(file, r) >= AGREED) & (rises(pressure, fs, r + delay) >= RISE_mmHg)
    unlisted = (false & in_hole(case.r.times_s, at - delay)).sum()
    hits = len(pairs.mark)
    return len(r), len(at), hits, delay, errors.std(), found[:, 1] - at, sure.sum(), (sure & ~missed).sum() / sure.sum(), unlisted, hits / (len(at) - unlisted)


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("COUNTERPULSE_RECORDINGS", "../shared/recordings")) / "challenge2015"
    print("| record | R | found | Se % | PPV % | delay behind R ms | SD ms | latency p50 ms | p95 ms | sure R | Se of these % | marks in holes | PPV without % |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    files, opened = cases(folder)
    for file, case in zip(files, opened, strict=True):
        if not isinstance(case, Case) or case.pressure is None or case.r is None:
            continue
        n, m, hits, delay, spread, latency, sure, se, unlisted, ppv = score(case, file.with_suffix(""))
        late = 1000 * np.percentile(latency, [50, 95])
        print(f"| {file.parent.name[:4]}/{case.name} | {n} | {m} | {100 * hits / n:.2f} | {100 * hits / m:.2f} | {1000 * delay:.0f} | {1000 * spread:.1f} "
              f"| {late[0]:.0f} | {late[1]:.0f} | {sure} | {100 * se:.1f} | {unlisted} | {100 * ppv:.1f} |")  # fmt: skip


if __name__ == "__main__":
    main()
