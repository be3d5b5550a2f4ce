"""Finds the patient that shows given numbers: damped Gauss-Newton on the logarithms of the free fields, with a prior around the nearest preset.

A point and its neighbours along every field lie side by side in lanes; each look begins where the last one ended. Steps are judged on the quiet (strictly
periodic) patient; what breaths and an irregular rhythm add is measured on the patient as it is and taken off the targets. Numbers enter as logarithms
where they are positive. The posterior's covariance tells which fields the numbers do not determine.
"""

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.body.patient import Patient, Rhythm
from counterpulse.cohort.free import Free, free_of, widths
from counterpulse.cohort.lanes import Look, show
from counterpulse.cohort.observations import Case, Observed, check, kinds, shown_value
from counterpulse.cohort.preset import Preset, changed, load, names
from counterpulse.refusal import RefusalError

Floats = NDArray[np.float64]
STEP = 0.02  # of a logarithm, for slopes
LONGEST = 0.5  # of a logarithm in one step
ROUNDS = 14
NEAR_S = 15.0  # settling from a neighbour's periodic state
ENOUGH = 0.03  # change of any number in SDs at which the search ends
UNDETERMINED = 0.5  # share of the prior's SD that is left
IRREGULAR_S, REGULAR_S = 100.0, 22.0  # length of a look at a patient as it is
BEATING = (Rhythm.SINUS, Rhythm.ATRIAL_FIBRILLATION, Rhythm.PACED_VENTRICULAR, Rhythm.PACED_SEQUENTIAL)


@dataclass(frozen=True)
class Fitted:
    """The patient found, what it shows, and how sure its fields are."""

    case: Case
    preset: Preset
    patient: Patient
    free: Free
    point: Floats
    covariance: Floats  # of the logarithms of the free fields
    mean: dict[str, float]
    seconds: float

    @property
    def shares(self) -> dict[str, float]:
        """What is left of each field's prior SD, 0 (determined) to 1 (nothing learned)."""
        left = np.sqrt(np.diag(self.covariance)) / self.free.sd
        return dict(zip(self.free.names, left.tolist(), strict=True))

    @property
    def undetermined(self) -> list[str]:
        """Fields that the numbers leave where the preset had them."""
        return [name for name, left in self.shares.items() if left > UNDETERMINED]

    def shown(self, one: Observed) -> float:
        """What the patient shows of an observation, in the caller's unit."""
        return shown_value(one, self.mean, self.case.surface_m2) * one.scale

    def misses(self) -> list[str]:
        """Names of fitted numbers missed by more than 5 % and two SDs."""
        told = [one for one in self.case.observed if one.fitted]
        return [one.name for one in told if not close(shown_value(one, self.mean, self.case.surface_m2), one)]


def close(value: float, one: Observed) -> bool:
    """Within 5 % or two SDs of what was observed."""
    return abs(value - one.value) <= max(0.05 * abs(one.value), 2.0 * one.sd)


def nearest(case: Case) -> Preset:
    """The preset whose targets lie closest to the observations, in SDs of a wide population (20 %, assumed)."""
    told = {one.key: shown_scale(one) for one in case.observed}
    loaded = [load(name) for name in names()]

    def distance(preset: Preset) -> float:
        pairs = [(told[target.name], target.value) for target in preset.targets if target.name in told and target.value > 0.0]
        return sum(min((math.log(max(a, 1e-3) / b) / 0.2) ** 2, 25.0) for a, b in pairs) + 4.0 * (len(told) - len(pairs))

    return min((one for one in loaded if plain(one.patient)), key=distance)


def plain(patient: Any) -> bool:
    """No leaking valve, no septal defect, sinus rhythm: nothing that numbers alone would not suggest."""
    leaks = ("mitral_leak_cm2", "aortic_leak_cm2", "tricuspid_leak_cm2", "septal_defect_cm2")
    return int(patient.rhythm) == Rhythm.SINUS and all(float(patient[name]) == 0.0 for name in leaks)


def shown_scale(one: Observed) -> float:
    """An observation in the unit of `run` (an index stays an index; it only serves to find a neighbour)."""
    return one.value / float(kinds()[one.kind].get("scale", 1.0))


