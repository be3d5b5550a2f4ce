"""Restricted mean survival time: the area under the Kaplan-Meier curve to a horizon, and its difference between two groups.

Units: the caller's time. Equal to R's print(survfit, rmean = horizon). Source: Irwin, J Hyg 1949;47:188; Royston and Parmar, Stat Med 2011;30:2409.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from counterpulse.refusal import RefusalError
from counterpulse.stats.distributions import check_level, normal_tail, z_of
from counterpulse.stats.kaplan_meier import product_limit
from counterpulse.stats.result import Result
from counterpulse.stats.risk_sets import risk_sets
from counterpulse.stats.times import Survival, groups_of


@dataclass(frozen=True, kw_only=True, eq=False)
class RestrictedMean(Result):
    """Mean time free of the event up to the horizon."""

    horizon: float
    estimate: float
    std_err: float
    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True, eq=False)
class RestrictedDifference(Result):
    """Difference and ratio of two restricted means: the second label (sorted) minus, or over, the first."""

    horizon: float
    arms: dict[str, RestrictedMean]
    estimate: float
    std_err: float
    lower: float
    upper: float
    z: float
    p: float
    ratio: float
    ratio_lower: float
    ratio_upper: float


def _area(survival: Survival, horizon: float) -> tuple[float, float]:
    hit = survival.binary()
    if not horizon > 0:
        raise RefusalError(f"horizon is {horizon:g}; a horizon must be above 0, in the unit of the times.")
    sets = risk_sets(survival, hit)
    last = float(sets.time[-1])
    share, _ = product_limit(sets)
    if horizon > last and share[-1] > 0:
        raise RefusalError(
            f"horizon is {horizon:g}, but follow-up ends at {last:g} with {share[-1]:.3g} still free of the event: the curve is unknown beyond. Same unit?"
        )
    inside = sets.time < horizon
    edges = np.concatenate([[0.0], sets.time[inside], [horizon]])
    pieces = np.diff(edges) * np.concatenate([[1.0], share[inside]])
    rest = pieces.sum() - np.cumsum(pieces)[:-1]
    n, d = sets.at_risk[inside], sets.events[inside]
    hazard = np.divide(d, n * (n - d), out=np.zeros_like(d), where=(d > 0) & (n > d))
    return float(pieces.sum()), math.sqrt(float(np.sum(rest * rest * hazard)))


def rmst(survival: Survival, horizon: float, *, level: float = 0.95) -> RestrictedMean:
    """Restricted mean to the horizon with its Wald interval. Raises RefusalError when the curve is not known up to the horizon."""
    check_level(level)
    area, error = _area(survival, horizon)
    reach = z_of(level) * error
    return RestrictedMean(
        method="Restricted mean survival time",
        variant="area under Kaplan-Meier, Greenwood-type variance",
        interval="Wald",
        level=level,
        denominators={"rows": len(survival), "events": int(survival.binary().sum())},
        missing=survival.missing,
        horizon=horizon,
        estimate=area,
        std_err=error,
        lower=area - reach,
        upper=area + reach,
    )


def rmst_difference(survival: Survival, group: ArrayLike, horizon: float, *, level: float = 0.95) -> RestrictedDifference:
    """Two groups' restricted means, their difference (Wald) and ratio (Wald on the log). Raises RefusalError for any other number of groups."""
    rows, codes, names = groups_of(survival, group)
    if len(names) != 2:
        raise RefusalError(f"group holds {len(names)} groups; a difference of restricted means needs 2.")
    zero, one = (rmst(rows.rows(codes == g), horizon, level=level) for g in (0, 1))
    made: dict[str, Any] = {"arms": {str(names[0]): zero, str(names[1]): one}, "horizon": horizon, "missing": rows.missing}
    error = math.hypot(zero.std_err, one.std_err)
    gap, z = one.estimate - zero.estimate, z_of(level)
    spread = z * math.hypot(zero.std_err / zero.estimate, one.std_err / one.estimate)
    ratio = one.estimate / zero.estimate
    return RestrictedDifference(
        method="Difference of restricted mean survival time",
        variant=f"{names[1]} minus {names[0]}",
        interval="Wald (ratio: on the log scale)",
        level=level,
        sided="two-sided",
        denominators={f"rows {name}": int((codes == i).sum()) for i, name in enumerate(names)},
        estimate=gap,
        std_err=error,
        lower=gap - z * error,
        upper=gap + z * error,
        z=gap / error if error else math.nan,
        p=normal_tail(gap / error) if error else math.nan,
        ratio=ratio,
        ratio_lower=ratio * math.exp(-spread),
        ratio_upper=ratio * math.exp(spread),
        **made,
    )
