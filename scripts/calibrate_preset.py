"""Find the fields that a preset leaves free so that the patient shows its targets; writes them back into the TOML, comments kept.

Usage: python scripts/calibrate_preset.py NAME [NAME ...]     (least squares on log parameters, targets weighted by their certainty)
"""

import re
import sys

import numpy as np
from scipy.optimize import least_squares

from counterpulse.bed.beats import rows_of, summarise
from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import no_catheter
from counterpulse.body.patient import Patient
from counterpulse.cohort.preset import changed, find, load, names
from counterpulse.pump.settings import Settings

CLOCK = clock_of(1000.0)
SETTLE, KEPT = 60_000, 20_000
TOLERANCE = {"high": 0.02, "moderate": 0.05, "low": 0.08}  # share of its value by which a target may be missed at weight 1


def shown(patients):
    """Means of patients without the pump, eight side by side."""
    lanes = 8
    result = []
    for first in range(0, len(patients), lanes):
        block = list(patients[first : first + lanes])
        full = block + [block[0]] * (lanes - len(block))
        bed = make_bed(full, [no_catheter()] * lanes, [Settings(standby=1)] * lanes, CLOCK)
        run(bed, CLOCK, SETTLE)
        trace = run(bed, CLOCK, KEPT, kept=True)
        for lane, patient in enumerate(block):
            wave = Wave(trace.signals[:, lane], trace.beat[:, lane], CLOCK.sample_s)
            cycles, rows = rows_of(wave, "root", float(patient.lv_v0_mL))
            result.append(summarise(wave, rows, (cycles[0].opens, cycles[len(rows) - 1].ends)) if rows else {})
    return result


def calibrate(name):
    preset = load(name)
    q = Patient.quantities()
    start = np.log([float(preset.patient[f]) for f in preset.free])
    low, high = np.log([max(q[f].low, 1e-3) * 1.001 for f in preset.free]), np.log([q[f].high * 0.999 for f in preset.free])

    def residuals_of(means):
        return np.array([((mean.get(t.name) or 0.0) - t.value) / (TOLERANCE[t.certainty] * t.value) for mean in [means] for t in preset.targets])

    def patient_at(x):
        return changed(preset.patient, dict(zip(preset.free, np.exp(x).tolist(), strict=True)))

    def both(x):
        steps = [x] + [x + np.eye(len(x))[i] * 0.01 for i in range(len(x))]
        return [residuals_of(mean) for mean in shown([patient_at(np.clip(s, low, high)) for s in steps])]

    cache = {}

    def at(x):
        key = x.tobytes()
        if key not in cache:
            cache.clear()
            cache[key] = both(x)
        return cache[key]

    fit = least_squares(lambda x: at(x)[0], np.clip(start, low, high), lambda x: np.array([(r - at(x)[0]) / 0.01 for r in at(x)[1:]]).T, bounds=(low, high), x_scale=0.1, max_nfev=40)
    mean = shown([patient_at(fit.x)])[0]
    print(name, "cost", round(float(fit.cost), 2))
    for target in preset.targets:
        print(f"   {target.name:16s} target {target.value:8.2f} shown {mean[target.name]:8.2f}")
    print("   ", {k: round(v, 2) for k, v in mean.items() if k in ("lv_ef", "lv_edp_mmHg", "rv_ef", "co_L_min", "lvet_s", "evr", "coronary_flow_mL_min")})
    text = find(name).read_text()
    for f, value in zip(preset.free, np.exp(fit.x), strict=True):
        text = re.sub(rf"(?m)^{f} = [^ ]+", f"{f} = {value:.4g}", text)
    find(name).write_text(text)


for name in sys.argv[1:] or names():
    calibrate(name)