class Search:
    """The numbers to be shown by one patient with free fields; looks cost one or two blocks of lanes each."""

    def __init__(self, case: Case, base: Patient) -> None:
        """A search from a patient."""
        self.case, self.base = case, base
        self.told = [one for one in case.observed if one.fitted]
        self.free = free_of(base, [name for name in widths() if name not in case.fixed])
        self.offset = np.zeros(len(self.told))
        self.state: Floats | None = None
        self.weight = np.array([self.slope_of(one) / one.sd for one in self.told])

    @staticmethod
    def slope_of(one: Observed) -> float:
        """Observed value where the number enters as a logarithm, else 1."""
        return one.value if one.value > 0.0 else 1.0

    def numbers(self, mean: dict[str, float]) -> Floats:
        """What is shown, as the fit sees it; NaN where nothing is ejected."""
        values = [shown_value(one, mean, self.case.surface_m2) if mean else math.nan for one in self.told]
        return np.array([(math.log(v) if v > 0.0 else math.log(1e-3)) if one.value > 0.0 else v for v, one in zip(values, self.told, strict=True)])

    def wanted(self) -> Floats:
        """What should be shown by the quiet patient."""
        return np.array([math.log(one.value) if one.value > 0.0 else one.value for one in self.told]) - self.offset

    def look(self, x: Floats) -> tuple[Floats, Floats]:
        """Numbers at a point, and their slopes along every free field."""
        points = np.vstack([x, x + STEP * np.eye(len(x))])
        flipped = points > self.free.high
        points = np.where(flipped, points - 2.0 * STEP, points)
        rows = self.free.place(self.base, points)
        shown = show(rows, Look(self.case.site) if self.state is None else Look(self.case.site, NEAR_S), self.state)
        if shown.means[0]:
            self.state = shown.states[:, :1]
        values = np.array([self.numbers(mean) for mean in shown.means])
        steps = np.diag(points[1:] - x)
        slopes = (values[1:] - values[0]) / steps[:, None]
        return values[0], np.nan_to_num(slopes.T)

    def cost(self, x: Floats, values: Floats) -> float:
        """Misses and distance from the prior, squared and summed; infinite where nothing is ejected."""
        total = float(np.sum((self.weight * (values - self.wanted())) ** 2) + np.sum(((x - self.free.start) / self.free.sd) ** 2))
        return total if math.isfinite(total) else math.inf

    def precision(self, slopes: Floats) -> Floats:
        """Curvature of the cost at a point: inverse of the posterior's covariance."""
        weighted = self.weight[:, None] * slopes
        return weighted.T @ weighted + np.diag(self.free.sd**-2.0)

    def newton(self, x: Floats, values: Floats, slopes: Floats, damping: float) -> Floats:
        """The next point: a damped Gauss-Newton step, none of its parts longer than `LONGEST`."""
        pull = slopes.T @ (self.weight**2 * (self.wanted() - values)) - (x - self.free.start) / self.free.sd**2
        a = self.precision(slopes)
        step = np.linalg.solve(a + damping * np.diag(np.diag(a)), pull)
        return self.free.clip(x + step / max(1.0, float(np.abs(step).max()) / LONGEST))

    def descend(self, x: Floats, rounds: int = ROUNDS) -> tuple[Floats, Floats]:
        """The best point from `x`, and the slopes there. Raises RefusalError when even the start does not eject."""
        values, slopes = self.look(x)
        best, damping = self.cost(x, values), 1e-3
        if not math.isfinite(best):
            raise RefusalError("The patient that the fit begins with ejects nothing; name another with preset under [patient].")
        for _ in range(rounds):
            there = self.newton(x, values, slopes, damping)
            new_values, new_slopes = self.look(there)
            cost = self.cost(there, new_values)
            if cost <= best + 1e-9:
                moved = float(np.abs(self.weight * (new_values - values)).max())
                x, values, slopes, damping = there, new_values, new_slopes, damping * 0.2
                gained, best = best - cost, cost
                if moved < ENOUGH or gained < 1e-4 * (1.0 + best):
                    break
            else:
                damping = max(damping * 8.0, 1e-2)
                if damping > 1e4:
                    break
        return x, slopes

    def as_it_is(self, x: Floats) -> Floats:
        """What breaths and irregular beats add to the quiet patient's numbers: eight draws of the same patient."""
        rows = self.free.place(self.base, np.tile(x, (8, 1)))
        rows.seed = (int(rows.seed[0]) + np.arange(8)) % 2**32
        uneven = int(self.base.rhythm) == Rhythm.ATRIAL_FIBRILLATION
        look = Look(self.case.site, NEAR_S, quiet=False, kept_s=IRREGULAR_S if uneven else REGULAR_S)
        real = np.nanmean([self.numbers(mean) for mean in show(rows, look, self.state).means], axis=0)
        quiet = self.numbers(show(rows[:1], Look(self.case.site, NEAR_S), self.state).means[0])
        return np.nan_to_num(real - quiet)


def calibrate(case: Case, start: Patient | None = None) -> Fitted:
    """Fit one patient, near its preset's or near `start`. Raises RefusalError for numbers that contradict each other."""
    began = time.perf_counter()
    check(case)
    preset = load(case.preset) if case.preset else nearest(case)
    base = changed(preset.patient if start is None else start, case.person | case.fixed)
    if int(base.rhythm) not in BEATING:
        raise RefusalError(f"The rhythm of {preset.name} has no beats; a fit needs a heart that ejects.")
    search = Search(case, base)
    x, slopes = search.descend(guess(search))
    for _ in range(3 if int(base.rhythm) == Rhythm.ATRIAL_FIBRILLATION else 1):
        search.offset = search.as_it_is(x)
        x, slopes = search.descend(x, 3)
    patient = search.free.place(base, x)[0]
    covariance: Floats = np.linalg.inv(search.precision(slopes)).astype(np.float64)
    final = show(np.array([patient]), Look(case.site, 70.0, quiet=False, fs_hz=1000.0, kept_s=30.0)).means[0]
    return Fitted(case, preset, patient, search.free, x, covariance, final, time.perf_counter() - began)


def guess(search: Search) -> Floats:
    """A start in closed form where the numbers allow it: rate, resistance from mean pressure and output; else the preset's fields."""
    case, free, x = search.case, search.free, search.free.start.copy()
    put = dict(zip(free.names, range(len(free.names)), strict=True))
    rate = case.value("hr_per_min")
    if rate and "heart_rate_per_min" in put:
        x[put["heart_rate_per_min"]] = math.log(rate.value)
    mean, central, output = (case.value(kind) for kind in ("map_mmHg", "cvp_mmHg", "co_L_min"))
    if mean and output:
        drop = max(mean.value - max(central.value if central else 5.0, float(search.base.closing_mmHg)), 5.0)
        x[put["systemic_resistance_mmHg_s_mL"]] = math.log(drop / (output.value * 1000.0 / 60.0))
    return free.clip(x)
