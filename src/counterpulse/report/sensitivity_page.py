"""The page of a sensitivity analysis: for each thing that the pump changes, which of the patient's parameters decide how much.

Knows words and pictures; every number comes from `cohort.sensitivity`.
"""

from html import escape
from pathlib import Path
from typing import Any

from counterpulse.report.page import page, sentences
from counterpulse.report.tables import listing

SHOWN = 8  # bars an outcome
MATTERS = 0.10  # of the largest bar; smaller ones are not named in words
NOTES = (
    "Each parameter goes from its 5th to its 95th percentile in the cohort while the others stand anywhere in theirs: correlations are not kept.",
    "Bar: how much the outcome moves on average over that range, either way (mu* of Morris), with its 95 % interval. Arrow: direction on average.",
    "A wide spread (sigma) beside a bar means that the parameter bends or acts with others.",
    "A property of this simulation, not of patients: what is missing in the model cannot matter here.",
)


def plainly(name: str) -> str:
    """A parameter's name as words: without its unit."""
    return " ".join(part for part in name.split("_") if part not in ("mmHg", "mL", "s", "per", "min", "cm", "mm", "kg", "a", "g", "dL", "cm2"))


def move(row: dict[str, Any]) -> str:
    """Direction on average; both ways where the mean effect is less than half of the mean size."""
    return "↕" if abs(row["mu"]) < 0.5 * row["mu_star"] else "↑" if row["mu"] > 0 else "↓"


def words(found: dict[str, Any], folder: Path | None) -> str:
    """What a terminal shows: the three parameters that matter most for each outcome."""
    lines = [f"{found['runs']} simulated patients, {found['used']} of {found['trajectories']} trajectories used.", ""]
    for one in found["outcomes"]:
        low, middle, high = one["quartiles"]
        lines.append(f"{one['means']}: {middle:.1f} {one['unit']} (quartiles {low:.1f} to {high:.1f})")
        lines += [f"   {move(row)} {plainly(row['factor'])}, {span(row)}: moves it by {row['mu_star']:.2g} {one['unit']}" for row in one["factors"][:3]]
    return "\n".join(lines + (["", f"Report: {folder / 'report.html'}"] if folder else []))


def span(row: dict[str, Any]) -> str:
    """The range of a parameter."""
    return f"{row['low']:.3g} to {row['high']:.3g} {row['unit']}"


def sensitivity_page(found: dict[str, Any]) -> str:
    """The whole page as text."""
    parts = [("", sentences(NOTES))]
    for one in found["outcomes"]:
        low, middle, high = one["quartiles"]
        title = f"{one['means'][0].upper()}{one['means'][1:]}: {middle:.1f} {one['unit']} (quartiles {low:.1f} to {high:.1f})"
        parts.append((title, bars(one) + told(one)))
    over = f"the ranges of {found['patients_in_cohort']} patients of {found['cohort']}"
    lead = f"{found['runs']} simulated patients without and with the pump over {over}; seed {found['seed']}."
    return page("What decides who benefits from the pump", lead, parts)


def told(one: dict[str, Any]) -> str:
    """The table of one outcome."""
    head = ("parameter", "from", "to", "unit", f"moves it by, {one['unit']}", "95 %", "on average", "spread")
    rows = [cells(row) for row in one["factors"]]
    return f"<details><summary>All {len(rows)} parameters</summary>{listing(head, rows)}</details>"


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """One parameter's row."""
    size = (f"{row['mu_star']:.2g}", f"± {row['mu_star_half_width']:.1g}", f"{row['mu']:+.2g}", f"{row['sigma']:.2g}")
    return (plainly(row["factor"]), f"{row['low']:.3g}", f"{row['high']:.3g}", row["unit"], *size)


def bars(one: dict[str, Any]) -> str:
    """The largest effects as bars."""
    rows = one["factors"][:SHOWN]
    longest = max(rows[0]["mu_star"] + rows[0]["mu_star_half_width"], 1e-12)
    left, width, step = 260, 420, 24
    lines = []
    for k, row in enumerate(rows):
        y, long = 8 + step * k, width * row["mu_star"] / longest
        ends = [left + width * min(max(row["mu_star"] + sign * row["mu_star_half_width"], 0.0), longest) / longest for sign in (-1, 1)]
        called = f"{escape(plainly(row['factor']))} {move(row)}"
        lines.append(f"<text x='{left - 8}' y='{y + 13}' text-anchor='end' font-size='13' fill='currentColor'>{called}</text>")
        lines.append(f"<rect x='{left}' y='{y}' width='{long:.1f}' height='16' fill='#4477aa'/>")
        lines.append(f"<path d='M{ends[0]:.1f} {y + 8}H{ends[1]:.1f}' stroke='currentColor' stroke-width='1.5'/>")
        lines.append(f"<text x='{ends[1] + 6:.1f}' y='{y + 13}' font-size='12' fill='currentColor'>{row['mu_star']:.2g} {escape(one['unit'])}</text>")
    name = escape(f"{one['means']}: the parameters that move it most")
    return f"<svg viewBox='0 0 {left + width + 90} {16 + step * len(rows)}' role='img' aria-label='{name}' style='max-width:56rem'>{''.join(lines)}</svg>"
