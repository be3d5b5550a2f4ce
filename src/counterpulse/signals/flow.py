"""The end of ejection from aortic flow, told within the beat: flow by a three-element windkessel from the pressure alone.

q = (p - p_w) / Zc and C dp_w/dt = q - p_w / R (Wesseling 1993 J Appl Physiol 74:2566, from memory; used so by Schreuder 2005 Ann Thorac Surg
79:1017, pump.md 4 and 6.3). Only the shape of q counts, so Zc C and R C are enough; both are population values. What differs from patient to
patient is learned as a threshold: the share of peak flow that is left when the valve is `ahead_s` from closing, the mean over this patient's
beats whose closure has been seen. That share moves 20 to 60 ms with Zc (pump.md 4, pitfall), hence no constant. In the beat: closure is
`ahead_s` after flow has fallen to that share, if that is not too far from what R-R expects. Units: mmHg (of p - p_w), s.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline, rare
from counterpulse.record import Many, Record

FAST_S = 0.05  # Zc C: 0.05 mmHg s/mL times 1 mL/mmHg (pump.md 6.2)
SLOW_S = 1.5  # R C
MARGIN_S = 0.008  # told so long before the command has to go: two working samples
FOOT_S = 0.12  # by then ejection has begun; before it there is no flow below zero
FIRST_SHARE = 0.4  # of peak flow, until the patient's own is known (assumed)
KEEP = 0.06  # gain of the patient's own in the long run
HIGHEST_SHARE = 0.97  # nearer to its peak flow tells no time
REACH_S = 0.04  # nothing further from what R-R expects is believed (assumed)
PLACES, PLACE_S = 6, 0.016  # flows kept for the lesson, about the time at which the command has to go


class Flow(Record):
    """State of the method. `closes_s` is the closure expected now, after the beat's mark; `fresh` is 1 at the sample at which that has changed."""

    kept_mmHg: Annotated[NDArray[np.float64], Many(PLACES)] = 0.0  # pyright: ignore[reportAssignmentType]
    stored_mmHg: float = 0.0  # p_w
    peak_mmHg: float = 0.0  # largest flow of this beat
    last_mmHg: float = 0.0
    base_s: float = 0.35  # what R-R expects of this beat
    ahead_s: float = 0.04
    closes_s: float = 0.35
    share: float = FIRST_SHARE
    lessons: int = 0
    crossed: int = 0
    fresh: int = 0


@rare
def forget_flow(f: Flow) -> None:
    """Another source or trigger: learn afresh."""
    f.lessons = 0
    f.share = FIRST_SHARE


@inline
def begin_flow(f: Flow, base_s: float, horizon_s: float) -> None:
    """A beat begins: R-R expects its closure `base_s` after the mark, and the command must go `horizon_s` before."""
    f.base_s = base_s
    f.closes_s = base_s
    f.ahead_s = horizon_s + MARGIN_S
    f.peak_mmHg = 0.0
    f.crossed = 0
    f.fresh = 0
    for i in range(PLACES):
        f.kept_mmHg[i] = -1.0


@inline
def follow_flow(f: Flow, mmHg: float, age_s: float, step_s: float) -> None:
    """Take one working sample, `age_s` after the beat's mark and `step_s` after the one before."""
    flow = mmHg - f.stored_mmHg
    if age_s < FOOT_S and flow < 0.0:
        f.stored_mmHg = mmHg
        flow = 0.0
    f.stored_mmHg += (flow / FAST_S - f.stored_mmHg / SLOW_S) * step_s
    f.fresh = 0
    since = age_s - (f.base_s - f.ahead_s)
    if since < -1.5 * REACH_S:
        f.peak_mmHg = max(f.peak_mmHg, flow)
    elif since < 1.5 * REACH_S:
        place = int((since + 1.5 * REACH_S) / PLACE_S)
        if place < PLACES and f.kept_mmHg[place] < 0.0:
            f.kept_mmHg[place] = max(flow, 0.0)
        decide(f, flow, since, step_s)
    f.last_mmHg = flow


@inline
def decide(f: Flow, flow: float, since: float, step_s: float) -> None:
    """Whether flow has fallen to the patient's share now; while it has not, closure is not yet near."""
    if f.crossed != 0 or since < -REACH_S:
        return
    level = f.share * f.peak_mmHg
    if flow > level and since < REACH_S:
        later = f.base_s + since + step_s
        if later > f.closes_s:
            f.closes_s = later
            f.fresh = 1
        return
    part = (level - flow) / (f.last_mmHg - flow) * step_s if f.last_mmHg > level > flow else 0.0
    f.closes_s = f.base_s + since - part
    f.crossed = 1
    f.fresh = 1


@inline
def teach_flow(f: Flow, closed_s: float) -> None:
    """The valve of the running beat closed `closed_s` after its mark."""
    where = (closed_s - f.base_s + 1.5 * REACH_S) / PLACE_S
    k = int(where)
    if f.peak_mmHg <= 0.0 or where < 0.0 or k + 1 >= PLACES or f.kept_mmHg[k] < 0.0 or f.kept_mmHg[k + 1] < 0.0:
        return
    left = f.kept_mmHg[k] + (where - k) * (f.kept_mmHg[k + 1] - f.kept_mmHg[k])
    f.lessons += 1
    f.share += max(1.0 / f.lessons, KEEP) * (min(left / f.peak_mmHg, HIGHEST_SHARE) - f.share)
