"""Tails and quantiles, loaded late: scipy costs a noticeable part of a second, and most commands never need it. Knows no test."""

import functools
import importlib
import math
from collections.abc import Callable
from typing import Any

from counterpulse.refusal import RefusalError

SIDES = ("two-sided", "greater", "less")


@functools.cache
def special() -> Any:
    """The scipy.special module."""
    return importlib.import_module("scipy.special")


def normal_quantile(p: float) -> float:
    """Standard normal quantile."""
    return float(special().ndtri(p))


def normal_tail(z: float, sided: str = "two-sided") -> float:
    """P of a standard normal statistic; "greater" is the upper tail. Accurate far into the tail."""
    if math.isnan(z):
        return math.nan
    if sided == "two-sided":
        return min(1.0, float(math.erfc(abs(z) / math.sqrt(2.0))))
    return 0.5 * math.erfc((z if sided == "greater" else -z) / math.sqrt(2.0))


def chi2_tail(statistic: float, df: float) -> float:
    """Upper tail of chi-square."""
    return float(special().gammaincc(df / 2.0, statistic / 2.0))


def t_tail(t: float, df: float, sided: str = "two-sided") -> float:
    """P of Student's t through the incomplete beta function, so that far tails keep their digits."""
    half = 0.5 * float(special().betainc(df / 2.0, 0.5, df / (df + t * t)))
    if sided == "two-sided":
        return 2.0 * half
    return half if (t > 0) == (sided == "greater") else 1.0 - half


def t_quantile(p: float, df: float) -> float:
    """Quantile of Student's t."""
    return float(special().stdtrit(df, p))


def z_of(level: float) -> float:
    """The normal quantile of a two-sided interval. Raises RefusalError unless 0 < level < 1."""
    return normal_quantile(0.5 + check_level(level) / 2.0)


def check_level(level: float) -> float:
    """The level itself. Raises RefusalError unless it is a fraction between 0 and 1."""
    if not (isinstance(level, int | float) and 0.0 < level < 1.0):
        raise RefusalError(f"level is {level}; it must be a fraction between 0 and 1, such as 0.95.")
    return float(level)


def check_choice(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """The value itself. Raises RefusalError unless it is one of `allowed`."""
    if value not in allowed:
        raise RefusalError(f"{name} is {value!r}; it must be one of {', '.join(map(str, allowed))}.")
    return value


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a continuous function changes sign between low and high, to the last bits (Brent)."""
    brentq = importlib.import_module("scipy.optimize").brentq
    return float(brentq(function, low, high, xtol=1e-300, rtol=8.9e-16, maxiter=2000))
