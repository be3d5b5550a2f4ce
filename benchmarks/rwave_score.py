"""Scores the streaming R-wave detector on annotated recordings: gross sensitivity, PPV and F1 at 150 and 20 ms, latency.

python benchmarks/rwave_score.py [FOLDER]      default: the recordings named by COUNTERPULSE_RECORDINGS or ../shared/recordings; first 5 minutes not
scored (AAMI EC57), every beat label counts, channel 0
"""

import os
import sys
from pathlib import Path

import numpy as np

from counterpulse.recordings.annotated import Case, cases
from counterpulse.recordings.score import detection, match
from counterpulse.signals.along import r_waves


def score(case):
    """Counts at both tolerances, then offset and latency of what was matched within 150 ms, ms."""
    lead, fs = case.lead
    found = r_waves(lead, fs) / fs
    found = found[found[:, 0] >= case.from_s]
    beats = case.r.times_s[case.r.times_s >= case.from_s]
    loose, tight = (detection(found[:, 0], beats, tolerance) for tolerance in (0.15, 0.02))
    pairs = match(found[:, 0], beats, 0.15)
    return loose, tight, *(1000 * (found[pairs.mark] - beats[pairs.reference, None]).T)


def row(name, loose, tight, offset, latency):
    late = np.percentile(latency, [50, 95])
    return (f"| {name} | {loose['tp'] + loose['fn']} | {loose['tp'] + loose['fp']} | {100 * loose['se']:.2f} | {100 * loose['ppv']:.2f} | {loose['f1']:.4f} "
            f"| {tight['f1']:.4f} | {offset.mean():.1f} ± {offset.std():.1f} | {late[0]:.0f} | {late[1]:.0f} |")  # fmt: skip


def total(counts):
    tp, fp, fn = (sum(one[key] for one in counts) for key in ("tp", "fp", "fn"))
    return {"tp": tp, "fp": fp, "fn": fn, "se": tp / (tp + fn), "ppv": tp / (tp + fp), "f1": 2 * tp / (2 * tp + fp + fn)}


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("COUNTERPULSE_RECORDINGS", "../shared/recordings")) / "mitdb"
    print("| record | beats | found | Se % | PPV % | F1 150 ms | F1 20 ms | offset ms | latency p50 ms | p95 ms |\n|---|---|---|---|---|---|---|---|---|---|")
    told = [(case.name, *score(case)) for case in cases(folder)[1] if isinstance(case, Case)]
    for one in told:
        print(row(*one))
    _, loose, tight, offset, latency = zip(*told, strict=True)
    print(row("all", total(loose), total(tight), np.concatenate(offset), np.concatenate(latency)))


if __name__ == "__main__":
    main()
