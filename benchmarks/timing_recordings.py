"""Predicts the notch of recorded pressures within the beat and scores it against the notch as it came; beside it the mean of the last eight beats.

    python benchmarks/timing_recordings.py [FOLDER] [--ahead MS]

Truth: the first local minimum after the systolic peak of the pressure (25 Hz, zero-phase), from the recordings' silver_beats.csv; R waves of the same file
(machine vote). In the records with a balloon pump the "notch" is the V of the inflation. Nothing is tuned to a record. The predictor (`signals.closure`, with `pump.timing` for the
part that R-R explains) is taught each beat's notch once it has passed. Counted from beat 12 on; a beat is counted with
what was predicted when the prediction stood AHEAD before itself, or AHEAD before the notch if that came first. Errors in ms.
"""

import csv
import os
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import wfdb

from counterpulse.kernel import kernel
from counterpulse.pump.timing import Expectation, expect_rr, expected_close, learn_close, rr_before
from counterpulse.signals.closure import DECIDED_LATE_S, begin_closure, closure_predictor, end_closure, predict
from counterpulse.signals.filters import thin, thinner
from plans import table

FIRST = 12
LEAST_BEATS = 50


@kernel
def along(records, signal, truth, times, said):
    """Fill `said` with what was predicted `ahead_s` before each notch: time after the R wave, s; -1 = nothing."""
    c, e, t = records
    marks, notches = truth
    ahead_s, fs = times
    beat = -1
    for i in range(signal.shape[0]):
        if beat + 1 < marks.shape[0] and i >= marks[beat + 1] + 0.03 * fs:
            if beat >= 0:
                if notches[beat] > 0.0 and learn_close(e, notches[beat], False):
                    end_closure(c, notches[beat], True)
                else:
                    end_closure(c, c.closes_s, False)
                expect_rr(e, (marks[beat + 1] - marks[beat]) / fs)
            beat += 1
            c.rr_s, c.rr_before_s = e.last_rr_s, rr_before(e)
            begin_closure(c, expected_close(e, False), ahead_s, 0.0)
        if np.isnan(signal[i]):
            c.now = 0
            continue
        if thin(t, signal[i]) and beat >= 0:
            age = (i - 0.5 * (t.every - 1) - marks[beat]) / fs
            predict(c, t.total, age)
            if age <= notches[beat] - ahead_s:
                said[beat] = c.decided_s - DECIDED_LATE_S if c.decided_s >= 0.0 else c.closes_s


def beats(folder):
    """R wave and notch of each record, s."""
    found = defaultdict(list)
    with (folder / "silver_beats.csv").open() as file:
        for line in csv.DictReader(file):
            found[line["record"]].append(line)
    return found


def score(path, rows, ahead_s):
    """Errors of the predictor and of the mean of the last eight beats, ms."""
    record = wfdb.rdrecord(str(path))
    fs = float(record.fs)
    signal = np.ascontiguousarray(record.p_signal[:, record.sig_name.index("ABP")])
    number = lambda row, key: float(row[key]) if row[key] not in ("", "nan") else np.nan  # noqa: E731
    r = np.array([number(row, "R_sample") / fs for row in rows])
    notch = np.array([number(row, "notch_sample") / fs for row in rows]) - r
    notch = np.where(np.isfinite(notch) & (notch > 0.15) & (notch < 0.56), notch, -1.0)
    said = np.full(len(r), -1.0)
    c = closure_predictor(fs)
    along((c, Expectation(), thinner(fs)), signal, (np.round(r * fs).astype(np.int64), notch), (ahead_s, fs), said)
    ours, plain = [], []
    for k in range(FIRST, len(r)):
        before = notch[k - 8 : k][notch[k - 8 : k] > 0]
        if notch[k] > 0 and said[k] > 0 and len(before):
            ours.append(said[k] - notch[k])
            plain.append(before.mean() - notch[k])
    return 1000 * np.array(ours), 1000 * np.array(plain)


def line(name, ours, plain):
    """A row of the table."""
    size = lambda e: f"{np.abs(e).mean():.1f} / {np.percentile(np.abs(e), 95):.0f}"  # noqa: E731
    return [name, f"{len(ours)}", size(ours), f"{ours.mean():+.1f}", f"{100 * np.mean(np.abs(ours) <= 20):.1f}", size(plain)]


def main() -> int:
    """Print the table; the pump's records apart."""
    words = [word for word in sys.argv[1:] if not word.startswith("--") and not word.isdigit()]
    ahead_s = 0.001 * float(sys.argv[sys.argv.index("--ahead") + 1]) if "--ahead" in sys.argv else 0.04
    folder = Path(words[0] if words else os.environ.get("COUNTERPULSE_RECORDINGS", "../shared/recordings")) / "challenge2015"
    groups: dict[str, list] = {"own notch": [], "balloon pump": []}
    lines = []
    for name, rows in sorted(beats(folder).items()):
        path = next(iter(folder.glob(f"*/{name}.hea")), None)
        if path is None or len(rows) < LEAST_BEATS:
            continue
        ours, plain = score(path.with_suffix(""), rows, ahead_s)
        if len(ours):
            lines.append(line(f"{path.parent.name}/{name}", ours, plain))
            groups["balloon pump" if path.parent.name == "iabp" else "own notch"].append((ours, plain))
    lines += [line(f"**{group}**", *(np.concatenate(part) for part in zip(*parts, strict=True))) for group, parts in groups.items() if parts]
    print(f"Predicted {1000 * ahead_s:.0f} ms ahead.\n")
    print(table(["record", "beats", "MAE / p95 ms", "mean ms", "within 20 ms %", "mean of last 8: MAE / p95 ms"], lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
