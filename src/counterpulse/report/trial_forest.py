"""Forest plots of a trial: subgroups with events, ratios and interaction P; and the primary answer in every population beside each other.

Ratios on a log scale, boxes by number of events, dashed line at the overall ratio. A level without a finite ratio shows a dash.
"""

import math
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from counterpulse.report.trial_curves import words
from counterpulse.report.trial_ink import INK, RULE, SOFT, p_text, ratio_words, sheet, styled
from counterpulse.trial.analysis import Analysis
from counterpulse.trial.estimate import Estimate
from counterpulse.trial.subgroups import Grouped, Level

UNITS = {
    "mmHg": "mm Hg",
    "pct": "%",
    "years": "years",
    "mmol_L": "mmol/L",
    "mg_dL": "mg/dL",
    "umol_L": "µmol/L",
    "per_min": "1/min",
    "kg_m2": "kg/m²",
    "g_dL": "g/dL",
    "L_min": "L/min",
    "cm": "cm",
    "kg": "kg",
    "mL": "mL",
    "h": "h",
    "d": "d",
}


class Line(NamedTuple):
    """One line of a forest: label, columns of text left of the plot, ratio with limits, weight, and the text of the last column."""

    label: str
    columns: tuple[str, ...]
    ratio: tuple[float, float, float]
    weight: float
    last: str = ""
    heading: bool = False


def titled(column: str) -> str:
    """A column's name for reading: `lactate_mmol_L` is "Lactate, mmol/L"."""
    plain = column.removeprefix("outcome_")
    for ending in sorted(UNITS, key=len, reverse=True):
        if plain.endswith(f"_{ending}"):
            name = plain.removesuffix(f"_{ending}").replace("_", " ")
            return f"{_capital(name)}, {UNITS[ending]}"
    return _capital(plain.replace("_", " "))


def _capital(name: str) -> str:
    return name.upper() if name in ("map", "lvef", "sbp", "dbp", "cvp", "bmi", "sofa") else name[:1].upper() + name[1:]


def subgroup_figure(analysis: Analysis) -> Figure | None:
    """Subgroups of the primary endpoint; None when none is planned."""
    if not analysis.subgroups:
        return None
    primary = analysis.primary
    active, reference = analysis.cohort.active, analysis.cohort.reference
    lines = [_overall(primary, active, reference)]
    for group in analysis.subgroups:
        lines += _lines(group)
    heads = (active.capitalize(), reference.capitalize(), "Hazard ratio (95% CI)", "P for interaction")
    return forest(lines, heads, (primary.estimate, active, reference))


def _overall(primary: Estimate, active: str, reference: str) -> Line:
    cells = tuple(_cell(primary.arms[arm]["events"], primary.arms[arm]["n"]) for arm in (active, reference))
    weight = sum(primary.arms[arm]["events"] for arm in (active, reference))
    return Line("All", cells, (primary.estimate, primary.lower, primary.upper), weight)


def _cell(events: float, n: float) -> str:
    return f"{events:.0f}/{n:.0f} ({100 * events / n:.0f}%)" if n else "0/0"


def _lines(group: Grouped) -> list[Line]:
    lost = f"  ({group.missing} without a value)" if group.missing else ""
    made = [Line(f"{titled(group.variable)}{lost}", ("", ""), (math.nan, math.nan, math.nan), 0, p_text(group.p_interaction).removeprefix("= "), heading=True)]
    return made + [_level(level, _binary(group)) for level in group.levels]


def _binary(group: Grouped) -> bool:
    return [level.name for level in group.levels] == ["≤0.5", ">0.5"]


def _level(level: Level, binary: bool) -> Line:
    name = {"≤0.5": "no", ">0.5": "yes"}.get(level.name, level.name) if binary else level.name
    cells = tuple(_cell(x, n) for x, n in zip(level.events, level.n, strict=True))
    return Line(f"    {name}", cells, (level.estimate, level.lower, level.upper), sum(level.events))


