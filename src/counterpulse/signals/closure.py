"""Predicts within the beat when the aortic valve will close, from the pressure of the same beat. Causal; knows no pump and no balloon.

A beat is expected to close its valve `base_s` after its mark. From some time before that on, every 8 ms, features of the running systole (when it
rose, how fast the pressure has moved over the last 16, the 24 and the 40 ms before, how high it stands above its foot, and one number from outside)
are compared with what they usually are at this time of a beat; a regression learned from this patient's own closures turns the difference into a
correction. The weights may change with time, so that late features count when they are there. The regression is Bayesian (recursive least squares
from weights that hold for most patients).

What it is taught is the steepest fall at the end of ejection, in a beat whose notch was seen undisturbed, less what it lags behind flow zero.

Schreuder 2005 (pump.md 4) predicted the notch from windkessel flow at a share of its peak; that share hangs on characteristic impedance (pump.md 4, pitfall),
which a regression on the pressure itself need not know. Fed at the onset detector's working rate. Units: mmHg; s after the beat's mark, as the source
shows it.
"""

import math
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record
from counterpulse.signals.filters import samples, thinning

PLACES = 24  # of the grid
STEP_S = 0.008
AHEAD_S = 0.07  # the grid starts so long before the closure is as near as the horizon
FEATURES = 6  # steepest rise, three slopes, height, what the caller adds
TERMS = 1 + 2 * FEATURES  # intercept, features, features times time
PAST = 127  # mask of the ring: 0.256 s at the highest working rate
SLOPES_S = (0.016, 0.04, 0.08)  # ends of the three stretches, backwards
AFTER_RISE_S = 0.06  # earlier the slopes would reach back into the upstroke
RISE_FROM_S = 0.02  # after the mark: a balloon may still be emptying before
TIME_UNIT_S = 0.03

KEEP = 0.08  # gain of the usual course, once it is known
BELIEVED = 3.0  # SD: a feature further off counts as so far
MOST_S = 0.06  # largest correction
MARGIN_S = 0.016  # the course is learned down to so much less than the horizon ahead of the closure: later it may be the balloon's
REACH_S = 0.06  # lessons are taken from so long before the horizon
# Weights before the first lesson, ms per SD: mean of what seven presets taught, with and without the pump (docs/validation/timing); and how sure they are.
PRIOR_ms = (0.0, 1.6, 7.5, -1.4, 4.4, -1.2, 0.0, -1.2, -4.8, 0.4, 0.3, 1.9, 0.0)
PRIOR_S = 0.003
PRIOR_OFFSET_S = 0.02
NOISE_S = 0.025  # SD of what a row leaves; the rows of a beat are no independent witnesses (assumed)
DRIFT_OFFSET_S = 0.003  # by so much may the offset wander from lesson to lesson: the heart changes under the pump (assumed)
DRIFT_S = 0.0004  # by so much may a weight wander from lesson to lesson (assumed)
FALL_S = 0.008  # the fall that ends ejection is taken over
BEND_S = 0.016  # it ends in the notch, where pressure bends up most, seen over twice this
FALL_BEFORE_NOTCH_S = 0.04  # it is the steepest so long before the notch: an ejection that fades may fall as steeply halfway (septal rupture)
LATEST_NOTCH_S = 0.08  # the notch is looked for until so long after the expected closure
FIRST_NOTCH_S = 0.14  # so long while that is still the population's: slow failing hearts eject up to 70 ms longer (docs/validation/faults.md)
TOLD_S = 0.02  # after that it has been seen
EARLIEST_NOTCH_S = 0.08  # and from so long before it
LEAST_FALL_mmHg = 0.5  # over FALL_S: less is no closure (assumed)
FALL_AFTER_CLOSURE_S = 0.009  # flow zero to steepest fall: mean of thirteen presets' root pressures, 1.7 to 13.4 ms (docs/validation/timing)
EARLY_KEEP = 0.1
SURPRISE_S = 0.03  # a lesson further off teaches as if it were so far


