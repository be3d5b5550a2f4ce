"""Exact unconditional tests of two proportions: the P value at the worst common probability. Units: counts of people.

Barnard orders tables by the pooled z statistic (Suissa and Shuster, J R Stat Soc A 1985;148:317), Boschloo by Fisher's P
(Boschloo, Stat Neerl 1970;24:1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.counts import two_arms
from counterpulse.stats.distributions import SIDES, check_choice, special
from counterpulse.stats.result import Result

GRID = 2000
LARGEST = 4_000_000  # tables in the sample space


@dataclass(frozen=True, kw_only=True, eq=False)
class UnconditionalTest(Result):
    """P, the ordering statistic of the observed table, and the common probability at which the P value is largest."""

    p: float
    statistic: float
    worst_probability: float


def exact_unconditional(counts: tuple[float, float, float, float], *, order: str = "barnard", sided: str = "two-sided") -> UnconditionalTest:
    """Exact unconditional test of counts (x1, n1, x0, n0), ordered by "barnard" (pooled z) or "boschloo" (Fisher's P).

    The supremum over the common probability is found on a grid of 2,000 and polished by golden section. Raises RefusalError for impossible counts.
    """
    x1, n1, x0, n0 = two_arms(*counts)
    check_choice("order", order, ("barnard", "boschloo"))
    check_choice("sided", sided, SIDES)
    if (n1 + 1) * (n0 + 1) > LARGEST:
        raise RefusalError(f"The exact unconditional test has {(n1 + 1) * (n0 + 1):.3g} tables for {n1:g} and {n0:g} people; {LARGEST:,} are allowed.")
    scores = _pooled_z(n1, n0, sided) if order == "barnard" else -_fisher_table(n1, n0, sided)
    seen = scores[int(x1), int(x0)]
    p, where = _worst(scores >= seen - 1e-9 * max(1.0, abs(seen)) if order == "barnard" else scores >= seen * (1 + 1e-7), n1, n0)
    return UnconditionalTest(
        method=f"Exact unconditional test ({order.capitalize()})",
        variant="pooled z statistic" if order == "barnard" else "ordered by Fisher's exact P",
        sided=sided,
        denominators={"arm 1": n1, "arm 0": n0},
        p=p,
        statistic=float(seen if order == "barnard" else -seen),
        worst_probability=where,
    )


def _pooled_z(n1: float, n0: float, sided: str) -> NDArray[np.float64]:
    x1, x0 = np.meshgrid(np.arange(n1 + 1), np.arange(n0 + 1), indexing="ij")
    pooled = (x1 + x0) / (n1 + n0)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
    z = np.divide(x1 / n1 - x0 / n0, spread, out=np.zeros_like(spread), where=spread > 0)
    return {"two-sided": np.abs(z), "greater": z, "less": -z}[sided]


def _fisher_table(n1: float, n0: float, sided: str) -> NDArray[np.float64]:
    """Fisher's P of every table of the sample space, one anti-diagonal (same total of events) at a time."""
    gammaln = special().gammaln
    table = np.ones((int(n1) + 1, int(n0) + 1))
    for k in range(int(n1 + n0) + 1):
        x1 = np.arange(max(0, k - int(n0)), min(int(n1), k) + 1)
        logs = -(gammaln(x1 + 1) + gammaln(n1 - x1 + 1) + gammaln(k - x1 + 1) + gammaln(n0 - k + x1 + 1))
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        if sided == "two-sided":
            ordered = np.sort(weights)
            p = np.cumsum(ordered)[np.searchsorted(ordered, weights * (1 + 1e-7), side="right") - 1]
        else:
            p = np.cumsum(weights[::-1])[::-1] if sided == "greater" else np.cumsum(weights)
        table[x1, k - x1] = np.minimum(p, 1.0)
    return table


def _worst(extreme: NDArray[np.bool_], n1: float, n0: float) -> tuple[float, float]:
    inside = extreme.astype(float)
    choose = [_log_choose(n) for n in (n1, n0)]

    def size(p: NDArray[np.float64]) -> NDArray[np.float64]:
        one, zero = (np.exp(c + np.outer(np.log(p), k) + np.outer(np.log1p(-p), n - k)) for c, k, n in _axes(choose, n1, n0))
        return np.einsum("ij,ij->i", one @ inside, zero)

    grid = (np.arange(GRID) + 0.5) / GRID
    values = size(grid)
    best, where = 0.0, 0.5
    for start in np.argsort(values)[-5:]:
        at = _golden(size, float(grid[start]) - 1 / GRID, float(grid[start]) + 1 / GRID)
        value = float(size(np.array([at]))[0])
        if value > best:
            best, where = value, at
    return min(1.0, best), where


def _log_choose(n: float) -> NDArray[np.float64]:
    gammaln = special().gammaln
    k = np.arange(n + 1)
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _axes(choose: list[NDArray[np.float64]], n1: float, n0: float) -> list[tuple[NDArray[np.float64], NDArray[np.float64], float]]:
    return [(c, np.arange(n + 1), n) for c, n in zip(choose, (n1, n0), strict=True)]


def _golden(size, low: float, high: float) -> float:  # noqa: ANN001 - a function of an array of probabilities
    low, high = max(low, 1e-12), min(high, 1 - 1e-12)
    for _ in range(8):  # each round keeps a twentieth of the bracket; the top is flat, so its height is exact long before its place
        points = np.linspace(low, high, 41)
        top = int(np.argmax(size(points)))
        low, high = points[max(top - 1, 0)], points[min(top + 1, 40)]
    return (low + high) / 2
