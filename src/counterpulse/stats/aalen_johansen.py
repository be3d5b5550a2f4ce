"""Aalen-Johansen: cumulative incidence of one cause while other causes compete. Units: the caller's time; incidence is a fraction.

Two variances, by name: "aalen" equals R's cmprsk::cuminc, "infinitesimal-jackknife" equals R's survival::survfit. Ties are never jittered.
Sources: Aalen and Johansen, Scand J Stat 1978;5:141; Aalen, Ann Stat 1978;6:534.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.bands import band
from counterpulse.stats.distributions import check_choice, check_level
from counterpulse.stats.result import Result
from counterpulse.stats.times import Survival

Floats = NDArray[np.float64]
VARIANCES = ("aalen", "infinitesimal-jackknife")
SCALES = ("log-log", "log", "plain")


@dataclass(frozen=True, kw_only=True, eq=False)
class Incidence(Result):
    """Incidence of the cause at every distinct event time of any cause; `events` counts those of the cause."""

    cause: int
    n: int
    total_events: int
    last: float
    time: Floats
    at_risk: Floats
    events: Floats
    incidence: Floats
    std_err: Floats
    lower: Floats
    upper: Floats

    def at(self, when: float) -> tuple[float, float, float]:
        """Incidence, lower and upper at a time; NaN after the last follow-up."""
        if when > self.last:
            return (math.nan, math.nan, math.nan)
        place = int(np.searchsorted(self.time, when, side="right")) - 1
        return (0.0, 0.0, 0.0) if place < 0 else (float(self.incidence[place]), float(self.lower[place]), float(self.upper[place]))


def aalen_johansen(
    survival: Survival, cause: int = 1, *, variance: str = "aalen", interval: str = "log-log", level: float = 0.95
) -> Incidence:
    """Cumulative incidence of `cause`; the interval is on -log(-log F), log F or F itself, as R's survfit for one state.

    Raises RefusalError for delayed entry, strata or weights, an unknown name, or a cause that no row has.
    """
    check_choice("variance", variance, VARIANCES)
    check_choice("interval", interval, SCALES)
    check_level(level)
    for name in ("entry", "strata", "weights"):
        if getattr(survival, name) is not None:
            raise RefusalError(f"{name} was given to the Aalen-Johansen estimator; it is not supported there, make one curve each.")
    own = survival.event == cause
    when = np.unique(survival.time[survival.event > 0])
    at_risk = len(survival) - np.searchsorted(np.sort(survival.time), when, side="left").astype(float)
    mine = np.bincount(np.searchsorted(when, survival.time[own]), minlength=len(when)).astype(float)
    others = np.bincount(np.searchsorted(when, survival.time[(survival.event > 0) & ~own]), minlength=len(when)).astype(float)
    after: Floats = np.cumprod(1 - (mine + others) / at_risk, dtype=float)
    before = np.append(1.0, after[:-1])[: len(when)]
    incidence: Floats = np.cumsum(before * mine / at_risk, dtype=float)
    counts = (at_risk, mine, others)
    error = _aalen(counts, before, after, incidence) if variance == "aalen" else _jackknife(survival, cause, when, counts)
    with np.errstate(all="ignore"):
        lower, upper = band(incidence, error, interval, level)
    return Incidence(
        method=f"Aalen-Johansen cumulative incidence, cause {cause}",
        variant=f"{variance} variance",
        ties="causes at the same time share the risk set; events before censorings",
        interval=interval,
        level=level,
        denominators={"rows": len(survival), "events": int(own.sum()), "competing": int(others.sum())},
        missing=survival.missing,
        notes=survival.notes() + (() if own.any() else (f"no event of cause {cause}: incidence is 0 and its interval says nothing",)),
        cause=cause,
        n=len(survival),
        total_events=int(own.sum()),
        last=float(survival.time.max()),
        time=when,
        at_risk=at_risk,
        events=mine,
        incidence=incidence,
        std_err=error,
        lower=np.where(incidence > 0, lower, 0.0),
        upper=np.where(incidence > 0, upper, np.nan),
    )


def _aalen(counts: tuple[Floats, Floats, Floats], before: Floats, after: Floats, incidence: Floats) -> Floats:
    """Standard error after Aalen; between events of the cause it stays what it was, as in cmprsk."""
    n, mine, others = counts
    inverse = np.divide(1.0, after, out=np.zeros_like(after), where=after > 0)
    sums = np.zeros((3, len(n)))
    for d, extra, needed in ((mine, 1.0, mine > 0), (others, 0.0, (others > 0) & (after > 0))):
        tied = np.where(d > 1, 1 - (d - 1) / np.maximum(n - 1, 1), 1.0)
        spread = np.where(needed, tied * before * before * d / (n * n), 0.0)
        pull = extra + inverse * incidence
        sums += np.array([pull * pull * spread, inverse * pull * spread, inverse * inverse * spread])
    first, cross, last = np.cumsum(sums, axis=1)
    variance = first + incidence * incidence * last - 2 * incidence * cross
    held = np.maximum.accumulate(np.where(mine > 0, np.arange(len(n)), -1))
    return np.where(held >= 0, np.sqrt(np.maximum(variance[np.maximum(held, 0)], 0.0)), 0.0)


def _jackknife(survival: Survival, cause: int, when: Floats, counts: tuple[Floats, Floats, Floats]) -> Floats:
    """Root of the summed squared influence of every row; rows with the same time and fate are taken together."""
    n, mine, others = counts
    fate = np.where(survival.event == cause, 1, np.where(survival.event > 0, 2, 0))
    kinds, many = np.unique(np.column_stack([survival.time, fate]), axis=0, return_counts=True)
    time, fate = kinds[:, 0], kinds[:, 1]
    alive, reached = np.zeros(len(kinds)), np.zeros(len(kinds))
    free, error = 1.0, np.zeros(len(when))
    for k, now in enumerate(when):
        there, here = time >= now, time == now
        hazard, every = mine[k] / n[k], (mine[k] + others[k]) / n[k]
        reached = reached + alive * hazard + free * ((here & (fate == 1)) - there * hazard) / n[k]
        alive = alive * (1 - every) - free * ((here & (fate > 0)) - there * every) / n[k]
        free *= 1 - every
        error[k] = math.sqrt(float(many @ (reached * reached)))
    return error
