"""What is predicted of a pump from an unassisted pressure, against what it then does: python benchmarks/predicted_seen.py COHORT [PATIENTS]

Virtual patients of a cohort that `counterpulse cohort draw` made are recorded as a bedside sees them (wrist, a line of 18 Hz and damping 0.35, breaths, whole
steps) for 50 s without a pump. `fit --recording` and `predict` see this pressure and the R waves only; the truth is the same patient run with the pump. None of
these patients is a preset that the fit begins with. Prints a row a patient and number, then errors and how often the 90 % interval holds the truth.
"""

import sys
from pathlib import Path

import numpy as np

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import no_catheter
from counterpulse.body.lanes import LANES
from counterpulse.body.patient import Rhythm
from counterpulse.cohort.arms import Arm
from counterpulse.cohort.block import Job, run_arms
from counterpulse.cohort.predict import allowed, forecast
from counterpulse.cohort.preset import load
from counterpulse.cohort.recording_fit import trace
from counterpulse.cohort.store import read_patients
from counterpulse.cohort.waveform import averaged
from counterpulse.pump.settings import Settings
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source

FS_HZ, SETTLE_S, SEEN_S, SITE = 250.0, 40.0, 50.0, "radial"
KEYS = ("sbp_mmHg", "end_diastolic_mmHg", "augmented_peak_mmHg", "map_mmHg", "co_L_min", "pcwp_mmHg")
ARMS = (Arm("without", 0), Arm("with", 1))


def recorded(patients):
    """Pressure as shown and times of R waves, of at most eight patients side by side."""
    clock, people = clock_of(FS_HZ), [*patients, *[patients[0]] * (LANES - len(patients))]
    bed = make_bed(people, [no_catheter()] * LANES, [Settings(standby=1)] * LANES, clock)
    run(bed, clock, round(SETTLE_S * FS_HZ))
    kept = run(bed, clock, round(SEEN_S * FS_HZ), kept=True)
    shown = np.asarray(kept.samples.arterial_mmHg)[:, :, int(Source.RADIAL)]
    return [(shown[:, lane], (np.flatnonzero(np.diff(kept.beat[:, lane])) + 1) / FS_HZ) for lane in range(len(patients))]


def main():
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8
    _, rows = read_patients(folder)
    chosen = rows[np.flatnonzero(rows.rhythm == Rhythm.SINUS)[:count]]
    seen = [one for first in range(0, len(chosen), LANES) for one in recorded(chosen[first : first + LANES])]
    pump = dict(load("hf-shock").pump)
    off, on = run_arms(chosen, [Job(arm, SITE, pump) for arm in ARMS])
    held = {key: [] for key in KEYS}
    away = {key: [] for key in KEYS}
    truth = {key: [] for key in KEYS}
    print(f"{'patient':8s}{'fit RMS':>8s}  " + "".join(f"{key:>32s}" for key in KEYS) + "\n" + " " * 18 + f"{'predicted [5, 95 %], true':>32s}" * len(KEYS))
    for k in range(len(chosen)):
        try:
            found = trace(averaged(*seen[k], FS_HZ), SITE)
            told = forecast(allowed(found.patient, found.free.names, found.covariance, 24, SITE), SITE, pump)
        except RefusalError as refusal:
            print(f"{k:<8d} refused: {refusal}", flush=True)
            continue
        line = f"{k:<8d}{found.rms_mmHg:8.2f}  "
        for key in KEYS:
            low, middle, high = told.change[key]
            real = on[k].numbers[key] - off[k].numbers[key]
            held[key].append(low <= real <= high)
            away[key].append(middle - real)
            truth[key].append(real)
            line += f"{f'{middle:.1f} [{low:.1f}, {high:.1f}], {real:.1f}':>32s}"
        print(line, flush=True)
    print("\n| change with the pump | true, mean (SD) | predicted less true, mean (SD) | mean absolute error | truth inside the 90 % interval |\n|---|---|---|---|---|")
    for key in KEYS:
        a, t = np.array(away[key]), np.array(truth[key])
        print(f"| {key} | {t.mean():.1f} ({t.std():.1f}) | {a.mean():.2f} ({a.std():.2f}) | {np.abs(a).mean():.2f} | {sum(held[key])} of {len(a)} |")


if __name__ == "__main__":
    main()
