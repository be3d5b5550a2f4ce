"""Predicts within the beat when the aortic valve will close, from the pressure of the same beat. Causal; knows no pump and no balloon.

A beat is expected to close its valve `base_s` after its mark. From some time before that on, every 8 ms, features of the running systole (when and how
steeply it rose and from what, how the pressure moved over six stretches before now, how high it stands, R-R, and one number from outside) are compared
with what they usually are at this time of a beat; a Bayesian regression turns the difference into a correction.

What a population knows before the first lesson is `signals.closure_prior`: mean weights, and the few directions in which patients differ, each with unit
variance. A lesson (a closure that was seen, `signals.closed`) moves only along those, and the offset. Weights change with time, so that late features
count when they are there.

In an uneven rhythm `signals.uneven` says it instead.

Schreuder 2005 (pump.md 4) predicted the notch from windkessel flow at a share of its peak; that share hangs on characteristic impedance (pump.md 4, pitfall),
which a regression on the pressure itself need not know. Fed at the onset detector's working rate. Units: mmHg; s after the beat's mark, as the source
shows it.
"""

from counterpulse.kernel import inline, rare
from counterpulse.signals.closed import BEND_S, FALL_BEFORE_NOTCH_S, FALL_S, begin_seeing, closure_seen, follow_notch, follow_peak
from counterpulse.signals.closure_prior import DIRECTIONS, FEATURES, KNOWN, MEAN, NOISE, SCALE, TERMS, WAYS
from counterpulse.signals.closure_state import BLIND, PAST, PLACES, STRETCHES, Closure
from counterpulse.signals.fall import forget_fall, learn_fall
from counterpulse.signals.filters import samples, thinning
from counterpulse.signals.uneven import forget_offset, say_late, teach_offset

__all__ = [
    "DECIDED_LATE_S", "PAST", "TOLD_S", "Closure", "begin_assist", "begin_closure", "closure_predictor", "closure_seen", "decides_s", "end_closure",
    "forget_closures", "latest_notch_s", "listen_to", "move_base", "move_mark", "predict",
]  # fmt: skip

STEP_S = 0.008
AHEAD_S = 0.07  # the grid starts so long before the closure is as near as the horizon
SLOPES_S = (0.008, 0.016, 0.024, 0.04, 0.056, 0.072)  # ends of the stretches, backwards
RISE_SLOPE_S = 0.016  # the upstroke's steepness is taken over
AFTER_RISE_S = 0.06  # earlier the slopes would reach back into the upstroke
RISE_FROM_S = 0.02  # after the mark: a balloon may still be emptying before
TIME_UNIT_S = 0.03
LONGEST_TIME = 8.0 / 3.0  # units: the table was made from rows no further from the horizon

KEEP = 0.04  # gain of the usual course, once it is known
BELIEVED = 4.0  # scales: a feature further off counts as so far
MOST_S = 0.06  # largest correction
LATE_S = 0.016  # so long before the closure decided on the balloon does not show yet: the course is learned down to there
KNOWN_BEATS = 10  # from so many on a beat whose R-R lies beyond belief (an ectopic, its pause) teaches neither course nor weights
LONE_FALLS = 1  # what a heart without a pump has shown of its fall counts as so many lessons under it (assumed)
BOTH_LESSONS = 8  # so many lessons teach the offset of `signals.uneven` in an even rhythm as well (assumed)
REACH_S = 0.04  # lessons are taken from so long before the horizon
OFFSET_S = 0.02  # SD of the offset before the first lesson (assumed)
DRIFT_OFFSET_S = 0.003  # by so much may the offset wander from lesson to lesson: the heart changes under the pump (assumed)
DRIFT = 0.05  # by so much of its SD may a direction wander from lesson to lesson (assumed)
LATER_S = 0.002  # so much later than predicted the root decides: sooner scatters more (docs/validation/timing.md); lines are late anyway
DECIDED_LATE_S = LATER_S + 0.0024  # what is decided lies so much after closure in drawn patients: what is told too late cannot be taken back
LATEST_NOTCH_S = 0.08  # the notch is looked for until so long after the expected closure
FIRST_NOTCH_S = 0.14  # so long while that is still the population's: slow failing hearts eject up to 70 ms longer (docs/validation/faults.md)
FIRST_UNTIL_S = 0.32  # and at least until so long after the mark: above 160/min the population's regressions on rate are carried beyond their data
TOLD_S = 0.02  # after that it has been seen
EARLIEST_NOTCH_S = 0.08  # and from so long before it
FIRST_EARLY_S = 0.14  # so long while that is the population's: a heart in shock may eject 90 ms shorter, and its deep notch be followed by a second fall
AFTER_UPSTROKE_S = 0.1  # yet not before the upstroke and its foot have left the stretch that a bend is seen over
MISS_KEEP = 0.1
SAME_ROWS = 7.0  # a beat teaches by about so many rows, which share its error (benchmarks/closure_prior.py)
TOLD_AGES = 0.1  # a beat heard only in part wanders so much of what a lesson does: they are that many times as frequent (assumed)
SURPRISE_S = 0.03  # a lesson further off teaches as if it were so far


