"""Gray's K-sample test of one cause's cumulative incidence among competing causes. Equal to R's cmprsk::cuminc.

Source: Gray, Ann Stat 1988;16:1141, with the corrections for ties of the cmprsk implementation. Times in the caller's unit.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.distributions import chi2_tail
from counterpulse.stats.result import Result
from counterpulse.stats.times import Survival, groups_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class GrayTest(Result):
    """Chi-square, degrees of freedom, P; per group the rows and the events of the cause."""

    cause: int
    statistic: float
    df: int
    p: float
    groups: tuple[Any, ...]
    n: NDArray[np.int64]
    events: NDArray[np.int64]


class Counts(NamedTuple):
    """Groups x event times: at risk, failed from the cause, failed otherwise."""

    at_risk: Floats
    own: Floats
    other: Floats


def gray(survival: Survival, group: ArrayLike, cause: int = 1, *, rho: float = 0.0) -> GrayTest:
    """Compare cumulative incidence of `cause` between groups; strata come with `survival`; weight (1 - F)^rho.

    Raises RefusalError with delayed entry or weights, without an event of the cause, or with fewer than two groups.
    """
    for name in ("entry", "weights"):
        if getattr(survival, name) is not None:
            raise RefusalError(f"{name} was given to Gray's test; it is not defined there, leave it out.")
    rows, codes, names = groups_of(survival, group)
    if not (rows.event == cause).any():
        raise RefusalError(f"None of the {len(rows)} rows has an event of cause {cause}; Gray's test has nothing to compare.")
    many = len(names)
    score, variance = np.zeros(many), np.zeros((many, many))
    strata = np.zeros(len(rows), int) if rows.strata is None else rows.strata
    for stratum in np.unique(strata):
        inside = strata == stratum
        counts = _counts(rows.time[inside], rows.event[inside], (codes[inside], many, cause))
        if counts.at_risk.shape[1]:
            more, spread = _score(counts, rho)
            score, variance = score + more, variance + spread
    live = np.flatnonzero(np.diag(variance) > 1e-12 * max(1e-300, float(np.diag(variance).max())))
    if len(live) < 2:
        raise RefusalError("Only one group is at risk while the cause occurs; the groups cannot be compared.")
    kept = live[:-1]
    statistic = float(score[kept] @ np.linalg.solve(variance[np.ix_(kept, kept)], score[kept]))
    return GrayTest(
        method=f"Gray's test, cause {cause}",
        variant=f"rho {rho:g}" + ("" if rows.strata is None else ", stratified"),
        ties="as cmprsk::cuminc",
        sided="two-sided",
        denominators={"rows": len(rows), "events": int((rows.event == cause).sum())},
        missing=rows.missing,
        notes=rows.notes(),
        cause=cause,
        statistic=statistic,
        df=len(kept),
        p=chi2_tail(statistic, len(kept)),
        groups=tuple(names),
        n=np.bincount(codes, minlength=many),
        events=np.bincount(codes[rows.event == cause], minlength=many),
    )


def _counts(time: Floats, event: Floats, made: tuple[NDArray[np.int64], int, int]) -> Counts:
    codes, many, cause = made
    when = np.unique(time[event > 0])
    at_risk, own, other = (np.zeros((many, len(when))) for _ in range(3))
    for g in range(many):
        mine = codes == g
        at_risk[g] = mine.sum() - np.searchsorted(np.sort(time[mine]), when, side="left")
        own[g] = np.bincount(np.searchsorted(when, time[mine & (event == cause)]), minlength=len(when))
        other[g] = np.bincount(np.searchsorted(when, time[mine & (event > 0) & (event != cause)]), minlength=len(when))
    return Counts(at_risk, own, other)


def _before(running: Floats, start: float) -> Floats:
    return np.concatenate([np.full((len(running), 1), start), running[:, :-1]], axis=1)


def _score(counts: Counts, rho: float) -> tuple[Floats, Floats]:
    """Score of each group and its covariance, for one stratum."""
    n, own, other = counts
    there = n > 0
    safe = np.where(there, n, 1.0)
    after: Floats = np.cumprod(np.where(there, 1 - (own + other) / safe, 1.0), axis=1, dtype=float)
    before = _before(after, 1.0)
    incidence: Floats = np.cumsum(np.where(there, before * own / safe, 0.0), axis=1, dtype=float)
    height = np.where(there, n / np.where(before > 0, before, 1.0), 0.0)
    total, deaths = height.sum(axis=0), own.sum(axis=0)
    pooled = np.cumsum(deaths / total)
    pooled_before = np.append(0.0, pooled[:-1])
    weight = (1 - pooled_before) ** rho
    rest = height * (1 - _before(incidence, 0.0))
    score = (weight * (own - deaths * rest / rest.sum(axis=0))).sum(axis=1)
    share = weight * (np.einsum("ij,ik->ijk", height, np.eye(len(n))).transpose(0, 2, 1) - height[:, None] * height[None] / total)
    pull = np.cumsum(share * deaths / (total * (1 - pooled_before)), axis=2)
    left = pull[:, :, -1:] - pull
    ratio = np.divide(1 - pooled, after, out=np.zeros_like(after), where=after > 0)
    hit, miss = share + (1 - ratio) * left, ratio * left
    return score, np.einsum("ikt,jkt,kt->ij", hit, hit, _own_spread(counts, before, total)) + np.einsum(
        "ikt,jkt,kt->ij", miss, miss, _other_spread(counts, before, after)
    )


def _own_spread(counts: Counts, before: Floats, total: Floats) -> Floats:
    n, deaths = counts.at_risk, counts.own.sum(axis=0)
    expected = total * before
    tied = np.where(deaths > 1, 1 - np.divide(deaths - 1, expected - 1, out=np.zeros_like(expected), where=expected != 1), 1.0)
    return np.divide(tied * before * deaths, total * n, out=np.zeros_like(n), where=n > 0)


def _other_spread(counts: Counts, before: Floats, after: Floats) -> Floats:
    n, other = counts.at_risk, counts.other
    tied = np.where(other > 1, 1 - (other - 1) / np.maximum(n - 1, 1), 1.0)
    return np.divide(tied * before * before * other, n * n, out=np.zeros_like(n), where=(n > 0) & (after > 0))
