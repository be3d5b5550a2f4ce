"""Fine and Gray's model of the subdistribution hazard: death against transplant or LVAD. Equal to R's cmprsk::crr run to convergence.

Someone with a competing event stays at risk with the weight G(t-) / G(s-), G the Kaplan-Meier curve of censoring; ties after Breslow.
Source: Fine and Gray, JASA 1999;94:496. Times in the caller's unit. survival::finegray treats ties of events and censorings otherwise
and differs in the third digit.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.cox import CoxFit, design, ratios
from counterpulse.stats.distributions import chi2_tail
from counterpulse.stats.times import Survival

Floats = NDArray[np.float64]
ROUNDS, STEP = 60, 1e-10


class Field(NamedTuple):
    """Rows sorted by time; the censoring curve at each event time and each row's own; where each event time's risk set begins."""

    time: Floats
    own: NDArray[np.bool_]
    other: NDArray[np.bool_]
    censored: NDArray[np.bool_]
    z: Floats
    when: Floats
    deaths: Floats
    start: NDArray[np.int64]
    free: Floats
    free_own: Floats


@dataclass(eq=False)
class Pass:
    """One evaluation: log likelihood, score, information, and per event time the sum of weights and the mean covariate."""

    loglik: float
    score: Floats
    info: Floats
    bottom: Floats
    mean: Floats
    r: Floats


def _field(survival: Survival, x: Floats, cause: int) -> Field:
    order = np.argsort(survival.time, kind="stable")
    time, event = survival.time[order], survival.event[order]
    own, censored = event == cause, event == 0
    when, deaths = np.unique(time[own], return_counts=True)
    at, curve = _left_curve(time, censored)
    free = curve[np.searchsorted(at, when, side="left")]
    free_own = curve[np.searchsorted(at, time, side="left")]
    start = np.searchsorted(time, when, side="left")
    return Field(time, own, ~own & ~censored, censored, x[order], when, deaths.astype(float), start, free, free_own)


def _left_curve(time: Floats, censored: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Times of censoring and the curve G just before: curve[k] holds after k of them."""
    at, leaves = np.unique(time[censored], return_counts=True)
    at_risk = len(time) - np.searchsorted(time, at, side="left")
    return at, np.append(1.0, np.cumprod(1 - leaves / at_risk))


def _sums(field: Field, values: Floats) -> Floats:
    """Weighted sum of `values` (rows x columns, already times exp(eta)) over everyone at risk of the cause at each event time."""
    tail = np.append(np.cumsum(values[::-1], axis=0)[::-1], np.zeros((1, values.shape[1])), axis=0)
    part = np.where(field.other[:, None], values / field.free_own[:, None], 0.0)
    passed = np.append(np.zeros((1, values.shape[1])), np.cumsum(part, axis=0), axis=0)
    return tail[field.start] + field.free[:, None] * passed[field.start]


def _evaluate(field: Field, beta: Floats) -> Pass:
    n, p = field.z.shape
    eta = field.z @ beta
    eta = eta - eta.max()
    r = np.exp(eta)
    products = np.einsum("ij,ik->ijk", field.z, field.z).reshape(n, p * p)
    sums = _sums(field, r[:, None] * np.column_stack([np.ones(n), field.z, products]))
    bottom = sums[:, 0]
    mean = sums[:, 1 : 1 + p] / bottom[:, None]
    square = (sums[:, 1 + p :] / bottom[:, None]).reshape(-1, p, p) - np.einsum("ij,ik->ijk", mean, mean)
    loglik = float(eta[field.own].sum() - field.deaths @ np.log(bottom))
    score = field.z[field.own].sum(axis=0) - field.deaths @ mean
    info: Floats = np.einsum("k,kij->ij", field.deaths, square)
    return Pass(loglik, score, info, bottom, mean, r)


