"""What the pump does in a fitted patient, with how unsure the fit leaves it: patients drawn from the posterior run without and with the pump.

The interval says what the observed numbers leave open within this model; it knows nothing of what the model leaves out. Knows fitted patients; no files.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from counterpulse.body.patient import Patient
from counterpulse.cohort.arms import Arm
from counterpulse.cohort.block import Job, run_arms
from counterpulse.cohort.free import free_of
from counterpulse.cohort.lanes import Look, show
from counterpulse.noise import uniform
from counterpulse.refusal import RefusalError

Floats = NDArray[np.float64]
SAMPLES = 24
INTERVAL = (0.05, 0.5, 0.95)
_STREAM = 870
CANDIDATES = 12  # draws for each one kept, at most
STRAY_mmHg = 6.0  # two measurement SDs of a pressure
PRESSURES = ("sbp_mmHg", "dbp_mmHg", "map_mmHg")


@dataclass(frozen=True)
class Forecast:
    """Quantiles (5, 50, 95 %) of every number without, with, and of the difference; how many draws ejected in both."""

    without: dict[str, list[float]]
    assisted: dict[str, list[float]]
    change: dict[str, list[float]]
    used: int
    drawn: int


def posterior(patient: Any, names: tuple[str, ...], covariance: Any, count: int, seed: int = 1) -> Any:
    """Rows of patients: the fitted one first, then draws of its free fields. Raises RefusalError for a covariance that is none."""
    free = free_of(patient, names)
    matrix = np.array(covariance, float)
    if matrix.shape != (len(free.names), len(free.names)):
        raise RefusalError(f"The posterior has {matrix.shape[0]} rows for {len(free.names)} free fields; fit the patient again.")
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    scores = np.array([[ndtri(uniform(seed, _STREAM + j, i)) for j in range(len(free.names))] for i in range(count - 1)])
    points = np.vstack([free.start, free.start + np.einsum("ij,kj->ik", scores, root)]) if count > 1 else free.start[None]
    return free.place(patient, points)


def allowed(patient: Any, names: tuple[str, ...], covariance: Any, count: int, site: str) -> Any:
    """`count` draws that still show the fitted pressures: the posterior is a straight line's, the circulation is not, so what strays is drawn again.

    Raises RefusalError when hardly any draw stays.
    """
    rows = posterior(patient, names, covariance, count * CANDIDATES)
    means = show(rows, Look(site)).means
    aim = means[0]
    keep = [k for k, mean in enumerate(means) if mean and all(abs(mean[key] - aim[key]) <= STRAY_mmHg for key in PRESSURES) and possible(mean)]
    if len(keep) < max(count // 3, 1):
        raise RefusalError(f"Only {len(keep)} of {len(rows)} patients drawn from the fit show its pressures; it leaves too much open to predict from.")
    return rows[keep[:count]]


def possible(mean: dict[str, float]) -> bool:
    """Filling pressures that a living patient has (assumed bounds)."""
    return 0.0 <= mean["cvp_mmHg"] <= 30.0 and 2.0 <= mean["pcwp_mmHg"] <= 45.0


def forecast(rows: Any, site: str, pump: dict[str, float]) -> Forecast:
    """Run draws in both arms. Raises RefusalError when too few eject."""
    patients = np.array(rows, Patient.dtype).view(np.recarray)
    arms = run_arms(patients, [Job(Arm(name, ratio), site, pump) for name, ratio in (("without", 0), ("with", 1))])
    pairs = [(a.numbers, b.numbers) for a, b in zip(*arms, strict=True) if a.numbers and b.numbers]
    if len(pairs) < max(len(patients) // 2, 1):
        raise RefusalError(f"Only {len(pairs)} of {len(patients)} patients drawn from the fit eject; the fit leaves too much open to predict from.")
    keys = [key for key in pairs[0][0] if all(key in a and key in b for a, b in pairs)]
    plain = {key: spread([a[key] for a, _ in pairs]) for key in keys}
    assisted = {key: spread([b[key] for _, b in pairs]) for key in keys}
    return Forecast(plain, assisted, {key: spread([b[key] - a[key] for a, b in pairs]) for key in keys}, len(pairs), len(patients))


def spread(values: list[float]) -> list[float]:
    """Quantiles of what is there; NaN where nothing is."""
    there = np.array([value for value in values if np.isfinite(value)])
    return [float(np.quantile(there, q)) for q in INTERVAL] if len(there) else [float("nan")] * 3
