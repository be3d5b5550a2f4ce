"""How good a console could be that reads the true valve: every beat's closure is handed to it as the beat begins, and it times the gas as ever.

Usage: python benchmarks/timing_oracle.py [SECONDS] [PRESET ...]     110 s of hf-shock, healthy, stiff-aorta and af if not given; counted from 30 s

The patient is run once with the console as it is. Then again, in manual mode, with the closure of each beat's twin in the run before for its own (the held time from mark
to closure is set anew at every QRS), until two runs agree: three are enough. What is left is the gas alone: the line delay of the catheter, taken as the
console knows it, against what the drive does. Beside it the same beats by the textbook's fixed intervals and by the console.
"""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.tick import Trace
from counterpulse.pump.settings import Mode
from plans import table
from timing_rows import Case, Ran, cells, events, plan, row

FS_HZ, SLICE = 500.0, 10
FIRST_S = 30.0
PRESETS = ("hf-shock", "healthy", "stiff-aorta", "af")
QS2_MS, PER_RATE_MS = 546.0, 2.1  # Weissler 1968, men (pump.md 3.7)
PASSES = 3


@dataclass
class Marked(Ran):
    """A run with the times of its marks, ms."""

    marks: Any = None


def told(cases: list[Case], seconds: float, known: list[dict[int, float]] | None) -> list[Marked]:
    """Run each case beside its twin; with `known`, the closure after the mark of each beat number, s, is what the console goes by."""
    plans = [plan(case) for case in cases for _ in range(2)]
    clock = clock_of(FS_HZ)
    bed = make_bed([p.patient for p in plans], [p.catheter for p in plans], [p.settings for p in plans], clock, [k - 1 if k % 2 else -1 for k in range(len(plans))])
    parts = []
    for first in range(0, round(seconds * FS_HZ), SLICE):
        if known and first > 15 * FS_HZ:
            for i, closes in enumerate(known):
                bed.settings[2 * i].mode = Mode.MANUAL
                bed.pump[2 * i].pilot.held_s = closes.get(int(bed.beat[2 * i].number), float(np.median(list(closes.values()))))
        parts.append(run(bed, clock, SLICE, kept=True))
    trace = Trace(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    wave = lambda lane: Wave(trace.signals[:, lane], trace.beat[:, lane], 1.0 / FS_HZ)  # noqa: E731
    marks = [np.unique(trace.trigger[:, 2 * i]) * 1000.0 / FS_HZ for i in range(len(cases))]
    return [Marked(case, wave(2 * i), wave(2 * i + 1), trace.valve[:, 2 * i], None, plans[2 * i].settings, marks[i]) for i, case in enumerate(cases)]


def closures(one: Marked) -> dict[int, float]:
    """Closure after the mark by beat number, s."""
    e = events(one)
    marks = one.marks
    k = np.searchsorted(marks, e["qrs"])
    late = np.median([marks[j] - q for j, q in zip(k, e["qrs"], strict=True) if j < len(marks) and marks[j] - q < 150.0])
    number = one.twin.beat[np.round(e["qrs"] * FS_HZ / 1000.0).astype(int) + 1]
    found = {}
    for n, q in zip(number, e["qrs"], strict=True):
        after = e["closes"][e["closes"] > q + 100.0]
        if len(after) and after[0] - q < 700.0:
            found[int(n)] = float(after[0] - q - late) / 1000.0
    return found


def textbook(one: Ran) -> float:
    """Share of the same beats within 20 ms by Weissler's regression on the R-R before."""
    e = events(one)
    k = np.searchsorted(e["qrs"], e["closes"]) - 1
    good = (k >= 11) & (e["closes"] > 1000.0 * FIRST_S)
    q = e["qrs"][k[good]]
    error = QS2_MS - PER_RATE_MS * 60000.0 / (q - e["qrs"][k[good] - 1]) - (e["closes"][good] - q)
    return 100.0 * float(np.mean(np.abs(error) <= 20.0))


def main() -> int:
    """Print the table."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    seconds = next((float(word) for word in words if word.replace(".", "").isdigit()), 110.0)
    presets = [word for word in words if not word.replace(".", "").isdigit()] or list(PRESETS)
    lines = []
    for first in range(0, len(presets), 4):
        some = presets[first : first + 4]
        cases = lambda: [Case(name) for name in (some * 4)[:4]]  # noqa: E731
        plain = told(cases(), seconds, None)
        best = plain
        for _ in range(PASSES):
            best = told(cases(), seconds, [closures(one) for one in best])
        for console, oracle, name in zip(plain, best, some, strict=False):
            ours, ideal = (cells(name, row(one, FIRST_S)) for one in (console, oracle))
            lines.append([name, f"{textbook(console):.0f}", ours[3], ours[4], ideal[3], ideal[4]])
    print(table(["case", "textbook, % within 20 ms", "console ms", "console %", "true valve ms", "true valve %"], lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
