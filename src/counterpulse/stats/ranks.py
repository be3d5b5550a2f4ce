"""Ranks, ties and the exact distribution of the rank sum. Knows no groups' names and no P values."""

import numpy as np
from numpy.typing import NDArray


def midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1; tied values share the middle of theirs."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    start = np.flatnonzero(first)
    stop = np.append(start[1:], len(values))
    ranks = np.empty(len(values))
    ranks[order] = ((start + stop + 1) / 2)[np.cumsum(first) - 1]
    return ranks


def tie_sum(ranks: NDArray[np.float64]) -> float:
    """Sum of t^3 - t over groups of t tied values."""
    _, many = np.unique(ranks, return_counts=True)
    many = many.astype(float)
    return float((many * many * many - many).sum())


def rank_sum_counts(m: int, n: int) -> NDArray[np.float64]:
    """Number of arrangements of m and n values for every Mann-Whitney count 0 to m n: coefficients of the Gaussian binomial."""
    counts = np.zeros(m * n + 1)
    counts[0] = 1.0
    for i in range(1, m + 1):  # multiply by (1 - q^(n + i)), divide by (1 - q^i); every number stays a whole one
        step = n + i
        if step <= m * n:
            counts[step:] -= counts[:-step].copy()
        for start in range(i):
            counts[start::i] = np.cumsum(counts[start::i])
    counts[len(counts) - len(counts) // 2 :] = counts[: len(counts) // 2][::-1]  # symmetric; the low half never lost a digit
    return counts
