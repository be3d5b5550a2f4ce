"""Pools one patient's windows until they are enough: means of every beat's numbers, and the certificate that says how settled and how sure they are.

In an irregular rhythm the mean R-R of a stretch differs from the clock's by chance, and with it everything else. The clock's own mean is known, so every
number is moved along its regression on R-R and the two before to where the mean R-R would be (a control variate): the standard error falls severalfold.
Knows arrays only.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.beat_table import beat_table
from counterpulse.bed.beats import cycles, site_delay, with_slow
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
        row = means_there(table)
        told = with_slow(wave, row, count, (start, stop))
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

    def error(self, clock_rr_s: float | None) -> float:
        """Standard error of stroke volume over its mean; `clock_rr_s` is the mean R-R where the rhythm is irregular."""
        beats = {key: np.concatenate([part[key] for part in self.columns]) for key in ("sv_mL", "hr_per_min")}
        if clock_rr_s is None:
            return batch_error(beats["sv_mL"]) / max(abs(means_there(beats)["sv_mL"]), 1e-9)
        return adjusted(beats, self.wanted(clock_rr_s, len(beats["sv_mL"])))[1]

    def wanted(self, clock_rr_s: float, beats: int) -> float:
        """Mean distance of beats that eject by the clock: some contractions eject nothing."""
        return clock_rr_s * self.contractions / beats

    def means_of(self, clock_rr_s: float | None) -> tuple[dict[str, float], float]:
        """Means of every number, in irregular rhythm moved to where the clock's mean R-R is; and the standard error as `error` gives it."""
        beats, error = self.joined(), self.error(clock_rr_s)
        weights = np.array(self.seconds) / sum(self.seconds)
        result = means_there(beats)
        result |= {key: float(sum(w * part[key] for w, part in zip(weights, self.means, strict=True))) for key in self.means[0]}
        if clock_rr_s is None or not enough(len(beats["sv_mL"])):
            return result, error
        wanted = self.wanted(clock_rr_s, len(beats["sv_mL"]))
        result |= adjusted(beats, wanted)[0]
        result["hr_per_min"] = 60.0 / wanted
        result["co_L_min"] = result["sv_mL"] * result["hr_per_min"] / 1000.0
        return result, error


def means_there(table: dict[str, Floats]) -> dict[str, float]:
    """Mean of what is there in each column, NaN where nothing is."""
    values = np.array(list(table.values()))
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        means = np.where(there, values, 0.0).sum(axis=1) / there.sum(axis=1)
    return dict(zip(table, means.tolist(), strict=True))


def enough(beats: int) -> bool:
    """Whether so many beats can tell how they hang on the R-R intervals."""
    return (beats - LAGS) // BATCH >= LEAST_BATCHES


def adjusted(beats: dict[str, Floats], wanted_rr_s: float) -> tuple[dict[str, float], float]:
    """Every number's mean moved to the wanted mean R-R (its own and the intervals before), and the relative standard error of stroke volume left."""
    if not enough(len(beats["sv_mL"])):
        return {}, float("inf")
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
