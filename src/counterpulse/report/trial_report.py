"""The report of a trial: one HTML page that needs nothing else, and each figure as SVG, PDF and PNG beside it.

Order of CONSORT 2025: what was locked, the flow, who took part, the endpoints, curves, subgroups, harms, how each number was made.
"""

import json
from html import escape
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from counterpulse import __version__
from counterpulse.report.trial_curves import incidence_figure, kaplan_meier_figure, words
from counterpulse.report.trial_flow import flow_figure
from counterpulse.report.trial_forest import population_figure, subgroup_figure
from counterpulse.report.trial_ink import embedded, p_text, save
from counterpulse.report.trial_tables import baseline_table, endpoint_table, made_list, safety_table, table
from counterpulse.report.trial_tipping import tipping_figure
from counterpulse.trial.analysis import Analysis
from counterpulse.trial.populations import WORDS
from counterpulse.whole import whole_folder

CSS = """
body { margin: 0; background: #f6f7f8; color: #1c2127; font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 18px; }
section { background: #fff; border: 1px solid #dfe3e6; border-radius: 8px; padding: 14px 18px; margin: 14px 0; overflow-x: auto; }
h1 { font-size: 1.5rem; margin: 8px 0 2px; } h2 { font-size: 1.1rem; margin: 0 0 8px; } p { margin: 4px 0; }
.label { display: inline-block; padding: 1px 8px; border-radius: 10px; background: #e6eefb; } .warn { color: #8a4b00; }
table { border-collapse: collapse; font-size: .9rem; } th, td { text-align: left; padding: 3px 12px 3px 0; vertical-align: top; white-space: pre-wrap; }
table.journal { border-top: 1.5px solid #1c2127; border-bottom: 1.5px solid #1c2127; } table.journal thead th { border-bottom: 1px solid #1c2127; }
table.journal td:nth-child(n+2) { font-variant-numeric: tabular-nums; } code { font-size: .85em; overflow-wrap: anywhere; }
img { width: 100%; max-width: 880px; height: auto; display: block; } .made { font-size: .85rem; color: #3d464e; padding-left: 18px; } footer { color: #5c6670; }
@media print { body { background: #fff; } section { border: 0; break-inside: avoid; } }
"""
FOOT = "Research and education only: not a medical device, not for patient care."


def figures(analysis: Analysis, answer: dict[str, Any]) -> dict[str, Figure]:
    """Every figure that this analysis has, by file name."""
    arms = (analysis.cohort.active, analysis.cohort.reference)
    made = {
        "flow": flow_figure(answer["flow"], arms),
        "kaplan-meier": kaplan_meier_figure(analysis),
        "cumulative-incidence": incidence_figure(analysis),
        "populations": population_figure(analysis),
        "subgroups": subgroup_figure(analysis),
        "tipping-point": tipping_figure(analysis),
    }
    return {name: figure for name, figure in made.items() if figure is not None}