class Closure(Record):
    """State of the predictor. `closes_s` is what it predicts now; `fresh` is 1 at the sample at which that has changed."""

    past: Annotated[NDArray[np.float64], Many(PAST + 1)] = 0.0  # pyright: ignore[reportAssignmentType]
    rows: Annotated[NDArray[np.float64], Many((PLACES, FEATURES))] = 0.0  # pyright: ignore[reportAssignmentType]
    usual: Annotated[NDArray[np.float64], Many((PLACES, FEATURES))] = 0.0  # pyright: ignore[reportAssignmentType]
    rows_s: Annotated[NDArray[np.float64], Many(PLACES)] = 0.0  # pyright: ignore[reportAssignmentType]
    seen: Annotated[NDArray[np.int64], Many(PLACES, int)] = 0  # pyright: ignore[reportAssignmentType]
    spread: Annotated[NDArray[np.float64], Many(FEATURES)] = 0.0  # pyright: ignore[reportAssignmentType]
    weights: Annotated[NDArray[np.float64], Many(TERMS)] = 0.0  # pyright: ignore[reportAssignmentType]
    doubt: Annotated[NDArray[np.float64], Many((TERMS, TERMS))] = 0.0  # pyright: ignore[reportAssignmentType]
    terms: Annotated[NDArray[np.float64], Many(TERMS)] = 0.0  # pyright: ignore[reportAssignmentType]
    gain: Annotated[NDArray[np.float64], Many(TERMS)] = 0.0  # pyright: ignore[reportAssignmentType]
    short_n: int = 4
    middle_n: int = 10
    long_n: int = 20
    fall_n: int = 2
    bend_n: int = 4
    before_n: int = 10
    bend_mmHg: float = 0.0  # strongest upward bend of this beat so far
    steepest_s: float = -1.0
    steepest_mmHg: float = 0.0  # fall over `fall_n` before that bend, negative
    extra: float = 0.0
    now: int = 0
    spread_n: int = 0
    lessons: int = 0
    weighed: int = 0  # 1 = the regression has had a lesson
    open_beat: int = 0  # 1 = a beat is under way
    step_s: float = 0.004
    place: int = -1  # last place of the grid that was reached
    base_s: float = 0.35
    horizon_s: float = 0.05
    begun: int = 0  # 1 = the first sample of this beat has come
    rise_s: float = -1.0  # steepest rise of this beat so far, after its mark
    rise_mmHg: float = 0.0
    lowest_mmHg: float = 1e9  # before that
    decided_s: float = -1.0  # what was predicted when the horizon was reached
    miss_s: float = 0.008  # mean absolute error of that
    early_s: float = 0.0  # mean by which that came before the closure
    closes_s: float = 0.35
    fresh: int = 0


def closure_predictor(fs_hz: float) -> Closure:
    """A predictor for a pressure sampled at `fs_hz` (125 to 1000), fed at the onset detector's working rate, knowing nothing yet."""
    rate = fs_hz / thinning(fs_hz)
    short, middle, long = (min(samples(seconds, rate), PAST - 1) for seconds in SLOPES_S)
    made = Closure(short_n=short, middle_n=middle, long_n=long, step_s=1.0 / rate)
    made.fall_n, made.bend_n, made.before_n = (samples(seconds, rate) for seconds in (FALL_S, BEND_S, FALL_BEFORE_NOTCH_S))
    forget_closures(made)
    return made


@inline
def forget_closures(c: Closure) -> None:
    """Back to the prior: another source or trigger."""
    for i in range(TERMS):
        c.weights[i] = 0.001 * PRIOR_ms[i]
        for k in range(TERMS):
            c.doubt[i, k] = 0.0
        c.doubt[i, i] = PRIOR_S * PRIOR_S
    c.doubt[0, 0] = PRIOR_OFFSET_S * PRIOR_OFFSET_S
    for i in range(PLACES):
        c.seen[i] = 0
    c.spread_n = 0
    c.lessons = 0
    c.weighed = 0
    c.early_s = 0.0
    c.open_beat = 0
    c.fresh = 0


@inline
def begin_closure(c: Closure, base_s: float, horizon_s: float, extra: float) -> None:
    """A beat has begun: expected to close `base_s` after its mark; the prediction is wanted `horizon_s` ahead; `extra` is a feature from outside."""
    c.open_beat = 1
    c.place = -1
    c.base_s = base_s
    c.horizon_s = horizon_s
    c.begun = 0
    c.rise_s = -1.0
    c.rise_mmHg = 0.0
    c.lowest_mmHg = 1e9
    c.decided_s = -1.0
    c.bend_mmHg = 0.0
    c.steepest_mmHg = 0.0
    c.steepest_s = -1.0
    c.extra = extra
    c.closes_s = base_s + c.weights[0] + c.early_s


