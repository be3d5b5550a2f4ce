"""Fine and Gray's model of the subdistribution hazard: death against transplant or LVAD. Equal to R's cmprsk::crr run to convergence.

Someone with a competing event stays at risk with the weight G(t-) / G(s-), G the Kaplan-Meier curve of censoring (per censoring group);
ties after Breslow. Source: Fine and Gray, JASA 1999;94:496. Times in the caller's unit. survival::finegray treats ties of events and
censorings otherwise and differs in the third digit.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.cox import CoxFit, design
from counterpulse.stats.distributions import chi2_tail, normal_tail, z_of
from counterpulse.stats.times import Survival, coded

Floats = NDArray[np.float64]
ROUNDS, STEP = 60, 1e-8


class Field(NamedTuple):
    """Rows sorted by time; per group and event time the censoring curve; where each event time's risk set begins."""

    time: Floats
    own: NDArray[np.bool_]
    other: NDArray[np.bool_]
    censored: NDArray[np.bool_]
    group: NDArray[np.int64]
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


def _field(survival: Survival, x: Floats, cause: int, group: NDArray[np.int64]) -> Field:
    order = np.argsort(survival.time, kind="stable")
    time, event, group = survival.time[order], survival.event[order], group[order]
    own, censored = event == cause, event == 0
    when, deaths = np.unique(time[own], return_counts=True)
    many = int(group.max()) + 1
    free, free_own = np.ones((many, len(when))), np.ones(len(time))
    for g in range(many):
        mine = group == g
        at, curve = _left_curve(time[mine], censored[mine])
        free[g] = np.where(when > time[mine].max(), 0.0, curve[np.searchsorted(at, when, side="left")])  # as crr: nobody of the group is left
        free_own[mine] = curve[np.searchsorted(at, time[mine], side="left")]
    start = np.searchsorted(time, when, side="left")
    return Field(time, own, ~own & ~censored, censored, group, x[order], when, deaths.astype(float), start, free, free_own)


def _left_curve(time: Floats, censored: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Times of censoring and the curve G just before: curve[k] holds after k of them."""
    at, leaves = np.unique(time[censored], return_counts=True)
    at_risk = len(time) - np.searchsorted(time, at, side="left")
    return at, np.append(1.0, np.cumprod(1 - leaves / at_risk))


def _sums(field: Field, values: Floats) -> Floats:
    """Weighted sum of `values` (rows x columns, already times exp(eta)) over everyone at risk of the cause at each event time."""
    tail = np.append(np.cumsum(values[::-1], axis=0)[::-1], np.zeros((1, values.shape[1])), axis=0)
    total = tail[field.start]
    for g in range(len(field.free)):
        chosen = field.other & (field.group == g)
        if chosen.any():
            part = np.zeros_like(values)
            part[chosen] = values[chosen] / field.free_own[chosen, None]
            passed = np.append(np.zeros((1, values.shape[1])), np.cumsum(part, axis=0), axis=0)
            total = total + field.free[g][:, None] * passed[field.start]
    return total


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
    return beta, null, here, infinite, rounds


def fine_gray(
    survival: Survival, covariates: ArrayLike, cause: int = 1, *, names: Any = None, censoring_group: Any = None, level: float = 0.95
) -> CoxFit:
    """Subdistribution hazard ratios of `cause`; `event` holds 0 (censored) and whole cause numbers; variance as Fine and Gray (crr).

    Raises RefusalError without an event of the cause, with delayed entry, strata, weights or clusters, or constant covariates.
    """
    for name in ("entry", "strata", "weights", "cluster"):
        if getattr(survival, name) is not None:
            raise RefusalError(f"{name} was given to the Fine-Gray model; it is not defined there, leave it out.")
    survival, x, labels = design(survival, covariates, names)
    if not (survival.event == cause).any():
        raise RefusalError(f"None of the {len(survival)} rows has an event of cause {cause}; its hazard ratio cannot be estimated.")
    groups = np.zeros(len(survival), np.int64)
    if censoring_group is not None:
        groups = coded(survival.align("censoring_group", np.asarray(censoring_group)))[0]
    middle, scale = x.mean(axis=0), np.abs(x - x.mean(axis=0)).mean(axis=0)
    if (scale <= 1e-14 * np.abs(middle)).any():
        raise RefusalError(f"The covariate {labels[int(np.argmin(scale))]} is the same in all {len(x)} rows; its hazard ratio cannot be estimated.")
    field = _field(survival, (x - middle) / scale, cause, groups)
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
    for g in range(len(field.free)):
        later = np.append(np.cumsum((field.free[g][:, None] * steps)[::-1], axis=0)[::-1], np.zeros((1, steps.shape[1])), axis=0)
        chosen = field.other & (field.group == g)
        through[chosen] += later[upto[chosen]] / field.free_own[chosen, None]
    share = -fitted.r[:, None] * (field.z * through[:, :1] - through[:, 1:])
    place = np.searchsorted(field.when, field.time[field.own])
    share[field.own] += field.z[field.own] - fitted.mean[place]
    return share


def _censoring_pull(field: Field, fitted: Pass) -> Floats:
    """Each row's part of the score through the censoring curve that it helped to estimate."""
    pull = np.zeros_like(field.z)
    hazard = field.deaths / fitted.bottom
    for g in range(len(field.free)):
        mine = field.group == g
        times = field.time[mine]
        at, leaves = np.unique(times[field.censored[mine]], return_counts=True)
        if not len(at):
            continue
        at_risk = len(times) - np.searchsorted(times, at, side="left")
        q = _pull_at(field, fitted, g, at, field.free[g] * hazard)
        jump = q / at_risk[:, None]
        drift = np.append(np.zeros((1, q.shape[1])), np.cumsum(jump * (leaves / at_risk)[:, None], axis=0), axis=0)
        part = -drift[np.searchsorted(at, times, side="right")]
        gone = field.censored[mine]
        part[gone] += jump[np.searchsorted(at, times[gone])]
        pull[mine] += part
    return pull


def _pull_at(field: Field, fitted: Pass, g: int, at: Floats, weight: Floats) -> Floats:
    """Sum over competing rows before each censoring time of their (z - mean) hazard at the event times from there on."""
    chosen = field.other & (field.group == g)
    strength = np.where(chosen, fitted.r / field.free_own, 0.0)
    earlier = np.append(np.zeros((1, 1 + field.z.shape[1])), np.cumsum(strength[:, None] * np.column_stack([np.ones(len(strength)), field.z]), axis=0), axis=0)
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
    z, reach, df = beta / se, z_of(level) * se, len(names)
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
        hazard_ratios=np.exp(beta),
        lower=np.exp(beta - reach),
        upper=np.exp(beta + reach),
        z=z,
        p=np.array([normal_tail(float(value)) for value in z]),
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
