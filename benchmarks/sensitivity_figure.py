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

from counterpulse.report.sensitivity_page import plainly

ROWS = 12
TITLES = {
    "sv": "stroke\nvolume", "co": "cardiac\noutput", "map": "mean\npressure", "unloading": "peak\nsystolic", "end_diastolic": "end-\ndiastolic",
    "augmented": "augmented\npeak", "pcwp": "wedge\npressure", "coronary": "coronary\nflow",
}  # fmt: skip


def main():
    found = json.loads(Path(sys.argv[1]).read_text())
    outcomes = found["outcomes"]
    size = {one["outcome"]: {row["factor"]: row for row in one["factors"]} for one in outcomes}

    def share(name, key):
        return size[key][name]["mu_star"] / max(one["mu_star"] for one in size[key].values())

    names = sorted(size["sv"], key=lambda name: -np.mean([share(name, key) for key in size]))[:ROWS]
    table = np.array([[share(name, key) for key in size] for name in names])
    mpl.rcParams.update({"svg.hashsalt": "counterpulse", "font.size": 9, "svg.fonttype": "none"})
    figure, axes = plt.subplots(figsize=(9.5, 0.42 * len(names) + 1.6), layout="constrained")
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
            told.append(f"{plainly(row['factor'])}: {row['mu_star']:.2g} ± {row['mu_star_half_width']:.1g}, {way}")
        print(f"| {one['means']}, {one['unit']} | {middle:.1f} ({low:.1f} to {high:.1f}) | " + " | ".join(told) + " |")


if __name__ == "__main__":
    main()
