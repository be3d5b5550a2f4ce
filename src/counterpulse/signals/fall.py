"""What the pressure does on its way to closure in this patient, and so when the valve probably closed in a beat that was cut short by a balloon.

A lesson shows the whole fall: its slopes, dated by their distance from closure, are kept as a mean and a spread. Of a beat with inflation only the part
before the balloon shows is clean; every moment at which the valve may have closed is weighed by how well the kept fall, ended there, fits that part, and by
what had been predicted. Where the fall has not begun yet, all later moments fit alike: the beat then says no more than "later than this", as a censored
observation does (Tobin 1958 Econometrica 26:24). What is passed on is what the pressure adds to the prediction, as a closure and a variance (the message of
expectation propagation, Minka 2001). The fall itself is learned from lessons alone, so that a console cannot drift on its own inflations. Units: mmHg; s.
"""

import math

from counterpulse.kernel import inline, rare
from counterpulse.signals.closure_prior import TERMS
from counterpulse.signals.closure_state import FALLS, PAST, Closure

STEP_S = 0.004  # of the kept fall
AFTER_S = 0.024  # it is kept from so long after closure backwards
HALF_S = 0.004  # slopes are taken over twice this
LOOK_S = 0.04  # how much of the clean part is weighed
APART_S, MOMENTS = 0.002, 41  # between the moments weighed, about the prediction
KEEP = 0.1  # gain of the kept fall, once it is known
LEAST_LESSONS = 3  # before that nothing is said (assumed)
NOISE_mmHg, PRIOR_mmHg, PRIOR_WORTH = 0.15, 0.3, 2.0  # SD of a slope beside its spread; its spread before lessons, worth so many (assumed)
COUNTS, SAME = 10.0, 4.0  # the slopes weighed count as so many, so many times fewer since neighbours are no independent witnesses (drawn patients)
STRANGE = 6.0  # mean square in units of the spread: no fall of this heart, nothing is said (assumed)
SD_PER_MISS = 1.2533  # of normal errors, over their mean size
LEAST_SD_S, MOST_SD_S = 0.008, 0.02  # of the prediction as it enters; a message vaguer than the second is none (assumed)


@inline
def slope_at(c: Closure, age_s: float) -> float:
    """How much pressure moved over twice HALF_S about a moment of the running beat; it must lie within the ring."""
    back = (c.age_s - age_s - HALF_S) / c.step_s
    span = 2.0 * HALF_S / c.step_s
    return pressure_back(c, back) - pressure_back(c, back + span)


@inline
def pressure_back(c: Closure, back: float) -> float:
    """Pressure so many working samples (and a part) before the newest."""
    whole = int(back)
    part = back - whole
    newer = c.past[(c.now - 1 - whole) & PAST]
    return newer + part * (c.past[(c.now - 2 - whole) & PAST] - newer)


@inline
def forget_fall(c: Closure) -> None:
    """Another source: nothing is known."""
    c.falls = 0


@rare
def learn_fall(c: Closure, closed_s: float) -> None:
    """A lesson whose valve closed `closed_s` after the mark: keep its slopes; one that has left the ring, or is not over, teaches none."""
    first_s = closed_s + AFTER_S - (FALLS - 1) * STEP_S
    if c.age_s < closed_s + AFTER_S + HALF_S or (c.age_s - first_s + HALF_S) / c.step_s > PAST - 2:
        return
    c.falls += 1
    gain = max(1.0 / c.falls, KEEP)
    for i in range(FALLS):
        away = slope_at(c, closed_s + AFTER_S - i * STEP_S) - c.fall[i]
        c.fall[i] += gain * away
        c.fall_var[i] = (1.0 - gain) * (c.fall_var[i] + gain * away * away)
    judge_falls(c)


@inline
def judge_falls(c: Closure) -> None:
    """What a slope that is off counts at each place: one over its variance; and the log of that variance."""
    known = c.falls / (c.falls + PRIOR_WORTH)
    for i in range(FALLS):
        var = known * c.fall_var[i] + (1.0 - known) * PRIOR_mmHg * PRIOR_mmHg + NOISE_mmHg * NOISE_mmHg
        c.fall_counts[i] = 1.0 / var
        c.fall_log[i] = math.log(var)


@inline
def misfit(c: Closure, closes_s: float, n: int) -> tuple[float, float]:
    """How badly the newest `n` slopes fit a valve that closes then: mean square in units of the spread, and mean log of the variance."""
    square, log = 0.0, 0.0
    apart = c.step_s * (1.0 / STEP_S)
    first = (closes_s - c.age_s + HALF_S + AFTER_S) * (1.0 / STEP_S)
    for i in range(n):
        place = min(max(first + i * apart, 0.0), FALLS - 1.001)
        at = int(place)
        part = place - at
        away = c.terms[i] - c.fall[at] - part * (c.fall[at + 1] - c.fall[at])
        square += away * away * (c.fall_counts[at] + part * (c.fall_counts[at + 1] - c.fall_counts[at]))
        log += c.fall_log[at] + part * (c.fall_log[at + 1] - c.fall_log[at])
    return square / n, log / n


@rare
def hear_fall(c: Closure) -> None:
    """The balloon is about to show: weigh when the valve closes. Sets `told_s` and `told_var`, its variance; that stays 0 where nothing can be said."""
    c.told = 1
    c.told_var = 0.0
    if c.falls < LEAST_LESSONS or c.decided_s < 0.0 or c.rise_s < 0.0:
        return
    n = min(int(LOOK_S / c.step_s), TERMS)
    for i in range(n):
        c.terms[i] = slope_at(c, c.age_s - HALF_S - i * c.step_s)
    weigh_moments(c, n)


@inline
def weigh_moments(c: Closure, n: int) -> None:
    """Mean and variance of the moments, and of them what the pressure adds to the prediction."""
    sd = min(max(SD_PER_MISS * c.miss_s, LEAST_SD_S), MOST_SD_S)
    least, nearest, total, first, second = 1e9, 1e9, 0.0, 0.0, 0.0
    for k in range(MOMENTS):
        away = (k - MOMENTS // 2) * APART_S
        square, log = misfit(c, c.decided_s + away, n)
        nearest = min(nearest, square)
        fit = (square + log) * (COUNTS / SAME) + away * away / (sd * sd)
        before = math.exp(-0.5 * max(least - fit, 0.0))  # what the moments so far count beside a better one
        share = math.exp(-0.5 * max(fit - least, 0.0))
        least = min(least, fit)
        total = before * total + share
        first = before * first + share * away
        second = before * second + share * away * away
    mean = first / total
    var = second / total - mean * mean + APART_S * APART_S / 12.0
    adds = 1.0 / var - 1.0 / (sd * sd)
    if nearest < STRANGE and adds * MOST_SD_S * MOST_SD_S > 1.0:
        c.told_s = c.decided_s + mean / (var * adds)
        c.told_var = 1.0 / adds
