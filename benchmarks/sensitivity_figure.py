"""The figure and table of docs/validation/sensitivity.md: python benchmarks/sensitivity_figure.py SENSITIVITY.json FIGURE.svg  (the table goes to standard output)

SENSITIVITY.json is what `counterpulse cohort sensitivity FOLDER` writes. A row a parameter, a column an outcome; the darker, the more of that outcome's largest
effect. The order is the mean over the outcomes.
"""

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
import numpy as np

from counterpulse.report.sensitivity_page import plainly as fields_name

ROWS = 12
NAMES = {
    "lv_ees_mmHg_mL": "contractility, left (Ees)", "lv_edpvr_b_per_mL": "stiffness, left ventricle", "rv_ees_mmHg_mL": "contractility, right (Ees)",
    "rv_edpvr_b_per_mL": "stiffness, right ventricle", "aortic_compliance_mL_mmHg": "softness of the aorta", "heart_rate_per_min": "heart rate",
    "systemic_resistance_mmHg_s_mL": "systemic resistance", "height_cm": "height (with it the balloon)", "blood_volume_mL": "blood volume",
    "branch_compliance_mL_mmHg": "softness of branches", "pulmonary_resistance_mmHg_s_mL": "pulmonary resistance", "arm_compliance_mL_mmHg": "softness of the arm's artery",
    "aortic_diameter_mm": "width of the aorta", "systole_s": "length of systole", "lv_v0_mL": "left ventricle's V0", "weight_kg": "weight", "haemoglobin_g_dL": "haemoglobin",
}  # fmt: skip
TITLES = {
    "sv": "stroke\nvolume", "co": "cardiac\noutput", "map": "mean\npressure", "unloading": "peak\nsystolic", "end_diastolic": "end-\ndiastolic",
    "augmented": "augmented\npeak", "pcwp": "wedge\npressure", "coronary": "coronary\nflow",
}  # fmt: skip


def rounded(value: float) -> str:
    """One figure, or whole tens and ones."""
    return f"{value:.0f}" if value >= 10.0 else f"{value:.1g}"


def plainly(name):
    """A parameter as a clinician calls it."""
    return NAMES.get(name) or fields_name(name)


def main():
    found = json.loads(Path(sys.argv[1]).read_text())
    outcomes = found["outcomes"]
    size = {one["outcome"]: {row["factor"]: row for row in one["factors"]} for one in outcomes}

    def share(name, key):
        return size[key][name]["mu_star"] / max(one["mu_star"] for one in size[key].values())

    names = sorted(size["sv"], key=lambda name: -np.mean([share(name, key) for key in size]))[:ROWS]
    table = np.array([[share(name, key) for key in size] for name in names])
    mpl.rcParams.update({"svg.hashsalt": "counterpulse", "font.size": 9, "svg.fonttype": "none"})
    figure, axes = plt.subplots(figsize=(10.5, 0.42 * len(names) + 1.6), layout="constrained")
    axes.imshow(table, cmap="Blues", vmin=0.0, vmax=1.15, aspect="auto")
    axes.set_xticks(range(len(size)), [f"{TITLES[one['outcome']]}\n({one['unit']})" for one in outcomes])
    axes.set_yticks(range(len(names)), [f"{plainly(name)}, {size['sv'][name]['low']:.3g} to {size['sv'][name]['high']:.3g} {size['sv'][name]['unit']}" for name in names])
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    for i, name in enumerate(names):
        for j, key in enumerate(size):
            row = size[key][name]
            arrow = "" if abs(row["mu"]) < 0.5 * row["mu_star"] else " ↑" if row["mu"] > 0 else " ↓"
            axes.text(j, i, f"{row['mu_star']:.2g}{arrow}", ha="center", va="center", color="white" if table[i, j] > 0.6 else "black")
    figure.savefig(sys.argv[2], metadata={"Date": None})
    print(f"{found['runs']} patients, {found['used']} of {found['trajectories']} walks\n")
    print("| what the pump changes | median (quartiles) | decides most | then | then |\n|---|---|---|---|---|")
    for one in outcomes:
        low, middle, high = one["quartiles"]
        told = []
        for row in one["factors"][:3]:
            way = "either way" if abs(row["mu"]) < 0.5 * row["mu_star"] else "more" if row["mu"] > 0 else "less"
            told.append(f"{plainly(row['factor'])}: {row['mu_star']:.2g} ± {rounded(row['mu_star_half_width'])}, {way}")
        print(f"| {one['means']}, {one['unit']} | {middle:.1f} ({low:.1f} to {high:.1f}) | " + " | ".join(told) + " |")


if __name__ == "__main__":
    main()
