"""The page of published effects beside the simulation: a picture, the table, what is counted, what is not credible.

Knows words and pictures; every number comes from `cohort.validate`.
"""

from html import escape
from pathlib import Path
from typing import Any

from counterpulse.report.page import page, sentences
from counterpulse.report.tables import listing, number

CONTEXT = (
    # in the terms of ASME V&V 40-2018
    "Question of interest: what does a balloon pump do to pressure, flow and work in a patient like this one, and does a timing algorithm hold?",
    "Context of use: teaching, and testing consoles in a circulation that answers. Influence on the care of a patient: none is allowed.",
    "Credible: directions, the order of effects between settings and patients, conservation and timing. The size of a row called miss or near is not.",
    "Each population is stood for by one or a few presets, chosen before anything was run; most papers were seen as abstracts.",
    "Where a paper prints the state before the pump, each preset is brought to it by the fit, which knows nothing of the effect.",
    "No constant of the model was fitted to a row of this table.",
)
LEGEND = "<p class='legend'>Grey band: where a hit lies, scaled to the same width in every row. Dot: this simulation.</p>"
COLOURS = {"hit": "var(--good, #1a7f37)", "near": "var(--fair, #9a6700)", "miss": "var(--bad, #b42318)"}
SIGNS = {"hit": "●", "near": "◐", "miss": "○"}


def words(found: dict[str, Any], folder: Path | None) -> str:
    """What a terminal shows: counts, then the rows that are not hit."""
    lines = [counted(found), ""]
    lines += [line(row) for row in found["rows"] if row["verdict"] != "hit"]
    return "\n".join(lines + (["", f"Report: {folder / 'report.html'}"] if folder else []))


def line(row: dict[str, Any]) -> str:
    """One row for a terminal."""
    what = f"({row['quantity']}, {row['measure']})"
    return f"{row['verdict']:5} {row['id']:32} {shown(row['simulated'])} here, {span(row)} published {what}{reason(row)}"


def counted(found: dict[str, Any]) -> str:
    """The counts in one sentence."""
    total = len(found["rows"])
    return (
        f"{found['hit']} of {total} published effects hit ({100 * found['hit'] / total:.0f} %), {found['near']} near, {found['miss']} missed; "
        f"a pump that does nothing hits {found['null_pump_hit']}, a balloon of prescribed volume {found['volume_source_hit']}."
    )


def shown(value: float | None) -> str:
    """A number with two useful places, or a dash."""
    return "–" if value is None else f"{value:.2g}" if abs(value) < 1 else f"{value:.1f}"


def span(row: dict[str, Any]) -> str:
    """Where a hit lies."""
    if row["low"] is None:
        return f"below {shown(row['high'])}"
    return f"above {shown(row['low'])}" if row["high"] is None else f"{shown(row['low'])} to {shown(row['high'])}"


def reason(row: dict[str, Any]) -> str:
    """Why a row cannot be simulated, or why it is not hit."""
    told = row["not_modelled"] or row["why_not"]
    return f": {told}" if told else ""


def validate_page(found: dict[str, Any]) -> str:
    """The whole page as text."""
    head = ("", "effect", "who", "here", "published", "rule", "distance", "null pump", "prescribed volume", "source")
    rows = [cells(row) for row in found["rows"]]
    parts = [
        ("", f"<p><strong>{escape(counted(found))}</strong></p>"),
        ("Where each effect falls", picture(found["rows"]) + LEGEND),
        ("Rows", listing(head, rows)),
        ("What this is for, and what is not credible", sentences(CONTEXT)),
    ]
    lead = "Hits and misses alike. ● hit, ◐ near (within one half-width of the limit, right direction), ○ miss."
    return page("Published effects beside the simulation", lead, parts)


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """One row of the table."""
    who = f"{row['population']} (n {row['n']}; {', '.join(row['presets'])})" if row["n"] else f"{row['population']} ({', '.join(row['presets'])})"
    note = f": {row['text']}" if row["text"] else ""
    apart = "–" if row["distance"] is None else number(row["distance"], 1)
    name = f"{row['id']}: {row['quantity']}, {row['measure']}{note}{reason(row)}"
    return (
        f"{SIGNS[row['verdict']]} {row['verdict']}", name, who, shown(row["simulated"]), span(row), row["interval"], apart, row["null"], row["volume_source"],
        f"{row['source']} [{row['certainty']}]",
    )  # fmt: skip


def picture(rows: list[dict[str, Any]]) -> str:
    """A dot per effect on a band from -1 to 1 half-widths; beyond 3 it stands at the edge with an arrow."""
    step, left, width = 15, 250, 420
    lines = []
    for k, row in enumerate(rows):
        y, at = 20 + step * k, place(row)
        lines.append(f"<text x='{left - 8}' y='{y + 4}' text-anchor='end' font-size='10' fill='currentColor'>{escape(row['id'])}</text>")
        if at is None:
            lines.append(f"<text x='{left + width / 2}' y='{y + 4}' font-size='10' text-anchor='middle' fill='currentColor'>not modelled</text>")
            continue
        inside = max(min(at, 3.0), -3.0)
        x = left + width * (inside + 3.0) / 6.0
        sign = "◀" if at < -3.0 else "▶" if at > 3.0 else SIGNS[row["verdict"]]
        lines.append(f"<text x='{x:.1f}' y='{y + 4}' font-size='12' text-anchor='middle' fill='{COLOURS[row['verdict']]}'>{sign}</text>")
    height = 30 + step * len(rows)
    band = f"<rect x='{left + width / 3:.1f}' y='10' width='{width / 3:.1f}' height='{height - 20}' fill='currentColor' opacity='0.10'/>"
    name = "Each published effect: where the simulation falls against the interval of a hit"
    return f"<svg viewBox='0 0 {left + width + 20} {height}' role='img' aria-label='{name}' style='max-width:60rem'>{band}{''.join(lines)}</svg>"


def place(row: dict[str, Any]) -> float | None:
    """Where the simulated number stands: -1 and 1 are the limits; for a sign 0 is its right side."""
    value, low, high = row["simulated"], row["low"], row["high"]
    if value is None:
        return None
    if low is None or high is None:
        limit = high if low is None else low
        return 0.0 if row["verdict"] == "hit" else (3.5 if value > limit else -3.5)
    return (value - 0.5 * (low + high)) / (0.5 * (high - low))
