"""How large: one proportion, risk difference, risk ratio and odds ratio of two arms, each interval by its name. Units: counts of people; risks are fractions.

Sources: Newcombe, Stat Med 1998;17:857 and 873; Agresti and Caffo, Am Stat 2000;54:280; Miettinen and Nurminen, Stat Med 1985;4:213;
Koopman, Biometrics 1984;40:513; Katz, Biometrics 1978;34:469; Woolf, Ann Hum Genet 1955;19:251.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from counterpulse.stats.conditional import conditional_odds, fisher_p
from counterpulse.stats.counts import check_arm, two_arms
from counterpulse.stats.distributions import check_choice, check_level, normal_tail, special, z_of
from counterpulse.stats.result import Result
from counterpulse.stats.score import score_limits

PROPORTION = ("wilson", "clopper-pearson", "wald", "jeffreys", "agresti-coull")
DIFFERENCE = ("newcombe", "wald", "wald-yates", "agresti-caffo", "miettinen-nurminen", "mee")
RATIO = ("katz", "miettinen-nurminen", "koopman")
ODDS = ("woolf", "miettinen-nurminen", "exact")


@dataclass(frozen=True, kw_only=True, eq=False)
class Effect(Result):
    """An effect with its interval; `std_err` and `p` (Wald) belong to the scale the interval was made on, None where there is none."""

    estimate: float
    lower: float
    upper: float
    std_err: float | None = None
    p: float | None = None


def _pack(method: str, arms: tuple[float, ...], limits: tuple[float, float], made: dict[str, Any]) -> Effect:
    _, n1, _, n0 = arms
    return Effect(method=method, sided="two-sided", denominators={"arm 1": n1, "arm 0": n0}, lower=limits[0], upper=limits[1], **made)


def proportion(x: float, n: float, *, interval: str = "wilson", level: float = 0.95) -> Effect:
    """Share x / n with an interval by name: wilson (R prop.test correct=FALSE), clopper-pearson (binom.test), wald, jeffreys, agresti-coull.

    Raises RefusalError for impossible counts or an unknown name.
    """
    x, n = check_arm(x, n, "The group")
    check_choice("interval", interval, PROPORTION)
    limits = _share_limits(x, n, interval, level)
    return Effect(
        method="Proportion", interval=interval, level=level, sided="two-sided", denominators={"n": n}, estimate=x / n, lower=limits[0], upper=limits[1]
    )


def _share_limits(x: float, n: float, interval: str, level: float) -> tuple[float, float]:
    alpha = 1 - check_level(level)
    beta = special().betaincinv
    if interval == "wilson":
        return wilson(x, n, level)
    if interval == "clopper-pearson":
        lower = 0.0 if x == 0 else float(beta(x, n - x + 1, alpha / 2))
        return lower, 1.0 if x == n else float(beta(x + 1, n - x, 1 - alpha / 2))
    if interval == "jeffreys":
        lower = 0.0 if x == 0 else float(beta(x + 0.5, n - x + 0.5, alpha / 2))
        return lower, 1.0 if x == n else float(beta(x + 0.5, n - x + 0.5, 1 - alpha / 2))
    z = z_of(level)
    more = z * z if interval == "agresti-coull" else 0.0
    share = (x + more / 2) / (n + more)
    half = z * math.sqrt(share * (1 - share) / (n + more))
    return max(0.0, share - half), min(1.0, share + half)


def wilson(x: float, n: float, level: float) -> tuple[float, float]:
    """Wilson's score limits of one share."""
    z = z_of(level)
    middle, half = x + z * z / 2, z * math.sqrt(x * (n - x) / n + z * z / 4)
    return max(0.0, (middle - half) / (n + z * z)), min(1.0, (middle + half) / (n + z * z))


def risk_difference(counts: tuple[float, float, float, float], *, interval: str = "newcombe", level: float = 0.95) -> Effect:
    """x1/n1 - x0/n0 of counts (x1, n1, x0, n0) with an interval by name.

    newcombe (hybrid of Wilson limits, default), wald (R prop.test correct=FALSE), wald-yates (prop.test), agresti-caffo,
    miettinen-nurminen (score with N/(N-1)), mee (score without). Raises RefusalError for impossible counts or an unknown name.
    """
    arms = two_arms(*counts)
    check_choice("interval", interval, DIFFERENCE)
    x1, n1, x0, n0 = arms
    p1, p0 = x1 / n1, x0 / n0
    se = math.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    made: dict[str, Any] = {"interval": interval, "level": level, "estimate": p1 - p0}
    if interval.startswith("wald"):
        made |= {"std_err": se, "p": normal_tail((p1 - p0) / se) if se > 0 else None}
    return _pack("Risk difference", arms, _difference_limits(arms, interval, level, se), made)


