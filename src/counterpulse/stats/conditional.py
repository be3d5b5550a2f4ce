"""A 2 x 2 table given its margins: the hypergeometric distribution, central and tilted by an odds ratio. Units: counts of people."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.stats.distributions import root, special

SLACK = 1 + 1e-7  # R's: tables as probable as the observed one, but for rounding, count as extreme


def _support(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Possible values of the first cell, and the log weights of the central hypergeometric distribution."""
    (n1, n0), k = counts.sum(1), counts[:, 0].sum()
    cells = np.arange(max(0.0, k - n0), min(n1, k) + 1)
    gammaln = special().gammaln
    logs = -(gammaln(cells + 1) + gammaln(n1 - cells + 1) + gammaln(k - cells + 1) + gammaln(n0 - k + cells + 1))
    return cells, logs - logs.max()


def fisher_p(counts: NDArray[np.float64], sided: str) -> float:
    """Fisher's P of a 2 x 2 table; two-sided adds every table at most as probable as the observed one."""
    cells, logs = _support(counts)
    weights = np.exp(logs)
    seen = counts[0, 0]
    here = weights[cells == seen][0]
    chosen = {"two-sided": weights <= here * SLACK, "greater": cells >= seen, "less": cells <= seen}[sided]
    return min(1.0, math.fsum(weights[chosen]) / math.fsum(weights))


def conditional_odds(counts: NDArray[np.float64], sided: str, level: float) -> tuple[float, float, float]:
    """Conditional maximum-likelihood odds ratio and its exact limits; NaN, 0 and infinity when the margins fix the table."""
    cells, logs = _support(counts)
    seen = float(counts[0, 0])

    def weights(log_odds: float) -> NDArray[np.float64]:
        tilted = logs + cells * log_odds
        tilted = np.exp(tilted - tilted.max())
        return tilted / tilted.sum()

    def solve(gap: Any, edge: float, at_edge: float) -> float:
        return at_edge if seen == edge else math.exp(root(gap, -700.0, 700.0))

    alpha = (1 - level) / 2 if sided == "two-sided" else 1 - level
    low, high = float(cells[0]), float(cells[-1])
    if low == high:
        return math.nan, 0.0, math.inf
    ratio = 0.0 if seen == low else solve(lambda t: float(weights(t) @ cells) - seen, high, math.inf)
    lower = 0.0 if sided == "less" else solve(lambda t: float(weights(t)[cells >= seen].sum()) - alpha, low, 0.0)
    upper = math.inf if sided == "greater" else solve(lambda t: float(weights(t)[cells <= seen].sum()) - alpha, high, math.inf)
    return ratio, lower, upper
