"""The fields of a patient that calibration may move, as logarithms: names, bounds, the prior around a start, and the way back to a patient.

The prior's widths stand in `tables/free.toml`. Knows no observation.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.body.patient import Patient

Floats = NDArray[np.float64]
EDGE = 1e-3  # share of a bound by which a fit stays inside it


@cache
def widths() -> dict[str, float]:
    """SD of the logarithm of every field that may be moved."""
    text = (resources.files("counterpulse.cohort") / "tables" / "free.toml").read_text(encoding="utf-8")
    return {name: float(entry["sd"]) for name, entry in tomllib.loads(text).items() if name in Patient.fields()}


@dataclass(frozen=True)
class Free:
    """Free fields of one patient: where they begin, how wide their prior is, where they must stay; all logarithms."""

    names: tuple[str, ...]
    start: Floats
    sd: Floats
    low: Floats
    high: Floats

    def clip(self, x: Floats) -> Floats:
        """The nearest allowed point."""
        return np.clip(x, self.low, self.high)

    def place(self, base: Any, points: Sequence[Floats] | Floats) -> Any:
        """Rows of patients like `base` (one row, or one for each point) with the free fields at points of logarithms (points x fields)."""
        x = np.atleast_2d(np.asarray(points))
        rows = np.array(np.broadcast_to(np.array(base, Patient.dtype), (len(x),)), copy=True).view(np.recarray)
        for column, name in enumerate(self.names):
            rows[name] = np.exp(self.clip(x)[:, column])
        return rows


def free_of(patient: Any, names: Sequence[str] = ()) -> Free:
    """The free fields of a patient (all of the table unless named); one that is not positive has no logarithm and stays fixed."""
    table = widths()
    chosen = tuple(name for name in (names or table) if float(patient[name]) > 0.0)
    quantity = Patient.quantities()
    low = np.log([max(quantity[name].low, 1e-3) * (1.0 + EDGE) for name in chosen])
    high = np.log([quantity[name].high * (1.0 - EDGE) for name in chosen])
    start = np.log([float(patient[name]) for name in chosen])
    return Free(chosen, np.clip(start, low, high), np.array([table[name] for name in chosen]), low, high)
