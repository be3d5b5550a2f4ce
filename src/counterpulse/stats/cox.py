"""Cox's proportional hazards model: Efron, Breslow or exact ties; strata, delayed entry, time-varying rows, weights, robust variance.

Equal to R's coxph(timefix = FALSE) run to convergence. Times in the caller's unit; coefficients are log hazard ratios per unit of the covariate.
"""

import contextlib
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.cox_arms import arms, collapse
from counterpulse.stats.cox_exact import exact_likelihood
from counterpulse.stats.cox_kernel import Floats, Rows, likelihood, risks
from counterpulse.stats.cox_residuals import martingale_residuals, robust_covariance
from counterpulse.stats.cox_single import single
from counterpulse.stats.distributions import check_choice, chi2_tail, normal_tail, z_of
from counterpulse.stats.result import Result
from counterpulse.stats.times import Survival, numbers

TIES = ("efron", "breslow", "exact")
ROUNDS = 60
FLAT = 1e6  # a variance grown a million times since the start belongs to a coefficient without an end
STEP = 1e-10  # a Newton step this small (in standard deviations of the covariate) leaves an error near its square
Test = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class CoxFit(Result):
    """Coefficients with their tests; `loglik` is (null, fitted), each test (statistic, degrees of freedom, P).

    A coefficient that runs to infinity (monotone likelihood) is None, named in `infinite`, and `converged` is False; the likelihood-ratio test holds.
    """

    names: tuple[str, ...]
    n: int
    events: int
    coefficients: Floats
    std_err: Floats
    naive_std_err: Floats | None
    hazard_ratios: Floats
    lower: Floats
    upper: Floats
    z: Floats
    p: NDArray[np.float64]
    covariance: Floats
    loglik: tuple[float, float]
    likelihood_ratio: Test
    score: Test
    wald: Test
    iterations: int
    converged: bool
    infinite: tuple[str, ...] = ()
    residuals: Floats = field(repr=False)
    frame: Any = field(repr=False)


@dataclass(frozen=True, eq=False)
class Frame:
    """Sorted rows, the order that sorted them, the centre and scale of the covariates, and the rows as they came."""

    rows: Rows
    order: NDArray[np.int64]
    scale: Floats
    survival: Survival
    ties: str
    names: tuple[str, ...]
    single: Floats | None
    counts: Floats | None
    ends: tuple[float, float]


def design(survival: Survival, covariates: ArrayLike, names: Any) -> tuple[Survival, Floats, tuple[str, ...]]:
    """Rows with known covariates, the covariates (rows x columns) and their names. Raises RefusalError for a wrong length or no number."""
    given = covariates if isinstance(covariates, np.ndarray) and covariates.dtype != object else np.array(covariates, dtype=object)
    if given.ndim == 1:
        given = given[:, None]
    if given.dtype == object:
        given = np.column_stack([numbers("covariates", column) for column in given.T])
    x = np.asarray(survival.align("covariates", given), dtype=float)
    labels = tuple(str(name) for name in names) if names is not None else tuple(f"x{j + 1}" for j in range(x.shape[1]))
    if len(labels) != x.shape[1]:
        raise RefusalError(f"names has {len(labels)} entries; the covariates have {x.shape[1]} columns.")
    known = np.asarray(np.isfinite(x).all(axis=1))
    if not known.all():
        infinite = np.isinf(x).any(axis=0)
        if infinite.any():
            raise RefusalError(f"The covariate {labels[int(np.argmax(infinite))]} holds an infinite value; it must be finite or missing.")
        survival, x = survival.rows(known, lost=int((~known).sum())), x[known]
    return survival, x, labels


def arrange(survival: Survival, x: Floats, names: tuple[str, ...], ties: str) -> Frame:
    """Sort the rows and centre and scale the covariates. Raises RefusalError without an event or with a constant covariate."""
    dead = survival.binary()
    if not dead.any():
        raise RefusalError(f"None of the {len(survival)} rows has an event (all censored); a hazard ratio cannot be estimated.")
    middle = x.mean(axis=0)
    centred = x - middle
    scale = np.abs(centred).mean(axis=0)
    flat = scale <= 1e-14 * np.abs(middle)
    if flat.any():
        raise RefusalError(f"The covariate {names[int(np.argmax(flat))]} is the same in all {len(x)} rows; its hazard ratio cannot be estimated.")
    order = np.argsort(-survival.time) if survival.strata is None else np.lexsort((-survival.time, survival.strata))
    z = np.empty((len(x), x.shape[1] + 1))
    z[:, 0] = 1.0
    np.divide(centred[order], scale, out=z[:, 1:])
    strata = np.zeros(len(x), np.int64) if survival.strata is None else survival.strata[order]
    weights = np.ones(len(x)) if survival.weights is None else survival.weights[order]
    entry, leave = np.empty(0), np.empty(0, np.int64)
    if survival.entry is not None:
        entry = survival.entry[order]
        leave = np.lexsort((-entry, strata))
    rows = Rows(survival.time[order], dead[order].view(np.int8), strata, z, weights, entry, leave)
    alone = z[:, 1].copy() if z.shape[1] == 2 and survival.entry is None and ties != "exact" else None
    counts, ends = _arms(rows, alone) if alone is not None else (None, (0.0, 0.0))
    return Frame(rows, order, scale, survival, ties, names, alone, counts, ends)


