"""Find the fields that a preset leaves free so that the patient shows its targets; writes them back into the TOML, comments kept.

Usage: python scripts/calibrate_preset.py NAME [NAME ...]     (least squares on log parameters, targets weighted by their certainty)
"""

import re
import sys
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from counterpulse.bed.beats import rows_of, summarise
from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import no_catheter
from counterpulse.body.patient import Patient
from counterpulse.cohort.preset import Preset, changed, find, load, names
from counterpulse.pump.settings import Settings

Floats = NDArray[np.float64]
CLOCK = clock_of(1000.0)
STEP = 0.01  # of the logarithm of a field
SETTLE, KEPT = 60_000, 20_000
TOLERANCE = {"high": 0.02, "moderate": 0.05, "low": 0.08}  # share of its value by which a target may be missed at weight 1


def shown(patients: list[Patient]) -> list[dict[str, float | None]]:
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


@dataclass
class Search:
    """A preset, and the points already run: a point and its neighbours cost one block of lanes each."""

    preset: Preset
    low: Floats
    high: Floats
    known: dict[bytes, list[Floats]] = field(default_factory=dict)

    def patient(self, x: Floats) -> Patient:
        """The preset's patient with its free fields at exp(x)."""
        values = np.exp(np.clip(x, self.low, self.high)).tolist()
        return changed(self.preset.patient, dict(zip(self.preset.free, values, strict=True)))

    def misses(self, mean: dict[str, float | None]) -> Floats:
        """Each target's miss over its tolerance."""
        return np.array([((mean.get(t.name) or 0.0) - t.value) / (TOLERANCE[t.certainty] * t.value) for t in self.preset.targets])

    def at(self, x: Floats) -> list[Floats]:
        """Misses at a point and at its neighbours, one step along each field."""
        if x.tobytes() not in self.known:
            points = [x, *(x + row * STEP for row in np.eye(len(x)))]
            self.known = {x.tobytes(): [self.misses(mean) for mean in shown([self.patient(point) for point in points])]}
        return self.known[x.tobytes()]

    def slope(self, x: Floats) -> Floats:
        """Jacobian by forward differences."""
        here, *beside = self.at(x)
        return np.array([(there - here) / STEP for there in beside]).T


def calibrate(name: str) -> None:
    """Fit one preset, print what it shows and write the fields back."""
    preset = load(name)
    q = Patient.quantities()
    low = np.log([max(q[f].low, 1e-3) * 1.001 for f in preset.free])
    high = np.log([q[f].high * 0.999 for f in preset.free])
    search = Search(preset, low, high)
    start = np.clip(np.log([float(preset.patient[f]) for f in preset.free]), low, high)
    fit = least_squares(lambda x: search.at(x)[0], start, search.slope, bounds=(low, high), x_scale=0.1, max_nfev=40)
    mean = shown([search.patient(fit.x)])[0]
    print(f"{name}: cost {fit.cost:.2f}")
    for target in preset.targets:
        print(f"   {target.name:16s} target {target.value:8.2f} shown {mean[target.name]:8.2f}")
    text = find(name).read_text(encoding="utf-8")
    for f, value in zip(preset.free, np.exp(fit.x), strict=True):
        text = re.sub(rf"(?m)^{f} = [^ ]+", f"{f} = {value:.4g}", text)
    find(name).write_text(text, encoding="utf-8")


for slug in sys.argv[1:] or names():
    calibrate(slug)
