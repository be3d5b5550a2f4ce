"""Two or more groups, an outcome in categories: chi-square, Fisher's exact and the exact unconditional tests.

Units: counts of people. Knows the tests only; risk difference, ratio and odds ratio live in `effects` and are handed on from here.
Equal to R's chisq.test and fisher.test (its root finding run to convergence).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.conditional import conditional_odds, fisher_p
from counterpulse.stats.counts import check_sums, check_table, two_by_two
from counterpulse.stats.distributions import SIDES, check_choice, check_level, chi2_tail, special
from counterpulse.stats.effects import odds_ratio, proportion, risk_difference, risk_ratio
from counterpulse.stats.result import Result
from counterpulse.stats.unconditional import exact_unconditional

__all__ = [
    "BinaryTest",
    "check_sums",
    "chi_square",
    "exact_unconditional",
    "fisher",
    "odds_ratio",
    "proportion",
    "risk_difference",
    "risk_ratio",
    "rule_test",
    "two_by_two",
]

MANY_TABLES = 2_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class BinaryTest(Result):
    """A test of a table: statistic and degrees of freedom (None for exact tests), P, smallest expected count, conditional odds ratio."""

    p: float
    statistic: float | None = None
    df: float | None = None
    smallest_expected: float
    odds_ratio: float | None = None
    lower: float | None = None
    upper: float | None = None


def _margins(counts: NDArray[np.float64]) -> dict[str, float]:
    return {f"row {i + 1}": float(total) for i, total in enumerate(counts.sum(1))} | {"all": float(counts.sum())}


def _expected(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.outer(counts.sum(1), counts.sum(0)) / counts.sum()


def chi_square(table: ArrayLike, *, yates: bool = False) -> BinaryTest:
    """Pearson's chi-square of an r x c table of counts, without (default) or with Yates' correction (2 x 2 only), as R's chisq.test.

    Raises RefusalError for an impossible table, or Yates on a larger one.
    """
    counts = check_table(table)
    if yates and counts.shape != (2, 2):
        raise RefusalError(f"Yates' correction was asked for a {counts.shape[0]} x {counts.shape[1]} table; it exists for 2 x 2 only.")
    expected = _expected(counts)
    gap = np.abs(counts - expected)
    shift = min(0.5, float(gap.min())) if yates else 0.0
    statistic = float(((gap - shift) ** 2 / expected).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    low = float(expected.min())
    return BinaryTest(
        method="Pearson's chi-square test",
        variant="with Yates' continuity correction" if yates else "without continuity correction",
        sided="two-sided",
        denominators=_margins(counts),
        notes=(f"smallest expected count {low:.3g} is below 5: the approximation is doubtful",) if low < 5 else (),
        p=chi2_tail(statistic, df),
        statistic=statistic,
        df=df,
        smallest_expected=low,
    )


def fisher(table: ArrayLike, *, sided: str = "two-sided", level: float = 0.95) -> BinaryTest:
    """Fisher's exact test of an r x c table; for 2 x 2 also the conditional maximum-likelihood odds ratio and its exact interval.

    The two-sided P adds every table at most as probable as the observed one, as R's fisher.test. Raises RefusalError for an impossible
    table or one with more than two million arrangements.
    """
    counts = check_table(table)
    check_choice("sided", sided, SIDES)
    check_level(level)
    shared: dict[str, Any] = {"denominators": _margins(counts), "smallest_expected": float(_expected(counts).min())}
    if counts.shape != (2, 2):
        if sided != "two-sided":
            raise RefusalError(f"A {sided!r} Fisher test was asked for a {counts.shape[0]} x {counts.shape[1]} table; larger than 2 x 2 has no side.")
        return BinaryTest(method="Fisher's exact test", variant="probability order, r x c", sided=sided, p=_fisher_large(counts), **shared)
    ratio, lower, upper = conditional_odds(counts, sided, level)
    return BinaryTest(
        method="Fisher's exact test",
        variant="probability order (two-sided)" if sided == "two-sided" else "tail",
        interval="exact conditional (Clopper-Pearson type)",
        level=level,
        sided=sided,
        p=fisher_p(counts, sided),
        odds_ratio=ratio,
        lower=lower,
        upper=upper,
        **shared,
    )


def _fisher_large(counts: NDArray[np.float64]) -> float:
    """P of an r x c table by walking its columns; tables with the same row sums left and the same probability are merged."""
    gammaln = special().gammaln
    observed = -float(gammaln(counts + 1).sum())
    states: dict[tuple[tuple[int, ...], float], float] = {(tuple(int(v) for v in counts.sum(1)), 0.0): 1.0}
    for column in counts.T[:-1]:
        fresh: dict[tuple[tuple[int, ...], float], float] = {}
        for (left, logp), many in states.items():
            for cells in _fillings(left, int(column.sum())):
                rest = tuple(a - b for a, b in zip(left, cells, strict=True))
                key = (rest, round(logp - sum(math.lgamma(c + 1) for c in cells), 11))
                fresh[key] = fresh.get(key, 0.0) + many
        if len(fresh) > MANY_TABLES:
            raise RefusalError(f"Fisher's exact test of this {counts.shape[0]} x {counts.shape[1]} table has more than {MANY_TABLES:,} arrangements.")
        states = fresh
    logs = np.array([logp - sum(math.lgamma(c + 1) for c in left) for left, logp in states])
    many = np.array(list(states.values())) * np.exp(logs - logs.max())
    return float(min(1.0, many[logs <= observed + 1e-7].sum() / many.sum()))


def _fillings(left: tuple[int, ...], total: int) -> list[tuple[int, ...]]:
    if len(left) == 1:
        return [(total,)] if total <= left[0] else []
    return [(cell, *rest) for cell in range(min(left[0], total) + 1) for rest in _fillings(left[1:], total - cell)]


def rule_test(table: ArrayLike, *, smallest: float = 5.0) -> BinaryTest:
    """The usual rule: chi-square without correction when every expected count is at least `smallest`, else Fisher's exact test."""
    plain = chi_square(table)
    return plain if plain.smallest_expected >= smallest else fisher(table)
