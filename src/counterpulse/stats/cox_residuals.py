"""What each row leaves unexplained in a Cox fit: martingale and score residuals, and the sandwich variance. Knows fitted rows only.

Lin and Wei, JASA 1989;84:1074; equal to R's residuals.coxph and coxph(cluster = ).
"""

from typing import Any

import numpy as np

from counterpulse.stats.cox_kernel import Floats, Rows, baseline, lived
from counterpulse.stats.cox_single import martingale


def _through(rows: Rows, r: Floats, efron: bool) -> tuple[Floats, Floats]:
    pieces = np.zeros((len(rows.time), 3 * rows.z.shape[1]))
    baseline(rows, r, efron, pieces)
    through = np.zeros(rows.z.shape)
    lived(rows, pieces, through)
    return pieces, through


def martingale_residuals(frame: Any, r: Floats) -> Floats:
    """Event minus the hazard lived through, in the order the rows came (exact ties: Breslow's hazard, as R)."""
    if not len(frame.rows.leave):
        sorted_residual, residual = np.empty(len(r)), np.empty(len(r))
        martingale(frame.rows, r, frame.ties == "efron", np.empty((len(r), 2)), sorted_residual)
        residual[frame.order] = sorted_residual
        return residual
    rows = frame.rows._replace(z=np.ones((len(frame.rows.time), 1)))
    _, through = _through(rows, r, frame.ties == "efron")
    residual = np.empty(len(r))
    residual[frame.order] = rows.dead - through[:, 0] * r / rows.weights
    return residual


def score_residuals(frame: Any, r: Floats) -> Floats:
    """Each row's part of the score (rows x covariates, sorted order, scaled covariates), not weighted."""
    rows, q = frame.rows, frame.rows.z.shape[1]
    pieces, through = _through(rows, r, frame.ties == "efron")
    last = np.append((rows.time[1:] != rows.time[:-1]) | (rows.stratum[1:] != rows.stratum[:-1]), True)
    own = np.flatnonzero(last)[np.cumsum(np.append(0, last[:-1]))]  # where the pieces of a row's own time stand
    mean = pieces[own, 2 * q + 1 :]
    hazard = (r / rows.weights)[:, None] * (rows.z[:, 1:] * through[:, :1] - through[:, 1:])
    return np.where(rows.dead[:, None] == 1, rows.z[:, 1:] - mean, 0.0) - hazard


def robust_covariance(frame: Any, found: Any) -> Floats:
    """Sandwich covariance (scaled covariates), summed over clusters when rows have them."""
    residual = score_residuals(frame, found.r) * frame.rows.weights[:, None]
    cluster = frame.survival.cluster
    if cluster is not None:
        members = cluster[frame.order]
        summed = np.zeros((int(members.max()) + 1, residual.shape[1]))
        np.add.at(summed, members, residual)
        residual = summed
    shift = residual @ found.covariance
    return shift.T @ shift
