"""How many are at risk, die and leave at each time. Units: the caller's time. Knows no estimator."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.stats.times import Survival

Floats = NDArray[np.float64]


class RiskSets(NamedTuple):
    """Per distinct time, rising: at risk just before it, events, censored, and entries after the time before it (all weighted)."""

    time: Floats
    at_risk: Floats
    events: Floats
    censored: Floats


def risk_sets(survival: Survival, hit: NDArray[np.bool_]) -> RiskSets:
    """Count by distinct time; `hit` marks the rows whose event counts."""
    weights = np.ones(len(survival)) if survival.weights is None else survival.weights
    time, place = np.unique(survival.time, return_inverse=True)
    events = np.bincount(place, weights * hit, len(time)).astype(float)
    gone = np.bincount(place, weights, len(time)).astype(float)
    if survival.entry is None:
        at_risk = np.cumsum(gone[::-1])[::-1]
    else:
        at_risk = weight_after(time, survival.time, weights, strict=False) - weight_after(time, survival.entry, weights, strict=False)
    at_risk = np.rint(at_risk) if survival.weights is None else at_risk
    return RiskSets(time, at_risk, events, gone - events)


def weight_after(at: Floats, when: Floats, weights: Floats, *, strict: bool) -> Floats:
    """Summed weight of rows whose `when` lies at or after (strict: after) each time of `at`."""
    order = np.argsort(when)
    tail = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)
    return tail[np.searchsorted(when[order], at, side="right" if strict else "left")]
