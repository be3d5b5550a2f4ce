"""Events per person-time: a rate, the ratio and the difference of two. Units: events per the caller's unit of person-time.

Equal to R's poisson.test. Sources: Garwood, Biometrika 1936;28:437 (rate); Przyborowski and Wilenski, Biometrika 1940;31:313 (ratio).
"""

import math

import numpy as np

from counterpulse.refusal import RefusalError
from counterpulse.stats.distributions import check_choice, check_level, normal_tail, special, z_of
from counterpulse.stats.effects import Effect

SLACK = 1 + 1e-7


def _checked(events: float, person_time: float, arm: str) -> tuple[float, float]:
    if not (isinstance(events, int | float | np.number) and events >= 0 and float(events).is_integer()):
        raise RefusalError(f"{arm} has {events} events; a count must be a whole number of 0 or more.")
    if not (isinstance(person_time, int | float | np.number) and 0 < person_time < math.inf):
        raise RefusalError(f"{arm} has a person-time of {person_time}; it must be above 0 and finite.")
    return float(events), float(person_time)


def rate(events: float, person_time: float, *, level: float = 0.95) -> Effect:
    """Events per unit of person-time with the exact Poisson interval. Raises RefusalError for impossible counts or times."""
    d, t = _checked(events, person_time, "The group")
    alpha = 1 - check_level(level)
    gamma = special().gammaincinv
    lower = float(gamma(d, alpha / 2)) / t if d else 0.0
    upper = float(gamma(d + 1, 1 - alpha / 2)) / t
    made = {"events": d, "person-time": t}
    return Effect(method="Rate", interval="exact Poisson", level=level, sided="two-sided", denominators=made, estimate=d / t, lower=lower, upper=upper)


def rate_ratio(counts: tuple[float, float, float, float], *, interval: str = "exact", level: float = 0.95) -> Effect:
    """Rate of arm 1 over arm 0 from (d1, t1, d0, t0): "exact" (conditional binomial, P in probability order) or "log" (Wald).

    Raises RefusalError for impossible counts or times, or no event at all.
    """
    check_choice("interval", interval, ("exact", "log"))
    d1, t1, d0, t0 = (*_checked(counts[0], counts[1], "Arm 1"), *_checked(counts[2], counts[3], "Arm 0 (reference)"))
    if d1 + d0 == 0:
        raise RefusalError("Neither arm has an event; a rate ratio cannot be estimated.")
    ratio = (d1 / t1) / (d0 / t0) if d0 else math.inf
    se, p, notes = None, None, ()
    if interval == "exact":
        lower, upper, p = _conditional(d1, d0, t1 / t0, level)
    elif d1 and d0:
        se = math.sqrt(1 / d1 + 1 / d0)
        reach = math.exp(z_of(level) * se)
        lower, upper, p = ratio / reach, ratio * reach, normal_tail(math.log(ratio) / se)
    else:
        lower, upper, notes = 0.0, math.inf, ("an arm without events: the log interval has no finite limits",)
    made = {"events 1": d1, "person-time 1": t1, "events 0": d0, "person-time 0": t0}
    return Effect(
        method="Rate ratio",
        interval=f"{interval}",
        level=level,
        sided="two-sided",
        denominators=made,
        notes=notes,
        estimate=ratio,
        lower=lower,
        upper=upper,
        std_err=se,
        p=p,
    )


def _conditional(d1: float, d0: float, exposure: float, level: float) -> tuple[float, float, float]:
    """Exact limits of the rate ratio and P, given the total: events of arm 1 are binomial."""
    alpha, inverse = 1 - check_level(level), special().betaincinv
    low = float(inverse(d1, d0 + 1, alpha / 2)) if d1 else 0.0
    high = float(inverse(d1 + 1, d0, 1 - alpha / 2)) if d0 else 1.0
    n, share = d1 + d0, exposure / (1 + exposure)
    k = np.arange(n + 1)
    gammaln = special().gammaln
    mass = np.exp(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + k * math.log(share) + (n - k) * math.log1p(-share))
    p = min(1.0, math.fsum(mass[mass <= mass[int(d1)] * SLACK]))
    return low / (1 - low) / exposure, high / (1 - high) / exposure if high < 1 else math.inf, p


def rate_difference(counts: tuple[float, float, float, float], *, level: float = 0.95) -> Effect:
    """Rate of arm 1 less that of arm 0 from (d1, t1, d0, t0), Wald. Raises RefusalError for impossible counts or times."""
    d1, t1, d0, t0 = (*_checked(counts[0], counts[1], "Arm 1"), *_checked(counts[2], counts[3], "Arm 0 (reference)"))
    se, gap = math.sqrt(d1 / t1**2 + d0 / t0**2), d1 / t1 - d0 / t0
    reach = z_of(level) * se
    made = {"events 1": d1, "person-time 1": t1, "events 0": d0, "person-time 0": t0}
    return Effect(
        method="Rate difference",
        interval="Wald",
        level=level,
        sided="two-sided",
        denominators=made,
        estimate=gap,
        lower=gap - reach,
        upper=gap + reach,
        std_err=se,
        p=normal_tail(gap / se) if se else None,
    )
