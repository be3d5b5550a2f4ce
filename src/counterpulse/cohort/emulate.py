"""A polynomial that stands in for the quiet patient: from logarithms of free fields to logarithms of what is shown. Kept in the cache folder.

Quadratic with all products, by ridge regression on a Sobol design around a preset. Good to some per cent: it gives calibration its start and its
slopes; what a patient really shows is always simulated.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from counterpulse.cohort.free import free_of
from counterpulse.cohort.lanes import Look, show
from counterpulse.cohort.preset import load
from counterpulse.kernel import CACHE
from counterpulse.whole import whole_file

Floats = NDArray[np.float64]
DESIGN = 11  # 2 ** 11 points
RIDGE = 1e-4
FOLDER = Path(__file__).parent
# Half-width of the design around the preset, in logarithms: about what tenfold differences in filling, contractility and resistance need (assumed).
REACH = {
    "systemic_resistance_mmHg_s_mL": 0.8, "lv_ees_mmHg_mL": 1.0, "blood_volume_mL": 0.2, "aortic_compliance_mL_mmHg": 0.9, "rv_ees_mmHg_mL": 0.7,
    "lv_edpvr_b_per_mL": 0.8, "rv_edpvr_b_per_mL": 0.4, "pulmonary_resistance_mmHg_s_mL": 0.8, "heart_rate_per_min": 0.5, "systole_s": 0.2,
    "lv_v0_mL": 0.6, "aortic_diameter_mm": 0.2, "branch_compliance_mL_mmHg": 0.5, "arm_compliance_mL_mmHg": 0.5,
}  # fmt: skip
SHOWN = ("sbp_mmHg", "dbp_mmHg", "map_mmHg", "cvp_mmHg", "pcwp_mmHg", "mean_pa_mmHg", "hr_per_min", "lv_ef", "lv_edv_mL")


def features(x: Floats) -> Floats:
    """1, all coordinates, all products of two: points x terms."""
    first, second = np.triu_indices(x.shape[1])
    return np.column_stack([np.ones(len(x)), x, x[:, first] * x[:, second]])


def slopes_of_features(x: Floats) -> Floats:
    """Derivatives of the features at one point: terms x coordinates."""
    size = len(x)
    first, second = np.triu_indices(size)
    out = np.zeros((1 + size + len(first), size))
    out[1 : 1 + size] = np.eye(size)
    rows = 1 + size + np.arange(len(first))
    np.add.at(out, (rows, first), x[second])
    np.add.at(out, (rows, second), x[first])
    return out


@dataclass(frozen=True)
class Emulator:
    """Terms x numbers, for coordinates scaled by `REACH` around the preset's own fields."""

    names: tuple[str, ...]
    centre: Floats
    reach: Floats
    terms: Floats
    error: Floats  # SD of the logarithm of each number, by leaving points out

    def scaled(self, x: Floats) -> Floats:
        """Coordinates of a point, no further out than the design went by half."""
        return np.clip((x - self.centre) / self.reach, -1.5, 1.5)

    def numbers(self, x: Floats) -> Floats:
        """Logarithms of what is shown at one point."""
        return features(self.scaled(x)[None])[0] @ self.terms

    def slopes(self, x: Floats) -> Floats:
        """Their derivatives along the logarithms of the fields: numbers x fields."""
        return (slopes_of_features(self.scaled(x)).T @ self.terms).T / self.reach


def source_of(name: str) -> str:
    """Hash of what the emulator depends on beside the kernels, whose hash names the cache folder."""
    digest = hashlib.sha256(name.encode())
    files = [FOLDER / f"{stem}.py" for stem in ("emulate", "lanes", "free")] + [FOLDER / "presets" / f"{name}.toml", FOLDER / "tables" / "free.toml"]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def emulator(name: str, site: str) -> Emulator:
    """The emulator around a preset, read from the cache or made in some seconds."""
    path = CACHE / f"emulator-{name}-{site}-{source_of(name)}.npz"
    patient: Any = load(name).patient
    centre = np.log([float(patient[field]) for field in REACH])
    reach = np.array(list(REACH.values()))
    if path.is_file():
        with np.load(path) as kept:
            return Emulator(tuple(REACH), centre, reach, kept["terms"], kept["error"])
    made = Emulator(tuple(REACH), centre, reach, *learn(name, site))
    with whole_file(path) as draft, draft.open("wb") as file:
        np.savez(file, terms=made.terms, error=made.error)
    return made


def learn(name: str, site: str) -> tuple[Floats, Floats]:
    """Terms and errors from a design; points whose heart does not eject or whose numbers no patient has are left out."""
    preset = load(name)
    free = free_of(preset.patient, tuple(REACH))
    unit = 2.0 * qmc.Sobol(len(REACH), scramble=False).random_base2(DESIGN) - 1.0
    points = free.clip(free.start + unit * np.array(list(REACH.values())))
    means = show(free.place(preset.patient, points), Look(site)).means
    shown = np.array([[mean.get(key, np.nan) for key in SHOWN] for mean in means])
    with np.errstate(invalid="ignore"):
        sound = (shown > 0.0).all(axis=1) & (shown[:, 2] > 30.0) & (shown[:, 2] < 160.0) & (shown[:, 3] < 40.0) & (shown[:, 7] > 0.05)
    scaled = (points[sound] - free.start) / np.array(list(REACH.values()))
    return regress(features(scaled), np.log(shown[sound]))


def regress(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Ridge regression, and the SD of its errors at left-out points."""
    hat = np.linalg.solve(a.T @ a + RIDGE * len(a) * np.eye(a.shape[1]), a.T)
    terms = hat @ b
    leverage = np.einsum("ij,ji->i", a, hat)
    return terms, ((b - a @ terms) / (1.0 - np.minimum(leverage, 0.9))[:, None]).std(axis=0)
