"""Log-rank and weighted log-rank tests of two or more groups, stratified, with delayed entry. Equal to R's survdiff and coxph(exact) score test.

Weights at each event time: 1 (Mantel 1966), number at risk (Gehan 1965), its root (Tarone and Ware 1977), Peto-Peto's survival estimate (R's
survdiff rho = 1), or Fleming-Harrington S(t-)^rho (1 - S(t-))^gamma with the pooled Kaplan-Meier of each stratum.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.distributions import check_choice, chi2_tail
from counterpulse.stats.result import Result
from counterpulse.stats.risk_sets import Floats
from counterpulse.stats.times import Survival, groups_of

WEIGHTS = ("log-rank", "gehan", "tarone-ware", "peto-peto", "fleming-harrington")


@dataclass(frozen=True, kw_only=True, eq=False)
class LogRank(Result):
    """Chi-square, degrees of freedom, P; per group the (weighted) observed and expected events, and the number of rows."""

    statistic: float
    df: int
    p: float
    groups: tuple[Any, ...]
    n: NDArray[np.int64]
    observed: Floats
    expected: Floats
    covariance: Floats


def log_rank(survival: Survival, group: ArrayLike, *, weight: str = "log-rank", rho: float = 0.0, gamma: float = 0.0) -> LogRank:
    """Test equal hazards of the groups; strata and entry come with `survival`. rho is R's survdiff rho under "fleming-harrington" with gamma 0.

    Raises RefusalError without events, with fewer than two groups, or when no event time has two groups at risk.
    """
    check_choice("weight", weight, WEIGHTS)
    rows, codes, names = groups_of(survival, group)
    dead = rows.binary()
    if not dead.any():
        raise RefusalError(f"None of the {len(rows)} rows has an event (all censored); a log-rank test has nothing to compare.")
    if rows.weights is not None:
        raise RefusalError("Case weights were given to a log-rank test; it is defined for whole people only.")
    many = len(names)
    total = [np.zeros(many), np.zeros(many), np.zeros((many, many))]
    strata = np.zeros(len(rows), int) if rows.strata is None else rows.strata
    for stratum in np.unique(strata):
        inside = strata == stratum
        part = _stratum(rows.rows(inside), codes[inside], many, (weight, rho, gamma))
        total = [sum_ + more for sum_, more in zip(total, part, strict=True)]
    observed, expected, covariance = total
    statistic, df = _chi2(observed - expected, covariance)
    label = f"Fleming-Harrington rho {rho:g} gamma {gamma:g}" if weight == "fleming-harrington" else weight
    return LogRank(
        method="Log-rank test",
        variant=f"{label} weights" + ("" if rows.strata is None else ", stratified"),
        ties="hypergeometric variance",
        sided="two-sided",
        denominators={"rows": len(rows), "events": int(dead.sum())},
        missing=rows.missing,
        notes=rows.notes(),
        statistic=statistic,
        df=df,
        p=chi2_tail(statistic, df),
        groups=tuple(names),
        n=np.bincount(codes, minlength=many),
        observed=observed,
        expected=expected,
        covariance=covariance,
    )


def _stratum(rows: Survival, codes: NDArray[np.int64], many: int, made: tuple[str, float, float]) -> tuple[Floats, Floats, Floats]:
    time, at_risk, events = _by_group(rows, codes, many)
    if not len(time):
        return np.zeros(many), np.zeros(many), np.zeros((many, many))
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    w = _weights(n, d, *made)
    share = at_risk / n
    spread = w * w * d * np.where(n > 1, (n - d) / np.maximum(n - 1, 1), 0.0)
    covariance = np.diag(share @ spread) - (share * spread) @ share.T
    return events @ w, share @ (w * d), covariance


def _by_group(rows: Survival, codes: NDArray[np.int64], many: int) -> tuple[Floats, Floats, Floats]:
    """Event times, rising, and per group those at risk just before and the events; the times are sorted once."""
    order = np.argsort(rows.time)
    time, codes, dead = rows.time[order], codes[order], rows.binary()[order]
    first = np.append(True, time[1:] != time[:-1])
    place = np.cumsum(first) - 1
    size, when = int(place[-1]) + 1, time[first]
    at = codes * size + place
    gone = np.bincount(at, minlength=many * size).reshape(many, size)
    events = np.bincount(at[dead], minlength=many * size).reshape(many, size)
    at_risk = np.cumsum(gone[:, ::-1], axis=1)[:, ::-1]
    if rows.entry is not None:
        entry = rows.entry[order]
        later = [np.sort(entry[codes == g]) for g in range(many)]
        at_risk = at_risk - np.array([len(e) - np.searchsorted(e, when, side="left") for e in later])
    hit = events.sum(axis=0) > 0
    return when[hit], at_risk[:, hit].astype(float), events[:, hit].astype(float)


def _weights(n: Floats, d: Floats, weight: str, rho: float, gamma: float) -> Floats:
    if weight == "gehan":
        return n
    if weight == "tarone-ware":
        return np.sqrt(n)
    before = np.append(1.0, np.cumprod(1 - d / n)[:-1])
    if weight == "peto-peto":
        return before
    return before**rho * (1 - before) ** gamma if weight == "fleming-harrington" else np.ones(len(n))


def _chi2(gap: Floats, covariance: Floats) -> tuple[float, int]:
    """Quadratic form over groups that could have an event; the last one is the sum of the others."""
    live = np.flatnonzero(np.diag(covariance) > 1e-12 * max(1e-300, float(np.diag(covariance).max())))
    if len(live) < 2:
        raise RefusalError("At every event time only one group is at risk; the groups cannot be compared.")
    kept = live[1:]
    return float(gap[kept] @ np.linalg.solve(covariance[np.ix_(kept, kept)], gap[kept])), len(kept)
