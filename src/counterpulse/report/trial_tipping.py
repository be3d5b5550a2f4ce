"""The tipping point drawn: P for every way in which those lost may have ended, and where the conclusion turns. Counts of people on both axes."""

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from counterpulse.report.trial_ink import INK, sheet, styled
from counterpulse.trial.analysis import Analysis

MANY = 15  # cells per axis above which single P are not written


def tipping_figure(analysis: Analysis) -> Figure | None:
    """Grid of P, darker where smaller, a line where it crosses alpha; None when nobody was lost."""
    tipping = analysis.tipping
    if tipping is None or min(tipping.p.shape) < 1:
        return None
    alpha = 1 - analysis.plan.primary.level
    with styled():
        rows, columns = tipping.p.shape
        figure = sheet(min(7.0, 1.6 + 0.5 * columns), min(6.0, 1.1 + 0.36 * rows))
        axes = figure.add_axes((0.16, 0.2, 0.8, 0.72))
        axes.imshow(tipping.p, origin="lower", aspect="auto", cmap="RdBu", norm=TwoSlopeNorm(alpha, 0.0, 1.0), alpha=0.5)
        axes.set_xticks(_few(columns), [str(tipping.reference[i]) for i in _few(columns)])
        axes.set_yticks(_few(rows), [str(tipping.active[i]) for i in _few(rows)])
        axes.set_xlabel(f"Events among {tipping.lost_reference} lost in {analysis.cohort.reference}")
        axes.set_ylabel(f"Events among\n{tipping.lost_active} lost in {analysis.cohort.active}")
        if max(rows, columns) <= MANY:
            for i, j in np.ndindex(rows, columns):
                axes.text(j, i, f"{tipping.p[i, j]:.2f}", ha="center", va="center", fontsize=7.5, color=INK)
        axes.set_title(f"P for every ending; blue: above {alpha:.2g}, red: below", fontsize=8.5, loc="left")
    return figure


def _few(many: int) -> list[int]:
    step = max(1, int(np.ceil(many / 10)))
    return list(range(0, many, step))
