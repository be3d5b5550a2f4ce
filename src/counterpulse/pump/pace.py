"""When the next beat comes, told from the intervals before it: R-R breathes, and what breathes can be foretold.

The next R-R is what is usual (the mean of the last ten) plus a weighted sum of how far the last six intervals lay from what was usual then. The
weights are learned from this patient by recursive least squares (a Kalman filter whose weights wander) from a prior of none, so that in a rhythm
without memory the usual interval stands. It counts only where it has lately missed by less than the usual interval would have. Autoregression
of R-R: Barbieri 2005 Am J Physiol 288:H424. Premature beats and pauses are put at the usual interval and teach nothing. Constant memory. Knows
no pump. Units: s.
"""

import math
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record

TERMS = 6  # nearly a breath at rest; 4, 8 and 10 left 3 % more to 3 % less of the error on simulated intervals
PAIRS = TERMS * (TERMS + 1) // 2
DOUBT = 0.02  # variance of a weight before anything is learned; a term and what is to be told are in SD (assumed)
DRIFT = 2e-6  # by which a weight's variance grows a beat (assumed)
KEEP = 0.02  # gain of the running variances in the long run: 50 beats (assumed)
LEAST_BEATS = 24  # so many lessons before the patient's own weights count (assumed)
MOST_SHARE = 0.2  # of the usual interval: what is foretold lies no further from it (pump.md 2.2: further ones are not averaged)
QUICK, QUICK_SHARE = 0.2, 0.5  # gain of a variance that follows a rhythm which has just become unsteady, and what it counts beside the slow one (assumed)
KNOWN_BEATS = 8  # so many lessons before the patient's own spread counts
START_SHARE = 0.03  # of R-R, the SD until then (Task Force 1996 Circulation 93:1043: SDNN)
STUDENT = 2.0  # beats: an SD known from n is taken for 1 + 2 / n of it; Student's quantile asks for more, for the few beats it holds for (assumed)
LEAST_SD_S = 0.002  # a paced rhythm: sampling and marks alone


class Pace(Record):
    """The last intervals and what they have taught of the next."""

    terms: Annotated[NDArray[np.float64], Many(TERMS)] = 0.0  # pyright: ignore[reportAssignmentType]
    weights: Annotated[NDArray[np.float64], Many(TERMS)] = 0.0  # pyright: ignore[reportAssignmentType]
    gain: Annotated[NDArray[np.float64], Many(TERMS)] = 0.0  # pyright: ignore[reportAssignmentType]
    doubt: Annotated[NDArray[np.float64], Many(PAIRS)] = 0.0  # lower triangle  # pyright: ignore[reportAssignmentType]
    beats: int = 0
    taught: int = 0
    usual_s: float = 0.8
    away_s: float = 0.0  # what the weights make of the intervals before the one to come
    var_s2: float = 0.0  # of an interval about the usual one
    own_s2: float = 0.0  # of an interval about what the weights foretold
    quick_s2: float = 0.0  # of the last few about what was told


@inline
def learn_pace(p: Pace, rr_s: float, believed: bool) -> None:
    """The interval that was foretold has ended; `believed` is False for one that is premature or a pause."""
    late = rr_s - p.usual_s
    if believed and p.beats >= TERMS:
        p.taught += 1
        share = max(1.0 / p.taught, KEEP)
        miss = late - p.away_s
        p.var_s2 += share * (late * late - p.var_s2)
        error = miss if told(p) else late
        p.own_s2 += share * (miss * miss - p.own_s2)
        p.quick_s2 += max(share, QUICK) * (error * error - p.quick_s2)
        if p.taught > 1:
            teach_pace(p, late / math.sqrt(p.var_s2 + LEAST_SD_S * LEAST_SD_S))
    for i in range(TERMS - 1, 0, -1):
        p.terms[i] = p.terms[i - 1]
    p.terms[0] = late / math.sqrt(p.var_s2 + LEAST_SD_S * LEAST_SD_S) if believed and p.taught > 0 else 0.0
    p.beats += 1


@inline
def foretell(p: Pace, usual_s: float) -> float:
    """The interval to come; `usual_s` is what the last ones were on average."""
    p.usual_s = usual_s
    p.away_s = 0.0
    unit = math.sqrt(p.var_s2 + LEAST_SD_S * LEAST_SD_S)
    total = 0.0
    for i in range(TERMS):
        total += p.weights[i] * p.terms[i]
    p.away_s = min(max(total * unit, -MOST_SHARE * usual_s), MOST_SHARE * usual_s)
    return usual_s + p.away_s if told(p) else usual_s


@inline
def told(p: Pace) -> bool:
    """True where the patient's own weights do better than the usual interval."""
    return p.taught >= LEAST_BEATS and p.own_s2 < p.var_s2


@inline
def pace_sd(p: Pace) -> float:
    """SD of the interval to come about what is foretold, s; wider while it is known from few."""
    if p.taught < KNOWN_BEATS:
        return START_SHARE * p.usual_s
    slow = p.own_s2 if told(p) else p.var_s2
    return math.sqrt(max(slow, QUICK_SHARE * p.quick_s2)) * (1.0 + STUDENT / min(float(p.taught), 2.0 / KEEP))


@inline
def pair(i: int, k: int) -> int:
    """Place of a pair in the lower triangle."""
    return i * (i + 1) // 2 + k if i >= k else k * (k + 1) // 2 + i


@inline
def teach_pace(p: Pace, late: float) -> None:
    """One step of recursive least squares: the terms belonged to an interval that came `late` SD after the usual one."""
    if p.taught == 2:
        for i in range(TERMS):
            for k in range(i + 1):
                p.doubt[pair(i, k)] = DOUBT if i == k else 0.0
    total = 0.0
    size = 1.0
    for i in range(TERMS):
        g = 0.0
        for k in range(TERMS):
            g += p.doubt[pair(i, k)] * p.terms[k]
        p.gain[i] = g
        size += g * p.terms[i]
        total += p.weights[i] * p.terms[i]
    for i in range(TERMS):
        share = p.gain[i] / size
        p.weights[i] += share * (late - total)
        for k in range(i + 1):
            p.doubt[pair(i, k)] -= share * p.gain[k]
        p.doubt[pair(i, i)] = min(p.doubt[pair(i, i)] + DRIFT, DOUBT)
