"""The exact partial likelihood for tied event times: every choice of which d of those at risk died is counted. Knows sorted rows only.

Cox, J R Stat Soc B 1972;34:187; Gail, Lubin and Rubinstein, Biometrika 1981;68:703. Equal to R's coxph(ties = "exact").
"""

import math

import numpy as np

from counterpulse.kernel import inline, kernel
from counterpulse.stats.cox_kernel import Floats, Rows

LARGE = 1e100


@inline
def choose(rows: Rows, row: int, r: float, deaths: int, sums: Floats) -> None:
    """Let one more row join the choices: sums[d] holds, for every d, the table (sum, first, second derivatives) over choices of d rows."""
    q = sums.shape[1]
    for d in range(deaths, 0, -1):
        for j in range(q - 1, 0, -1):
            for k in range(j, 0, -1):
                zj, zk = rows.z[row, j], rows.z[row, k]
                more = sums[d - 1, j, k] + zj * sums[d - 1, k, 0] + zk * sums[d - 1, j, 0] + zj * zk * sums[d - 1, 0, 0]
                sums[d, j, k] += r * more
        for j in range(1, q):
            sums[d, j, 0] += r * (sums[d - 1, j, 0] + rows.z[row, j] * sums[d - 1, 0, 0])
        sums[d, 0, 0] += r * sums[d - 1, 0, 0]


@kernel
def tie(rows: Rows, r: Floats, start: int, stop: int, deaths: int, out: Floats) -> float:
    """Take one event time's exact denominator off `out`; rows start to stop are in its stratum and no earlier in time."""
    q = rows.z.shape[1]
    now = rows.time[stop - 1]
    sums = np.zeros((deaths + 1, q, q))
    sums[0, 0, 0] = 1.0
    logs = 0.0
    top = 0.0
    for i in range(start, stop):
        top = max(top, r[i])
    for i in range(start, stop):
        if len(rows.leave) > 0 and rows.entry[i] >= now:
            continue
        choose(rows, i, r[i] / top, deaths, sums)
        largest = 0.0
        for d in range(deaths + 1):
            largest = max(largest, sums[d, 0, 0])
        if largest > LARGE:
            sums /= largest
            logs += math.log(largest)
    whole = sums[deaths]
    out[0, 0] -= math.log(whole[0, 0]) + logs + deaths * math.log(top)
    for j in range(1, q):
        out[j, 0] -= whole[j, 0] / whole[0, 0]
        for k in range(1, j + 1):
            out[j, k] += whole[j, k] / whole[0, 0] - whole[j, 0] / whole[0, 0] * (whole[k, 0] / whole[0, 0])
    return out[0, 0]


@kernel
def exact_likelihood(rows: Rows, r: Floats, eta: Floats, out: Floats) -> float:
    """Fill `out` as `likelihood` does. Work grows with people at risk x deaths at each tied time."""
    n, q = rows.z.shape
    out[:, :] = 0.0
    start, i = 0, 0
    while i < n:
        if i > 0 and rows.stratum[i] != rows.stratum[i - 1]:
            start = i
        stop, deaths = i, 0
        while stop < n and rows.time[stop] == rows.time[i] and rows.stratum[stop] == rows.stratum[i]:
            deaths += rows.dead[stop]
            stop += 1
        if deaths > 0:
            tie(rows, r, start, stop, deaths, out)
        i = stop
    for i in range(n):
        if rows.dead[i]:
            out[0, 0] += eta[i]
            for j in range(1, q):
                out[j, 0] += rows.z[i, j]
    return out[0, 0]
