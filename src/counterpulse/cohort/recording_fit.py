"""Finds the patient, and the monitoring line, whose pressure wave is a recorded one. Same search as `calibrate`, on 128 points of the averaged beat.

Unknown are the free fields of the patient, and of the line its delay, natural frequency and damping, each with a prior. Rate and rhythm are the ECG's. What
a pressure alone cannot tell (filling, volumes, the right heart) stays at the nearest preset and is listed as undetermined.
"""

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.body.patient import Rhythm
from counterpulse.cohort.calibrate import LONGEST, NEAR_S, STEP, UNDETERMINED, plain
from counterpulse.cohort.free import Free, free_of
from counterpulse.cohort.lanes import Look, show
from counterpulse.cohort.preset import Preset, changed, load, names
from counterpulse.cohort.waveform import POINTS, Averaged, best_shift, periodic_beat, through_line
from counterpulse.refusal import RefusalError

Floats = NDArray[np.float64]
NOISE_mmHg = 1.5  # what model and average are trusted to, each point; neighbouring points count as one (assumed)
POINTS_ALIKE = 4
ROUNDS = 16
LINE = ("delay_s", "natural_Hz", "damping")
# Delay: the notch in the radial line came 175 (SD 50, 100 to 233) ms after the root's in 11 adults (Pantalos, abstract: pump.md 0 item 2), of which the pulse's
# way to the wrist, that the model has, is 80 to 85; an R wave's mark lies some 30 ms beside the QRS onset, and a monitor's channels some 50 ms beside each
# other (assumed). A much longer delay is another beat's place. Frequency and damping: bedside lines, Gardner 1981 Anesthesiology 54:227, from memory.
LINE_START = (0.09, math.log(18.0), math.log(0.4))
LINE_SD = (0.08, 0.6, 0.7)
LINE_LOW, LINE_HIGH = (-0.1, math.log(3.0), math.log(0.05)), (0.28, math.log(60.0), math.log(4.0))
LINE_STEP = (0.002, 0.02, 0.02)
NATURALS_Hz, DAMPINGS = (4.0, 6.0, 8.0, 10.0, 13.0, 18.0, 25.0), (0.06, 0.12, 0.25, 0.4, 0.7, 1.2)  # where the search for a line begins
AT_BOUND_S, SLOW_Hz = 0.005, 8.0  # a line as late as this is beside its bound; one slower than this is seldom at a bedside (Gardner 1981, from memory)
IRREGULAR = 0.1  # R-R variation from which a rhythm is taken for fibrillation
STARTS = 3  # nearest presets tried
FREE = (
    "systemic_resistance_mmHg_s_mL", "lv_ees_mmHg_mL", "blood_volume_mL", "aortic_compliance_mL_mmHg", "rv_ees_mmHg_mL", "lv_edpvr_b_per_mL",
    "pulmonary_resistance_mmHg_s_mL", "systole_s", "lv_v0_mL", "aortic_diameter_mm", "branch_compliance_mL_mmHg", "arm_compliance_mL_mmHg",
)  # fmt: skip


@dataclass(frozen=True)
class Traced:
    """The patient found from a wave, the line, the wave it shows, and how sure the fields are."""

    beat: Averaged
    preset: Preset
    patient: Any
    free: Free
    covariance: Floats  # of the logarithms of the free fields
    line: dict[str, float]
    wave: Floats
    mean: dict[str, float]
    seconds: float

    @property
    def rms_mmHg(self) -> float:
        """Distance of the shown from the recorded wave."""
        return rms(self.wave, self.beat.wave)

    @property
    def undetermined(self) -> list[str]:
        """Fields that the wave leaves where the preset had them."""
        left = np.sqrt(np.diag(self.covariance)) / self.free.sd
        return [name for name, share in zip(self.free.names, left, strict=True) if share > UNDETERMINED]


    @property
    def doubts(self) -> list[str]:
        """Why the line found may be none, in words."""
        delay, natural = self.line["delay_s"], self.line["natural_Hz"]
        told = []
        if delay < LINE_LOW[0] + AT_BOUND_S or delay > LINE_HIGH[0] - AT_BOUND_S:
            told.append(f"its delay of {1000.0 * delay:.0f} ms is as far as a line's may be: the wave may be matched at another beat's place")
        if natural < SLOW_Hz:
            told.append(f"its natural frequency of {natural:.1f} Hz is lower than that of a sound line: it may stand for a reflection that the model lacks")
        return told


