"""One covariate, nobody entering late: the commonest Cox model of a trial, written out in plain numbers so that a million rows take milliseconds.

The same sums as `cox_kernel.likelihood`; knows sorted rows only.
"""

import math

from counterpulse.kernel import inline, kernel
from counterpulse.stats.cox_kernel import Floats, Rows

FAR = 1e200


@inline
def tied(sums: tuple[float, float, float], died: tuple[float, float, float], deaths: int, efron: bool, running: float) -> tuple[float, ...]:
    """Running product of the denominators, logarithms put aside, mean and variance to take off at one event time, each per round."""
    rounds = deaths if efron else 1
    logs, means, spread = 0.0, 0.0, 0.0
    for step in range(rounds):
        share = step / rounds
        bottom = sums[0] - share * died[0]
        inverse = 1.0 / bottom
        mean = (sums[1] - share * died[1]) * inverse
        running *= bottom
        if running > FAR or running < 1.0 / FAR:
            logs += math.log(running)
            running = 1.0
        means += mean
        spread += (sums[2] - share * died[2]) * inverse - mean * mean
    return running, logs, means, spread


@inline
def last_of_time(rows: Rows, i: int) -> bool:
    """Whether no later row shares this row's time and stratum."""
    return i + 1 == len(rows.time) or rows.time[i + 1] != rows.time[i] or rows.stratum[i + 1] != rows.stratum[i]


@kernel
def single(rows: Rows, x: Floats, beta: float, efron: bool, out: Floats) -> float:
    """Fill `out` (2 x 2) as `likelihood` does, at one coefficient; `x` is the covariate column laid out in a row.

    Two values of the covariate (an arm) keep their exponentials; one logarithm serves a product of many denominators.
    """
    n = len(x)
    top = max(x.max() * beta, x.min() * beta)
    seen = (x.min(), x.max())
    kept = (math.exp(seen[0] * beta - top), math.exp(seen[1] * beta - top))
    sums, died = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    loglik, score, info, weight, deaths, running = 0.0, 0.0, 0.0, 0.0, 0, 1.0
    for i in range(n):
        if i > 0 and rows.stratum[i] != rows.stratum[i - 1]:
            sums = (0.0, 0.0, 0.0)
        xi, w = x[i], rows.weights[i]
        r = w * (kept[0] if xi == seen[0] else (kept[1] if xi == seen[1] else math.exp(xi * beta - top)))
        rx = r * xi
        sums = (sums[0] + r, sums[1] + rx, sums[2] + rx * xi)
        if rows.dead[i]:
            deaths += 1
            weight += w
            died = (died[0] + r, died[1] + rx, died[2] + rx * xi)
            loglik += w * (xi * beta - top)
            score += w * xi
        if deaths > 0 and last_of_time(rows, i):
            share = weight / deaths if efron else weight
            carried, logs, means, spread = tied(sums, died, deaths, efron, running if share == 1.0 else 1.0)
            if share == 1.0:  # nobody is weighted: the product goes on to the next time
                running, loglik = carried, loglik - logs
            else:
                loglik -= share * (logs + math.log(carried))
            score -= share * means
            info += share * spread
            deaths, weight, died = 0, 0.0, (0.0, 0.0, 0.0)
    out[0, 0], out[1, 0], out[1, 1] = loglik - math.log(running), score, info
    return out[0, 0]


@inline
def hazard_of(total: float, died: float, deaths: int, weight: float, efron: bool) -> tuple[float, float]:
    """Step of the cumulative hazard at one event time, and what of it the deaths there lived through."""
    rounds = deaths if efron else 1
    whole, own = 0.0, 0.0
    for step in range(rounds):
        piece = weight / rounds / (total - step / rounds * died)
        whole += piece
        own += piece * (1.0 - step / rounds)
    return whole, own


@kernel
def martingale(rows: Rows, r: Floats, efron: bool, steps: Floats, residual: Floats) -> int:
    """Martingale residuals without late entry; steps (rows x 2) takes the hazard at the last row of each event time."""
    n = len(r)
    total, died, weight, deaths = 0.0, 0.0, 0.0, 0
    for i in range(n):
        if i > 0 and rows.stratum[i] != rows.stratum[i - 1]:
            total = 0.0
        total += r[i]
        if rows.dead[i]:
            deaths += 1
            died += r[i]
            weight += rows.weights[i]
        steps[i, 0], steps[i, 1] = 0.0, 0.0
        if deaths > 0 and last_of_time(rows, i):
            steps[i, 0], steps[i, 1] = hazard_of(total, died, deaths, weight, efron)
            died, weight, deaths = 0.0, 0.0, 0
    before, here, own = 0.0, 0.0, 0.0
    for i in range(n - 1, -1, -1):
        if last_of_time(rows, i):
            before = 0.0 if i + 1 == n or rows.stratum[i + 1] != rows.stratum[i] else before + here
            here, own = steps[i, 0], steps[i, 1]
        lived = before + (own if rows.dead[i] else here)
        residual[i] = rows.dead[i] - lived * r[i] / rows.weights[i]
    return n
