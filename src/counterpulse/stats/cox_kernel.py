"""The partial likelihood of Cox, compiled: one walk from the last time to the first gives log likelihood, score and information.

Knows sorted rows only: stratum by stratum, within it times falling; `leave` lists the same rows by falling entry (empty without delayed entry).
`z` is a column of ones beside the covariates, so that one square table S = sum of r z z' holds the sums of weights, of covariates and of products.
Efron (JASA 1977;72:557) or Breslow (Biometrics 1974;30:89) ties; case weights as R's coxph. No checks, no names.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline, kernel

Floats = NDArray[np.float64]
LOST = 1e-5  # a sum this far below its peak has lost five of its sixteen digits


class Rows(NamedTuple):
    """Sorted rows: time, dead (0 or 1), stratum, z (rows x (1 + covariates)), weights, entry and the order of leaving."""

    time: Floats
    dead: NDArray[np.int8]
    stratum: NDArray[np.int64]
    z: Floats
    weights: Floats
    entry: Floats
    leave: NDArray[np.int64]


@kernel
def risks(rows: Rows, beta: Floats, eta: Floats, r: Floats) -> float:
    """Fill eta (less its largest) and r = weight x exp(eta) of every row; gives the largest eta."""
    n, q = rows.z.shape
    top = -1e308
    for i in range(n):
        total = 0.0
        for j in range(1, q):
            total += rows.z[i, j] * beta[j - 1]
        eta[i] = total
        top = max(total, top)
    for i in range(n):
        eta[i] -= top
        r[i] = rows.weights[i] * math.exp(eta[i])
    return top


@inline
def admit(table: Floats, z: Floats, i: int, r: float) -> None:
    """Add r z z' of one row to the lower half of a table."""
    for j in range(z.shape[1]):
        a = r * z[i, j]
        for k in range(j + 1):
            table[j, k] += a * z[i, k]


@inline
def rebuild(rows: Rows, r: Floats, i: int, table: Floats) -> None:
    """Sum the risk set just before row `i` anew: what a large risk leaves behind when it goes is rounding, not the small ones that stay."""
    table[:, :] = 0.0
    row = i - 1
    while row >= 0 and rows.stratum[row] == rows.stratum[i]:
        if rows.entry[row] < rows.time[i]:
            admit(table, rows.z, row, r[row])
        row -= 1
    table[0, -1] = table[0, 0]


@inline
def expire(rows: Rows, r: Floats, i: int, left: int, table: Floats) -> int:
    """Take rows that enter at or after the time of row `i` out of the table; its last column keeps the highest sum so far."""
    table[0, -1] = max(table[0, -1], table[0, 0])
    while left < len(rows.leave):
        row = int(rows.leave[left])
        if rows.stratum[row] != rows.stratum[i] or rows.entry[row] < rows.time[i]:
            break
        admit(table, rows.z, row, -r[row])
        left += 1
    if table[0, 0] < LOST * table[0, -1]:
        rebuild(rows, r, i, table)
    return left


@inline
def gather(rows: Rows, r: Floats, i: int, table: Floats, died: Floats) -> tuple[int, int, float]:
    """Admit every row of one time; gives the row after it, the number of deaths and their weight. `died` holds the deaths' own table."""
    stop, deaths, weight = i, 0, 0.0
    while stop < len(rows.time) and rows.time[stop] == rows.time[i] and rows.stratum[stop] == rows.stratum[i]:
        admit(table, rows.z, stop, r[stop])
        if rows.dead[stop]:
            if deaths == 0:
                died[:, :] = 0.0
            deaths += 1
            weight += rows.weights[stop]
            admit(died, rows.z, stop, r[stop])
        stop += 1
    return stop, deaths, weight


@inline
def settle(table: Floats, died: Floats, deaths: int, weight: float, efron: bool, out: Floats) -> None:
    """Subtract one event time's mean from the log likelihood and the score, and add its variance to the information."""
    rounds = deaths if efron else 1
    mean = weight / rounds
    for step in range(rounds):
        share = step / rounds
        bottom = table[0, 0] - share * died[0, 0]
        out[0, 0] -= mean * math.log(bottom)
        for j in range(1, table.shape[0]):
            mj = (table[j, 0] - share * died[j, 0]) / bottom
            out[j, 0] -= mean * mj
            for k in range(1, j + 1):
                out[j, k] += mean * ((table[j, k] - share * died[j, k]) / bottom - mj * (table[k, 0] - share * died[k, 0]) / bottom)


