"""Tables of a trial as HTML: baseline without P, endpoints with everything that went into each number, safety, multiplicity.

Percentages and medians as in journals; a missing count is printed, never hidden. Makes text; computes nothing.
"""

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from counterpulse.report.trial_curves import words
from counterpulse.report.trial_forest import titled
from counterpulse.report.trial_ink import p_text, ratio_words
from counterpulse.trial.estimate import Estimate


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A plain table; cells are text and are escaped."""
    top = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table class='{kind}'><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def baseline_table(rows: list[dict[str, Any]], arms: tuple[str, str], sizes: tuple[int, int]) -> str:
    """Table 1; `arms` are (reference, active) with their sizes."""
    head = ["", *(f"{arm} (n = {n})" for arm, n in zip(arms, sizes, strict=True))]
    made: list[list[str]] = []
    last = ""
    for row in rows:
        if row["level"] is not None and row["variable"] != last:
            made.append([titled(row["variable"]), "", ""])
        label = f"   {row['level']}" if row["level"] is not None else titled(row["variable"])
        made.append([label, *(_cell(row, arm) for arm in arms)])
        last = row["variable"]
    return table(head, made, "journal")


def _cell(row: dict[str, Any], arm: str) -> str:
    held = row["arms"][arm]
    lost = f"; {held['missing']} missing" if held["missing"] else ""
    if row["kind"] == "count":
        return f"{held['x']} ({100 * held['x'] / held['n']:.0f}%){lost}" if held["n"] else f"–{lost}"
    if held["median"] is None:
        return f"–{lost}"
    return f"{_three(held['median'])} ({_three(held['q1'])} to {_three(held['q3'])}){lost}"


def _three(value: float) -> str:
    """Three significant digits, never as a power of ten."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def endpoint_table(rows: Sequence[Estimate], arms: tuple[str, str]) -> str:
    """One row per analysis; `arms` are (active, reference)."""
    head = ["Analysis", "Role", *arms, "Effect (95% CI)", "P", "Adjusted for", "Missing"]
    return table(head, [_endpoint(one, arms) for one in rows], "journal")


def _endpoint(one: Estimate, arms: tuple[str, str]) -> list[str]:
    name = f"{one.id}: {words(one.endpoint)}"
    if one.problem:
        return [name, one.role, "", "", one.problem, "", "", ""]
    effect = f"{one.measure}"
    if math.isfinite(one.estimate):
        effect += f" {ratio_words(one.estimate, one.lower, one.upper)}"
    if one.level != 0.95:
        effect += f" ({100 * one.level:g}% CI)"
    adjusted = ", ".join(one.adjusted_for) or "nothing"
    return [name, one.role, *(_arm(one.arms.get(arm, {})) for arm in arms), effect, p_text(one.p).removeprefix("= "), adjusted, str(one.missing)]


def _arm(held: dict[str, float]) -> str:
    n = held.get("n", 0.0)
    if "events" in held and n:
        extra = f"; {held['value']:.1f} d" if "value" in held and held["value"] > 1.5 else ""
        return f"{held['events']:.4g}/{n:.0f} ({100 * held['events'] / n:.0f}%){extra}"
    if "sd" in held:
        return f"{held['value']:.1f} (SD {held['sd']:.1f}), n {n:.0f}"
    if "wins" in held:
        return f"{held['wins']:.0f} wins, n {n:.0f}"
    if "received" in held:
        return f"{100 * held['value']:.0f}%; {100 * held['received']:.0f}% received it"
    return f"n {n:.0f}" if n else ""


def safety_table(rows: list[dict[str, Any]], arms: tuple[str, str]) -> str:
    """Events by kind; `arms` are (reference, active). People with at least one, events in brackets, grade 3 or more."""
    head = ["Event", *(f"{arm} {what}" for arm in arms for what in ("people (%)", "events", "grade ≥ 3"))]
    made = []
    for row in rows:
        cells: list[str] = []
        for arm in arms:
            held = row["arms"][arm]
            severe = "–" if held["grade_3_up"] is None else str(held["grade_3_up"])
            cells += [f"{held['participants']} ({100 * held['participants'] / held['n']:.1f}%)", str(held["events"]), severe]
        name = words(row["kind"])
        made.append([name[:1].upper() + name[1:], *cells])
    return table(head, made, "journal")


def made_list(rows: Sequence[Estimate]) -> str:
    """How each number was made, one line each."""
    items = [f"<li><b>{escape(one.id)}</b>: {escape(one.made)}{escape('; ' + '; '.join(one.notes) if one.notes else '')}</li>" for one in rows if one.made]
    return f"<ul class='made'>{''.join(items)}</ul>"
