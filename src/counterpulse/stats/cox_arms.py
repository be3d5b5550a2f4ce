"""One covariate of two values (an arm), nobody entering late: rows are counted once per event time, and the likelihood walks the event times only.

The same sums as `cox_kernel.likelihood`; knows sorted rows only.
"""

import math

import numpy as np

from counterpulse.kernel import inline, kernel
from counterpulse.stats.cox_kernel import Floats, Rows
from counterpulse.stats.cox_single import FAR, last_of_time


@kernel
def collapse(rows: Rows, x: Floats, high: float, places: int) -> Floats:
    """Per event time, falling: weight that joined since the one before (low, high), weight that died (low, high), deaths, 1 at a new stratum."""
    found = np.zeros((places, 6))
    many, deaths, fresh = 0, 0, 1.0
    for i in range(len(x)):
        if many == places:
            break
        if i > 0 and rows.stratum[i] != rows.stratum[i - 1]:
            found[many, 0], found[many, 1], fresh = 0.0, 0.0, 1.0
        side = 1 if x[i] == high else 0
        found[many, side] += rows.weights[i]
        if rows.dead[i]:
            found[many, 2 + side] += rows.weights[i]
            deaths += 1
        if deaths > 0 and last_of_time(rows, i):
            found[many, 4], found[many, 5] = deaths, fresh
            many, deaths, fresh = many + 1, 0, 0.0
    return found[:many]


@inline
def take_off(risk: tuple[float, float], died: tuple[float, float], deaths: float, efron: bool, running: float) -> tuple[float, ...]:
    """Running product of the denominators, logarithms put aside, and per round summed: share of the high arm, and share times its rest."""
    rounds = int(deaths) if efron else 1
    logs, share, spread = 0.0, 0.0, 0.0
    for step in range(rounds):
        gone = step / rounds
        high = risk[1] - gone * died[1]
        bottom = risk[0] - gone * died[0] + high
        q = high / bottom
        running *= bottom
        if running > FAR or running < 1.0 / FAR:
            logs += math.log(running)
            running = 1.0
        share += q
        spread += q * (1.0 - q)
    return running, logs, share, spread


@kernel
def arms(counts: Floats, ends: tuple[float, float], beta: float, efron: bool, out: Floats) -> float:
    """Fill `out` (2 x 2) as `likelihood` does; `ends` are the low and high value of the covariate."""
    top = max(ends[0] * beta, ends[1] * beta)
    r_low, r_high = math.exp(ends[0] * beta - top), math.exp(ends[1] * beta - top)
    low, high, running = 0.0, 0.0, 1.0
    loglik, score, info = 0.0, 0.0, 0.0
    width = ends[1] - ends[0]
    for i in range(len(counts)):
        if counts[i, 5] > 0.0:
            low, high = 0.0, 0.0
        low += counts[i, 0]
        high += counts[i, 1]
        weight = counts[i, 2] + counts[i, 3]
        each = weight / counts[i, 4] if efron else weight
        died = (counts[i, 2] * r_low, counts[i, 3] * r_high)
        carried, logs, share, spread = take_off((low * r_low, high * r_high), died, counts[i, 4], efron, running if each == 1.0 else 1.0)
        if each == 1.0:
            running, loglik = carried, loglik - logs
        else:
            loglik -= each * (logs + math.log(carried))
        loglik += counts[i, 2] * (ends[0] * beta - top) + counts[i, 3] * (ends[1] * beta - top)
        score += width * (counts[i, 3] - each * share)
        info += each * spread * width * width
    out[0, 0], out[1, 0], out[1, 1] = loglik - math.log(running), score, info
    return out[0, 0]
