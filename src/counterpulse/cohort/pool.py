"""Pools one patient's windows until they are enough: means of every beat's numbers, and the certificate that says how settled and how sure they are.

In an irregular rhythm the mean R-R of a stretch differs from the clock's by chance, and with it everything else. The clock's own mean is known, so every
number is moved along its regression on R-R and the two before to where the mean R-R would be (a control variate): the standard error falls severalfold.
Knows arrays only.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.beat_table import beat_table
from counterpulse.bed.beats import cycles, site_delay, summarise
from counterpulse.bed.channels import Wave

Floats = NDArray[np.float64]
BATCH = 8  # beats averaged before regression: longer than the memory of one beat for those before it
STEADY = 0.005  # relative drift of mean pressure and stroke volume from the first to the second half
SURE = 0.005  # standard error of stroke volume over its mean, irregular rhythm
WATCHED = ("map_mmHg", "sv_mL")
LEAST_BATCHES = 8
LAGS = 2  # intervals before its own that a beat remembers


@dataclass
class Pool:
    """Columns of beats and whole-stretch means of one patient so far."""

    site: str
    v0: float
    delay: int | None = None
    columns: list[dict[str, Floats]] = field(default_factory=list)
    means: list[dict[str, float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    contractions: int = 0  # QRS complexes in those seconds

    def add(self, wave: Wave) -> bool:
        """Take in a window; False when nothing is ejected in it."""
        found = cycles(wave)
        if self.delay is None:
            self.delay = 0 if self.site == "root" else site_delay(getattr(wave, self.site), [one.opens for one in found], wave.sample_s)
        table = beat_table(wave, found, self.site, self.delay, self.v0)
        if not table:
            return False
        count = len(table["sv_mL"])
        start, stop = found[0].opens, found[count - 1].ends
        row = {key: float(np.nanmean(values)) if np.isfinite(values).any() else float("nan") for key, values in table.items()}
        told = summarise(wave, [row] * count, (start, stop))
        self.columns.append(table)
        self.means.append({key: float("nan") if value is None else value for key, value in told.items() if key not in row or key == "hr_per_min"})
        self.seconds.append((stop - start) * wave.sample_s)
        self.contractions += int(wave.beat[stop - 1] - wave.beat[start])
        return True

    def forget(self) -> None:
        """Drop what is there: the patient was still moving."""
        self.columns, self.means, self.seconds, self.contractions = [], [], [], 0

    def joined(self) -> dict[str, Floats]:
        """All beats' numbers."""
        return {key: np.concatenate([part[key] for part in self.columns]) for key in self.columns[0]}

    def drift(self) -> tuple[float, float]:
        """Largest relative change of the watched numbers from the first to the second half of the beats, and its standard error there."""
        beats = self.joined()
        found = [halves(beats[key]) for key in WATCHED]
        return max(found, key=lambda one: one[0])

    def means_of(self, clock_rr_s: float | None) -> tuple[dict[str, float], float]:
        """Means of every number, and the standard error of stroke volume over its mean; `clock_rr_s` is the mean R-R where the rhythm is irregular."""
        beats = self.joined()
        weights = np.array(self.seconds) / sum(self.seconds)
        result = {key: float(np.nanmean(values)) if np.isfinite(values).any() else float("nan") for key, values in beats.items()}
        result |= {key: float(sum(w * part[key] for w, part in zip(weights, self.means, strict=True))) for key in self.means[0]}
        own_error = batch_error(beats["sv_mL"]) / max(abs(result["sv_mL"]), 1e-9)
        count = (len(beats["sv_mL"]) - LAGS) // BATCH
        if clock_rr_s is None or count < LEAST_BATCHES:
            return result, own_error if clock_rr_s is None else float("inf")
        wanted = clock_rr_s * self.contractions / len(beats["sv_mL"])  # some contractions eject nothing
        moved, error = adjusted(beats, wanted)
        result |= moved
        result["hr_per_min"] = 60.0 / wanted
        result["co_L_min"] = result["sv_mL"] * result["hr_per_min"] / 1000.0
        return result, error


def adjusted(beats: dict[str, Floats], wanted_rr_s: float) -> tuple[dict[str, float], float]:
    """Every number's mean moved to the wanted mean R-R (its own and the intervals before), and the relative standard error of stroke volume left."""
    rr = 60.0 / beats["hr_per_min"]
    own = [rr[LAGS - lag : len(rr) - lag] for lag in range(LAGS + 1)]
    x = np.column_stack([batched(one) for one in own])
    away, means = x - x.mean(axis=0), np.array([one.mean() for one in own])
    fit = np.linalg.pinv(away)
    result: dict[str, float] = {}
    error = float("inf")
    for key, values in beats.items():
        y = batched(values[LAGS:])
        slopes = fit @ (y - y.mean())
        left = y - y.mean() - away @ slopes
        result[key] = float(values[LAGS:].mean() + slopes @ (wanted_rr_s - means))
        if key == "sv_mL":
            error = float(np.sqrt(left @ left / (len(y) - LAGS - 2) / len(y))) / max(abs(result[key]), 1e-9)
    return result, error


def batched(values: Floats) -> Floats:
    """Means of every `BATCH` beats."""
    count = len(values) // BATCH
    return values[: count * BATCH].reshape(count, BATCH).mean(axis=1)


def batch_error(values: Floats) -> float:
    """Standard error of a mean of beats that remember each other; infinite with too few of them."""
    means = batched(values)
    return float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) >= 2 else float("inf")


def halves(values: Floats) -> tuple[float, float]:
    """Relative change from the first to the second half, and its standard error."""
    half = len(values) // 2
    if half < 1:
        return float("inf"), 0.0
    first, second = values[:half], values[half : 2 * half]
    size = max(abs(float(first.mean())), 1e-9)
    spread = np.hypot(first.std(), second.std()) / np.sqrt(half)
    return abs(float(second.mean() - first.mean())) / size, float(spread) / size


def settled(pool: Pool) -> bool:
    """Whether the drift is small, or not told apart from beat-to-beat variation."""
    drift, error = pool.drift()
    return drift <= max(STEADY, 2.0 * error)