def rms(a: Floats, b: Floats) -> float:
    """Root of the mean squared difference."""
    return float(np.sqrt(np.mean((a - b) ** 2)))


class WaveSearch:
    """One start: a preset's patient with the recording's rate, and the free fields of patient and line."""

    def __init__(self, beat: Averaged, preset: Preset, site: str) -> None:
        """A search from a preset."""
        self.beat, self.site = beat, site
        rhythm = Rhythm.ATRIAL_FIBRILLATION if beat.rr_variability > IRREGULAR else Rhythm.SINUS
        self.base = changed(preset.patient, {"heart_rate_per_min": float(np.clip(60.0 / beat.rr_s, 21.0, 219.0)), "rhythm": int(rhythm)})
        self.free = free_of(self.base, FREE)
        self.size = len(self.free.names)
        self.state: Floats | None = None
        self.low, self.high = np.append(self.free.low, LINE_LOW), np.append(self.free.high, LINE_HIGH)
        self.start, self.sd = np.append(self.free.start, LINE_START), np.append(self.free.sd, LINE_SD)
        self.weight = 1.0 / (NOISE_mmHg * math.sqrt(POINTS_ALIKE))

    def bare(self, points: Floats) -> list[Floats | None]:
        """The wave at the site before the line, for points of the patient's fields."""
        rows = self.free.place(self.base, points)
        near = self.state is not None
        look = Look(self.site, NEAR_S, kept_s=2.3 * self.beat.rr_s + 0.3) if near else Look(self.site, kept_s=2.3 * self.beat.rr_s + 0.3)
        shown = show(rows, look, self.state)
        waves = [periodic_beat(getattr(wave, self.site), wave.beat, wave.sample_s, self.beat.rr_s) for wave in shown.waves]
        if waves[0] is not None:
            self.state = shown.states[:, :1]
        return waves

    def shown(self, bare: Floats, z: Floats) -> Floats:
        """The wave behind the line."""
        return through_line(bare, self.beat.rr_s, float(z[0]), (math.exp(z[1]), math.exp(z[2])))

    def look(self, x: Floats) -> tuple[Floats | None, Floats]:
        """The wave at a point and its slopes along every field of patient and line."""
        p, z = x[: self.size], x[self.size :]
        points = np.vstack([p, p + STEP * np.eye(self.size)])
        points = np.where(points > self.free.high, points - 2.0 * STEP, points)
        bare = self.bare(points)
        if bare[0] is None or not np.isfinite(bare[0]).all():
            return None, np.zeros((POINTS, len(x)))
        wave = self.shown(bare[0], z)
        slopes = np.zeros((POINTS, len(x)))
        for k, beside in enumerate(bare[1:]):
            if beside is not None and np.isfinite(beside).all():
                slopes[:, k] = (self.shown(beside, z) - wave) / (points[k + 1, k] - p[k])
        for k, step in enumerate(LINE_STEP):
            moved = z + step * np.eye(3)[k]
            slopes[:, self.size + k] = (self.shown(bare[0], moved) - wave) / step
        return wave, slopes

    def cost(self, x: Floats, wave: Floats | None) -> float:
        """Misses and distance from the prior."""
        if wave is None:
            return math.inf
        return float(np.sum((self.weight * (wave - self.beat.wave)) ** 2) + np.sum(((x - self.start) / self.sd) ** 2))

    def precision(self, slopes: Floats) -> Floats:
        """Inverse of the posterior's covariance."""
        return self.weight**2 * slopes.T @ slopes + np.diag(self.sd**-2.0)

    def aligned(self, x: Floats) -> Floats:
        """The same point with the line, of a coarse grid, behind which the preset's wave has most of the recorded shape, whatever its height."""
        bare = self.bare(x[None, : self.size])[0]
        if bare is None:
            return x
        tried = [self.shaped(bare, math.log(natural), math.log(damping)) for natural in NATURALS_Hz for damping in DAMPINGS]
        return np.append(x[: self.size], min(tried, key=lambda one: one[0])[1])

    def shaped(self, bare: Floats, natural: float, damping: float) -> tuple[float, Floats]:
        """Cost of a line at its best delay, and the line; the wave is stretched and shifted to the recorded one first."""
        late = best_shift(self.beat.wave, self.shown(bare, np.array([0.0, natural, damping]))) * self.beat.rr_s
        low, high = self.low[self.size], self.high[self.size]
        late = min((late - self.beat.rr_s, late, late + self.beat.rr_s), key=lambda one: abs(one - LINE_START[0]))  # a place in the beat stands for many delays
        line = np.array([np.clip(late, low, high), natural, damping])
        shown, seen = self.shown(bare, line), self.beat.wave - self.beat.wave.mean()
        shown = shown - shown.mean()
        left = seen - shown * max(float(shown @ seen) / float(shown @ shown), 0.0)
        prior = (line - np.array(LINE_START)) / np.array(LINE_SD)
        return float(np.sum((self.weight * left) ** 2) + prior @ prior), line

    def descend(self) -> tuple[Floats, Floats | None, Floats, float]:
        """The best point: where, the wave there, slopes, cost."""
        x = self.aligned(self.start.copy())
        wave, slopes = self.look(x)
        best, damping = self.cost(x, wave), 1e-2
        for _ in range(ROUNDS):
            if wave is None:
                break
            a = self.precision(slopes)
            pull = self.weight**2 * slopes.T @ (self.beat.wave - wave) - (x - self.start) / self.sd**2
            step = np.linalg.solve(a + damping * np.diag(np.diag(a)), pull)
            there = np.clip(x + step / max(1.0, float(np.abs(step).max()) / LONGEST), self.low, self.high)
            new_wave, new_slopes = self.look(there)
            cost = self.cost(there, new_wave)
            if cost < best:
                gained = best - cost
                x, wave, slopes, best, damping = there, new_wave, new_slopes, cost, damping * 0.3
                if gained < 1e-3 * (1.0 + best):
                    break
            else:
                damping = max(damping * 8.0, 1e-2)
                if damping > 1e4:
                    break
        return x, wave, slopes, best


