"""Every preset without the pump: pressures, flow and volumes beside what it should show, pulse delays, and the change on halving the step.

Usage: python benchmarks/presets_table.py
"""

import sys

import numpy as np

from counterpulse.bed.compare import certify
from counterpulse.cohort.preset import names
from plans import outcome_of, table

HEALTHY = {  # issue 2, item 1
    "sbp_mmHg": (110, 130), "dbp_mmHg": (65, 85), "co_L_min": (4.5, 6.5), "lv_edv_mL": (110, 150), "lv_ef": (0.55, 0.70), "lv_edp_mmHg": (5, 12), "mean_pa_mmHg": (10, 18), "cvp_mmHg": (2, 6),
}  # fmt: skip
MEDIANS = {  # Morici 2025 JACC 85:1587, Table 1, weighted by n over both arms; pressures as printed, the preset's at the root
    "sbp_mmHg": 88.6, "dbp_mmHg": 57.6, "map_mmHg": 68.0, "cvp_mmHg": 12.0, "hr_per_min": 94.0, "lv_ef": 0.19, "lv_edv_mL": 216.4,
}  # fmt: skip
SHOWN = ("sbp_mmHg", "dbp_mmHg", "map_mmHg", "cvp_mmHg", "pcwp_mmHg", "mean_pa_mmHg", "hr_per_min", "co_L_min", "lv_ef", "lv_edv_mL", "lv_edp_mmHg", "coronary_flow_mL_min", "svo2")


REACH_MS = {"root": 120, "radial": 250, "femoral": 250}  # at the root a short ejection's rebound after the notch may be steeper than its upstroke


def foot(pressure, opens, ms, reach):
    """Foot of a pulse by intersecting tangents: where the steepest line of the upstroke meets the lowest pressure before it; sample number."""
    piece = pressure[opens - 20 * ms : opens + reach * ms]
    rise = np.diff(piece)
    steepest = int(np.argmax(rise))
    return opens - 20 * ms + steepest - (piece[steepest] - piece[: steepest + 1].min()) / rise[steepest]


def delays(arm):
    """Foot of the pulse at the radial and femoral site after that at the root, medians over beats, ms."""
    ms = round(0.001 / arm.wave.sample_s)
    feet = [[foot(getattr(arm.wave, site), cycle.opens, ms, reach) for site, reach in REACH_MS.items()] for cycle in arm.cycles[1:-1]]
    root, radial, femoral = np.array(feet).T / ms
    return float(np.median(radial - root)), float(np.median(femoral - root))


def main() -> int:
    """Print the tables."""
    outcomes = {name: outcome_of(name) for name in names()}
    mean = outcomes["healthy"].without.mean
    rows = [[key, f"{low:g} to {high:g}", f"{mean[key]:.2f}", "hit" if low <= mean[key] <= high else "MISS"] for key, (low, high) in HEALTHY.items()]
    radial, femoral = delays(outcomes["healthy"].without)
    rows.append(["pulse delay root to radial, ms", "60 to 120", f"{radial:.0f}", "hit" if 60 <= radial <= 120 else "MISS"])
    rows.append(["pulse delay root to femoral, ms", "-", f"{femoral:.0f}", ""])
    print(table(["healthy", "issue 2", "shown", ""], rows))
    mean = outcomes["hf-shock"].without.mean
    rows = [[key, f"{median:g}", f"{mean[key]:.2f}", f"{100 * (mean[key] / median - 1):+.1f} %"] for key, median in MEDIANS.items()]
    print("\n" + table(["hf-shock", "Altshock-2 median", "shown", "off by"], rows))
    rows = [[name, *(f"{o.without.mean[key]:.2f}" if o.without.mean[key] < 10 else f"{o.without.mean[key]:.0f}" for key in SHOWN), *(f"{d:.0f}" for d in delays(o.without))] for name, o in outcomes.items()]
    print("\n" + table(["without the pump", *SHOWN, "radial, ms", "femoral, ms"], rows))
    rows = []
    for name, outcome in outcomes.items():
        c, t = certify(outcome), outcome.timing
        errors = [f"{t[k]['mean']:+.0f} +- {t[k]['sd']:.0f}" for k in ("inflation_error_ms", "deflation_error_ms")]
        rows.append([name, f"{100 * c['beat_to_beat']:.2f}", f"{100 * c['step_halving']:.4f}", f"{100 * c['step_halving_peaks']:.3f}", f"{t['assisted_share']:.2f}", *errors])
    print("\n" + table(["whole loop, console deciding anew", "drift, %", "half step, means, %", "peaks, %", "assisted", "inflation, ms", "deflation, ms"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
