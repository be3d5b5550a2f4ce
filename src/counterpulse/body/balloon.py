"""The balloon in the aorta: a membrane limp until full, in three aortic segments that it displaces blood from and progressively blocks.

Knows volumes and pressures of balloon and segment; no console. mmHg, mL, s.
"""

from typing import NamedTuple

from counterpulse.body.vessels import Branch
from counterpulse.kernel import inline

STIFF = 90.0  # mmHg/mL per segment once full: 30 for the whole membrane (pump.md 6.1: >= 30)
WRAP_STIFF = 300.0  # mmHg/mL per segment once wrapped around the catheter (assumed: hardly any gas can be sucked out of the folds)
INERTIA = 2.0e-4  # blood that the membrane pushes aside, mmHg s2/mL a segment (assumed)
FRICTION = 0.03  # gas along the balloon and blood beside it, mmHg s/mL a segment (assumed)
TOUCH = 0.9  # share of the lumen at which the membrane meets the wall (pump.md 6.1)


class Segment(NamedTuple):
    """One third of the balloon after a step: volume and its rate."""

    volume: float
    rate: float


@inline
def membrane(volume: float, full: float, wrapped: float) -> float:
    """Pressure across the membrane: none while limp, stiff when full, and against the vacuum when wrapped around its catheter."""
    return STIFF * max(volume - full, 0.0) - WRAP_STIFF * max(wrapped - volume, 0.0)


@inline
def contact(volume: float, blood: float) -> float:
    """Pressure of the aortic wall on a membrane that fills more than nine tenths of the lumen."""
    return STIFF * max(volume - TOUCH * (volume + blood), 0.0)


@inline
def squeeze(segment: Segment, drive: float, branch: Branch, step_s: float) -> Segment:
    """Move one third of the balloon: `drive` is gas minus membrane, wall and aortic pressure; `branch` is zero where there is no balloon."""
    rate = branch.keep * segment.rate + branch.push * drive
    return Segment(segment.volume + step_s * rate, rate)


NARROWEST_ML = 0.1  # a segment without blood has no blockage that could be computed
GAP = (0.98854022, -0.39944659, -0.24042113)


@inline
def blockage(blood: float, balloon: float) -> float:
    """Viscous resistance of a segment over that of the open one: laminar flow in the annulus around the balloon.

    Exact: 1 / (1 - x^2 + 2 (1 - x)^2 / ln x) with x = balloon / (balloon + blood) (White, Viscous Fluid Flow, 3-48). Here a cubic in 1 / (1 - x),
    fitted within 2.4 % for 0.1 <= x <= 0.98; below that the blockage does not matter, above it (a segment that has all but run dry) it grows no further.
    """
    lumen = max(blood + balloon, NARROWEST_ML)
    narrowing = lumen / max(blood, 0.02 * lumen)
    return 6.0 * narrowing * (GAP[2] + narrowing * (GAP[1] + narrowing * GAP[0]))