@inline
def predict(c: Closure, mmHg: float, age_s: float) -> None:
    """Take one working sample, `age_s` after the beat's mark. Sets `closes_s`, and `fresh` when it is new."""
    c.fresh = 0
    c.past[c.now & PAST] = mmHg
    c.now += 1
    if c.open_beat == 0:
        return
    if age_s > c.base_s - EARLIEST_NOTCH_S:
        if age_s < latest_notch_s(c):
            follow_notch(c, mmHg, age_s)
    elif c.place < 0:
        if c.begun == 0:
            look_back(c, age_s)
        follow_rise(c, mmHg, age_s, 0)
    if c.decided_s < 0.0 and c.closes_s - age_s < c.horizon_s:
        c.decided_s = c.closes_s
    since = (age_s - c.base_s + c.horizon_s + AHEAD_S) * (1.0 / STEP_S)
    if since < 0.0 or since >= PLACES:
        return
    place = int(since)
    if place <= c.place or c.rise_s < 0.0 or age_s < c.rise_s + AFTER_RISE_S or c.now <= PAST:
        return
    for skipped in range(c.place + 1, place):
        c.rows_s[skipped] = -1.0
    c.place = place
    note(c, place, mmHg, age_s)
    if c.seen[place] < 3:
        return
    fill_terms(c, place)
    total = 0.0
    for i in range(TERMS):
        total += c.weights[i] * c.terms[i]
    c.closes_s = c.base_s + c.early_s + min(max(total, -MOST_S), MOST_S)
    c.fresh = 1


@inline
def follow_rise(c: Closure, mmHg: float, age_s: float, back: int) -> None:
    """Follow the upstroke: when it was steepest, and from what pressure it came. The sample lies `back` before the newest."""
    if age_s < RISE_FROM_S or c.now <= PAST:
        return
    before = c.past[(c.now - 1 - back - c.short_n) & PAST]
    if mmHg - before > c.rise_mmHg:
        c.rise_mmHg = mmHg - before
        c.rise_s = age_s
    if c.rise_s < 0.0 or age_s <= c.rise_s:
        c.lowest_mmHg = min(c.lowest_mmHg, before)


@inline
def look_back(c: Closure, age_s: float) -> None:
    """A mark is known some time after its R wave, that of a wide QRS when the upstroke may be over: see what has passed since."""
    c.begun = 1
    first = min(int((age_s - RISE_FROM_S) / c.step_s), PAST - c.short_n - 1)
    for back in range(first, 0, -1):
        follow_rise(c, c.past[(c.now - 1 - back) & PAST], age_s - back * c.step_s, back)


@inline
def latest_notch_s(c: Closure) -> float:
    """Until when the notch of this beat is looked for, s after its mark."""
    return c.base_s + (LATEST_NOTCH_S if c.lessons > 0 else FIRST_NOTCH_S)


@inline
def follow_notch(c: Closure, mmHg: float, age_s: float) -> None:
    """Follow the fall that ends ejection: the steepest just before pressure bends up most."""
    bend = mmHg - 2.0 * c.past[(c.now - 1 - c.bend_n) & PAST] + c.past[(c.now - 1 - 2 * c.bend_n) & PAST]
    if bend <= c.bend_mmHg:
        return
    c.bend_mmHg = bend
    c.steepest_mmHg = 0.0
    for back in range(c.bend_n, c.bend_n + c.before_n):
        newer = c.now - 1 - back
        fall = c.past[newer & PAST] - c.past[(newer - c.fall_n) & PAST]
        if fall < c.steepest_mmHg:
            c.steepest_mmHg = fall
            c.steepest_s = age_s - back * c.step_s


@inline
def closure_seen(c: Closure) -> float:
    """When the valve closed in a beat whose notch was undisturbed, s after its mark; -1 where there was no fall. Due TOLD_S after `latest_notch_s`."""
    if c.steepest_s < 0.0 or c.steepest_mmHg > -LEAST_FALL_mmHg:
        return -1.0
    return c.steepest_s - 0.5 * c.fall_n * c.step_s - FALL_AFTER_CLOSURE_S


