"""How well the opening of the aortic valve is told where the console sees the aorta late, and how far people lie from Weissler's regression.

Usage: python benchmarks/late_opening.py [SECONDS]

Every preset at 0.85 and 1.15 of its rate beside its twin, pressure from lumen, radial, femoral line; from 20 s on. The truth is the twin's opening after the console's R
marks (median); told is what the console has learned by the end, and the population's pre-ejection period. The constants are in `pump.timing`.
"""

import sys
from itertools import product

import numpy as np

from counterpulse.bed.beats import crossings
from counterpulse.bed.channels import NAMES
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.cohort.preset import load, names
from counterpulse.pump.settings import SOURCE_DELAY_ms
from counterpulse.pump.timing import PEP_PER_RATE_S, PEP_S
from plans import plan_of, table

FS_HZ, FROM_S = 500.0, 20.0
LANES, BLOCK = 8, 4
RATES = (0.85, 1.15)
PLACES = ("root", "lumen", "radial", "femoral")


def plan(preset, source, share, number):
    fields = {"heart_rate_per_min": load(preset).patient.heart_rate_per_min * share, "systole_variability": 0.04, "delay_variability_s": 0.004, "seed": number}
    return plan_of(preset, console={"pressure_source": source, "source_delay_ms": SOURCE_DELAY_ms[source]}, patient=fields)


def opening_s(trace, lane):
    """The twin's opening after the console's R mark, s, median."""
    flow, beat, marks = trace.signals[:, lane + 1, NAMES.index("aortic")], trace.beat[:, lane], np.unique(trace.trigger[:, lane])
    opened = np.array([at for at, _ in crossings(flow, 1.0 / FS_HZ)])
    qrs = np.flatnonzero(np.diff(beat)) + 1
    found = [(opened[np.argmin(abs(opened - q - 25))], marks[np.argmin(abs(marks - q - 20))]) for q in qrs[qrs > FROM_S * FS_HZ]]
    return np.median([(out - mark) / FS_HZ for out, mark in found])


def block(cases, seconds, clock):
    """Errors of a few cases, s: as learned, and by the population."""
    plans = [plan(*one) for one in cases for _ in range(2)]
    plans += plans[: LANES - len(plans)]
    twins = [k - 1 if k % 2 else -1 for k in range(LANES)]
    bed = make_bed([p.patient for p in plans], [p.catheter for p in plans], [p.settings for p in plans], clock, twins)
    trace = run(bed, clock, round(seconds * FS_HZ), kept=True)
    for i, one in enumerate(cases):
        e, true = bed.pump[2 * i].expect, opening_s(trace, 2 * i)
        yield one[1], float(e.open_mean_s) - true, PEP_S - PEP_PER_RATE_S * 60.0 / float(e.median_s) - float(e.q_to_r_s) - true


def main():
    seconds, clock = float(sys.argv[1]) if len(sys.argv) > 1 else 45.0, clock_of(FS_HZ)
    cases = [(preset, source, share, 77 + k) for k, (source, preset, share) in enumerate(product((1, 2, 3), names(), RATES))]
    rows = np.array([row for first in range(0, len(cases), BLOCK) for row in block(cases[first : first + BLOCK], seconds, clock)])
    say = lambda v: f"{1000 * v.mean():+.0f} ± {1000 * v.std():.0f} ({1000 * v.min():+.0f} to {1000 * v.max():+.0f})"  # noqa: E731
    lines = [[PLACES[source], *(say(rows[rows[:, 0] == source, k]) for k in (1, 2))] for source in (1, 2, 3)]
    print(table(["source", "learned less true, ms", "population less true, ms"], lines))


if __name__ == "__main__":
    main()