def starts(beat: Averaged) -> list[Preset]:
    """The nearest presets by the pressures that they name and rate; one that names fewer is no nearer for it."""
    told = {"sbp_mmHg": float(beat.wave.max()), "dbp_mmHg": float(beat.wave.min()), "map_mmHg": float(beat.wave.mean())}

    def distance(preset: Preset) -> float:
        aims = {target.name: target.value for target in preset.targets}
        parts = [(math.log(told[key] / aims[key]) / 0.2) ** 2 for key in told if aims.get(key, 0.0) > 0.0]
        return (sum(parts) / len(parts) if parts else math.inf) + (math.log(60.0 / beat.rr_s / float(preset.patient.heart_rate_per_min)) / 0.25) ** 2

    return sorted((one for one in map(load, names()) if plain(one.patient)), key=distance)[:STARTS]


def trace(beat: Averaged, site: str = "radial", preset: str = "") -> Traced:
    """Fit patient and line to an averaged beat. Raises RefusalError when no start ejects."""
    began = time.perf_counter()
    tried = []
    for one in [load(preset)] if preset else starts(beat):
        search = WaveSearch(beat, one, site)
        x, wave, slopes, cost = search.descend()
        if wave is not None:
            tried.append((cost, one, search, x, wave, slopes))
    if not tried:
        raise RefusalError("No preset's heart ejects at the rate of this recording; nothing was fitted.")
    _, chosen, search, x, wave, slopes = min(tried, key=lambda one: one[0])
    covariance: Any = np.linalg.inv(search.precision(slopes))[: search.size, : search.size]
    patient = search.free.place(search.base, x[: search.size])[0]
    patient.rr_variability = float(np.clip(beat.rr_variability, 0.0, 0.4))
    line = {"delay_s": float(x[search.size]), "natural_Hz": math.exp(x[search.size + 1]), "damping": math.exp(x[search.size + 2])}
    mean = show(np.array([patient]), Look(site)).means[0]
    return Traced(beat, chosen, patient, search.free, covariance, line, wave, mean, time.perf_counter() - began)
