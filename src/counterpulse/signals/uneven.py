"""When the valve will close in an uneven rhythm: a small net of the same beat's pressure, and one offset learned from the patient. Root pressure only.

In fibrillation no beat is like the one before, so that what is usual at a time after the mark (`signals.closure`) says little, least of all in a short beat.
The net takes what the running systole shows as it is: when and how steeply it rose and from what, how the pressure moved over six stretches before now, as such
and as shares of its height, how high it stands and how far below its peak, the two R-R before, how near the expected closure is, and when a balloon was told to
empty. It was found on drawn patients of all rhythms (`signals.closure_nets`). Units: mmHg; s after the beat's mark.
"""

import math

from counterpulse.kernel import inline, rare
from counterpulse.signals.closure_nets import BELIEVED, CENTRE, HIDDEN, INPUTS, LAYER, OUT, SCALE, SPREAD_S, STRETCHES
from counterpulse.signals.closure_state import PAST, Closure

LEAST_PULSE_mmHg, LEAST_RISE_mmHg = 5.0, 1.0  # less counts as so much
MOST_STEEP = 3.0  # rise over height: more counts as so much
MOST_S = 0.08  # largest correction
OFFSET_S = 0.02  # SD of the offset before the first lesson (assumed)
SURPRISE_S = 0.03  # a lesson further off teaches as if it were so far


@inline
def forget_offset(c: Closure) -> None:
    """Back to what the population knows."""
    c.offset_s = 0.0
    c.offset_var = OFFSET_S * OFFSET_S


@inline
def note_inputs(c: Closure, mmHg: float, age_s: float) -> None:
    """What the systole shows now; what was not told counts as usual."""
    x = c.terms
    high = max(mmHg - c.lowest_mmHg, LEAST_PULSE_mmHg)
    x[0] = c.base_s - age_s
    x[1] = age_s - c.rise_s
    x[2] = c.rr_s if c.rr_s > 0.0 else CENTRE[2]
    x[3] = c.rr_before_s if c.rr_before_s > 0.0 else CENTRE[3]
    x[4] = c.extra
    x[5] = c.rise_s
    x[6] = age_s - c.peak_s
    x[7] = c.peak_mmHg - mmHg
    x[8] = math.log(high)
    x[9] = math.log(max(c.rise_mmHg, LEAST_RISE_mmHg))
    x[10] = c.lowest_mmHg
    x[11] = min(c.rise_mmHg / high, MOST_STEEP)
    newer = mmHg
    for i in range(STRETCHES):
        older = c.past[(c.now - 1 - c.back_n[i]) & PAST]
        x[12 + i] = newer - older
        x[12 + STRETCHES + i] = min(max((newer - older) / high, -1.0), 1.0)
        newer = older


@rare
def say_late(c: Closure, mmHg: float, age_s: float) -> None:
    """Let the net say closure less what was expected before the beat; what it said when the console decided is kept for the lesson."""
    note_inputs(c, mmHg, age_s)
    x = c.terms
    for i in range(INPUTS):
        away = (x[i] - CENTRE[i]) / SCALE[i]
        x[i] = min(max(away, -BELIEVED), BELIEVED)
    late = OUT[HIDDEN]
    for k in range(HIDDEN):
        total = LAYER[INPUTS, k]
        for i in range(INPUTS):
            total += LAYER[i, k] * x[i]
        late += OUT[k] * (total / (1.0 + abs(total)))
    if c.decided_s < 0.0:
        c.said_s = late
        c.said = 1
    if c.uneven != 0:
        c.closes_s = c.base_s + min(max(late + c.offset_s, -MOST_S), MOST_S)
        c.fresh = 1


@inline
def teach_offset(c: Closure, late_s: float) -> None:
    """A beat was seen to close `late_s` after what was expected: what the net had said when the console decided moves the offset."""
    if c.said == 0:
        return
    error = min(max(late_s - c.said_s - c.offset_s, -SURPRISE_S), SURPRISE_S)
    share = c.offset_var / (c.offset_var + SPREAD_S * SPREAD_S)
    c.offset_s += share * error
    c.offset_var -= share * c.offset_var