def _arms(rows: Rows, x: Floats) -> tuple[Floats | None, tuple[float, float]]:
    """Counts by event time and the two values, where the covariate has two and many rows share a time."""
    low, high = float(x.min()), float(x.max())
    places = 1 + int(np.count_nonzero((rows.time[1:] != rows.time[:-1]) | (rows.stratum[1:] != rows.stratum[:-1])))
    if 4 * places > 3 * len(x) or not ((x == low) | (x == high)).all():
        return None, (low, high)
    return collapse(rows, x, high, places), (low, high)


def cox(
    survival: Survival, covariates: ArrayLike, *, names: Any = None, ties: str = "efron", robust: bool = False, level: float = 0.95
) -> CoxFit:
    """Fit Cox's model; strata, entry, weights and cluster come with `survival`; a cluster, or weights with robust, gives the sandwich variance.

    `covariates` is rows x columns (or one column). Raises RefusalError without events, for constant or collinear covariates, or robust exact ties.
    """
    check_choice("ties", ties, TIES)
    survival, x, labels = design(survival, covariates, names)
    robust = robust or survival.cluster is not None
    if ties == "exact" and (robust or survival.weights is not None):
        raise RefusalError("Exact ties were asked for with weights or a robust variance; use Efron or Breslow ties there.")
    frame = arrange(survival, x, labels, ties)
    found = climb(frame)
    return _report(frame, found, robust, level)


@dataclass(eq=False)
class Summit:
    """Where the climb ended: coefficients and covariance on the scaled covariates, and the first and last log likelihood and score test."""

    beta: Floats
    covariance: Floats
    information: Floats
    loglik: tuple[float, float]
    score: float
    rounds: int
    infinite: NDArray[np.bool_]
    r: Floats


def _evaluate(frame: Frame, beta: Floats, eta: Floats, r: Floats, out: Floats) -> float:
    if frame.counts is not None:
        return arms(frame.counts, frame.ends, float(beta[0]), frame.ties == "efron", out)
    if frame.single is not None:
        return single(frame.rows, frame.single, float(beta[0]), frame.ties == "efron", out)
    risks(frame.rows, beta, eta, r)
    if frame.ties == "exact":
        return exact_likelihood(frame.rows, r, eta, out)
    return likelihood(frame.rows, r, eta, frame.ties == "efron", out)


