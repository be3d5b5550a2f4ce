"""Names of what a run keeps, in the order of `bed.tick.CHANNELS`. mmHg, mL, mL/s."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NAMES = (
    "root", "lumen", "radial", "femoral", "lv", "rv", "la", "ra", "pa", "pv", "balloon", "console",
    "lv_mL", "rv_mL", "aortic", "mitral", "coronary", "foot", "upper_mL", "middle_mL", "lower_mL", "valve_open",
    "la_mL", "gut", "hand", "left_pump", "bypass", "arch",
)  # fmt: skip
SITES = ("root", "lumen", "radial", "femoral")


class Wave:
    """One lane's kept signals by name: `wave.root`, `wave.balloon_mL`; each an array of samples."""

    def __init__(self, signals: NDArray[np.float64], beat: NDArray[np.int64], sample_s: float) -> None:
        self.signals, self.beat, self.sample_s = signals, beat, sample_s

    def __getattr__(self, name: str) -> Any:
        """Give the signal of that name."""
        if name == "balloon_mL":
            return self.upper_mL + self.middle_mL + self.lower_mL
        if name not in NAMES:
            raise AttributeError(name)
        return self.signals[:, NAMES.index(name)]

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.beat)
