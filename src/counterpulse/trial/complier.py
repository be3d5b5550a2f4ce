"""The effect in those who take what they are given: the risk difference by assignment over the difference in treatment received.

Wald's instrumental-variable estimate (Angrist, Imbens and Rubin 1996, J Am Stat Assoc 91:444) with a Fieller interval. It assumes that
assignment acts only through the treatment received and that nobody does the opposite of what is assigned. Risks in 0 to 1.
"""

import math
from typing import Any

import numpy as np

from counterpulse.refusal import RefusalError
from counterpulse.stats.distributions import normal_tail, z_of
from counterpulse.trial.endpoints import at_horizon
from counterpulse.trial.estimate import Estimate
from counterpulse.trial.question import Question


def complier_effect(question: Question) -> Estimate:
    """Risk difference in compliers at the horizon. Raises RefusalError when assignment did not change what was received."""
    rows = question.rows()
    outcome = at_horizon(rows, question.estimand)
    known = np.isfinite(outcome)
    received = (rows.members["treated"] == question.cohort.active).to_numpy().astype(float)
    parts: list[tuple[float, float, float, float]] = []
    for arm in (1, 0):
        here = known & (rows.group == arm)
        y, d = outcome[here], received[here]
        n = int(here.sum())
        if n < 2:
            raise RefusalError(f"The complier effect needs two participants with a known outcome in arm {question.cohort.name(arm)}; it has {n}.")
        parts.append((float(y.mean()), float(d.mean()), float(y.var(ddof=1)) / n, float(d.var(ddof=1)) / n))
    covariance = sum(_covariance(outcome[known & (rows.group == arm)], received[known & (rows.group == arm)]) for arm in (1, 0))
    (y1, d1, vy1, vd1), (y0, d0, vy0, vd0) = parts
    if d1 <= d0:
        raise RefusalError(f"Arm {question.cohort.active} received the active treatment no more often than the other; there is no complier effect.")
    gap, receipt = y1 - y0, d1 - d0
    spread = vy1 + vy0, vd1 + vd0, covariance
    low, high = fieller((gap, receipt), spread, z_of(question.planned.level))
    estimate = gap / receipt
    se = math.sqrt(spread[0] + estimate**2 * spread[1] - 2 * estimate * covariance) / receipt
    arms = {
        question.cohort.active: {"n": float(rows.size(1)), "received": d1, "value": y1},
        question.cohort.reference: {"n": float(rows.size(0)), "received": d0, "value": y0},
    }
    notes = (f"{100 * d1:.0f}% of arm {question.cohort.active} and {100 * d0:.0f}% of arm {question.cohort.reference} received the active treatment",
             "assumes that assignment acts only through treatment received and that nobody defies it")
    p = normal_tail(gap / math.sqrt(spread[0])) if spread[0] > 0 else math.nan
    made = f"Wald instrumental variable; interval Fieller, level {question.planned.level:g}; delta-method SE {se:.4g}; P of the effect by assignment"
    return question.answer("risk difference in compliers", (estimate, low, high, p), made, arms=arms, missing=int((~known).sum()), notes=notes)


def _covariance(y: Any, d: Any) -> float:
    return float(np.cov(y, d, ddof=1)[0, 1]) / len(y)


def fieller(gaps: tuple[float, float], spread: tuple[float, float, float], z: float) -> tuple[float, float]:
    """Interval of a ratio of two normal differences; infinite when the denominator is not clear of zero.

    `spread` holds the variances of numerator and denominator and their covariance.
    """
    top, bottom = gaps
    a = bottom**2 - z**2 * spread[1]
    b = top * bottom - z**2 * spread[2]
    c = top**2 - z**2 * spread[0]
    if a <= 0:
        return -math.inf, math.inf
    root = math.sqrt(max(b**2 - a * c, 0.0))
    return (b - root) / a, (b + root) / a