def closure_predictor(fs_hz: float) -> Closure:
    """A predictor for a pressure sampled at `fs_hz` (125 to 1000), fed at the onset detector's working rate, knowing nothing yet."""
    rate = fs_hz / thinning(fs_hz)
    made = Closure(short_n=min(samples(RISE_SLOPE_S, rate), PAST - 1), step_s=1.0 / rate)
    for i, seconds in enumerate(SLOPES_S):
        made.back_n[i] = min(samples(seconds, rate), PAST - 1)
    made.fall_n, made.bend_n, made.before_n = (samples(seconds, rate) for seconds in (FALL_S, BEND_S, FALL_BEFORE_NOTCH_S))
    forget_closures(made)
    return made


@rare
def forget_closures(c: Closure) -> None:
    """Back to what the population knows: another source or trigger."""
    for i in range(KNOWN):
        c.known[i] = 0.0
        for k in range(KNOWN):
            c.doubt[i, k] = 0.0
        c.doubt[i, i] = 1.0
    c.doubt[0, 0] = OFFSET_S * OFFSET_S
    weigh(c)
    for i in range(PLACES):
        c.seen[i] = 0
    c.lessons = 0
    c.uneven = 0
    forget_fall(c)
    forget_offset(c)
    c.weighed = 0
    c.open_beat = 0
    c.fresh = 0


@inline
def begin_assist(c: Closure) -> None:
    """From now on diastoles are assisted: the heart ejects otherwise, so that its fall is learned anew."""
    c.falls = min(c.falls, LONE_FALLS)


@inline
def listen_to(c: Closure, source: int) -> None:
    """Another source: begin with what the population knows of it."""
    c.source = source
    forget_closures(c)


@rare
def weigh(c: Closure) -> None:
    """The weights that follow from what is known."""
    for i in range(TERMS):
        weight = MEAN[c.source, i]
        for k in range(DIRECTIONS):
            weight += WAYS[c.source, k, i] * c.known[1 + k]
        c.weights[i] = weight


@inline
def begin_closure(c: Closure, base_s: float, horizon_s: float, extra: float) -> None:
    """A beat has begun: expected to close `base_s` after its mark; the prediction is wanted `horizon_s` ahead; `extra` is a feature from outside."""
    c.open_beat = 1
    c.place = -1
    c.told = 0
    c.told_var = 0.0
    c.said = 0
    c.base_s = base_s
    c.horizon_s = horizon_s
    c.begun = 0
    c.rise_s = -1.0
    c.rise_mmHg = 0.0
    c.rising = 0
    c.rise_last_mmHg = 0.0
    c.lowest_mmHg = 1e9
    c.decided_s = -1.0
    c.extra = extra
    c.closes_s = base_s + (c.offset_s if c.uneven != 0 else c.known[0])
    begin_seeing(c)


@inline
def predict(c: Closure, mmHg: float, age_s: float) -> None:
    """Take one working sample, `age_s` after the beat's mark. Sets `closes_s`, and `fresh` when it is new."""
    c.fresh = 0
    c.past[c.now & PAST] = mmHg
    c.now += 1
    c.age_s = age_s
    if c.open_beat == 0:
        return
    follow_peak(c, mmHg, age_s)
    if c.begun == 0:
        begin_looking(c, age_s)
    if rise_due(c, age_s):
        follow_rise(c, mmHg, age_s, 0)
    if notch_due(c, age_s):
        follow_notch(c, mmHg, age_s)
    if c.decided_s < 0.0 and decides_s(c) - age_s < c.horizon_s:
        c.decided_s = max(decides_s(c), age_s + c.horizon_s)  # what is told too late cannot be taken back
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
    if c.uneven != 0 or (c.source == 0 and c.lessons < BOTH_LESSONS):
        say_late(c, mmHg, age_s)
    if c.uneven == 0 and c.seen[place] >= 3:
        correct(c, place)


@inline
def decides_s(c: Closure) -> float:
    """The closure to act on, s after the mark."""
    return c.closes_s + (LATER_S if c.source == 0 else 0.0)