def _solve(out: Floats, names: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Information and its inverse. Raises RefusalError when it is singular: one covariate is a combination of others."""
    q = len(out)
    if q == 2:
        value = out[1, 1]
        if value <= 0:
            raise RefusalError(f"The covariate {names[0]} does not vary among those at risk at any event; its hazard ratio cannot be estimated.")
        return out[1:, 1:].copy(), np.array([[1.0 / value]])
    lower = out[1:, 1:]
    info = np.tril(lower) + np.tril(lower, -1).T
    spread = np.sqrt(np.maximum(np.diag(info), 1e-300))
    scaled = info / np.outer(spread, spread)
    values, vectors = np.linalg.eigh(scaled)
    if values[0] < 1e-11:
        worst = names[int(np.argmax(np.abs(vectors[:, 0])))]
        raise RefusalError(f"The covariate {worst} is a linear combination of the others among those at risk; leave one of them out.")
    return info, (vectors / values) @ vectors.T / np.outer(spread, spread)


def climb(frame: Frame) -> Summit:
    """Newton's method from zero, halving a step that loses likelihood; a coefficient that never settles is marked infinite."""
    n, q = frame.rows.z.shape
    beta, eta, r, out = np.zeros(q - 1), np.empty(n), np.empty(n), np.empty((q, q))
    null = best = _evaluate(frame, beta, eta, r, out)
    information, covariance = _solve(out, frame.names)
    start, slope = np.diag(covariance), out[1:, 0].copy()
    step = covariance @ slope
    score, halved, rounds = float(step @ slope), 0, 0
    while np.abs(step).max() >= STEP and rounds < ROUNDS:
        rounds += 1
        reached = _evaluate(frame, beta + step, eta, r, out)
        if not reached >= best - 1e-9 * abs(best):
            step, halved = step / 2, halved + 1
            continue
        gain, beta, best, slope, halved = reached - best, beta + step, reached, out[1:, 0].copy(), 0
        with contextlib.suppress(RefusalError):  # a likelihood that levels off has no information left: keep walking the same way
            information, covariance = _solve(out, frame.names)
        if gain <= 1e-14 * abs(null) and np.abs(step).max() > 1e-3:
            break
        step = covariance @ slope
    settled = np.abs(step).max() < STEP and not halved
    infinite = np.diag(covariance) > (FLAT if settled else 100) * start
    infinite |= ~np.array(settled) & (np.abs(step) > 1e-3)
    if infinite.any():
        best = _limit(frame, (beta, np.where(infinite, np.sign(beta), 0.0), best), eta, r, out)
    elif settled:
        beta, best = beta + step, best + 0.5 * float(step @ slope)
    risks(frame.rows, beta, eta, r)
    return Summit(beta, covariance, information, (null, best), score, rounds, infinite, r)


def _limit(frame: Frame, found: tuple[Floats, Floats, float], eta: Floats, r: Floats, out: Floats) -> float:
    """The likelihood that an endless climb tends to: the highest one further along the coefficients that never settle."""
    beta, direction, best = found
    for far in (4.0, 8.0, 16.0, 32.0, 64.0):
        reached = _evaluate(frame, beta + far * direction, eta, r, out)
        best = max(best, reached) if math.isfinite(reached) else best
    return best


def _report(frame: Frame, found: Summit, robust: bool, level: float) -> CoxFit:
    scale, survival, df = frame.scale, frame.survival, len(frame.names)
    naive = found.covariance / np.outer(scale, scale)
    finite = not found.infinite.any()
    covariance = robust_covariance(frame, found) / np.outer(scale, scale) if robust and finite else naive
    beta = np.where(found.infinite, math.nan, found.beta / scale)
    se = np.where(found.infinite, math.nan, np.sqrt(np.maximum(np.diag(covariance), 0.0)))
    ratio = max(0.0, 2 * (found.loglik[1] - found.loglik[0]))
    wald = float(beta @ np.linalg.solve(covariance, beta)) if finite else math.nan
    named = tuple(name for name, gone in zip(frame.names, found.infinite, strict=True) if gone)
    return CoxFit(
        method="Cox proportional hazards",
        variant="robust (sandwich) variance" if robust else "model-based variance",
        ties=frame.ties,
        interval="Wald on the log hazard",
        level=level,
        sided="two-sided",
        denominators={"rows": len(survival), "events": int(frame.rows.dead.sum())},
        missing=survival.missing,
        notes=survival.notes() + _warnings(frame, named),
        names=frame.names,
        n=len(survival),
        events=int(frame.rows.dead.sum()),
        coefficients=beta,
        std_err=se,
        naive_std_err=np.sqrt(np.diag(naive)) if robust else None,
        **ratios(beta, se, level),
        covariance=covariance,
        loglik=found.loglik,
        likelihood_ratio=(ratio, df, chi2_tail(ratio, df)),
        score=(found.score, df, chi2_tail(found.score, df)),
        wald=(wald, df, chi2_tail(wald, df)),
        iterations=found.rounds,
        converged=finite,
        infinite=named,
        residuals=martingale_residuals(frame, found.r),
        frame=frame,
    )


def ratios(beta: Floats, se: Floats, level: float) -> dict[str, Floats]:
    """Hazard ratios with their Wald limits, z and P."""
    reach, z = z_of(level) * se, beta / se
    p = np.array([normal_tail(float(value)) for value in z])
    return {"hazard_ratios": np.exp(beta), "lower": _exp(beta - reach), "upper": _exp(beta + reach), "z": z, "p": p}


def _exp(logs: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.exp(logs)


def _warnings(frame: Frame, infinite: tuple[str, ...]) -> tuple[str, ...]:
    told = [f"the likelihood rises without end as {name} grows: no finite hazard ratio; read the likelihood-ratio test" for name in infinite]
    events, covariates = int(frame.rows.dead.sum()), len(frame.names)
    if events < 5 * covariates:
        told.append(f"{events} events for {covariates} covariates: fewer than 5 each")
    return tuple(told)
