"""Pools one patient's windows until they are enough: means of every beat's numbers, and the certificate that says how settled and how sure they are.

In an irregular rhythm chance is taken out of the means (`chance`), so that a hundred beats are as good as a thousand. Knows arrays only.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.beat_table import beat_table
from counterpulse.bed.beats import cycles, site_delay, with_slow
from counterpulse.bed.channels import Wave
from counterpulse.cohort.chance import TERMS, enough, gathered, moved, standard_error, terms

Floats = NDArray[np.float64]
BATCH = 8  # beats averaged: longer than the memory of one beat for those before it
STEADY = 0.005  # relative drift of mean pressure and stroke volume from the first to the second half
SURE = 0.005  # standard error of stroke volume over its mean, irregular rhythm
WATCHED = ("map_mmHg", "sv_mL")


@dataclass
class Pool:
    """Columns of beats and whole-stretch means of one patient so far."""

    site: str
    v0: float
    seed: int | None = None  # of the rhythm's draws where it is irregular
    delay: int | None = None
    columns: list[dict[str, Floats]] = field(default_factory=list)
    means: list[dict[str, float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    numbers: list[tuple[NDArray[np.int64], int]] = field(default_factory=list)  # QRS complexes of the beats, and the one after the last

    def add(self, wave: Wave) -> bool:
        """Take in a window; False when nothing is ejected in it."""
        found = cycles(wave)
        if self.delay is None:
            self.delay = 0 if self.site == "root" else site_delay(getattr(wave, self.site), [one.opens for one in found], wave.sample_s)
        table = beat_table(wave, found, self.site, self.delay, self.v0)
        if not table:
            return False
        count = len(table["sv_mL"])
        if self.seed is not None:
            table["cycle_s"] = 60.0 / table["hr_per_min"]
        start, stop = found[0].opens, found[count - 1].ends
        row = means_there(table)
        told = with_slow(wave, row, count, (start, stop))
        self.columns.append(table)
        self.means.append({key: float("nan") if value is None else value for key, value in told.items() if key not in row or key == "hr_per_min"})
        self.seconds.append((stop - start) * wave.sample_s)
        own = wave.beat[[(one.opens + one.closes) // 2 for one in found[:count]]]
        self.numbers.append((own, max(int(wave.beat[stop]), int(own[-1]) + 1)))
        return True

    def forget(self) -> None:
        """Drop what is there: the patient was still moving."""
        self.columns, self.means, self.seconds, self.numbers = [], [], [], []

    def joined(self) -> dict[str, Floats]:
        """All beats' numbers."""
        return {key: np.concatenate([part[key] for part in self.columns]) for key in self.columns[0]}

    def drift(self) -> tuple[float, float]:
        """Largest relative change of the watched numbers from the first to the second half of the beats, and its standard error there."""
        return halves(np.concatenate([[part[key] for key in WATCHED] for part in self.columns], axis=1))

    def error(self) -> float:
        """Standard error of stroke volume over its mean; infinite with too few beats."""
        if self.seed is None:
            values = np.concatenate([part["sv_mL"] for part in self.columns])
            return batch_error(values) / max(abs(float(values.mean())), 1e-9)
        return self.without_chance(["sv_mL"])[1]

    def without_chance(self, keys: list[str]) -> tuple[dict[str, float], float]:
        """Means of numbers with chance taken out, stroke volume first, and its standard error; nothing with too few beats."""
        assert self.seed is not None
        parts = [(own, end, {key: table[key] for key in keys}) for (own, end), table in zip(self.numbers, self.columns, strict=True)]
        seen = gathered(parts)
        if not enough(seen):
            return {}, float("inf")
        means, left = moved(seen, terms(self.seed, seen.number), keys)
        return means, standard_error(left, TERMS + 1)

    def means_of(self) -> dict[str, float]:
        """Means of every number; in irregular rhythm with chance taken out of what is told beat by beat."""
        beats = self.joined()
        weights = np.array(self.seconds) / sum(self.seconds)
        result = means_there(beats)
        result |= {key: float(sum(w * part[key] for w, part in zip(weights, self.means, strict=True))) for key in self.means[0]}
        if self.seed is None:
            return result
        result |= self.without_chance(["sv_mL", *(key for key in beats if key != "sv_mL")])[0]
        result["hr_per_min"] = 60.0 / result.pop("cycle_s")
        result["co_L_min"] = result["sv_mL"] * result["hr_per_min"] / 1000.0
        return result


def means_there(table: dict[str, Floats]) -> dict[str, float]:
    """Mean of what is there in each column, NaN where nothing is."""
    values = np.array(list(table.values()))
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        means = np.where(there, values, 0.0).sum(axis=1) / there.sum(axis=1)
    return dict(zip(table, means.tolist(), strict=True))


def batched(values: Floats) -> Floats:
    """Means of every `BATCH` beats."""
    count = len(values) // BATCH
    return values[: count * BATCH].reshape(count, BATCH).mean(axis=1)


def batch_error(values: Floats) -> float:
    """Standard error of a mean of beats that remember each other; infinite with too few of them."""
    means = batched(values)
    return float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) >= 2 else float("inf")


def halves(values: Floats) -> tuple[float, float]:
    """Largest relative change of any row from the first to the second half of its columns, and its standard error."""
    half = values.shape[1] // 2
    if half < 1:
        return float("inf"), 0.0
    parts = values[:, : 2 * half].reshape(len(values), 2, half)
    means, spread = parts.mean(axis=2), np.sqrt(parts.var(axis=2).sum(axis=1) / half)
    size = np.maximum(np.abs(means[:, 0]), 1e-9)
    change = np.abs(means[:, 1] - means[:, 0]) / size
    most = int(np.argmax(change))
    return float(change[most]), float(spread[most] / size[most])


def settled(pool: Pool) -> bool:
    """Whether the drift is small, or not told apart from beat-to-beat variation."""
    drift, error = pool.drift()
    return drift <= max(STEADY, 2.0 * error)
