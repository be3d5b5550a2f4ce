"""A number in two groups: t tests, Wilcoxon's rank-sum test and the Hodges-Lehmann shift. Units: those of the values.

Equal to R's t.test and wilcox.test (its root finding run to convergence). Knows no medians printed in a paper.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.distributions import SIDES, check_choice, check_level, normal_quantile, normal_tail, t_quantile, t_tail
from counterpulse.stats.ranks import midranks, rank_sum_counts, tie_sum
from counterpulse.stats.result import Result

EXACT_BELOW = 50  # R's: exact when both groups are smaller and no values are tied


@dataclass(frozen=True, kw_only=True, eq=False)
class MeanTest(Result):
    """Difference of means (group 1 minus group 0) with its interval, t, degrees of freedom and P."""

    estimate: float
    lower: float
    upper: float
    std_err: float
    statistic: float
    df: float
    p: float


@dataclass(frozen=True, kw_only=True, eq=False)
class RankTest(Result):
    """Wilcoxon's W (Mann-Whitney count of group 1 over group 0), its P, and the share of pairs that group 1 wins (ties count half)."""

    statistic: float
    p: float
    pairs_won: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Shift(Result):
    """Hodges-Lehmann: median of all differences between the groups, with its interval."""

    estimate: float
    lower: float
    upper: float


def _two(one: ArrayLike, zero: ArrayLike, least: int) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    groups, missing = [], 0
    for name, values in (("Group 1", one), ("Group 0", zero)):
        try:
            given = np.asarray([math.nan if v is None else v for v in np.asarray(values, dtype=object).ravel()], dtype=float)
        except (TypeError, ValueError):
            raise RefusalError(f"{name} holds something that is no number.") from None
        kept = given[~np.isnan(given)]
        missing += len(given) - len(kept)
        if np.isinf(kept).any():
            raise RefusalError(f"{name} holds an infinite value; a measurement must be finite.")
        if len(kept) < least:
            raise RefusalError(f"{name} has {len(kept)} values; this method needs at least {least}.")
        groups.append(kept)
    return groups[0], groups[1], missing


def t_test(one: ArrayLike, zero: ArrayLike, *, equal_variances: bool = False, sided: str = "two-sided", level: float = 0.95) -> MeanTest:
    """Welch's t test (default) or Student's with equal variances, as R's t.test; missing values (NaN, None) are left out and counted.

    Raises RefusalError when a group has too few values or nothing varies.
    """
    a, b, missing = _two(one, zero, 1 if equal_variances else 2)
    check_choice("sided", sided, SIDES)
    check_level(level)
    va, vb = (float(np.var(g, ddof=1)) if len(g) > 1 else 0.0 for g in (a, b))
    if len(a) + len(b) < 3:
        raise RefusalError(f"The groups have {len(a) + len(b)} values together; a t test needs at least 3.")
    se, df = _pooled(len(a), len(b), va, vb) if equal_variances else _welch(len(a), len(b), va, vb)
    gap = float(a.mean() - b.mean())
    if se <= 10 * np.finfo(float).eps * max(abs(a.mean()), abs(b.mean())):
        raise RefusalError("The values within each group do not vary; a t test has nothing to compare the difference with.")
    tail = t_quantile(0.5 + level / 2 if sided == "two-sided" else level, df) * se
    return MeanTest(
        method="Two-sample t test",
        variant="Student, equal variances" if equal_variances else "Welch, unequal variances",
        interval="t",
        level=level,
        sided=sided,
        denominators={"group 1": len(a), "group 0": len(b)},
        missing=missing,
        estimate=gap,
        lower=-math.inf if sided == "less" else gap - tail,
        upper=math.inf if sided == "greater" else gap + tail,
        std_err=se,
        statistic=gap / se,
        df=df,
        p=t_tail(gap / se, df, sided),
    )


def _pooled(n1: int, n0: int, v1: float, v0: float) -> tuple[float, float]:
    df = n1 + n0 - 2
    return math.sqrt(((n1 - 1) * v1 + (n0 - 1) * v0) / df * (1 / n1 + 1 / n0)), df


def _welch(n1: int, n0: int, v1: float, v0: float) -> tuple[float, float]:
    e1, e0 = v1 / n1, v0 / n0
    total = e1 + e0
    return math.sqrt(total), total * total / (e1 * e1 / (n1 - 1) + e0 * e0 / (n0 - 1)) if total else math.nan


def _exactly(exact: bool | None, a: NDArray[np.float64], b: NDArray[np.float64], tied: bool) -> bool:
    if exact and tied:
        raise RefusalError("An exact Wilcoxon P was asked for values with ties; use exact=False, or None to let the data decide.")
    return (len(a) < EXACT_BELOW and len(b) < EXACT_BELOW and not tied) if exact is None else exact


def wilcoxon(one: ArrayLike, zero: ArrayLike, *, exact: bool | None = None, correct: bool = True, sided: str = "two-sided") -> RankTest:
    """Wilcoxon-Mann-Whitney test as R's wilcox.test: exact below 50 a group without ties, else normal with tie and continuity correction.

    Raises RefusalError when a group is empty, all values are equal, or an exact P is asked for tied values.
    """
    a, b, missing = _two(one, zero, 1)
    check_choice("sided", sided, SIDES)
    ranks = midranks(np.concatenate([a, b]))
    ties = tie_sum(ranks)
    exactly = _exactly(exact, a, b, ties > 0)
    w = float(ranks[: len(a)].sum() - len(a) * (len(a) + 1) / 2)
    variant = "exact" if exactly else f"normal approximation, {'with' if correct else 'without'} continuity correction"
    return RankTest(
        method="Wilcoxon rank-sum test",
        variant=variant,
        ties="midranks, variance corrected" if ties else "no ties",
        sided=sided,
        denominators={"group 1": len(a), "group 0": len(b)},
        missing=missing,
        statistic=w,
        p=_exact_p(w, len(a), len(b), sided) if exactly else _normal_p(w, (len(a), len(b), ties), correct, sided),
        pairs_won=w / (len(a) * len(b)),
    )