@kernel
def likelihood(rows: Rows, r: Floats, eta: Floats, efron: bool, out: Floats) -> float:
    """Fill `out`: log likelihood in [0, 0], score in [1:, 0], information in the lower half of [1:, 1:]."""
    n, q = rows.z.shape
    table, died = np.zeros((q, q + 1)), np.zeros((q, q))
    out[:, :] = 0.0
    left, i = 0, 0
    while i < n:
        if i > 0 and rows.stratum[i] != rows.stratum[i - 1]:
            table[:, :] = 0.0
            left = i
        if len(rows.leave) == 0 and rows.dead[i] == 0:
            admit(table, rows.z, i, r[i])
            i += 1
            continue
        if len(rows.leave) > 0:
            left = expire(rows, r, i, left, table)
        stop, deaths, weight = gather(rows, r, i, table, died)
        if deaths > 0:
            settle(table, died, deaths, weight, efron, out)
        i = stop
    for i in range(n):
        if rows.dead[i]:
            out[0, 0] += rows.weights[i] * eta[i]
            for j in range(1, q):
                out[j, 0] += rows.weights[i] * rows.z[i, j]
    return out[0, 0]


@inline
def note(table: Floats, died: Floats, deaths: int, weight: float, efron: bool, piece: Floats) -> None:
    """One event time's hazard x mean z (everyone), the same shared out to its deaths, and the plain mean z of its deaths."""
    q = table.shape[0]
    rounds = deaths if efron else 1
    for step in range(rounds):
        share = step / rounds
        bottom = table[0, 0] - share * died[0, 0]
        hazard = weight / rounds / bottom
        for j in range(q):
            mj = (table[j, 0] - share * died[j, 0]) / bottom
            piece[j] += hazard * mj
            piece[q + j] += hazard * (1.0 - share) * mj
            piece[2 * q + j] += mj / rounds


@kernel
def baseline(rows: Rows, r: Floats, efron: bool, pieces: Floats) -> int:
    """Fill pieces (rows x 3q, zeros on entry) on the last row of each event time; gives the number of event times."""
    n, q = rows.z.shape
    table, died = np.zeros((q, q + 1)), np.zeros((q, q))
    left, i, many = 0, 0, 0
    while i < n:
        if i > 0 and rows.stratum[i] != rows.stratum[i - 1]:
            table[:, :] = 0.0
            left = i
        if len(rows.leave) > 0:
            left = expire(rows, r, i, left, table)
        stop, deaths, weight = gather(rows, r, i, table, died)
        if deaths > 0:
            note(table, died, deaths, weight, efron, pieces[stop - 1])
            many += 1
        i = stop
    return many


@kernel
def lived(rows: Rows, pieces: Floats, lived_through: Floats) -> int:
    """Fill lived_through (rows x q): the sum of the pieces each row was at risk for; a death takes its own share of the last one."""
    n, q = rows.z.shape
    total, i, late = np.zeros(q), n - 1, n - 1
    while i >= 0:
        start = i
        while start > 0 and rows.time[start - 1] == rows.time[i] and rows.stratum[start - 1] == rows.stratum[i]:
            start -= 1
        if i < n - 1 and rows.stratum[i] != rows.stratum[i + 1]:
            total[:] = 0.0
        for row in range(start, i + 1):
            for j in range(q):
                lived_through[row, j] += total[j] + (pieces[i, q + j] if rows.dead[row] else pieces[i, j])
        for j in range(q):
            total[j] += pieces[i, j]
        i = start - 1
    total[:] = 0.0
    late = n - 1
    for place in range(len(rows.leave) - 1, -1, -1):  # entries rising: what had passed before a row came in is not its own
        row = rows.leave[place]
        if place < n - 1 and rows.stratum[row] != rows.stratum[rows.leave[place + 1]]:
            total[:] = 0.0
            late = place
        while late >= 0 and rows.stratum[late] == rows.stratum[row] and rows.time[late] <= rows.entry[row]:
            for j in range(q):
                total[j] += pieces[late, j]
            late -= 1
        for j in range(q):
            lived_through[row, j] -= total[j]
    return 0