@inline
def correct(c: Closure, place: int) -> None:
    """What the regression says at a place of the grid."""
    fill_terms(c, place)
    total = c.known[0]
    for i in range(TERMS):
        total += c.weights[i] * c.terms[i]
    c.closes_s = c.base_s + min(max(total, -MOST_S), MOST_S)
    c.fresh = 1


@inline
def follow_rise(c: Closure, mmHg: float, age_s: float, back: int) -> None:
    """Follow the upstroke: when it was steepest (between samples, by the parabola through three), and from what pressure it came."""
    if age_s < RISE_FROM_S or c.now <= PAST:
        return
    before = c.past[(c.now - 1 - back - c.short_n) & PAST]
    rise = mmHg - before
    if c.rising != 0:
        c.rising = 0
        if rise <= c.rise_mmHg:
            bend = c.rise_before_mmHg - 2.0 * c.rise_mmHg + rise
            if bend < 0.0 and c.rise_before_mmHg > 0.0:
                c.rise_s += 0.5 * (c.rise_before_mmHg - rise) / bend * c.step_s
    if rise > c.rise_mmHg:
        c.rise_mmHg = rise
        c.rise_s = age_s
        c.rise_before_mmHg = c.rise_last_mmHg
        c.rising = 1
        c.bend_mmHg = 0.0  # what bent before was no notch
        c.steepest_s = -1.0
    c.rise_last_mmHg = rise
    if c.rise_s < 0.0 or age_s <= c.rise_s:
        c.lowest_mmHg = min(c.lowest_mmHg, before)


@rare
def begin_looking(c: Closure, age_s: float) -> None:
    """The first sample after a mark. Before there is anything to look back to, the upstroke may pass unseen: such a beat teaches nothing."""
    c.begun = BLIND if c.now <= PAST else 1
    if age_s <= c.base_s - EARLIEST_NOTCH_S:
        look_back(c, age_s)


@inline
def rise_due(c: Closure, age_s: float) -> bool:
    """Whether the upstroke may still come: well before the closure, or, while that is the population's, soon after a rise that may have been none."""
    if age_s <= c.base_s - EARLIEST_NOTCH_S:
        return c.place < 0
    return c.lessons == 0 and c.rise_s >= 0.0 and age_s < c.rise_s + AFTER_UPSTROKE_S


@inline
def notch_due(c: Closure, age_s: float) -> bool:
    """Whether the notch may come now: about the expected closure, from earlier on while that is still the population's."""
    if age_s >= latest_notch_s(c):
        return False
    if c.lessons == 0 and c.rise_s >= 0.0:
        return age_s > max(c.base_s - FIRST_EARLY_S, c.rise_s + AFTER_UPSTROKE_S)
    return age_s > c.base_s - EARLIEST_NOTCH_S


@inline
def look_back(c: Closure, age_s: float) -> None:
    """A mark is known some time after its R wave, that of a wide QRS when the upstroke may be over: see what has passed since."""
    first = min(int((age_s - RISE_FROM_S) / c.step_s), PAST - c.short_n - 1)
    for back in range(first, 0, -1):
        mmHg = c.past[(c.now - 1 - back) & PAST]
        follow_rise(c, mmHg, age_s - back * c.step_s, back)
        follow_peak(c, mmHg, age_s - back * c.step_s)


@inline
def latest_notch_s(c: Closure) -> float:
    """Until when the notch of this beat is looked for, s after its mark."""
    return c.base_s + LATEST_NOTCH_S if c.lessons > 0 else max(c.base_s + FIRST_NOTCH_S, FIRST_UNTIL_S)


@inline
def note(c: Closure, place: int, mmHg: float, age_s: float) -> None:
    """Keep the features at a place of the grid."""
    c.rows_s[place] = age_s
    c.rows[place, 0] = c.rise_s
    newer = mmHg
    for i in range(STRETCHES):
        older = c.past[(c.now - 1 - c.back_n[i]) & PAST]
        c.rows[place, 1 + i] = newer - older
        newer = older
    c.rows[place, 7] = mmHg - c.lowest_mmHg
    c.rows[place, 8] = c.rise_mmHg
    c.rows[place, 9] = c.lowest_mmHg
    c.rows[place, 10] = c.rr_s
    c.rows[place, 11] = c.rr_before_s
    c.rows[place, 12] = c.extra


@inline
def fill_terms(c: Closure, place: int) -> None:
    """How far the features at a place are from what they usually are there, in their own scale; again times the time, and times its square."""
    time = (c.rows_s[place] - c.base_s + c.horizon_s) * (1.0 / TIME_UNIT_S)
    time = min(max(time, -LONGEST_TIME), LONGEST_TIME)
    for i in range(FEATURES):
        away = (c.rows[place, i] - c.usual[place, i]) / SCALE[c.source, i]
        away = min(max(away, -BELIEVED), BELIEVED)
        c.terms[i] = away
        c.terms[FEATURES + i] = away * time
        c.terms[2 * FEATURES + i] = away * time * time


