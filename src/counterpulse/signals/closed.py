"""When the aortic valve closed in a beat that nothing disturbed: the steepest fall before the notch, and how far closure lies from it. Knows no prediction.

Flow passes zero 27 ms before to 22 ms after the steepest fall (drawn patients, 1st to 99th percentile); how far is told by a regression on what the
pressure shows of the same beat: length of ejection, how sharply the fall bends into the notch, pulse height, how suddenly the fall set in, when the
pressure peaked. Its coefficients, per source, come from `closure_prior`. Units: mmHg; s after the beat's mark, as the source shows it.
"""

import math

from counterpulse.kernel import inline
from counterpulse.signals.closure_prior import MARK
from counterpulse.signals.closure_state import BLIND, PAST, Closure

FALL_S = 0.008  # the fall that ends ejection is taken over
BEND_S = 0.016  # it ends in the notch, where pressure bends up most, seen over twice this
FALL_BEFORE_NOTCH_S = 0.04  # it is the steepest so long before the notch: an ejection that fades may fall as steeply halfway (septal rupture)
LEAST_FALL_mmHg = 0.5  # over FALL_S: less is no closure (assumed)
HALF_S = 0.03  # where the fall was half as steep is looked for so far back
MOST_S = 0.03  # the furthest that closure may lie from the fall (assumed)


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
def half_before(c: Closure) -> float:
    """How long before it was steepest the fall was half as steep, s."""
    before = c.steepest_mmHg
    for back in range(1, int(HALF_S / c.step_s) + 1):
        at = c.steepest_at - back
        fall = c.past[at & PAST] - c.past[(at - c.fall_n) & PAST]
        if fall > 0.5 * c.steepest_mmHg:
            return (back - 1 + (0.5 * c.steepest_mmHg - before) / (fall - before)) * c.step_s
        before = fall
    return HALF_S


@inline
def note_mark(c: Closure) -> None:
    """What the beat shows of how far closure lies from the fall, into the first places of `terms`."""
    c.terms[0] = 1.0
    c.terms[1] = (c.steepest_s - c.rise_s) * (1.0 / 0.3)
    c.terms[2] = min(max(-c.bend_mmHg / c.steepest_mmHg, 0.0), 6.0)
    c.terms[3] = math.log(max(c.top_mmHg - c.lowest_mmHg, 5.0) * (1.0 / 40.0))
    c.terms[4] = half_before(c) * (1.0 / 0.01)
    c.terms[5] = min(max((c.steepest_s - c.top_s) * (1.0 / 0.15), 0.0), 3.0)


@inline
def closure_seen(c: Closure) -> float:
    """When the valve closed in a beat whose notch was undisturbed, s after its mark; -1 where there was no fall. Due TOLD_S after `latest_notch_s`."""
    if c.begun == BLIND or c.steepest_s < 0.0 or c.steepest_mmHg > -LEAST_FALL_mmHg:
        return -1.0
    if c.rise_s < 0.0:  # so fast a heart that no upstroke was followed: the fall itself
        return c.steepest_s
    note_mark(c)
    later = 0.0
    for i in range(MARK.shape[1]):
        later += MARK[c.source, i] * c.terms[i]
    return c.steepest_s + min(max(later, -MOST_S), MOST_S)
