"""Fits to ten numbers, goal against measured: python benchmarks/cohort_fit.py

Every preset's own ten numbers are given without its name; printed are the seconds (goal 2), the largest miss in the measurement's SDs, and the preset found.
"""

import time

import numpy as np

from counterpulse.cohort.calibrate import calibrate, plain
from counterpulse.cohort.lanes import Look, show
from counterpulse.cohort.observations import Case, Observed, default_sd, shown_value
from counterpulse.cohort.preset import load, names
from counterpulse.refusal import RefusalError

TEN = ("sbp_mmHg", "dbp_mmHg", "map_mmHg", "cvp_mmHg", "pcwp_mmHg", "mpap_mmHg", "hr_per_min", "co_L_min", "lvef_pct", "lvedv_mL")


def case_of(name):
    patient = load(name).patient
    mean = show(np.array([patient]), Look()).means[0]
    values = {kind: shown_value(Observed(kind, kind, 1.0, 1.0, ""), mean, 1.0) for kind in TEN}
    person = {key: float(patient[key]) for key in ("height_cm", "weight_kg", "age_years", "haemoglobin_g_dL")}
    return Case(person, tuple(Observed(kind, kind, value, default_sd(kind, value), "preset") for kind, value in values.items()))


def main():
    print("| numbers of | core s (goal 2) | started from | largest miss, SDs | of |\n|---|---|---|---|---|")
    for name in [name for name in names() if plain(load(name).patient)]:
        case = case_of(name)
        began = time.process_time()
        try:
            found = calibrate(case)
        except RefusalError as refusal:
            print(f"| {name} | refused: {refusal} | | | |")
            continue
        misses = {one.name: abs(shown_value(one, found.mean, case.surface_m2) - one.value) / one.sd for one in case.observed}
        worst = max(misses, key=misses.get)
        print(f"| {name} | {time.process_time() - began:.2f} | {found.preset.name} | {misses[worst]:.2f} | {worst} |")


if __name__ == "__main__":
    main()