def _difference_limits(arms: tuple[float, ...], interval: str, level: float, se: float) -> tuple[float, float]:
    x1, n1, x0, n0 = arms
    gap, z = x1 / n1 - x0 / n0, z_of(level)
    if interval == "newcombe":
        (l1, u1), (l0, u0) = wilson(x1, n1, level), wilson(x0, n0, level)
        p1, p0 = x1 / n1, x0 / n0
        return gap - math.hypot(p1 - l1, u0 - p0), gap + math.hypot(u1 - p1, p0 - l0)
    if interval in ("wald", "wald-yates"):
        half = z * se
        if interval == "wald-yates":
            half += min(0.5, abs(gap) / (1 / n1 + 1 / n0)) * (1 / n1 + 1 / n0)
        return max(-1.0, gap - half), min(1.0, gap + half)
    if interval == "agresti-caffo":
        a, b = (x1 + 1) / (n1 + 2), (x0 + 1) / (n0 + 2)
        half = z * math.sqrt(a * (1 - a) / (n1 + 2) + b * (1 - b) / (n0 + 2))
        return max(-1.0, a - b - half), min(1.0, a - b + half)
    return score_limits("difference", arms, z, corrected=interval == "miettinen-nurminen")


def risk_ratio(counts: tuple[float, float, float, float], *, interval: str = "katz", level: float = 0.95) -> Effect:
    """(x1/n1) / (x0/n0) of counts (x1, n1, x0, n0) with an interval by name: katz (log), miettinen-nurminen, koopman (score).

    With no event in one arm the ratio is 0 or infinite; katz then has no finite limits and says so in its notes; nothing is added to the cells.
    Raises RefusalError for impossible counts or an unknown name.
    """
    arms = two_arms(*counts)
    check_choice("interval", interval, RATIO)
    x1, n1, x0, n0 = arms
    estimate = (x1 / n1) / (x0 / n0) if x0 else (math.inf if x1 else math.nan)
    made: dict[str, Any] = {"interval": interval, "level": level, "estimate": estimate}
    if interval != "katz":
        return _pack("Risk ratio", arms, score_limits("ratio", arms, z_of(level), corrected=interval != "koopman"), made)
    variance = 1 / x1 - 1 / n1 + 1 / x0 - 1 / n0 if x1 and x0 else math.nan
    return _pack("Risk ratio", arms, *_log_limits(estimate, variance, level, made))


def odds_ratio(counts: tuple[float, float, float, float], *, interval: str = "woolf", level: float = 0.95) -> Effect:
    """Odds ratio of counts (x1, n1, x0, n0) with an interval by name: woolf (log), miettinen-nurminen (score), exact (conditional, as fisher.test).

    "exact" gives the conditional maximum-likelihood estimate, the others the sample odds ratio. Raises RefusalError for impossible counts.
    """
    arms = two_arms(*counts)
    check_choice("interval", interval, ODDS)
    x1, n1, x0, n0 = arms
    top, bottom = x1 * (n0 - x0), x0 * (n1 - x1)
    estimate = top / bottom if bottom else (math.inf if top else math.nan)
    made: dict[str, Any] = {"interval": interval, "level": level, "estimate": estimate}
    if interval == "exact":
        table = np.array([[x1, n1 - x1], [x0, n0 - x0]])
        ratio, *limits = conditional_odds(table, "two-sided", level)
        made |= {"estimate": ratio, "p": fisher_p(table, "two-sided"), "variant": "conditional maximum likelihood"}
        return _pack("Odds ratio", arms, (limits[0], limits[1]), made)
    if interval == "miettinen-nurminen":
        return _pack("Odds ratio", arms, score_limits("odds", arms, z_of(level), corrected=True), made)
    variance = 1 / x1 + 1 / (n1 - x1) + 1 / x0 + 1 / (n0 - x0) if top and bottom else math.nan
    return _pack("Odds ratio", arms, *_log_limits(estimate, variance, level, made))


def _log_limits(estimate: float, variance: float, level: float, made: dict[str, Any]) -> tuple[tuple[float, float], dict[str, Any]]:
    if math.isnan(variance):
        note = "an empty cell: the log interval has no finite limits; nothing was added to the cells"
        return (0.0, math.inf), made | {"notes": (note,)}
    se, z = math.sqrt(variance), z_of(level)
    center = math.log(estimate)
    p = normal_tail(center / se) if se > 0 else None
    return (math.exp(center - z * se), math.exp(center + z * se)), made | {"std_err": se, "p": p}
