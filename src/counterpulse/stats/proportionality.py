"""Do the hazards stay proportional: the score test of a covariate x g(time) term, equal to R's cox.zph (survival 3.0 and later).

Source: Grambsch and Therneau, Biometrika 1994;81:515, as the exact score test. Knows a fitted Cox model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import kernel
from counterpulse.refusal import RefusalError
from counterpulse.stats.cox import CoxFit
from counterpulse.stats.cox_kernel import Floats, Rows, expire, gather, settle
from counterpulse.stats.distributions import check_choice, chi2_tail
from counterpulse.stats.kaplan_meier import product_limit
from counterpulse.stats.ranks import midranks
from counterpulse.stats.result import Result
from counterpulse.stats.risk_sets import risk_sets
from counterpulse.stats.times import Survival

TRANSFORMS = ("km", "rank", "identity", "log")
Test = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class ProportionalityTest(Result):
    """Per term and for all (`whole`): chi-square, degrees of freedom, P. A small P speaks against proportional hazards."""

    terms: tuple[str, ...]
    statistic: Floats
    df: NDArray[np.int64]
    p: Floats
    whole: Test



def transformed(survival: Survival, transform: str) -> tuple[Floats, Floats]:
    """Distinct event times, rising, and g at each: 1 - Kaplan-Meier just before, rank among all times, the time, or its logarithm."""
    sets = risk_sets(replace(survival, weights=None), survival.binary())  # R's time scale takes no case weights
    died = sets.events > 0
    time = sets.time[died]
    if transform == "km":
        whole, _ = product_limit(sets)
        return time, 1 - np.append(1.0, whole[died][:-1])
    if transform == "rank":
        order = np.argsort(survival.time)
        return time, midranks(survival.time[order])[np.searchsorted(survival.time[order], time)]
    if transform == "log" and time[0] <= 0:
        raise RefusalError("An event at time 0 has no logarithm; choose the transform km, rank or identity.")
    return time, time if transform == "identity" else np.log(time)


@kernel
def moments(rows: Rows, r: Floats, g: Floats, efron: bool, out: Floats) -> float:
    """Fill out (3 x q x q): score and information at each event time summed with weight 1, g and g squared (0 to 2)."""
    n, q = rows.z.shape
    table, died, here = np.zeros((q, q + 1)), np.zeros((q, q)), np.zeros((q, q))
    left, i = 0, 0
    while i < n:
        if i > 0 and rows.stratum[i] != rows.stratum[i - 1]:
            table[:, :] = 0.0
            left = i
        if len(rows.leave) > 0:
            left = expire(rows, r, i, left, table)
        stop, deaths, weight = gather(rows, r, i, table, died)
        if deaths > 0:
            here[:, :] = 0.0
            settle(table, died, deaths, weight, efron, here)
            for row in range(i, stop):
                if rows.dead[row]:
                    for j in range(1, q):
                        here[j, 0] += rows.weights[row] * rows.z[row, j]
            out[0] += here
            out[1] += g[i] * here
            out[2] += g[i] * g[i] * here
        i = stop
    return out[0, 0, 0]


def cox_zph(fit: CoxFit, *, transform: str = "km", terms: Sequence[int] | None = None) -> ProportionalityTest:
    """Test each term and all together; `terms` gives each column's term number (0, 0, 1 … joins the first two), default one term a column.

    Raises RefusalError for a fit that did not converge (no finite coefficients) or a wrong length of terms.
    """
    check_choice("transform", transform, TRANSFORMS)
    if not fit.converged:
        raise RefusalError(f"The Cox fit has no finite coefficient for {', '.join(fit.infinite)}; proportional hazards cannot be tested.")
    members = np.arange(len(fit.names)) if terms is None else np.asarray(terms)
    if len(members) != len(fit.names):
        raise RefusalError(f"terms has {len(members)} entries; the fit has {len(fit.names)} columns.")
    rows, r = fit.frame.rows, _risks(fit)
    time, g = transformed(fit.frame.survival, transform)
    events = fit.frame.survival.time[fit.frame.survival.binary()]
    g = g - g[np.searchsorted(time, events)].mean()
    out = np.zeros((3, *(rows.z.shape[1],) * 2))
    full = g[np.minimum(np.searchsorted(time, rows.time), len(g) - 1)]
    moments(rows, r, full, fit.ties == "efron", out)
    score = out[1][1:, 0]
    plain, once, twice = (_whole(out[power]) for power in range(3))
    groups = [np.flatnonzero(members == term) for term in np.unique(members)]
    tests = [_test(score, plain, once, twice, columns) for columns in groups]
    whole = _test(score, plain, once, twice, np.arange(len(fit.names)))
    return ProportionalityTest(
        method="Test of proportional hazards",
        variant=f"score test (cox.zph of survival 3.0 and later), transform {transform}",
        ties=fit.ties if fit.ties != "exact" else "exact fit, Breslow variance",
        sided="two-sided",
        denominators={"rows": fit.n, "events": fit.events},
        missing=fit.missing,
        notes=("the hazards are not proportional (P < 0.05): the hazard ratio is an average over time",) if whole[2] < 0.05 else (),
        terms=tuple("+".join(fit.names[j] for j in columns) for columns in groups),
        statistic=np.array([test[0] for test in tests]),
        df=np.array([int(test[1]) for test in tests]),
        p=np.array([test[2] for test in tests]),
        whole=whole,
    )


def _whole(part: Floats) -> Floats:
    lower = part[1:, 1:]
    return np.tril(lower) + np.tril(lower, -1).T


def _risks(fit: CoxFit) -> Floats:
    rows = fit.frame.rows
    eta = rows.z[:, 1:] @ (fit.coefficients * fit.frame.scale)
    return rows.weights * np.exp(eta - eta.max())


def _test(score: Floats, plain: Floats, once: Floats, twice: Floats, columns: NDArray[np.int64]) -> Test:
    cross = once[:, columns]
    spare = twice[np.ix_(columns, columns)] - cross.T @ np.linalg.solve(plain, cross)
    spread = np.sqrt(np.maximum(np.diag(spare), 0.0))
    if spread.min() <= 1e-7 * np.sqrt(np.diag(twice)[columns].max()) or np.linalg.eigvalsh(spare / np.outer(spread, spread))[0] < 1e-9:
        raise RefusalError("Proportional hazards cannot be tested: too few distinct event times for a trend over time.")
    value = float(score[columns] @ np.linalg.solve(spare, score[columns]))
    return value, len(columns), chi2_tail(value, len(columns))
