"""When the aortic valve closed in a beat that nothing disturbed: the steepest fall before the notch, and how far closure lies from it. Knows no prediction.

Flow passes zero 27 ms before to 22 ms after the steepest fall (drawn patients, 1st to 99th percentile); how far is told by a small net from what the
pressure shows of the same beat: length of ejection, how sharply the fall bends into the notch, how steep and how sudden it is and how suddenly it ends, how
deep it began, pulse height, upstroke, foot, when the pressure peaked (`signals.closure_nets`). Lumen, radial and femoral line: a constant. Units: mmHg; s after
the beat's mark, as the source shows it.
"""

import math

from counterpulse.kernel import inline, rare
from counterpulse.signals.closure_nets import BELIEVED, HIDDEN, MARK_CENTRE, MARK_INPUTS, MARK_LAYER, MARK_OUT, MARK_SCALE
from counterpulse.signals.closure_state import BLIND, PAST, Closure

FALL_S = 0.008  # the fall that ends ejection is taken over
BEND_S = 0.016  # it ends in the notch, where pressure bends up most, seen over twice this
FALL_BEFORE_NOTCH_S = 0.04  # it is the steepest so long before the notch: an ejection that fades may fall as steeply halfway (septal rupture)
LEAST_FALL_mmHg = 0.5  # over FALL_S: less is no closure (assumed)
HALF_S = 0.03  # where the fall was half as steep is looked for so far back and ahead
MOST_S = 0.03  # the furthest that closure may lie from the fall (assumed)
LINE_MARK_S = -0.009  # closure less the fall that a late line shows, less its delay: from presets, since drawn patients' lines are too uncertain


@inline
def begin_seeing(c: Closure) -> None:
    """A beat has begun."""
    c.bend_mmHg = 0.0
    c.steepest_mmHg = 0.0
    c.steepest_s = -1.0
    c.peak_mmHg = -1e9


@inline
def follow_peak(c: Closure, mmHg: float, age_s: float) -> None:
    """Follow the highest pressure since the rise."""
    if c.rise_s >= 0.0 and mmHg > c.peak_mmHg:
        c.peak_mmHg = mmHg
        c.peak_s = age_s


@inline
def follow_notch(c: Closure, mmHg: float, age_s: float) -> None:
    """Follow the fall that ends ejection: the steepest just before pressure bends up most."""
    bend = mmHg - 2.0 * c.past[(c.now - 1 - c.bend_n) & PAST] + c.past[(c.now - 1 - 2 * c.bend_n) & PAST]
    if bend <= c.bend_mmHg:
        return
    c.bend_mmHg = bend
    c.steepest_mmHg = 0.0
    c.top_mmHg = c.peak_mmHg
    c.top_s = c.peak_s
    for back in range(c.bend_n, c.bend_n + c.before_n):
        newer = c.now - 1 - back
        fall = c.past[newer & PAST] - c.past[(newer - c.fall_n) & PAST]
        if fall < c.steepest_mmHg:
            c.steepest_mmHg = fall
            c.steepest_s = age_s - (back + 0.5 * c.fall_n) * c.step_s
            c.steepest_at = newer


@inline
def half_away(c: Closure, step: int) -> float:
    """How long before (`step` -1) or after (1) it was steepest the fall was half as steep, s."""
    before = c.steepest_mmHg
    most = int(HALF_S / c.step_s)
    if step > 0:
        most = min(most, c.now - 1 - c.steepest_at)
    for away in range(1, most + 1):
        at = c.steepest_at + step * away
        fall = c.past[at & PAST] - c.past[(at - c.fall_n) & PAST]
        if fall > 0.5 * c.steepest_mmHg:
            return (away - 1 + (0.5 * c.steepest_mmHg - before) / (fall - before)) * c.step_s
        before = fall
    return HALF_S


@inline
def note_fall(c: Closure) -> None:
    """What the beat shows of how far closure lies from the fall."""
    high = max(c.top_mmHg - c.lowest_mmHg, 5.0)
    x = c.terms
    x[0] = c.steepest_s - c.rise_s
    x[1] = min(max(-c.bend_mmHg / c.steepest_mmHg, 0.0), 6.0)
    x[2] = math.log(high)
    x[3] = half_away(c, -1)
    x[4] = half_away(c, 1)
    x[5] = min(max(c.steepest_s - c.top_s, 0.0), 0.45)
    x[6] = math.log(max(-c.steepest_mmHg, LEAST_FALL_mmHg))
    x[7] = min(max((c.top_mmHg - c.past[c.steepest_at & PAST]) / high, 0.0), 1.0)
    x[8] = min(max(c.rise_mmHg / high, 0.0), 3.0)
    x[9] = math.log(min(max(c.lowest_mmHg, 15.0), 300.0))


@inline
def mark_says(c: Closure) -> float:
    """Closure less the steepest fall, s, of what `note_fall` has noted."""
    for i in range(MARK_INPUTS):
        away = (c.terms[i] - MARK_CENTRE[i]) / MARK_SCALE[i]
        c.terms[i] = min(max(away, -BELIEVED), BELIEVED)
    later = MARK_OUT[HIDDEN]
    for k in range(HIDDEN):
        total = MARK_LAYER[MARK_INPUTS, k]
        for i in range(MARK_INPUTS):
            total += MARK_LAYER[i, k] * c.terms[i]
        later += MARK_OUT[k] * (total / (1.0 + abs(total)))
    return min(max(later, -MOST_S), MOST_S)


@rare
def closure_seen(c: Closure) -> float:
    """When the valve closed in a beat whose notch was undisturbed, s after its mark; -1 where there was no fall. Due TOLD_S after `latest_notch_s`."""
    if c.begun == BLIND or c.steepest_s < 0.0 or c.steepest_mmHg > -LEAST_FALL_mmHg:
        return -1.0
    if c.rise_s < 0.0:  # so fast a heart that no upstroke was followed: the fall itself
        return c.steepest_s
    if c.source != 0:
        return c.steepest_s + LINE_MARK_S
    note_fall(c)
    return c.steepest_s + mark_says(c)