def forest(lines: list[Line], heads: tuple[str, str, str, str], made: tuple[float, str, str]) -> Figure:
    """A forest of ratios. `made` holds the overall ratio and the names of the active and the reference arm."""
    overall, active, reference = made
    with styled():
        height = 0.24 * len(lines) + 1.15
        figure = sheet(7.4, height)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.axis("off")
        axes.set_xlim(0, 1)
        axes.set_ylim(len(lines) + 2.6, -1.2)
        places = (0.285, 0.405, 0.765, 0.945)
        for place, head in zip(places, heads, strict=True):
            axes.text(place, -0.55, head, ha="center", va="center", fontsize=8.5, fontweight="bold")
        plot = figure.add_axes((0.47, 0.0, 0.2, 1.0))
        low, high = _span(lines)
        plot.set_xscale("log")
        plot.set_xlim(low, high)
        plot.set_ylim(len(lines) + 2.6, -1.2)
        for place, line in enumerate(lines):
            _draw(axes, plot, (place, line), places)
        _axis(plot, len(lines), overall, (low, high))
        axes.text(0.565, len(lines) + 1.75, f"← {active} better      {reference} better →", ha="center", va="center", fontsize=8, color=SOFT)
        axes.plot([0, 1], [0.0 - 0.1 - 0.05, -0.15], color=INK, linewidth=0.8)
    return figure


def _span(lines: list[Line]) -> tuple[float, float]:
    ends = [value for line in lines for value in line.ratio if math.isfinite(value) and value > 0]
    low, high = min([*ends, 0.5]), max([*ends, 2.0])
    return max(low, 0.05) * 0.85, min(high, 20.0) * 1.18


def _draw(axes: Axes, plot: Axes, line: tuple[int, Line], places: tuple[float, ...]) -> None:
    place, row = line
    y = place + 0.4
    axes.text(0.0, y, row.label, ha="left", va="center", fontsize=8.5, fontweight="bold" if row.heading or place == 0 else "normal")
    for x, cell in zip(places[:2], row.columns, strict=True):
        axes.text(x, y, cell, ha="center", va="center", fontsize=8.5)
    if not row.heading:
        axes.text(places[2], y, ratio_words(*row.ratio), ha="center", va="center", fontsize=8.5)
    axes.text(places[3], y, row.last, ha="center", va="center", fontsize=8.5)
    value, low, high = row.ratio
    if math.isfinite(value):
        edge_low, edge_high = plot.get_xlim()
        plot.plot([max(low, edge_low), min(high, edge_high)], [y, y], color=INK, linewidth=1.0, solid_capstyle="butt")
        plot.plot([value], [y], marker="s", color=INK, markersize=3 + 0.8 * math.sqrt(row.weight))


def _axis(plot: Axes, many: int, overall: float, ends: tuple[float, float]) -> None:
    bottom = many + 0.35
    plot.axis("off")
    plot.plot([1, 1], [-0.1, bottom], color=INK, linewidth=0.8)
    if math.isfinite(overall):
        plot.plot([overall, overall], [-0.1, bottom], color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)))
    plot.plot(ends, [bottom, bottom], color=INK, linewidth=0.8)
    for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20):
        if ends[0] <= tick <= ends[1]:
            plot.plot([tick, tick], [bottom, bottom + 0.15], color=INK, linewidth=0.8)
            plot.text(tick, bottom + 0.55, f"{tick:g}", ha="center", va="center", fontsize=8)
            plot.plot([tick, tick], [-0.1, bottom], color=RULE, linewidth=0.4, zorder=0)


def population_figure(analysis: Analysis) -> Figure | None:
    """The primary answer as planned, unadjusted, per protocol and as treated; None when it is no ratio of two arms."""
    rows = [one for one in analysis.side_by_side if one.measure == analysis.primary.measure and not one.problem]
    if len(rows) < 2 or analysis.primary.null != 1.0:
        return None
    active, reference = analysis.cohort.active, analysis.cohort.reference
    lines = []
    for one in rows:
        cells = tuple(_cell(one.arms[arm]["events"], one.arms[arm]["n"]) if "events" in one.arms[arm] else "" for arm in (active, reference))
        label = one.id[one.id.rfind("(") + 1 : -1]
        weight = sum(one.arms[arm].get("events", 20.0) for arm in (active, reference))
        last = p_text(one.p).removeprefix("= ")
        lines.append(Line(words(label).capitalize(), cells, (one.estimate, one.lower, one.upper), weight, last))
    measure = f"{rows[0].measure.capitalize()} (95% CI)"
    return forest(lines, (active.capitalize(), reference.capitalize(), measure, "P"), (math.nan, active, reference))