def write(analysis: Analysis, folder: Path) -> list[str]:
    """Write the report into a folder, whole or not at all, and give its files."""
    answer = analysis.as_dict()
    drawn = figures(analysis, answer)
    with whole_folder(folder) as draft:
        files = [name for title, figure in drawn.items() for name in save(figure, draft, title)]
        pictures = {name: embedded(draft / f"{name}.svg", figure, words(name)) for name, figure in drawn.items()}
        (draft / "index.html").write_text(page(analysis, answer, pictures), "utf-8")
        (draft / "analysis.json").write_text(json.dumps(answer, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    return [*files, "index.html", "analysis.json"]


def page(analysis: Analysis, answer: dict[str, Any], pictures: dict[str, str]) -> str:
    """The whole page; `pictures` are figures as HTML by file name."""
    active, reference = analysis.cohort.active, analysis.cohort.reference
    sizes = tuple(answer["flow"]["arms"][arm]["randomised"] for arm in (reference, active))
    parts = [
        ("Plan and lock", _lock(analysis, answer)),
        ("Estimands (ICH E9(R1))", _estimands(analysis)),
        ("Participant flow (CONSORT 2025)", pictures["flow"]),
        ("Table 1. Baseline", baseline_table(answer["baseline"], (reference, active), (sizes[0], sizes[1])) + _baseline_note()),
        ("Table 2. Endpoints", endpoint_table(analysis.estimates, (active, reference)) + _multiplicity(analysis)),
        ("Kaplan-Meier", pictures.get("kaplan-meier", "")),
        ("Cumulative incidence", pictures.get("cumulative-incidence", "")),
        ("The primary answer in each population", pictures.get("populations", "") + endpoint_table(analysis.side_by_side, (active, reference)) + _aside()),
        ("Subgroups", pictures.get("subgroups", "") + (_subgroup_note() if analysis.subgroups else "")),
        ("Outcomes that death cuts short", _truncated(analysis)),
        ("Missing outcomes", "" if analysis.tipping is None else f"<p>{escape(analysis.tipping.sentence)}</p>{pictures.get('tipping-point', '')}"),
        ("Table 3. Safety", safety_table(answer["safety"], (reference, active))),
        ("Warnings", _list(analysis.warnings)),
        ("How each number was made", made_list((*analysis.estimates, *analysis.side_by_side))),
    ]
    body = "".join(f"<section><h2>{escape(title)}</h2>{text}</section>" for title, text in parts if text)
    title = f"{analysis.plan.id} {analysis.plan.version}"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>{escape(title)}</title>"
        f"<style>{CSS}</style></head><body><main><h1>{escape(title)}</h1><p><span class='label'>{escape(analysis.label)}</span> {FOOT}</p>"
        f"{body}<footer><p>counterpulse {__version__}. {FOOT}</p></footer></main></body></html>"
    )


def _lock(analysis: Analysis, answer: dict[str, Any]) -> str:
    shown = {key: value for key, value in analysis.lock.items() if key not in ("plan_sha256", "data_sha256_at_lock")}
    rows = [("plan SHA-256", analysis.plan.sha256), *((key.replace("_", " "), str(value)) for key, value in shown.items())]
    held = analysis.lock.get("data_sha256_at_lock", {})
    for name, value in answer["data_sha256"].items():
        since = "" if not held else (" (as at the lock)" if held.get(name) == value else " (changed since the lock)")
        rows.append((f"{name} SHA-256", value + since))
    told = "".join(f"<tr><th scope='row'>{escape(name)}</th><td><code>{escape(value)}</code></td></tr>" for name, value in rows)
    follow = answer["follow_up"]["median_d"]
    return f"<table>{told}</table><p>Median follow-up {'not reached' if follow is None else f'{follow:.0f} days'} (reverse Kaplan-Meier).</p>"


def _estimands(analysis: Analysis) -> str:
    head = ["Estimand", "Population", "Endpoint", "Until", "Summary", "Intercurrent events"]
    rows = []
    for one in analysis.plan.estimands.values():
        strategies = "; ".join(f"{words(kind)}: {how.replace('_', ' ')}" for kind, how in one.intercurrent.items()) or "none named"
        until = f"day {one.horizon_d:g}" if one.horizon_d else "end of follow-up"
        rows.append([one.id, WORDS[one.population], words(one.endpoint), until, one.summary.replace("_", " "), strategies])
    return table(head, rows, "journal")


def _baseline_note() -> str:
    return "<p>Median (first to third quartile) or number (%). No P: randomised arms differ by chance only. Percentages are of those with a value.</p>"


def _multiplicity(analysis: Analysis) -> str:
    rows = [[one.id, p_text(one.p).removeprefix("= "), p_text(one.p_adjusted).removeprefix("= "), one.status] for one in analysis.multiplicity]
    return f"<p>Multiplicity: {escape(analysis.plan.multiplicity)} among secondary analyses, behind the primary one.</p>" + table(
        ["Analysis", "P", "Adjusted P", "Status"], rows, "journal"
    )


def _aside() -> str:
    return "<p>Only the planned analysis is confirmatory; the others are labelled exploratory and show how far the answer depends on the population.</p>"


def _subgroup_note() -> str:
    return "<p>Not adjusted; events/participants (%). Box size by number of events; dashed: overall. Interaction P: likelihood-ratio test.</p>"


def _truncated(analysis: Analysis) -> str:
    text = ""
    for one in analysis.truncated:
        low, high = one.bounds
        tight_low, tight_high = one.bounds_monotone
        estimate, lower, upper, p = one.survivors
        rows = [
            ["Survivors with a value only", f"{estimate:.2f} ({lower:.2f} to {upper:.2f}), P {p_text(p)}"],
            ["Composite, death ranked worst", f"chance of the better rank {one.composite_win:.3f}, Wilcoxon P {p_text(one.composite_p)}"],
            ["Always-survivors, bounds, nothing assumed", f"{low:.2f} to {high:.2f}"],
            ["Always-survivors, bounds, monotone survival", f"{tight_low:.2f} to {tight_high:.2f}"],
        ]
        text += f"<p><b>{escape(words(one.endpoint))}</b></p>{table(['Answer', 'Mean difference or test'], rows, 'journal')}{_list(one.sentences)}"
    return text


def _list(lines: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""