@inline
def note(c: Closure, place: int, mmHg: float, age_s: float) -> None:
    """Keep the features at a place of the grid."""
    near = c.past[(c.now - 1 - c.short_n) & PAST]
    far = c.past[(c.now - 1 - c.middle_n) & PAST]
    c.rows_s[place] = age_s
    c.rows[place, 0] = c.rise_s
    c.rows[place, 1] = mmHg - near
    c.rows[place, 2] = near - far
    c.rows[place, 3] = far - c.past[(c.now - 1 - c.long_n) & PAST]
    c.rows[place, 4] = mmHg - c.lowest_mmHg
    c.rows[place, 5] = c.extra


@inline
def fill_terms(c: Closure, place: int) -> None:
    """How far the features at a place are from what they usually are there, in SD; again times the time."""
    time = (c.rows_s[place] - c.base_s + c.horizon_s) * (1.0 / TIME_UNIT_S)
    c.terms[0] = 1.0
    for i in range(FEATURES):
        away = (c.rows[place, i] - c.usual[place, i]) / (math.sqrt(c.spread[i]) + 1e-6)
        away = min(max(away, -BELIEVED), BELIEVED)
        c.terms[1 + i] = away
        c.terms[1 + FEATURES + i] = away * time


@inline
def end_closure(c: Closure, closed_s: float, taught: bool) -> None:
    """The beat is over. `closed_s`: when its valve closed; with `taught` 0 only what was predicted, which teaches the usual course but no closure."""
    if c.open_beat == 0:
        return
    c.open_beat = 0
    if taught:
        c.lessons += 1
        if c.decided_s >= 0.0:
            c.miss_s += EARLY_KEEP * (min(abs(closed_s - c.decided_s), SURPRISE_S) - c.miss_s)
            c.early_s += EARLY_KEEP * min(max(closed_s - c.decided_s, -SURPRISE_S), SURPRISE_S)
        for i in range(TERMS):
            c.doubt[i, i] += DRIFT_S * DRIFT_S
        c.doubt[0, 0] += DRIFT_OFFSET_S * DRIFT_OFFSET_S
    for place in range(c.place + 1):
        ahead = closed_s - c.rows_s[place]
        if c.rows_s[place] < 0.0 or ahead < c.horizon_s - MARGIN_S:
            continue
        if taught and ahead < c.horizon_s + REACH_S and c.seen[place] >= 3:
            fill_terms(c, place)
            teach(c, closed_s - c.base_s)
            c.weighed = 1
        learn_course(c, place)
    c.place = -1


@inline
def move_base(c: Closure, later_s: float) -> None:
    """What is expected before a beat has moved: what the regression learned as an offset holds from where it was."""
    if c.weighed != 0:
        c.weights[0] -= later_s


@inline
def teach(c: Closure, late_s: float) -> None:
    """One row of recursive least squares: the terms in `terms` belonged to a beat that closed `late_s` after its base."""
    total = 0.0
    size = NOISE_S * NOISE_S
    for i in range(TERMS):
        g = 0.0
        for k in range(TERMS):
            g += c.doubt[i, k] * c.terms[k]
        c.gain[i] = g
        size += g * c.terms[i]
        total += c.weights[i] * c.terms[i]
    error = min(max(late_s - total, -SURPRISE_S), SURPRISE_S)
    for i in range(TERMS):
        share = c.gain[i] / size
        c.weights[i] += share * error
        for k in range(TERMS):
            c.doubt[i, k] -= share * c.gain[k]


@inline
def learn_course(c: Closure, place: int) -> None:
    """Let the usual course follow the features at a place."""
    c.seen[place] += 1
    gain = max(1.0 / c.seen[place], KEEP)
    if c.seen[place] >= 3:
        c.spread_n += 1
    for i in range(FEATURES):
        away = c.rows[place, i] - c.usual[place, i]
        c.usual[place, i] += gain * away
        if c.seen[place] >= 3:
            c.spread[i] += max(1.0 / c.spread_n, 0.003) * (away * away - c.spread[i])