@rare
def end_closure(c: Closure, closed_s: float, taught: bool) -> None:
    """The beat is over. `closed_s`: when its valve closed; with `taught` 0 only what was predicted, which teaches the usual course but no closure."""
    if c.open_beat == 0:
        return
    c.open_beat = 0
    var = 0.0
    if taught:
        take_closure(c, closed_s)
        learn_fall(c, closed_s)
        teach_offset(c, closed_s - c.base_s)
    elif c.told_var > 0.0:
        taught = True
        closed_s = c.told_s
        var = c.told_var
        age_knowledge(c, TOLD_AGES)
    elif c.decided_s >= 0.0:
        closed_s = c.decided_s
    for place in range(c.place + 1):
        if c.rows_s[place] < 0.0 or closed_s - c.rows_s[place] < LATE_S:
            continue
        if c.seen[place] >= KNOWN_BEATS and abs(c.rows[place, 10] - c.usual[place, 10]) >= BELIEVED * SCALE[c.source, 10]:
            continue
        if taught and c.seen[place] >= 3 and near(c, closed_s - c.rows_s[place]):
            fill_terms(c, place)
            teach(c, closed_s - c.base_s, c.rows_s[place] - c.base_s + c.horizon_s, var)
            c.weighed = 1
        learn_course(c, place)
    if taught:
        weigh(c)
    c.place = -1


@inline
def near(c: Closure, ahead_s: float) -> bool:
    """Whether a row so long before the closure is one that the console may have to decide by."""
    return c.horizon_s - LATE_S <= ahead_s < c.horizon_s + REACH_S


@inline
def take_closure(c: Closure, closed_s: float) -> None:
    """What a closure that was seen tells of the predictions themselves; what is known grows older."""
    c.lessons += 1
    if c.decided_s >= 0.0:
        c.miss_s += MISS_KEEP * (min(abs(closed_s - c.decided_s), SURPRISE_S) - c.miss_s)
    age_knowledge(c, 1.0)


@inline
def age_knowledge(c: Closure, share: float) -> None:
    """What is known may have wandered, by a share of what it may from lesson to lesson."""
    for i in range(1, KNOWN):
        c.doubt[i, i] += share * DRIFT * DRIFT
    c.doubt[0, 0] += share * DRIFT_OFFSET_S * DRIFT_OFFSET_S
    c.offset_var += share * DRIFT_OFFSET_S * DRIFT_OFFSET_S


@inline
def move_base(c: Closure, later_s: float) -> None:
    """What is expected before a beat has moved: what the regression learned as an offset holds from where it was."""
    if c.weighed != 0:
        c.known[0] -= later_s
        c.offset_s -= later_s


@inline
def move_mark(c: Closure, later_s: float) -> None:
    """From now on beats are marked so much earlier: what is usual at a place of the grid comes so much later after the mark."""
    for place in range(PLACES):
        c.usual[place, 0] += later_s


@inline
def teach(c: Closure, late_s: float, time_s: float, var: float) -> None:
    """One row of recursive least squares: the terms in `terms` belonged to a beat that closed `late_s` after its base, give or take a variance of `var`."""
    total = late_s
    c.along[0] = 1.0
    for i in range(TERMS):
        total -= MEAN[c.source, i] * c.terms[i]
    for k in range(DIRECTIONS):
        way = 0.0
        for i in range(TERMS):
            way += WAYS[c.source, k, i] * c.terms[i]
        c.along[1 + k] = way
    spread = NOISE[c.source, 0] + NOISE[c.source, 1] * max(-time_s, 0.0) * (1.0 / TIME_UNIT_S)
    size = spread * spread + SAME_ROWS * var
    for i in range(KNOWN):
        g = 0.0
        for k in range(KNOWN):
            g += c.doubt[i, k] * c.along[k]
        c.gain[i] = g
        size += g * c.along[i]
        total -= c.known[i] * c.along[i]
    error = min(max(total, -SURPRISE_S), SURPRISE_S)
    for i in range(KNOWN):
        share = c.gain[i] / size
        c.known[i] += share * error
        for k in range(KNOWN):
            c.doubt[i, k] -= share * c.gain[k]


@inline
def learn_course(c: Closure, place: int) -> None:
    """Let the usual course follow the features at a place."""
    c.seen[place] += 1
    gain = max(1.0 / c.seen[place], KEEP)
    for i in range(FEATURES):
        c.usual[place, i] += gain * (c.rows[place, i] - c.usual[place, i])