def _climb(field: Field, names: tuple[str, ...]) -> tuple[Floats, Pass, Pass, NDArray[np.bool_], int]:
    beta = np.zeros(field.z.shape[1])
    null = here = _evaluate(field, beta)
    if np.linalg.cond(null.info) > 1e12 or np.diag(null.info).min() <= 0:
        raise RefusalError(f"One of the covariates {', '.join(names)} is constant or a combination of the others among those at risk; leave it out.")
    infinite = np.zeros(len(beta), bool)
    step = np.linalg.solve(here.info, here.score)
    rounds = 0
    for rounds in range(1, ROUNDS):  # noqa: B007 - how many it took is told
        trial = _evaluate(field, beta + step)
        if trial.loglik < here.loglik - 1e-9 * abs(here.loglik):
            step = step / 2
            continue
        settled = trial.loglik - here.loglik <= 1e-13 * abs(here.loglik)
        beta, here = beta + step, trial
        if np.abs(step).max() < STEP:
            break
        if (settled and np.abs(step).max() > 1e-3) or np.linalg.cond(here.info) > 1e14:
            infinite = np.abs(step) > 1e-3
            break
        step = np.linalg.solve(here.info, here.score)
    else:
        infinite = np.abs(step) > STEP
    spread, before = (np.diag(np.linalg.pinv(part.info)) for part in (here, null))
    infinite |= (spread > 1e6 * before) | (here.loglik > -1e-12 * abs(null.loglik))
    return beta, null, here, infinite, rounds


def fine_gray(survival: Survival, covariates: ArrayLike, cause: int = 1, *, names: Any = None, level: float = 0.95) -> CoxFit:
    """Subdistribution hazard ratios of `cause`; `event` holds 0 (censored) and whole cause numbers; variance as Fine and Gray (crr).

    Raises RefusalError without an event of the cause, with delayed entry, strata, weights or clusters, or constant covariates.
    """
    for name in ("entry", "strata", "weights", "cluster"):
        if getattr(survival, name) is not None:
            raise RefusalError(f"{name} was given to the Fine-Gray model; it is not defined there, leave it out.")
    survival, x, labels = design(survival, covariates, names)
    if not (survival.event == cause).any():
        raise RefusalError(f"None of the {len(survival)} rows has an event of cause {cause}; its hazard ratio cannot be estimated.")
    middle, scale = x.mean(axis=0), np.abs(x - x.mean(axis=0)).mean(axis=0)
    if (scale <= 1e-14 * np.abs(middle)).any():
        raise RefusalError(f"The covariate {labels[int(np.argmin(scale))]} is the same in all {len(x)} rows; its hazard ratio cannot be estimated.")
    field = _field(survival, (x - middle) / scale, cause)
    beta, null, fitted, infinite, rounds = _climb(field, labels)
    covariance = _sandwich(field, fitted) if not infinite.any() else np.full((len(labels),) * 2, math.nan)
    made = (labels, scale, rounds, level, cause)
    return _report(survival, (beta, covariance, infinite), (null, fitted), made)


def _sandwich(field: Field, fitted: Pass) -> Floats:
    """Inverse information around the spread of each row's share of the score, the estimated censoring curve included."""
    q = _censoring_pull(field, fitted)
    shares = _score_shares(field, fitted) + q
    bread = np.linalg.inv(fitted.info)
    return bread @ (shares.T @ shares) @ bread


def _score_shares(field: Field, fitted: Pass) -> Floats:
    """Each row's own part of the score: (z - mean) at its event less its hazard lived through, competing rows with falling weight."""
    hazard = field.deaths / fitted.bottom
    steps = np.column_stack([hazard, hazard[:, None] * fitted.mean])
    passed = np.append(np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0), axis=0)
    upto = np.searchsorted(field.when, field.time, side="right")
    through = passed[upto]
    later = np.append(np.cumsum((field.free[:, None] * steps)[::-1], axis=0)[::-1], np.zeros((1, steps.shape[1])), axis=0)
    through[field.other] += later[upto[field.other]] / field.free_own[field.other, None]
    share = -fitted.r[:, None] * (field.z * through[:, :1] - through[:, 1:])
    place = np.searchsorted(field.when, field.time[field.own])
    share[field.own] += field.z[field.own] - fitted.mean[place]
    return share


