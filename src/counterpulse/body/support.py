"""Other support than the balloon: a trans-aortic axial pump, a durable LVAD and veno-arterial ECMO, each a flow element with its pressure-flow curve.

A rotary pump gives its head at zero flow (which grows with the square of its speed) less what flow costs; here that cost is a straight line, fitted to
the usual working range of the published curve. The axial pump and the LVAD both take blood from the left ventricle into the root and share one element
(a patient with an LVAD that runs has no axial pump); ECMO takes it from the right atrium into the abdominal aorta, where the femoral cannula ends.
Curves, sources and certainty: `data/support.toml`. Not modelled: purge, backflow through a pump that stands still, cannula of the ECMO obstructing a leg.
mmHg, mL/s, 1/min. Speed 0 is no device at all: then nothing changes, bit for bit.
"""

import tomllib
from importlib import resources
from typing import Annotated, Any

import numpy as np

from counterpulse.body.vessels import branch
from counterpulse.kernel import kernel
from counterpulse.record import Q, Record

FILLING = 0.05  # 1/mL: a left pump loses its head over the last 20 mL above V0 (assumed)
SUCTION = 30.0  # mmHg of drainage lost per mmHg of right atrial pressure below the collapse (assumed)
COLLAPSE_MMHG = 0.0  # right atrial pressure below which a drained vein closes on its cannula (assumed)
INERTANCE = 0.05  # mmHg s2/mL, blood in pump and cannulas (assumed: 20 cm of 5 mm bore; ECMO's longer and wider tubing is of the same size)


def curves() -> dict[str, dict[str, Any]]:
    """The published pressure-flow curve of each device, with source and certainty."""
    return tomllib.loads((resources.files("counterpulse.body") / "data" / "support.toml").read_text(encoding="utf-8"))["device"]


_CURVES = curves()
LEVEL_SPEEDS = np.array(_CURVES["axial"]["level_rpm"])
_AXIAL, _LVAD, _ECMO = (np.array([_CURVES[name][key] for key in ("reference_rpm", "head_mmHg", "resistance_mmHg_s_mL")]) for name in ("axial", "lvad", "ecmo"))


class Support(Record):
    """What other support runs, as the clinician sets it; 0 = none."""

    axial_level: Annotated[float, Q("1", 0, 9, "performance level of a trans-aortic axial pump; 0 = none")] = 0.0
    lvad_per_min: Annotated[float, Q("1/min", 0, 9000, "speed of a durable centrifugal LVAD; 0 = none")] = 0.0
    ecmo_per_min: Annotated[float, Q("1/min", 0, 5000, "speed of the pump of a femoral veno-arterial ECMO; 0 = none")] = 0.0


@kernel
def axial_speed(level: float) -> float:
    """Speed at a performance level, linear between whole levels, 1/min."""
    low = min(int(level), len(LEVEL_SPEEDS) - 2)
    return LEVEL_SPEEDS[low] + (level - low) * (LEVEL_SPEEDS[low + 1] - LEVEL_SPEEDS[low])


@kernel
def support_rows(w: Any, lane: int, rows: tuple[int, int], support: Support, h: float) -> None:
    """Write the elements of a lane; `rows` are the first rows of the left pump and of the bypass: keep, push, head."""
    left, bypass = rows
    curve, speed = _AXIAL, axial_speed(support.axial_level)
    if support.lvad_per_min > 0.0:
        curve, speed = _LVAD, support.lvad_per_min
    element_rows(w, lane, left, curve, speed, h)
    element_rows(w, lane, bypass, _ECMO, support.ecmo_per_min, h)


@kernel
def element_rows(w: Any, lane: int, row: int, curve: Any, speed: float, h: float) -> None:
    """One element: nothing at speed 0, else a branch with the head of its speed (affinity law)."""
    there = 1.0 if speed > 0.0 else 0.0
    made = branch(curve[2], INERTANCE, h)
    ratio = speed / curve[0]
    w[row, lane], w[row + 1, lane], w[row + 2, lane] = there * made.keep, there * made.push, there * curve[1] * ratio * ratio