def _exact_p(w: float, m: int, n: int, sided: str) -> float:
    counts = rank_sum_counts(m, n)
    total = counts.sum()
    less, greater = counts[: round(w) + 1].sum() / total, counts[round(w) :].sum() / total
    return float({"less": less, "greater": greater, "two-sided": min(1.0, 2 * min(less, greater))}[sided])


def _spread(m: int, n: int, ties: float) -> float:
    return math.sqrt(m * n / 12 * ((m + n + 1) - ties / ((m + n) * (m + n - 1))))


def _normal_p(w: float, sizes: tuple[int, int, float], correct: bool, sided: str) -> float:
    m, n, ties = sizes
    sigma = _spread(m, n, ties)
    if sigma == 0:
        raise RefusalError("All values are equal; a rank test has nothing to compare.")
    z = w - m * n / 2
    shift = {"two-sided": math.copysign(0.5, z) if z else 0.0, "greater": 0.5, "less": -0.5}[sided] if correct else 0.0
    return normal_tail((z - shift) / sigma, sided)


def hodges_lehmann(one: ArrayLike, zero: ArrayLike, *, exact: bool | None = None, correct: bool = True, level: float = 0.95) -> Shift:
    """Median of all differences (group 1 minus group 0) with the interval that inverts Wilcoxon's test, as R's wilcox.test(conf.int = TRUE).

    The estimate is always the median difference; the interval is exact, or normal with tie correction, under the same rule as `wilcoxon`.
    Raises RefusalError like `wilcoxon`.
    """
    a, b, missing = _two(one, zero, 1)
    check_level(level)
    gaps = np.sort(np.subtract.outer(a, b).ravel())
    tied = len(np.unique(np.concatenate([a, b]))) < len(a) + len(b)
    exactly = _exactly(exact, a, b, tied)
    lower, upper = _exact_limits(gaps, len(a), len(b), level) if exactly else _normal_limits(a, b, np.unique(gaps), (correct, level))
    return Shift(
        method="Hodges-Lehmann shift",
        variant="median of all pairwise differences",
        ties="midranks, variance corrected" if tied else "no ties",
        interval="exact" if exactly else f"normal, {'with' if correct else 'without'} continuity correction",
        level=level,
        sided="two-sided",
        denominators={"group 1": len(a), "group 0": len(b), "pairs": len(gaps)},
        missing=missing,
        estimate=float(np.median(gaps)),
        lower=lower,
        upper=upper,
    )


def _exact_limits(gaps: NDArray[np.float64], m: int, n: int, level: float) -> tuple[float, float]:
    cumulative = np.cumsum(rank_sum_counts(m, n))
    at = int(np.searchsorted(cumulative, (0.5 - level / 2) * cumulative[-1] * (1 - 64 * np.finfo(float).eps)))
    at = max(at, 1)
    return float(gaps[at - 1]), float(gaps[m * n - at])


def _normal_limits(a: NDArray[np.float64], b: NDArray[np.float64], steps: NDArray[np.float64], made: tuple[bool, float]) -> tuple[float, float]:
    """Where the standardised rank sum of (a - d) against b crosses the normal quantiles; it only changes at a pairwise difference."""
    correct, level = made
    z = normal_quantile(0.5 + level / 2)

    def edge(target: float) -> float:
        low, high = -1, len(steps)  # the crossing lies after step `low` and at or before step `high`
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _standard(a - steps[middle], b, correct) > target else (low, middle)
        at = min(high, len(steps) - 1)
        before = (steps[at - 1] + steps[at]) / 2 if at else steps[0] - 1
        return float(steps[at - 1] if at and _standard(a - before, b, correct) <= target else steps[at])

    return edge(z), edge(-z)


def _standard(a: NDArray[np.float64], b: NDArray[np.float64], correct: bool) -> float:
    ranks = midranks(np.concatenate([a, b]))
    m, n = len(a), len(b)
    z = float(ranks[:m].sum()) - m * (m + 1) / 2 - m * n / 2
    sigma = _spread(m, n, tie_sum(ranks))
    return (z - (math.copysign(0.5, z) if correct and z else 0.0)) / sigma if sigma else 0.0


def describe(values: ArrayLike) -> dict[str, Any]:
    """Count, missing, mean, standard deviation, median, quartiles (R type 7), least and largest of one group, for a Table 1."""
    given = np.asarray([math.nan if v is None else v for v in np.asarray(values, dtype=object).ravel()], dtype=float)
    kept = given[~np.isnan(given)]
    if not len(kept):
        return {"n": 0, "missing": len(given), "mean": None, "sd": None, "median": None, "q1": None, "q3": None, "min": None, "max": None}
    q1, median, q3 = (float(q) for q in np.quantile(kept, (0.25, 0.5, 0.75)))
    sd = float(np.std(kept, ddof=1)) if len(kept) > 1 else None
    n, missing = len(kept), len(given) - len(kept)
    return {"n": n, "missing": missing, "mean": float(kept.mean()), "sd": sd, "median": median, "q1": q1, "q3": q3} | {
        "min": float(kept.min()),
        "max": float(kept.max()),
    }