def _censoring_pull(field: Field, fitted: Pass) -> Floats:
    """Each row's part of the score through the censoring curve that it helped to estimate."""
    at, leaves = np.unique(field.time[field.censored], return_counts=True)
    if not len(at):
        return np.zeros_like(field.z)
    at_risk = len(field.time) - np.searchsorted(field.time, at, side="left")
    jump = _pull_at(field, fitted, at) / at_risk[:, None]
    drift = np.append(np.zeros((1, jump.shape[1])), np.cumsum(jump * (leaves / at_risk)[:, None], axis=0), axis=0)
    pull = -drift[np.searchsorted(at, field.time, side="right")]
    pull[field.censored] += jump[np.searchsorted(at, field.time[field.censored])]
    return pull


def _pull_at(field: Field, fitted: Pass, at: Floats) -> Floats:
    """Sum over competing rows before each censoring time of their (z - mean) hazard at the event times from there on."""
    weight = field.free * field.deaths / fitted.bottom
    strength = np.where(field.other, fitted.r / field.free_own, 0.0)[:, None] * np.column_stack([np.ones(len(field.z)), field.z])
    earlier = np.append(np.zeros((1, strength.shape[1])), np.cumsum(strength, axis=0), axis=0)
    steps = np.column_stack([weight, weight[:, None] * fitted.mean])
    later = np.append(np.cumsum(steps[::-1], axis=0)[::-1], np.zeros((1, steps.shape[1])), axis=0)
    before = earlier[np.searchsorted(field.time, at, side="left")]
    after = later[np.searchsorted(field.when, at, side="left")]
    return before[:, 1:] * after[:, :1] - before[:, :1] * after[:, 1:]


def _report(survival: Survival, found: tuple[Floats, Floats, Any], passes: tuple[Pass, Pass], made: tuple[Any, ...]) -> CoxFit:
    (beta, covariance, infinite), (null, fitted), (names, scale, rounds, level, cause) = found, passes, made
    beta = np.where(infinite, math.nan, beta / scale)
    covariance = covariance / np.outer(scale, scale)
    se = np.sqrt(np.diag(covariance))
    df = len(names)
    ratio = max(0.0, 2 * (fitted.loglik - null.loglik))
    score = float(null.score @ np.linalg.solve(null.info, null.score))
    wald = float(beta @ np.linalg.solve(covariance, beta)) if not infinite.any() else math.nan
    gone = tuple(name for name, lost in zip(names, infinite, strict=True) if lost)
    events = int((survival.event == cause).sum())
    told = tuple(f"the likelihood rises without end as {name} grows: no finite hazard ratio; read the likelihood-ratio test" for name in gone)
    return CoxFit(
        method=f"Fine-Gray subdistribution hazards, cause {cause}",
        variant="Fine-Gray variance with the estimated censoring weights (cmprsk::crr)",
        ties="breslow",
        interval="Wald on the log hazard",
        level=level,
        sided="two-sided",
        denominators={"rows": len(survival), "events": events, "competing": int((survival.event > 0).sum()) - events},
        missing=survival.missing,
        notes=survival.notes() + told,
        names=names,
        n=len(survival),
        events=events,
        coefficients=beta,
        std_err=se,
        naive_std_err=np.sqrt(np.diag(np.linalg.inv(fitted.info))) / scale if not infinite.any() else None,
        **ratios(beta, se, level),
        covariance=covariance,
        loglik=(null.loglik, fitted.loglik),
        likelihood_ratio=(ratio, df, chi2_tail(ratio, df)),
        score=(score, df, chi2_tail(score, df)),
        wald=(wald, df, chi2_tail(wald, df)),
        iterations=rounds,
        converged=not bool(infinite.any()),
        infinite=gone,
        residuals=np.empty(0),
        frame=None,
    )
