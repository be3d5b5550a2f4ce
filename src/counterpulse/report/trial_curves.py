"""Curves of a trial: Kaplan-Meier with its band and numbers at risk, and cumulative incidence with competing events. Days; percent of people."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from counterpulse.report.trial_ink import ACTIVE, REFERENCE, SOFT, p_words, ratio_words, sheet, styled
from counterpulse.stats.competing import aalen_johansen
from counterpulse.stats.survival import Survival, kaplan_meier
from counterpulse.trial.analysis import Analysis
from counterpulse.trial.endpoints import Times, times
from counterpulse.trial.estimate import Estimate
from counterpulse.trial.plan import Estimand

SHORT = {"lvad", "lvef", "ecmo", "map", "htx", "iabp", "mi"}
ARMS = ((1, ACTIVE), (0, REFERENCE))
TIMED = ("hazard_ratio", "risk_difference", "risk_ratio", "odds_ratio", "rmst_difference", "subdistribution_hazard_ratio", "cumulative_incidence")


def kaplan_meier_figure(analysis: Analysis) -> Figure | None:
    """The primary endpoint: share free of it, with 95 % bands, censoring marks, numbers at risk and cumulative events. None for other endpoints."""
    estimand = analysis.plan.estimands[analysis.plan.primary.estimand]
    if estimand.summary not in TIMED:
        return None
    rows = times(analysis.cohort, estimand, estimand.population)
    end = estimand.horizon_d or float(rows.time.max())
    ticks = day_ticks(end)
    with styled():
        figure = sheet(6.2, 4.6)
        axes = figure.add_axes((0.12, 0.36, 0.84, 0.6))
        lowest = min(_survival_curve(axes, rows, group, colour, analysis) for group, colour in ARMS)
        floor = 0 if lowest < 0.7 else 50
        _frame(axes, end, ticks, f"Free of {words(estimand.endpoint)}, %" + (f" (axis from {floor})" if floor else ""))
        axes.set_ylim(floor, 100.5)
        axes.legend(loc="lower left", frameon=False, fontsize=8.5, handlelength=1.6)
        axes.text(0.98, 0.06, _headline(analysis.primary), transform=axes.transAxes, ha="right", va="bottom", fontsize=8.5)
        _at_risk(figure, rows, ticks, (end, analysis))
    return figure


def _survival_curve(axes: Axes, rows: Times, group: int, colour: str, analysis: Analysis) -> float:
    here = rows.group == group
    curve = kaplan_meier(Survival(rows.time[here], (rows.event[here] == 1).astype(int)))
    time = np.r_[0.0, curve.time]
    share, low, high = (np.r_[1.0, part] for part in (curve.survival, curve.lower, curve.upper))
    low, high = np.where(np.isfinite(low), low, share), np.where(np.isfinite(high), high, share)
    axes.fill_between(time, 100 * low, 100 * high, step="post", color=colour, alpha=0.13, linewidth=0)
    axes.step(time, 100 * share, where="post", color=colour, linewidth=1.6, label=analysis.cohort.name(group))
    marked = (curve.censored > 0) & (curve.time < (rows.time.max() - 1e-9))
    axes.plot(curve.time[marked], 100 * curve.survival[marked], linestyle="none", marker="|", color=colour, markersize=5, markeredgewidth=0.9)
    return float(share.min())


def _headline(primary: Estimate) -> str:
    first = f"{primary.measure[0].upper()}{primary.measure[1:]}"
    if np.isfinite(primary.estimate):
        first += f" {ratio_words(primary.estimate, primary.lower, primary.upper)}"
    return f"{first}\n{p_words(primary.p)}"


def day_ticks(end: float) -> list[float]:
    """Round days from 0 to the end, at most seven."""
    steps = [1, 2, 5, 7, 10, 15, 20, 30, 60, 90, 180, 365, 730]
    step = next((step for step in steps if end / step <= 6), end / 6)
    return [float(day) for day in np.arange(0, end + 1e-9, step)]


def _frame(axes: Axes, end: float, ticks: list[float], label: str) -> None:
    axes.set_xlim(0, end * 1.01)
    axes.set_xticks(ticks)
    axes.set_xlabel("Days since randomisation")
    axes.set_ylabel(label)


def _at_risk(figure: Figure, rows: Times, ticks: list[float], made: tuple[float, Analysis]) -> None:
    """Numbers at risk and, in brackets, cumulative events, under the axis and aligned with its ticks."""
    end, analysis = made
    axes = figure.add_axes((0.12, 0.02, 0.84, 0.2))
    axes.set_xlim(0, end * 1.01)
    axes.set_ylim(0, 3)
    axes.axis("off")
    axes.text(0, 2.55, "Number at risk (cumulative events)", fontsize=8.5, fontweight="bold", va="center", ha="left")
    for line, (group, colour) in enumerate(ARMS):
        here = rows.group == group
        height = 1.6 - line
        axes.text(-0.012, height, analysis.cohort.name(group), transform=axes.get_yaxis_transform(), color=colour, ha="right", va="center", fontsize=8.5)
        for tick in ticks:
            risk = int((rows.time[here] >= tick).sum())
            events = int(((rows.event[here] == 1) & (rows.time[here] <= tick)).sum())
            axes.text(tick, height, f"{risk} ({events})", ha="left" if tick == 0 else "center", va="center", fontsize=8)


def words(kind: str) -> str:
    """A kind of event or a column for reading."""
    if ", then " in kind:
        return ", then ".join(words(part) for part in kind.split(", then "))
    plain = kind.removeprefix("outcome_").replace("_", " ")
    return " ".join(word.upper() if word in SHORT else word for word in plain.removesuffix(" pct").split())


def incidence_figure(analysis: Analysis) -> Figure | None:
    """Cumulative incidence by Aalen-Johansen: the event (solid) and what competes with it (dashed); None when no endpoint is timed."""
    estimand = _competing(analysis)
    if estimand is None:
        return None
    rows = times(analysis.cohort, estimand, estimand.population)
    if not (rows.event == 1).any():
        return None
    end = estimand.horizon_d or float(rows.time.max())
    with styled():
        figure = sheet(6.2, 4.6)
        axes = figure.add_axes((0.12, 0.36, 0.84, 0.6))
        top = max(_incidence_curve(axes, rows, group, colour, analysis) for group, colour in ARMS)
        _frame(axes, end, day_ticks(end), f"Cumulative incidence of {words(estimand.endpoint)}, %")
        axes.set_ylim(0, min(100.0, max(10.0, 100 * top * 1.25)))
        axes.legend(loc="upper left", frameon=False, fontsize=8.5, handlelength=1.6)
        against = " and ".join(words(kind) for kind, how in estimand.intercurrent.items() if how == "competing")
        told = f"Aalen-Johansen; {'dashed: ' + against + ' (competing)' if against else 'no competing event is planned'}"
        axes.text(0.98, 0.97, told, transform=axes.transAxes, ha="right", va="top", fontsize=8, color=SOFT)
        _at_risk(figure, rows, day_ticks(end), (end, analysis))
    return figure


def _competing(analysis: Analysis) -> Estimand | None:
    estimands = analysis.plan.estimands
    order = [analysis.plan.primary, *(entry for entry in analysis.plan.analyses if entry.role != "primary")]
    held = [estimands[entry.estimand] for entry in order if estimands[entry.estimand].summary in TIMED]
    with_rival = [one for one in held if "competing" in one.intercurrent.values()]
    return next(iter(with_rival or held), None)


def _incidence_curve(axes: Axes, rows: Times, group: int, colour: str, analysis: Analysis) -> float:
    here = rows.group == group
    highest = 0.0
    for cause, style in ((1, "-"), (2, "--")):
        if not (rows.event[here] == cause).any():
            continue
        curve = aalen_johansen(Survival(rows.time[here], rows.event[here]), cause)
        time = np.r_[0.0, curve.time, rows.time[here].max()]
        share = np.r_[0.0, curve.incidence, curve.incidence[-1]]
        named: dict[str, Any] = {"label": analysis.cohort.name(group)} if cause == 1 else {"alpha": 0.75}
        axes.step(time, 100 * share, where="post", color=colour, linestyle=style, linewidth=1.6 if cause == 1 else 1.1, **named)
        highest = max(highest, float(share.max()))
    return highest

