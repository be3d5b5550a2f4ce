"""Effects pooled over the strata of the randomisation, and a straight-line model with strata.

Mantel-Haenszel risk difference (variance of Sato 1989, Biometrics 45:1323), risk ratio (Greenland and Robins 1985, Biometrics 41:55) and odds
ratio (Robins, Breslow and Greenland 1986, Biometrics 42:311); least squares with one intercept per stratum. Counts of people in, shape (strata,).
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.stats.distributions import normal_tail, t_quantile, t_tail, z_of

Floats = NDArray[np.float64]


class Pooled(NamedTuple):
    """An estimate with its interval, standard error (log scale for ratios) and two-sided Wald P."""

    estimate: float
    lower: float
    upper: float
    std_err: float
    p: float
    method: str


def cells(event: Floats, group: NDArray[np.int64], strata: NDArray[Any]) -> tuple[Floats, Floats, Floats, Floats]:
    """Events and participants of the active arm, then of the reference, in each stratum that holds both arms."""
    rows = []
    for name in sorted(set(strata.tolist())):
        here = strata == name
        one, zero = here & (group == 1), here & (group == 0)
        if one.any() and zero.any():
            rows.append((event[one].sum(), one.sum(), event[zero].sum(), zero.sum()))
    x1, n1, x0, n0 = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return x1, n1, x0, n0


def risk_difference(counts: tuple[Floats, Floats, Floats, Floats], level: float) -> Pooled:
    """Mantel-Haenszel risk difference, active minus reference."""
    x1, n1, x0, n0 = counts
    n, weight = n1 + n0, float((n1 * n0 / (n1 + n0)).sum())
    estimate = float(((x1 * n0 - x0 * n1) / n).sum()) / weight
    p = (n1**2 * x0 - n0**2 * x1 + n1 * n0 * (n0 - n1) / 2) / n**2
    q = (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n)
    se = math.sqrt(max(estimate * float(p.sum()) + float(q.sum()), 0.0)) / weight
    half = z_of(level) * se
    p_value = normal_tail(estimate / se) if se > 0 else math.nan
    return Pooled(estimate, estimate - half, estimate + half, se, p_value, "Mantel-Haenszel risk difference, Sato variance")


def risk_ratio(counts: tuple[Floats, Floats, Floats, Floats], level: float) -> Pooled:
    """Mantel-Haenszel risk ratio, active over reference."""
    x1, n1, x0, n0 = counts
    n = n1 + n0
    r, s = float((x1 * n0 / n).sum()), float((x0 * n1 / n).sum())
    variance = float(((n1 * n0 * (x1 + x0) - x1 * x0 * n) / n**2).sum()) / (r * s) if r > 0 and s > 0 else math.nan
    return _ratio((r, s), variance, level, "Mantel-Haenszel risk ratio, Greenland-Robins variance")


def odds_ratio(counts: tuple[Floats, Floats, Floats, Floats], level: float) -> Pooled:
    """Mantel-Haenszel odds ratio, active over reference."""
    x1, n1, x0, n0 = counts
    y1, y0, n = n1 - x1, n0 - x0, n1 + n0
    r, s, p, q = x1 * y0 / n, y1 * x0 / n, (x1 + y0) / n, (y1 + x0) / n
    big_r, big_s = float(r.sum()), float(s.sum())
    if big_r <= 0 or big_s <= 0:
        return _ratio((big_r, big_s), math.nan, level, "Mantel-Haenszel odds ratio")
    variance = (p * r).sum() / (2 * big_r**2) + (p * s + q * r).sum() / (2 * big_r * big_s) + (q * s).sum() / (2 * big_s**2)
    return _ratio((big_r, big_s), float(variance), level, "Mantel-Haenszel odds ratio, Robins-Breslow-Greenland variance")


def _ratio(sums: tuple[float, float], variance: float, level: float, method: str) -> Pooled:
    if min(sums) <= 0 or not variance > 0:
        return Pooled(math.nan, math.nan, math.nan, math.nan, math.nan, method)
    log, se = math.log(sums[0] / sums[1]), math.sqrt(variance)
    half = z_of(level) * se
    return Pooled(math.exp(log), math.exp(log - half), math.exp(log + half), se, normal_tail(log / se), method)


def least_squares(value: Floats, group: NDArray[np.int64], strata: NDArray[Any] | None, level: float) -> Pooled:
    """Mean difference, active minus reference, with one intercept per stratum (residual degrees of freedom)."""
    columns = [group.astype(float)]
    names = sorted(set(strata.tolist())) if strata is not None else ["all"]
    columns += [np.asarray(strata == name, dtype=float) if strata is not None else np.ones(len(value)) for name in names]
    design = np.column_stack(columns)
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ design.T @ value
    df = len(value) - int(np.linalg.matrix_rank(design))
    residual = value - design @ beta
    se = math.sqrt(float(residual @ residual) / df * inverse[0, 0]) if df > 0 else math.nan
    estimate = float(beta[0])
    if not se > 0:
        return Pooled(estimate, math.nan, math.nan, math.nan, math.nan, "least squares")
    half = t_quantile(0.5 + level / 2, df) * se
    return Pooled(estimate, estimate - half, estimate + half, se, t_tail(estimate / se, df), f"least squares, {df} degrees of freedom")
