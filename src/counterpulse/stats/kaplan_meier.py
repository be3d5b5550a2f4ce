"""Kaplan-Meier: the share still free of the event, with Greenwood's variance, quantiles and reverse-Kaplan-Meier follow-up.

Units: the caller's time; survival is a fraction. Equal to R's survfit(timefix = FALSE). Knows one curve at a time.
Sources: Kaplan and Meier, JASA 1958;53:457; Greenwood 1926; Schemper and Smith, Control Clin Trials 1996;17:343 (follow-up).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from counterpulse.refusal import RefusalError
from counterpulse.stats.bands import SCALES, band
from counterpulse.stats.distributions import check_choice, check_level
from counterpulse.stats.result import Result
from counterpulse.stats.risk_sets import Floats, RiskSets, risk_sets
from counterpulse.stats.times import Survival, coded

NEAR = 2.0**-26  # R's quantile.survfit takes a step this close to the quantile as lying on it
Triple = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class KaplanMeier(Result):
    """The curve at every distinct time; `at_risk` counts just before the time. Nothing is known after `last`."""

    n: int
    total_events: int
    median: float
    median_lower: float
    median_upper: float
    last: float
    time: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    survival: Floats
    std_err: Floats
    lower: Floats
    upper: Floats

    def at(self, when: float) -> Triple:
        """Survival, lower and upper at a time; NaN after the last follow-up unless everyone has had the event."""
        if when > self.last and self.survival[-1] > 0:
            return (math.nan, math.nan, math.nan)
        place = int(np.searchsorted(self.time, when, side="right")) - 1
        return (1.0, 1.0, 1.0) if place < 0 else (float(self.survival[place]), float(self.lower[place]), float(self.upper[place]))

    def risk_at(self, when: float) -> int | float:
        """Number at risk at a time (just before it), as printed under a curve: those with follow-up to that time or longer."""
        place = int(np.searchsorted(self.time, when, side="left"))
        return 0 if place == len(self.time) else float(self.at_risk[place])

    def quantile(self, share: float) -> Triple:
        """Time by which `share` have had the event, with limits (NaN where the curve or its limit never falls so low)."""
        return tuple(_reach(self.time, curve, 1 - share) for curve in (self.survival, self.lower, self.upper))  # pyright: ignore[reportReturnType]


def _reach(time: Floats, curve: Floats, height: float) -> float:
    """Time at which the curve falls to the height; the middle of a step that lies on it.

    As R's quantile.survfit: a limit that rises again (few at risk early) is read by its values, not from the left, and a curve that ends on the
    height is taken as lying there to the last time.
    """
    known = ~np.isnan(curve)
    fallen, first = np.unique(1 - curve[known], return_index=True)
    when, share = time[known][first], 1 - height
    start, stop = (int(np.searchsorted(fallen, share + side * NEAR)) for side in (-1, 1))
    if known.any() and known[-1] and abs(1 - curve[-1] - share) < NEAR:
        return float((when[start] + time[-1]) / 2)
    return float((when[start] + when[stop]) / 2) if stop < len(when) else math.nan


def product_limit(sets: RiskSets) -> tuple[Floats, Floats]:
    """Survival and Greenwood's standard error of it at each time."""
    safe = np.maximum(sets.at_risk, 1e-300)
    survival: Floats = np.cumprod(np.where(sets.at_risk > 0, 1 - sets.events / safe, 1.0), dtype=float)
    left = np.maximum(sets.at_risk - sets.events, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(sets.events > 0, sets.events / (sets.at_risk * left), 0.0)
        return survival, survival * np.sqrt(np.cumsum(terms, dtype=float))


def kaplan_meier(survival: Survival, *, interval: str = "log-log", level: float = 0.95) -> KaplanMeier:
    """Curve of one group; interval log-log (default), log, plain, logit or arcsin. Strata in `survival` are refused: make one curve each.

    Raises RefusalError for an unknown interval, strata, or cause codes above 1.
    """
    check_choice("interval", interval, SCALES)
    check_level(level)
    if survival.strata is not None:
        raise RefusalError("Strata were given to one Kaplan-Meier curve; use kaplan_meier_by to make one curve for each.")
    return _curve(survival, survival.binary(), interval, level)


def _curve(survival: Survival, hit: Any, interval: str, level: float) -> KaplanMeier:
    sets = risk_sets(survival, hit)
    share, error = product_limit(sets)
    lower, upper = band(share, np.nan_to_num(error, nan=0.0, posinf=0.0), interval, level)
    total = int(hit.sum())
    notes = () if total else ("no event: survival is 1 throughout and its interval says nothing",)
    median, low, high = (_reach(sets.time, curve, 0.5) for curve in (share, lower, upper))
    return KaplanMeier(
        method="Kaplan-Meier",
        variant="product limit, Greenwood variance",
        ties="events before censorings at the same time",
        interval=interval,
        level=level,
        denominators={"rows": len(survival), "events": total},
        missing=survival.missing,
        notes=survival.notes() + notes,
        n=len(survival),
        total_events=total,
        median=median,
        median_lower=low,
        median_upper=high,
        last=float(sets.time[-1]),
        time=sets.time,
        at_risk=sets.at_risk,
        events=sets.events,
        censored=sets.censored,
        survival=share,
        std_err=error,
        lower=lower,
        upper=upper,
    )


def kaplan_meier_by(survival: Survival, group: ArrayLike, *, interval: str = "log-log", level: float = 0.95) -> dict[Any, KaplanMeier]:
    """One curve for each label of `group` (sorted); rows without a label are left out of all curves."""
    codes, names = coded(group)
    codes = survival.align("group", codes)
    return {name: kaplan_meier(survival.rows(codes == i), interval=interval, level=level) for i, name in enumerate(names) if (codes == i).any()}


@dataclass(frozen=True, kw_only=True, eq=False)
class FollowUp(Result):
    """Median follow-up with limits, its quartiles, and the plain sum of time."""

    median: float
    lower: float
    upper: float
    q1: float
    q3: float
    person_time: float


def follow_up(survival: Survival, *, interval: str = "log-log", level: float = 0.95) -> FollowUp:
    """Reverse Kaplan-Meier: being censored is the event, the event censors. Raises RefusalError like `kaplan_meier`."""
    check_choice("interval", interval, SCALES)
    hit = ~survival.binary()
    curve = _curve(survival, hit, interval, level)
    start = 0.0 if survival.entry is None else survival.entry
    return FollowUp(
        method="Follow-up (reverse Kaplan-Meier)",
        variant="censoring as the event; events count as censored at their time",
        ties=curve.ties,
        interval=interval,
        level=level,
        denominators={"rows": len(survival), "followed to the end": int(hit.sum())},
        missing=survival.missing,
        notes=() if hit.any() else ("everyone had the event: follow-up has no observed end",),
        median=curve.median,
        lower=curve.median_lower,
        upper=curve.median_upper,
        q1=curve.quantile(0.25)[0],
        q3=curve.quantile(0.75)[0],
        person_time=float((survival.time - start).sum()),
    )
