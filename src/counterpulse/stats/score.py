"""Score limits of two proportions: the values of the effect that the score test does not reject. Units: counts; risks are fractions.

Miettinen and Nurminen, Stat Med 1985;4:213 (with the factor N/(N-1)); Mee, Biometrics 1984;40:1175; Koopman, Biometrics 1984;40:513 (without).
The constrained risks come from the closed quadratic (ratio, odds) or a cubic polished by Newton steps (difference).
"""

import math
from collections.abc import Callable

from counterpulse.stats.distributions import root

TINY = 1e-14


def score_limits(scale: str, arms: tuple[float, ...], z: float, *, corrected: bool) -> tuple[float, float]:
    """Lower and upper limit on "difference", "ratio" or "odds" for counts (x1, n1, x0, n0) at the normal quantile z."""
    x1, n1, x0, n0 = arms
    if scale == "difference":
        gap = x1 / n1 - x0 / n0
        lower = -1.0 if gap <= -1 else root(lambda d: _z("difference", arms, d, corrected) - z, -1 + TINY, gap)
        return lower, 1.0 if gap >= 1 else root(lambda d: _z("difference", arms, d, corrected) + z, gap, 1 - TINY)
    top, bottom = (x1 * n0, x0 * n1) if scale == "ratio" else (x1 * (n0 - x0), x0 * (n1 - x1))
    if top == 0 and bottom == 0:
        return 0.0, math.inf
    middle = math.log(top / bottom) if top and bottom else (-40.0 if top == 0 else 40.0)

    def signed(log_effect: float) -> float:
        return _z(scale, arms, math.exp(log_effect), corrected)

    lower = 0.0 if top == 0 else math.exp(_outward(lambda t: signed(t) - z, middle, -1))
    upper = math.inf if bottom == 0 else math.exp(_outward(lambda t: signed(t) + z, middle, 1))
    return lower, upper


def _outward(gap: Callable[[float], float], middle: float, side: int) -> float:
    step = 0.5
    while gap(middle + side * step) * -side < 0 and step < 600:
        step *= 1.5
    return root(gap, *sorted((middle, middle + side * step)))


def _z(scale: str, arms: tuple[float, ...], effect: float, corrected: bool) -> float:
    """Signed score statistic of the hypothesis that the effect is `effect`; falls as the effect rises."""
    x1, n1, x0, n0 = arms
    factor = (n1 + n0) / (n1 + n0 - 1) if corrected and n1 + n0 > 1 else 1.0
    if scale == "difference":
        q0 = constrained_difference(arms, effect)
        q1 = min(1.0, max(0.0, q0 + effect))
        gap, variance = x1 / n1 - x0 / n0 - effect, q1 * (1 - q1) / n1 + q0 * (1 - q0) / n0
    elif scale == "ratio":
        q0 = _constrained_ratio(arms, effect)
        q1 = min(1.0, effect * q0)
        gap, variance = x1 / n1 - effect * x0 / n0, q1 * (1 - q1) / n1 + effect * effect * q0 * (1 - q0) / n0
    else:
        q0 = _constrained_odds(arms, effect)
        q1 = effect * q0 / (1 + q0 * (effect - 1))
        v1, v0 = n1 * q1 * (1 - q1), n0 * q0 * (1 - q0)
        gap, variance = x1 - n1 * q1, 1 / (1 / v1 + 1 / v0) if v1 > 0 and v0 > 0 else 0.0
    if variance <= 0:
        return 0.0 if gap == 0 else math.copysign(math.inf, gap)
    return gap / math.sqrt(variance * factor)


def constrained_difference(arms: tuple[float, ...], d: float) -> float:
    """Most likely reference risk when the risks are held `d` apart: the middle root of the likelihood equation."""
    x1, n1, x0, n0 = arms
    low, high = max(0.0, -d), min(1.0, 1 - d)
    n, x = n1 + n0, x1 + x0
    c3, c2 = n, (n1 + 2 * n0) * d - n - x
    c1, c0 = (n0 * d - n - 2 * x0) * d + x, x0 * d * (1 - d)
    q = c2**3 / (3 * c3) ** 3 - c1 * c2 / (6 * c3 * c3) + c0 / (2 * c3)
    p = math.copysign(math.sqrt(max(c2 * c2 / (9 * c3 * c3) - c1 / (3 * c3), 0.0)), q)
    if p == 0:
        return min(high, max(low, -c2 / (3 * c3)))
    angle = (math.pi + math.acos(min(1.0, max(-1.0, q / p**3)))) / 3
    risk = 2 * p * math.cos(angle) - c2 / (3 * c3)
    for _ in range(3):
        slope = (3 * c3 * risk + 2 * c2) * risk + c1
        if slope != 0:
            step = (((c3 * risk + c2) * risk + c1) * risk + c0) / slope
            risk = risk - step if abs(step) < 1e-6 else risk
    return min(high, max(low, risk))


def _constrained_ratio(arms: tuple[float, ...], ratio: float) -> float:
    x1, n1, x0, n0 = arms
    a, b, c = (n1 + n0) * ratio, -((n1 + x0) * ratio + n0 + x1), x1 + x0
    return min(1.0, 1 / ratio, 2 * c / (-b + math.sqrt(max(0.0, b * b - 4 * a * c))))


def _constrained_odds(arms: tuple[float, ...], odds: float) -> float:
    x1, n1, x0, n0 = arms
    a, b, c = n0 * (odds - 1), n1 * odds + n0 - (x1 + x0) * (odds - 1), -(x1 + x0)
    return min(1.0, max(0.0, -2 * c / (b + math.sqrt(max(0.0, b * b - 4 * a * c)))))
